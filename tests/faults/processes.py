"""The commands a user would type, as processes of ours: each says one JSON line when it is ready, and none outlives us.

Their standard input is a pipe that we hold: when it closes, for whatever reason, they end (`--with-parent`). What they
log goes to a file, where a scenario can look for what should not be there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = Path(__file__).resolve().parents[2]
GRACE = 20.0
DEFECT = re.compile(r"Traceback|internal error|defect", re.IGNORECASE)


class NotStarted(Exception):
    """A command ended instead of getting ready; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Started:
    """A command that is ready. `told` is its JSON line, `log` what it writes to standard error."""

    process: subprocess.Popen[bytes]
    told: dict[str, Any]
    log: Path

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    @property
    def defects(self) -> list[str]:
        """Lines of the log that tell of a bug of ours."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if DEFECT.search(line)]

    def resident(self, what: str = "VmRSS") -> float:
        """Megabytes of memory; `VmHWM` is the most there have ever been. NaN where the kernel does not tell."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return float("nan")
        return int(text.partition(f"{what}:")[2].split()[0]) / 1024


@contextmanager
def started(log: Path, *line: str) -> Iterator[Started]:
    """`customer360 LINE --json`; ended with the block."""
    with log.open("wb") as errors:
        process = _open(line, errors)
        try:
            assert process.stdout
            said = process.stdout.readline()
            if not said:
                raise NotStarted(f"customer360 {line[0]}: {log.read_text()}")
            yield Started(process, json.loads(said), log)
        finally:
            _end(process)


def output(*line: str) -> str:
    """What a command prints, once it has ended well."""
    done = subprocess.run(  # noqa: S603 - our own command
        _command(line), env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotStarted(f"customer360 {line[0]}: {done.stderr}")
    return done.stdout.strip()


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _open(line: Sequence[str], errors: Any) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 - our own command
        [*_command(line), "--json", "--with-parent"],
        env=_environment(),
        stdin=pipe,
        stdout=pipe,
        stderr=errors,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _command(line: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "gateway.cli", *line]


def _environment() -> dict[str, str]:
    """Nothing that was set for another gateway on this machine."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER360_")}
    return own | {"PYTHONPATH": str(PACKAGES)}
