"""What is owed and what was paid: invoices, payments, credit memos, balances. NetSuite owns them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import (
    Billing,
    Category,
    Financial,
    Inherited,
    Logistics,
    Means,
    Public,
    edge,
    entity,
)
from schema.scalars import COUNTED, PUBLIC_ID, Money, Node, PageInfo

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.inventory import Product
    from schema.orders import Order


@strawberry.enum(
    description="Where an invoice stands, in the ledger's words; `OTHER` is one that the graph does not have."
)
class InvoiceStatus(Enum):
    PENDING_APPROVAL = strawberry.enum_value("PENDING_APPROVAL", description="Entered in the ledger; not approved yet.")
    REJECTED = strawberry.enum_value("REJECTED", description="Not approved; nothing is owed for it.")
    OPEN = strawberry.enum_value("OPEN", description="All of it or a part is still to be paid.")
    PAID = strawberry.enum_value("PAID", description="Nothing is left to pay: paid, credited, or both.")
    VOIDED = strawberry.enum_value("VOIDED", description="Declared void; nothing is owed for it.")
    OTHER = strawberry.enum_value("OTHER", description="A state that the graph has no word for.")


@strawberry.type(description="What a customer owes us today, as the ledger adds it up.")
class Balance:
    open: Inherited[Decimal | None] = strawberry.field(
        description="What is left to pay of all invoices: an exact decimal, as a string, in "
        "`currency`. What is owed in another currency is converted by the ledger, at its "
        "rate of the day."
    )
    overdue: Inherited[Decimal | None] = strawberry.field(
        description="What of it should have been paid before today: an exact decimal, as a string, in `currency`."
    )
    currency: Inherited[str | None] = strawberry.field(
        description="ISO 4217 code of both amounts: the customer's own currency in the ledger."
    )


@strawberry.type(
    description="What was paid for one invoice. A payment that settles several is there with its part of each."
)
class Payment:
    number: Billing[str] = strawberry.field(description="Number of the payment in the ledger.")
    paid_on: Billing[date] = strawberry.field(description="Day it was booked, in the ledger's own time zone.")
    amount: Financial[Money] = strawberry.field(description="What of the payment was applied to this invoice.")
    means: Means[str] = strawberry.field(
        description="How it was paid, in the ledger's own words, for example `Visa`; null when not recorded."
    )
    last_four: Means[str] = strawberry.field(
        description="Last four digits of the card or account it came from; null when not recorded."
    )


@strawberry.type(description="What was credited of one invoice: it need not be paid after all.")
class CreditMemo:
    number: Billing[str] = strawberry.field(description="Number of the credit memo in the ledger.")
    issued_on: Billing[date] = strawberry.field(description="Day it was booked, in the ledger's own time zone.")
    amount: Financial[Money] = strawberry.field(description="What of the credit was applied to this invoice.")
    reason: Financial[str] = strawberry.field(description="Free text that the person who wrote it left; often empty.")


@strawberry.type(description="Goods on an invoice. Discount, freight and tax are in its total only.")
class InvoiceLine:
    number: Billing[str] = strawberry.field(description="Number of the line on the invoice.")
    order_line: Logistics[str] = strawberry.field(
        description="Number of the order's line that it bills, as `OrderLine.number`; null when not recorded."
    )
    sku: Logistics[str] = strawberry.field(description="Stock-keeping unit billed; leading zeros are kept.")
    quantity: Logistics[Decimal] = strawberry.field(
        description="Quantity billed, an exact decimal as a string, in the product's sales unit."
    )
    unit_price: Financial[Money] = strawberry.field(description="Price of one unit after discount, tax excluded.")
    amount: Financial[Money] = strawberry.field(description="What the line costs; tax excluded.")

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """What was billed, as the ERP describes it today; null when the ERP no longer has it."""


@strawberry.type(
    description="A demand for payment: what has shipped, what it costs and when it is due. The ledger owns it.",
    directives=[entity(Category.BILLING)],
)
class Invoice(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Billing[str] = strawberry.field(description="Number printed on the invoice, exactly as there.")
    status: Billing[InvoiceStatus] = strawberry.field(
        description="Where the invoice stands; whether it is late, `overdue` says."
    )
    issued_on: Billing[date] = strawberry.field(description="Day it was issued, in the ledger's own time zone.")
    due_on: Billing[date] = strawberry.field(
        description="Day by the end of which it is to be paid, in the ledger's own time zone."
    )
    settled_on: Billing[date] = strawberry.field(
        description="Day on which nothing was left to pay, in the ledger's own time zone; null before."
    )
    total: Financial[Money] = strawberry.field(
        description="Grand total, with discount, freight and tax, as the ledger has it."
    )
    open: Financial[Money] = strawberry.field(description="What is left to pay of it, after payments and credit memos.")
    currency: Financial[str] = strawberry.field(description="ISO 4217 code of every amount on the invoice.")

    @edge(Category.BILLING)
    def overdue(self) -> bool | None:
        """Whether it is open though it was due before today (UTC). Worked out by the gateway from status and due
        date."""

    @edge(Category.BILLING)
    def days_overdue(self) -> int | None:
        """Whole days since it was due, while it is open; 0 when it is not overdue. Worked out by the gateway,
        likewise."""

    @edge(Category.BILLING)
    def lines(self) -> list[InvoiceLine] | None:
        """The goods billed, in the invoice's own sequence."""

    @edge(Category.BILLING)
    def payments(self) -> list[Payment] | None:
        """What was paid for it, oldest first; empty when nothing was."""

    @edge(Category.BILLING)
    def credit_memos(self) -> list[CreditMemo] | None:
        """What was credited of it, oldest first; empty when nothing was."""

    @edge(Category.LOGISTICS)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """The order it bills; null when the ledger does not say."""

    @edge(Category.BILLING)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who owes it, which need not be who ordered; null when the ledger's customer is not known to be one of
        ours."""


@strawberry.type(description="One row of a page of invoices.")
class InvoiceEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Invoice] = strawberry.field(description="The invoice of this row.")


@strawberry.type(description="A page of invoices, newest first.")
class InvoiceConnection:
    nodes: Inherited[list[Invoice]] = strawberry.field(description="The invoices of this page, in its order.")
    edges: Inherited[list[InvoiceEdge]] = strawberry.field(description="The same invoices, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} It is known when the first page holds them all."
    )
