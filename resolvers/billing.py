"""What the customer owes and what they paid: NetSuite, one question for all customers, orders or invoices at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Operation, Outcome
from resolvers.backends.netsuite import Balance, Invoice, InvoicePage, NetSuite
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.people import DEBTOR, OF_CUSTOMER, by_ids, known
from resolvers.rows import Bill, Item, Person, Sale

LINKS = {
    "debtor": frozenset({"debtor_id"}),
    "order_number": frozenset({"order_number"}),
    "standing": frozenset({"status", "due_on"}),
}
"""What an edge of an invoice needs, and the attributes of the record that have it."""

STANDING = ("Invoice.status", "Invoice.dueOn")


@resolves(schema.Query, "invoice", source=(NetSuite.invoices,))
async def invoice(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Bill]]:
    return await named(ask.arguments["number"], ask, ask.columns)


@resolves(schema.Customer, "invoices", source=(NetSuite.invoices_of_debtors,), passes_on=OF_CUSTOMER)
async def of_customers(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    """A first page for many customers is one question; a later page belongs to one customer."""
    if refused := paging.refused(ask, len(people)):
        return refused
    debtors, columns = [person.keys.get(DEBTOR, ()) for person in people], _columns(paging.rows_of(ask))
    return await paging.merged(
        people, debtors, ask, NetSuite.invoices_of_debtors, columns, lambda person, pages: _merged(person, ask, pages)
    )


@resolves(schema.Order, "invoices", source=(NetSuite.invoices_of_orders,))
async def of_orders(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[list[Bill]]]:
    """Whose they are is asked of the ledger: an order's invoice may be made out to somebody else than ordered."""
    found = await ask.load(NetSuite.invoices_of_orders, [sale.number for sale in sales], _columns(ask.columns))
    linked = linked_in(ask.columns)
    return [Outcome(None if one.error else _bills(one.value or (), linked), one.error) for one in found]


@resolves(
    schema.Invoice,
    *("status", "issuedOn", "dueOn", "settledOn", "total", "open", "currency"),
    carried="invoice",
    source=(NetSuite.invoices,),
)
async def record(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Invoice]]:
    return await ask.load(NetSuite.invoices, [bill.number for bill in bills])


@resolves(schema.Invoice, "overdue", needs=("standing",), source=(NetSuite.invoices,), derived=True, inputs=STANDING)
async def overdue(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[bool]]:
    today = ask.context.now().date()
    return [_late(one, today, lambda days: days > 0) for one in await _records(bills, ask, "standing")]


@resolves(
    schema.Invoice, "daysOverdue", needs=("standing",), source=(NetSuite.invoices,), derived=True, inputs=STANDING
)
async def days_overdue(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[int]]:
    today = ask.context.now().date()
    return [_late(one, today, lambda days: max(days, 0)) for one in await _records(bills, ask, "standing")]


@resolves(schema.Invoice, "lines", source=(NetSuite.lines_of_invoices,))
async def lines(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _below(bills, ask, NetSuite.lines_of_invoices)


@resolves(schema.Invoice, "payments", source=(NetSuite.payments_of_invoices,))
async def payments(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _below(bills, ask, NetSuite.payments_of_invoices)


@resolves(schema.Invoice, "creditMemos", source=(NetSuite.credits_of_invoices,))
async def credit_memos(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _below(bills, ask, NetSuite.credits_of_invoices)


@resolves(schema.Invoice, "order", needs=("order_number",), source=(NetSuite.invoices,))
async def order(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Sale]]:
    numbers = [_link(one, "order_number") for one in await _records(bills, ask, "order_number")]
    return [Outcome(Sale(one.value) if one.value else None, one.error) for one in numbers]


@resolves(schema.Invoice, "customer", needs=("debtor",), source=(NetSuite.invoices,))
async def customer(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[Person]]:
    return await debtors(bills, ask)


@resolves(schema.InvoiceLine, "product", needs=("sku",))
async def product(lines: Sequence[Any], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(line.sku) if line.sku else None) for line in lines]


@resolves(schema.Customer, "balance", source=(NetSuite.balances,))
async def balance(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Balance]]:
    """Added up over the records of a customer, for which their currency has to be known."""
    keys = list(dict.fromkeys(key for person in people for key in person.keys.get(DEBTOR, ())))
    merges = any(len(person.keys.get(DEBTOR, ())) > 1 for person in people)
    columns = ask.columns | {"currency"} if merges else ask.columns
    found = dict(zip(keys, await ask.load(NetSuite.balances, keys, columns), strict=True))
    return [_sum([found[key] for key in person.keys.get(DEBTOR, ())]) for person in people]


async def named(number: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Bill]]:
    """One invoice by what the caller calls it. Where it is there under a relation only, that is asked about the number
    itself: see `Ask.judged`."""
    return [Outcome(Bill(number))] if "Invoice" in ask.judged else await by_numbers([number], ask, columns)


async def by_numbers(numbers: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Bill]]:
    """Invoices that exist, by number, carrying what was fetched to find them."""
    found = await ask.load(NetSuite.invoices, numbers, _columns(columns))
    return [
        Outcome(Bill(number, one.value, linked_in(columns)) if one.value else None, one.error)
        for number, one in zip(numbers, found, strict=True)
    ]


def linked_in(columns: frozenset[str]) -> frozenset[str]:
    return columns & LINKS.keys()


async def debtors(bills: Sequence[Bill], ask: Ask) -> list[Outcome[Person]]:
    """Who owes each invoice, as far as they are customers of ours."""
    links = [_link(one, "debtor_id") for one in await _records(bills, ask, "debtor")]
    people = known(ask, DEBTOR, {link.value for link in links if link.value})
    return [Outcome(people.get(link.value or ""), link.error) for link in links]


async def owed_by(bills: Sequence[Bill], ask: Ask, customers: frozenset[str]) -> list[Outcome[Person]]:
    """Who owes each invoice, as far as it is one of these customers."""
    mine = {key: one for one in by_ids(ask, sorted(customers)) if one for key in one.keys.get(DEBTOR, ())}
    if not mine:
        return [Outcome()] * len(bills)
    found = [_link(one, "debtor_id") for one in await _records(bills, ask, "debtor", debtors=tuple(sorted(mine)))]
    return [Outcome(mine.get(one.value or ""), one.error) for one in found]


async def _records(bills: Sequence[Bill], ask: Ask, need: str, **only: Any) -> list[Outcome[Invoice]]:
    """The record of each invoice with what an edge needs: carried, or asked for where it is not."""
    unknown = [bill.number for bill in bills if need not in bill.linked]
    asked = await ask.load(NetSuite.invoices, unknown, LINKS[need], **only)
    found = dict(zip(unknown, asked, strict=True))
    return [found[bill.number] if bill.number in found else Outcome(bill.invoice) for bill in bills]


async def _below(bills: Sequence[Bill], ask: Ask, operation: Operation[Any]) -> list[Outcome[Any]]:
    """What hangs on an invoice, by NetSuite's own id of it: every record has that."""
    unknown = [bill.number for bill in bills if bill.invoice is None]
    asked = dict(zip(unknown, await ask.load(NetSuite.invoices, unknown, frozenset({"id"})), strict=True))
    records = [asked[bill.number] if bill.invoice is None else Outcome(bill.invoice) for bill in bills]
    ids = list(dict.fromkeys(one.value.id for one in records if one.value))
    found = dict(zip(ids, await ask.load(operation, ids), strict=True))
    return [found[one.value.id] if one.value else Outcome(error=one.error) for one in records]


def _link(outcome: Outcome[Invoice], attribute: str) -> Outcome[str]:
    return Outcome(getattr(outcome.value, attribute) if outcome.value else None, outcome.error)


def _late(outcome: Outcome[Invoice], today: date, told: Any) -> Outcome[Any]:
    """Of an invoice whose status or due date is not on record nothing can be said."""
    one = outcome.value
    if one is None or one.status is None or (one.due_on is None and one.status is schema.InvoiceStatus.OPEN):
        return Outcome(error=outcome.error)
    late = (today - one.due_on).days if one.due_on and one.status is schema.InvoiceStatus.OPEN else 0
    return Outcome(told(late))


def _columns(asked: frozenset[str]) -> frozenset[str]:
    """What rows show, and what their edges need; their number always."""
    return (asked | {"number"}).union(*(LINKS[need] for need in linked_in(asked)))


def _bills(invoices: Iterable[Invoice], linked: frozenset[str]) -> list[Bill]:
    return [Bill(one.number, one, linked) for one in invoices if one.number]


def _merged(person: Person, ask: Ask, pages: Sequence[InvoicePage]) -> Page:
    """One customer's page; when the ledger has several records of them, theirs are merged."""
    first, linked = ask.arguments["first"], linked_in(paging.rows_of(ask))
    found = [one for page in pages for one in page.invoices]
    if len(pages) > 1:
        found.sort(key=lambda one: (_position(one)[0], int(one.id)), reverse=True)
    more = any(page.has_next for page in pages) or len(found) > first
    bills = _bills(found[:first], linked)
    behind = ask.arguments.get("after") is not None
    total = paging.whole(ask, bills, more)
    return Page(bills, more, behind, lambda bill: paging.sealed(ask, person.id, _position(bill.invoice)), total)


def _position(one: Invoice | None) -> tuple[str, str]:
    """Where an invoice stands among its customer's, newest first."""
    return (one.issued_on.isoformat() if one.issued_on else "", one.id) if one else ("", "")


def _sum(found: Sequence[Outcome[Balance]]) -> Outcome[Balance]:
    if failed := next((one.error for one in found if one.error), None):
        return Outcome(error=failed)
    records = [one.value for one in found if one.value]
    if len(records) < 2:
        return Outcome(records[0] if records else None)
    if len({one.currency for one in records}) > 1:
        return Outcome()
    return Outcome(
        Balance(
            open=_total([one.open for one in records]),
            overdue=_total([one.overdue for one in records]),
            currency=records[0].currency,
        )
    )


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None
