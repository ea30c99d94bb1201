"""What each system has on record of some orders: one question to each, for all of them together.

An order's documents need not all be about who bought it: a bill may be made out to somebody else, a ticket reported by
somebody else, a parcel taken along by another carrier. Who sees an order because of who they are to it (a customer, the
manager of a region, a carrier) is told only of those that are the buyer's, or the carrier's own; the systems are asked
for no others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from resolvers.backends.base import Outcome, Unusable
from resolvers.backends.hubspot import HubSpot, Touch
from resolvers.backends.netsuite import Invoice, NetSuite
from resolvers.backends.oracle_om import OracleOM, SalesOrder, Shipment
from resolvers.backends.remedy import Incident, Remedy
from resolvers.backends.siebel import Opportunity, Siebel
from resolvers.binding import Ask
from resolvers.context import Caller
from resolvers.freshness import LIVE
from resolvers.marketing import LISTED, approached
from resolvers.order_to_cash_rules import TABLES, Parcel
from resolvers.orders import buyers
from resolvers.people import ACCOUNT, CONTACT, DEBTOR, REQUESTER, SUBSCRIBER
from resolvers.rows import Parcel as Row
from resolvers.rows import Person, Sale
from resolvers.shipping import tracks_of

ORDER = frozenset(
    {
        *("number", "status", "word", "placed_at"),
        *(f"lines.{name}" for name in ("number", "sku", "quantity", "status", "word", "shipped_on")),
    }
)
HOLDS = frozenset({"held"})
PACKED = frozenset({"number", "carrier", "shipped_on", "contents.line", "contents.quantity"})
TRACK = frozenset({"status", "word", "delivered_at", "events"})
BILL = frozenset({"id", "number", "status", "word", "issued_on", "due_on", "settled_on"})
MONEY = frozenset({"id", "total", "open"})
TICKET = frozenset({"number", "status", "word", "opened_at", "resolved_at"})
DEAL = frozenset({"row_id", "stage", "status", "closes_on", "order_number"})
TOUCH = frozenset({"id", "at", "kind"})
MOST = 100
WINDOW = timedelta(days=TABLES["days"]["interest"])
OF_BUYER = ("own", "own-region")
"""Relations to who bought: under these, what is the buyer's is seen."""


@dataclass(frozen=True, slots=True)
class Cash:
    """One order on its way, behind `OrderToCash` and `CashSteps`."""

    sale: Sale

    @property
    def number(self) -> str:
        return self.sale.number

    @property
    def steps(self) -> Cash:
        return self


async def orders_of(cashes: Sequence[Cash], ask: Ask, columns: frozenset[str] = ORDER) -> list[Outcome[SalesOrder]]:
    return await _live(ask).load(OracleOM.orders, _numbers(cashes), columns)


async def packed_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Shipment]]]:
    """What is packed, as the order system has it."""
    mine = tuple(sorted(_caller(ask).keys.get("carried-by-me", ())))
    limits = {"carriers": mine} if mine else {}
    return await _live(ask).load(OracleOM.shipments_of, _numbers(cashes), PACKED, **limits)


async def parcels_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Parcel]]]:
    """The same with what the carriers say, each asked for its own."""
    packed = await packed_of(cashes, ask)
    every = {one.number: one for told in packed for one in told.value or ()}
    found = await tracks_of([Row(number, one) for number, one in every.items()], _live(ask), TRACK)
    tracks = dict(zip(every, found, strict=True))
    return [
        Outcome(None if told.error else [Parcel(one, tracks[one.number]) for one in told.value or ()], told.error)
        for told in packed
    ]


async def bills_of(cashes: Sequence[Cash], ask: Ask, columns: frozenset[str] = BILL) -> list[Outcome[list[Invoice]]]:
    if not _bound(ask):
        return await _live(ask).load(NetSuite.invoices_of_orders, _numbers(cashes), columns)
    keys = await _buyers_keys(cashes, ask, DEBTOR)
    limit, asked = _every(keys), _known_of(cashes, keys)
    found = await _live(ask).load(NetSuite.invoices_of_orders, asked, columns | {"debtor_id"}, debtors=limit)
    return _theirs(cashes, keys, dict(zip(asked, found, strict=True)), "debtor_id")


async def tickets_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Incident]]]:
    if not _bound(ask):
        return _tickets(await _live(ask).load(Remedy.incidents_of_orders, _numbers(cashes), TICKET, first=MOST))
    keys = await _buyers_keys(cashes, ask, REQUESTER)
    limit, asked = _every(keys), _known_of(cashes, keys)
    operation, columns = Remedy.incidents_of_orders, TICKET | {"person_id"}
    found = _tickets(await _live(ask).load(operation, asked, columns, first=MOST, people=limit))
    return _theirs(cashes, keys, dict(zip(asked, found, strict=True)), "person_id")


async def deals_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Opportunity]]]:
    """Opportunities that led to each order."""
    return await _live(ask).load(Siebel.opportunities_by_order, _numbers(cashes), DEAL)


async def later_deals_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Opportunity]]]:
    """Other opportunities of who bought, decided after the order was placed or not yet."""
    placed = await orders_of(cashes, ask)
    keys = await _buyers_keys(cashes, ask, ACCOUNT)
    accounts = _every(keys)
    pages = await _live(ask).load(Siebel.opportunities_of, accounts, DEAL, first=MOST)
    found: dict[str, Outcome[Any]] = dict(zip(accounts, pages, strict=True))
    return [_later(order, keys, found) for order, keys in zip(placed, keys, strict=True)]


async def touches_of(cashes: Sequence[Cash], ask: Ask) -> list[Outcome[list[Touch]]]:
    """What campaigns did to who bought, in the days before. Of somebody with more than a page of touches since, the
    marketing system is asked once more, behind the order."""
    placed = await orders_of(cashes, ask)
    people = await buyers([cash.sale for cash in cashes], _live(ask))
    return list(await asyncio.gather(*(_touched(*pair, ask) for pair in zip(placed, people, strict=True))))


async def _touched(placed: Outcome[SalesOrder], buyer: Outcome[Person], ask: Ask) -> Outcome[list[Touch]]:
    if error := placed.error or buyer.error:
        return Outcome(error=error)
    at = placed.value.placed_at if placed.value else None
    if at is None or buyer.value is None:
        return Outcome([])
    keys = buyer.value.keys
    mailed, listed = await asyncio.gather(
        _live(ask).load(HubSpot.touches, keys.get(SUBSCRIBER, ()), TOUCH, first=MOST),
        _live(ask).load(Siebel.campaign_members_of, keys.get(CONTACT, ()), LISTED),
    )
    if any(one.value and one.value.has_next and one.value.touches[-1].at > at - WINDOW for one in mailed):
        before = (at.isoformat(), "")
        mailed = await _live(ask).load(HubSpot.touches, keys.get(SUBSCRIBER, ()), TOUCH, first=MOST, after=before)
    failures = [one.error for one in mailed] + [one.error for one in listed]
    if failed := next(filter(None, failures), None):
        return Outcome(error=failed)
    called = [touch for one in listed for member in one.value or () for touch in approached(member)]
    every = [*called, *(touch for one in mailed for touch in (one.value.touches if one.value else ()))]
    return Outcome([touch for touch in every if at - WINDOW <= touch.at < at])


# -- whose ------------------------------------------------------------------------------------------------------------


def _caller(ask: Ask) -> Caller:
    caller: Caller = ask.context.facts["caller"]
    return caller


def _bound(ask: Ask) -> bool:
    caller = _caller(ask)
    return caller.customer is not None or any(caller.keys.get(relation) for relation in OF_BUYER)


async def _buyers_keys(cashes: Sequence[Cash], ask: Ask, system: str) -> list[Outcome[tuple[str, ...]]]:
    """What one system calls who bought."""
    people = await buyers([cash.sale for cash in cashes], _live(ask))
    return [Outcome(one.value.keys.get(system, ()) if one.value else (), one.error) for one in people]


def _every(keys: Iterable[Outcome[tuple[str, ...]]]) -> tuple[str, ...]:
    return tuple(sorted({key for one in keys for key in one.value or ()}))


def _known_of(cashes: Sequence[Cash], keys: Sequence[Outcome[tuple[str, ...]]]) -> list[str]:
    """The orders to ask a system about: those of whom it knows. Beside others, too, it is not asked about the rest."""
    return list(dict.fromkeys(cash.number for cash, mine in zip(cashes, keys, strict=True) if mine.value))


def _theirs(
    cashes: Sequence[Cash],
    keys: Sequence[Outcome[tuple[str, ...]]],
    found: Mapping[str, Outcome[list[Any]]],
    attribute: str,
) -> list[Outcome[Any]]:
    return [_own(found.get(cash.number), mine, attribute) for cash, mine in zip(cashes, keys, strict=True)]


def _own(told: Outcome[list[Any]] | None, mine: Outcome[tuple[str, ...]], attribute: str) -> Outcome[Any]:
    if mine.error or told is None:
        return Outcome(None if mine.error else [], mine.error)
    return Outcome([one for one in told.value or () if getattr(one, attribute) in (mine.value or ())], told.error)


def _tickets(pages: Sequence[Outcome[Any]]) -> list[Outcome[list[Incident]]]:
    return [
        Outcome(page.value.incidents if page.value else None, page.error or _too_many(page.value)) for page in pages
    ]


def _too_many(page: Any) -> Unusable | None:
    return Unusable(f"more than {MOST} tickets are about this order") if page and page.has_next else None


def _later(
    order: Outcome[SalesOrder], keys: Outcome[tuple[str, ...]], found: Mapping[str, Outcome[Any]]
) -> Outcome[list[Opportunity]]:
    if error := order.error or keys.error:
        return Outcome(error=error)
    pages = [found[key] for key in keys.value or ()]
    if failed := next((one.error for one in pages if one.error), None):
        return Outcome(error=failed)
    rows = [row for one in pages for row in (one.value.rows if one.value else ())]
    return Outcome([row for row in rows if order.value and _since(row, order.value)])


def _since(row: Opportunity, order: SalesOrder) -> bool:
    placed: datetime | None = order.placed_at
    decided = row.closes_on is None or placed is None or row.closes_on > placed.date()
    return decided and row.order_number != order.number


def _numbers(cashes: Sequence[Cash]) -> list[str]:
    return [cash.number for cash in cashes]


def _live(ask: Ask) -> Ask:
    """Steps are compared with each other: all are of now."""
    return structs.replace(ask, freshness=LIVE)
