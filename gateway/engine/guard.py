"""What depends on the values of variables: whether a caller uses an argument they may not. Checked before any call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLInputType, GraphQLList, GraphQLNonNull, VariableNode
from graphql.execution.values import VariableValues

from gateway.engine.plan import Branch, Edge, Gap


def violated(branch: Branch, arguments: Mapping[str, Any], values: VariableValues) -> Gap | None:
    """The gap that a forbidden argument leaves in place of its field; None when nothing forbidden is used."""
    edge = branch.edge
    if edge is None or not edge.guarded:
        return None
    forbidden = sorted(edge.guarded.intersection(used(branch.coordinate, edge, arguments, values)))
    return Gap(branch.path, forbidden[0], "WITHHELD") if forbidden else None


def used(
    coordinate: str, edge: Edge, arguments: Mapping[str, Any], values: VariableValues
) -> Iterator[str]:
    """Coordinates of the arguments and input fields the caller gives a value; defaults of ours are not theirs."""
    for node in edge.node.arguments:
        name = node.name.value
        if isinstance(node.value, VariableNode) and node.value.name.value not in values.coerced:
            continue
        yield f"{coordinate}({name}:)"
        yield from _inside(edge.field.args[name].type, arguments.get(name))


def _inside(kind: GraphQLInputType, value: Any) -> Iterator[str]:
    if isinstance(kind, GraphQLNonNull):
        yield from _inside(kind.of_type, value)
    elif isinstance(kind, GraphQLList) and isinstance(value, list):
        for item in value:
            yield from _inside(kind.of_type, item)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, field in kind.fields.items():
            if name in value:
                yield f"{kind.name}.{name}"
                yield from _inside(field.type, value[name])
