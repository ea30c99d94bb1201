"""The part of a schema that a caller may name: what lies outside is, in every message, as if it had never been there.

A coordinate stays when its category may be named. With a field go the types that nothing else leads to; with an
argument that must be given, its field; with its last field, choice or member, a type. What is left is a schema of its
own, for validation, coercion, introspection and SDL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
)

from schema import Category

Composite = GraphQLObjectType | GraphQLInterfaceType


def nameable(
    schema: GraphQLSchema, categories: Mapping[str, Category], shown: Callable[[Category], bool]
) -> GraphQLSchema:
    """`shown`: whether coordinates of a category may be named. The query type has to keep a field."""
    return _Rebuilt(schema, _Kept.of(schema, categories, shown)).schema()


@dataclass(slots=True)
class _Kept:
    """Which coordinates stay. Found by taking away until nothing more falls."""

    schema: GraphQLSchema
    categories: Mapping[str, Category]
    shown: Callable[[Category], bool]
    gone: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, schema: GraphQLSchema, categories: Mapping[str, Category], shown: Callable[[Category], bool]) -> _Kept:
        kept = cls(schema, categories, shown)
        while fallen := {kind.name for kind in schema.type_map.values() if kept._empty(kind)} - kept.gone:
            kept.gone |= fallen
        return kept

    def _may(self, coordinate: str) -> bool:
        category = self.categories.get(coordinate, Category.INHERITED)
        return category is Category.INHERITED or self.shown(category)

    def _empty(self, kind: GraphQLNamedType) -> bool:
        if is_introspection_type(kind) or isinstance(kind, GraphQLScalarType):
            return False
        if not self._may(kind.name):
            return True
        match kind:
            case GraphQLObjectType():
                return not any(self.fields(kind))
            case GraphQLInterfaceType():
                return not any(self.fields(kind)) or not any(self.members(kind))
            case GraphQLUnionType():
                return not any(self.members(kind))
            case GraphQLInputObjectType():
                kept = dict(self.inputs(kind))
                return not kept or any(is_required_input_field(f) for n, f in kind.fields.items() if n not in kept)
            case GraphQLEnumType():
                return not any(self.choices(kind))
        return False

    def fields(self, kind: Composite) -> Iterator[tuple[str, GraphQLField]]:
        for name, one in kind.fields.items():
            at = f"{kind.name}.{name}"
            if self._may(at) and get_named_type(one.type).name not in self.gone:
                kept = dict(self.arguments(at, one))
                if not any(is_required_argument(a) for name, a in one.args.items() if name not in kept):
                    yield name, one

    def arguments(self, coordinate: str, of: GraphQLField) -> Iterator[tuple[str, GraphQLArgument]]:
        for name, one in of.args.items():
            if self._may(f"{coordinate}({name}:)") and get_named_type(one.type).name not in self.gone:
                yield name, one

    def inputs(self, kind: GraphQLInputObjectType) -> Iterator[tuple[str, Any]]:
        for name, one in kind.fields.items():
            if self._may(f"{kind.name}.{name}") and get_named_type(one.type).name not in self.gone:
                yield name, one

    def choices(self, kind: GraphQLEnumType) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in kind.values.items() if self._may(f"{kind.name}.{name}"))

    def members(self, kind: GraphQLInterfaceType | GraphQLUnionType) -> Iterator[GraphQLObjectType]:
        return (one for one in self.schema.get_possible_types(kind) if one.name not in self.gone)

    def interfaces(self, kind: Composite) -> list[GraphQLInterfaceType]:
        return [one for one in kind.interfaces if one.name not in self.gone]


@dataclass(slots=True)
class _Rebuilt:
    """Types anew, made when something kept leads to them."""

    old: GraphQLSchema
    kept: _Kept
    made: dict[str, Any] = field(default_factory=dict)
    through: list[GraphQLObjectType] = field(default_factory=list)

    def schema(self) -> GraphQLSchema:
        query, mutation = self._root(self.old.query_type), self._root(self.old.mutation_type)
        subscription = self._root(self.old.subscription_type)
        self._reach()
        return GraphQLSchema(
            query,
            mutation,
            subscription,
            types=self.through,
            directives=self.old.directives,
            description=self.old.description,
            extensions=self.old.extensions,
        )

    def _root(self, old: GraphQLObjectType | None) -> GraphQLObjectType | None:
        return self.named(old) if old and old.name not in self.kept.gone else None

    def _reach(self) -> None:
        """Look at all that has been made, and at what that leads to: fields are made when they are first looked at."""
        seen: set[str] = set()
        while waiting := [kind for name, kind in self.made.items() if name not in seen]:
            for kind in waiting:
                seen.add(kind.name)
                getattr(kind, "fields", None)
                getattr(kind, "types", None)
                getattr(kind, "interfaces", None)

    def type(self, old: Any) -> Any:
        match old:
            case GraphQLNonNull():
                return GraphQLNonNull(self.type(old.of_type))
            case GraphQLList():
                return GraphQLList(self.type(old.of_type))
        return self.named(old, led_to=True)

    def named(self, old: GraphQLNamedType, *, led_to: bool = False) -> Any:
        """`led_to`: a field has this type; of an interface, its members are then within reach as well."""
        if isinstance(old, GraphQLScalarType) or is_introspection_type(old):
            return old
        if old.name not in self.made:
            self.made[old.name] = self._made(old)
        if led_to and isinstance(old, GraphQLInterfaceType) and old.name not in {k.name for k in self.through}:
            for member in self.kept.members(old):
                if member.name not in {kind.name for kind in self.through}:
                    self.through.append(self.named(member))
        return self.made[old.name]

    def _made(self, old: GraphQLNamedType) -> Any:
        given: dict[str, Any] = dict(old.to_kwargs())
        match old:
            case GraphQLObjectType() | GraphQLInterfaceType():
                given |= {"fields": lambda: self._fields(old), "interfaces": lambda: self._interfaces(old)}
            case GraphQLUnionType():
                given |= {"types": lambda: [self.named(one) for one in self.kept.members(old)]}
            case GraphQLInputObjectType():
                given |= {"fields": lambda: self._inputs(old)}
            case GraphQLEnumType():
                return _fewer(old, dict(self.kept.choices(old)))
        return type(old)(**given)

    def _interfaces(self, old: Composite) -> list[GraphQLInterfaceType]:
        return [self.named(one) for one in self.kept.interfaces(old)]

    def _fields(self, old: Composite) -> dict[str, GraphQLField]:
        return {name: self._field(f"{old.name}.{name}", one) for name, one in self.kept.fields(old)}

    def _field(self, coordinate: str, old: GraphQLField) -> GraphQLField:
        arguments = {
            name: GraphQLArgument(**one.to_kwargs() | {"type_": self.type(one.type)})
            for name, one in self.kept.arguments(coordinate, old)
        }
        return GraphQLField(**old.to_kwargs() | {"type_": self.type(old.type), "args": arguments})

    def _inputs(self, old: GraphQLInputObjectType) -> dict[str, Any]:
        return {
            name: type(one)(**one.to_kwargs() | {"type_": self.type(one.type)}) for name, one in self.kept.inputs(old)
        }


def _fewer(old: GraphQLEnumType, values: dict[str, Any]) -> GraphQLEnumType:
    """Strawberry's enum types cannot be made again from what they say of themselves, so this is a copy."""
    new: GraphQLEnumType = object.__new__(type(old))
    new.__dict__.update({name: one for name, one in old.__dict__.items() if name != "_value_lookup"})
    new.values = values
    return new
