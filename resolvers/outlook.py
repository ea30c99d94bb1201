"""Whether supply covers what is promised and advertised: the ERP, the order system and the supply hub, each asked once
for all products of a level, and only for a part that is made of what it says: that part alone is lost when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import schema
from resolvers import rules
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.partner_hub import Forecast, PartnerHub
from resolvers.backends.sap import Sap
from resolvers.binding import Ask, resolves
from resolvers.cover import NOUGHT, Supplied, cover, rounded, unserved
from resolvers.marketing import RUN_BY, by_system
from resolvers.paging import out_of_range
from resolvers.partners import MOST_WEEKS, period, weeks_of
from resolvers.rows import Drive, Item, Sale
from schema import FulfilmentVerdict

STOCK, ORDERS, HUB = Sap.name, OracleOM.name, PartnerHub.name
ALL = frozenset({STOCK, ORDERS, HUB})
INPUTS = ("Product.stock", "Product.demand", "Product.forecast", "Product.commitments")
SUMS = "Sums over all stock, orders and suppliers: it names none of them."
WORST = (
    FulfilmentVerdict.SHORT,
    FulfilmentVerdict.UNKNOWN,
    FulfilmentVerdict.TIGHT,
    FulfilmentVerdict.COVERED,
    FulfilmentVerdict.OVER,
)
DATED = frozenset({"skus", "starts_on", "ends_on"})
MOST_ORDERS = 100


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of one product, over some weeks. What systems say of it is no part of it: each part asks its own."""

    sku: str
    weeks: int
    as_of: datetime
    figures: None = None

    @property
    def until(self) -> date:
        return period(self.as_of.date(), self.weeks)[1]


@dataclass(frozen=True, slots=True)
class Figures:
    """Worked out attribute by attribute: what a system was not asked for is in none that anybody reads."""

    supplied: Supplied
    today: date
    until: date

    @property
    def unit(self) -> str | None:
        return self.supplied.unit

    @property
    def on_hand(self) -> Decimal:
        return self.supplied.on_hand

    @property
    def open_orders(self) -> Decimal:
        return self.supplied.ordered

    @property
    def backordered(self) -> Decimal:
        return self.supplied.backordered

    @property
    def forecast(self) -> Decimal | None:
        return rounded(self.supplied.foreseen(self.today, self.until)) if self._comparable else None

    @property
    def committed(self) -> Decimal | None:
        return self.supplied.promised(self.today, self.until) if self._comparable else None

    @property
    def cover_days(self) -> int | None:
        return cover(self.supplied, self.today, self.until)[0] if self._comparable else None

    @property
    def shortfall(self) -> Decimal | None:
        return cover(self.supplied, self.today, self.until)[1] if self._comparable else None

    @property
    def short(self) -> Sequence[str]:
        return unserved(self.supplied)

    @property
    def orders_at_risk(self) -> int:
        return len(self.short)

    @property
    def _comparable(self) -> bool:
        return self.supplied.weeks is not None


@dataclass(frozen=True, slots=True)
class ProductRisk:
    sku: str
    verdict: FulfilmentVerdict
    expected: Decimal | None = None
    available: Decimal | None = None
    short: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    as_of: datetime
    begins: date
    ends: date
    uplift: Decimal
    products: Sequence[ProductRisk]
    over: bool = False

    @property
    def verdict(self) -> FulfilmentVerdict:
        if self.over:
            return FulfilmentVerdict.OVER
        return min((one.verdict for one in self.products), key=WORST.index, default=FulfilmentVerdict.UNKNOWN)


@resolves(schema.Product, "demandOutlook", needs=("sku",))
async def demand_outlook(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Outlook]]:
    weeks, now = ask.arguments["weeks"], ask.context.now()
    if not 1 <= weeks <= MOST_WEEKS:  # whatever of it is asked for
        return [Outcome(error=out_of_range("weeks", weeks, MOST_WEEKS))] * len(items)
    return [Outcome(Outlook(item.sku, weeks, now)) for item in items]


@resolves(
    schema.DemandOutlook,
    *("unit", "onHand"),
    carried="figures",
    source=(Sap.stock,),
    derived=True,
    inputs=("Product.stock",),
    aggregate=SUMS,
)
async def on_hand(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[Figures]]:
    return await _figures(outlooks, ask, {STOCK})


@resolves(
    schema.DemandOutlook,
    *("openOrders", "backordered"),
    carried="figures",
    source=(OracleOM.waiting_for,),
    derived=True,
    inputs=("Product.demand",),
    aggregate=SUMS,
)
async def open_orders(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[Figures]]:
    return await _figures(outlooks, ask, {ORDERS})


@resolves(
    schema.DemandOutlook,
    *("forecast", "committed"),
    carried="figures",
    source=(Sap.stock, PartnerHub.forecasts),
    derived=True,
    inputs=("Product.stock", "Product.forecast", "Product.commitments"),
    aggregate=SUMS,
)
async def foreseen(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[Figures]]:
    return await _figures(outlooks, ask, {STOCK, HUB})


@resolves(
    schema.DemandOutlook,
    *("coverDays", "shortfall"),
    carried="figures",
    source=(Sap.stock, OracleOM.waiting_for, PartnerHub.forecasts),
    derived=True,
    inputs=INPUTS,
    aggregate=SUMS,
)
async def covered(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[Figures]]:
    return await _figures(outlooks, ask, ALL)


@resolves(
    schema.DemandOutlook,
    "ordersAtRisk",
    carried="figures",
    source=(Sap.stock, OracleOM.waiting_for),
    derived=True,
    inputs=("Product.stock", "Product.demand"),
    aggregate=SUMS,
)
async def orders_at_risk(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[Figures]]:
    return await _figures(outlooks, ask, {STOCK, ORDERS})


@resolves(
    schema.DemandOutlook,
    "atRisk",
    source=(Sap.stock, OracleOM.waiting_for),
    derived=True,
    inputs=("Product.stock", "Product.demand"),
    aggregate="Which orders wait says nothing of what lies where.",
)
async def at_risk(outlooks: Sequence[Outlook], ask: Ask) -> Sequence[Outcome[list[Sale]]]:
    first = ask.arguments["first"]
    if not 1 <= first <= MOST_ORDERS:
        return [Outcome(error=out_of_range("first", first, MOST_ORDERS))] * len(outlooks)
    told = await _figures(outlooks, ask, {STOCK, ORDERS})
    return [
        Outcome([Sale(number) for number in one.value.short[:first]] if one.value else None, one.error) for one in told
    ]


@resolves(
    schema.Campaign,
    "fulfilmentRisk",
    source=(*RUN_BY.values(), Sap.stock, OracleOM.waiting_for, PartnerHub.forecasts),
    derived=True,
    inputs=INPUTS,
    aggregate="A verdict over sums of all stock, orders and suppliers: it names none of them.",
)
async def fulfilment_risk(drives: Sequence[Drive], ask: Ask) -> Sequence[Outcome[Risk]]:
    """All campaigns' products in one question to each system, over the weeks of the longest."""
    records = await by_system(drives, ask, RUN_BY, DATED)
    today = ask.context.now().date()
    spans = [_span(one.value, today, rules.of(ask).campaign.days) if one.value else None for one in records]
    weeks = max((_weeks(today, span[1]) for span in spans if span), default=1)
    running = [one.value for one, span in zip(records, spans, strict=True) if one.value and span and span[1] >= today]
    skus = list(dict.fromkeys(sku for record in running for sku in record.skus or ()))
    told = dict(zip(skus, await _supplied(skus, ask, ALL, weeks) if skus else (), strict=True))
    return [
        _risk(one.value, span, told, ask) if span else Outcome(error=one.error)
        for one, span in zip(records, spans, strict=True)
    ]


@resolves(schema.ProductRisk, "product", needs=("sku",))
async def product(risks: Sequence[ProductRisk], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(one.sku)) for one in risks]


async def _figures(outlooks: Sequence[Outlook], ask: Ask, systems: Iterable[str]) -> list[Outcome[Figures]]:
    """What these systems say of each; all outlooks of a level span the same weeks."""
    told = await _supplied([one.sku for one in outlooks], ask, systems, outlooks[0].weeks)
    return [
        Outcome(Figures(known.value, one.as_of.date(), one.until) if known.value else None, known.error)
        for one, known in zip(outlooks, told, strict=True)
    ]


async def _supplied(skus: Sequence[str], ask: Ask, systems: Iterable[str], weeks: int) -> list[Outcome[Supplied]]:
    """What each product has of stock, orders and promises; what no system was asked for is empty."""
    stock, waiting, foreseen = await asyncio.gather(
        ask.load(Sap.stock, skus if STOCK in systems else (), frozenset({"plant", "type", "quantity", "unit"})),
        ask.load(OracleOM.waiting_for, skus if ORDERS in systems else (), frozenset(OracleOM.waiting_for.columns)),
        weeks_of(skus if HUB in systems else (), ask, frozenset({"commitments", "mean", "unit"}), weeks),
    )
    nothing: list[Outcome[Any]] = [Outcome([])] * len(skus)
    rows = zip(stock or nothing, waiting or nothing, foreseen or nothing, strict=True)
    same = rules.of(ask).same_unit
    return [_together(levels, lines, hub, same) for levels, lines, hub in rows]


def _together(stock: Outcome[Any], waiting: Outcome[Any], hub: Outcome[Any], same: Any) -> Outcome[Supplied]:
    gap: Gap | None = stock.error or waiting.error or hub.error
    if gap is not None:
        return Outcome(error=gap)
    known = Supplied(stock.value or (), waiting.value or ())
    weeks: Sequence[Forecast] = hub.value or ()
    comparable = all(same(known.unit, week.unit) for week in weeks)
    return Outcome(Supplied(known.stock, known.waiting, weeks if comparable else None))


def _span(record: Any, today: date, days: int) -> tuple[date, date]:
    """The days of a campaign that are still to come."""
    begins = max(record.starts_on or today, today)
    ends = record.ends_on or begins + timedelta(days=days - 1)
    return begins, min(ends, period(today, MOST_WEEKS)[1])


def _weeks(today: date, ends: date) -> int:
    return min(MOST_WEEKS, max(1, (ends - period(today, 1)[0]).days // 7 + 1))


def _risk(record: Any, span: tuple[date, date], told: Mapping[str, Outcome[Supplied]], ask: Ask) -> Outcome[Risk]:
    now, rule = ask.context.now(), rules.of(ask).campaign
    if span[1] < now.date():
        return Outcome(Risk(now, *span, rule.uplift, (), over=True))
    skus = list(dict.fromkeys(record.skus or ()))
    if failed := next((told[sku].error for sku in skus if told[sku].error), None):
        return Outcome(error=failed)
    risks = [_product(sku, told[sku].value or Supplied(), now.date(), span, rule) for sku in skus]
    risks.sort(key=lambda one: (WORST.index(one.verdict), -(one.short or NOUGHT), one.sku))
    return Outcome(Risk(now, *span, rule.uplift, risks))


def _product(sku: str, supplied: Supplied, today: date, span: tuple[date, date], rule: rules.Campaign) -> ProductRisk:
    begins, ends = span
    if not supplied.weeks:
        return ProductRisk(sku, FulfilmentVerdict.UNKNOWN, unit=supplied.unit)
    expected = rounded(supplied.foreseen(today, ends) + supplied.foreseen(begins, ends) * rule.uplift)
    available = supplied.on_hand - supplied.ordered + supplied.promised(today, ends)
    short = max(NOUGHT, expected - available)
    left = available - expected
    verdict = FulfilmentVerdict.COVERED if left >= expected * rule.tight else FulfilmentVerdict.TIGHT
    return ProductRisk(sku, FulfilmentVerdict.SHORT if short else verdict, expected, available, short, supplied.unit)
