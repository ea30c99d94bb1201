"""`__schema` and `__type`: answered by graphql-core over the schema the caller is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema, execute_sync
from graphql.execution.values import VariableValues

from gateway.engine.operation import formatted
from gateway.engine.plan import Introspection
from gateway.errors import Code, Refusal


def introspected(schema: GraphQLSchema, asked: Introspection | None, values: VariableValues) -> Mapping[str, Any]:
    """`__schema` and `__type`, answered by graphql-core, and kept with the plan when no variable changes the answer.

    Raises `Refusal`: validation has passed, so what is left to go wrong is the value of a variable.
    """
    if asked is None:
        return {}
    if asked.kept:
        return asked.kept
    sources = {name: source.value for name, source in values.sources.items()}
    result = execute_sync(schema, asked.document, variable_values=sources)
    if result.errors or result.data is None:
        raise Refusal(tuple(formatted(Code.BAD_VARIABLE, error) for error in result.errors or ()))
    if asked.constant:
        asked.kept.update(result.data)
    return result.data
