"""The programs that are measured, each a process of its own on the core it is given; and what they used."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PINS = hasattr(os, "sched_setaffinity")
"""Whether this system lets a program be kept to a core; macOS does not."""

CORES = sorted(os.sched_getaffinity(0)) if PINS else [0]
MEASURED, OTHERS = {CORES[0]}, {CORES[-1]}
"""Of what is measured, and of who asks and who is asked."""


def served(app: Any) -> None:
    """Serve an ASGI app as barely as can be, and say where."""

    async def serve() -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        config = uvicorn.Config(app, http="httptools", lifespan="off", access_log=False, log_config=None)
        await uvicorn.Server(config).serve([listening])

    uvloop.run(serve())


@dataclass(slots=True)
class Process:
    """`url`: where it listens."""

    name: str
    url: str
    process: subprocess.Popen[str]

    @classmethod
    def begin(
        cls, name: str, command: Sequence[str], cores: set[int], environ: Mapping[str, str] | None = None
    ) -> Process:
        """`command`: arguments of this Python. The program's first line is its address, or JSON with an `url`."""
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | dict(environ or {}),
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if PINS else None,
        )
        line = process.stdout.readline().strip() if process.stdout else ""
        if not line:
            raise RuntimeError(f"{name} did not begin")
        return cls(name, json.loads(line)["url"] if line.startswith("{") else line, process)

    @property
    def cpu(self) -> float:
        """Seconds so far, user and system, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    @property
    def resident(self) -> float:
        """MB."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE / 2**20

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
