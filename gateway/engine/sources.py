"""`extensions.sources`: for each place in the answer that a system was asked about, which one, and how old what it
said is. Where several calls or rows stand behind one place, the oldest counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from resolvers.backends.base import Key, Outcome

OLDER = ("LIVE", "DERIVED", "CACHED", "STALE")


class Heard(NamedTuple):
    """What one call got from one system. Moments are epoch seconds; `as_of` where the system dates its data itself."""

    system: str
    mode: str
    fetched_at: float
    as_of: float | None


class Place(NamedTuple):
    """A position in the answer, as a pattern, and the calls behind it; `derived`: we compute from what they said."""

    path: str
    calls: tuple[int, ...]
    derived: bool = False


def heard(system: str, found: Mapping[Key, Outcome[Any]]) -> list[Heard]:
    """What the answers of a call say about their age, each mode once; nothing of keys that have no answer."""
    told = (one.source for one in found.values() if one.source is not None)
    return _oldest(Heard(system, one.mode, one.fetched_at, one.as_of) for one in told)


def sources(
    places: Iterable[Place], calls: Mapping[int, Sequence[Heard]], data: Any, names: Callable[[str], str]
) -> list[dict[str, Any]]:
    """As CONTRACTS §4 has it. Only rows that are in the answer are counted."""
    merged: dict[tuple[str, str], Heard] = {}
    for place in places:
        for number in place.calls:
            for one in calls.get(number, ()):
                at = (place.path, one.system)
                one = one._replace(mode="DERIVED") if place.derived and one.mode == "LIVE" else one
                merged[at] = _older(merged[at], one) if at in merged else one
    now = time.time()
    entries = [_entry(path, one, _rows(data, path.split(".")), now, names) for (path, _), one in merged.items()]
    return sorted(entries, key=lambda entry: (entry["path"], entry["system"]))


def _entry(path: str, one: Heard, rows: int, now: float, names: Callable[[str], str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": path, "system": names(one.system), "mode": one.mode}
    if one.as_of is not None:
        entry["asOf"] = _moment(one.as_of)
    age = max(0, round((now - one.fetched_at) * 1000))
    return entry | {"fetchedAt": _moment(one.fetched_at), "ageMs": age, "rows": rows}


def _oldest(several: Iterable[Heard]) -> list[Heard]:
    by_mode: dict[str, Heard] = {}
    for one in several:
        by_mode[one.mode] = _older(by_mode[one.mode], one) if one.mode in by_mode else one
    return list(by_mode.values())


def _older(one: Heard, other: Heard) -> Heard:
    dated = [at for at in (one.as_of, other.as_of) if at is not None]
    mode = max(one.mode, other.mode, key=OLDER.index)
    return Heard(one.system, mode, min(one.fetched_at, other.fetched_at), min(dated, default=None))


def _rows(value: Any, steps: Sequence[str]) -> int:
    """How many values there are in the places that a pattern names."""
    if value is None:
        return 0
    if not steps:
        return sum(item is not None for item in value) if isinstance(value, list) else 1
    if steps[0] == "*":
        return sum(_rows(item, steps[1:]) for item in value) if isinstance(value, list) else 0
    return _rows(value.get(steps[0]), steps[1:]) if isinstance(value, dict) else 0


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
