"""A note in the state folder that a demo runs here, and with which settings: so that `customer360 token` in another
terminal needs none of its own.

The demo holds a lock on the note for as long as it lives; a note without a lock is left over, and counts for nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOTE = "demo.json"


class AlreadyRunning(Exception):
    """Another demo holds the note in this folder."""


def noted(folder: Path) -> dict[str, Any]:
    """Settings of the demo that runs here, by dotted name; empty when none does."""
    try:
        with (folder / NOTE).open(encoding="utf-8") as file:
            return json.load(file) if _held(file.fileno()) else {}
    except (OSError, ValueError):
        return {}


@contextmanager
def running(folder: Path, settings: Mapping[str, Any]) -> Iterator[None]:
    """Hold the note. It may carry the mocks' secret, so only its owner can read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / NOTE, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(folder)) from error
        file.truncate()
        json.dump(dict(settings), file, default=str)
        file.flush()
        yield
        file.seek(0)
        file.truncate()


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
