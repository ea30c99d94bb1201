"""Places on a timeline, how a list of one kind goes on behind one, and what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

INSTANT, SECOND, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)
EPOCH = datetime.fromtimestamp(0, UTC)


class Place(NamedTuple):
    """Where something stands on a timeline: the greatest comes first."""

    at: datetime
    kind: str
    key: str


class Behind(NamedTuple):
    """Where a stream goes on: behind a row of its own, or with all that is before a moment (`key` None)."""

    before: datetime
    key: str | None = None

    def of(self, unit: timedelta, lowest: str) -> tuple[datetime, str]:
        """As a place in a list whose moments are whole units: no row there has a key below the lowest."""
        if self.key is not None:
            return self.before, self.key
        spare = (self.before - EPOCH) % unit
        return self.before + (unit - spare if spare else timedelta(0)), lowest


END = Behind(datetime(9999, 1, 1, tzinfo=UTC))
"""Before which everything is that has a date at all."""


def behind(kind: str, place: Place | None) -> Behind | None:
    """Of what stands at the same moment, the greater kinds come first."""
    if place is None:
        return None
    if kind == place.kind:
        return Behind(place.at, place.key)
    return Behind(place.at + INSTANT if kind < place.kind else place.at)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `row`: what it happened to, where that is a row of the graph; else the record of it."""

    graph_type: str
    place: Place
    source: str
    row: Any
    entry: Any = None

    @property
    def at(self) -> datetime:
        return self.place.at

    @property
    def touch(self) -> Any:
        return self.row


def moment(at: date | datetime) -> datetime:
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.combine(at, time(), UTC)
