"""What the ledger knows, in our words, and the columns of SuiteQL that each attribute is made of.

An attribute that was not asked for is None, as is one that holds nothing there. An amount needs the currency of its
document. Columns of the company's own (`custbody_…`, `custcol_…`) have other names where the options of the connection
say so; here they have their usual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from schema.billing import InvoiceStatus

CURRENCY = "currency.symbol"
ORDER, LAST_FOUR = "transaction.custbody_order_number", "transaction.custbody_last_four"
ORDER_LINE, ACCOUNT = "transactionline.custcol_order_line", "customer.accountnumber"

INVOICE: Mapping[str, tuple[str, ...]] = {
    "id": ("transaction.id",),
    "number": ("transaction.tranid",),
    "status": ("transaction.status",),
    "word": ("transaction.status",),
    "issued_on": ("transaction.trandate",),
    "due_on": ("transaction.duedate",),
    "settled_on": ("transaction.closedate",),
    "total": ("transaction.foreigntotal", CURRENCY),
    "open": ("transaction.foreignamountunpaid", CURRENCY),
    "currency": (CURRENCY,),
    "debtor_id": ("transaction.entity",),
    "order_number": (ORDER,),
}
LINE: Mapping[str, tuple[str, ...]] = {
    "number": ("transactionline.linesequencenumber",),
    "order_line": (ORDER_LINE,),
    "sku": ("transactionline.item",),
    "quantity": ("transactionline.quantity",),
    "unit_price": ("transactionline.rate", CURRENCY),
    "amount": ("transactionline.foreignamount", CURRENCY),
}
PAYMENT: Mapping[str, tuple[str, ...]] = {
    "number": ("transaction.tranid",),
    "paid_on": ("transaction.trandate",),
    "amount": ("nexttransactionlink.foreignamount", CURRENCY),
    "means": ("transaction.paymentmethod",),
    "last_four": (LAST_FOUR,),
}
RECEIPT: Mapping[str, tuple[str, ...]] = {
    "id": ("transaction.id",),
    "number": ("transaction.tranid",),
    "paid_on": ("transaction.trandate",),
    "amount": ("transaction.foreigntotal", CURRENCY),
    "means": ("transaction.paymentmethod",),
    "last_four": (LAST_FOUR,),
}
CREDIT: Mapping[str, tuple[str, ...]] = {
    "number": ("transaction.tranid",),
    "issued_on": ("transaction.trandate",),
    "amount": ("nexttransactionlink.foreignamount", CURRENCY),
    "reason": ("transaction.memo",),
}
DEBTOR: Mapping[str, tuple[str, ...]] = {
    "open": ("customer.balancesearch",),
    "overdue": ("customer.overduebalancesearch",),
    "currency": (CURRENCY,),
}
SALES: Mapping[str, tuple[str, ...]] = {
    "billed": ("transaction.foreigntotal", "transaction.type", CURRENCY),
    "billed_since": ("transaction.foreigntotal", "transaction.type", "transaction.trandate", CURRENCY),
    "invoices": ("transaction.type",),
    "invoices_since": ("transaction.type", "transaction.trandate"),
    "last_on": ("transaction.type", "transaction.trandate"),
}
"""Sums and counts that NetSuite makes: no single document travels."""


class Money(msgspec.Struct, frozen=True):
    """An exact amount, digits as the ledger gave them, in an ISO 4217 currency."""

    amount: Decimal
    currency: str


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice. `id`: NetSuite's own; `debtor_id`, `order_number`: link keys; `open`: what is left to pay;
    `word`: its status as NetSuite spells it."""

    id: str
    number: str | None = None
    status: InvoiceStatus | None = None
    word: str | None = None
    issued_on: date | None = None
    due_on: date | None = None
    settled_on: date | None = None
    total: Money | None = None
    open: Money | None = None
    currency: str | None = None
    debtor_id: str | None = None
    order_number: str | None = None


class InvoicePage(msgspec.Struct, frozen=True):
    """Invoices of one debtor, newest first, and whether there are older ones."""

    invoices: list[Invoice]
    has_next: bool


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is billed. `order_line`: the number of the order's line, where the company keeps it."""

    number: str | None = None
    order_line: str | None = None
    sku: str | None = None
    quantity: Decimal | None = None
    unit_price: Money | None = None
    amount: Money | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid for one invoice: a payment that settles several is there with its part of each."""

    number: str | None = None
    paid_on: date | None = None
    amount: Money | None = None
    means: str | None = None
    last_four: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One payment as a whole, whatever it settled. `id`: NetSuite's own."""

    id: str
    number: str | None = None
    paid_on: date | None = None
    amount: Money | None = None
    means: str | None = None
    last_four: str | None = None


class ReceiptPage(msgspec.Struct, frozen=True):
    """Payments of one debtor, newest first, and whether there are older ones."""

    receipts: list[Receipt]
    has_next: bool


class CreditMemo(msgspec.Struct, frozen=True, kw_only=True):
    """What was credited of one invoice."""

    number: str | None = None
    issued_on: date | None = None
    amount: Money | None = None
    reason: str | None = None


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What one debtor owes, as NetSuite adds it up, in the debtor's own currency."""

    open: Decimal | None = None
    overdue: Decimal | None = None
    currency: str | None = None


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """What one debtor was billed in one currency, credit memos deducted: ever, and since a day; over how many invoices,
    and when the last of them was issued."""

    billed: Decimal | None = None
    billed_since: Decimal | None = None
    invoices: int | None = None
    invoices_since: int | None = None
    last_on: date | None = None
    currency: str | None = None


class Debtor(NamedTuple):
    """A customer of the ledger, as far as they can be told from others by it. `account`: the customer number."""

    id: str
    account: str | None
    email: str | None
    phone: str | None
    name: str | None
    updated: datetime


class ChangedInvoice(NamedTuple):
    """An invoice, and when it was last changed."""

    invoice: Invoice
    updated: datetime
