"""The questions we put to the partner hub, as one of its clients that may see every partner.

Settings (`Connection.options`): `token_path` (/oauth/token), `root` (/v1). What this adapter chose where the facts are
silent: a page that is full is followed by another; a quantity below nothing, a moment without offset, or an item that
nobody asked for makes the answer Garbled; a product that no supplier has is there, with an empty list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from resolvers.backends.base import (
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Gap,
    Garbled,
    Key,
    Kind,
    Refused,
    Send,
    Wire,
    operation,
)
from resolvers.backends.partner_hub import reading, records
from resolvers.backends.partner_hub.line import Line
from resolvers.backends.partner_hub.polling import followed
from resolvers.backends.partner_hub.records import (
    Acknowledgement,
    Forecast,
    ForecastRow,
    Forecasts,
    Inventory,
    ItemKeys,
    ItemRow,
    OrderReply,
    PurchaseOrder,
    ReceiptReply,
    Supplies,
    Supply,
    Transaction,
)

W = TypeVar("W", ItemRow, ForecastRow)
R = TypeVar("R")

MOST_ITEMS = 50
LONGEST_KEY = 100
LONGEST_KEYS = 6_000  # characters of them in one address, encoded
LONGEST_PAGE = 500
MOST_PAGES = 20
MOST_ORDERS = 10
UNTIL_DONE = "one request for each, until done"
PARTNER = frozenset({"partnerId", "supplier"})
"""What one partner is asked for by, in either kind of question."""


class PartnerHub(Adapter):
    """Keys are SKUs, GTINs, partner ids and numbers of purchase orders, exactly as the hub has them."""

    name = "partner_hub"
    title = "Partner hub"
    bears = Bears(at_once=4, per_second=9)  # ten a second by its own word; a little less, since clocks differ

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._line = Line(self.name, connection)
        self._root = connection.options.get("root") or "/v1"

    @operation(list[Supply], limit=MOST_ITEMS, columns=records.SUPPLY)
    async def supplies(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, partners: tuple[str, ...] | None = None
    ) -> Mapping[Key, list[Supply] | Gap]:
        """What suppliers have of each product, by SKU. `partners`: only these; None: all. The hub takes one in a
        request, so each has its own."""
        return await self._by_item(wire, "buyerPartNumber", keys, partners, lambda item: item.buyer_part_number)

    @operation(list[Supply], limit=MOST_ITEMS, columns=records.SUPPLY)
    async def supplies_by_gtin(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, partners: tuple[str, ...] | None = None
    ) -> Mapping[Key, list[Supply] | Gap]:
        """The same by GTIN."""
        return await self._by_item(wire, "gtin", keys, partners, lambda item: item.gtin)

    @operation(Supplies, limit=1, columns=records.SUPPLY)
    async def supplies_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: int = 0
    ) -> Mapping[Key, Supplies | Gap]:
        """A page of what each partner has, by partner id. `after`: rows to skip; the hub pages by nothing else."""
        pages = [self._page_of(wire, key, first, after) for key in keys]
        return dict(zip(keys, await asyncio.gather(*pages), strict=True))

    @operation(list[Forecast], limit=MOST_ITEMS, columns=records.FORECAST)
    async def forecasts(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        begins: date | None = None,
        ends: date | None = None,
        partners: tuple[str, ...] | None = None,
    ) -> Mapping[Key, list[Forecast] | Gap]:
        """The weeks we foresee for each product, by SKU, each supplier's share by itself; with what they promise when
        `commitments` is asked for.

        begins, ends: days; weeks that touch the period come. None: from this week on, for a quarter
        """
        asked = {"from": begins, "to": ends, "expand": "commitQuantities" if "commitments" in columns else None}
        given = {name: str(value) for name, value in asked.items() if value is not None}
        ways = [{"supplier": one} | given for one in partners] if partners is not None else [given]
        rows = await self._rows(wire, "forecasts", "buyerPartNumber", keys, ways)
        found = self._grouped(keys, rows, lambda row: row.item.buyer_part_number, reading.forecast)
        return {key: _in_order(one) for key, one in found.items()}

    @operation(PurchaseOrder, limit=MOST_ORDERS, columns=records.ORDER, calls="one request for each", alone=True)
    async def purchase_orders(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> Mapping[Key, PurchaseOrder | Gap]:
        """Purchase orders by number."""
        numbers = [key for key in keys if _askable(key)]
        found = await asyncio.gather(*(self._order(wire, str(number)) for number in numbers))
        return {number: one for number, one in zip(numbers, found, strict=True) if one is not None}

    @operation(Transaction, limit=MOST_ORDERS, columns=records.TRANSACTION, calls=UNTIL_DONE, alone=True)
    async def transactions(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Transaction | Gap]:
        """What became of what was written, by transaction id: asked again until it is known, or time is over; then it
        is Processing."""
        ids = [key for key in keys if _askable(key)]
        found = await asyncio.gather(*(self._settled(wire, str(one)) for one in ids))
        return {key: one for key, one in zip(ids, found, strict=True) if one is not None}

    @operation(
        Transaction,
        limit=1,
        columns=records.TRANSACTION,
        kind=Kind.WRITE,
        calls="one request, and some until it is done",
    )
    async def acknowledge(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Transaction | Gap]:
        """Tell the hub what a supplier says to a purchase order; keys are `Acknowledgement`s. It is sent once, and then
        followed by reading. Processing, when time is over before it is known what became of it."""
        answers: dict[Key, Transaction | Gap] = {}
        for key in keys:
            if isinstance(key, Acknowledgement):
                answers[key] = await self._acknowledged(wire, key)
        return answers

    # how it is asked

    async def _by_item(
        self,
        wire: Wire,
        kind: str,
        keys: Sequence[Key],
        partners: tuple[str, ...] | None,
        key_of: Callable[[ItemKeys], str],
    ) -> dict[Key, list[Supply] | Gap]:
        ways: list[dict[str, str]] = [{"partnerId": one} for one in partners] if partners is not None else [{}]
        rows = await self._rows(wire, "inventory/items", kind, keys, ways)
        return self._grouped(keys, rows, lambda row: key_of(row.item), reading.supply)

    async def _rows(
        self, wire: Wire, path: str, kind: str, keys: Sequence[Key], ways: Sequence[Mapping[str, str]]
    ) -> list[Any]:
        """Rows of items, portions of them and ways to ask for them side by side; who asks for nobody's has none."""
        asked = [
            self._every(wire, path, [*((kind, key) for key in portion), *way.items()])
            for portion in _portions(kind, [str(key) for key in keys if _askable(key)])
            for way in ways
        ]
        return [row for rows in await asyncio.gather(*asked) for row in rows]

    async def _every(self, wire: Wire, path: str, asked: Sequence[tuple[str, str]]) -> list[Any]:
        found: list[Any] = []
        meant = {value for name, value in asked if name in PARTNER}
        for number in range(MOST_PAGES):
            page = await self._page(wire, path, [*asked, ("offset", str(number * LONGEST_PAGE))], LONGEST_PAGE)
            if meant and any(row.partner_id not in meant for row in page):
                raise Garbled(self.name, "an item of a partner nobody asked for")
            found += page
            if len(page) < LONGEST_PAGE:
                return found
        raise Garbled(self.name, f"{path}: its pages do not end, {MOST_PAGES} read")

    async def _page(self, wire: Wire, path: str, asked: Sequence[tuple[str, str]], size: int) -> list[Any]:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in (*asked, ("limit", str(size))))
        target = f"{self._root}/{path}?{query}"
        if path == "forecasts":
            forecasts = await self._line.get(wire, target, Forecasts)
            rows: list[Any] | None = forecasts.rows if forecasts else None
        else:
            inventory = await self._line.get(wire, target, Inventory)
            rows = inventory.results if inventory else None
        if rows is None:
            raise Refused(self.name, f"{path} is not there")
        if len(rows) > size:
            raise Garbled(self.name, f"{path}: {len(rows)} rows on a page of {size}")
        return rows

    def _grouped(
        self, keys: Sequence[Key], rows: Iterable[W], key_of: Callable[[W], str], read: Callable[[W], R]
    ) -> dict[Key, list[R] | Gap]:
        """The records of each key; one that cannot be read costs its own key."""
        found: dict[Key, list[R]] = {key: [] for key in keys if _askable(key)}
        broken: dict[Key, Gap] = {}
        for row in rows:
            key = key_of(row)
            if key not in found:
                raise Garbled(self.name, "an item nobody asked for")
            try:
                found[key].append(read(row))
            except ValueError as error:
                broken[key] = Garbled(self.name, str(error))
        return {key: broken.get(key, records) for key, records in found.items()}

    async def _page_of(self, wire: Wire, partner: Key, first: int, after: int) -> Supplies | BackendError:
        if not _askable(partner):
            return Supplies([], False)
        asked = [("partnerId", str(partner)), ("offset", str(after))]
        try:
            rows = await self._page(wire, "inventory/items", asked, first + 1)
            supplies = [reading.supply(row) for row in rows]
        except BackendError as error:
            return error
        except ValueError as error:
            return Garbled(self.name, str(error))
        if any(one.supplier_number != partner for one in supplies):
            return Garbled(self.name, "an item of a partner nobody asked for")
        return Supplies(supplies[:first], len(supplies) > first)

    async def _order(self, wire: Wire, number: str) -> PurchaseOrder | BackendError | None:
        try:
            reply = await self._line.get(wire, f"{self._root}/purchaseOrders/{quote(number, safe='')}", OrderReply)
            if reply is None:
                return None
            if reply.errors or reply.payload is None:
                return Refused(self.name, f"a purchase order: {_codes(reply.errors)}")
            order = reading.order(reply.payload)
            return order if order.number == number else Garbled(self.name, "another purchase order than was asked for")
        except BackendError as error:
            return error
        except ValueError as error:
            return Garbled(self.name, str(error))

    async def _acknowledged(self, wire: Wire, one: Acknowledgement) -> Transaction | BackendError:
        body = msgspec.json.encode({"acknowledgements": [reading.written(one, datetime.now(UTC))]})
        reply = await self._line.post(wire, f"{self._root}/acknowledgements", body, ReceiptReply)
        if reply.errors or reply.payload is None:
            return Refused(self.name, f"an acknowledgement: {_codes(reply.errors)}")
        taken = reply.payload.transaction_id
        return await followed(self._line, wire, self._root, taken) or Transaction(taken, "Processing")

    async def _settled(self, wire: Wire, key: str) -> Transaction | BackendError | None:
        try:
            return await followed(self._line, wire, self._root, key)
        except BackendError as error:
            return error


def _askable(key: Key) -> bool:
    return isinstance(key, str) and 0 < len(key) <= LONGEST_KEY and key.isprintable()


def _portions(kind: str, keys: Sequence[str]) -> Iterable[list[str]]:
    portion: list[str] = []
    room = LONGEST_KEYS
    for key in keys:
        size = len(kind) + 2 + len(quote(key, safe=""))
        if portion and (len(portion) == MOST_ITEMS or size > room):
            yield portion
            portion, room = [], LONGEST_KEYS
        portion.append(key)
        room -= size
    if portion:
        yield portion


def _in_order(weeks: list[Forecast] | Gap) -> list[Forecast] | Gap:
    return weeks if isinstance(weeks, Gap) else sorted(weeks, key=lambda one: (one.begins, one.supplier_number))


def _codes(errors: Iterable[records.Problem]) -> str:
    return ", ".join(one.code for one in errors)[:100] or "no payload"
