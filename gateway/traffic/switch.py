"""The kill switch: which systems an operator has taken off, by a setting or while the gateway runs.

`customer360 backend off NAME` writes the name into a file in the state folder, one to a line; gateways with that folder
look at it once a second, when they are asked something. A file that cannot be read changes nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

FILE = "backends-off"
EVERY = 1.0


class Switch:
    """`never`: off by a setting, whatever the file says. Without a folder there is no file."""

    def __init__(self, never: Iterable[str] = (), folder: Path | None = None) -> None:
        self._never = frozenset(never)
        self._file = folder / FILE if folder else None
        self._off = self._never
        self._stamp: tuple[int, int, int] | None = None
        self._look_at = 0.0

    def off(self, backend: str) -> bool:
        if self._file is not None and (now := time.monotonic()) >= self._look_at:
            self._look_at = now + EVERY
            self._look(self._file)
        return backend in self._off

    def _look(self, file: Path) -> None:
        try:
            found = os.stat(file)
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
            if stamp == self._stamp:
                return
            off, self._stamp = switched_off(file.parent), stamp
        except FileNotFoundError:
            off, self._stamp = frozenset(), None
        except (OSError, UnicodeDecodeError):
            return
        self._off = self._never | off


def switched_off(folder: Path) -> frozenset[str]:
    """The names in the file. Raises OSError, or UnicodeDecodeError for what is no text."""
    return frozenset((folder / FILE).read_text(encoding="utf-8").split())


def turn(folder: Path, backend: str, *, off: bool) -> None:
    """Write the file anew, whole: a gateway that looks at it meanwhile sees the old one or the new one."""
    try:
        known = switched_off(folder)
    except FileNotFoundError:
        known = frozenset()
    wanted = known | {backend} if off else known - {backend}
    new = folder / f"{FILE}.{os.getpid()}"
    new.write_text("".join(f"{name}\n" for name in sorted(wanted)), encoding="utf-8")
    new.replace(folder / FILE)
