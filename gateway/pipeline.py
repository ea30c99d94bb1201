"""The request's path, top to bottom. Each step takes what the one above it made.

authorize  Principal               → Grants       what this class of callers needs to know   pure
admit      text                    → Operation    parsed, valid, within the limits           pure, made once
plan       Operation × Grants      → Plan         every fetch; nothing that may not be seen  pure, made once
run        Plan × variables        → rows         the only step that waits for anybody
answer     rows, gaps, failures    → bytes        data, and a reason for every gap
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql.execution.values import VariableValues

from gateway.auth import Principal
from gateway.engine.answer import answer, withheld_errors
from gateway.engine.collect import Collector
from gateway.engine.costing import cost
from gateway.engine.cursors import Sealer
from gateway.engine.guard import possible_rows, too_many_rows
from gateway.engine.once import Asker
from gateway.engine.operation import View, refusal, variables
from gateway.engine.plan import Plan
from gateway.engine.run import Run
from gateway.engine.sources import sources
from gateway.engine.trace import Trace
from gateway.engine.viewer import Viewer
from gateway.engine.views import Views, named_in_vain
from gateway.errors import Code
from gateway.policy import Grants, Policy
from gateway.policy.reasons import not_allowed, with_reasons
from gateway.prepare import Preparation
from gateway.question import Options, Question
from gateway.traffic import Traffic
from gateway.traffic.door import Places
from resolvers.backends.base import TRACEPARENT, Deadline
from resolvers.binding import Cursors
from resolvers.context import Caller, Context
from schema import Category


@dataclass(slots=True)
class Pipeline:
    """Made once per app.

    views:      what of the schema each class of callers is shown
    deadlines:  seconds, by group of role
    facts:      what the app's resolvers share
    places:     how many questions are answered at once; here, how many exports
    warn:       writes that a system failed, with the cause
    current:    a caller's own key under a relation → the one that facts of rows use today
    """

    prepared: Preparation
    policy: Policy
    traffic: Traffic
    sealer: Sealer
    views: Views
    deadlines: Mapping[str, float]
    now: Callable[[], datetime]
    facts: Mapping[str, Any]
    label_key: bytes
    current: Callable[[str], str]
    places: Places
    warn: Callable[[Hashable, str], None]

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        TRACEPARENT.set(options.traceparent)
        asker = Asker(principal.subject, Deadline(self.seconds(principal, options)))
        purpose = self.policy.purpose(principal, options.purpose)
        grants = self.policy.grants(principal, purpose)
        view = self.views.of(self.policy.ceiling(principal))
        operation = await self.prepared.admit(view, question, asker)
        values = variables(view.schema, operation, question.variables)
        chosen = await self.prepared.plan(view, operation, grants, values, asker)
        viewer = Viewer(self.keys(principal), purpose)
        told: list[dict[str, Any]] = []
        if "policy" in options.include and self.runs_it(grants):
            told = await self.prepared.decisions(view, operation, grants, values, purpose, asker)
        return await self.run(view, chosen, values, grants, viewer, principal, options, asker.deadline, told)

    async def run(
        self,
        view: View,
        chosen: Plan,
        values: VariableValues,
        grants: Grants,
        viewer: Viewer,
        principal: Principal,
        options: Options,
        deadline: Deadline,
        decided: Sequence[Mapping[str, Any]],
    ) -> bytes:
        informed = self.runs_it(grants)
        names: Callable[[str], str] = (lambda system: system) if informed else self.label
        sourced = "sources" in options.include
        trace = Trace(self.traffic, informed and "plan" in options.include, sourced)
        collector = Collector(options.request_id, names, self.warn)
        context = Context(trace, self.now, caller=self.caller(principal, grants, viewer), **self.facts)
        run = Run(
            view.schema,
            chosen,
            values,
            context,
            deadline,
            viewer,
            collector,
            lambda branch, arguments: self.cursors(branch.coordinate, arguments, grants, viewer),
            places=[] if sourced else None,
        )
        run.prepare()
        disclosed = self.disclosure(principal, informed and "policy" in options.include)
        if view.partial and (named := named_in_vain(chosen.ungranted, run.prepared.guarded.values())):
            raise not_allowed(named, grants, viewer.purpose, disclosed, self.label_key)
        with self.places.export(self.rows(chosen, run)):
            try:
                data = await run()
            finally:
                context.close()
        gaps = [gap for gap in run.gaps if view.names(gap.coordinate)] if view.partial else run.gaps
        absent = with_reasons(collector.absent(gaps), grants, viewer.purpose, disclosed, self.label_key)
        errors = collector.errors()
        if options.on_withheld == "error":
            errors += withheld_errors(absent, data)
        told = {
            "sources": sources(run.places or (), trace.heard, data, names),
            "plan": sorted(trace.calls, key=lambda call: int(call["id"])),
            "policy": decided,
            "cost": cost(chosen, run.prepared, data) if informed and "cost" in options.include else {},
        }
        return answer(data, errors, absent, told)

    def rows(self, chosen: Plan, run: Run) -> int:
        """How many rows the answer can have, by its list sizes. Raises `Refusal` for more than are served."""
        rows = possible_rows(chosen, run.arguments)
        if rows > self.prepared.limits.rows:
            raise refusal(Code.LIMIT, too_many_rows(rows, self.prepared.limits.rows))
        return rows

    def cursors(self, coordinate: str, arguments: Mapping[str, Any], grants: Grants, viewer: Viewer) -> Cursors:
        """Cursors of one field, good for whoever sees the same rows of it in the same way."""
        return self.sealer.bound(coordinate, arguments, f"{grants.digest} {viewer.known}")

    def classes(self) -> Iterator[tuple[Grants, View]]:
        """Every class of callers there is: what it is granted, and what it may name."""
        known = [Principal("", role) for role in self.policy.roles]
        known += [Principal("", partner.role, client=partner.client) for partner in self.policy.partners.values()]
        for one in known:
            for purpose in self.policy.purposes(one):
                yield self.policy.grants(one, purpose), self.views.of(self.policy.ceiling(one))

    def keys(self, principal: Principal) -> Mapping[str, frozenset[str]]:
        """What our systems call the caller today, by relation."""
        keys = self.policy.keys(principal)
        return {name: frozenset(map(self.current, some)) if name == "own" else some for name, some in keys.items()}

    def caller(self, principal: Principal, grants: Grants, viewer: Viewer) -> Caller:
        """The caller, in the words the graph uses to tell them who they are."""
        names = [category.value for category in grants.categories]
        who = principal
        return Caller(who.subject, who.role, who.client, viewer.purpose, who.customer, names)

    def disclosure(self, principal: Principal, wanted: bool) -> str:
        """How much of a reason this caller is told; all of it to who runs the gateway and asks."""
        return "full" if wanted else self.policy.disclosure(principal)

    def informed(self, principal: Principal) -> bool:
        """Whether they may know which systems there are."""
        return self.runs_it(self.policy.grants(principal))

    def runs_it(self, grants: Grants) -> bool:
        """Whether these callers need to know how the gateway works."""
        return grants.decide(Category.OPERATIONS).sees()

    def group(self, principal: Principal) -> str:
        role = self.policy.role(principal)
        return role.group if role else "partner"

    def seconds(self, principal: Principal, options: Options) -> float:
        allowed = self.deadlines[self.group(principal)]
        return min(allowed, options.deadline_ms / 1000) if options.deadline_ms else allowed

    def label(self, system: str) -> str:
        """What a caller without `operations` hears a system called: stable, and it says nothing."""
        return "system-" + hashlib.blake2b(system.encode(), digest_size=3, key=self.label_key[:64]).hexdigest()
