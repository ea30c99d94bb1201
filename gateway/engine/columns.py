"""Which attributes a plan reads of the records that edges and facets give: what is fetched, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.engine.plan import Branch, Edge, Field, Gate, Inline, Leaf, Rows
from resolvers.backends.base import Columns


def columns_below(below: Mapping[str, Rows | None]) -> Columns:
    """Attributes wanted of the records an edge leads to; named by type where it can lead to several."""
    several = len(below) > 1
    return frozenset(
        f"{name}.{column}" if several else column
        for name, rows in below.items()
        if rows is not None
        for column in columns_of(rows)
    )


def columns_of(rows: Rows) -> Columns:
    """Behind a gate nothing is fetched but what the rules themselves need."""
    if isinstance(rows, Gate):
        return rows.needs
    return frozenset(column for one in rows.fields for column in columns_of_field(one))


def columns_of_field(one: Field) -> Iterable[str]:
    match one:
        case Leaf():
            yield one.attribute
        case Inline():
            yield one.attribute
            yield from (f"{one.attribute}.{column}" for column in columns_of(one.selection))
        case Branch(edge=Edge() as edge):
            yield from edge.binding.needs
        case Branch():
            yield one.attribute
            yield from (f"{one.attribute}.{column}" for column in columns_below(one.below))
