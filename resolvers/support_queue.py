"""Which complaint first: open tickets of the help desk, scheduled by what a breach of each would cost.

The cost is severity × what the customer is worth × what they owe, by the weights of `rules.toml`. While the ledger does
not answer, its two factors count as one and say so: a queue without them is better than none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import prod
from typing import Any

import schema
from resolvers import rules
from resolvers.backends.base import Outcome
from resolvers.backends.netsuite import Money, NetSuite
from resolvers.backends.remedy import Incident, Remedy
from resolvers.binding import Ask, resolves
from resolvers.guidance import Billed, Factor, billed_to, owed_by
from resolvers.paging import out_of_range
from resolvers.people import REQUESTER, known
from resolvers.rows import Case, Person
from resolvers.scheduling import Job, Slot, schedule
from resolvers.support import by_numbers
from schema import TicketPriority, TicketStatus

WORKABLE = (TicketStatus.NEW, TicketStatus.ASSIGNED, TicketStatus.IN_PROGRESS)
NEEDED = frozenset({"number", "priority", "opened_at", "sla", "sla.due_at", "person_id"})
LINKED = frozenset({"requester"})
"""What of a ticket is fetched to judge it, and which of its links that is."""
MOST_AGENTS, LONGEST = 100, 100


@dataclass(frozen=True, slots=True)
class Place:
    case: Case
    position: int
    agent: int
    starts_at: datetime
    ends_at: datetime
    due_at: datetime
    breaches: bool
    weight: float
    factors: Sequence[Factor]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a requester was billed and owes, as far as the ledger says."""

    billed: Outcome[Billed]
    owed: Outcome[Money]


UNKNOWN = Worth(Outcome(), Outcome())


@dataclass(frozen=True, slots=True)
class Queue:
    as_of: datetime
    agents: int
    places: Sequence[Place]
    breaches: int
    complete: bool


@resolves(
    schema.Query,
    "supportQueue",
    source=(Remedy.search, NetSuite.sales_of_debtors, NetSuite.balances),
    derived=True,
    inputs=("Ticket.priority", "Ticket.sla", "Ticket.openedAt", "Customer.insights", "Customer.balance"),
    aggregate="What customers are worth is told as a score, what they owe as a band of the rules.",
)
async def support_queue(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Queue]]:
    rule, first = rules.of(ask).queue, ask.arguments["first"]
    agents = ask.arguments.get("agents") or rule.agents
    if not 1 <= first <= LONGEST:
        return [Outcome(error=out_of_range("first", first, LONGEST))]
    if ask.arguments.get("agents") is not None and not 1 <= ask.arguments["agents"] <= MOST_AGENTS:
        return [Outcome(error=out_of_range("agents", ask.arguments["agents"], MOST_AGENTS))]
    (page,) = await ask.load(Remedy.search, [""], NEEDED, first=rule.most, after=None, status=WORKABLE)
    if page.value is None:
        return [Outcome(error=page.error)]
    worth = await _worth(page.value.incidents, ask)
    return [Outcome(_queue(page.value, worth, ask, agents, first))]


@resolves(schema.QueuePlace, "ticket", needs=("case",), source=(Remedy.incidents,))
async def ticket(places: Sequence[Place], ask: Ask) -> Sequence[Outcome[Case]]:
    """Little is fetched of all, to judge them. Those that are shown are asked for again, whatever is asked of them: so
    that a ticket does not come and go with what is."""
    return await by_numbers([one.case.number for one in places], ask, ask.columns)


async def _worth(incidents: Iterable[Incident], ask: Ask) -> Mapping[str, Worth]:
    """What each requester is worth and owes, by Person ID; nobody who is not a customer of ours is in it."""
    people: dict[str, Person] = known(ask, REQUESTER, {one.person_id for one in incidents if one.person_id})
    unique = list({person.key: person for person in people.values()}.values())
    billed, owed = await asyncio.gather(billed_to(unique, ask, frozenset({"monetary_score"})), owed_by(unique, ask))
    worth = {person.key: Worth(sums, debt) for person, sums, debt in zip(unique, billed, owed, strict=True)}
    return {key: worth[person.key] for key, person in people.items()}


def _queue(page: Any, worth: Mapping[str, Worth], ask: Ask, agents: int, first: int) -> Queue:
    rule, now = rules.of(ask).queue, ask.context.now()
    factors = {one.number: _factors(one, worth.get(one.person_id or "", UNKNOWN), rule) for one in page.incidents}
    cases = {one.number: Case(one.number, one, LINKED) for one in page.incidents}
    jobs = [_job(one, factors[one.number], rule, now) for one in page.incidents]
    slots = schedule(jobs, agents, rule.hope)
    places = [_place(cases, factors, position, slot, now) for position, slot in enumerate(slots[:first], 1)]
    return Queue(now, agents, places, sum(slot.late for slot in slots), not page.has_next)


def _job(one: Incident, factors: Sequence[Factor], rule: rules.Queue, now: datetime) -> Job:
    priority = one.priority or TicketPriority.OTHER
    due = (_due(one, rule, now) - now) / timedelta(minutes=1)
    return Job(one.number, rule.minutes[priority], due, prod(factor.weight or 1.0 for factor in factors))


def _due(one: Incident, rule: rules.Queue, now: datetime) -> datetime:
    if one.sla and one.sla.due_at:
        return one.sla.due_at
    return (one.opened_at or now) + timedelta(minutes=rule.patience[one.priority or TicketPriority.OTHER])


def _factors(one: Incident, worth: Worth, rule: rules.Queue) -> list[Factor]:
    priority = one.priority or TicketPriority.OTHER
    severity = Factor("severity", priority.name, Remedy.name, rule.severity[priority])
    return [severity, _value(worth.billed, rule), _exposure(worth.owed, rule)]


def _value(billed: Outcome[Billed], rule: rules.Queue) -> Factor:
    if billed.error:
        return Factor("value", None, NetSuite.name, 1.0)
    score = (billed.value.monetary_score if billed.value else None) or 0
    return Factor("value", str(score), NetSuite.name, rule.value.weights[score])


def _exposure(owed: Outcome[Money], rule: rules.Queue) -> Factor:
    if owed.error:
        return Factor("exposure", None, NetSuite.name, 1.0)
    amount = int(owed.value.amount) if owed.value else 0
    band = sum(amount >= least for least in rule.exposure.from_)
    return Factor("exposure", f"{(0, *rule.exposure.from_)[band]}+", NetSuite.name, rule.exposure.weights[band])


def _place(
    cases: Mapping[str, Case], factors: Mapping[str, Sequence[Factor]], position: int, slot: Slot, now: datetime
) -> Place:
    key, minutes = slot.job.key, timedelta(minutes=1)
    return Place(
        cases[key],
        position,
        slot.agent + 1,
        now + slot.start * minutes,
        now + slot.end * minutes,
        now + slot.job.due * minutes,
        slot.late,
        slot.job.weight,
        factors[key],
    )
