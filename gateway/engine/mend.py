"""The slow way to shape rows, used only when the compiled way refused: one value at a time, each error where it is.

Null propagation is the specification's: a null where the schema promises a value breaks its parent, up to the next
position that may be null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.engine.collect import Collector
from gateway.engine.frame import Frame, Path
from gateway.engine.plan import OWN, Blank, Branch, Field, Inline, Leaf, Selection, Slot, Typename
from gateway.engine.shape import BROKEN, Broken, listed

Columns = Sequence[Sequence[Any]]


def mended(
    selection: Selection, rows: Sequence[Any], facets: Columns, branches: Columns, frame: Frame, collector: Collector
) -> list[Any]:
    """One dict per row, or BROKEN for a row that has lost a value it promised."""
    mender = _Mender(selection, collector)
    return [
        mender.row(
            selection,
            row,
            frame.paths[index],
            [facet[index] for facet in facets],
            {id(branch): column[index] for branch, column in zip(selection.branches, branches, strict=True)},
        )
        for index, row in enumerate(rows)
    ]


def leaf_column(leaf: Leaf, slot: Slot, values: Sequence[Any], frame: Frame, collector: Collector) -> list[Any]:
    """A column of scalars that an edge answered, completed one by one."""
    mender = _Mender(None, collector)
    return [
        None if value is BROKEN else mender.slot(leaf, slot, value, (*frame.paths[index], leaf.key))
        for index, value in enumerate(values)
    ]


@dataclass(slots=True)
class _Mender:
    selection: Selection | None
    collector: Collector

    def row(self, selection: Selection, row: Any, path: Path, facets: Sequence[Any], branches: dict[int, Any]) -> Any:
        shaped: dict[str, Any] = {}
        for one in selection.fields:
            value = self.field(selection, one, row, path, facets, branches)
            if value is BROKEN:
                return BROKEN
            shaped[one.key] = value
        return shaped

    def field(
        self,
        selection: Selection,
        one: Field,
        row: Any,
        path: Path,
        facets: Sequence[Any],
        branches: dict[int, Any],
    ) -> Any:
        match one:
            case Typename():
                return selection.type
            case Blank():
                return None
            case Branch():
                return branches[id(one)]
            case Leaf() | Inline():
                source = row if one.origin == OWN else facets[one.origin]
                return self.slot(one, one.slot, self.read(one, source, (*path, one.key)), (*path, one.key))

    def read(self, one: Leaf | Inline, source: Any, path: Path) -> Any:
        try:
            return None if source is None else getattr(source, one.attribute)
        except Exception as error:  # a record without the attribute, or one that cannot compute it
            return self.broken(one, path, error)

    def slot(self, one: Leaf | Inline, slot: Slot, value: Any, path: Path) -> Any:
        """The completed value; None for a nullable position that could not be filled; BROKEN for one that had to be."""
        completed = self.whole(one, slot, value, path)
        if completed is BROKEN:
            return BROKEN if slot.non_null else None
        if completed is None and slot.non_null:
            return self.broken(one, path, Broken(f"null for {one.coordinate}, which promises a value"))
        return completed

    def whole(self, one: Leaf | Inline, slot: Slot, value: Any, path: Path) -> Any:
        if value is None or value is BROKEN:
            return value
        try:
            if slot.item is not None:
                inner = slot.item
                items = [self.slot(one, inner, item, (*path, index)) for index, item in enumerate(listed(value))]
                return BROKEN if any(item is BROKEN for item in items) else items
            if isinstance(one, Inline):
                return self.row(one.selection, value, path, (), {})
            return one.coerce(one.mask(value) if one.mask else value)
        except Exception as error:  # a value that its own type does not accept: our bug, and only this field's
            return self.broken(one, path, error)

    def broken(self, one: Leaf | Inline, path: Path, error: Exception) -> Any:
        pattern = ".".join("*" if isinstance(step, int) else step for step in path)
        self.collector.defect(pattern, one.coordinate, error, lambda: (path,))
        return BROKEN
