"""Log lines that would repeat themselves: a system that is down fails every question, and one line says so as well as
ten thousand. The first is written at once; the next like it, when some time has gone by, with how many there were.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable


class Sparing:
    """Writes warnings, each cause once in `every` seconds. Causes are few: nothing of callers is in them."""

    def __init__(self, log: logging.Logger, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._every = every
        self._clock = clock
        self._written: dict[Hashable, tuple[float, int]] = {}

    def __call__(self, cause: Hashable, text: str) -> None:
        now = self._clock()
        at, more = self._written.get(cause, (now - self._every, 0))
        if now - at < self._every:
            self._written[cause] = at, more + 1
            return
        self._written[cause] = now, 0
        self._log.warning("%s%s", text, f", and {more} more like it in the {now - at:.0f} s before" if more else "")
