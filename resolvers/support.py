"""What went wrong for the customer: Remedy, one question for a whole level of customers, orders or products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.remedy import Incident, IncidentPage, Remedy
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.people import OF_CUSTOMER, REQUESTER, by_ids, keys_of, known
from resolvers.rows import Case, Item, Person, Sale

LINKS = {"requester": "person_id", "order_number": "order_number", "sku": "sku"}
"""What an edge of a ticket needs, and the attribute of the record that has it."""


@resolves(schema.Query, "ticket", source=(Remedy.incidents,))
async def ticket(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Case]]:
    return await named(ask.arguments["number"], ask, ask.columns)


@resolves(schema.Query, "tickets", source=(Remedy.search,), pushes=("own", "assigned"))
async def found(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Page]]:
    """Remedy evaluates every condition; row rules are more of them: the requester, the assignee."""
    if refused := paging.refused(ask, 1):
        return refused
    wanted = paging.given(ask)
    people = keys_of(ask, REQUESTER, wanted.get("customer"))
    mine = ask.predicates.get("assigned")
    if people == () or (mine is not None and not mine) or paging.fits_nothing(wanted):
        return [Outcome(paging.none(ask))]
    try:
        after = paging.opened(ask)
    except Gap as gap:
        return [Outcome(error=gap)]
    (page,) = await ask.load(
        Remedy.search,
        [wanted.get("subject", "")],
        _columns([], ask),
        **_conditions(wanted),
        people=people or (),
        assignees=tuple(sorted(mine or ())),
        first=ask.arguments["first"],
        after=after,
    )
    return [Outcome(_merged("", ask, [page.value]) if page.value else None, page.error)]


@resolves(schema.Customer, "tickets", source=(Remedy.incidents_of_people,), passes_on=OF_CUSTOMER)
async def of_customers(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    """Tickets of everybody the help desk knows this customer as; several requesters are merged."""
    return await _pages(people, [person.keys.get(REQUESTER, ()) for person in people], ask, Remedy.incidents_of_people)


@resolves(schema.Order, "tickets", source=(Remedy.incidents_of_orders,))
async def of_orders(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[Page]]:
    return await _pages(sales, [(sale.number,) for sale in sales], ask, Remedy.incidents_of_orders)


@resolves(schema.Product, "tickets", source=(Remedy.incidents_of_products,))
async def of_products(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Page]]:
    return await _pages(items, [(item.sku,) for item in items], ask, Remedy.incidents_of_products)


@resolves(
    schema.Ticket,
    *("subject", "description", "status", "priority", "urgency", "impact", "openedAt", "resolvedAt", "sla"),
    carried="incident",
    source=(Remedy.incidents,),
)
async def record(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Incident]]:
    return await ask.load(Remedy.incidents, [case.number for case in cases])


@resolves(schema.Ticket, "worklog", source=(Remedy.worklogs,))
async def worklog(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Any]]:
    """Internal entries are left out by the question itself."""
    return await ask.load(Remedy.worklogs, [case.number for case in cases], internal=False)


@resolves(schema.Ticket, "internalWorklog", source=(Remedy.worklogs,))
async def internal_worklog(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Any]]:
    return await ask.load(Remedy.worklogs, [case.number for case in cases], internal=True)


@resolves(schema.Ticket, "customer", needs=("requester",), source=(Remedy.incidents,))
async def requester(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Person]]:
    return await requesters(cases, ask)


@resolves(schema.Ticket, "order", needs=("order_number",), source=(Remedy.incidents,))
async def order(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Sale]]:
    found = await _links(cases, ask, "order_number")
    return [Outcome(Sale(one.value) if one.value else None, one.error) for one in found]


@resolves(schema.Ticket, "product", needs=("sku",), source=(Remedy.incidents,))
async def product(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[Item]]:
    found = await _links(cases, ask, "sku")
    return [Outcome(Item(one.value) if one.value else None, one.error) for one in found]


async def named(number: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Case]]:
    """One ticket by what the caller calls it. Where it is there under a relation only, that is asked about the number
    itself: see `Ask.judged`."""
    return [Outcome(Case(number))] if "Ticket" in ask.judged else await by_numbers([number], ask, columns)


async def by_numbers(numbers: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Case]]:
    """Tickets that exist, by number, carrying what was fetched to find them."""
    found = await ask.load(Remedy.incidents, numbers, with_links(columns))
    return [
        Outcome(Case(number, one.value, linked_in(columns)) if one.value else None, one.error)
        for number, one in zip(numbers, found, strict=True)
    ]


def with_links(columns: frozenset[str]) -> frozenset[str]:
    return columns | {LINKS[need] for need in linked_in(columns)}


def linked_in(columns: frozenset[str]) -> frozenset[str]:
    return columns & LINKS.keys()


async def _links(cases: Sequence[Case], ask: Ask, need: str) -> list[Outcome[str]]:
    """One link key of each ticket: carried, or asked for those that do not carry it."""
    attribute = LINKS[need]
    unknown = [case.number for case in cases if need not in case.linked]
    asked = await ask.load(Remedy.incidents, unknown, frozenset({attribute}))
    found = dict(zip(unknown, asked, strict=True))
    return [_link(found[case.number] if case.number in found else Outcome(case.incident), attribute) for case in cases]


def _link(outcome: Outcome[Incident], attribute: str) -> Outcome[str]:
    return Outcome(getattr(outcome.value, attribute) if outcome.value else None, outcome.error)


async def requesters(cases: Sequence[Case], ask: Ask) -> list[Outcome[Person]]:
    """Who reported each ticket, as far as they are customers of ours."""
    links = await _links(cases, ask, "requester")
    people = known(ask, REQUESTER, {link.value for link in links if link.value})
    return [Outcome(people.get(link.value or ""), link.error) for link in links]


async def reported_by(cases: Sequence[Case], ask: Ask, customers: frozenset[str]) -> list[Outcome[Person]]:
    """Who reported each ticket, as far as it was one of these customers."""
    mine = {key: one for one in by_ids(ask, sorted(customers)) if one for key in one.keys.get(REQUESTER, ())}
    if not mine:
        return [Outcome()] * len(cases)
    numbers, columns = [case.number for case in cases], frozenset({"person_id"})
    found = await ask.load(Remedy.incidents, numbers, columns, people=tuple(sorted(mine)))
    return [Outcome(mine.get(one.value.person_id or "") if one.value else None, one.error) for one in found]


async def worked_on_by(cases: Sequence[Case], ask: Ask, names: frozenset[str]) -> list[Outcome[Incident]]:
    """Each ticket's assignee, as far as it is one of these."""
    if not names:
        return [Outcome()] * len(cases)
    numbers, columns = [case.number for case in cases], frozenset({"assignee"})
    return await ask.load(Remedy.incidents, numbers, columns, assignees=tuple(sorted(names)))


async def _pages(
    parents: Sequence[Any], keys: Sequence[Sequence[str]], ask: Ask, operation: Any
) -> Sequence[Outcome[Page]]:
    """A first page for many parents is one question; a later page belongs to one parent."""
    if refused := paging.refused(ask, len(parents)):
        return refused
    columns = _columns(keys, ask)
    return await paging.merged(
        parents, keys, ask, operation, columns, lambda parent, pages: _merged(parent.id, ask, pages)
    )


def _conditions(wanted: Mapping[str, Any]) -> dict[str, Any]:
    opened = wanted.get("opened") or {}
    return {
        "status": tuple(wanted.get("status", ())),
        "priority": tuple(wanted.get("priority", ())),
        "opened_from": opened.get("from"),
        "opened_before": opened.get("before"),
        "order": wanted.get("order"),
        "sku": wanted.get("sku"),
    }


def _columns(keys: Sequence[Sequence[str]], ask: Ask) -> frozenset[str]:
    shown = with_links(paging.rows_of(ask)) | {"number"}
    merges = any(len(own) > 1 for own in keys)
    return shown | {"opened_at"} if merges or paging.reads_cursors(ask) else shown


def _merged(parent: str, ask: Ask, pages: Sequence[IncidentPage]) -> Page:
    first, linked = ask.arguments["first"], linked_in(paging.rows_of(ask))
    found = {incident.number: incident for page in pages for incident in page.incidents}
    newest = sorted(found.values(), key=_position, reverse=True) if len(pages) > 1 else list(found.values())
    more = any(page.has_next for page in pages) or len(newest) > first
    cases = [Case(incident.number, incident, linked) for incident in newest[:first]]
    behind = ask.arguments.get("after") is not None
    total = pages[0].total if len(pages) == 1 else None
    return Page(
        cases,
        more,
        behind,
        lambda case: paging.sealed(ask, parent, _position(case.incident)),
        paging.whole(ask, cases, more) if total is None else total,
    )


def _position(incident: Incident | None) -> tuple[str, str]:
    """Where a ticket stands in a list, newest first."""
    if incident is None or incident.opened_at is None:
        return ("", incident.number if incident else "")
    return (incident.opened_at.isoformat(), incident.number)
