"""Where goods come from: the partner hub, one question for a whole level of products; what is ordered of them, and what
we ordered of suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Outcome, Unusable
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.partner_hub import Commitment, Forecast, PartnerHub, PurchaseOrder, Supply
from resolvers.binding import Ask, resolves
from resolvers.inventory import by_skus
from resolvers.paging import Page, out_of_range
from resolvers.rows import Item, Purchase, Stocked

MINE = "supplied-by-me"
MOST_WEEKS = 26
KEYS = frozenset({"sku", "supplier_number"})


@resolves(schema.Product, "suppliers", needs=("sku",), source=(PartnerHub.supplies,), pushes=(MINE,))
async def suppliers(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[list[Stocked]]]:
    skus, columns = [item.sku for item in items], ask.columns | KEYS
    found = await ask.load(PartnerHub.supplies, skus, columns, partners=mine(ask))
    return [Outcome(_stocked(one.value) if one.value is not None else None, one.error) for one in found]


@resolves(
    schema.SupplierStock,
    *("supplierNumber", "supplier", "partNumber", "gtin", "available", "onOrder", "availableOn", "expected"),
    *("unit", "warehouse", "updatedAt"),
    carried="supply",
    source=(PartnerHub.supplies,),
)
async def supply(rows: Sequence[Stocked], ask: Ask) -> Sequence[Outcome[Supply]]:
    return await _records(rows, ask, ask.columns)


@resolves(schema.SupplierStock, "product", needs=("sku",))
async def product(rows: Sequence[Stocked], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(row.sku)) for row in rows]


@resolves(schema.Product, "forecast", needs=("sku",), source=(PartnerHub.forecasts,), pushes=(MINE,))
async def forecast(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[list[Forecast]]]:
    return await _weeks(items, ask, ask.columns)


@resolves(schema.Product, "commitments", needs=("sku",), source=(PartnerHub.forecasts,), pushes=(MINE,))
async def commitments(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[list[Commitment]]]:
    found = await _weeks(items, ask, frozenset({"commitments"}))
    return [Outcome(_promised(one.value) if one.value is not None else None, one.error) for one in found]


@resolves(
    schema.Product,
    "demand",
    needs=("sku",),
    source=(OracleOM.demand_for,),
    derived=True,
    inputs=("OrderLine.quantity", "OrderLine.status"),
    aggregate="One sum over everybody's open lines names no order and no customer.",
)
async def demand(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Any]]:
    return await ask.load(OracleOM.demand_for, [item.sku for item in items])


@resolves(schema.Query, "supplies", source=(PartnerHub.supplies_of,), pushes=(MINE,))
async def supplies(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Page]]:
    """The hub pages by offset and by nothing else: rows that come or go meanwhile may be missed or seen twice."""
    if refused := paging.refused(ask, 1):
        return refused
    try:
        whose, after = _whose(ask), paging.opened(ask)
    except Gap as gap:
        return [Outcome(error=gap)]
    if whose is None:
        return [Outcome(paging.none(ask))]
    start, first = int(after[0]) if after else 0, ask.arguments["first"]
    columns = paging.rows_of(ask) | KEYS
    (page,) = await ask.load(PartnerHub.supplies_of, [whose], columns, first=first, after=start)
    return [Outcome(_page(ask, page.value.rows, start, page.value.has_next) if page.value else None, page.error)]


@resolves(schema.Query, "productByGtin", source=(PartnerHub.supplies_by_gtin,))
async def by_gtin(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Item]]:
    (found,) = await ask.load(PartnerHub.supplies_by_gtin, [ask.arguments["gtin"]], frozenset({"sku"}))
    skus = list(dict.fromkeys(one.sku for one in found.value or ()))
    return await by_skus(skus[:1], ask, ask.columns) if skus else [Outcome(error=found.error)]


@resolves(schema.Query, "purchaseOrder", source=(PartnerHub.purchase_orders,))
async def purchase_order(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Purchase]]:
    return await purchase_named(ask.arguments["number"], ask, ask.columns)


@resolves(
    schema.PurchaseOrder,
    *("state", "supplierNumber", "orderedAt", "changedAt", "remark", "lines"),
    carried="order",
    source=(PartnerHub.purchase_orders,),
)
async def purchase(rows: Sequence[Purchase], ask: Ask) -> Sequence[Outcome[PurchaseOrder]]:
    return await ask.load(PartnerHub.purchase_orders, [row.number for row in rows])


@resolves(schema.PurchaseOrderLine, "product", needs=("sku",))
async def product_bought(lines: Sequence[Any], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(line.sku) if line.sku else None) for line in lines]


async def purchase_named(number: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Purchase]]:
    """One purchase order by its number. Where it is there under a relation only, that is asked about the number."""
    if "PurchaseOrder" in ask.judged:
        return [Outcome(Purchase(number))]
    (found,) = await ask.load(PartnerHub.purchase_orders, [number], columns)
    return [Outcome(Purchase(number, found.value) if found.value else None, found.error)]


async def bought_of(rows: Sequence[Purchase], ask: Ask, suppliers: frozenset[str]) -> list[Outcome[str]]:
    """Of whom each was ordered, as far as it is one of these. The hub cannot be asked for theirs alone: by its number
    it is the same one question whether an order is theirs, somebody else's or not there."""
    if not suppliers:
        return [Outcome()] * len(rows)
    found = await ask.load(PartnerHub.purchase_orders, [row.number for row in rows], frozenset({"supplier_number"}))
    theirs = [one.value.supplier_number if one.value else "" for one in found]
    return [
        Outcome(supplier if supplier in suppliers else None, one.error)
        for supplier, one in zip(theirs, found, strict=True)
    ]


async def named(key: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Stocked]]:
    """What one supplier has of one product. Where it is there under a relation only, that is asked about the key."""
    supplier, _, sku = key.partition(" ")
    row = Stocked(supplier, sku)
    if "SupplierStock" in ask.judged:
        return [Outcome(row)]
    (found,) = await _records([row], ask, columns)
    return [Outcome(Stocked(supplier, sku, found.value) if found.value else None, found.error)]


async def stocked_by(rows: Sequence[Stocked], ask: Ask, suppliers: frozenset[str]) -> list[Outcome[str]]:
    """Whose each row is, as far as it is one of these suppliers': the hub is asked for what they have, and no other."""
    partners = tuple(sorted(suppliers))
    found = await ask.load(PartnerHub.supplies, [row.sku for row in rows], KEYS, partners=partners)
    theirs = [{supply.supplier_number for supply in one.value or ()} for one in found]
    return [
        Outcome(row.supplier if row.supplier in known else None, one.error)
        for row, one, known in zip(rows, found, theirs, strict=True)
    ]


async def _records(rows: Sequence[Stocked], ask: Ask, columns: frozenset[str]) -> list[Outcome[Supply]]:
    """The hub's record of each row; one question for each supplier."""
    found: dict[tuple[str, str], Outcome[list[Supply]]] = {}
    for supplier in dict.fromkeys(row.supplier for row in rows):
        skus = [row.sku for row in rows if row.supplier == supplier]
        told = await ask.load(PartnerHub.supplies, skus, columns | KEYS, partners=(supplier,))
        found |= {(supplier, sku): one for sku, one in zip(skus, told, strict=True)}
    asked = [found[row.supplier, row.sku] for row in rows]
    return [Outcome(one.value[0] if one.value else None, one.error) for one in asked]


def _stocked(supplies: Sequence[Supply]) -> list[Stocked]:
    return [Stocked(one.supplier_number, one.sku, one) for one in supplies]


def mine(ask: Ask) -> tuple[str, ...] | None:
    """The suppliers that rows are limited to by the row rule; None: all."""
    own = ask.predicates.get(MINE)
    return None if own is None else tuple(sorted(own))


def _whose(ask: Ask) -> str | None:
    """The one supplier who is asked for; None for one that is not the caller's. Raises Unusable for none at all."""
    named: str | None = ask.arguments.get("supplier")
    own = mine(ask)
    if named is not None:
        return named if own is None or named in own else None
    if own == ():
        return None
    if own is None or len(own) > 1:
        raise Unusable("The partner hub lists no two suppliers together: say which one by `supplier`")
    return own[0]


def _page(ask: Ask, supplies: Sequence[Supply], start: int, more: bool) -> Page:
    rows = _stocked(supplies)
    places = {row.sku: start + at for at, row in enumerate(rows, 1)}
    behind = ask.arguments.get("after") is not None
    total = paging.whole(ask, rows, more)
    return Page(rows, more, behind, lambda row: paging.sealed(ask, "", (str(places[row.sku]),)), total)


async def _weeks(items: Sequence[Item], ask: Ask, columns: frozenset[str]) -> list[Outcome[list[Forecast]]]:
    return await weeks_of([item.sku for item in items], ask, columns, ask.arguments["weeks"])


async def weeks_of(skus: Sequence[str], ask: Ask, columns: frozenset[str], weeks: int) -> list[Outcome[list[Forecast]]]:
    """The forecast of each product for some weeks from this one on, and what is promised for them."""
    if not 1 <= weeks <= MOST_WEEKS:
        return [Outcome(error=out_of_range("weeks", weeks, MOST_WEEKS))] * len(skus)
    begins, ends = period(ask.context.now().date(), weeks)
    return await ask.load(PartnerHub.forecasts, skus, columns, begins=begins, ends=ends, partners=mine(ask))


def period(today: date, weeks: int) -> tuple[date, date]:
    """From this week's Monday on."""
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=7 * weeks - 1)


def _promised(weeks: Sequence[Forecast]) -> list[Commitment]:
    return [one for week in weeks for one in week.commitments]
