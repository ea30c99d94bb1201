"""Values for arguments: from a table by coordinate where there is a row, else whatever their type suggests.

A row is keyed by the coordinate of an argument (`Query.order(number:)`) or input field (`CustomerBy.email`), or by the
name of a type (`DateTime`), and lists values that name something of the world, or nearly. What must be given and has
neither a row nor a rule is an error that names the row to add; so nobody who adds an argument forgets it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

Rows = Mapping[str, Sequence[Any]]
OMITTED: Any = type("OMITTED", (), {"__repr__": lambda _: "OMITTED"})()
"""In place of a value: an argument that can be left out, and that nobody knows a value for."""

SCALARS: Rows = {"Int": (0, 1, 2, 3, 5), "Float": (0.0, 1.5), "Boolean": (True, False)}
TEXTS = ("a", "e", "0", "")
LENGTHS = (1, 2, 3, 4, 5)


class NoValue(LookupError):
    """An argument or input field that has to be given, and that nobody knows a value for."""

    def __init__(self, at: str, kind: object) -> None:
        super().__init__(f"no usable value for {at} of type {kind}: add a row {at!r} to the table of values")
        self.at = at


@dataclass(frozen=True, slots=True)
class Values:
    """`likes` says which input coordinates this caller may use: the others are used now and then."""

    rows: Rows
    dice: Random
    likes: Callable[[str], bool] = lambda _: True

    def of(self, at: str, kind: GraphQLInputType, *, needed: bool = True) -> Any:
        """A value for the argument or input field `at`; OMITTED when there is none and it is not `needed`.

        Raises NoValue when there is none and it is.
        """
        found = self._known(at, kind, needed)
        if found is OMITTED and needed:
            raise NoValue(at, kind)
        return found

    def _known(self, at: str, kind: GraphQLInputType, needed: bool) -> Any:
        if is_non_null_type(kind):
            return self._known(at, kind.of_type, needed)
        if at in self.rows:
            return self.dice.choice(self.rows[at])
        if is_list_type(kind):
            items = [self._known(at, kind.of_type, needed) for _ in range(self.dice.choice((1, 1, 2, 3)))]
            return OMITTED if OMITTED in items else items
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        choices = self._choices(at, kind, needed)
        return self.dice.choice(choices) if choices else OMITTED

    def _choices(self, at: str, kind: Any, needed: bool) -> Sequence[Any]:
        """A text that may be left out can be anything, but a cursor cannot; one that has to be given is a key."""
        if isinstance(kind, GraphQLEnumType):
            liked = [name for name in kind.values if self.likes(f"{kind.name}.{name}")]
            return liked if liked and self.dice.random() < 0.9 else list(kind.values)
        if kind.name == "Int" and at.endswith("(first:)"):
            return LENGTHS
        if kind.name == "String" and not needed and not at.endswith("(after:)"):
            return self.rows.get("String", TEXTS)
        return self.rows.get(kind.name) or SCALARS.get(kind.name, ())

    def _object(self, kind: GraphQLInputObjectType) -> Any:
        """Field by field: one that is liked, for `@oneOf`; else what is required and some of the rest."""
        value: dict[str, Any] = {}
        names = [self._one_of(kind)] if kind.is_one_of else list(kind.fields)
        for name in names:
            field, at = kind.fields[name], f"{kind.name}.{name}"
            needed = kind.is_one_of or is_required_input_field(field)
            if needed or self.dice.random() < (0.4 if self.likes(at) else 0.05):
                given = self.of(at, field.type, needed=needed)
                value |= {} if given is OMITTED else {name: given}
        return value

    def _one_of(self, kind: GraphQLInputObjectType) -> str:
        liked = [name for name in kind.fields if self.likes(f"{kind.name}.{name}")]
        return self.dice.choice(liked if liked and self.dice.random() < 0.9 else list(kind.fields))


def literal(kind: GraphQLInputType, value: Any) -> str:
    """A value as a document spells it."""
    if is_non_null_type(kind):
        return literal(kind.of_type, value)
    if value is None:
        return "null"
    if is_list_type(kind):
        items = value if isinstance(value, list) else [value]
        return f"[{', '.join(literal(kind.of_type, item) for item in items)}]"
    if isinstance(kind, GraphQLInputObjectType):
        fields = (f"{name}: {literal(kind.fields[name].type, inner)}" for name, inner in value.items())
        return f"{{{', '.join(fields)}}}"
    return str(value) if isinstance(kind, GraphQLEnumType) else json.dumps(value)


# -- is anything missing? ---------------------------------------------------------------------------------------------


def missing(schema: GraphQLSchema, rows: Rows) -> list[str]:
    """Arguments and input fields that have to be given, and for which there is no usable value."""
    found = []
    for at, kind in required(schema):
        try:
            Values(rows, Random(0)).of(at, kind)
        except NoValue as problem:
            found.append(problem.at)
    return sorted(set(found))


def required(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLInputType]]:
    """Coordinates that some question cannot do without: required ones, and each way of a `@oneOf`."""
    for at, definition in output_fields(schema):
        for name, argument in definition.args.items():
            if is_required_argument(argument):
                yield f"{at}({name}:)", argument.type
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, field in kind.fields.items():
                if kind.is_one_of or is_required_input_field(field):
                    yield f"{kind.name}.{name}", field.type


def strangers(schema: GraphQLSchema, rows: Rows) -> list[str]:
    """Rows for what the schema does not have."""
    known = {f"{at}({name}:)" for at, field in output_fields(schema) for name in field.args}
    for kind in schema.type_map.values():
        known |= {kind.name}
        if isinstance(kind, GraphQLInputObjectType):
            known |= {f"{kind.name}.{name}" for name in kind.fields}
    return sorted(rows.keys() - known)


def output_fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object type that is not introspection's own, by coordinate."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field
