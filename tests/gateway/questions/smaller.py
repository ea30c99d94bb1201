"""A question on which two engines disagree, made as small as it goes while they still do: ready to become a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.gateway.questions.text import Asked

PARTS = (ArgumentNode, DirectiveNode, FieldNode, FragmentSpreadNode, InlineFragmentNode, OperationDefinitionNode)


async def smallest(schema: GraphQLSchema, asked: Asked, disagree: Callable[[Asked], Awaitable[bool]]) -> Asked:
    """Leaves out part after part, as long as what is left is valid and the engines still disagree on it."""
    at = 0
    while (tried := without(asked, at)) is not None:
        if valid(schema, tried) and await disagree(tried):
            asked = tried
        else:
            at += 1
    return asked


def without(asked: Asked, number: int) -> Asked | None:
    """The question without its part of that number; None when it has not so many."""
    document, remover = parse(asked.text), _Remover(number)
    rest = visit(document, remover)
    if remover.left >= 0:
        return None
    text = print_ast(tidied(rest))
    return replace(asked, text=text, variables={k: v for k, v in asked.variables.items() if f"${k}:" in text})


def valid(schema: GraphQLSchema, asked: Asked) -> bool:
    return bool(asked.text.strip()) and not validate(schema, parse(asked.text))


def tidied(document: DocumentNode) -> DocumentNode:
    """Without fragments and variables that nothing mentions any more."""
    while True:
        used = set(_mentioned(document))
        smaller = visit(document, _Unused(used))
        if print_ast(smaller) == print_ast(document):
            return document
        document = smaller


class _Remover(Visitor):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def enter(self, node: Any, *_: Any) -> Any:
        if isinstance(node, PARTS):
            self.left -= 1
            if self.left == -1:
                return REMOVE
        return None


class _Unused(Visitor):
    def __init__(self, used: set[str]) -> None:
        super().__init__()
        self.used = used

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
        return None if f"${node.variable.name.value}" in self.used else REMOVE

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> Any:
        return None if node.name.value in self.used else REMOVE


def _mentioned(document: DocumentNode) -> Iterator[str]:
    found: list[str] = []

    class Search(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            found.append(node.name.value)

        def enter_variable(self, node: VariableNode, key: Any, parent: Any, *_: Any) -> None:
            if not isinstance(parent, VariableDefinitionNode):
                found.append(f"${node.name.value}")

    visit(document, Search())
    return iter(found)
