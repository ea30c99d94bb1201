"""Shipment lines: what of each order line went into which parcel, and the number its carrier knows that by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mocks.oracle_om.catalogue import Resource, constant, moment, number, text
from mocks.oracle_om.condition import All, Compare, Condition, OneOf, Some
from mocks.oracle_om.parameters import Query
from mocks.oracle_om.render import Page
from mocks.oracle_om.search import filtered
from mocks.oracle_om.timeline import gently
from mocks.world import Order, World
from mocks.world.parcels import Packed, Parcel, Parcels

METHODS = {
    "overnight": "Parcel Next Day",
    "two_day": "Parcel Second Day",
    "three_day": "Parcel Third Day",
    "ground": "Parcel Ground",
    "international": "Parcel International",
}


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    parcel: Parcel
    packed: Packed
    place: int
    buyer: str | None

    @property
    def id(self) -> int:
        return self.parcel.shipment * 100 + self.place

    @property
    def shipped(self) -> bool:
        return self.parcel.shipped_on is not None


SHIPMENT_LINES = Resource(
    "shipmentLines",
    {
        "ShipmentLine": number(lambda r: r.id),
        "OrderTypeCode": constant("SALES_ORDER"),
        "Order": text(lambda r: r.parcel.order.number),
        "OrderLine": text(lambda r: r.packed.line.number),
        "SourceOrder": text(lambda r: r.parcel.order.source_number),
        "SourceOrderLine": text(lambda r: r.packed.line.number),
        "SourceOrderFulfillmentLineId": number(lambda r: r.packed.line.fulfill_line_id),
        "Item": text(lambda r: r.packed.line.sku),
        "ItemDescription": text(lambda r: r.packed.line.description),
        "RequestedQuantity": number(lambda r: r.packed.quantity),
        "RequestedQuantityUOMCode": text(lambda r: r.packed.line.unit),
        "ShippedQuantity": number(lambda r: r.packed.quantity if r.shipped else None),
        "StagedQuantity": number(lambda r: None if r.shipped else r.packed.quantity),
        "Shipment": text(lambda r: str(r.parcel.shipment)),
        "LineStatusCode": text(lambda r: "C" if r.shipped else "Y"),
        "LineStatus": text(lambda r: "Shipped" if r.shipped else "Staged"),
        "SoldToCustomerNumber": text(lambda r: r.buyer),
        "Carrier": text(lambda r: r.parcel.carrier),
        "ShippingMethod": text(lambda r: METHODS[r.parcel.level]),
        "TrackingNumber": text(lambda r: r.parcel.number),
        "ScheduledShipDate": moment(lambda r: r.packed.line.scheduled_on),
        "ActualShipDate": moment(lambda r: r.parcel.shipped_on),
    },
    key=lambda r: str(r.id),
)


class ShipmentLines:
    """The shipment lines of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._parcels = world.part(Parcels)

    async def find(self, query: Query) -> Page:
        rows = self._candidates(query.condition)
        if rows is None:
            rows = [row async for row in self._all()]
        return filtered(SHIPMENT_LINES, rows, query)

    async def _all(self) -> AsyncIterator[ShipmentLine]:
        orders = (order for index in self._world.customers() for order in self._world.orders_of(index))
        async for order in gently(orders):
            for row in self._of([order]):
                yield row

    def _candidates(self, condition: Condition | None) -> list[ShipmentLine] | None:
        """Every row that can meet the condition, by order or tracking number; None when it names neither."""
        match condition:
            case Compare(attribute, "=", value):
                return self._by(attribute, [value])
            case OneOf(attribute, values):
                return self._by(attribute, sorted(values, key=str))
            case All(parts):
                return next((rows for rows in map(self._candidates, parts) if rows is not None), None)
            case Some(parts):
                found = [self._candidates(part) for part in parts]
                known = [rows for rows in found if rows is not None]
                return None if len(known) < len(found) else list({row.id: row for row in chain(*known)}.values())
            case _:
                return None

    def _by(self, attribute: str, values: Iterable[Any]) -> list[ShipmentLine] | None:
        match attribute:
            case "Order":
                orders = (self._world.order_by_number(value) for value in values)
                return list(self._of(order for order in orders if order))
            case "TrackingNumber":
                parcels = (self._parcels.by_number(value) for value in values)
                return [row for parcel in parcels if parcel for row in self._rows(parcel)]
            case "SoldToCustomerNumber":
                buyers = (self._world.by_party_number(value) for value in values)
                bought = (order for at in buyers if at is not None for order in self._world.orders_of(at))
                return list(self._of(bought))
            case _:
                return None

    def _of(self, orders: Iterable[Order]) -> Iterator[ShipmentLine]:
        for order in orders:
            for parcel in self._parcels.of_order(order):
                yield from self._rows(parcel)

    def _rows(self, parcel: Parcel) -> Iterator[ShipmentLine]:
        buyer = self._world.customer(parcel.order.customer).party_number
        return (ShipmentLine(parcel, packed, place, buyer) for place, packed in enumerate(parcel.contents))
