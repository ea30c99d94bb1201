"""What is done between commits, in the writer's thread: heads are signed, old segments dropped, and whoever reads of
far more people than others do is reported."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.trail.book import DAY_MS, HOUR_MS, Book
from gateway.trail.bulk import Bulk, bulks
from gateway.trail.record import ALERT, Entry, members, now
from gateway.trail.retention import forget_counts, retain

LOG = logging.getLogger("gateway.trail")
HOURLY, OFTEN = 3600.0, 10.0


@dataclass(slots=True)
class Upkeep:
    """days: how long records are kept. people, times: see `bulk`. alerts: how many were given"""

    book: Book
    days: int
    people: int = 100
    times: int = 5
    clock: Callable[[], int] = now
    ticks: Callable[[], float] = time.monotonic
    hourly: float = 0.0
    often: float = 0.0
    alerts: int = 0

    def __call__(self) -> None:
        self.book.settle()
        tick = self.ticks()
        if tick >= self.often:
            self.often = tick + OFTEN
            self.report()
        if tick >= self.hourly:
            self.hourly = tick + HOURLY
            retain(self.book, self.clock() - self.days * DAY_MS)
            forget_counts(self.book, self.clock())

    def report(self) -> None:
        """Look at this hour, and at the one before: its end may not have been seen."""
        hour, db = self.clock() // HOUR_MS, self.book.opened()
        for bulk in [*bulks(db, hour - 1, self.people, self.times), *bulks(db, hour, self.people, self.times)]:
            if not db.execute("SELECT 1 FROM entry WHERE kind = ? AND ref = ?", (ALERT, bulk.ref)).fetchone():
                self.alert(bulk)

    def alert(self, bulk: Bulk) -> None:
        told = {"role": bulk.role, "who": bulk.reader, "people": bulk.people, "usual": bulk.usual}
        self.book.write([Entry(ALERT, self.clock(), members(told), ref=bulk.ref)])
        self.alerts += 1
        usual = "nobody else to compare with" if bulk.usual is None else f"others {bulk.usual:g}"
        LOG.warning(
            "bulk read: %s as %s was shown %s people in an hour; %s", bulk.reader, bulk.role, bulk.people, usual
        )
