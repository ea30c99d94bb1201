"""What depends on the values of variables: whether a caller uses an argument they may not. Checked before any call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLInputType, GraphQLList, GraphQLNonNull, VariableNode
from graphql.execution.values import VariableValues

from gateway.engine.plan import Branch, Edge, Gap, Plan


def violated(branch: Branch, arguments: Mapping[str, Any], values: VariableValues) -> Gap | None:
    """The gap that a forbidden argument leaves in place of its field; None when nothing forbidden is used."""
    edge = branch.edge
    if edge is None or not edge.guarded:
        return None
    forbidden = sorted(edge.guarded.intersection(used(branch.coordinate, edge, arguments, values)))
    return Gap(branch.path, forbidden[0], "WITHHELD") if forbidden else None


def used(coordinate: str, edge: Edge, arguments: Mapping[str, Any], values: VariableValues) -> Iterator[str]:
    """Coordinates of the arguments and input fields the caller gives a value; defaults of ours are not theirs."""
    for node in edge.node.arguments or ():
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


def possible_rows(plan: Plan, arguments: Mapping[int, Mapping[str, Any]]) -> int:
    """How many rows the answer could have: page lengths and key lists, multiplied along each path and added up."""
    sizes = [
        (branch.path, _size(arguments[id(branch.edge)]))
        for branch in plan.edges
        if branch.edge is not None and id(branch.edge) in arguments
    ]
    above = dict(sizes)
    return sum(_product(above, path, size) for path, size in sizes if size > 1)


def too_many_rows(rows: int, most: int) -> str:
    return f"The answer could have {rows} rows; at most {most} are served. Ask for shorter pages or fewer keys"


def _product(sizes: Mapping[str, int], path: str, size: int) -> int:
    """Rows at a path: its own page length times those of everything it hangs from."""
    steps = path.split(".")
    for end in range(1, len(steps)):
        size *= sizes.get(".".join(steps[:end]), 1)
    return size


def _size(arguments: Mapping[str, Any]) -> int:
    """How many rows one parent can have: `first`, or as many as keys are named; 1 where the arguments do not say."""
    first = arguments.get("first")
    keys = max((len(value) for value in arguments.values() if isinstance(value, list)), default=1)
    return max(first if isinstance(first, int) else 1, keys, 1)
