"""The request's path, top to bottom. Each step takes what the one above it made.

authorize  Principal               → Asking       what they may name and see, and for what       pure
admit      text                    → Operation    parsed, valid, within the limits               pure, made once
plan       Operation × Grants      → Plan         every fetch; nothing that may not be seen      pure, made once
ready      Plan × variables        → Run          arguments, guards and sizes, before any call   pure
run        Run                     → data         the only step that waits for anybody
answer     data, gaps, failures    → bytes        data, and a reason for every gap
record     what was shown, of whom → the trail    committed before the first byte leaves, unless all of it is public
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from graphql.execution.values import VariableValues

from gateway.auth import Principal
from gateway.callers import Asking, Callers
from gateway.engine.answer import answer, withheld_errors
from gateway.engine.collect import Collector
from gateway.engine.costing import cost, possible_values, too_many_values
from gateway.engine.cursors import Sealer
from gateway.engine.guard import possible_rows, too_many_rows
from gateway.engine.once import Asker
from gateway.engine.operation import Operation, refusal, variables
from gateway.engine.plan import Plan
from gateway.engine.run import Run
from gateway.engine.sources import sources
from gateway.engine.trace import Trace
from gateway.engine.views import named_in_vain
from gateway.errors import Code
from gateway.policy import Policy
from gateway.policy.reasons import not_allowed, with_reasons
from gateway.prepare import Preparation
from gateway.question import Options, Question
from gateway.traffic import Traffic
from gateway.traffic.door import Places
from gateway.trail.trail import Asked, Trail, Waits
from resolvers.backends.base import ON_BEHALF, TRACEPARENT, Deadline
from resolvers.context import Context
from schema import Category

TOLD_OF_SYSTEMS = frozenset({"sources", "plan", "policy", "cost"})
"""What is told beside the data, of how the gateway works."""


@dataclass(slots=True)
class Pipeline:
    """Made once per app.

    facts:   what the app's resolvers share
    places:  how many questions are answered at once; here, how many exports
    warn:    writes that a system failed, with the cause
    trail:   records who has seen whom; None: nobody does
    """

    callers: Callers
    prepared: Preparation
    traffic: Traffic
    sealer: Sealer
    now: Callable[[], datetime]
    facts: Mapping[str, Any]
    places: Places
    warn: Callable[[Hashable, str], None]
    trail: Trail | None = None

    @property
    def policy(self) -> Policy:
        return self.callers.policy

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        TRACEPARENT.set(options.traceparent)
        asking = self.callers.asking(principal, options)
        ON_BEHALF.set(self.callers.on_behalf(asking))
        asker = Asker(principal.subject, Deadline(asking.seconds))
        operation = await self.prepared.admit(asking.view, question, asking.grants, asker)
        values = variables(asking.view.schema, operation, question.variables)
        plan = await self.prepared.plan(asking.view, operation, asking.grants, values, asker)
        decided = await self.decided(asking, operation, values, asker)
        asked = await self.asked(operation, question, asker)
        run, trace = self.ready(asking, plan, values, asker.deadline, asked)
        if self.trail is not None:
            await self.trail.open_for(self.prepared.graph, plan)
        with self.places.export(self.rows(asking, run)):
            try:
                data = await run()
            finally:
                run.context.close()
        waits = self.record(asking, asked, run, trace)  # on its way while the answer is written
        body = self.answer(asking, run, trace, data, decided)
        if self.trail is not None:
            await self.trail.kept(waits)
        return body

    async def asked(self, operation: Operation, question: Question, asker: Asker) -> Asked | None:
        """What the trail keeps of a question: nothing that its author has filled in."""
        if self.trail is None:
            return None
        return Asked(await self.prepared.stripped(operation, asker), operation, question.variables)

    def record(self, asking: Asking, asked: Asked | None, run: Run, trace: Trace) -> Waits:
        if self.trail is None or asked is None:
            return None
        beside = asking.informed and not asking.options.include.isdisjoint(TOLD_OF_SYSTEMS)
        also = frozenset({Category.OPERATIONS} if beside else ())
        return self.trail.answered(self.prepared.graph, asking, asked, run, sorted(trace.asked), also)

    async def decided(
        self, asking: Asking, operation: Operation, values: VariableValues, asker: Asker
    ) -> Sequence[Mapping[str, Any]]:
        """What is decided of every coordinate, for who may know and asks."""
        if not asking.wants("policy"):
            return ()
        purpose = asking.viewer.purpose
        return await self.prepared.decisions(asking.view, operation, asking.grants, values, purpose, asker)

    def ready(
        self, asking: Asking, plan: Plan, values: VariableValues, deadline: Deadline, asked: Asked | None
    ) -> tuple[Run, Trace]:
        """All that can be known before any call. Raises `Refusal` for what this client is refused for."""
        sourced = asking.wants("sources")
        trace = Trace(self.traffic, asking.wants("plan"), sourced)
        run = Run(
            asking.view.schema,
            plan,
            values,
            Context(trace, self.now, caller=asking.caller, **self.facts),
            deadline,
            asking.viewer,
            Collector(asking.options.request_id, self.callers.names(asking), self.warn),
            lambda branch, arguments: self.sealer.bound(branch.coordinate, arguments, asking.alike),
            places=[] if sourced else None,
        )
        run.prepare()
        if asking.view.partial and (named := named_in_vain(plan.ungranted, run.prepared.guarded.values())):
            key = self.callers.label_key
            if self.trail is not None and asked is not None:
                self.trail.denied(asking, asked, named)
            raise not_allowed(named, asking.grants, asking.viewer.purpose, asking.disclosed, key)
        return run, trace

    def rows(self, asking: Asking, run: Run) -> int:
        """How many rows the answer can have, by its list sizes. Raises `Refusal` for more, or too many values."""
        rows, agreed = possible_rows(run.plan, run.arguments), dict(asking.partner.limits) if asking.partner else {}
        limits = self.prepared.limits
        most, most_values = agreed.get("rows", limits.rows), agreed.get("values", limits.values)
        if rows > most:
            raise refusal(Code.LIMIT, too_many_rows(rows, most))
        if (rows + 1) * limits.fields > most_values:  # else there is nothing to count
            values = possible_values(run.plan, run.prepared)
            if values > most_values:
                raise refusal(Code.LIMIT, too_many_values(values, most_values))
        return rows

    def answer(
        self,
        asking: Asking,
        run: Run,
        trace: Trace,
        data: Mapping[str, Any] | None,
        decided: Sequence[Mapping[str, Any]],
    ) -> bytes:
        collector, purpose = run.collector, asking.viewer.purpose
        gaps, view = run.prepared.gaps, asking.view
        if view.partial:
            gaps = tuple(gap for gap in gaps if view.names(gap.coordinate))
        hiding = partial(run.witness.hiding, run.prepared)
        listed = collector.absent(gaps, run.prepared.beside, hiding)
        absent = with_reasons(listed, asking.grants, purpose, asking.disclosed, self.callers.label_key)
        errors = collector.errors()
        if asking.options.on_withheld == "error":
            errors += withheld_errors(absent, errors, data, hiding)
        told = {
            "sources": sources(run.places or (), trace.heard, data, self.callers.names(asking)),
            "plan": sorted(trace.calls, key=lambda call: int(call["id"])),
            "policy": decided,
            "cost": cost(run.plan, run.prepared, data) if asking.wants("cost") else {},
        }
        return answer(data, errors, absent, told)
