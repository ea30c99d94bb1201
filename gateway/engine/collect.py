"""The one collector: what went wrong, and what is therefore missing, for `errors` and `extensions.absent`.

Both engines hand their failures here. One error per (coordinate, system, code), at the first position it hit; one
absence per (path pattern, coordinate, cause), with the positions when only some rows are concerned. An absence below
another is not listed: the reader is told the topmost cause.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from gateway.engine.frame import Path
from gateway.engine.plan import Gap as StaticGap
from resolvers.backends.base import BackendError, Gap, Holes, Unusable

log = logging.getLogger("gateway.engine")
Places = Callable[[], Iterable[Path]]

SAID = {
    "AMBIGUOUS": "Several rows fit; ask for one of them.",
    "BACKEND_UNAVAILABLE": "A system behind this field cannot be reached.",
    "BACKEND_TIMEOUT": "A system behind this field did not answer in time.",
    "BACKEND_THROTTLED": "A system behind this field asks to come back later.",
    "BACKEND_REFUSED": "A system behind this field refused the question.",
    "BACKEND_GARBLED": "A system behind this field sent something that could not be understood.",
    "SATURATED": "A system behind this field has too much to do just now.",
    "DEADLINE": "The time for this answer was over before the system behind this field had answered.",
}


class Defect(Gap):
    """Our own bug, met while answering one field: the caller gets a reference, the log gets the rest."""

    code = "INTERNAL"


class _Cause(NamedTuple):
    pattern: str
    coordinate: str
    system: str
    code: str


@dataclass(slots=True)
class Collector:
    """Gathers for one operation. `names` tells what this caller may hear a system called."""

    reference: str
    names: Callable[[str], str] = lambda system: system
    failures: dict[_Cause, list[tuple[Gap, Places]]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    hidden: dict[StaticGap, list[Places]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, pattern: str, coordinate: str, positions: int) -> None:
        """So many positions were wanted there: what makes the difference between ALL and SOME."""
        self.asked[pattern, coordinate] += positions

    def fail(self, pattern: str, coordinate: str, gap: Gap, places: Places) -> None:
        cause = _Cause(pattern, coordinate, gap.system or "", gap.code)
        if cause not in self.failures:
            ours = isinstance(gap, BackendError)  # other texts quote the caller's own values
            level = logging.WARNING if ours else logging.DEBUG
            log.log(level, "%s at %s, reference %s %s", gap.code, coordinate, self.reference, gap if ours else "")
        self.failures[cause].append((gap, places))

    def holes(self, pattern: str, coordinate: str, holes: Holes, items: Any, places: Places) -> None:
        """A list that is there, without some of its items: each of those is missing for a cause of its own."""
        self.ask(f"{pattern}.*", coordinate, len(items))
        for index, gap in holes.at.items():
            self.fail(f"{pattern}.*", coordinate, gap, partial(_items, places, index))

    def defect(self, pattern: str, coordinate: str, error: BaseException, places: Places) -> None:
        log.error("defect at %s, reference %s", coordinate, self.reference, exc_info=error)
        self.fail(pattern, coordinate, Defect(), places)

    def bug(self, coordinate: str, error: BaseException) -> Defect:
        """A resolver misbehaved: log it whole, and give back what stands in for its outcomes."""
        log.error("defect in the resolver of %s, reference %s", coordinate, self.reference, exc_info=error)
        return Defect()

    def hide(self, gap: StaticGap, rows: str, places: Places) -> None:
        """Some rows (at `places`, all matching the pattern `rows`) failed a row rule and show less than the others."""
        steps = tuple(gap.path.split(".")[len(rows.split(".")) if rows else 0 :])
        self.hidden[gap].append(lambda: [(*path, *steps) for path in places()])

    # -- what the caller is told ----------------------------------------------------------------------------------

    def errors(self) -> list[dict[str, Any]]:
        merged: dict[tuple[str, str, str], list[tuple[str, Path, Gap]]] = defaultdict(list)
        for cause, found in self.failures.items():
            hits = merged[cause.coordinate, cause.system, cause.code]
            hits += [(cause.pattern, path, gap) for gap, places in found for path in places()]
        told = (self._error(coordinate, hits) for (coordinate, _, _), hits in merged.items() if hits)
        return sorted(told, key=lambda error: ([str(step) for step in error["path"]], str(error["extensions"])))

    def _error(self, coordinate: str, hits: list[tuple[str, Path, Gap]]) -> dict[str, Any]:
        _, path, gap = min(hits, key=lambda hit: (hit[0], [step for step in hit[1] if isinstance(step, int)]))
        extensions: dict[str, Any] = {"code": gap.code}
        if gap.system:
            extensions["system"] = self.names(gap.system)
        extensions |= {"retryable": gap.retryable, "coordinate": coordinate, "affected": len(hits)}
        return {"message": self._message(gap), "path": list(path), "extensions": extensions | self._extra(gap)}

    def _message(self, gap: Gap) -> str:
        if isinstance(gap, Unusable):
            return str(gap)
        return SAID.get(gap.code, f"Internal error. Reference {self.reference}")

    def _extra(self, gap: Gap) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if gap.retry_after is not None:
            extra["retryAfterMs"] = int(gap.retry_after * 1000)
        if isinstance(gap, Defect):
            extra["reference"] = self.reference
        return extra

    def absent(self, gaps: Sequence[StaticGap]) -> list[dict[str, Any]]:
        entries = [static_entry(gap) for gap in gaps]
        entries += [self._missing(cause, found) for cause, found in self.failures.items()]
        for gap, found in self.hidden.items():
            at = sorted((list(path) for places in found for path in places()), key=_numbers)
            entries.append(static_entry(gap) | {"rows": "SOME", "at": at})
        return _topmost(entries)

    def _missing(self, cause: _Cause, found: list[tuple[Gap, Places]]) -> dict[str, Any]:
        at = sorted((list(path) for _, places in found for path in places()), key=_numbers)
        gap = found[0][0]
        whole = len(at) >= self.asked.get((cause.pattern, cause.coordinate), len(at) + 1)
        entry: dict[str, Any] = {"path": cause.pattern, "coordinate": cause.coordinate, "reason": gap.reason}
        entry["rows"] = "ALL" if whole else "SOME"
        if not whole:
            entry["at"] = at
        if gap.system:
            entry["system"] = self.names(gap.system)
        entry |= {"code": gap.code, "retryable": gap.retryable}
        return entry | {key: value for key, value in self._extra(gap).items() if key == "retryAfterMs"}


def static_entry(gap: StaticGap) -> dict[str, Any]:
    entry = {"path": gap.path, "coordinate": gap.coordinate, "reason": gap.reason, "rows": gap.rows}
    if gap.mask:
        entry["mask"] = gap.mask
    if gap.category:
        entry["category"] = gap.category
    return entry


def _topmost(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    absent = {entry["path"] for entry in entries if entry["rows"] == "ALL" and entry["reason"] != "MASKED"}
    kept = [entry for entry in entries if not any(above in absent for above in _above(entry["path"]))]
    return sorted(kept, key=lambda entry: (entry["path"], entry["coordinate"], entry["reason"], str(entry)))


def _items(lists: Places, index: int) -> list[Path]:
    return [(*path, index) for path in lists()]


def _above(path: str) -> Iterable[str]:
    steps = path.split(".")
    return (".".join(steps[:count]) for count in range(1, len(steps)))


def _numbers(path: list[Any]) -> list[int]:
    return [step for step in path if isinstance(step, int)]
