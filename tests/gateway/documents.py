"""Generated questions that get real answers: documents made from the schema, keys drawn from the world.

hypothesis-graphql writes the document; the rewriter gives its arguments values that exist, turns some into variables,
adds aliases, fragments and conditions, and drops what would only be noise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    parse_value,
    print_ast,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    variables: Mapping[str, Any]


Keys = Mapping[str, Sequence[Any]]
"""Argument coordinate → values that name something (or nearly). Arguments without a row keep their default."""


class Word(str):
    """A value of an enum: written without quotes."""


SCALARS = {"DateTime": nodes.String, "Date": nodes.String, "Decimal": nodes.String}


@st.composite
def documents(draw: st.DrawFn, schema: GraphQLSchema, sdl: str, keys: Keys) -> Asked:
    scalars = {name: st.just(node("2026-12-01" if name != "Decimal" else "3")) for name, node in SCALARS.items()}
    text = draw(queries(sdl, custom_scalars=scalars))
    rewriter = _Rewriter(draw, keys, TypeInfo(schema))
    rewritten = visit(parse(text), TypeInfoVisitor(rewriter.info, rewriter))
    return Asked(print_ast(rewriter.with_variables(rewritten)), rewriter.values)


@dataclass
class _Rewriter(Visitor):
    draw: st.DrawFn
    keys: Keys
    info: TypeInfo
    values: dict[str, Any] = field(default_factory=dict)
    declared: list[VariableDefinitionNode] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        parent, definition = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or definition is None or not definition.args:
            return None
        given = []
        for name, argument in definition.args.items():
            choices = self.keys.get(f"{parent.name}.{node.name.value}({name}:)")
            if choices:
                value = self.draw(st.sampled_from(list(choices)))
                given.append(ArgumentNode(name=NameNode(value=name), value=self.value(value, argument.type)))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=tuple(given),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        if self.draw(st.integers(0, 9)):
            return None
        parent = self.info.get_parent_type()
        changed = FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=(self.condition(),),
            selection_set=node.selection_set,
        )
        if parent is None or self.draw(st.booleans()):
            return changed
        return InlineFragmentNode(
            type_condition=NamedTypeNode(name=NameNode(value=parent.name)),
            directives=(),
            selection_set=SelectionSetNode(selections=(changed,)),
        )

    def condition(self) -> DirectiveNode:
        name, holds = self.draw(st.sampled_from(["skip", "include"])), self.draw(st.booleans())
        value: Any = BooleanValueNode(value=holds)
        if self.draw(st.booleans()):
            value = self.variable(holds, NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="Boolean"))))
        argument = ArgumentNode(name=NameNode(value="if"), value=value)
        return DirectiveNode(name=NameNode(value=name), arguments=(argument,))

    def value(self, value: Any, kind: Any) -> Any:
        if self.draw(st.booleans()):
            return self.variable(value, parse_type(str(kind)))
        return parse_value(_spelled(value))

    def variable(self, value: Any, kind: Any) -> VariableNode:
        name = f"v{len(self.declared)}"
        node = VariableNode(name=NameNode(value=name))
        self.declared.append(VariableDefinitionNode(variable=node, type=kind, directives=()))
        self.values[name] = value
        return node

    def with_variables(self, document: DocumentNode) -> DocumentNode:
        (operation, *rest) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        changed = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=tuple(self.declared),
            directives=operation.directives,
            selection_set=operation.selection_set,
        )
        return DocumentNode(definitions=(changed, *rest))


def parse_type(text: str) -> Any:
    document = parse(f"query ($x: {text}) {{ x }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.variable_definitions
    return operation.variable_definitions[0].type


def _spelled(value: Any) -> str:
    """As GraphQL writes it: keys of an input object need no quotes, and words of an enum have none."""
    if isinstance(value, Word):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(map(_spelled, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_spelled(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)
