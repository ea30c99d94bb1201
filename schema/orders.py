"""Orders as the customer sees them, whichever channel took them. Oracle Order Management owns them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import (
    Category,
    Credit,
    Delivery,
    Financial,
    Identity,
    Inherited,
    Logistics,
    Public,
    edge,
    entity,
    optional,
)
from schema.scalars import COUNTED, PUBLIC_ID, Address, After, First, Money, Node, PageInfo, Period

if TYPE_CHECKING:
    from schema.billing import Invoice
    from schema.customer import Customer
    from schema.inventory import Product
    from schema.order_to_cash import OrderToCash
    from schema.shipping import Shipment
    from schema.support import TicketConnection


@strawberry.enum(
    description="Where an order stands, in the order system's words; `OTHER` is one that the graph does not have."
)
class OrderStatus(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="Being entered; not submitted yet, and without a total.")
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Submitted; fulfilment has not started.")
    PROCESSING = strawberry.enum_value(
        "PROCESSING", description="Being fulfilled: picked, packed or waiting for goods."
    )
    OPEN = strawberry.enum_value("OPEN", description="Booked, and waiting to be fulfilled.")
    PARTIALLY_CLOSED = strawberry.enum_value("PARTIALLY_CLOSED", description="Some lines are done, some are not.")
    CLOSED = strawberry.enum_value("CLOSED", description="Every line is done: shipped and settled, or cancelled.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled; nothing will be shipped.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.enum(
    description="Where an order line stands, in the order system's words; `OTHER` is one that the graph does not have."
)
class LineStatus(Enum):
    ENTERED = strawberry.enum_value("ENTERED", description="Entered; no date to ship is set yet.")
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="Scheduled for a date, not released yet.")
    BACKORDERED = strawberry.enum_value("BACKORDERED", description="Waiting for stock that is not there.")
    AWAITING_SHIPPING = strawberry.enum_value("AWAITING_SHIPPING", description="Released; waiting to be shipped.")
    SHIPPED = strawberry.enum_value("SHIPPED", description="Has left the warehouse; not settled yet.")
    CLOSED = strawberry.enum_value("CLOSED", description="Shipped and settled: nothing is left to do.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled; nothing of it will be shipped.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.type(
    description="Something that stops an order from moving until somebody releases it, as the order system records it."
)
class Hold:
    name: Inherited[str | None] = strawberry.field(
        description="Name of the hold in the order system, for example `Credit check`."
    )
    reason: Inherited[str | None] = strawberry.field(
        description="Free text that the person who set it left; often empty. Not meant for customers."
    )
    applied_at: Inherited[datetime | None] = strawberry.field(
        description="When it was set; ISO 8601 with offset; null when not recorded."
    )


@strawberry.type(description="A party to an order, as the order records it (not as the CRM does today).")
class Party:
    name: Inherited[str | None] = strawberry.field(
        description="Name as it stands on the order; null when none is recorded."
    )
    address: Inherited[Address | None] = strawberry.field(
        description="Address as it stands on the order; null when none is recorded."
    )


@strawberry.type(
    description="Who bought, who is billed and who receives, as the order names them. It names neither who pays nor "
    "who uses the goods: who owes is the ledger's word (`Order.invoices`, `Invoice.customer`), who has them the CRM's "
    "(`Asset.customer`)."
)
class OrderParties:
    sold_to: Identity[Party] = strawberry.field(description="Who bought. The order records no address for the buyer.")
    bill_to: Financial[Party] = strawberry.field(description="Who is billed, and where; null when not recorded.")
    ship_to: Delivery[Party] = strawberry.field(
        description="Who receives the goods, and where; null when not recorded."
    )


@strawberry.type(description="One line of an order: a product and how many of it.")
class OrderLine:
    number: Logistics[str] = strawberry.field(description="Line number as printed on the order, for example `1`.")
    sku: Logistics[str] = strawberry.field(description="Stock-keeping unit ordered; leading zeros are kept.")
    quantity: Logistics[Decimal] = strawberry.field(
        description="Quantity ordered, an exact decimal as a string, in the product's sales unit."
    )
    unit_price: Financial[Money] = strawberry.field(description="Price of one unit after discount, tax excluded.")
    amount: Financial[Money] = strawberry.field(
        description="What the line costs, as the order system computed it; tax excluded."
    )
    status: Logistics[LineStatus] = strawberry.field(
        description="Where this line stands; lines of one order may stand apart."
    )
    promised_on: Logistics[datetime] = strawberry.field(
        description="When it is scheduled to ship; ISO 8601 with offset; null when not scheduled."
    )
    shipped_on: Logistics[datetime] = strawberry.field(
        description="When it shipped; ISO 8601 with offset; null when it has not."
    )

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """What was ordered, as the ERP describes it today; null when the ERP no longer has it."""


@strawberry.type(
    description="One purchase, in its newest revision. The order system owns it, whichever channel took it.",
    directives=[entity(Category.LOGISTICS)],
)
class Order(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Logistics[str] = strawberry.field(description="Number the customer knows, for example `CA-2016-152156`.")
    status: Logistics[OrderStatus] = strawberry.field(
        description="Where the order as a whole stands; each line has a status of its own."
    )
    placed_at: Logistics[datetime] = strawberry.field(description="When the customer placed it; ISO 8601 with offset.")
    requested_on: Logistics[datetime] = strawberry.field(
        description="When the customer wants it shipped; ISO 8601 with offset; null when no date was asked for."
    )
    channel: Logistics[str] = strawberry.field(
        description="Where it was sold, in the order system's words, for example `WEB`, `STORE`, `PARTNER`."
    )
    total: Financial[Money] = strawberry.field(
        description="Grand total with discount, freight and tax, as the order system states it; null for drafts."
    )
    currency: Financial[str] = strawberry.field(description="ISO 4217 code of every amount on the order.")
    holds: Credit[list[Hold]] = strawberry.field(
        description="Holds in force right now, oldest first; empty when none is."
    )
    parties: Logistics[OrderParties] = strawberry.field(description="Who bought, who is billed and who receives.")
    lines: Logistics[list[OrderLine]] = strawberry.field(description="All lines, in the order's own sequence.")

    @edge(Category.LOGISTICS)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who placed the order; null when the buyer is not known to be one of our customers."""

    @edge(Category.TRACKING)
    def shipments(self) -> list[Annotated[Shipment, strawberry.lazy("schema.shipping")]] | None:
        """Its parcels, in the order they were packed; empty when nothing is packed yet. One order may come in
        several."""

    @edge(Category.BILLING)
    def invoices(self) -> list[Annotated[Invoice, strawberry.lazy("schema.billing")]] | None:
        """Invoices for this order, oldest first, as the ledger has them; empty before anything was billed."""

    @edge(Category.SERVICE)
    def tickets(
        self, first: First = 20, after: After = None
    ) -> Annotated[TicketConnection, strawberry.lazy("schema.support")] | None:
        """Tickets about this order, newest first, as the help desk has them."""

    @edge(Category.LOGISTICS)
    def order_to_cash(self) -> Annotated[OrderToCash, strawberry.lazy("schema.order_to_cash")] | None:
        """How far it has come, from the campaign that led to it to money and to what is sold next."""


@strawberry.type(description="One row of a page of orders.")
class OrderEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Order] = strawberry.field(description="The order of this row.")


@strawberry.type(description="A page of orders, newest first.")
class OrderConnection:
    nodes: Inherited[list[Order]] = strawberry.field(description="The orders of this page, in its order.")
    edges: Inherited[list[OrderEdge]] = strawberry.field(description="The same orders, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} Under a customer it is known when the first page holds them all."
    )


@strawberry.input(
    description="Which orders: those that meet every condition given. The order system evaluates all of them."
)
class OrderFilter:
    customer: Annotated[strawberry.ID | None, Category.PRESENCE] = optional(
        "Placed by this customer, by their id of the graph."
    )
    status: Logistics[list[OrderStatus]] = optional("Its status is any of these; all if left out.")
    placed: Logistics[Period] = optional("When it was placed lies in this stretch of time.")
    channel: Logistics[list[str]] = optional(
        "Sold through any of these channels, exactly as `Order.channel` spells them.",
    )
    sku: Logistics[str] = optional("With a line of this product, exactly as `OrderLine.sku` spells it.")
