"""A schema with its categories and bindings: everything the engine needs to know about one graph, checked at start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_non_null_type,
)

from gateway.engine.fresh import ALL_LIVE, Ages, Needs
from gateway.engine.plan import Slot
from gateway.engine.shape import Codes
from resolvers.binding import Binding, Bindings
from schema import Category
from schema.coverage import DEFINITION, attribute, categories, core


class Unbound(TypeError):
    """An edge nobody resolves, or a resolver for something the schema does not have. The start is refused."""


@dataclass(frozen=True, slots=True)
class Position:
    """What of a field is the same for all who ask for it. `named`: the type at its end; `reachable`: its arguments, and
    all that can be given in them, each with its category."""

    coordinate: str
    category: Category
    definition: GraphQLField
    slot: Slot
    named: Any
    leaf: bool
    attribute: str
    binding: Binding | None
    reachable: Mapping[str, Category]


@dataclass(frozen=True)
class Graph:
    """Immutable once built; shared by every request."""

    schema: GraphQLSchema
    categories: Mapping[str, Category]
    bindings: Bindings
    ages: Ages = ALL_LIVE

    @classmethod
    def build(cls, declared: strawberry.Schema, bindings: Bindings, ages: Ages = ALL_LIVE) -> Graph:
        """`ages`: how old answers may be, by category."""
        graph = cls(core(declared), categories(declared), bindings, ages)
        for problem in graph._problems():
            raise Unbound(problem)
        return graph

    @property
    def query(self) -> GraphQLObjectType:
        return self.root(OperationType.QUERY)

    @property
    def mutation(self) -> GraphQLObjectType | None:
        return self.schema.mutation_type

    def root(self, operation: OperationType) -> GraphQLObjectType:
        root = self.schema.get_root_type(operation)
        if root is None:
            raise Unbound(f"the schema has no {operation.value} type")
        return root

    def holder(self, name: str) -> GraphQLObjectType:
        """An object type by name, as this graph has it: a schema built again has types of its own."""
        kind = self.schema.type_map[name]
        if not isinstance(kind, GraphQLObjectType):
            raise Unbound(f"{name} is no object type")
        return kind

    def binding(self, owner: str, field: str) -> Binding | None:
        return self.bindings.fields.get((owner, field))

    def row_category(self, owner: str) -> Category | None:
        """Why one would need to know that such a row exists; None for values that belong to the row they hang from."""
        return self.categories.get(owner)

    def attribute(self, owner: GraphQLObjectType, field: str) -> str:
        return attribute(owner.fields[field]) or field

    def position(self, owner: GraphQLObjectType, field: str) -> Position:
        known = self._positions.get((owner.name, field))
        return known or self._positions.setdefault((owner.name, field), self._position(owner, field))

    @cached_property
    def _positions(self) -> dict[tuple[str, str], Position]:
        return {}

    def _position(self, owner: GraphQLObjectType, field: str) -> Position:
        definition, at = owner.fields[field], f"{owner.name}.{field}"
        named = get_named_type(definition.type)
        given = definition.args.items()
        reachable = (one for name, argument in given for one in self.argument_coordinates(at, name, argument.type))
        return Position(
            at,
            self.categories[at],
            definition,
            slot_of(definition.type),
            named,
            is_leaf_type(named),
            self.attribute(owner, field),
            self.binding(owner.name, field),
            {one: self.categories[one] for one in reachable},
        )

    @cached_property
    def live(self) -> Graph:
        """The same, with nothing of it that may have been said a while ago."""
        return replace(self, ages=ALL_LIVE)

    @cached_property
    def needs(self) -> Needs:
        """What columns are needed for, to tell how old they may be."""
        types = [t for t in self.schema.type_map.values() if isinstance(t, GraphQLObjectType)]
        shown = {(t.name, self.attribute(t, name)): f"{t.name}.{name}" for t in types for name in t.fields}
        known = {at: self.categories[field] for at, field in shown.items() if field in self.categories}
        return Needs(self.categories, known)

    @cached_property
    def codes(self) -> Codes:
        return Codes()

    @cached_property
    def inputs(self) -> Mapping[str, frozenset[str]]:
        """For every input type, the coordinates of all input fields and choices that can be reached through it."""
        types = [t for t in self.schema.type_map.values() if isinstance(t, GraphQLInputObjectType | GraphQLEnumType)]
        return {t.name: frozenset(_reachable(t, set())) & self.categories.keys() for t in types}

    @cached_property
    def first_rows(self) -> Mapping[object, tuple[GraphQLObjectType, ...]]:
        """Of every composite type of this schema, what `first_rows` tells of it."""
        return {one: first_rows(self, one) for one in self.schema.type_map.values() if is_composite_type(one)}

    @cached_property
    def leading(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Fields of object types, each with its owner, by the type that they lead to by themselves."""
        found = defaultdict[str, list[tuple[str, str]]](list)
        for owner in self.schema.type_map.values():
            if isinstance(owner, GraphQLObjectType) and DEFINITION in owner.extensions:
                for name, field in owner.fields.items():
                    found[get_named_type(field.type).name].append((owner.name, name))
        return found

    def argument_coordinates(self, coordinate: str, name: str, kind: GraphQLInputType) -> frozenset[str]:
        """An argument, and all input fields and choices below it."""
        return frozenset({f"{coordinate}({name}:)"}) | self.inputs.get(get_named_type(kind).name, frozenset())

    def _problems(self) -> Iterator[str]:
        for (owner, field), binding in self.bindings.fields.items():
            holder = self.schema.type_map.get(owner)
            if not isinstance(holder, GraphQLObjectType) or field not in holder.fields:
                yield f"{binding.batch.__qualname__} resolves {owner}.{field}, which the schema does not have"
            elif binding.facet and holder.fields[field].args:
                yield f"{owner}.{field} takes arguments, so it cannot be a facet"
            elif binding.facet and is_non_null_type(holder.fields[field].type):
                yield f"{owner}.{field} promises a value that a system is asked for, and may not give"
        for holder in self.schema.type_map.values():
            if isinstance(holder, GraphQLObjectType) and DEFINITION in holder.extensions:
                yield from self._unbound(holder)
        yield from self._unrelated()

    def _unrelated(self) -> Iterator[str]:
        known = {name for _, name in self.bindings.relations}
        for owner, name in self.bindings.relations:
            if owner not in self.categories:
                yield f"the relation {name!r} is bound to {owner}, whose rows do not stand on their own"
        for (owner, field), binding in self.bindings.fields.items():
            for name in sorted((binding.pushes | binding.passes_on) - known):
                yield f"{owner}.{field} applies the relation {name!r}, which no rows have"

    def _unbound(self, holder: GraphQLObjectType) -> Iterator[str]:
        for name, field in holder.fields.items():
            is_edge = field.extensions[DEFINITION].base_resolver is not None or holder in (self.query, self.mutation)
            if is_edge and (holder.name, name) not in self.bindings.fields:
                yield f"{holder.name}.{name} is an edge that nobody resolves"


def slot_of(kind: GraphQLOutputType) -> Slot:
    non_null = isinstance(kind, GraphQLNonNull)
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return Slot(non_null, slot_of(inner.of_type) if isinstance(inner, GraphQLList) else None)


def _reachable(kind: GraphQLNamedType, seen: set[str]) -> Iterator[str]:
    if kind.name in seen:
        return
    seen.add(kind.name)
    match kind:
        case GraphQLEnumType():
            yield from (f"{kind.name}.{name}" for name in kind.values)
        case GraphQLInputObjectType():
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}"
                yield from _reachable(get_named_type(field.type), seen)


def first_rows(graph: Graph, named: object) -> tuple[GraphQLObjectType, ...]:
    """The first types on the way down whose rows stand on their own: of a page of orders, the order."""
    return tuple({kind.name: kind for kind in _first_rows(graph, named, frozenset())}.values())


def _first_rows(graph: Graph, named: object, seen: frozenset[str]) -> Iterator[GraphQLObjectType]:
    if not is_composite_type(named):
        return
    for kind in possible_types(graph.schema, named):
        if graph.row_category(kind.name) is not None:
            yield kind
        elif kind.name not in seen:
            for name, field in kind.fields.items():
                if graph.binding(kind.name, name) is None:
                    yield from _first_rows(graph, get_named_type(field.type), seen | {kind.name})


def possible_types(schema: GraphQLSchema, kind: object) -> list[GraphQLObjectType]:
    """The concrete types a composite position can hold."""
    if isinstance(kind, GraphQLObjectType):
        return [kind]
    possible = schema.get_possible_types(kind)  # type: ignore[arg-type]  # every composite but an object is abstract
    return sorted(possible, key=lambda t: t.name)
