"""Whoever reads of far more people than others in their role do.

The rule: within an hour of the clock somebody has been shown more than `people` people (rows of people not known count
as one each; the same ones count once), and more than `times` what the others in the same role were shown in the busiest
hour each had in the last seven days, at the median of those who were shown anybody. Who has no others to be compared
with is reported above `people` alone. Customers, who see themselves, are neither counted nor compared.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

HOURS = 7 * 24
READERS = "SELECT role, reader, COUNT(*) FROM counted WHERE hour = ? GROUP BY role, reader HAVING COUNT(*) > ?"
PEERS = """
SELECT MAX(people) FROM (SELECT hour, reader, COUNT(*) AS people FROM counted
                         WHERE role = ? AND reader <> ? AND hour > ? GROUP BY hour, reader) GROUP BY reader
"""


@dataclass(frozen=True, slots=True)
class Bulk:
    """`usual`: the median of the others'; None: there are none. `hour`: since the epoch."""

    hour: int
    role: str
    reader: str
    people: int
    usual: float | None

    @property
    def ref(self) -> str:
        """One alert for each reader and hour, whoever finds it first."""
        return f"{self.hour} {self.role} {self.reader}"


def bulks(db: sqlite3.Connection, hour: int, people: int, times: int) -> Iterator[Bulk]:
    """All of one hour."""
    for role, reader, count in db.execute(READERS, (hour, people)).fetchall():
        others = [row[0] for row in db.execute(PEERS, (role, reader, hour - HOURS))]
        usual = float(median(others)) if others else None
        if usual is None or count > times * usual:
            yield Bulk(hour, role, reader, count, usual)
