"""What accounts receivable write down: debtors, invoices, what was paid for them and what was credited.

Money is `Decimal` in the currency's smallest step, days are the ledger's own (no time, no zone). The rules by which
all this is drawn are in `mocks.world.invoicing`, the keys in `mocks.world.billing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

NOUGHT = Decimal(0)


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer as the ledger knows them; some are there twice.

    customer:  the world's index
    account:   the customer number without leading zeros; "" when nobody entered one
    """

    id: int
    number: str
    customer: int
    account: str
    name: str
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    currency: str
    terms: str
    credit_limit: Decimal
    created: datetime
    modified: datetime
    notes: str


@dataclass(frozen=True, slots=True)
class Billed:
    """One line of an invoice. `order_line`: the number of the order's line it bills."""

    number: int
    sku: str
    order_line: str
    description: str
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Applied:
    """What of a payment or credit memo settled which invoice."""

    invoice: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """`last_four`: of the card or account it came from; "" for means that have none."""

    id: int
    number: str
    debtor: int
    order: str
    day: date
    currency: str
    total: Decimal
    means: str
    last_four: str
    applied: tuple[Applied, ...]
    modified: datetime
    memo: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit memo: what of an invoice need not be paid after all."""

    id: int
    number: str
    debtor: int
    order: str
    day: date
    currency: str
    total: Decimal
    reason: str
    applied: tuple[Applied, ...]
    modified: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """`order`: the number of the order it bills. `settled_on`: the day nothing was left to pay."""

    id: int
    number: str
    debtor: int
    order: str
    purchase_order: str
    day: date
    due: date
    terms: str
    currency: str
    lines: tuple[Billed, ...]
    discount: Decimal
    freight: Decimal
    tax: Decimal
    paid: Decimal
    credited: Decimal
    settled_on: date | None
    modified: datetime
    memo: str

    @property
    def subtotal(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOUGHT)

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount + self.freight + self.tax

    @property
    def open(self) -> Decimal:
        return self.total - self.paid - self.credited


@dataclass(frozen=True, slots=True)
class Bill:
    """All that accounts receivable have on one order."""

    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    credits: tuple[Credit, ...] = ()

    @property
    def documents(self) -> tuple[Invoice | Payment | Credit, ...]:
        return (*self.invoices, *self.payments, *self.credits)
