"""Forgetting on request: what an operator says is no longer so is not told any more, by any gateway.

`customer360 backend flush NAME` adds a line to a file in the state folder; gateways with that folder look at it once a
second, when they are asked something, and forget what the new lines name. Whoever starts later has nothing to forget.
Lines are only ever added; a file that has grown long is begun anew, and who meets another file than the one they know
forgets everything.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec

FILE = "backends-flushed"
EVERY = 1.0
LONGEST = 256_000


class Flushed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be forgotten: all that a system has said, one operation of it, or one key. No system: everything."""

    backend: str | None = None
    operation: str | None = None
    key: str | None = None


class Flushes:
    """The lines that are new to this process. Without a folder there is no file."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / FILE if folder else None
        self._look_at = 0.0
        self._known, self._read = _state(self._file) if self._file else (None, 0)

    def new(self) -> list[Flushed]:
        if self._file is None or (now := time.monotonic()) < self._look_at:
            return []
        self._look_at = now + EVERY
        return self._news(self._file)

    def _news(self, file: Path) -> list[Flushed]:
        known, size = _state(file)
        if known is None or (known, size) == (self._known, self._read):
            return []
        another = self._known not in (None, known) or size < self._read
        try:
            lines, end = _lines(file, 0 if another or self._known is None else self._read)
        except OSError:
            return []
        self._known, self._read = known, end
        return [Flushed()] if another else lines


def flush(folder: Path, what: Flushed) -> None:
    """Ask every gateway with this folder to forget it."""
    file = folder / FILE
    _, size = _state(file)
    if size > LONGEST:
        file.unlink(missing_ok=True)
    with file.open("ab") as lines:
        lines.write(msgspec.json.encode(what) + b"\n")


def _state(file: Path) -> tuple[int | None, int]:
    """Which file it is, and how long; None for none."""
    try:
        found = os.stat(file)
    except OSError:
        return None, 0
    return found.st_ino, found.st_size


def _lines(file: Path, start: int) -> tuple[list[Flushed], int]:
    """The whole lines from there on, and where they end. A line that says nothing we know forgets everything."""
    with file.open("rb") as opened:
        opened.seek(start)
        whole, _, _ = opened.read().rpartition(b"\n")
    return [_line(line) for line in whole.splitlines()], start + len(whole) + (1 if whole else 0)


def _line(line: bytes) -> Flushed:
    try:
        return msgspec.json.decode(line, type=Flushed)
    except msgspec.DecodeError:
        return Flushed()
