"""The one collector: what went wrong, and what is therefore missing, for `errors` and `extensions.absent`.

Both engines hand their failures here. One error per (coordinate, system, code), at the first position it hit; one
absence per (path pattern, coordinate, cause), with the positions when only some rows are concerned. An absence below
another is not listed: the reader is told the topmost cause. What fails or is hidden row by row is never below another:
nobody has come by there. What is known from the document alone is, where there is nothing on all ways to it.

Where a null was not allowed it has landed further up: the error stays where the specification wants it, the absence
is listed where the null is, and names what caused it. What was asked in vain below is not counted.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from typing import Any, NamedTuple

from gateway.engine.frame import Frame, Path, pattern_of
from gateway.engine.missing import Spot
from gateway.engine.plan import Gap as StaticGap
from gateway.engine.plan import Told
from resolvers.backends.base import BackendError, Gap, Holes, Unusable

log = logging.getLogger("gateway.engine")
Fields = Sequence[tuple[str, str]]
"""Response key and coordinate of each."""

Beside = Callable[[Set[Spot]], Set[Spot]]
"""Where there is nothing → where else something is not shown, not counting what lies below the former on every way."""

Hiding = Callable[[], Mapping[Spot, Sequence[Frame]]]
"""By what they do not show, rows that are there."""

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


class _Hidden(NamedTuple):
    """Rows that do not show something. `doubts`: what kept us from knowing whether a row does, if anything did."""

    rows: Frame
    doubts: Sequence[Gap]

    @property
    def told(self) -> Iterable[tuple[Path, Gap | None]]:
        return zip(self.rows.paths, self.doubts, strict=True) if self.doubts else zip(self.rows.paths, repeat(None))


class _Landed(NamedTuple):
    coordinate: str
    cause: Path


@dataclass(slots=True)
class Collector:
    """Gathers for one operation. `names` tells what this caller may hear a system called; `warn` is told of failures of
    systems, with their cause; `data` is the answer, once there is one."""

    reference: str
    names: Callable[[str], str] = lambda system: system
    warn: Callable[[Hashable, str], None] = lambda _, text: log.warning("%s", text)
    failures: dict[_Cause, list[tuple[Gap, Frame]]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[tuple[str, str], list[tuple[Frame, int]]] = field(default_factory=lambda: defaultdict(list))
    fields: list[tuple[str, Fields, Frame, int]] = field(default_factory=list)
    hidden: dict[StaticGap, list[_Hidden]] = field(default_factory=lambda: defaultdict(list))
    landings: list[tuple[str, Frame, Frame]] = field(default_factory=list)
    dropped: list[Frame] = field(default_factory=list)
    data: Any = None

    def ask(self, pattern: str, coordinate: str, places: Frame, count: int) -> None:
        """So many positions were wanted there: what makes the difference between ALL and SOME."""
        self.asked[pattern, coordinate].append((places, count))

    def ask_fields(self, path: str, fields: Fields, rows: Frame, count: int) -> None:
        """The same for several fields of the rows at `path` that are read from one record."""
        self.fields.append((path, fields, rows, count))

    def fail(self, pattern: str, coordinate: str, gap: Gap, places: Frame) -> None:
        cause = _Cause(pattern, coordinate, gap.system or "", gap.code)
        if cause not in self.failures:
            text = f"{gap.code} at {coordinate}, reference {self.reference}"
            if isinstance(gap, BackendError):
                self.warn((gap.code, coordinate, gap.system), f"{text} {gap}")
            else:  # other texts quote the caller's own values
                log.debug("%s", text)
        self.failures[cause].append((gap, places))

    def holes(self, pattern: str, coordinate: str, holes: Holes, items: Sequence[Any], places: Frame) -> None:
        """A list that is there, without some of its items: each of those is missing for a cause of its own."""
        self.ask(f"{pattern}.*", coordinate, places.items([items]), len(items))
        for index, gap in holes.at.items():
            self.fail(f"{pattern}.*", coordinate, gap, places.under(index))

    def defect(self, pattern: str, coordinate: str, error: BaseException, places: Frame) -> None:
        log.error("defect at %s, reference %s", coordinate, self.reference, exc_info=error)
        self.fail(pattern, coordinate, Defect(), places)

    def bug(self, coordinate: str, error: BaseException) -> Defect:
        """A resolver misbehaved: log it whole, and give back what stands in for its outcomes."""
        log.error("defect in the resolver of %s, reference %s", coordinate, self.reference, exc_info=error)
        return Defect()

    def hide(self, gap: StaticGap, rows: Frame, doubts: Sequence[Gap] = ()) -> None:
        """These rows failed a row rule and show less than others; or may have, for all that is known. `doubts`: for
        each row, if for any."""
        self.hidden[gap.on_some].append(_Hidden(rows, doubts))

    def wrong(self, told: Told) -> None:
        """Arguments of questions about the schema that are no good: they are, wherever the field has its place."""
        for path, coordinate, message, landed, landed_at in told.wrong:
            self.ask(pattern_of(path), coordinate, Frame(*path), 1)
            self.fail(pattern_of(path), coordinate, Unusable(message), Frame(*path))
            if landed:
                self.land(landed_at, Frame(*landed), Frame(*path))
            else:
                self.lost(landed_at, Frame(*path))

    def land(self, coordinate: str, places: Frame, cause: Frame) -> None:
        """The null that was not allowed at `cause` has come to stand at `places`, a position of `coordinate`."""
        self.landings.append((coordinate, places, cause))

    def lost(self, root: str, cause: Frame) -> None:
        """It has come to stand for the whole answer."""
        self.asked["", root] = [(Frame(), 1)]
        self.land(root, Frame(), cause)

    def drop(self, places: Frame) -> None:
        """What lies there, or below, comes after the null that broke its parent: nobody was going to look at it."""
        self.dropped.append(places)

    # -- what the caller is told ----------------------------------------------------------------------------------

    def failed(self) -> Iterator[tuple[_Cause, Gap, Path]]:
        """Every position that failed and was looked at, one by one."""
        dropped = {path for places in self.dropped for path in places.paths}
        for cause, found in self.failures.items():
            for gap, places in found:
                for path in places.paths:
                    if not dropped or not any(path[:end] in dropped for end in range(1, len(path) + 1)):
                        yield cause, gap, path

    def errors(self) -> list[dict[str, Any]]:
        if not self.failures:
            return []
        merged: dict[tuple[str, str, str], list[tuple[str, Path, Gap]]] = defaultdict(list)
        for cause, gap, path in self.failed():
            merged[cause.coordinate, cause.system, cause.code].append((cause.pattern, path, gap))
        told = (self._error(coordinate, hits) for (coordinate, _, _), hits in merged.items())
        return sorted(told, key=lambda error: ([str(step) for step in error["path"]], str(error["extensions"])))

    def _error(self, coordinate: str, hits: list[tuple[str, Path, Gap]]) -> dict[str, Any]:
        _, path, gap = min(hits, key=lambda hit: (hit[0], numbers(hit[1])))
        extensions: dict[str, Any] = {"code": gap.code}
        if gap.system:
            extensions["system"] = self.names(gap.system)
        extensions |= {"retryable": gap.retryable, "coordinate": coordinate, "affected": len(hits)}
        extensions |= self._extra([gap for _, _, gap in hits])
        return {"message": self._message(gap), "path": list(path), "extensions": extensions}

    def _message(self, gap: Gap) -> str:
        if isinstance(gap, Unusable):
            return str(gap)
        return SAID.get(gap.code, f"Internal error. Reference {self.reference}")

    def _extra(self, gaps: Sequence[Gap]) -> dict[str, Any]:
        """What only some causes tell. Asking again helps all positions once the longest wait is over."""
        extra: dict[str, Any] = {}
        if waits := [gap.retry_after for gap in gaps if gap.retry_after is not None]:
            extra["retryAfterMs"] = int(max(waits) * 1000)
        if isinstance(gaps[0], Defect):
            extra["reference"] = self.reference
        return extra

    def absent(self, gaps: Sequence[StaticGap], beside: Beside, hiding: Hiding) -> list[dict[str, Any]]:
        """`gaps`: what is known from the document alone."""
        if not (gaps or self.failures or self.hidden):
            return []
        landed = {path: _Landed(coordinate, cause) for coordinate, path, cause in self._landed()}
        nulls = self._nulls(landed)
        gone = {(cause.pattern, cause.coordinate) for cause, (_, at) in nulls.items() if self._all(cause, at, landed)}
        entries = [static_entry(gap) for gap in _topmost(gaps, gone, beside)]
        entries += [self._missing(cause, *found, gone) for cause, found in nulls.items()]
        rows = hiding() if self.hidden else {}
        for gap, found in self.hidden.items():
            entries += self._hidden(gap, found, rows.get((gap.path, gap.coordinate), ()))
        return sorted(entries, key=lambda entry: (entry["path"], entry["coordinate"], entry["reason"], str(entry)))

    def _hidden(self, gap: StaticGap, found: Sequence[_Hidden], lacking: Sequence[Frame]) -> Iterator[dict[str, Any]]:
        """One entry for what is known to be hidden, and one for each cause of not knowing. `lacking`: who lacks it, be
        it the rows that were judged, or some below them."""
        doubts = dict(chain.from_iterable(one.told for one in found))
        ends = sorted({len(path) for path in doubts}, reverse=True)
        places: dict[tuple[str, str] | None, list[Path]] = defaultdict(list)
        for path in chain.from_iterable(rows.paths for rows in lacking):
            for row in [path[:end] for end in ends if path[:end] in doubts][:1]:  # the nearest that was judged for it
                places[_cause(doubts[row])] += standing(self.data, path, gap.path, gap.reason != "MASKED")
        for cause, at in places.items():
            if at:
                told = self._told([one for one in doubts.values() if one and _cause(one) == cause]) if cause else {}
                yield static_entry(gap) | {"rows": "SOME", "at": _sorted(at)} | told

    def _told(self, gaps: Sequence[Gap]) -> dict[str, Any]:
        """Which system it was, what it did, and whether to ask again."""
        named = {"system": self.names(gaps[0].system)} if gaps[0].system else {}
        extra = {key: value for key, value in self._extra(gaps).items() if key == "retryAfterMs"}
        return named | {"code": gaps[0].code, "retryable": gaps[0].retryable} | extra

    def _landed(self) -> Iterator[tuple[str, Path, Path]]:
        for coordinate, places, cause in self.landings:
            (path,), (source,) = places.paths, cause.paths
            if path != source:
                yield coordinate, path, source

    def _nulls(self, landed: Mapping[Path, _Landed]) -> dict[_Cause, tuple[list[Gap], list[Path]]]:
        """Where the nulls are, by their cause."""
        nulls: dict[_Cause, tuple[list[Gap], list[Path]]] = {}
        for cause, gap, path in self.failed():
            place, at = cause, path
            if tops := _above(path, landed):
                at = tops[0]
                if landed[at].cause != path:
                    continue
                place = cause._replace(pattern=pattern_of(at), coordinate=landed[at].coordinate)
            gaps, paths = nulls.setdefault(place, ([], []))
            gaps.append(gap)
            paths.append(at)
        return nulls

    def _all(self, cause: _Cause, paths: list[Path], landed: Mapping[Path, _Landed]) -> bool:
        """Whether there is nothing wherever this coordinate has its place."""
        return len(paths) >= (self._asked(cause, landed) or len(paths) + 1)

    def _missing(self, cause: _Cause, gaps: Sequence[Gap], paths: list[Path], gone: Set[Spot]) -> dict[str, Any]:
        """ALL: nor is there anything of another type's in the same place."""
        whole = (cause.pattern, cause.coordinate) in gone and not self._shown(cause.pattern)
        gap = gaps[0]
        entry: dict[str, Any] = {"path": cause.pattern, "coordinate": cause.coordinate, "reason": gap.reason}
        entry["rows"] = "ALL" if whole else "SOME"
        if not whole:
            entry["at"] = _sorted(paths)
        return entry | self._told(gaps)

    def _shown(self, pattern: str) -> bool:
        steps = pattern.split(".") if pattern else []
        return any(value is not None for _, value in _matching(self.data, (), steps))

    def _asked(self, cause: _Cause, landed: Mapping[Path, _Landed]) -> int:
        """How many positions there are, of those that were asked for."""
        asked = list(self.asked.get((cause.pattern, cause.coordinate), ()))
        for path, fields, rows, count in self.fields:
            for key, coordinate in fields:
                if coordinate == cause.coordinate and joined(path, key) == cause.pattern:
                    asked.append((rows.under(key), count))
        if not landed:
            return sum(count for _, count in asked)
        return sum(not _above(path, landed) for places, _ in asked for path in places.paths)


def static_entry(gap: StaticGap) -> dict[str, Any]:
    entry = {"path": gap.path, "coordinate": gap.coordinate, "reason": gap.reason, "rows": gap.rows}
    if gap.mask:
        entry["mask"] = gap.mask
    if gap.category:
        entry["category"] = gap.category
    return entry


def _topmost(gaps: Sequence[StaticGap], gone: Set[Spot], beside: Beside) -> Sequence[StaticGap]:
    """Those that a reader may come by, where there is nothing at these spots."""
    paths = {path for path, _ in gone}
    if not gone or all(paths.isdisjoint(_patterns_to(gap.path)) for gap in gaps):
        return gaps
    spots = beside(gone)
    return [gap for gap in gaps if (gap.path, gap.coordinate) in spots]


def _patterns_to(pattern: str) -> Iterator[str]:
    yield ""
    yield from accumulate(pattern.split("."), "{}.{}".format)


def _cause(doubt: Gap | None) -> tuple[str, str] | None:
    return (doubt.system or "", doubt.code) if doubt else None


def standing(data: Any, path: Path, pattern: str, null: bool = True) -> Iterator[Path]:
    """The positions that a pattern has in the answer, below a row: those that hold null, or those that do not. None
    when the row is not there after all."""
    at = data
    for step in path:
        if at is None:
            return
        at = at[step]
    below = _matching(at, path, pattern.split(".")[len(path) :])
    yield from (place for place, value in below if (value is None) is null)


def _matching(at: Any, path: Path, steps: Sequence[str]) -> Iterator[tuple[Path, Any]]:
    if not steps:
        yield path, at
    elif steps[0] == "*" and at is not None:
        for index, item in enumerate(at):
            yield from _matching(item, (*path, index), steps[1:])
    elif at is not None and steps[0] in at:  # rows of another type may have no such field
        yield from _matching(at[steps[0]], (*path, steps[0]), steps[1:])


def _above(path: Path, landed: Mapping[Path, _Landed]) -> list[Path]:
    """The nulls that this position has disappeared in, the topmost first."""
    return [path[:end] for end in range(len(path)) if path[:end] in landed] if landed else []


def joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _sorted(paths: Iterable[Path]) -> list[list[str | int]]:
    return [list(path) for path in sorted(paths, key=numbers)]


def numbers(path: Path) -> list[int]:
    return [step for step in path if isinstance(step, int)]
