"""SAP S/4HANA: what we sell, how much of it lies where, and what can be promised. Speaks OData v2.

Acts as a service (communication user, Basic). `connection.base_url` is the address before `/sap/opu/odata/sap/`;
`connection.options`: `sap-client` (100), `atp_rule` (A), the checking rule of the availability check, and `language`
(EN), that of names and long texts. What this adapter chose where the facts are silent:

* a row with quantity 0 stays a row; rows come by plant, storage location and stock type;
* quantities come without zeros at the end: their number varies from system to system, and from row to row;
* a stock answer that counts more rows than it gives is Garbled: half a stock is a wrong number;
* one plant whose availability cannot be had leaves the whole product's availability unknown;
* a day ends at 23:59:59 UTC.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeVar

from resolvers.backends.base import (
    JSON,
    KEPT,
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Gap,
    Garbled,
    Key,
    Login,
    Reply,
    Request,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.sap import batch, csrf, finding, reading
from resolvers.backends.sap.materials import Numbered, askable, belonging
from resolvers.backends.sap.odata import PREFIX, Query, Root, accepted, literal, rows, selection, written
from resolvers.backends.sap.records import (
    PRODUCT_ROWS,
    STOCK_ROWS,
    Availability,
    FoundProducts,
    PlantAvailability,
    Product,
    PromiseAnswer,
    PromiseRow,
    StockLevel,
    StockRow,
    Wrapped,
)

__all__ = ["Availability", "FoundProducts", "PlantAvailability", "Product", "Sap", "StockLevel"]

K = TypeVar("K")
Pair = reading.Pair
N = TypeVar("N", bound=Numbered)
A = TypeVar("A")

STOCK = "API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod"
AVAILABILITY = "API_PRODUCT_AVAILY_INFO_BASIC"
PLACE = ("Material", "Plant", "StorageLocation", "InventorySpecialStockType", "InventoryStockType")
"""What tells stock rows apart: always read, or a caller's selection would change which rows are one."""


class Sap(Adapter):
    name = "sap"
    title = "SAP S/4HANA"
    bears = Bears(at_once=8)  # dialog work processes, which people at their screens want too
    takes = JSON | {"multipart/mixed", "application/atomsvc+xml", "application/xml"}

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._root = Root.of(connection)
        self._rule = connection.options.get("atp_rule", "A")
        self._language = connection.options.get("language", "EN")
        self._login = Login(lambda: csrf.fetch(self.name, self._root, AVAILABILITY))
        self._of_stock = lru_cache(KEPT)(partial(_of_stock, self._root))

    @operation(
        Product,
        limit=50,
        columns={
            "sku": ("Product",),
            "name": ("to_Description.Language", "to_Description.ProductDescription"),
            "description": ("to_ProductBasicText.Language", "to_ProductBasicText.LongText"),
            "unit": ("BaseUnit",),
            "category": ("ProductGroup",),
        },
    )
    async def products(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Product | Gap]:
        """Products by SKU. One GET for 50 of them, more only when their SKUs are too long for one address."""
        options = selection(("Product", *Sap.products.wire_columns(columns)))
        query = Query(self._root, finding.PRODUCTS, "Product", PRODUCT_ROWS, options)
        found = await self._rows(wire, askable(keys), query)
        return _each(
            _existing(found),
            lambda sku, rows: reading.product(wire, sku, rows, columns, self._language),
        )

    @operation(
        FoundProducts,
        limit=1,
        calls="one request, three with a text, more while a group lets few through",
        columns={
            "sku": ("Product",),
            "name": finding.NAMES,
            "description": ("to_ProductBasicText.Language", "to_ProductBasicText.LongText"),
            "unit": ("BaseUnit",),
            "category": ("ProductGroup",),
            "total": ("$inlinecount",),
        },
    )
    async def find(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        text: str | None = None,
        group: str | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> Mapping[Key, FoundProducts | Gap]:
        """A page of products by SKU, as SAP orders them. The one key is "".

        text:   the SKU (leading zeros as in `products`) or a part of the name in our language, whatever its case;
                None or "": any product. One call without, three with it
        group:  the product group, exactly; None: any
        first:  page length
        after:  the SKU of the last product seen
        `total` where SAP counts it (see `finding`): None for a text in a group, or of more than six letters. Unusable
        when thousands of products have to be read to find those that fit.
        """
        select = Sap.products.wire_columns(columns)
        search = finding.Finding(wire, self._root, self._language, columns, select, group, first)
        try:
            return dict.fromkeys(keys, await search.find(text, after))
        except Unusable as gap:
            return dict.fromkeys(keys, gap)

    @operation(
        list[StockLevel],
        limit=50,
        columns={
            "plant": ("Plant",),
            "storage_location": ("StorageLocation",),
            "type": ("InventoryStockType",),
            "quantity": ("MatlWrhsStkQtyInMatlBaseUnit", "MaterialBaseUnit"),
            "unit": ("MaterialBaseUnit",),
        },
    )
    async def stock(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, list[StockLevel] | Gap]:
        """Stock levels by SKU, pages followed. A SKU without stock, unknown ones included, has an empty list."""
        found = await self._rows(wire, askable(keys), self._of_stock(columns))
        counted, in_unit = "quantity" in columns, not columns.isdisjoint(("quantity", "unit"))
        levels = _each(found, lambda _, rows: reading.stock(wire, rows, counted=counted, in_unit=in_unit))
        return {key: levels.get(key, []) for key in keys}

    @operation(
        Availability,
        limit=20,
        columns={
            "sufficient": ("AvailableQuantityInBaseUnit",),
            "quantity": ("AvailableQuantityInBaseUnit",),
            "unit": ("BaseUnit",),
            "plants.plant": ("to_Plant.Plant",),
            "plants.quantity": ("AvailableQuantityInBaseUnit",),
        },
    )
    async def availability(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, *, quantity: Decimal, on: date
    ) -> Mapping[Key, Availability | Gap]:
        """What can be promised by the end of a day (UTC), by SKU: one GET for the plants, then, unless the plants are
        all that is asked for, one POST `$batch` for every 50 pairs of material and plant."""
        if not quantity.is_finite() or quantity < 0:
            return dict.fromkeys(keys, Unusable("the quantity has to be a number from 0"))
        options = selection(("Product", "to_Plant.Plant"))
        query = Query(self._root, finding.PRODUCTS, "Product", PRODUCT_ROWS, options)
        found = await self._rows(wire, askable(keys), query)
        plants = _each(_existing(found), lambda _, rows: reading.plants(wire, rows))
        told = set(Sap.availability.wire_columns(columns)) - {"to_Plant.Plant"}
        promises = await self._promises(wire, plants.values(), on) if told else None
        return _each(plants, lambda _, pairs: reading.availability(wire, pairs, promises, quantity))

    async def _rows(self, wire: Wire, skus: Sequence[str], query: Query[N]) -> dict[str, list[N] | Gap]:
        """The rows of each SKU, or why we do not know them; portions that fail cost only their own SKUs."""

        async def ask(portion: Sequence[str]) -> Mapping[str, list[N] | Gap]:
            found = await rows(wire, self._root, query.request(portion), query.shape)
            return belonging(portion, found)

        return await self._concurrently(query.portions(skus), ask)

    async def _promises(self, wire: Wire, plants: Iterable[list[Pair] | Gap], on: date) -> reading.Promises:
        """What each plant can promise of each material, or why we do not know."""
        pairs = list(dict.fromkeys(pair for carried in plants if not isinstance(carried, Gap) for pair in carried))
        portions = (pairs[start : start + batch.MOST_PARTS] for start in range(0, len(pairs), batch.MOST_PARTS))

        async def ask(portion: Sequence[Pair]) -> Mapping[Pair, PromiseRow | BackendError]:
            targets = [self._promise(material, plant, on) for material, plant in portion]
            answers = batch.answers(self.name, await self._post(wire, batch.body(targets)), len(targets))
            return {pair: _promised(wire, answer) for pair, answer in zip(portion, answers, strict=True)}

        return await self._concurrently(portions, ask)

    def _promise(self, material: str, plant: str, on: date) -> str:
        options = {
            "ATPCheckingRule": literal(self._rule),
            "Material": literal(material),
            "SupplyingPlant": literal(plant),
            "RequestedUTCDateTime": f"datetimeoffset'{on.year:04}-{on.month:02}-{on.day:02}T23:59:59Z'",
            "$format": "json",
        }
        return f"DetermineAvailabilityAt?{written(options)}"

    async def _post(self, wire: Wire, body: bytes) -> Reply:
        """POST a batch with a token; when the token is worn out, once more with a new one."""
        held = await self._login.current(wire)
        reply = await wire.send(self._batch(body, held.headers))
        if csrf.worn_out(reply):
            self._login.refused(held)
            held = await self._login.current(wire)
            reply = await wire.send(self._batch(body, held.headers))
        if csrf.worn_out(reply):
            self._login.refused(held)
        return reply

    def _batch(self, body: bytes, headers: tuple[tuple[str, str], ...]) -> Request:
        target = f"{PREFIX}{AVAILABILITY}/$batch?{written(self._root.chosen_client)}".rstrip("?")
        kind = ("Content-Type", batch.CONTENT_TYPE)
        return Request("POST", target, (*self._root.identity, ("Accept", "multipart/mixed"), *headers, kind), body)

    async def _concurrently(
        self, portions: Iterable[Sequence[K]], ask: Callable[[Sequence[K]], Awaitable[Mapping[K, A]]]
    ) -> dict[K, Any]:
        """All portions at once, as far as the system may be asked at once; a failure is its own portion's answer."""

        async def tried(portion: Sequence[K]) -> Mapping[K, A | BackendError]:
            try:
                return await ask(portion)
            except BackendError as error:
                return dict.fromkeys(portion, error)

        listed = list(portions)
        if len(listed) == 1:
            return {**await tried(listed[0])}
        gate = asyncio.Semaphore(self.connection.concurrency)

        async def one(portion: Sequence[K]) -> Mapping[K, A | BackendError]:
            async with gate:
                return await tried(portion)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(portion)) for portion in listed]
        return {key: answer for task in tasks for key, answer in task.result().items()}


def _of_stock(root: Root, columns: Columns) -> Query[StockRow]:
    options = selection((*PLACE, *Sap.stock.wire_columns(columns))) | {"$inlinecount": "allpages"}
    return Query(root, STOCK, "Material", STOCK_ROWS, options, also="InventorySpecialStockType eq ''")


def _existing(found: Mapping[str, list[A] | Gap]) -> dict[str, list[A] | Gap]:
    return {key: rows for key, rows in found.items() if rows != []}


def _each(found: Mapping[Any, A | Gap], read: Callable[[Any, A], Any]) -> dict[Any, Any]:
    """Read what was found for each key; a key whose rows cannot be used is an error of its own."""
    answers: dict[Any, Any] = {}
    for key, value in found.items():
        try:
            answers[key] = value if isinstance(value, Gap) else read(key, value)
        except BackendError as error:
            answers[key] = error
    return answers


def _promised(wire: Wire, answer: Reply | BackendError) -> PromiseRow | BackendError:
    if isinstance(answer, BackendError):
        return answer
    try:
        record = wire.decode(accepted(wire.system, answer).body, Wrapped[PromiseAnswer]).d.record
    except BackendError as error:
        return error
    return record or Garbled(wire.system, "an availability record without quantity or unit")
