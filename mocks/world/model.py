"""What one fictional company is made of, free of any system's wire format.

Rows are frozen and derived from the seed on demand: nothing here is kept but what was asked for. Money and quantities
are `Decimal`, moments are aware UTC `datetime`s. A key of None means: that system does not know this row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the CRM and/or one buying party of the order system.

    index:            0 … len(world) - 1; also how the world finds the row again
    number:           the customer number several systems share ("" when this row was never given one)
    siebel_*:         row ids, pattern `1-32HG`; None: not in Siebel (then the order system is all that knows them)
    party_id:         15-digit integer of Oracle's trading community; None: never ordered
    party_number:     Oracle's BuyingPartyNumber: the customer number without its leading zeros; None with party_id
    duplicate_of:     index of the row this one repeats (same person, entered twice), or None
    """

    index: int
    number: str
    first_name: str
    last_name: str
    account_name: str
    job_title: str
    email: str
    phone: str
    mobile: str
    address: Address
    language: str
    tier: str
    segment: str
    region: str
    since: datetime
    updated: datetime
    birth_date: date | None
    channel: str
    sales_owner: str
    carrier: str
    currency: str
    suppress_emails: bool
    suppress_calls: bool
    suppress_mailings: bool
    suppress_faxes: bool
    siebel_contact_id: str | None
    siebel_account_id: str | None
    integration_id: str
    party_id: int | None
    party_number: str | None
    duplicate_of: int | None
    notes: str


@dataclass(frozen=True, slots=True)
class Hold:
    name: str
    reason: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """`service`: how fast it was to travel, in the words of who sold it (`First Class`); "": nobody said."""

    line_id: int
    fulfill_line_id: int
    number: str
    sku: str
    description: str
    quantity: Decimal
    unit: str
    list_price: Decimal
    unit_price: Decimal
    amount: Decimal
    status: str
    requested_on: datetime | None
    scheduled_on: datetime | None
    shipped_on: datetime | None
    carrier: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One sales order, in its newest revision. `status` and line status are Oracle's codes (DOO_PROCESSING, …)."""

    header_id: int
    number: str
    customer: int
    source_system: str
    source_number: str
    customer_po: str
    status: str
    placed_at: datetime
    requested_on: datetime | None
    updated_at: datetime
    currency: str
    payment_terms: str
    salesperson: str
    bill_to: Address | None
    ship_to: Address | None
    ship_to_name: str
    holds: tuple[Hold, ...]
    lines: tuple[Line, ...]
    discount: Decimal
    freight: Decimal
    tax: Decimal
    notes: str

    @property
    def goods(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.goods - self.discount + self.freight + self.tax


class Placed(NamedTuple):
    """When an order was placed: what can be known of it without its lines."""

    at: datetime
    number: str
    header_id: int


@dataclass(frozen=True, slots=True)
class Stock:
    """A quantity in one place. `type` is SAP's two digits (01 unrestricted …), `special` its one letter or ""."""

    plant: str
    storage_location: str
    type: str
    special: str
    special_customer: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Product:
    index: int
    sku: str
    names: dict[str, str]
    text: str
    unit: str
    group: str
    type: str
    gross_weight: Decimal
    weight_unit: str
    list_price: Decimal
    supplier: str
    plants: tuple[str, ...]
    created: date
    changed: datetime
    discontinued: bool


class World(Protocol):
    """The company all mock servers agree on. Reads only; what callers write lives in each mock.

    now: fixed, or the live clock; every row is dated before the day the world was opened on (or before `now`, fixed).
    ordinals_of, order_at: the same orders by number, 0 … order_count() - 1, in the sequence of orders_of.
    by_email: case-insensitive. by_phone: digits only, as written (`4903012345` for "+49 (0)30 12345") or international
    (`493012345`); matches phone or mobile. orders_of: oldest first. placed_by: the same orders, without making them.
    part: what is worked out of the world alone and only read, such as its parcels; made once, whoever asks.
    promised: what the availability check of one plant answers for one product by a moment (never negative).
    """

    @property
    def now(self) -> datetime: ...
    @property
    def seed(self) -> int: ...

    def __len__(self) -> int: ...
    def part(self, make: Callable[[World], P]) -> P: ...
    def customer(self, index: int) -> Customer: ...
    def customers(self) -> range: ...
    def by_email(self, email: str) -> list[int]: ...
    def by_phone(self, digits: str) -> list[int]: ...
    def by_contact_id(self, row_id: str) -> int | None: ...
    def by_account_id(self, row_id: str) -> int | None: ...
    def by_party_number(self, number: str) -> int | None: ...
    def orders_of(self, index: int) -> tuple[Order, ...]: ...
    def placed_by(self, index: int) -> Iterable[Placed]: ...
    def ordinals_of(self, index: int) -> Sequence[int]: ...
    def order_at(self, ordinal: int) -> Order | None: ...
    def order_by_header(self, header_id: int) -> Order | None: ...
    def order_by_number(self, number: str) -> Order | None: ...
    def order_count(self) -> int: ...
    def products(self) -> range: ...
    def product(self, index: int) -> Product: ...
    def by_sku(self, sku: str) -> int | None: ...
    def stock_of(self, index: int) -> tuple[Stock, ...]: ...
    def promised(self, index: int, plant: str, until: datetime) -> Decimal: ...
