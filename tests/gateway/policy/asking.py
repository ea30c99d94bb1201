"""One question for all that a row shows by itself, and what of its answer a caller is to get: a naive reading of policy,
one value at a time, with the decisions of somebody else (`second_opinion.py`).

A field that leads to other rows is asked only whether it is there: those rows stand to the caller in their own way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from gateway.engine.graph import Graph
from gateway.policy import SEEN, Sight, Verdict
from gateway.policy.masks import FITS, MASKS, WITHIN
from schema import Category
from tests.gateway.questions.values import Rows, Values

Decide = Callable[[Category], Sight]
"""What a caller sees of a category, on the row in question."""


OTHERWISE = frozenset({"Customer.timeline"})
"""What is in it hangs on several categories of its row, and asks every system: see tests/journeys/test_timeline.py."""

ELSEWHERE = frozenset({"Factor.weight"})
"""What hangs on no row: a weight is of a place in the support queue, and the conditions of a proposal have none. See
tests/journeys/test_what_next.py."""
LOGGED = frozenset({Category.ACCESS, Category.ACCESSOR})
"""What only the log of who has seen whom is of: it is no row's, and asked for by whom it is about. See
tests/gateway/trail/test_reading.py."""
GIVEN = {"Customer.nextBestActions(includeSuppressed:)": "true"}
"""Arguments that could be left out, and without which something would not be shown."""


class Anything:
    """In place of what depends on how other rows stand to the caller, or is not the same for two callers."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a caller sees. `there`: whether rows of a type are there for them: all, none, or it depends (None)."""

    decide: Decide
    there: Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field to ask for. `of`: the name of its type; `leads`: the types of the rows it leads to; `hangs`: whether it is
    worked out of what else the caller may see, and so is not the same for two of them."""

    name: str
    coordinate: str
    category: Category
    of: str
    arguments: str = ""
    below: tuple[Field, ...] = ()
    leads: tuple[str, ...] = ()
    leaf: bool = False
    hangs: bool = False

    def __str__(self) -> str:
        inner = " ".join(map(str, self.below)) or ("" if self.leaf else "__typename")
        return f"{self.name}{self.arguments}{f' {{ {inner} }}' if inner else ''}"

    @property
    def own(self) -> bool:
        return self.category is not Category.INHERITED

    @property
    def alone(self) -> bool:
        """Whether what it holds is all of other categories than its own: other rows, or parts for somebody else."""
        return not self.leaf and not any(not one.own for one in self.below)

    def only(self, wanted: Callable[[Field], bool], inside: bool = False) -> Field | None:
        """What is left of it with the fields that are wanted, what they hold, and what one goes through to get there.
        `inside`: of a field that is wanted, of which this is a part."""
        kept = wanted(self) if self.own else inside
        below = tuple(left for one in self.below if (left := one.only(wanted, kept)))
        bare = kept and (self.own or not self.below)
        return replace(self, below=below) if bare or below else None


@dataclass(frozen=True, slots=True)
class Selections:
    """Makes what is asked for of a type."""

    graph: Graph
    values: Rows

    def of(self, kind: GraphQLObjectType) -> tuple[Field, ...]:
        return tuple(self._field(kind, name) for name in kind.fields if f"{kind.name}.{name}" not in OTHERWISE)

    def _field(self, owner: GraphQLObjectType, name: str) -> Field:
        definition, coordinate = owner.fields[name], f"{owner.name}.{name}"
        named = get_named_type(definition.type)
        leads = () if is_leaf_type(named) else tuple(sorted(self._rows(named, set())))
        below = () if leads or is_leaf_type(named) else self.of(named)
        arguments = self._arguments(coordinate, definition.args)
        bound = self.graph.binding(owner.name, name)
        return Field(
            name,
            coordinate,
            self.graph.categories[coordinate],
            named.name,
            arguments,
            below,
            leads,
            is_leaf_type(named),
            bool(bound and bound.asks),
        )

    def _rows(self, named: Any, seen: set[str]) -> Iterator[str]:
        """Types of the rows that a value is, or that a page or a match wraps."""
        if named.name in seen or is_leaf_type(named):
            return
        seen.add(named.name)
        if not isinstance(named, GraphQLObjectType):
            for kind in self.graph.schema.get_possible_types(named):
                yield from self._rows(kind, seen)
        elif self.graph.row_category(named.name) is not None:
            yield named.name
        else:
            for name, field in named.fields.items():
                if self.graph.binding(named.name, name) is None:
                    yield from self._rows(get_named_type(field.type), seen)

    def _arguments(self, coordinate: str, definitions: Any) -> str:
        values = Values(self.values, Random(coordinate))
        given = {
            name: written(values.of(f"{coordinate}({name}:)", argument.type), get_named_type(argument.type))
            for name, argument in definitions.items()
            if is_required_argument(argument)
        }
        given |= {name: GIVEN[at] for name in definitions if (at := f"{coordinate}({name}:)") in GIVEN}
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""


def written(value: Any, kind: Any) -> str:
    """A value as it is written in a document."""
    if isinstance(value, list):
        return f"[{', '.join(written(one, kind) for one in value)}]"
    if isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        inner = (f"{name}: {written(one, get_named_type(kind.fields[name].type))}" for name, one in value.items())
        return f"{{{', '.join(inner)}}}"
    return str(value) if isinstance(kind, GraphQLEnumType) else json.dumps(value)


# -- what is to be answered -------------------------------------------------------------------------------------------


def expected(field: Field, canary: Any, seen: Seen, around: str = "") -> Any:
    """What a caller gets where who sees everything gets `canary`. `around`: the mask on the value it is inside of."""
    sight = seen.decide(field.category) if field.own else SEEN
    mask = sight.kind or ("" if field.own else around)
    if sight.verdict is Verdict.WITHHELD:
        return None
    if field.hangs:
        return Anything()
    if canary is None:
        return None
    if mask and not _fits(field, mask):
        return None if sight.kind else canary
    if field.leads:
        return _led(field, canary, seen)
    return (
        [_one(field, item, seen, mask) for item in canary]
        if isinstance(canary, list)
        else _one(field, canary, seen, mask)
    )


def _one(field: Field, canary: Any, seen: Seen, mask: str) -> Any:
    if isinstance(canary, dict) and not field.below:
        return {"__typename": field.of}
    if field.leaf and field.name.lower().endswith("cursor"):  # sealed for a class of callers
        return Anything()
    if isinstance(canary, dict):
        return {one.name: expected(one, canary[one.name], seen, mask) for one in field.below}
    return _masked(mask, field.of, canary) if mask and canary is not None else canary


def _led(field: Field, canary: Any, seen: Seen) -> Any:
    there = {seen.there(kind) for kind in field.leads}
    return canary if there == {True} else None if there == {False} else Anything()


def _fits(field: Field, mask: str) -> bool:
    """A mask fits on a value of its own kind, or on the one number of an object of plain values."""
    if not field.below:
        return not field.leads and field.of in FITS[mask]
    plain = all(not one.below and not one.leads for one in field.below)
    return mask in WITHIN and plain and sum(one.of in FITS[mask] for one in field.below) == 1


def _masked(mask: str, kind: str, canary: Any) -> Any:
    read: Callable[[Any], Any] = {
        "Decimal": Decimal,
        "DateTime": datetime.fromisoformat,
        "Date": date.fromisoformat,
    }.get(kind, str)
    shown = MASKS[mask](read(canary))
    return shown.isoformat() if isinstance(shown, date) else str(shown)


def leaves(value: Any) -> Iterator[str]:
    """Every text in an answer but names of types."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "__typename":
                yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


def reached(fields: tuple[Field, ...], value: Any) -> Iterator[str]:
    """Coordinates that a row has something at."""
    for item in value if isinstance(value, list) else [value]:
        for field in fields if isinstance(item, dict) else ():
            if (inner := item.get(field.name)) not in (None, []):
                yield field.coordinate
                yield from reached(field.below, inner)


def asked_for(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from asked_for(field.below)
