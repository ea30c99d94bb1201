"""What is certain of several lists of which each has been read for a while only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from resolvers.timeline.places import Happening, Place


class Told(NamedTuple):
    """What a stream has, newest first; and the last place it has looked at, when it may have more behind that."""

    rows: Sequence[Happening]
    reached: Place | None = None


class Stretch(NamedTuple):
    """A page: its rows, whether there is more, and where it ends when that is not at its last row."""

    rows: Sequence[Happening]
    more: bool
    end: Place | None


def merged(told: Sequence[Told], place: Place | None, since: datetime | None, first: int) -> Stretch:
    """The newest of all that stands behind a place. Nothing beyond the first place behind which a stream may have more:
    what lies between nobody has told."""
    reached = max((one.reached for one in told if one.reached), default=None)
    found = [row for one in told for row in one.rows if place is None or row.place < place]
    certain = [row for row in found if reached is None or row.place >= reached]
    young = [row for row in certain if since is None or row.at >= since]
    rows = sorted(young, key=lambda row: row.place, reverse=True)[:first]
    onward = reached if reached and (since is None or reached.at >= since) else None
    whole = len(rows) == len(young)
    return Stretch(rows, not whole or onward is not None, onward if whole else None)
