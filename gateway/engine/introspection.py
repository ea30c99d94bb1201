"""`__schema` and `__type`: answered by graphql-core over the schema the caller is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    execute_sync,
)
from graphql.execution.values import VariableValues

from gateway.engine.operation import refusal
from gateway.engine.plan import Introspection
from gateway.engine.validation import formatted
from gateway.errors import Code, Refusal

PER_NAME = 20
"""Values told for each name the schema declares: twice what the longest query of any tool takes."""


class TooMuch(BaseException):
    """More is asked about the schema than anybody can use. Of an `Exception` graphql-core would make an error of one
    field, and go on with the others."""


@dataclass(slots=True)
class Meter:
    """graphql-core's middleware, before every resolver: counts, and lets no more through than `most`."""

    most: int
    told: int = 0

    def resolve(self, resolver: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        self.told += 1
        if self.told > self.most:
            raise TooMuch
        return resolver(source, info, **arguments)


def introspected(schema: GraphQLSchema, asked: Introspection | None, values: VariableValues) -> Mapping[str, Any]:
    """What is asked about the schema, by response key; or what is kept of it, when it was asked before.

    Raises `Refusal`: validation has passed, so what is left to go wrong is its size and the value of a variable.
    """
    if asked is None:
        return {}
    if asked.kept:
        return asked.kept
    meter = Meter(PER_NAME * _names(schema))
    try:
        result = execute_sync(schema, asked.document, variable_values=given(values), middleware=[meter])
    except TooMuch as error:
        told = f"So much about the schema, {meter.most} values and more, is not told in one answer"
        raise refusal(Code.LIMIT, told) from error
    if result.errors or result.data is None:
        raise Refusal(tuple(formatted(Code.BAD_VARIABLE, error) for error in result.errors or ()))
    return result.data


def packed(told: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    """The same as the JSON it will be sent as: to keep it takes a hundredth of the memory, and to send it no time."""
    return {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in told.items()}


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
