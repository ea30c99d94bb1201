"""The paths of the hub's API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note, wrote
from mocks.partner_hub import asked, render
from mocks.partner_hub.asked import Items, Window
from mocks.partner_hub.exchange import Exchange
from mocks.partner_hub.login import Login
from mocks.partner_hub.problem import Problem, request_id
from mocks.partner_hub.rate import Bucket
from mocks.partner_hub.render import Record
from mocks.world.supply import Bucket as Week
from mocks.world.supply import Partners, PurchaseOrder, Supplier, Supply

T = TypeVar("T")

PATIENCE = 8  # customers counted before others get a turn
LONGEST_RANGE = timedelta(days=7)
MOST_ORDERS = 100
PAGED = ("offset", "limit")
RANGES = ("createdAfter", "createdBefore", "changedAfter", "changedBefore")
STATES = frozenset({"New", "Acknowledged", "Closed"})


class Service:
    def __init__(self, partners: Partners, exchange: Exchange, login: Login, bucket: Bucket) -> None:
        self._partners = partners
        self._exchange = exchange
        self._login = login
        self._bucket = bucket
        self._gathering = asyncio.Lock()

    # what suppliers have

    async def inventory(self, request: Request) -> Response:
        query = self._admitted(request)
        items, partner = asked.items(query), asked.single(query, "partnerId")
        note(request, "inventory.items", query, [*items.keys, *filter(None, [partner])])
        asked.known(query, ("partnerId", *asked.ITEM_KEYS, *PAGED))
        window = asked.window(query)
        page = _page(list(self._supplies(items, partner)), window)
        return self._answer(request, {"results": [render.item(one) for one in page], "paging": _paging(window)})

    def _supplies(self, items: Items, partner: str) -> Iterator[Supply]:
        supplier = self._partners.supplier(partner) if partner else None
        if partner and supplier is None:
            return
        for index in self._products(items, supplier):
            for one in self._partners.supplies(index):
                mine = supplier is None or one.supplier is supplier
                if mine and (not items.vendor_parts or one.part_number in items.vendor_parts or _named(one, items)):
                    yield one

    def _products(self, items: Items, supplier: Supplier | None) -> Sequence[int]:
        """Indexes of the products that these items may be of."""
        if items.vendor_parts or not items.keys:
            return self._partners.supplied_by(supplier) if supplier else self._partners.everything
        named = [self._partners.index_of(sku) for sku in items.buyer_parts]
        named += [self._partners.by_gtin(text) for text in items.gtins]
        return sorted({index for index in named if index is not None})

    # what we foresee, and what is promised

    async def forecasts(self, request: Request) -> Response:
        query = self._admitted(request)
        items, supplier, expand = asked.items(query), asked.single(query, "supplier"), asked.single(query, "expand")
        note(request, "forecasts", query, [*items.keys, *filter(None, [supplier])])
        asked.known(query, ("supplier", "from", "to", "expand", *asked.ITEM_KEYS, *PAGED))
        if not supplier and not items.keys:
            raise Problem(400, "supplier, or an item, is required")
        if expand not in ("", "commitQuantities"):
            raise Problem(400, "There is nothing of that name to expand")
        begins, ends = asked.period(query, self._partners.monday)
        window = asked.window(query)
        await self._gathered()
        weeks = [
            (supply, week)
            for supply in self._supplies(items, supplier)
            for week in self._partners.forecast(supply)
            if week.begins <= ends and week.ends >= begins
        ]
        told = [self._week(supply, week, bool(expand)) for supply, week in _page(weeks, window)]
        specification = {"supplier": supplier, "from": str(begins), "to": str(ends)}
        document = {"documentId": f"FC-{self._partners.monday}", "version": 1, "reportSpecification": specification}
        return self._answer(request, {**document, "forecastByItem": told, "paging": _paging(window)})

    def _week(self, supply: Supply, week: Week, expanded: bool) -> Record:
        key = _forecast_id(supply, week.begins)
        record = render.forecast(week, supply, key, str(self._partners.monday))
        if expanded:
            promise = self._exchange.promised(key, week)
            record["commitQuantities"] = [render.commitment(promise, supply.unit)] if promise else []
        return record

    async def commitments(self, request: Request) -> Response:
        self._admitted(request)
        forecast_id = request.path_params["forecast"]
        note(request, f"commitQuantities.{request.method}", (), [forecast_id])
        await self._gathered()
        supply, week = self._forecast(forecast_id)
        if request.method == "POST":
            made = self._exchange.promise(forecast_id, week, await _body(request))
            wrote(request, {"operation": "commitQuantities", "key": forecast_id, "quantity": made.quantity})
            return self._answer(request, render.commitment(made, supply.unit), 201)
        promise = self._exchange.promised(forecast_id, week)
        found = [render.commitment(promise, supply.unit)] if promise else []
        return self._answer(request, {"items": found, "count": len(found), "hasMore": False})

    def _forecast(self, forecast_id: str) -> tuple[Supply, Week]:
        gtin, _, rest = forecast_id.partition("_")
        partner, _, day = rest.partition("_")
        index = self._partners.by_gtin(gtin)
        for supply in () if index is None else self._partners.supplies(index):
            for week in self._partners.forecast(supply) if supply.supplier.partner_id == partner else ():
                if str(week.begins) == day:
                    return supply, week
        raise Problem(404, "There is no such forecast")

    async def _gathered(self) -> None:
        async with self._gathering:
            for count, _ in enumerate(self._partners.gather()):
                if count % PATIENCE == 0:
                    await asyncio.sleep(0)

    # what we have ordered

    async def orders(self, request: Request) -> Response:
        query = self._admitted(request)
        note(request, "purchaseOrders", query)
        asked.known(query, (*RANGES, "purchaseOrderState", "isPOChanged", "includeDetails", "limit", "nextToken"))
        created = _range(query, "createdAfter", "createdBefore")
        changed = _range(query, "changedAfter", "changedBefore")
        state = asked.single(query, "purchaseOrderState")
        if state and state not in STATES:
            raise Problem(400, "purchaseOrderState is New, Acknowledged or Closed")
        found = [one for one in self._all_orders() if not state or one.state == state]
        found = [one for one in found if _within(one.ordered_at, created) and _within(one.changed_at, changed)]
        start, most = asked.number(query, "nextToken", 0, 9_999_999), asked.number(query, "limit", 50, MOST_ORDERS)
        details = asked.single(query, "includeDetails") != "false"
        page = [render.order(one, details) for one in found[start : start + most]]
        following = {"nextToken": str(start + most)} if len(found) > start + most else {}
        return self._answer(request, {"payload": {"pagination": following, "orders": page}})

    def _all_orders(self) -> list[PurchaseOrder]:
        orders = [one for supplier in self._partners.suppliers for one in self._partners.orders_of(supplier)]
        return sorted(map(self._exchange.order, orders), key=lambda one: (one.ordered_at, one.number), reverse=True)

    async def order(self, request: Request) -> Response:
        self._admitted(request)
        number = request.path_params["number"]
        note(request, "purchaseOrders.read", (), [number])
        found = self._partners.order(number)
        if found is None:
            raise Problem(404, "There is no such purchase order")
        return self._answer(request, {"payload": render.order(self._exchange.order(found), details=True)})

    async def acknowledge(self, request: Request) -> Response:
        self._admitted(request)
        note(request, "acknowledgements")
        body = await _body(request)
        taken = self._exchange.acknowledge(body)
        wrote(request, {"operation": "acknowledgements", "key": taken.key, "values": body})
        return self._answer(request, {"payload": {"transactionId": taken.key}}, 202)

    async def transaction(self, request: Request) -> Response:
        self._admitted(request)
        note(request, "transactions", (), [request.path_params["transaction"]])
        taken = self._exchange.transaction(request.path_params["transaction"])
        status: Record = {"transactionId": taken.key, "status": taken.status}
        if status["status"] == "Failure":
            status["errors"] = list(taken.errors)
        return self._answer(request, {"payload": {"transactionStatus": status}})

    # all of them

    def _admitted(self, request: Request) -> Any:
        self._login.check(request)
        self._bucket.take()
        if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
            raise Problem(415, "The body is application/json")
        return request.query_params

    def _answer(self, request: Request, body: Record, status: int = 200) -> Response:
        return JSONResponse(body, status, {**self._bucket.headers, "X-Request-ID": request_id(request)})


def _named(supply: Supply, items: Items) -> bool:
    return supply.sku in items.buyer_parts or supply.gtin in items.gtins


def _page(rows: Sequence[T], window: Window) -> Sequence[T]:
    return rows[window.offset : window.offset + window.limit]


def _paging(window: Window) -> Record:
    return {"offset": window.offset, "limit": window.limit}


def _forecast_id(supply: Supply, begins: date) -> str:
    return f"{supply.gtin}_{supply.supplier.partner_id}_{begins}"


def _range(query: Any, after: str, before: str) -> tuple[Any, Any]:
    begins, ends = asked.moment(query, after), asked.moment(query, before)
    if begins and ends and not timedelta(0) <= ends - begins <= LONGEST_RANGE:
        raise Problem(400, f"{after} … {before} is a range of at most 7 days")
    return begins, ends


def _within(at: Any, period: tuple[Any, Any]) -> bool:
    begins, ends = period
    return (begins is None or at >= begins) and (ends is None or at < ends)


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Problem(400, "The body is not JSON") from error
