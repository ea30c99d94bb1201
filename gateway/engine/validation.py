"""Validation with an end: graphql-core's own rules and words, within a budget that fits into a request.

All rules but one take time in proportion to a document whose size is limited already. That one, which looks for fields
that cannot be merged, compares each with each, and through fragments again; it gets a budget of comparisons, some fifty
milliseconds' worth. A document that needs more is refused for that, not for what may be wrong with it.
"""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OverlappingFieldsCanBeMergedRule, specified_rules
from graphql.validation import ASTValidationRule, ValidationContext
from graphql.validation.validate import ValidationAbortedError, validate

from gateway.errors import Code

COMPARISONS = 10_000
"""Of two fields or fragments; twenty fragments with ten fields each, spread side by side, need some 4,000."""

TOLD = 20
LONGEST = 500
"""Characters of one message: graphql-core quotes the caller's own names and values in it, which can fill a body."""

ENDLESS = (
    "It takes too long to find out whether this document is valid: select fewer fields of the same name side by side, "
    "spread fewer fragments in one place, or split it into several"
)


class Overlapping(OverlappingFieldsCanBeMergedRule):
    """The rule with a smaller budget than its own, which would last for seconds."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = 2 * COMPARISONS  # in the rule's units, a comparison costs two


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    Overlapping if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules
)


class Endless(Exception):
    """The budget was spent before all was checked."""


def valid(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether a document may be executed. Stops at the first problem. Raises `Endless`."""
    found = validate(schema, document, RULES, max_errors=1)
    if found and isinstance(found[0], ValidationAbortedError):
        raise Endless
    return not found


def problems(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with a document that is not `valid`: at most `TOLD` errors."""
    found = validate(schema, document, RULES, max_errors=TOLD)
    return [error for error in found if not isinstance(error, ValidationAbortedError)]


def formatted(code: Code, error: GraphQLError) -> dict[str, Any]:
    """As it stands in `errors`."""
    formatted: dict[str, Any] = {"message": clipped(error.message, LONGEST)}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations[:TOLD]]
    return formatted | {"extensions": {"code": code.value}}


def clipped(text: str, longest: int = 100) -> str:
    """A caller's own text, to be quoted back to them."""
    return text if len(text) <= longest else text[:longest] + "…"
