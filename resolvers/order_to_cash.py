"""How far orders have come: for a whole level of orders, each system that is needed is asked once.

A step asks its own system. What is worked out of several asks those whose part the caller may see (`ask.askable`), and
is told as far as what fails does not decide it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import schema
from resolvers import order_to_cash_rules as rules
from resolvers.backends.base import Gap, Holes, Outcome
from resolvers.backends.fedex import Fedex
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.backends.ups import Ups
from resolvers.binding import Ask, resolves
from resolvers.ids import global_id
from resolvers.order_to_cash_evidence import (
    HOLDS,
    Cash,
    bills_of,
    deals_of,
    later_deals_of,
    orders_of,
    packed_of,
    parcels_of,
    tickets_of,
    touches_of,
)
from resolvers.order_to_cash_lines import CashLine
from resolvers.order_to_cash_rules import Blocker, Evidence, Known, Step, meaning, midnight
from resolvers.people import OF_CUSTOMER
from resolvers.rows import Sale
from schema import CashStep, Category, OrderStage, StepState

GOODS = ("Order.status", "Order.placedAt", "OrderLine.quantity", "OrderLine.status", "OrderLine.shippedOn")
PARCELS = ("Shipment.status", "Shipment.deliveredAt")
BILLS = ("Invoice.status", "Invoice.dueOn", "Invoice.settledOn")
TICKETS = ("Ticket.status", "Ticket.openedAt", "Ticket.resolvedAt")
OTHERS = (Category.TRACKING, Category.BILLING, Category.SERVICE)
SIFTED = (*OTHERS, Category.CREDIT)
EVERYTHING = (*GOODS, *PARCELS, *BILLS, *TICKETS)
WORKED_OUT_OF = {
    CashStep.ENTERED: None,
    CashStep.ALLOCATED: None,
    CashStep.BILLED: Category.BILLING,
    CashStep.FULFILLED: Category.TRACKING,
    CashStep.SERVICED: Category.SERVICE,
}
ORDERED = (*OF_CUSTOMER, "own-channel", "carried-by-me")


@resolves(schema.Order, "orderToCash", passes_on=ORDERED)
async def way(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[Cash]]:
    """Whatever the order has brought along: what it tells must not hang on what else is selected of it."""
    return [Outcome(Cash(Sale(sale.number))) for sale in sales]


# -- steps ------------------------------------------------------------------------------------------------------------


@resolves(schema.CashSteps, "interest", source=(HubSpot.touches, Siebel.campaign_members_of))
async def interest(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    told = await touches_of(cashes, ask)
    return _each(told, lambda found: _step(CashStep.INTEREST, "hubspot", map(_touch, found), "interest"))


@resolves(schema.CashSteps, "sale", source=(Siebel.opportunities_by_order,))
async def sale(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    told = await deals_of(cashes, ask)
    return _each(told, lambda found: _step(CashStep.SALE, "siebel", map(_deal, found), "sold"))


@resolves(schema.CashSteps, "entered", source=(OracleOM.orders,))
async def entered(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    return _each(await orders_of(cashes, ask), rules.entered)


@resolves(schema.CashSteps, "allocated", source=(OracleOM.orders, OracleOM.shipments_of), asks=(Category.TRACKING,))
async def allocated(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    return _each(await known(cashes, ask, packed=Category.TRACKING in ask.askable), rules.allocated)


@resolves(schema.CashSteps, "billed", source=(NetSuite.invoices_of_orders,))
async def billed(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    return _each(await known(cashes, ask, bills=True), rules.billed)


@resolves(schema.CashSteps, "fulfilled", source=(OracleOM.shipments_of, Fedex.tracks, Ups.tracks))
async def fulfilled(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    return _each(await known(cashes, ask, parcels=True), _fulfilled)


@resolves(schema.CashSteps, "serviced", source=(Remedy.incidents_of_orders,))
async def serviced(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    return _each(await known(cashes, ask, tickets=True), rules.serviced)


@resolves(schema.CashSteps, "followed", source=(Siebel.opportunities_of,))
async def followed(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Step]]:
    told = await later_deals_of(cashes, ask)
    return _each(told, lambda found: _step(CashStep.FOLLOWED, "siebel", map(_deal, found), "sold"))


# -- what several come to ---------------------------------------------------------------------------------------------


@resolves(schema.OrderToCash, "stage", derived=True, inputs=EVERYTHING, asks=OTHERS)
async def stage(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[OrderStage]]:
    return _each(await seen(cashes, ask), lambda one: rules.stage(one)[0])


@resolves(schema.OrderToCash, "daysInStage", derived=True, inputs=EVERYTHING, asks=OTHERS)
async def days_in_stage(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[int]]:
    now = ask.context.now()
    return _each(await seen(cashes, ask), lambda one: rules.days(rules.stage(one)[1], now))


@resolves(schema.OrderToCash, "blockedBy", derived=True, inputs=(*EVERYTHING, "Order.holds"), asks=SIFTED)
async def blocked_by(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[list[Blocker | None]]]:
    held, found = await asyncio.gather(_holds(cashes, ask), seen(cashes, ask))
    told = [
        _each([one], lambda known, hold=hold: list(rules.blockers(known, hold)))[0]  # type: ignore[misc]
        for one, hold in zip(found, held, strict=True)
    ]
    return [_with_holes(one) for one in told]


@resolves(schema.OrderToCash, "workedOutOf", asks=OTHERS)
async def worked_out_of(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[list[CashStep]]]:
    shown = [step for step, why in WORKED_OUT_OF.items() if why is None or why in ask.askable]
    return [Outcome(shown)] * len(cashes)


# -- lines ------------------------------------------------------------------------------------------------------------


@resolves(schema.OrderToCash, "lines", derived=True, inputs=("OrderLine.quantity", "OrderLine.status"))
async def lines(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[list[CashLine]]]:
    told = await orders_of(cashes, ask)
    return [
        Outcome([CashLine(cash, line) for line in one.value.lines or ()] if one.value else None, one.error)
        for cash, one in zip(cashes, told, strict=True)
    ]


@resolves(schema.CashLine, "stage", derived=True, inputs=(*GOODS, *PARCELS, *BILLS), asks=OTHERS)
async def stage_of_line(rows: Sequence[CashLine], ask: Ask) -> Sequence[Outcome[OrderStage]]:
    told = await seen([row.cash for row in rows], ask)
    return [
        _each([one], lambda known, row=row: rules.stage(known.of_line(row.line))[0])[0]  # type: ignore[misc]
        for row, one in zip(rows, told, strict=True)
    ]


@resolves(
    schema.CashLine,
    *("packed", "delivered", "returned"),
    carried="carried",
    derived=True,
    inputs=("Shipment.contents", "Shipment.status"),
)
async def carried(rows: Sequence[CashLine], ask: Ask) -> Sequence[Outcome[Carried]]:
    told = await parcels_of([row.cash for row in rows], ask)
    return [
        _each([one], lambda found, row=row: Carried(*rules.carried(row.line, found)))[0]  # type: ignore[misc]
        for row, one in zip(rows, told, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Carried:
    packed: Decimal
    delivered: Decimal
    returned: Decimal


# -- gathering --------------------------------------------------------------------------------------------------------


async def known(
    cashes: Sequence[Cash],
    ask: Ask,
    *,
    packed: bool = False,
    parcels: bool = False,
    bills: bool = False,
    tickets: bool = False,
) -> list[Outcome[Known]]:
    """What is known of each order: of the order system, and of the others that are named. None for an order that does
    not exist."""
    nothing = [None] * len(cashes)
    wanted: list[Awaitable[Sequence[Any]]] = [orders_of(cashes, ask)]
    for asked, batch in ((packed, packed_of), (parcels, parcels_of), (bills, bills_of), (tickets, tickets_of)):
        wanted.append(batch(cashes, ask) if asked else _given(nothing))
    orders, *others = await asyncio.gather(*wanted)
    today = ask.context.now().date()
    return [
        Outcome(Known(order.value, today, *told) if order.value else None, order.error)
        for order, *told in zip(orders, *others, strict=True)
    ]


async def seen(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[Known]]:
    """All that the caller may see of each."""
    may = {category: category in ask.askable for category in OTHERS}
    tracking = may[Category.TRACKING]
    return await known(
        cashes, ask, packed=tracking, parcels=tracking, bills=may[Category.BILLING], tickets=may[Category.SERVICE]
    )


async def _holds(cashes: Sequence[Cash], ask: Ask) -> Sequence[Outcome[Any] | None]:
    return await orders_of(cashes, ask, HOLDS) if Category.CREDIT in ask.askable else [None] * len(cashes)


async def _given(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _each(told: Iterable[Outcome[Any]], make: Callable[[Any], Any]) -> list[Outcome[Any]]:
    """What each comes to; the gap without which that cannot be said."""
    return [_made(one, make) for one in told]


def _made(told: Outcome[Any], make: Callable[[Any], Any]) -> Outcome[Any]:
    if told.error or told.value is None:
        return Outcome(error=told.error)
    try:
        return Outcome(make(told.value))
    except Gap as gap:
        return Outcome(error=gap)


def _with_holes(told: Outcome[list[Blocker | Gap]]) -> Outcome[list[Blocker | None]]:
    found = told.value
    if found is None:
        return Outcome(error=told.error)
    gaps = {place: one for place, one in enumerate(found) if isinstance(one, Gap)}
    return Outcome([None if isinstance(one, Gap) else one for one in found], Holes(gaps) if gaps else None)


def _step(kind: CashStep, system: str, documents: Iterable[Evidence], rule: str) -> Step:
    return rules.step(kind, system, documents, rule)


def _fulfilled(known: Known) -> Step:
    """By the carrier that has the parcels; by the order system while none has."""
    told = rules.fulfilled(known)
    names = {parcel.track.value.carrier.lower() for parcel in rules.sure(known.parcels) if parcel.track.value}
    return Step(told.step, ", ".join(sorted(names)) or "oracle_om", told.state, told.evidence)


def _touch(touch: Any) -> Evidence:
    return Evidence(None, meaning("interest", touch.kind), touch.kind.name, touch.at)


def _deal(deal: Any) -> Evidence:
    state = meaning("sold", deal.status) if deal.stage else StepState.OTHER
    return Evidence(global_id("Opportunity", deal.row_id), state, deal.stage, midnight(deal.closes_on))
