"""The rows behind the resources: what Oracle would store for an order of the world."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from mocks.world import Address, Customer, Line, Order, World

DRAFT = "DOO_DRAFT"
SUPERSEDED = "DOO_REFERENCE"


@dataclass(frozen=True, slots=True)
class Header:
    """One revision of one order, with the customer who placed it."""

    order: Order
    customer: Customer
    revision: int = 1
    newest: bool = True

    @property
    def key(self) -> str:
        return f"{self.order.source_system}:{self.order.header_id}" if self.newest else str(self.order.header_id)

    @property
    def version(self) -> str:
        stamp = f"{self.order.header_id} {self.revision} {self.order.updated_at.isoformat()}"
        return hashlib.sha256(stamp.encode()).hexdigest()[:32].upper()


@dataclass(frozen=True, slots=True)
class OrderLine:
    header: Header
    line: Line

    @property
    def key(self) -> str:
        identity = f"{self.header.order.header_id} {self.line.fulfill_line_id}"
        return hashlib.sha256(identity.encode()).hexdigest().upper()


@dataclass(frozen=True, slots=True)
class Total:
    name: str
    code: str
    amount: Decimal
    primary: bool


@dataclass(frozen=True, slots=True)
class HoldRow:
    id: int
    name: str
    comments: str
    applied_at: datetime
    released: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A party in its role on an order: who, and where."""

    name: str
    party_id: int | None
    party_number: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Charge:
    line: OrderLine


@dataclass(frozen=True, slots=True)
class ChargeComponent:
    code: str
    unit_price: Decimal
    amount: Decimal
    currency: str


def header(world: World, order: Order) -> Header:
    return Header(order, world.customer(order.customer), 2 if _revised(order) else 1)


def by_header_id(world: World, header_id: int) -> Header | None:
    """The newest revision, or the superseded one that lies just before it."""
    if order := world.order_by_header(header_id):
        return header(world, order)
    newest = world.order_by_header(header_id + 1)
    if newest is None or not _revised(newest):
        return None
    order = replace(newest, header_id=header_id, status=SUPERSEDED, updated_at=newest.placed_at)
    return Header(order, world.customer(order.customer), newest=False)


def lines(of: Header) -> Sequence[OrderLine]:
    return [OrderLine(of, line) for line in of.order.lines]


def totals(of: Header) -> Sequence[Total]:
    order = of.order
    if order.status == DRAFT:
        return []
    listed = sum((line.list_price * line.quantity for line in order.lines), Decimal(0))
    return [
        Total("List Price", "QP_TOTAL_LIST_PRICE", listed, False),
        Total("Discount", "QP_TOTAL_ADJUSTMENTS", -order.discount, False),
        Total("Net Price", "QP_TOTAL_NET_PRICE", order.goods - order.discount, False),
        Total("Shipping", "QP_TOTAL_SHIP_CHARGE", order.freight, False),
        Total("Tax", "QP_TOTAL_TAX", order.tax, False),
        Total("Pay Now", "QP_TOTAL_PAY_NOW", order.total, True),
    ]


def holds(of: Header) -> Sequence[HoldRow]:
    order = of.order
    code = order.header_id * 10
    in_force = [
        HoldRow(code + n, hold.name, hold.reason, hold.applied_at, False) for n, hold in enumerate(order.holds, start=1)
    ]
    if order.status == DRAFT or zlib.crc32(order.number.encode()) % 10:
        return in_force
    return [HoldRow(code, "Booking check", "Released by the system.", order.placed_at, True), *in_force]


def ship_to(of: Header) -> Sequence[Place]:
    address, who = of.order.ship_to, of.customer
    name = of.order.ship_to_name or buyer(who)
    return [Place(name, who.party_id, who.party_number, address)] if address else []


def bill_to(of: Header) -> Sequence[Place]:
    address, who = of.order.bill_to, of.customer
    return [Place(buyer(who), who.party_id, who.party_number, address)] if address else []


def charges(of: OrderLine) -> Sequence[Charge]:
    return [] if of.header.order.status == DRAFT else [Charge(of)]


def components(of: Charge) -> Sequence[ChargeComponent]:
    line, currency = of.line.line, of.line.header.order.currency
    return [
        ChargeComponent("QP_LIST_PRICE", line.list_price, line.list_price * line.quantity, currency),
        ChargeComponent("QP_NET_PRICE", line.unit_price, line.amount, currency),
    ]


def none(of: Header) -> Sequence[Header]:
    return []


def buyer(customer: Customer) -> str:
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return name or customer.account_name


def _revised(order: Order) -> bool:
    return order.status != DRAFT and zlib.crc32(order.number.encode()) % 20 == 0
