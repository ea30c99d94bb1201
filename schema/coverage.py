"""Nothing is forgotten: every coordinate of the built schema has a category, or the start is refused.

Works on any Strawberry schema that uses this vocabulary, ours or another. Coordinates are spelled as the GraphQL
specification spells them: ``Customer``, ``Customer.email``, ``Customer.orders(first:)``, ``CustomerBy.email``,
``CustomerSort.NAME_ASC``.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_non_null_type,
)

from schema.classification import Category, NeedToKnow
from schema.given import read_as_documented

DEFINITION = "strawberry-definition"
CATEGORIES = "categories"
"""Where a schema that has been gone through keeps what was found: to go through it is a good part of a start."""
SAFE = frozenset({Category.PUBLIC, Category.INHERITED})
Composite = GraphQLObjectType | GraphQLInterfaceType


class Unclassified(TypeError):
    """A coordinate that nobody has said the purpose of."""


class Overpromised(TypeError):
    """A non-null field that may be withheld, or that hangs on a backend being up."""


class Contradicted(TypeError):
    """A coordinate with two categories, or a field or argument of another category than the interface gives it."""


def classify(built: strawberry.Schema) -> strawberry.Schema:
    """Check every coordinate, print its category beside it (`@needToKnow`), let validation itself see `@oneOf`, and
    have what is given for scalars read strictly (`given`)."""
    found = dict[str, Category]()
    for coordinate, definition, category in _walk(core(built)):
        found[coordinate] = category
        if definition is not None and category is not Category.INHERITED:
            definition.directives = [NeedToKnow(category=category.value)]
        _check_promise(core(built), coordinate, category)
    for named in core(built).type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            named.is_one_of = bool(named.extensions[DEFINITION].is_one_of)
    read_as_documented(core(built), DEFINITION)
    core(built).extensions[CATEGORIES] = found
    return built


def categories(built: strawberry.Schema) -> Mapping[str, Category]:
    """Every coordinate with its category. A type has one when its rows stand on their own."""
    known: Mapping[str, Category] | None = core(built).extensions.get(CATEGORIES)
    return known or {coordinate: category for coordinate, _, category in _walk(core(built))}


def core(built: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema behind a Strawberry one."""
    return built._schema


def attribute(field: GraphQLField) -> str | None:
    """The Python name of a field: the attribute its value has on a record."""
    definition = field.extensions.get(DEFINITION)
    return definition.python_name if definition else None


class Hints(dict[type, dict[str, Any]]):
    """Annotations by class: evaluated once for all of its fields, which is most of what a walk takes."""

    def __missing__(self, origin: type) -> dict[str, Any]:
        self[origin] = typing.get_type_hints(origin, include_extras=True)
        return self[origin]

    def of(self, named: GraphQLNamedType) -> dict[str, Any]:
        return self[named.extensions[DEFINITION].origin]


def _walk(schema: GraphQLSchema) -> Iterator[tuple[str, Any, Category]]:
    answered, hints = _answered(schema), Hints()
    for named in sorted(schema.type_map.values(), key=lambda t: t.name):
        if DEFINITION not in named.extensions:
            _check_stranger(named)
            continue
        match named:
            case GraphQLObjectType() | GraphQLInterfaceType():
                yield from _row(named)
                yield from _fields(schema, named, hints)
            case GraphQLInputObjectType():
                yield from _inputs(named, hints)
            case GraphQLEnumType():
                yield from _choices(named, only_given=named.name not in answered)


def _answered(schema: GraphQLSchema) -> frozenset[str]:
    """Types that fields answer with. An enum among them belongs to its fields; of any other, which only callers give,
    each value says by itself what one would need to know to choose it."""
    holders = (kind for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType))
    return frozenset(get_named_type(field.type).name for kind in holders for field in kind.fields.values())


def _choices(named: GraphQLEnumType, *, only_given: bool) -> Iterator[tuple[str, Any, Category]]:
    for value in named.extensions[DEFINITION].values:
        at = f"{named.name}.{value.name}"
        given = _marked(value.directives, at)
        if given is not None:
            yield at, None, _by_itself(given, at)
        elif only_given:
            raise Unclassified(f"{at} has no need-to-know category")


def _row(named: Composite) -> Iterator[tuple[str, Any, Category]]:
    given = _marked(named.extensions[DEFINITION].directives or (), named.name)
    if given is not None:
        yield named.name, None, _by_itself(given, named.name)


def _fields(schema: GraphQLSchema, named: Composite, hints: Hints) -> Iterator[tuple[str, Any, Category]]:
    alone = any(_row(named)) or named in (schema.query_type, schema.mutation_type, schema.subscription_type)
    for name, field in named.fields.items():
        coordinate, definition = f"{named.name}.{name}", field.extensions[DEFINITION]
        category = _field(named, name, hints)
        if category is Category.INHERITED and alone:
            raise Unclassified(f"{coordinate} has nothing to inherit a category from: {named.name} stands on its own")
        _check_interfaces(named, name, category, hints)
        yield coordinate, definition, category
        for spelled in field.args:
            yield (
                f"{coordinate}({spelled}:)",
                field.args[spelled].extensions[DEFINITION],
                _argument(named, name, spelled),
            )


def _field(named: Composite, name: str, hints: Hints) -> Category:
    definition = named.fields[name].extensions[DEFINITION]
    said: Category | None = definition.metadata.get("category")
    return said or _said(hints.of(named).get(definition.python_name), f"{named.name}.{name}")


def _argument(named: Composite, name: str, spelled: str) -> Category:
    at = f"{named.name}.{name}({spelled}:)"
    return _by_itself(_said(named.fields[name].args[spelled].extensions[DEFINITION].type_annotation.annotation, at), at)


def _inputs(named: GraphQLInputObjectType, hints: Hints) -> Iterator[tuple[str, Any, Category]]:
    for name, field in named.fields.items():
        definition = field.extensions[DEFINITION]
        yield (
            f"{named.name}.{name}",
            definition,
            _said(hints.of(named).get(definition.python_name), f"{named.name}.{name}"),
        )


def _said(annotation: Any, coordinate: str) -> Category:
    said = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Category)]
    return _one(said, coordinate)


def _marked(directives: Iterable[object], coordinate: str) -> Category | None:
    said = [Category(mark.category) for mark in directives if isinstance(mark, NeedToKnow)]
    return _one(said, coordinate) if said else None


def _one(said: Sequence[Category], coordinate: str) -> Category:
    if len(set(said)) > 1:
        raise Contradicted(f"{coordinate} has more than one category: {', '.join(said)}")
    if not said:
        raise Unclassified(f"{coordinate} has no need-to-know category")
    return said[0]


def _by_itself(category: Category, coordinate: str) -> Category:
    """What inherits would be seen by everybody, where there is nothing to inherit from."""
    if category is Category.INHERITED:
        raise Unclassified(f"{coordinate} has nothing to inherit a category from")
    return category


def _check_stranger(named: GraphQLNamedType) -> None:
    """A type that did not come from Strawberry has coordinates that nobody could have classified."""
    if not isinstance(named, GraphQLScalarType | GraphQLUnionType) and not is_introspection_type(named):
        raise Unclassified(f"{named.name} has no need-to-know categories: it is no Strawberry type")


def _check_interfaces(named: Composite, name: str, category: Category, hints: Hints) -> None:
    for interface in named.interfaces:
        if name not in interface.fields:
            continue
        _agree(f"{named.name}.{name}", category, f"{interface.name}.{name}", _field(interface, name, hints))
        for spelled in interface.fields[name].args:
            one, other = (f"{owner.name}.{name}({spelled}:)" for owner in (named, interface))
            _agree(one, _argument(named, name, spelled), other, _argument(interface, name, spelled))


def _agree(one: str, category: Category, other: str, said: Category) -> None:
    if said is not category:
        raise Contradicted(f"{one} is {category.value}, but {other} says otherwise: {said.value}")


def _check_promise(schema: GraphQLSchema, coordinate: str, category: Category) -> None:
    owner, _, name = coordinate.partition(".")
    holder = schema.type_map[owner]
    if not name or "(" in name or isinstance(holder, GraphQLInputObjectType | GraphQLEnumType):
        return
    field = typing.cast(Composite, holder).fields[name]
    bound = field.extensions[DEFINITION].base_resolver is not None
    if is_non_null_type(field.type) and (bound or category not in SAFE):
        raise Overpromised(f"{coordinate} promises a value it may not be able to give")
