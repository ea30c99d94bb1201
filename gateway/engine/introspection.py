"""`__schema` and `__type`: answered by graphql-core's resolvers over the schema the caller is shown.

What a selection asks for is worked out once, not again for each of the thousand names it is asked of: what every tool
asks about `__schema` takes a tenth of the time that graphql-core's own execution takes. Types of introspection are no
unions, and nothing is awaited, so that is all there is to it. The tests compare the two, answer by answer. Where an
argument is no good after all (a null for a variable that has a default), graphql-core is left to execute what is asked:
it says at each field what is wrong, beside all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    Undefined,
    execute_sync,
    introspection_types,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from gateway.engine.frame import Path, field_of
from gateway.engine.operation import refusal
from gateway.engine.plan import Introspection, Told, Wrong
from gateway.errors import Code

PER_NAME = 20
"""Values told for each name the schema declares: twice what the longest query of any tool takes."""

Tell = Callable[[Any], Any]
"""Gives what is told of a type, a field, an argument …"""


class TooMuch(Exception):
    """More is asked about the schema than anybody can use."""


@dataclass(frozen=True, slots=True)
class Info:
    """All that introspection's resolvers look at of what graphql-core gives to resolvers."""

    schema: GraphQLSchema
    parent_type: GraphQLObjectType


@dataclass(slots=True)
class Telling:
    """One answer. `told`: how many values it has so far, of at most `most`; `wrong`: whether an argument is no good;
    `rows`: what is asked of objects, by the nodes that ask; `defaults`: printed already, which takes as long as a
    hundred other values."""

    schema: GraphQLSchema
    asked: Introspection
    values: VariableValues
    most: int
    told: int = 0
    wrong: bool = False
    rows: dict[tuple[str, tuple[int, ...]], Tell] = field(default_factory=dict)
    defaults: dict[int, Any] = field(default_factory=dict)

    def __call__(self) -> dict[str, Any]:
        """Raises `TooMuch`."""
        root = self.schema.get_root_type(self.asked.operation.operation)
        assert root is not None  # noqa: S101 - the document is valid
        found = collect_fields(self.schema, self.asked.fragments, self.values, root, self.asked.operation)
        told: dict[str, Any] = self.row(root, found.grouped_field_set)(None)
        return told

    def row(self, owner: GraphQLObjectType, grouped: Mapping[str, list[FieldDetails]]) -> Tell:
        fields = [(key, self.value(owner, group)) for key, group in grouped.items()]
        width = len(fields)

        def row(one: Any) -> dict[str, Any]:
            self.tell(width)
            return {key: tell(one) for key, tell in fields}

        return row

    def value(self, owner: GraphQLObjectType, group: list[FieldDetails]) -> Tell:
        node = group[0].node
        asked: Any = self.schema.get_field(owner, node.name.value)
        complete, resolve, info = self.complete(asked.type, group), asked.resolve, Info(self.schema, owner)
        if node.name.value == "isOneOf":
            return one_of
        if node.name.value == "defaultValue":
            return lambda one: self.default(one, resolve, info)
        try:
            arguments = get_argument_values(asked, node, self.values)
        except GraphQLError:
            self.wrong = True
            return lambda one: None
        if arguments:
            return lambda one: complete(resolve(one, info, **arguments))
        return lambda one: complete(resolve(one, info))

    def default(self, one: Any, resolve: Callable[[Any, Info], Any], info: Info) -> Any:
        declared = id(one[1])
        if declared not in self.defaults:
            self.defaults[declared] = resolve(one, info)
        return self.defaults[declared]

    def complete(self, kind: GraphQLOutputType, group: list[FieldDetails]) -> Tell:
        if is_non_null_type(kind):
            return self.complete(kind.of_type, group)
        if is_list_type(kind):
            item = self.complete(kind.of_type, group)
            return lambda found: None if found is None else [item(one) for one in found]
        if is_leaf_type(kind):
            coerce = kind.coerce_output_value
            return lambda found: None if found is None else coerce(found)
        return self.one(kind, group)

    def one(self, kind: Any, group: list[FieldDetails]) -> Tell:
        """An object: what is asked of it is worked out when the first is there to be told of."""
        row: Tell | None = None

        def one(found: Any) -> Any:
            nonlocal row
            if found is None:
                return None
            row = row or self.asked_of(kind, group)
            return row(found)

        return one

    def asked_of(self, kind: Any, group: list[FieldDetails]) -> Tell:
        """Once, from wherever a fragment is spread."""
        key = (kind.name, tuple(id(detail.node) for detail in group))
        if key not in self.rows:
            operation, fragments = self.asked.operation, self.asked.fragments
            found = collect_subfields(self.schema, fragments, self.values, operation, kind, group)
            row = self.row(kind, found.grouped_field_set)
            self.rows[key] = self.once(row) if kind is introspection_types["__Type"] else row
        return self.rows[key]

    def once(self, row: Tell) -> Tell:
        """The same row is told of a type wherever it is met. It counts each time: each time it is sent."""
        known: dict[int, tuple[Any, int]] = {}

        def once(one: Any) -> Any:
            if (found := known.get(id(one))) is None:
                before = self.told
                known[id(one)] = found = (row(one), self.told - before)
            else:
                self.tell(found[1])
            return found[0]

        return once

    def tell(self, values: int) -> None:
        self.told += values
        if self.told > self.most:
            raise TooMuch


def one_of(kind: Any) -> bool | None:
    """As the specification says, and graphql-core did until Strawberry gave the field a resolver of its own: that one
    says no of every type, where nothing may be said, and fails for lists and promises."""
    return kind.is_one_of if isinstance(kind, GraphQLInputObjectType) else None


def introspected(schema: GraphQLSchema, asked: Introspection | None, values: VariableValues) -> Told:
    """What is asked about the schema; or what is kept of it, if it was asked before. Raises `Refusal` for too much."""
    if asked is None:
        return Told({})
    if asked.kept:
        return asked.kept
    telling = Telling(schema, asked, values, PER_NAME * _names(schema))
    try:
        data = telling()
    except TooMuch as error:
        told = f"So much about the schema, {telling.most} values and more, is not told in one answer"
        raise refusal(Code.LIMIT, told) from error
    finally:
        telling.rows.clear()  # they know it, and it knows them: a circle around all that was told of types
    return _by_core(schema, asked, values) if telling.wrong else Told(data)


class _Noting(Executor[Any]):
    """The context value of the execution takes the coordinates of fields, by their paths."""

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, context: Any) -> Any:
        self.context_value[tuple(path.as_list())] = f"{parent_type.name}.{details[0].node.name.value}"
        return super().execute_field(parent_type, source, details, path, context)


def _by_core(schema: GraphQLSchema, asked: Introspection, values: VariableValues) -> Told:
    document = DocumentNode(definitions=(asked.operation, *(one.definition for one in asked.fragments.values())))
    at: dict[Path, str] = {(): schema.get_root_type(asked.operation.operation).name}  # type: ignore[union-attr]
    done = execute_sync(schema, document, None, at, given(values), executor_class=_Noting)
    wrong = []
    for error in done.errors or ():
        path = tuple(error.path or ())
        landed = next(path[:end] for end in range(len(path) + 1) if _value(done.data, path[:end]) is None)
        wrong.append(Wrong(path, at[field_of(path)], error.message, landed, at[field_of(landed)]))
    return Told(done.data, wrong)


def _value(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def packed(told: Told) -> Told:
    """The same as the JSON it will be sent as: to keep it takes a hundredth of the memory, and to send it no time."""
    data = told.data
    return Told(data and {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in data.items()}, told.wrong)


def given(values: VariableValues) -> dict[str, Any]:
    """The variables as they were sent."""
    return {name: source.value for name, source in values.sources.items() if source.value is not Undefined}


def _names(schema: GraphQLSchema) -> int:
    """How many types, fields, arguments, input fields and enum values there are, those of introspection included."""
    count = 0
    for kind in schema.type_map.values():
        count += 1
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            count += sum(1 + len(field.args) for field in kind.fields.values())
        elif isinstance(kind, GraphQLInputObjectType):
            count += len(kind.fields)
        elif isinstance(kind, GraphQLEnumType):
            count += len(kind.values)
    return count
