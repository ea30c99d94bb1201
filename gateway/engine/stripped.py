"""Documents and variables without any value: enough to decide once more who sees what, and nothing to learn from.

Texts, numbers and aliases go (an alias can be made of a customer's number); names of fields, arguments, input fields,
enum values and variables stay: they are the program's words, not anybody's data. Yes and no stay as well: `@include`
depends on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    IntValueNode,
    NameNode,
    StringValueNode,
    Visitor,
    get_named_type,
    print_ast,
    visit,
)

from gateway.engine.operation import Document, Operation

BLANKS: Mapping[str, Any] = {
    "Int": 0,
    "Float": 0,
    "Decimal": "0",
    "DateTime": "1970-01-01T00:00:00+00:00",
    "Date": "1970-01-01",
    "Time": "00:00:00",
}
"""A value of each scalar that says nothing; of others, an empty text."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """`ref`: the document's own digest (see `digest_of`) when it held no values; else that of the text that is left:
    a digest of somebody's address could be guessed."""

    ref: str
    text: str


def tree_of(document: Document) -> DocumentNode:
    """A document that is kept whole, in one piece: operations first, then fragments."""
    operations = tuple(document.operations.values())
    fragments = {name: one.definition for operation in operations for name, one in operation.fragments.items()}
    return DocumentNode(definitions=(*(one.node for one in operations), *fragments.values()))


def stripped(digest: str, tree: DocumentNode) -> Stripped:
    visitor = _Stripping()
    left = print_ast(visit(tree, visitor))
    return Stripped(hashlib.sha256(left.encode()).hexdigest() if visitor.found else digest, left)


class _Stripping(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False
        self.aliases: dict[str, str] = {}

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        if node.alias is None:
            return None
        self.found = True
        alias = self.aliases.setdefault(node.alias.value, f"a{len(self.aliases) + 1}")
        return FieldNode(
            alias=NameNode(value=alias),
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def enter_string_value(self, node: StringValueNode, *_: Any) -> StringValueNode:
        self.found = True
        return StringValueNode(value="", block=False)

    def enter_int_value(self, node: IntValueNode, *_: Any) -> IntValueNode:
        self.found = True
        return IntValueNode(value="0")

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> FloatValueNode:
        self.found = True
        return FloatValueNode(value="0")


def blanked(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of an operation, as given, each with nothing in it but what the schema has words for."""
    takes = operation.takes(schema) or ()  # of what is answered they are known
    return {one.name: _blank(get_named_type(one.type), given[one.name]) for one in takes if one.name in given}


def _blank(named: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return list({repr(left): left for left in (_blank(named, item) for item in value)}.values())
    if isinstance(named, GraphQLEnumType):
        return value if value in named.values else None
    if isinstance(named, GraphQLInputObjectType):
        inside = value if isinstance(value, dict) else {}
        kinds = {key: get_named_type(one.type) for key, one in named.fields.items() if key in inside}
        return {key: _blank(kind, inside[key]) for key, kind in kinds.items()}
    return BLANKS.get(named.name, "")
