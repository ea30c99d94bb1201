"""What is done between commits, in the writer's thread: old segments are dropped, and whoever reads of far more people
than others do is reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.trail.book import DAY_MS, Book
from gateway.trail.record import now
from gateway.trail.retention import retain

EVERY = 3600.0


@dataclass(slots=True)
class Upkeep:
    """days: how long records are kept"""

    book: Book
    days: int
    clock: Callable[[], int] = now
    ticks: Callable[[], float] = time.monotonic
    due: float = 0.0

    def __call__(self) -> None:
        if (tick := self.ticks()) >= self.due:
            self.due = tick + EVERY
            retain(self.book, self.clock() - self.days * DAY_MS)
