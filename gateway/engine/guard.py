"""What depends on the values of variables: the arguments of every edge, and whether a caller uses one they may not.
Checked before any call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

import msgspec
from graphql import (
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values

from gateway.engine.missing import Missing, Spot
from gateway.engine.plan import Branch, Edge, Gap, Plan
from resolvers.backends.base import Gap as BackendGap
from resolvers.backends.base import Unusable


class Prepared(msgspec.Struct, frozen=True):
    """By edge (its `id`): the arguments it is asked with; or why they cannot be used; or that they may not be. What is
    not shown then: `gaps` on all rows; `hidden` on those of a case (its `id`), where that is not what the plan says."""

    plan: Plan
    arguments: Mapping[int, Mapping[str, Any]]
    refused: Mapping[int, BackendGap]
    guarded: Mapping[int, Gap]
    gaps: tuple[Gap, ...]
    hidden: Mapping[int, tuple[Gap, ...]] = msgspec.field(default_factory=dict)

    def beside(self, gone: Set[Spot]) -> Set[Spot]:
        """Where something is not shown, but for what lies on all ways below these spots, where there is nothing."""
        missing = Missing(self.guarded, gone)
        missing.of(self.plan)
        return missing.spots


def prepared(plan: Plan, values: VariableValues) -> Prepared:
    """Arguments of every edge, and every guard."""
    arguments: dict[int, Mapping[str, Any]] = {}
    refused: dict[int, BackendGap] = {}
    guarded: dict[int, Gap] = {}
    for branch in plan.edges:
        edge = branch.edge
        if edge is None:
            continue
        try:
            told = edge.constant
            arguments[id(edge)] = get_argument_values(edge.field, edge.node, values) if told is None else told
        except GraphQLError as error:
            refused[id(edge)] = Unusable(error.message)
            continue
        if gap := violated(branch, edge, values):
            guarded[id(edge)] = gap
    if not guarded:
        return Prepared(plan, arguments, refused, guarded, plan.gaps)
    missing = Missing(guarded)
    return Prepared(plan, arguments, refused, guarded, missing.of(plan), missing.hidden)


def constant(field: GraphQLField, node: FieldNode) -> Mapping[str, Any] | None:
    """The arguments of a field that are the same whatever variables hold; None where they are not, or no good."""
    if any(_varies(argument.value) for argument in node.arguments or ()):
        return None
    try:
        return get_argument_values(field, node)
    except GraphQLError:
        return None


def _varies(value: ValueNode) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(map(_varies, value.values))
        case ObjectValueNode():
            return any(_varies(one.value) for one in value.fields)
    return False


def violated(branch: Branch, edge: Edge, values: VariableValues) -> Gap | None:
    """The gap that a forbidden argument leaves in place of its field; None when nothing forbidden is used."""
    forbidden = edge.guarded.keys() & set(used(branch.coordinate, edge, values)) if edge.guarded else ()
    if not forbidden:
        return None
    first = min(forbidden)
    return Gap(branch.path, first, "WITHHELD", edge.guarded[first].value)


def used(coordinate: str, edge: Edge, values: VariableValues) -> Iterator[str]:
    """Coordinates of the arguments, input fields and choices the caller gives; defaults of ours are not theirs."""
    for node in edge.node.arguments or ():
        name = node.name.value
        value = given(node.value, values)
        if value is not Undefined:
            yield f"{coordinate}({name}:)"
            yield from _inside(edge.field.args[name].type, value)


def given(node: ValueNode, values: VariableValues) -> Any:
    """What a caller wrote, in the document or in the JSON of its variables; `Undefined` for a variable left out."""
    match node:
        case VariableNode():
            return _sent(values.sources[node.name.value], values)
        case EnumValueNode():
            return node.value
        case ListValueNode():
            return [given(item, values) for item in node.values]
        case ObjectValueNode():
            written = ((field.name.value, given(field.value, values)) for field in node.fields)
            return {name: value for name, value in written if value is not Undefined}
    return None


def _sent(source: VariableValueSource, values: VariableValues) -> Any:
    default = source.signature.default
    if source.value is not Undefined or default is None or default.literal is None:
        return source.value
    return given(default.literal, values)


def _inside(kind: GraphQLInputType, value: Any) -> Iterator[str]:
    if isinstance(kind, GraphQLNonNull):
        yield from _inside(kind.of_type, value)
    elif isinstance(kind, GraphQLList):
        for item in value if isinstance(value, list) else (value,):
            yield from _inside(kind.of_type, item)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, inner in value.items():
            yield f"{kind.name}.{name}"
            yield from _inside(kind.fields[name].type, inner)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"


def possible_rows(plan: Plan, arguments: Mapping[int, Mapping[str, Any]]) -> int:
    """How many rows the answer could have: page lengths and key lists, multiplied along each path and added up."""
    sizes = {
        branch.path: list_length(arguments[id(branch.edge)])
        for branch in plan.edges
        if branch.edge is not None and id(branch.edge) in arguments
    }
    return sum(_product(sizes, path, size) for path, size in sizes.items() if size > 1)


def too_many_rows(rows: int, most: int) -> str:
    return f"The answer could have {rows} rows; at most {most} are served. Ask for shorter pages or fewer keys"


def _product(sizes: Mapping[str, int], path: str, size: int) -> int:
    """Rows at a path: its own page length times those of everything it hangs from."""
    steps = path.split(".")
    for end in range(1, len(steps)):
        size *= sizes.get(".".join(steps[:end]), 1)
    return size


def list_length(arguments: Mapping[str, Any]) -> int:
    """How many rows one parent can have: `first`, or as many as keys are named; 1 where the arguments do not say."""
    first = arguments.get("first")
    keys = max((len(value) for value in arguments.values() if isinstance(value, list)), default=1)
    return max(first if isinstance(first, int) else 1, keys, 1)
