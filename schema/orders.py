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
    from schema.shipping import Shipment
    from schema.support import TicketConnection


@strawberry.enum(description="Where an order stands, in the order system's own words.")
class OrderStatus(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="Being entered; not submitted yet.")
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Submitted; fulfilment has not started.")
    PROCESSING = strawberry.enum_value("PROCESSING", description="Being fulfilled.")
    OPEN = strawberry.enum_value("OPEN", description="Booked and waiting.")
    PARTIALLY_CLOSED = strawberry.enum_value("PARTIALLY_CLOSED", description="Some lines are done, some are not.")
    CLOSED = strawberry.enum_value("CLOSED", description="Every line is done.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled; nothing will be shipped.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.enum(description="Where an order line stands, in the order system's own words.")
class LineStatus(Enum):
    ENTERED = strawberry.enum_value("ENTERED", description="Entered, not scheduled.")
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="Scheduled for a date, not released yet.")
    BACKORDERED = strawberry.enum_value("BACKORDERED", description="Waiting for stock.")
    AWAITING_SHIPPING = strawberry.enum_value("AWAITING_SHIPPING", description="Released; waiting to be shipped.")
    SHIPPED = strawberry.enum_value("SHIPPED", description="Left the warehouse.")
    CLOSED = strawberry.enum_value("CLOSED", description="Shipped and settled.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.type(description="Something that stops an order from moving until somebody releases it.")
class Hold:
    name: Inherited[str | None] = strawberry.field(description="Name of the hold, for example `Credit check`.")
    reason: Inherited[str | None] = strawberry.field(description="Free text the person who set it left; often empty.")
    applied_at: Inherited[datetime | None] = strawberry.field(description="When it was set; ISO 8601 with offset.")


@strawberry.type(description="A party to an order, as the order records it (not as the CRM does today).")
class Party:
    name: Inherited[str | None] = strawberry.field(description="Name on the order.")
    address: Inherited[Address | None] = strawberry.field(
        description="Address on the order; null when none is recorded."
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
    quantity: Logistics[Decimal] = strawberry.field(description="Quantity ordered, in the product's sales unit.")
    unit_price: Financial[Money] = strawberry.field(description="Price of one unit after discount.")
    amount: Financial[Money] = strawberry.field(
        description="What the line costs, as the order system computed it; tax excluded."
    )
    status: Logistics[LineStatus] = strawberry.field(description="Where this line stands.")
    promised_on: Logistics[datetime] = strawberry.field(
        description="When it is scheduled to ship; ISO 8601 with offset; null when not scheduled."
    )
    shipped_on: Logistics[datetime] = strawberry.field(
        description="When it shipped; ISO 8601 with offset; null when it has not."
    )

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """What was ordered, as the ERP describes it today."""


@strawberry.type(
    description="One purchase, in its newest revision.",
    directives=[entity(Category.LOGISTICS)],
)
class Order(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Logistics[str] = strawberry.field(description="Number the customer knows, for example `CA-2016-152156`.")
    status: Logistics[OrderStatus] = strawberry.field(description="Where the order stands.")
    placed_at: Logistics[datetime] = strawberry.field(description="When the customer placed it; ISO 8601 with offset.")
    requested_on: Logistics[datetime] = strawberry.field(
        description="When the customer wants it shipped; ISO 8601 with offset; null when no date was asked for."
    )
    channel: Logistics[str] = strawberry.field(description="Where it was sold, for example `WEB`, `STORE`, `PARTNER`.")
    total: Financial[Money] = strawberry.field(
        description="Grand total as the order system states it; null for drafts."
    )
    currency: Financial[str] = strawberry.field(description="ISO 4217 code of every amount on the order.")
    holds: Credit[list[Hold]] = strawberry.field(description="Holds in force, oldest first; empty when none is.")
    parties: Logistics[OrderParties] = strawberry.field(description="Who bought, who is billed and who receives.")
    lines: Logistics[list[OrderLine]] = strawberry.field(description="All lines, in the order's own sequence.")

    @edge(Category.LOGISTICS)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who placed the order; null when the buyer is not known to be one of our customers."""

    @edge(Category.TRACKING)
    def shipments(self) -> list[Annotated[Shipment, strawberry.lazy("schema.shipping")]] | None:
        """Its parcels, in the order they were packed; empty when nothing is packed yet."""

    @edge(Category.BILLING)
    def invoices(self) -> list[Annotated[Invoice, strawberry.lazy("schema.billing")]] | None:
        """Invoices for this order, oldest first; empty before anything was billed."""

    @edge(Category.SERVICE)
    def tickets(
        self, first: First = 20, after: After = None
    ) -> Annotated[TicketConnection, strawberry.lazy("schema.support")] | None:
        """Tickets about this order, newest first."""


@strawberry.type(description="One row of a page of orders.")
class OrderEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[Order] = strawberry.field(description="The order.")


@strawberry.type(description="A page of orders, newest first.")
class OrderConnection:
    nodes: Inherited[list[Order]] = strawberry.field(description="The orders of this page.")
    edges: Inherited[list[OrderEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
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
    status: Logistics[list[OrderStatus]] = optional("In any of these states.")
    placed: Logistics[Period] = optional("When they were placed.")
    channel: Logistics[list[str]] = optional(
        "Sold through any of these channels, exactly as `Order.channel` spells them.",
    )
    sku: Logistics[str] = optional("With a line of this product, exactly as `OrderLine.sku` spells it.")
