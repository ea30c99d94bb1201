"""The questions we put to the order system. Everything plural; nothing travels but the columns asked for, and keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, ClassVar, TypeVar

from resolvers.backends.base import (
    KEPT,
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Deadline,
    Garbled,
    Key,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.oracle_om import columns as oracle
from resolvers.backends.oracle_om.demand import demanded, waiting
from resolvers.backends.oracle_om.finding import limits, questions, wanting
from resolvers.backends.oracle_om.language import among, portions, sendable, together_short
from resolvers.backends.oracle_om.line import Hub
from resolvers.backends.oracle_om.paging import Position, Reader, Wanted, newest_first, newest_revisions
from resolvers.backends.oracle_om.records import (
    BuyingParty,
    ChangedOrder,
    Demand,
    FoundOrders,
    OrderPage,
    OrderTotal,
    SalesOrder,
    Shipment,
    ShipmentPage,
    Waiting,
)
from resolvers.backends.oracle_om.shipments import (
    KEYS,
    SENT,
    SHIPMENT,
    ShipmentLines,
    ShipmentRow,
    by_number,
    by_order,
    sent_by,
)
from resolvers.backends.oracle_om.together import all_together, in_turns, together, unless_failed
from resolvers.backends.oracle_om.translate import Translation, buying_parties
from resolvers.backends.oracle_om.wire import OrderRow, PartyRow
from schema import OrderStatus

R = TypeVar("R")

PER_PARENT = (
    "pages of many parties: one request, another while parties with orders left lack rows, at most one for each"
)
PER_RECIPIENT = "one request for each party and 500 lines packed"
NUMBERS = 50
PARTIES = 25
PRODUCTS = 10

BULK_PATIENCE = 120.0
"""Seconds for one page when reading by change: nobody waits at a screen, and the database may sort the whole table."""


class OracleOM(Adapter):
    """Oracle Order Management, as a service account that may see every order.

    Keys are order numbers or buying party numbers, exactly as Oracle has them; one with control characters in it is
    `Unusable`, one that cannot exist (empty, no text, over 240 characters) is not there. Addresses stay under 8 kB:
    when keys are long, a call becomes several, side by side.
    """

    name: ClassVar[str] = "oracle_om"
    title: ClassVar[str] = "Oracle Fusion Order Management"
    bears = Bears(at_once=8)  # five to ten, by experience; it publishes no number

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        hub = Hub(self.name, connection)
        self._reader = Reader(self.name, hub)
        self._shipped = ShipmentLines(self.name, hub)
        self._asked = lru_cache(KEPT)(partial(oracle.wire, oracle.ORDER))
        self._translation = lru_cache(KEPT)(partial(Translation, self.name))

    @operation(SalesOrder, limit=NUMBERS, columns=oracle.ORDER)
    async def orders(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        channels: tuple[str, ...] = (),
        carriers: tuple[str, ...] = (),
    ) -> Mapping[Key, Any]:
        """Orders by number, each in its newest revision: one call, and one for each 500 lines of an order that has
        more than came along.

        channels, carriers:  only orders through one of these channels, with a line that goes by one of these carriers,
                             as for `find`; others are not there. Where some are, one call more: an older revision
                             may have met what the newest does not
        """
        numbers, answers = sendable(keys)
        asked = self._asked(columns, "OrderNumber", "HeaderId")
        rows = await self._newest(wire, numbers, asked, limits(channels=channels, carriers=carriers))
        made = await self._made(wire, rows, asked, self._translation(asked).orders)
        return answers | {str(row.order_number): one for row, one in zip(rows, made, strict=True)}

    @operation(OrderPage, limit=PARTIES, columns=oracle.ORDER, calls=PER_PARENT)
    async def orders_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, Any]:
        """A page of each party's orders, newest first; a party without any gets an empty page.

        first:  page length
        after:  (placed_at in ISO 8601 with offset or None, order number) of the last order seen. It belongs to one
                party, so each key then has a call of its own, for exactly first + 1 rows
        Without `after`: one call for all keys, and another while parties with orders left have fewer than first + 1
        (`Reader.newest` gives the bound). `placed_at`, `number` and `party_number` always come.
        """
        parties, answers = sendable(keys)
        asked = self._asked(columns, "OrderNumber", "HeaderId", "BuyingPartyNumber", "TransactionOn")
        groups = list(portions(parties, PARTIES if after is None else 1))
        place = _position(after)
        reads = [partial(self._reader.newest, wire, group, asked, first + 1, place) for group in groups]
        found = {party: rows for one in await self._together(reads) for party, rows in one.items()}
        return answers | await self._pages(wire, found, asked, first)

    @operation(FoundOrders, limit=1, columns=oracle.FOUND, calls="one request for each 25 parties, one more to count")
    async def find(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        parties: tuple[str, ...] = (),
        statuses: tuple[OrderStatus, ...] = (),
        placed_from: datetime | None = None,
        placed_before: datetime | None = None,
        channels: tuple[str, ...] = (),
        sku: str | None = None,
        carriers: tuple[str, ...] = (),
        first: int = 20,
        after: Sequence[Any] | None = None,
    ) -> Mapping[Key, Any]:
        """A page of the orders that meet all conditions, newest first; of all when there are none. The key is "".

        parties, statuses, channels:  any one of these; none: any. Parties by number, 200 at most; OTHER is every status
                      that a company added; a channel is a source system, exactly as Oracle spells it
        placed_from, placed_before:  moments with offset; the first is included, the second is not
        sku:          orders with a line of this product: `lines.ProductNumber = …`. Oracle documents that children's
                      attributes can be queried (REST API for HCM, "Query a Collection", framework version 2 and later),
                      but not which of this resource: [mem]. An instance that cannot answers 400, so Refused
        carriers:     orders with a line that goes by any of these, exactly as Oracle spells them; likewise [mem]
        first, after: as for `orders_of`
        Column `total_count`: `total`, by the order system's own `totalResults`. So does `total`, which is what an order
        comes to as well: who wants only that gets a count besides. One call for each 25 parties, and as
        many again to count when there is an `after`. Unusable: control characters, or more than an address can hold.
        """
        if "" not in keys:
            return {}
        try:
            asking = questions(parties, statuses, placed_from, placed_before, channels, sku, carriers)
            wanted = Wanted(first + 1, _position(after), not columns.isdisjoint(("total_count", "total")))
            return {"": await self._found(wire, asking, columns, wanted, frozenset(parties))}
        except Unusable as error:
            return {"": error}

    @operation(list[OrderTotal], limit=PARTIES, columns=oracle.TOTAL, calls="one request for each 500 orders")
    async def totals_of(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """What every order of each party comes to, with its status; empty for a party without orders. One call for
        each 500 orders of all parties together."""
        parties, answers = sendable(keys)
        asked = oracle.wire(oracle.TOTAL, columns, "OrderNumber", "HeaderId", "BuyingPartyNumber")
        rows = newest_revisions(await self._every(wire, "BuyingPartyNumber", parties, asked))
        made = await self._made(wire, rows, asked, self._translation(asked).totals)
        found: dict[Key, list[OrderTotal | BackendError]] = {party: [] for party in parties}
        for row, one in zip(rows, made, strict=True):
            found[str(row.buying_party_number)].append(one)
        return answers | {party: unless_failed(totals) for party, totals in found.items()}

    @operation(str, limit=NUMBERS, columns=oracle.PARTY_NUMBER)
    async def parties_of_orders(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, parties: tuple[str, ...] = ()
    ) -> Mapping[Key, Any]:
        """The number of the party that placed each order; no answer for an order that names none. One call.

        parties:  only orders that one of these placed, 200 at most; otherwise as for `orders`
        """
        numbers, answers = sendable(keys)
        asked = oracle.wire(oracle.PARTY_NUMBER, columns, "OrderNumber", "HeaderId", "BuyingPartyNumber")
        rows = await self._newest(wire, numbers, asked, limits(parties=parties))
        orders = self._translation(asked).orders(rows)
        return answers | {order.number: order.party_number for order in orders if order.party_number}

    @operation(list[Shipment], limit=NUMBERS, columns=SHIPMENT, calls="one request for each 500 lines packed")
    async def shipments_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, carriers: tuple[str, ...] = ()
    ) -> Mapping[Key, Any]:
        """The parcels of each order by its number, in the order they were packed; none for an order of which nothing
        is, or that does not exist. `carriers` as for `shipments`."""
        numbers, answers = sendable(keys)
        rows, asked = await self._lines(wire, "Order", numbers, columns, sent_by(carriers=carriers))
        return answers | {number: [] for number in numbers} | by_order(self.name, rows, asked)

    @operation(Shipment, limit=NUMBERS, columns=SHIPMENT, calls="one request for each 500 lines packed")
    async def shipments(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        parties: tuple[str, ...] = (),
        carriers: tuple[str, ...] = (),
    ) -> Mapping[Key, Any]:
        """Parcels by tracking number, exactly as the order system has it.

        parties, carriers:  only what one of these buyers bought, what goes by one of these carriers
        """
        numbers, answers = sendable(keys)
        also = sent_by(parties=parties, carriers=carriers)
        rows, asked = await self._lines(wire, "TrackingNumber", numbers, columns, also)
        return answers | by_number(self.name, rows, asked)

    @operation(ShipmentPage, limit=PARTIES, columns=SENT, calls=PER_RECIPIENT, alone=True)
    async def sent_to(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, Any]:
        """A page of the parcels that have left for each party, the one that left last first. All columns always come.

        first, after: page length, and (shipped_on in ISO 8601 with offset, tracking number) of the last parcel seen
        """
        parties, answers = sendable(keys)
        place = None if after is None else (datetime.fromisoformat(after[0]), str(after[1]))
        reads = [partial(self._sent_page, wire, party, first, place) for party in parties]
        return answers | dict(zip(parties, await self._together(reads), strict=True))

    @operation(Demand, limit=PRODUCTS, columns=oracle.DEMAND, calls="one request for each 500 open orders")
    async def demand_for(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """How many of each product are on lines of orders under way and have not been shipped, by SKU. `quantity` and
        `backordered` always come. It looks into children as `find` does [mem]."""
        skus, answers = sendable(keys)
        return answers | demanded(skus, await self._waiting(wire, skus, oracle.OPEN_LINES))

    @operation(list[Waiting], limit=PRODUCTS, columns=oracle.WAITING, calls="one request for each 500 open orders")
    async def waiting_for(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """The lines of orders under way that want each product and have not been shipped, by SKU; whose they are is not
        asked. `promised_on` when it is wanted, all else always."""
        skus, answers = sendable(keys)
        dates = ("lines.promised_on",) if "promised_on" in columns else ()
        return answers | waiting(skus, await self._waiting(wire, skus, (*oracle.OPEN_LINES, *dates)))

    async def parties_changed_since(
        self, deadline: Deadline, since: datetime | None = None
    ) -> AsyncIterator[list[BuyingParty]]:
        """Everybody who has an order that changed at or after `since` (all, when None), oldest change first.

        Up to 500 at a time, each once in a list but perhaps again in a later one, named as the newest order in that
        list names them. The greatest `updated` seen is the `since` for next time. Raises BackendError.
        """
        patience = max(BULK_PATIENCE, self.connection.attempt_timeout)
        wire = self.wire(deadline, patience=patience)
        async for rows in self._reader.changed(wire, since, PartyRow, PartyRow.__struct_encode_fields__):
            if parties := buying_parties(rows):
                yield parties

    async def orders_changed_since(
        self, deadline: Deadline, columns: Columns, since: datetime | None = None
    ) -> AsyncIterator[list[ChangedOrder]]:
        """Orders that changed at or after `since` (all, when None), oldest change first, up to 500 at a time; perhaps
        again in a later list, and in several revisions. One that cannot be read is there with the reason. As for
        parties otherwise."""
        wire = self.wire(deadline, patience=max(BULK_PATIENCE, self.connection.attempt_timeout))
        asked = self._asked(columns, "OrderNumber", "HeaderId")
        make = self._translation(asked).orders
        async for rows in self._reader.changed(wire, since, OrderRow, [*asked, "LastUpdateDate"]):
            made = await self._made(wire, rows, asked, make)
            yield [ChangedOrder(one, self._reader.updated(row)) for one, row in zip(made, rows, strict=True)]

    async def _newest(
        self, wire: Wire, numbers: Sequence[str], asked: Sequence[str], limit: str = ""
    ) -> list[OrderRow]:
        """The newest revision of each order, as far as that meets the limit."""
        rows = newest_revisions(await self._every(wire, "OrderNumber", numbers, asked, limit))
        if not limit or not rows:
            return rows
        met = [str(row.order_number) for row in rows]
        known = newest_revisions(await self._every(wire, "OrderNumber", met, ("OrderNumber", "HeaderId")))
        newest = {row.header_id for row in known}
        return [row for row in rows if row.header_id in newest]

    async def _every(
        self, wire: Wire, attribute: str, keys: Sequence[str], asked: Sequence[str], limit: str = ""
    ) -> list[OrderRow]:
        """All orders of which an attribute is one of the keys, and no other, as far as they meet the limit."""
        most = NUMBERS if attribute == "OrderNumber" else PARTIES
        conditions = [together_short(among(attribute, portion), limit) for portion in portions(keys, most)]
        read = [partial(self._reader.every, wire, condition, asked) for condition in conditions]
        rows = [row for one in await self._together(read) for row in one]
        name = {"OrderNumber": "order_number", "BuyingPartyNumber": "buying_party_number"}[attribute]
        if strange := {getattr(row, name) for row in rows} - set(keys):
            raise Garbled(self.name, f"rows nobody asked for, with {attribute} {sorted(map(str, strange))[:3]}")
        return rows

    async def _lines(
        self, wire: Wire, attribute: str, keys: Sequence[str], columns: Columns, also: str = ""
    ) -> tuple[list[ShipmentRow], Sequence[str]]:
        """The shipment lines of these keys, and no other; and the columns each has to have."""
        asked = oracle.wire(SHIPMENT, columns, *KEYS)
        reads = [partial(self._shipped.rows, wire, attribute, part, asked, also) for part in portions(keys, NUMBERS)]
        rows = [row for one in await self._together(reads) for row in one]
        name = {"Order": "order", "TrackingNumber": "tracking_number"}[attribute]
        if strange := {getattr(row, name) for row in rows} - set(keys):
            raise Garbled(self.name, f"rows nobody asked for, with {attribute} {sorted(map(str, strange))[:3]}")
        return rows, asked

    async def _sent_page(self, wire: Wire, party: str, first: int, after: Any) -> ShipmentPage | BackendError:
        try:
            return ShipmentPage(*await self._shipped.latest(wire, party, first, after))
        except BackendError as error:
            return error

    async def _found(
        self, wire: Wire, asking: Sequence[str], columns: Columns, wanted: Wanted, parties: frozenset[str]
    ) -> FoundOrders | BackendError:
        """Who bought is asked for where it is to be compared, or wanted."""
        compared = ("BuyingPartyNumber",) if parties else ()
        asked = self._asked(columns, "OrderNumber", "HeaderId", *compared, "TransactionOn")
        reads = [partial(self._reader.matching, wire, question, asked, wanted) for question in asking]
        lists = await self._together(reads)
        rows = (
            newest_first(row for rows, _ in lists for row in rows) if len(lists) > 1 else lists[0][0] if lists else []
        )
        if parties and (strange := {row.buying_party_number for row in rows} - parties):
            raise Garbled(self.name, f"orders of parties nobody asked for: {sorted(map(str, strange))[:3]}")
        shown = rows[: wanted.most - 1]
        orders = unless_failed(await self._made(wire, shown, asked, self._translation(asked).orders))
        if isinstance(orders, BackendError):
            return orders
        return FoundOrders(orders, len(rows) > len(shown), all_together([total for _, total in lists], wanted.count))

    async def _pages(
        self, wire: Wire, found: Mapping[str, list[OrderRow]], asked: tuple[str, ...], first: int
    ) -> dict[Key, OrderPage | BackendError]:
        rows = [row for mine in found.values() for row in mine[:first]]
        made = await self._made(wire, rows, asked, self._translation(asked).orders)
        pages: dict[Key, OrderPage | BackendError] = {}
        at = 0
        for party, mine in found.items():
            orders = unless_failed(made[at : at + min(len(mine), first)])
            pages[party] = orders if isinstance(orders, BackendError) else OrderPage(orders, len(mine) > first)
            at += min(len(mine), first)
        return pages

    async def _made(
        self,
        wire: Wire,
        rows: Sequence[OrderRow],
        asked: Sequence[str],
        make: Callable[[Sequence[OrderRow]], Sequence[R]],
    ) -> list[R | BackendError]:
        """A record for each row, or why there is none: one bad order does not cost the others."""
        cut = self._translation(asked).cut(rows)
        if not cut:
            return await in_turns(rows, make)
        reads = [partial(self._whole, wire, rows[number], asked) for number in cut]
        whole = dict(zip(cut, await self._together(reads), strict=True))
        read = [whole.get(number, row) for number, row in enumerate(rows)]
        made = iter(await in_turns([row for row in read if isinstance(row, OrderRow)], make))
        return [next(made) if isinstance(row, OrderRow) else row for row in read]

    async def _whole(self, wire: Wire, row: OrderRow, asked: Sequence[str]) -> OrderRow | BackendError:
        try:
            return await self._reader.whole(wire, row, asked)
        except BackendError as error:
            return error

    async def _waiting(self, wire: Wire, skus: Sequence[str], columns: Sequence[str]) -> list[SalesOrder]:
        """Orders under way that have a line for any of these. Raises BackendError for one that cannot be read."""
        asked = self._asked(frozenset(columns), "OrderNumber", "HeaderId")
        reads = [partial(self._reader.every, wire, wanting(some), asked) for some in portions(skus, PRODUCTS)]
        rows = newest_revisions([row for one in await self._together(reads) for row in one])
        orders = unless_failed(await self._made(wire, rows, asked, self._translation(asked).orders))
        if isinstance(orders, BackendError):
            raise orders
        return orders

    async def _together(self, reads: Sequence[Callable[[], Any]]) -> list[Any]:
        return await together(self.connection.concurrency, reads)


def _position(after: Sequence[Any] | None) -> Position | None:
    if after is None:
        return None
    placed_at, number = after
    return datetime.fromisoformat(placed_at) if placed_at else None, str(number)
