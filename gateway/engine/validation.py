"""Validation with an end: graphql-core's own rules and words, within a budget that fits into a request. They are asked
about what is not plainly right (`sound`). One of them has a gap, which is closed here (`OneOf`).

All rules but one take time in proportion to a document whose size is limited already. That one, which looks for fields
that cannot be merged, compares each with each, and through fragments again; it gets a budget of comparisons, some
fifty milliseconds' worth. A document that needs more is refused for that, not for what may be wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    VariableDefinitionNode,
    VariableNode,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_nullable_type,
    specified_rules,
    type_from_ast,
)
from graphql.validation import ASTValidationRule, ValidationContext
from graphql.validation.rules.overlapping_fields_can_be_merged import RuleContext
from graphql.validation.validate import ValidationAbortedError, validate

from gateway.errors import Code

COMPARISONS = 10_000
"""Of two fields or fragments. Twenty fragments of one type with ten fields each, spread side by side, need 2,200; with
a list of orders, their lines and products in each, 5,400; forty that spread each other, as parts of a page do, 4,800.
"""

TOLD = 20
LONGEST = 500
"""Characters of one message: graphql-core quotes the caller's own names and values in it, which can fill a body."""

ENDLESS = (
    "It takes too long to find out whether this document is valid: select fewer fields of the same name side by side, "
    "spread fewer fragments in one place, or split it into several"
)


@dataclass(slots=True)
class Overlapping:
    """Makes the rule, with a smaller budget than its own, which would last for seconds; and lets go of what it made:
    some ten things for each comparison, in circles, to be freed by a collector during whose work nobody is answered."""

    rule: OverlappingFieldsCanBeMergedRule | None = None

    def __call__(self, context: ValidationContext) -> OverlappingFieldsCanBeMergedRule:
        self.rule = OverlappingFieldsCanBeMergedRule(context)
        self.rule.rule_context.remaining_complexity_budget = 2 * COMPARISONS  # in its units, a comparison costs two
        return self.rule

    def forget(self) -> None:
        if self.rule is not None:
            self.rule.rule_context = RuleContext()


class OneOf(VariablesInAllowedPositionRule):
    """No variable that may be null is the one member of an input object. graphql-core says so itself, but where that
    object must not be null, or stands for a list of one: there it does not find out what the member stands in. (A
    default does not help. By the letter of the specification it would; graphql-js does not take it either, and a null
    can still be given.)"""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._alone: dict[int, GraphQLNamedType] = {}

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        around = get_named_type(self.context.get_parent_input_type())
        if around and _one_of(around) and isinstance(node.value, VariableNode):
            self._alone[id(node.value)] = around

    def leave_document(self, document: DocumentNode, *_: Any) -> None:
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                definitions = {one.variable.name.value: one for one in operation.variable_definitions or ()}
                for usage in self.context.get_recursive_variable_usages(operation):
                    if id(usage.node) in self._alone and not _one_of(usage.parent_type):
                        self._must_be_given(definitions.get(usage.node.name.value), usage.node)

    def _must_be_given(self, definition: VariableDefinitionNode | None, node: VariableNode) -> None:
        kind = type_from_ast(self.context.schema, definition.type) if definition else None
        if definition and kind and is_nullable_type(kind):
            told = (
                f"Variable '${node.name.value}' is of type '{kind}' but must be non-nullable to be used for"
                f" OneOf Input Object '{self._alone[id(node)]}'."
            )
            self.report_error(GraphQLError(told, [definition, node]))


def _one_of(kind: object) -> bool:
    return isinstance(kind, GraphQLInputObjectType) and kind.is_one_of


class Endless(Exception):
    """The budget was spent before all was checked."""


def problems(schema: GraphQLSchema, document: DocumentNode, *, merging: bool = False) -> list[GraphQLError]:
    """What is wrong with a document: at most `TOLD` errors. `merging`: nothing else can be (`sound`), so that nothing
    else is looked for. Raises `Endless`."""
    overlapping = Overlapping()
    ours: dict[Any, Any] = {OverlappingFieldsCanBeMergedRule: overlapping, VariablesInAllowedPositionRule: OneOf}
    rules = [ours.get(one, one) for one in ([OverlappingFieldsCanBeMergedRule] if merging else specified_rules)]
    found = validate(schema, document, cast("list[type[ASTValidationRule]]", rules), max_errors=TOLD)
    overlapping.forget()
    errors = [error for error in found if not isinstance(error, ValidationAbortedError)]
    if found and not errors:
        raise Endless
    return errors


def formatted(code: Code, error: GraphQLError) -> dict[str, Any]:
    """As it stands in `errors`."""
    formatted: dict[str, Any] = {"message": clipped(error.message, LONGEST)}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations[:TOLD]]
    return formatted | {"extensions": {"code": code.value}}


def clipped(text: str, longest: int = 100) -> str:
    """A caller's own text, to be quoted back to them."""
    return text if len(text) <= longest else text[:longest] + "…"
