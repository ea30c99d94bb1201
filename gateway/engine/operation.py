"""Admit: text → Operation. Parsed, valid for this graph, within the limits; prepared once per document.

Everything that can be wrong with a document is said here, before anybody is asked for anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    coerce_input_value,
    is_non_null_type,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from gateway.engine.conditions import Bits, deciding, undecided
from gateway.engine.limits import Limits, exceeded
from gateway.engine.parsing import TooDeep, parsed
from gateway.engine.sound import Soundness, soundness
from gateway.engine.validation import ENDLESS, Endless, clipped, formatted, problems
from gateway.errors import Code, Refusal

Kinds = Mapping[str | None, OperationType]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a class of callers is shown of the graph: what they may name in a document, and what introspection tells.

    `id` stands for `schema` wherever something made from it is remembered. `partial`: there is more than they may name,
    and who names what they are not granted is refused.
    """

    id: str
    schema: GraphQLSchema
    partial: bool = False

    def names(self, coordinate: str) -> bool:
        """Whether a type, or a field or choice of one, may be named."""
        owner, _, name = coordinate.partition("(")[0].partition(".")
        kind = self.schema.type_map.get(owner)
        return kind is not None and (not name or name in getattr(kind, "fields", getattr(kind, "values", ())))


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One executable operation of a document. `conditions`: variables its `@skip` and `@include` depend on. `taken`: by
    the schema it was last used with, what its variables are; looked up once."""

    digest: str
    text: str
    name: str | None
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    conditions: tuple[str, ...]
    taken: dict[GraphQLSchema, tuple[GraphQLVariableSignature, ...] | None] = field(default_factory=dict)

    def outline(self) -> Operation:
        """What every request needs of it: the variables it takes. What it selects is needed to plan it, and as a tree
        takes two hundred times the memory of its text."""
        bare = OperationDefinitionNode(
            operation=self.node.operation,
            name=self.node.name,
            variable_definitions=self.node.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=()),
        )
        return replace(self, node=bare, fragments={}, taken={})

    def takes(self, schema: GraphQLSchema) -> tuple[GraphQLVariableSignature, ...] | None:
        """Its variables; None: one has no type there that a caller can give."""
        if schema not in self.taken:
            found = [get_variable_signature(schema, one) for one in self.node.variable_definitions or ()]
            good = tuple(one for one in found if isinstance(one, GraphQLVariableSignature))
            self.taken.clear()
            self.taken[schema] = good if len(good) == len(found) else None
        return self.taken[schema]

    def whole(self) -> Operation:
        """An outline with all that it selects again."""
        return _executable(self.digest, self.text, parsed(self.text))[self.name]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may be executed, or `problems`: why it may not. `kinds` are known once it could be parsed."""

    digest: str
    operations: Mapping[str | None, Operation]
    kinds: Kinds
    problems: tuple[Mapping[str, Any], ...] = ()

    def outline(self) -> Document:
        """The document as it is kept."""
        return replace(self, operations={name: one.outline() for name, one in self.operations.items()})

    def changes(self, name: str | None) -> bool:
        """Whether it asks for more than reading; also of a document that is refused, when it could be parsed."""
        kinds = [self.kinds.get(name)] if name else list(self.kinds.values())
        return len(kinds) == 1 and kinds[0] not in (OperationType.QUERY, None)

    def operation(self, name: str | None) -> Operation:
        """The one to run. Raises a new `Refusal` for each caller: an exception that is kept keeps its callers."""
        if self.problems:
            raise Refusal(self.problems)
        found = self.chosen(name)
        if found is None:
            known = ", ".join(sorted(filter(None, self.operations)))
            said = f"the document has no operation {clipped(name)!r}" if name else "operationName is missing"
            those = f"it must be one of: {known}" if known else "its only one has no name"
            raise refusal(Code.VALIDATION, f"{said}; {those}")
        return found

    def chosen(self, name: str | None) -> Operation | None:
        """The one of that name; without one, the only one there is."""
        if not name and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        return self.operations.get(name) if name else None


def digest_of(text: str) -> str:
    """What a document is known by: SHA-256 of its text, in hexadecimal, as clients and registries compute it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def admit(schema: GraphQLSchema, text: str, limits: Limits) -> Document:
    """Never raises for what a caller wrote: a bad document is an answer too, and as cacheable as a good one."""
    digest = digest_of(text)
    kinds: Kinds = {}
    try:
        document = _read(text, limits)
        kinds = {_name(node): node.operation for node in _operations(document)}
        _check(schema, text, document, limits)
    except Refusal as problem:
        return Document(digest, {}, kinds, problem.errors)
    except RecursionError:  # many fragments, each spreading the next: deeper than anything we would serve
        told = refusal(Code.LIMIT, f"The document nests deeper than {limits.depth} levels")
        return Document(digest, {}, kinds, told.errors)
    return Document(digest, _executable(digest, text, document), kinds)


def _executable(digest: str, text: str, document: DocumentNode) -> dict[str | None, Operation]:
    fragments = {
        d.name.value: FragmentDetails(d) for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    return {
        _name(node): Operation(digest, text, _name(node), node, fragments, deciding(node.selection_set, fragments))
        for node in _operations(document)
    }


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]


def _name(node: OperationDefinitionNode) -> str | None:
    return node.name.value if node.name else None


def variables(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
    """Variables coerced as the specification says; BAD_VARIABLE names each that does not fit."""
    if (usual := _as_given(schema, operation, given)) is not None:
        return usual
    coerced = get_variable_values(schema, operation.node.variable_definitions or (), dict(given), max_errors=10)
    if isinstance(coerced, list):
        raise Refusal(tuple(formatted(Code.BAD_VARIABLE, error) for error in coerced))
    return coerced


def _as_given(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> VariableValues | None:
    """What graphql-core makes of variables that are given, and fit. None: ask it, which knows of defaults, and can say
    what is wrong."""
    takes, values = operation.takes(schema), VariableValues({}, {})
    if takes is None:
        return None
    for one in takes:
        value = given.get(one.name, Undefined)
        values.sources[one.name] = VariableValueSource(one, value)
        if value is not Undefined:
            fit = _fit(one, value)
            if fit is Undefined:
                return None
            values.coerced[one.name] = fit
        elif one.default is not None or is_non_null_type(one.type):
            return None
    return values


def _fit(one: GraphQLVariableSignature, value: Any) -> Any:
    try:
        return coerce_input_value(value, one.type)
    except RecursionError:
        return Undefined


def conditions(operation: Operation, values: VariableValues) -> dict[str, bool | None]:
    """What its `@skip` and `@include` depend on."""
    given = {name: values.coerced[name] for name in operation.conditions if name in values.coerced}
    return {name: None if value is None else bool(value) for name, value in given.items()}


def decided(operation: Operation, bits: Bits) -> None:
    """Raises BAD_VARIABLE for a null that is looked at to find out what a whole operation selects."""
    name = undecided(operation.node.selection_set, operation.fragments, bits)
    if name is not None:
        told = f"Variable '${name}' decides @skip or @include, so it must not be null"
        definitions = operation.node.variable_definitions or ()
        places = [one for one in definitions if one.variable.name.value == name]
        raise Refusal((formatted(Code.BAD_VARIABLE, GraphQLError(told, places)),))


def refusal(code: Code, message: str) -> Refusal:
    return Refusal(({"message": message, "extensions": {"code": code.value}},))


def _read(text: str, limits: Limits) -> DocumentNode:
    try:
        return parsed(text, limits.tokens)
    except GraphQLSyntaxError as error:
        too_long = "more than" in error.message and "tokens" in error.message
        code = Code.LIMIT if too_long or isinstance(error, TooDeep) else Code.SYNTAX
        raise Refusal((formatted(code, error),)) from error


def _check(schema: GraphQLSchema, text: str, document: DocumentNode, limits: Limits) -> None:
    if problem := exceeded(document, limits):
        raise refusal(Code.LIMIT, problem)
    found = soundness(schema, document)
    if found is not Soundness.SOUND:
        _examine(schema, text, merging=found is Soundness.MERGING)
    _must_be_executable(document)


def _examine(schema: GraphQLSchema, text: str, *, merging: bool) -> None:
    """By graphql-core's rules, in a tree of its own with a place for each node, to say what is wrong with it."""
    try:
        if found := problems(schema, parsed(text, located=True), merging=merging):
            raise Refusal(tuple(formatted(Code.VALIDATION, error) for error in found))
    except Endless as error:
        raise refusal(Code.LIMIT, ENDLESS) from error


def _must_be_executable(document: DocumentNode) -> None:
    kinds = [node.operation for node in _operations(document)]
    if not kinds:
        raise refusal(Code.VALIDATION, "The document holds no operation")
    if OperationType.SUBSCRIPTION in kinds:
        raise refusal(Code.VALIDATION, "Subscriptions are not served here")
