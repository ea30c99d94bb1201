"""Processes that belong together: how a command ends well, and how one command keeps others as its children.

A child's standard input is a pipe its parent holds. When that closes, for whatever reason, the child ends: so nothing
is left behind even when the parent is killed. Children are out of the terminal's reach (a session of their own), so
that Ctrl-C arrives once, at the parent, which ends them in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.cli.commands import Failed

PACKAGES = Path(__file__).resolve().parents[2]
GRACE = 8.0
"""Seconds a child may take to end before it is killed."""


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ending() -> asyncio.Event:
    """Set when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, asked.set)
    return asked


def gone_after(seconds: float) -> None:
    """Once asked to end, this process lives no longer than so many seconds, even when its loop, or Python itself, is
    stuck: the C library's thread that sees to it needs neither. It says where every thread was. Call after `ending`,
    whose own handlers still hear of the signal."""

    def arm(*_: object) -> None:
        for one in ENDING:
            signal.signal(one, _again)
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or 2)

    for one in ENDING:
        signal.signal(one, arm)


def _again(*_: object) -> None:
    """Asked to end once more: that makes it neither sooner nor later."""


def end_with_parent() -> None:
    """Treat the end of standard input as SIGTERM."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


async def until_either(work: asyncio.Task[Any], asked: asyncio.Event) -> None:
    """Wait for the work's own end (its exception is raised here) or for the request to end, whichever is first."""
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()


@dataclass(frozen=True, slots=True)
class Child:
    """Another `customer360` command, which says one JSON line on standard output once it is ready."""

    name: str
    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, name: str, arguments: Sequence[str], environ: dict[str, str] | None = None) -> Child:
        line = (sys.executable, "-P", "-m", "gateway.cli", name, *arguments)
        known = os.environ | {"PYTHONPATH": str(PACKAGES)} | (environ or {})
        pipe = asyncio.subprocess.PIPE
        started = await asyncio.create_subprocess_exec(
            *line, stdin=pipe, stdout=pipe, env=known, start_new_session=True, limit=1 << 20
        )
        return cls(name, started)

    async def told(self, seconds: float) -> dict[str, Any]:
        """Its JSON line. Raises `Failed` when it ends instead: it has said why on standard error."""
        assert self.process.stdout  # noqa: S101 - a pipe, as started
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
            return dict(json.loads(line))
        except TimeoutError as error:
            raise Failed(f"`customer360 {self.name}` was not ready within {seconds:.0f} seconds") from error
        except ValueError as error:
            raise Failed(f"`customer360 {self.name}` did not start") from error

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), GRACE)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


def log_to_stderr(level: str) -> None:
    """Our own lines from `level` up; of libraries only warnings, as their finer ones tell what was sent to whom."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("gateway").setLevel(level.upper())
