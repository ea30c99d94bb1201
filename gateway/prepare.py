"""Admit and plan: from text to a plan that can be run, each step made once and remembered.

    text                 → Document   parsed, valid, within the limits           per view and text
    Operation × Grants   → Plan       every fetch; nothing that may not be seen  per document, conditions and grants
    questions about the schema        answered by graphql-core                   per view, document and variables
    decisions            → list       what `X-Include: policy` tells             per plan, variables and purpose

All of it lives in one bounded memory (`Once`), so that what a stranger can make us keep has one limit. With a new
document comes what its first asker will ask for next, so that they wait for the thread once, not three times.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from graphql.execution.values import VariableValues

from gateway.engine import weight
from gateway.engine.conditions import Bits
from gateway.engine.decisions import decisions
from gateway.engine.graph import Graph
from gateway.engine.introspection import given, introspected, packed
from gateway.engine.limits import Limits, overfull
from gateway.engine.lru import Lru
from gateway.engine.once import Asker, Made, Once
from gateway.engine.operation import (
    Document,
    Operation,
    View,
    admit,
    conditions,
    digest_of,
    refusal,
    variables,
)
from gateway.engine.parsing import parsed
from gateway.engine.plan import Plan, Told
from gateway.engine.planner import plan
from gateway.engine.stripped import Stripped, stripped, tree_of
from gateway.engine.views import ungranted
from gateway.errors import Code, HttpProblem, Refusal
from gateway.policy import Grants
from gateway.question import Question

WAYS = 16
"""Plans of a stored operation for one role: four conditions can turn out in so many ways."""

RECENT = 8
"""Documents that are kept whole for a moment: who has just had one admitted has it planned next."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """Made once per app. A `View` says against which schema; the one asked for is part of every key. `recorded`:
    whether a trail asks for the documents without their values."""

    graph: Graph
    limits: Limits
    once: Once
    recorded: bool = False
    recent: Lru[str, Document] = field(default_factory=lambda: Lru(RECENT))

    async def admit(self, view: View, question: Question, grants: Grants, asker: Asker) -> Operation:
        """The operation asked for, in outline; `grants`: what it will be planned for."""
        if overfull(question.variables, self.limits.given):
            told = f"The variables hold more than {self.limits.given} values; no more are read. Split them into several"
            raise refusal(Code.LIMIT, told)
        key = (view.id, digest_of(question.query))
        document: Document | None = self.once.known(key)
        if document is None:
            document = await self.once.made(key, partial(self._first, view, question, grants), asker)
        if question.safe and document.changes(question.operation_name):
            raise HttpProblem(405, "Only queries are answered to GET; send mutations by POST.", {"Allow": "POST"})
        return document.operation(question.operation_name)

    async def plan(
        self, view: View, operation: Operation, grants: Grants, values: VariableValues, asker: Asker
    ) -> Plan:
        bits = conditions(operation, values)
        key = _plan_key(view, operation, bits, grants)
        chosen: Plan | Refusal | None = self.once.known(key)
        if chosen is None:
            chosen = await self.once.made(key, partial(self._plan, view, operation, grants, bits), asker)
        if not isinstance(chosen, Plan):
            raise Refusal(chosen.errors)
        if chosen.introspection is None:
            return chosen
        told = await self._told(view, operation, chosen, values, asker)
        return replace(chosen, introspection=replace(chosen.introspection, kept=told))

    async def decisions(
        self,
        view: View,
        operation: Operation,
        grants: Grants,
        values: VariableValues,
        purpose: str | None,
        asker: Asker,
    ) -> list[dict[str, Any]]:
        """What of an operation these callers are shown, coordinate by coordinate."""
        told = digest_of(repr(given(values)))
        key = (*_plan_key(view, operation, conditions(operation, values), grants), told, purpose)
        found: list[dict[str, Any]] | None = self.once.known(key)
        if found is None:
            found = await self.once.made(key, partial(self._decisions, operation, grants, values, purpose), asker)
        return found

    async def stripped(self, operation: Operation, asker: Asker) -> Stripped:
        """The document of an operation without its values, as the audit trail keeps it."""
        key = ("stripped", operation.digest)
        found: Stripped | None = self.once.known(key)
        return found or await self.once.made(key, partial(self._stripped, operation), asker)

    def warm(self, classes: Iterable[tuple[Grants, View]], text: str) -> None:
        """Prepare a stored operation for these classes of callers, for good. Raises the `Refusal` they would see; but
        not all clients share it, and what some of them may not name is not prepared for them."""
        for grants, view in classes:
            key = (view.id, digest_of(text))
            document: Document = self.once.known(key) or self.once.keep(key, partial(self._document, view, text))
            if document.problems and not view.partial:
                raise Refusal(document.problems)
            for operation in document.operations.values():
                left = ("stripped", operation.digest)
                if self.once.known(left) is None:
                    self.once.keep(left, partial(self._stripped, operation))
                for bits in ways(operation.conditions):
                    self.once.keep(
                        _plan_key(view, operation, bits, grants), partial(self._plan, view, operation, grants, bits)
                    )

    async def _told(self, view: View, operation: Operation, chosen: Plan, values: VariableValues, asker: Asker) -> Told:
        key = (view.id, operation.digest, operation.name, digest_of(repr(given(values))))
        told = self.once.known(key)
        if told is None:
            told = await self.once.made(key, partial(self._answer, view, chosen, values), asker)
        if isinstance(told, Refusal):
            raise Refusal(told.errors)
        answer: Told = told
        return answer

    # -- in the thread: what is made, and how many bytes it takes -----------------------------------------------------

    def _first(self, view: View, question: Question, grants: Grants) -> Made:
        made = self._document(view, question.query)
        operation = made.value.chosen(question.operation_name)
        changes = question.safe and made.value.changes(question.operation_name)  # which will be refused
        if operation is None or changes:
            return made
        return made._replace(beside=dict(self._next(view, operation, grants, question.variables)))

    def _next(
        self, view: View, operation: Operation, grants: Grants, sent: Mapping[str, Any]
    ) -> Iterator[tuple[Hashable, Made]]:
        with suppress(Refusal):  # of the variables; it is told where they are looked at
            bits = conditions(operation, variables(view.schema, operation, sent))
            yield _plan_key(view, operation, bits, grants), self._plan(view, operation, grants, bits)
            if self.recorded:
                yield ("stripped", operation.digest), self._stripped(operation)

    def _document(self, view: View, text: str) -> Made:
        document = admit(view.schema, text, self.limits)
        if not document.problems:
            self.recent.put(document.digest, document)
        outline = document.outline()
        return Made(outline, weight.of_document(outline))

    def _plan(self, view: View, operation: Operation, grants: Grants, bits: Bits) -> Made:
        whole = self._whole(operation)
        try:
            chosen = plan(self.graph, whole, grants, bits)
        except Refusal as refusal:
            return _refused(refusal)
        if view.partial:
            chosen = replace(chosen, ungranted=ungranted(self.graph, view, whole, grants, chosen))
        return Made(chosen, weight.of_plan(chosen))

    def _decisions(self, operation: Operation, grants: Grants, values: VariableValues, purpose: str | None) -> Made:
        found = decisions(self.graph, self._whole(operation), grants, values, purpose)
        return Made(found, weight.SMALL * (1 + len(found)))

    def _whole(self, operation: Operation) -> Operation:
        recent = self.recent.get(operation.digest)
        return recent.operations[operation.name] if recent else operation.whole()

    def _stripped(self, operation: Operation) -> Made:
        recent = self.recent.get(operation.digest)
        left = stripped(operation.digest, tree_of(recent) if recent else parsed(operation.text))
        return Made(left, weight.SMALL + 2 * len(left.text))

    def _answer(self, view: View, chosen: Plan, values: VariableValues) -> Made:
        try:
            told = packed(introspected(view.schema, chosen.introspection, values))
        except Refusal as refusal:
            return _refused(refusal)
        return Made(told, weight.of_told(told))


def _refused(refusal: Refusal) -> Made:
    """A new one: that which was raised keeps its frames alive."""
    return Made(Refusal(refusal.errors), weight.SMALL)


def _plan_key(view: View, operation: Operation, bits: Bits, grants: Grants) -> tuple[Any, ...]:
    return view.id, operation.digest, operation.name, tuple(bits.items()), grants


def ways(names: Sequence[str]) -> Iterator[dict[str, bool]]:
    """Every way that a few conditions can turn out; none when they are many."""
    if 2 ** len(names) <= WAYS:
        for values in itertools.product((False, True), repeat=len(names)):
            yield dict(zip(names, values, strict=True))
