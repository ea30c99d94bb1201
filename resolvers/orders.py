"""What the customer bought: Oracle Order Management, one question for a whole level of customers or orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.oracle_om import FoundOrders, OracleOM, OrderPage, SalesOrder
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.people import OF_CUSTOMER, PARTY, by_ids, keys_of, known
from resolvers.rows import Item, Person, Sale


@resolves(schema.Query, "order", source=(OracleOM.orders,))
async def order(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Sale]]:
    return await named(ask.arguments["number"], ask, ask.columns)


@resolves(schema.Customer, "orders", source=(OracleOM.orders_of,), passes_on=OF_CUSTOMER)
async def orders(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    """A first page for many customers is one question; a later page belongs to one customer."""
    if refused := paging.refused(ask, len(people)):
        return refused
    parties = [person.keys.get(PARTY, ()) for person in people]
    return await paging.merged(
        people,
        parties,
        ask,
        OracleOM.orders_of,
        _columns(parties, ask),
        lambda person, pages: _merged(person, ask, pages),
    )


@resolves(schema.Query, "orders", source=(OracleOM.find,), pushes=("own", "own-channel", "carried-by-me"))
async def found(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Page]]:
    """Oracle evaluates every condition; row rules are more of them: the buyer, the channel, the carrier."""
    if refused := paging.refused(ask, 1):
        return refused
    wanted = paging.given(ask)
    parties = keys_of(ask, PARTY, wanted.get("customer"))
    rules = _rules(ask, wanted)
    if parties == () or rules is None or paging.fits_nothing(wanted):
        return [Outcome(paging.none(ask))]
    try:
        after = paging.opened(ask)
    except Gap as gap:
        return [Outcome(error=gap)]
    (page,) = await ask.load(
        OracleOM.find,
        [""],
        _found_columns(ask),
        **_conditions(wanted) | rules,
        parties=parties or (),
        first=ask.arguments["first"],
        after=after,
    )
    return [Outcome(_page_of(ask, page.value) if page.value else None, page.error)]


@resolves(
    schema.Order,
    *("status", "placedAt", "requestedOn", "channel", "total", "currency", "holds", "parties", "lines"),
    carried="order",
    source=(OracleOM.orders,),
)
async def record(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[SalesOrder]]:
    return await ask.load(OracleOM.orders, [sale.number for sale in sales])


@resolves(schema.Order, "customer", needs=("buyer",), source=(OracleOM.parties_of_orders,))
async def buyer(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[Person]]:
    return await buyers(sales, ask)


@resolves(schema.OrderLine, "product", needs=("sku",))
async def product(lines: Sequence[Any], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(line.sku) if line.sku else None) for line in lines]


async def named(number: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Sale]]:
    """One order by what the caller calls it. Where it is there under a relation only, that is asked about the number
    itself: see `Ask.judged`."""
    return [Outcome(Sale(number))] if "Order" in ask.judged else await by_numbers([number], ask, columns)


async def by_numbers(numbers: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Sale]]:
    """Orders that exist, by number, carrying what was fetched to find them."""
    wants_buyer = "buyer" in columns
    found = await ask.load(OracleOM.orders, numbers, columns | ({"party_number"} if wants_buyer else frozenset()))
    parties = {one.value.party_number for one in found if one.value and one.value.party_number}
    buyers = known(ask, PARTY, parties) if wants_buyer else {}
    return [
        Outcome(_sale(number, one.value, buyers, wants_buyer), one.error)
        for number, one in zip(numbers, found, strict=True)
    ]


def _sale(number: str, order: SalesOrder | None, buyers: Mapping[str, Person], known: bool) -> Sale | None:
    return Sale(number, order, buyers.get(order.party_number or ""), known) if order else None


async def buyers(sales: Sequence[Sale], ask: Ask) -> list[Outcome[Person]]:
    """Who placed each order: carried, or asked for those that do not carry it."""
    unknown = [sale.number for sale in sales if not sale.buyer_known]
    parties = await ask.load(OracleOM.parties_of_orders, unknown, frozenset({"party_number"}))
    found = dict(zip(unknown, parties, strict=True))
    people = known(ask, PARTY, {one.value for one in parties if one.value})
    return [
        Outcome(sale.buyer)
        if sale.buyer_known
        else Outcome(people.get(found[sale.number].value or ""), found[sale.number].error)
        for sale in sales
    ]


async def placed_by(sales: Sequence[Sale], ask: Ask, customers: frozenset[str]) -> list[Outcome[Person]]:
    """Who placed each order, as far as it was one of these customers."""
    mine = {key: person for person in by_ids(ask, sorted(customers)) if person for key in person.keys.get(PARTY, ())}
    unknown = [sale.number for sale in sales if not sale.buyer_known] if mine else []
    columns, parties = frozenset({"party_number"}), tuple(sorted(mine))
    found = await ask.load(OracleOM.parties_of_orders, unknown, columns, parties=parties)
    told = {number: Outcome(mine.get(one.value or ""), one.error) for number, one in zip(unknown, found, strict=True)}
    return [Outcome(sale.buyer) if sale.buyer_known else told.get(sale.number, Outcome()) for sale in sales]


def _conditions(wanted: Mapping[str, Any]) -> dict[str, Any]:
    placed = wanted.get("placed") or {}
    return {
        "statuses": tuple(wanted.get("status", ())),
        "placed_from": placed.get("from"),
        "placed_before": placed.get("before"),
        "channels": tuple(wanted.get("channel", ())),
        "sku": wanted.get("sku"),
    }


def _rules(ask: Ask, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Row rules as conditions; None when nothing can meet them."""
    rules: dict[str, Any] = {}
    if (own := ask.predicates.get("own-channel")) is not None:
        asked = wanted.get("channel")
        rules["channels"] = tuple(sorted(own if asked is None else own.intersection(asked)))
    if (mine := ask.predicates.get("carried-by-me")) is not None:
        rules["carriers"] = tuple(sorted(mine))
    return None if () in rules.values() else rules


def _found_columns(ask: Ask) -> frozenset[str]:
    rows = paging.rows_of(ask)
    shown = (rows - {"buyer"}) | {"number"} | ({"party_number"} if "buyer" in rows else frozenset())
    seen = shown | {"placed_at"} if paging.reads_cursors(ask) else shown
    return seen | {"total_count"} if paging.counts(ask) else seen


def _page_of(ask: Ask, page: FoundOrders) -> Page:
    wants_buyer = "buyer" in paging.rows_of(ask)
    parties = {order.party_number for order in page.orders if order.party_number}
    buyers = known(ask, PARTY, parties) if wants_buyer else {}
    sales = [Sale(one.number or "", one, buyers.get(one.party_number or ""), wants_buyer) for one in page.orders]
    behind = ask.arguments.get("after") is not None
    return Page(sales, page.has_next, behind, lambda sale: paging.sealed(ask, "", _position(sale.order)), page.total)


def _columns(parties: Sequence[Sequence[str]], ask: Ask) -> frozenset[str]:
    """What the rows show; and what they are sorted by, when a cursor or a merge of several accounts needs it."""
    shown = paging.rows_of(ask) - {"buyer"}
    merges = any(len(own) > 1 for own in parties)
    return shown | {"number", "placed_at"} if merges or paging.reads_cursors(ask) else shown | {"number"}


def _merged(person: Person, ask: Ask, pages: Sequence[OrderPage]) -> Page:
    """One customer's page; when the order system knows them under several parties, theirs are merged."""
    first = ask.arguments["first"]
    found = [order for page in pages for order in page.orders]
    if len(pages) > 1:
        found.sort(key=_position, reverse=True)
    more = any(page.has_next for page in pages) or len(found) > first
    who = person.bare
    sales = [Sale(order.number or "", order, who, True) for order in found[:first]]
    behind = ask.arguments.get("after") is not None
    total = paging.whole(ask, sales, more)
    return Page(sales, more, behind, lambda sale: paging.sealed(ask, person.id, _position(sale.order)), total)


def _position(order: SalesOrder | None) -> tuple[str, str]:
    """Where an order stands among its customer's, newest first; one without a date stands last."""
    if order is None or order.number is None:
        return ("", "")
    return (order.placed_at.isoformat() if order.placed_at else "", order.number)
