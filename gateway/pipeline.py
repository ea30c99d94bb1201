"""The request's path, top to bottom. Each step takes what the one above it made.

admit      text                    → Operation    parsed, valid, within the limits           pure, cached
authorize  Principal               → Grants       what this class of callers needs to know   pure
plan       Operation × Grants      → Plan         every fetch; nothing that may not be seen  pure, cached
run        Plan × variables        → rows         the only step that waits for anybody
answer     rows, gaps, failures    → bytes        data, and a reason for every gap
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import OperationType
from graphql.execution.values import VariableValues

from gateway.auth import Principal
from gateway.engine.answer import answer, withheld_errors
from gateway.engine.collect import Collector
from gateway.engine.cursors import Sealer
from gateway.engine.graph import Graph
from gateway.engine.guard import possible_rows, too_many_rows
from gateway.engine.limits import Limits
from gateway.engine.lru import Lru
from gateway.engine.operation import Document, Operation, admit, conditions, refusal, variables
from gateway.engine.plan import Plan
from gateway.engine.planner import plan
from gateway.engine.run import Run, Viewer
from gateway.engine.sources import sources
from gateway.engine.trace import Trace
from gateway.errors import Code, HttpProblem
from gateway.policy import Grants, Policy, Verdict
from gateway.question import Options, Question
from gateway.traffic import Traffic
from gateway.traffic.door import Places
from resolvers.backends.base import Deadline
from resolvers.context import Caller, Context
from schema import Category

PlanKey = tuple[str, str | None, tuple[tuple[str, bool], ...], Grants]


@dataclass(slots=True)
class Pipeline:
    """Made once per app.

    deadlines:  seconds, by group of role
    facts:      what the app's resolvers share
    places:     how many questions are answered at once; here, how many exports
    current:    a caller's own key under a relation → the one that facts of rows use today
    """

    graph: Graph
    policy: Policy
    traffic: Traffic
    sealer: Sealer
    limits: Limits
    deadlines: Mapping[str, float]
    now: Callable[[], datetime]
    facts: Mapping[str, Any]
    label_key: bytes
    current: Callable[[str], str]
    places: Places
    documents: Lru[str, Document] = field(default_factory=lambda: Lru(1000))
    plans: Lru[PlanKey, Plan] = field(default_factory=lambda: Lru(1000))

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        operation = self.admit(question)
        values = variables(self.graph.schema, operation, question.variables)
        grants = self.policy.grants(principal)
        chosen = self.plan(operation, grants, values)
        return await self.run(chosen, values, grants, principal, options)

    def admit(self, question: Question) -> Operation:
        document = self.documents.get(question.query)
        if document is None:
            document = admit(self.graph.schema, question.query, self.limits)
            self.documents.put(question.query, document, document.size)
        operation = document.operation(question.operation_name)
        if operation.node.operation is not OperationType.QUERY and question.safe:
            raise HttpProblem(405, "Only queries are answered to GET; send mutations by POST.", {"Allow": "POST"})
        return operation

    def plan(self, operation: Operation, grants: Grants, values: VariableValues) -> Plan:
        bits = conditions(operation, values)
        key = (operation.digest, operation.name, tuple(bits.items()), grants)
        known = self.plans.get(key)
        return known if known else self.plans.put(key, plan(self.graph, operation, grants, bits), operation.size)

    async def run(
        self, chosen: Plan, values: VariableValues, grants: Grants, principal: Principal, options: Options
    ) -> bytes:
        informed = self.informed(principal)
        names: Callable[[str], str] = (lambda system: system) if informed else self.label
        sourced = "sources" in options.include
        trace = Trace(self.traffic, informed and "plan" in options.include, sourced)
        viewer = self.viewer(principal, grants, options)
        collector = Collector(options.request_id, names)
        context = Context(trace, self.now, caller=self.caller(principal, grants, viewer), **self.facts)
        run = Run(
            self.graph.schema,
            chosen,
            values,
            context,
            Deadline(self.seconds(principal, options)),
            viewer,
            collector,
            lambda branch, arguments: self.sealer.bound(branch.coordinate, arguments, f"{grants} {viewer.keys}"),
            places=[] if sourced else None,
        )
        run.prepare()
        with self.places.export(self.rows(chosen, run)):
            try:
                data = await run()
            finally:
                context.close()
        absent = collector.absent(run.gaps)
        errors = collector.errors()
        if options.on_withheld == "error":
            errors += withheld_errors(absent, data)
        told = {
            "sources": sources(run.places or (), trace.heard, data, names),
            "plan": sorted(trace.calls, key=lambda call: int(call["id"])),
        }
        return answer(data, errors, absent, told)

    def rows(self, chosen: Plan, run: Run) -> int:
        """How many rows the answer can have, by its list sizes. Raises `Refusal` for more than are served."""
        rows = possible_rows(chosen, run.arguments)
        if rows > self.limits.rows:
            raise refusal(Code.LIMIT, too_many_rows(rows, self.limits.rows))
        return rows

    def viewer(self, principal: Principal, grants: Grants, options: Options) -> Viewer:
        keys = {name: self.current(key) for name, _ in grants.under if (key := self.policy.key(principal, name))}
        return Viewer(keys, self.purpose(principal, options))

    def caller(self, principal: Principal, grants: Grants, viewer: Viewer) -> Caller:
        """The caller, in the words the graph uses to tell them who they are."""
        names = [category.value for category in grants.categories]
        return Caller(principal.subject, principal.role, principal.client, viewer.purpose, principal.customer, names)

    def purpose(self, principal: Principal, options: Options) -> str | None:
        """What the token is bound to; `X-Purpose` may narrow it, never change it."""
        if options.purpose and principal.purpose and options.purpose != principal.purpose:
            raise refusal(
                Code.NOT_ALLOWED, f"This token is for the purpose {principal.purpose!r}, not {options.purpose!r}"
            )
        return options.purpose or principal.purpose

    def informed(self, principal: Principal) -> bool:
        """Whether they may know which systems there are."""
        return self.policy.grants(principal).decide(Category.OPERATIONS).verdict is Verdict.SEEN

    def group(self, principal: Principal) -> str:
        role = self.policy.roles.get(principal.role)
        return role.group if role else "partner"

    def seconds(self, principal: Principal, options: Options) -> float:
        allowed = self.deadlines[self.group(principal)]
        return min(allowed, options.deadline_ms / 1000) if options.deadline_ms else allowed

    def label(self, system: str) -> str:
        """What a caller without `operations` hears a system called: stable, and it says nothing."""
        return "system-" + hashlib.blake2b(system.encode(), digest_size=3, key=self.label_key[:64]).hexdigest()
