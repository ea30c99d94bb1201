"""What stands in the trail about somebody, newest first; and single records by their names."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.trail import store
from gateway.trail.vault import Vault
from resolvers.access import Seen
from resolvers.backends.base import Unavailable

CHUNK = 500
PLACES = """
SELECT DISTINCT at, chain, seq FROM seen WHERE tag IN ({}) AND (at, chain, seq) < (?, ?, ?)
ORDER BY at DESC, chain DESC, seq DESC LIMIT ?
"""
LATEST = (2**62, "", 0)
Place = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Reader:
    """For resolvers: see `resolvers.access.Trail`."""

    folder: Path
    vault: Vault

    async def __call__(self, ids: Sequence[str], first: int, after: Place | None) -> Sequence[Seen]:
        try:
            return await asyncio.to_thread(self._read, ids, first, after)
        except sqlite3.Error as error:
            raise Unavailable("audit", "cannot be read") from error

    def _read(self, ids: Sequence[str], first: int, after: Place | None) -> list[Seen]:
        if not (self.folder / store.FILE).exists():
            return []
        with store.reading(self.folder) as db:
            places = places_of(db, self.vault.tags(db, ids), first, after)
            return [seen(place, record(db, place[1], place[2])) for place in places]


def places_of(db: sqlite3.Connection, tags: Sequence[bytes], first: int, after: Place | None = None) -> list[Place]:
    """Where records about any of these stand."""
    found: set[Place] = set()
    for start in range(0, len(tags), CHUNK):
        some = tags[start : start + CHUNK]
        query = PLACES.format(",".join("?" * len(some)))
        found.update(db.execute(query, (*some, *(after or LATEST), first)))
    return sorted(found, reverse=True)[:first]


def record(db: sqlite3.Connection, chain: str, seq: int) -> dict[str, Any]:
    """Raises LookupError when it is not there."""
    row = db.execute("SELECT record FROM entry WHERE chain = ? AND seq = ?", (chain, seq)).fetchone()
    if row is None:
        raise LookupError(f"{chain}:{seq}")
    return msgspec.json.decode(row[0], type=dict[str, Any])


def referred(db: sqlite3.Connection, kind: str, ref: str) -> dict[str, Any]:
    """What records refer to: any of the places where it stands. Raises LookupError."""
    row = db.execute("SELECT chain, seq FROM entry WHERE kind = ? AND ref = ?", (kind, ref)).fetchone()
    if row is None:
        raise LookupError(f"{kind} {ref}")
    return record(db, *row)


def seen(place: Place, told: dict[str, Any]) -> Seen:
    at = datetime.fromtimestamp(place[0] / 1000, UTC)
    categories = sorted({*told["read"], *told["masked"], *told["beside"]} - {"public"})
    return Seen(
        place,
        at,
        told["role"],
        told["purpose"],
        "caller" in told,
        categories,
        sorted(told["masked"]),
        told["who"],
        told["client"],
        f"{place[1]}:{place[2]}",
    )
