"""The slow way to shape rows, taken only when the compiled way refused: one value at a time, each error where it is.

The compiled way is tried again on halves, so that one bad value among thousands costs a few rows, not all of them.
Null propagation is the specification's: a null where the schema promises a value breaks its parent, up to the next
position that may be null; what comes after it in its selection or list is not told, as if it had not been looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import Undefined

from gateway.engine.collect import Collector
from gateway.engine.frame import Frame, Path
from gateway.engine.plan import OWN, Blank, Branch, Field, Inline, Leaf, Selection, Slot, Typename
from gateway.engine.shape import TURN, Broken, Missing, listed

Columns = Sequence[Sequence[Any]]

SECONDS = 0.005
"""How long one go is meant to take."""


class Records(msgspec.Struct, frozen=True):
    """What a facet gave for the rows of a level: a record each, or None; `failed` ones are listed already."""

    records: Sequence[Any]
    calls: tuple[int, ...]
    failed: frozenset[int] = frozenset()


def shaped(
    selection: Selection,
    rows: Sequence[Any],
    facets: Sequence[Records],
    columns: Columns,
    frame: Frame,
    collector: Collector,
) -> list[Any]:
    """One dict per row, or `Broken` for a row that has lost a value it promised."""
    assert selection.shape is not None  # noqa: S101 - only inlined selections have none, and they come not here
    try:
        return selection.shape(rows, *(one.records for one in facets), *columns)
    except Exception:  # noqa: S110 - whatever it is, the slow way finds the values it comes from, and says so
        pass
    return _Mender(frame, selection.path, collector).rows(selection, rows, facets, columns, 0, len(rows))


async def shaped_in_turns(
    selection: Selection,
    rows: Sequence[Any],
    facets: Sequence[Records],
    columns: Columns,
    frame: Frame,
    collector: Collector,
) -> list[Any]:
    """The same of a long level, in parts, between which everybody else has their turn, and mended in the parts that
    need it."""
    made: list[Any] = []
    mender = _Mender(frame, selection.path, collector)
    turn = selection.turn
    while (start := len(made)) < len(rows):
        end, begun = min(start + turn, len(rows)), time.perf_counter()
        good = mender.shaped(selection, rows, facets, columns, slice(start, end))
        made += mender.rows(selection, rows, facets, columns, start, end) if good is None else good
        turn = max(1, min(2 * turn, TURN, int(turn * SECONDS / max(time.perf_counter() - begun, 1e-9))))
        await asyncio.sleep(0)
    return made


def leaf_column(branch: Branch, leaf: Leaf, values: Sequence[Any], frame: Frame, collector: Collector) -> list[Any]:
    """A column of scalars that an edge answered; `frame` says where each of them stands."""
    assert branch.column is not None  # noqa: S101 - every leaf of a branch has one
    try:
        return branch.column(values)
    except Exception:  # noqa: S110 - as above
        pass
    mender = _Mender(frame, branch.path, collector)
    return [
        value if value.__class__ is Broken else mender.at(number).slot(leaf, leaf.slot, value, ())
        for number, value in enumerate(values)
    ]


@dataclass(slots=True)
class _Mender:
    """Works at position `number` of `frame`, whose path matches `pattern`; `steps` lead on from there."""

    frame: Frame
    pattern: str
    collector: Collector
    number: int = 0

    def at(self, number: int) -> _Mender:
        self.number = number
        return self

    def rows(
        self,
        selection: Selection,
        rows: Sequence[Any],
        facets: Sequence[Records],
        columns: Columns,
        start: int,
        end: int,
    ) -> list[Any]:
        """The rows from `start` to `end`, of which at least one cannot be shaped the compiled way."""
        if end - start == 1:
            self.number = start
            return [self.row(selection, rows[start], (), facets, [column[start] for column in columns])]
        middle = (start + end) // 2
        found: list[Any] = []
        for first, last in ((start, middle), (middle, end)):
            good = self.shaped(selection, rows, facets, columns, slice(first, last))
            found += self.rows(selection, rows, facets, columns, first, last) if good is None else good
        return found

    def shaped(
        self, selection: Selection, rows: Sequence[Any], facets: Sequence[Records], columns: Columns, part: slice
    ) -> list[Any] | None:
        records = (one.records[part] for one in facets)
        try:
            return selection.shape and selection.shape(rows[part], *records, *(column[part] for column in columns))
        except Exception:
            return None

    def row(
        self,
        selection: Selection,
        row: Any,
        steps: Path,
        facets: Sequence[Records] = (),
        branches: Sequence[Any] = (),
    ) -> Any:
        shaped: dict[str, Any] = {}
        columns = iter(branches)
        for place, one in enumerate(selection.fields, 1):
            value = next(columns) if isinstance(one, Branch) else self.field(selection, one, row, steps, facets)
            if value.__class__ is Broken:
                for later in selection.fields[place:]:
                    self.collector.drop(self.place(*steps, later.key))
                return value
            shaped[one.key] = value
        return shaped

    def field(self, selection: Selection, one: Field, row: Any, steps: Path, facets: Sequence[Records]) -> Any:
        match one:
            case Typename():
                return selection.type
            case Blank():
                return self.broken(one.coordinate, (*steps, one.key), Missing()) if one.promised else None
            case Leaf() | Inline():
                return self.read(one, row, (*steps, one.key), facets)

    def read(self, one: Leaf | Inline, row: Any, steps: Path, facets: Sequence[Records]) -> Any:
        source = row if one.origin == OWN else facets[one.origin].records[self.number]
        if one.origin != OWN and self.number in facets[one.origin].failed:
            return Broken(self.place(*steps)) if one.slot.non_null else None
        try:
            value = None if source is None and one.origin != OWN else getattr(source, one.attribute)
        except Exception as error:  # a record without the attribute, or one that cannot compute it
            broken = self.broken(one.coordinate, steps, error)
            return broken if one.slot.non_null else None
        return self.slot(one, one.slot, value, steps)

    def slot(self, one: Leaf | Inline, slot: Slot, value: Any, steps: Path) -> Any:
        """The completed value; None for a nullable position that cannot be filled; `Broken` for one that must be."""
        try:
            completed = self.whole(one, slot, value, steps)
            if completed is None and slot.non_null:
                raise Missing(f"null for {one.coordinate}, which promises a value")
        except Exception as error:  # a value that its own type does not accept: our bug, and only this field's
            broken = self.broken(one.coordinate, steps, error)
            return broken if slot.non_null else None
        if completed.__class__ is Broken and not slot.non_null:
            self.collector.land(one.coordinate, self.place(*steps), completed.cause)
            return None
        return completed

    def whole(self, one: Leaf | Inline, slot: Slot, value: Any, steps: Path) -> Any:
        if value is None:
            return None
        if slot.item is not None:
            return self.items(one, slot.item, listed(value), steps)
        if isinstance(one, Inline):
            return self.row(one.selection, value, steps)
        completed = one.coerce(one.mask(value) if one.mask else value)
        if completed is None or completed is Undefined:
            raise TypeError(f"{one.kind} made nothing of a value")
        return completed

    def items(self, one: Leaf | Inline, item: Slot, values: Any, steps: Path) -> Any:
        completed = []
        for index, value in enumerate(values):
            found = self.slot(one, item, value, (*steps, index))
            if found.__class__ is Broken:
                return found
            completed.append(found)
        return completed

    def broken(self, coordinate: str, steps: Path, error: Exception) -> Broken:
        place = self.place(*steps)
        pattern = ".".join([self.pattern, *("*" if isinstance(step, int) else step for step in steps)])
        self.collector.defect(pattern.removeprefix("."), coordinate, error, place)
        return Broken(place)

    def place(self, *steps: str | int) -> Frame:
        return self.frame.only((self.number,)).under(*steps)
