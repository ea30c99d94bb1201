"""What systems may be asked for a role, whatever its questions: told from the bindings and from the table of sources.

No list is kept by hand. A column may be asked for when a field that the role sees is read from it, when it is a key of
rows that such a field leads to, when a row rule has to be known, or when a value that the role sees is worked out of it:
then its binding says so, by its `inputs` and by operations that are there for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphql import get_named_type

from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.engine.register import SourceRow, source_rows
from gateway.policy.grants import Grants, bits
from resolvers.backends.base import Operation
from resolvers.binding import Binding
from schema import Category
from tests.gateway.questions.harvest import Harvest
from tests.gateway.questions.ways import ASIDE

Column = tuple[str, str]
"""A system and the wire's name of a column."""

KEYS = frozenset({("oracle_om", "OrderNumber"), ("netsuite", "transactionline.item")})
"""Columns that rows of a system are told apart by, and that are shown to nobody for that: orders are paged through by
their numbers, and a line of an invoice is one of goods when it has an item at all."""


@dataclass(frozen=True, slots=True)
class Askable:
    """Systems that have anything for a role, and the columns that are there only for others."""

    systems: frozenset[str]
    withheld: frozenset[Column]

    @classmethod
    def of(cls, harvest: Harvest, grants: Grants) -> Askable:
        sources = Sources(harvest.graph, grants)
        facts = {one for relation in grants.relations for one in harvest.facts[relation]}
        allowed = {*facts, *sources.links(), *sources.elsewhere(), *sources.worked_with(), *sources.read()}
        systems = {system for system, _ in allowed} | set(sources.systems())
        # what is only worked with, in values that we work out, is a link or another field's own
        columns = {(row.system, column) for row, _ in sources.leaves if row.mode == "LIVE" for column in row.columns}
        return cls(frozenset(systems), frozenset(columns - KEYS - allowed))


@dataclass(frozen=True)
class Sources:
    """Where what a role sees comes from."""

    graph: Graph
    grants: Grants

    @cached_property
    def rows(self) -> Sequence[SourceRow]:
        return source_rows(self.graph)

    @cached_property
    def leaves(self) -> Sequence[tuple[SourceRow, Category]]:
        return list(_leaves(self.rows))

    @cached_property
    def shown(self) -> Sequence[tuple[tuple[str, str], Binding]]:
        """Bindings of fields that are shown, on rows that are; what no question asks for excuses no call."""
        found = []
        for (kind, name), one in self.graph.bindings.fields.items():
            row = self.graph.row_category(kind)
            if self._ever(f"{kind}.{name}") and (row is None or self.grants.decide(row).ever):
                found.append(((kind, name), one))
        return [one for one in found if ".".join(one[0]) not in ASIDE]

    @cached_property
    def alone(self) -> frozenset[tuple[str, str]]:
        """Operations that only values ask which we work out: no row is read from them."""
        every = {
            (one.derived, _called(operation)) for one in self.graph.bindings.fields.values() for operation in one.source
        }
        return frozenset(called for derived, called in every if derived and (False, called) not in every)

    def _ever(self, coordinate: str) -> bool:
        return self.grants.decide(self.graph.categories[coordinate]).ever

    @cached_property
    def seen(self) -> Sequence[SourceRow]:
        """Leaves that are shown, on rows that are, behind fields that are."""
        said = {row.field: Category(row.category) for row in self.rows}
        found = []
        for row, category in self.leaves:
            start = self.graph.row_category(row.field.partition(".")[0]) or Category.PUBLIC
            way = {start, category, *(said[at] for at in _above(row.field) if at in said)} - {Category.INHERITED}
            if all(self.grants.decide(one).ever for one in way):
                found.append(row)
        return found

    def read(self) -> Iterator[Column]:
        """Columns that fields show as they are."""
        for row in self.seen:
            if row.mode == "LIVE":
                yield from ((row.system, column) for column in row.columns)

    def systems(self) -> Iterator[str]:
        """Behind fields that are shown: of each the first that it may come from, and all the others. What leads to rows of
        any kind asks no other by itself, nor does what looks into those that have something for the caller."""
        yield from (row.system for row in self.seen if row.operation)
        for (kind, _), one in self.shown:
            if kind != self.graph.query.name and not one.asks:
                yield from (operation.backend for operation in one.source)

    def links(self) -> Iterator[Column]:
        """Columns with the keys of other rows, for fields that lead there: fetched, and not shown."""
        for (kind, _), one in self.shown:
            for operation in _telling(self.graph, kind) if one.needs else ():
                yield from ((operation.backend, wire) for need in one.needs for wire in operation.columns.get(need, ()))

    def elsewhere(self) -> Iterator[Column]:
        """Columns of a second system that a field comes from: the table of sources names the first. Those of the field,
        where the operation calls them so, else all it has."""
        first = {(row.system, row.operation) for row in self.rows}
        for (kind, name), one in self.shown:
            attribute = self.graph.attribute(self.graph.holder(kind), name)
            # what is looked up by leads to rows, whose own fields say what may be asked for
            looks_up = kind == self.graph.query.name or one.asks or one.derived
            for operation in () if looks_up else one.source:
                if _called(operation) not in first:
                    own = {
                        wire for known, wires in operation.columns.items() if _is_of(known, attribute) for wire in wires
                    }
                    yield from ((operation.backend, wire) for wire in own or _columns(operation))

    def worked_with(self) -> Iterator[Column]:
        """Columns that values are worked out of."""
        for (_, name), one in self.shown:
            if one.derives(name):
                yield from self._behind(one, frozenset())

    def _behind(self, one: Binding, known: frozenset[str]) -> Iterator[Column]:
        for operation in one.source:
            if _called(operation) in self.alone:
                yield from ((operation.backend, wire) for wire in _columns(operation))
        for at in one.inputs:
            # of what it looks up by, it may use what the caller sees
            if at not in known and (self.graph.categories[at] not in one.asks or self._ever(at)):
                yield from self._of_input(at, known | {at})

    def _of_input(self, at: str, known: frozenset[str]) -> Iterator[Column]:
        owner, _, name = at.partition(".")
        bound = self.graph.binding(owner, name)
        if bound and bound.derives(name):
            yield from self._behind(bound, known)
        ways = tuple(row.field for row in self.rows if row.coordinate == at)
        below = tuple(f"{way}." for way in ways)
        for row in self.rows:
            if row.mode == "LIVE" and (row.field in ways or row.field.startswith(below)):
                yield from ((row.system, column) for column in row.columns)


def _called(operation: Operation[object]) -> tuple[str, str]:
    return operation.backend, operation.name


def _columns(operation: Operation[object]) -> set[str]:
    return {wire for wires in operation.columns.values() for wire in wires}


def _telling(graph: Graph, kind: str) -> set[Operation[object]]:
    """Operations that tell of rows of a type: for fields that lead there, and for its own."""
    judge = Judge(graph, Grants(bits(Category)))
    found: set[Operation[object]] = set()
    for (owner, name), one in graph.bindings.fields.items():
        to = {row.name for row in judge.rows_below(get_named_type(graph.holder(owner).fields[name].type))}
        if kind in to or kind == owner:
            found |= set(one.source)
    return found


def _is_of(known: str, attribute: str) -> bool:
    return known == attribute or known.startswith(f"{attribute}.")


def _leaves(rows: Sequence[SourceRow]) -> Iterator[tuple[SourceRow, Category]]:
    """Rows that are no whole of other rows, with the category that counts for them."""
    said = {row.field: Category(row.category) for row in rows}
    wholes = {above for row in rows if row.columns for above in _above(row.field)}
    for row in rows:
        if row.field not in wholes:
            yield (
                row,
                next(
                    said[at]
                    for at in (row.field, *_above(row.field))
                    if said.get(at, Category.INHERITED) is not Category.INHERITED
                ),
            )


def _above(way: str) -> Iterator[str]:
    """The fields that a field of the source table hangs from, the nearest first."""
    while (way := way.rpartition(".")[0]).count("."):
        yield way
