"""What is somebody else's and what does not exist: one answer to the byte, and the same questions to the same systems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from resolvers.ids import global_id
from tests.company import Company
from tests.principals.callers import EVERYBODY, NOBODY, Rows, Somebody, caller, owing

pytestmark = pytest.mark.anyio

ORDER = {
    "order": "query($n: String!) { order(number: $n) { id number status placedAt lines { number sku } } }",
    "search": "query($n: String!) { search(text: $n) { orders { matched order { number status } } } }",
    "two of them": "query($n: String!) { a: order(number: $n) { status } b: order(number: $n) { channel __typename } }",
}
TICKET = {
    "ticket": "query($n: String!) { ticket(number: $n) { id number subject status worklog { text } } }",
    "search": "query($n: String!) { search(text: $n) { tickets { matched ticket { number status } } } }",
}
INVOICE = {
    "invoice": "query($n: String!) { invoice(number: $n) { id number status overdue dueOn payments { number } } }",
    "search": "query($n: String!) { search(text: $n) { invoices { matched invoice { number status } } } }",
}
NODE = {
    "Order": "query($n: ID!) { node(id: $n) { __typename id ... on Order { status } } }",
    "Invoice": "query($n: ID!) { node(id: $n) { __typename id ... on Invoice { status } } }",
    "Ticket": "query($n: ID!) { node(id: $n) { __typename id ... on Ticket { subject } } }",
}
BY = "query($n: {kind}!) {{ customer(by: {{{way}: $n}}) {{ id name email }} customerMatches(by: {{{way}: $n}}) {{ matched }} }}"
SEVERAL = "query($n: ID!) { customersById(ids: [$n]) { id name orders { nodes { number } } } node(id: $n) { id } }"
FILTERED = """query($n: ID!) { orders(filter: {customer: $n}) { totalCount nodes { number } pageInfo { hasNextPage } }
    tickets(filter: {customer: $n}) { totalCount nodes { number } } }"""

WITH_ORDERS = [one for one in EVERYBODY if one.order]
WITH_TICKETS = [one for one in EVERYBODY if one.ticket]
WITH_INVOICES = [one for one in EVERYBODY if one.invoice]
UNSEARCHED = {("account manager", "search")}
"""No tickets or invoices are searched for whoever would have to ask the CRM whose they are."""
CUSTOMERS = [one for one in EVERYBODY if one.customer is not None]


def named(somebody: Somebody) -> str:
    return somebody.name


async def same(somebody: Somebody, company: Company, query: str, theirs: str, nobodys: str) -> None:
    """Both ways round, so that what is asked first makes no difference."""
    asking = somebody.enters(company)
    for one, other in ((theirs, nobodys), (nobodys, theirs)):
        (told, calls), (told_too, calls_too) = await asking.asked(query, n=one), await asking.asked(query, n=other)
        assert told.without(one) == told_too.without(other)
        assert calls == calls_too
        assert told.status == 200
        assert '"data":{' in told.body
        assert theirs not in told.without(one).body


def some(keys: Iterator[str], wanted: int = 3) -> list[str]:
    """A few, of different shapes when there are several shapes."""
    listed = list(islice(keys, 400))
    return list({len(key): key for key in listed}.values())[:wanted] + listed[:1]


@pytest.mark.parametrize("way", ORDER)
@pytest.mark.parametrize("somebody", WITH_ORDERS, ids=named)
async def test_an_order_of_somebody_else_is_an_order_that_does_not_exist(
    company: Company, somebody: Somebody, way: str
) -> None:
    rows = Rows(company)
    for number in some(rows.orders_of(somebody, theirs=False)):
        await same(somebody, company, ORDER[way], number, rows.unused(number))


@pytest.mark.parametrize(
    ("somebody", "way"),
    [(one, way) for one in WITH_TICKETS for way in TICKET if (one.name, way) not in UNSEARCHED],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
async def test_a_ticket_of_somebody_else_is_a_ticket_that_does_not_exist(
    company: Company, somebody: Somebody, way: str
) -> None:
    rows = Rows(company)
    for number in some(rows.tickets_of(somebody, theirs=False)):
        await same(somebody, company, TICKET[way], number, rows.unused(number))


@pytest.mark.parametrize(
    ("somebody", "way"),
    [(one, way) for one in WITH_INVOICES for way in INVOICE if (one.name, way) not in UNSEARCHED],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
async def test_an_invoice_of_somebody_else_is_an_invoice_that_does_not_exist(
    company: Company, somebody: Somebody, way: str
) -> None:
    rows = Rows(company)
    for number in some(rows.invoices_of(somebody, theirs=False)):
        await same(somebody, company, INVOICE[way], number, rows.unused(number))


@pytest.mark.parametrize("somebody", EVERYBODY, ids=named)
async def test_so_is_anything_by_its_id(company: Company, somebody: Somebody) -> None:
    rows = Rows(company)
    found = [("Order", rows.orders_of)] if somebody.order else []
    found += [("Ticket", rows.tickets_of)] if somebody.ticket else []
    found += [("Invoice", rows.invoices_of)] if somebody.invoice else []
    for kind, keys in found:
        number = next(keys(somebody, False))
        theirs, nobodys = (global_id(kind, one) for one in (number, rows.unused(number)))
        await same(somebody, company, NODE[kind], theirs, nobodys)


@pytest.mark.parametrize("somebody", CUSTOMERS, ids=named)
@pytest.mark.parametrize(
    "way", ["id", "email", "phone", "orderNumber", "invoiceNumber", "ticketNumber", "several", "filter"]
)
async def test_another_customer_is_nobody(company: Company, somebody: Somebody, way: str) -> None:
    rows, other = Rows(company), company.world.customer(1)
    order = next(one.number for one in rows.orders if one.customer == 1)
    ticket = next(one.number for one in rows.tickets if one.customer == 1)
    invoice = next(one.number for one in rows.invoices if owing(company, one) == 1)
    asked: dict[str, tuple[str, str, str]] = {
        "id": (BY.format(kind="ID", way="id"), company.id_of(1), NOBODY),
        "email": (BY.format(kind="String", way="email"), other.email, "no.such.person@example.com"),
        "phone": (BY.format(kind="String", way="phone"), other.phone, other.phone[:-4] + "0000"),
        "orderNumber": (BY.format(kind="String", way="orderNumber"), order, rows.unused(order)),
        "invoiceNumber": (BY.format(kind="String", way="invoiceNumber"), invoice, rows.unused(invoice)),
        "ticketNumber": (BY.format(kind="String", way="ticketNumber"), ticket, rows.unused(ticket)),
        "several": (SEVERAL, company.id_of(1), NOBODY),
        "filter": (FILTERED, company.id_of(1), NOBODY),
    }
    await same(somebody, company, *asked[way])


async def test_nor_are_they_anybody_by_a_key_of_a_system(company: Company) -> None:
    """Who may not see keys at all does not find by them either; and who could, would only find themself."""
    query = 'query($n: String!) { customer(by: {key: {system: "siebel.contact", key: $n}}) { id } }'
    theirs = str(company.world.customer(1).siebel_contact_id)

    await same(EVERYBODY[0], company, query, theirs, theirs[:-1] + "~")


# -- cursors ----------------------------------------------------------------------------------------------------------

ORDERS = "query($a: String) { orders(first: 2, after: $a) { nodes { number } pageInfo { endCursor hasNextPage } } }"
Change = Callable[[str], str]


@pytest.mark.parametrize("somebody", WITH_ORDERS, ids=named)
async def test_a_cursor_of_somebody_else_is_no_cursor(company: Company, somebody: Somebody) -> None:
    """Those of who sees all, of another of the same role, of another list: refused like letters at random."""
    made: dict[str, str] = {}
    for name, asking in {
        "agent": caller(company, "support_agent"),
        "partner of the same role": caller(company, somebody.role, client="nobody-we-know"),
        **{other.name: other.enters(company) for other in WITH_ORDERS if other is not somebody},
    }.items():
        page = (await asking.ask(ORDERS)).data["orders"]
        if page and page["pageInfo"]["endCursor"]:
            made[name] = page["pageInfo"]["endCursor"]
    asking = somebody.enters(company)
    nonsense = "A" * len(made["agent"])
    refused, calls = await asking.asked(ORDERS, a=nonsense)

    assert {"agent", "carrier", "reseller"} - {somebody.name} <= made.keys()
    assert '"code":"BAD_VARIABLE"' in refused.body
    for cursor in made.values():
        assert await asking.asked(ORDERS, a=cursor) == (refused, calls)


# -- and what is theirs is there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("somebody", WITH_ORDERS, ids=named)
async def test_their_own_orders_are_there(company: Company, somebody: Somebody) -> None:
    number = next(Rows(company).orders_of(somebody, theirs=True))
    asking = somebody.enters(company)

    told = [(await asking.ask(query, n=number)).data for query in ORDER.values()]
    by_id = (await asking.ask(NODE["Order"], n=global_id("Order", number))).data["node"]

    assert told[0]["order"]["number"] == number
    assert told[1]["search"]["orders"][0]["order"]["number"] == number
    assert by_id["__typename"] == "Order"


@pytest.mark.parametrize("somebody", WITH_TICKETS, ids=named)
async def test_their_own_tickets_are_there(company: Company, somebody: Somebody) -> None:
    number = next(Rows(company).tickets_of(somebody, theirs=True))
    asking = somebody.enters(company)

    told = (await asking.ask(TICKET["ticket"], n=number)).data["ticket"]
    by_id = (await asking.ask(NODE["Ticket"], n=global_id("Ticket", number))).data["node"]

    assert told["number"] == number
    assert by_id["__typename"] == "Ticket"


@pytest.mark.parametrize("way", ["id", "email", "phone", "orderNumber", "invoiceNumber", "ticketNumber"])
async def test_they_find_themself_in_every_way(company: Company, way: str) -> None:
    me, rows = company.world.customer(0), Rows(company)
    keys: dict[str, Any] = {
        "id": company.id_of(0),
        "email": me.email,
        "phone": me.phone,
        "orderNumber": next(rows.orders_of(EVERYBODY[0], theirs=True)),
        "invoiceNumber": next(rows.invoices_of(EVERYBODY[0], theirs=True)),
        "ticketNumber": next(rows.tickets_of(EVERYBODY[0], theirs=True)),
    }
    kind = "ID" if way == "id" else "String"

    told = await EVERYBODY[0].enters(company).ask(BY.format(kind=kind, way=way), n=keys[way])

    assert told.data["customer"]["id"] == company.id_of(0)
    assert told.data["customerMatches"] == [{"matched": [way]}]
