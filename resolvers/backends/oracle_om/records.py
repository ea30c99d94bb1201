"""Orders in business words, attribute by attribute as the graph names them.

An attribute that was not asked for is None, as is one that the order system holds no value for. `word`: a status as the
order system spells it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from resolvers.backends.base import BackendError
from schema import LineStatus, OrderStatus


class Money(msgspec.Struct, frozen=True, gc=False):
    """An exact amount, digits as the order system gave them, in an ISO 4217 currency."""

    amount: Decimal
    currency: str


class Address(msgspec.Struct, frozen=True, gc=False):
    lines: list[str]
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Party(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    address: Address | None = None


class Parties(msgspec.Struct, frozen=True, gc=False):
    """Who bought (no address is recorded), who pays, who receives."""

    sold_to: Party | None = None
    bill_to: Party | None = None
    ship_to: Party | None = None


class Hold(msgspec.Struct, frozen=True, gc=False):
    """A hold in force."""

    name: str | None = None
    reason: str | None = None
    applied_at: datetime | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    number: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None
    unit_price: Money | None = None
    amount: Money | None = None
    status: LineStatus | None = None
    word: str | None = None
    promised_on: datetime | None = None
    shipped_on: datetime | None = None
    carrier: str | None = None


class SalesOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order in its newest revision. `header_id` of that revision and `party_number` of the buyer are link keys."""

    header_id: int
    number: str | None = None
    party_number: str | None = None
    status: OrderStatus | None = None
    word: str | None = None
    placed_at: datetime | None = None
    requested_on: datetime | None = None
    channel: str | None = None
    currency: str | None = None
    total: Money | None = None
    holds: list[Hold] | None = None
    parties: Parties | None = None
    lines: list[Line] | None = None


class Packed(msgspec.Struct, frozen=True):
    """So much of one order line as is in one parcel."""

    line: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel of one order. `carrier` as the order system spells it."""

    number: str
    order_number: str
    party_number: str | None = None
    carrier: str | None = None
    shipped_on: datetime | None = None
    contents: list[Packed] | None = None


class ShipmentPage(msgspec.Struct, frozen=True):
    """Parcels of one buyer, the one that left last first, and whether there are earlier ones."""

    shipments: list[Shipment]
    has_next: bool


class OrderPage(msgspec.Struct, frozen=True):
    """Orders of one party, newest first, and whether there are older ones."""

    orders: list[SalesOrder]
    has_next: bool


class FoundOrders(msgspec.Struct, frozen=True):
    """Orders that meet some conditions, newest first, and whether there are older ones. `total`: how many there are in
    all, when that was asked for and the order system knows."""

    orders: list[SalesOrder]
    has_next: bool
    total: int | None = None


class Demand(msgspec.Struct, frozen=True):
    """How many of a product are ordered and not shipped; `backordered`: how many of these wait for stock."""

    quantity: Decimal
    backordered: Decimal


class Waiting(msgspec.Struct, frozen=True):
    """One open line that wants a product. `promised_on`: when it is to be shipped; None when nobody has said."""

    order_number: str
    quantity: Decimal
    backordered: bool
    promised_on: datetime | None = None


class OrderTotal(NamedTuple):
    """What one order comes to; None for one without a price yet."""

    total: Money | None
    status: OrderStatus | None


class BuyingParty(msgspec.Struct, frozen=True):
    """Somebody who ordered, as the most recently changed of their orders names them."""

    number: str
    party_id: int | None
    name: str | None
    updated: datetime


class ChangedOrder(NamedTuple):
    """An order, or why it cannot be read, and when it was last changed."""

    order: SalesOrder | BackendError
    updated: datetime
