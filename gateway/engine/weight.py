"""How many bytes of memory take what is kept of documents and plans: estimated, from constants that were measured.

What a stranger can make us keep is bounded by these, so everything that can grow with their text is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import ListValueNode, Node, ObjectValueNode, ValueNode
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from gateway.engine.operation import Document
from gateway.engine.plan import Gate, Inline, Plan, Rows, Told

SMALL = 2_000
"""What stands around each thing that is kept."""

FIELD = 650
"""One planned field: its place in the plan, and its part of the compiled function."""

NODE = 200
"""One node of a syntax tree."""


def of_document(document: Document) -> int:
    """A document in outline: its text, or the reasons why it is refused, and the variables it takes."""
    definitions = [
        one for operation in document.operations.values() for one in operation.node.variable_definitions or ()
    ]
    nodes = sum(5 + _nodes(one.default_value) for one in definitions)
    texts = {operation.text for operation in document.operations.values()} or {str(document.problems)}
    return SMALL * (1 + len(document.operations)) + NODE * nodes + 2 * sum(map(len, texts))


def of_plan(plan: Plan) -> int:
    """A plan: its fields, the literals its edges are given, and the tree of what it asks about the schema."""
    arguments = (argument for branch in plan.edges if branch.edge for argument in branch.edge.node.arguments or ())
    nodes = sum(2 + _nodes(argument.value) for argument in arguments)
    if asked := plan.introspection:
        nodes += _tree(asked.operation) + sum(_tree(fragment.definition) for fragment in asked.fragments.values())
    return SMALL + FIELD * (sum(map(_fields, plan.steps)) + len(plan.gaps)) + NODE * nodes


def of_told(told: Told) -> int:
    """What is told about the schema, packed."""
    return SMALL + sum(len(bytes(one)) for one in (told.data or {}).values()) + SMALL * len(told.wrong)


def _fields(rows: Rows | None) -> int:
    if isinstance(rows, Gate):
        return sum(2 + _fields(case.selection) + len(case.hidden) for case in rows.cases.values() if case)
    if rows is None:
        return 0
    count = 2 + len(rows.fields) + 2 * len(rows.facets) + 2 * len(rows.branches)
    count += sum(_fields(one.selection) for one in rows.fields if isinstance(one, Inline))
    return count + sum(_fields(below) for branch in rows.branches for below in branch.below.values())


def _tree(node: Node) -> int:
    inside = (getattr(node, name) for name in QUERY_DOCUMENT_KEYS.get(node.kind, ()))
    several = (one if isinstance(one, tuple | list) else (one,) for one in inside if one)
    return 1 + sum(_tree(one) for some in several for one in some)


def _nodes(value: ValueNode | None) -> int:
    return 0 if value is None else 1 + sum(map(_nodes, _inside(value)))


def _inside(value: ValueNode) -> Iterator[Any]:
    if isinstance(value, ListValueNode):
        yield from value.values
    elif isinstance(value, ObjectValueNode):
        yield from (one.value for one in value.fields)
