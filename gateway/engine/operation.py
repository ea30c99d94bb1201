"""Admit: text → Operation. Parsed, valid for this graph, within the limits; prepared once per document.

Everything that can be wrong with a document is said here, before anybody is asked for anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import DirectiveNode

from gateway.engine.limits import Limits, exceeded
from gateway.errors import Code, Refusal


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One executable operation of a document. `conditions`: variables its `@skip` and `@include` depend on."""

    digest: str
    name: str | None
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    conditions: tuple[str, ...]
    size: int

    @property
    def has_variables(self) -> bool:
        return bool(self.node.variable_definitions)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may be executed, or `problems`: why it may not."""

    digest: str
    operations: Mapping[str | None, Operation]
    problems: tuple[Mapping[str, Any], ...] = ()

    @property
    def size(self) -> int:
        """Length of its text; of one that is refused only the reasons are kept."""
        return max((operation.size for operation in self.operations.values()), default=1000)

    def operation(self, name: str | None) -> Operation:
        """The one to run. Raises a new `Refusal` for each caller: an exception that is kept keeps its callers."""
        name = name or None
        if self.problems:
            raise Refusal(self.problems)
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            named = ", ".join(sorted(str(known) for known in self.operations))
            said = "operationName is missing" if name is None else f"the document has no operation {name!r}"
            raise refusal(Code.VALIDATION, f"{said}; it must be one of: {named}")
        return self.operations[name]


def admit(schema: GraphQLSchema, text: str, limits: Limits) -> Document:
    """Never raises for what a caller wrote: a bad document is an answer too, and as cacheable as a good one."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        document = _checked(schema, text, limits)
    except Refusal as problem:
        return Document(digest, {}, problem.errors)
    except RecursionError:  # many fragments, each spreading the next: deeper than anything we would serve
        return Document(digest, {}, refusal(Code.LIMIT, f"The document nests deeper than {limits.depth} levels").errors)
    fragments = {
        d.name.value: FragmentDetails(d) for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    operations = {
        node.name.value if node.name else None: Operation(
            digest, node.name.value if node.name else None, node, fragments, _conditions(document), len(text)
        )
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }
    return Document(digest, operations)


def variables(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
    """Variables coerced as the specification says; BAD_VARIABLE names each that does not fit."""
    coerced = get_variable_values(schema, operation.node.variable_definitions or (), dict(given), max_errors=10)
    if isinstance(coerced, list):
        raise Refusal(tuple(formatted(Code.BAD_VARIABLE, error) for error in coerced))
    return coerced


def conditions(operation: Operation, values: VariableValues) -> dict[str, bool]:
    """What `@skip` and `@include` depend on. Raises BAD_VARIABLE for a null, which is neither yes nor no."""
    given = {name: values.coerced[name] for name in operation.conditions if name in values.coerced}
    if empty := [name for name, value in given.items() if value is None]:
        raise refusal(Code.BAD_VARIABLE, f"Variable '${empty[0]}' decides @skip or @include, so it must not be null")
    return {name: bool(value) for name, value in given.items()}


def refusal(code: Code, message: str) -> Refusal:
    return Refusal(({"message": message, "extensions": {"code": code.value}},))


def _checked(schema: GraphQLSchema, text: str, limits: Limits) -> DocumentNode:
    try:
        document = parse(text, max_tokens=limits.tokens, no_location=True)  # half the memory, for as long as it is kept
    except GraphQLSyntaxError as error:
        too_long = "more than" in error.message and "tokens" in error.message
        raise Refusal((formatted(Code.LIMIT if too_long else Code.SYNTAX, error),)) from error
    if problem := exceeded(document, limits):
        raise refusal(Code.LIMIT, problem)
    if validate(schema, document, max_errors=1):
        problems = validate(schema, parse(text), max_errors=20)  # once more, with line and column
        raise Refusal(tuple(formatted(Code.VALIDATION, problem) for problem in problems))
    _must_be_executable(document)
    return document


def _must_be_executable(document: DocumentNode) -> None:
    kinds = [d.operation for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if not kinds:
        raise refusal(Code.VALIDATION, "The document holds no operation")
    if OperationType.SUBSCRIPTION in kinds:
        raise refusal(Code.VALIDATION, "Subscriptions are not served here")


def formatted(code: Code, error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = {"message": error.message}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    return formatted | {"extensions": {"code": code.value}}


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    found: dict[str, None] = {}

    class Search(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            if node.name.value in ("skip", "include"):
                found.update(dict.fromkeys(_mentioned(node)))

    visit(document, Search())
    return tuple(found)


def _mentioned(node: DirectiveNode) -> Iterator[str]:
    for argument in node.arguments or ():
        if isinstance(argument.value, VariableNode):
            yield argument.value.name.value
