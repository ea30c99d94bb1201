"""Where goods come from: suppliers, what they have and promise, what is foreseen. The hub owns all but `Demand`."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Inherited, Public, Supply, edge, entity
from schema.scalars import COUNTED, PUBLIC_ID, Node, PageInfo

if TYPE_CHECKING:
    from schema.inventory import Product

Weeks = Annotated[int, Category.PUBLIC, strawberry.argument(description="How many weeks, from this one on; 1 to 26.")]


@strawberry.type(description="A lot that a supplier says they will have.")
class ExpectedLot:
    on: Inherited[datetime.date] = strawberry.field(description="The day from which they will have it.")
    quantity: Inherited[int] = strawberry.field(description="How many there will be, in the supplier's `unit`.")


@strawberry.type(
    description="What one supplier has of one product, by the supplier's own word in the supply hub.",
    directives=[entity(Category.SUPPLY)],
)
class SupplierStock(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    supplier_number: Supply[str] = strawberry.field(description="The supplier, as the supply hub calls them: `V-200`.")
    supplier: Supply[str] = strawberry.field(description="Name of the supplier, as the supply hub has it.")
    part_number: Supply[str] = strawberry.field(
        description="Number by which the supplier knows the product; null when not told."
    )
    gtin: Supply[str] = strawberry.field(description="Global Trade Item Number of the product, 14 digits.")
    available: Supply[int] = strawberry.field(description="How many they could send today, a whole number in `unit`.")
    on_order: Supply[int] = strawberry.field(
        description="How many we have ordered from them and not received, a whole number in `unit`."
    )
    available_on: Supply[datetime.date] = strawberry.field(
        description="The day on which they will have more; null when unsaid."
    )
    expected: Supply[list[ExpectedLot]] = strawberry.field(
        description="Lots they expect to have, soonest first; empty when none is told."
    )
    unit: Supply[str] = strawberry.field(description="Unit of all these quantities, in the hub's words, like `Each`.")
    warehouse: Supply[str] = strawberry.field(
        description="Where it lies at the supplier's, in their own words; null when not told."
    )
    updated_at: Supply[datetime.datetime] = strawberry.field(
        description="When the supplier last told us; ISO 8601 with offset."
    )

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product they have, as the ERP describes it; null when it is no product of ours any more."""


@strawberry.type(description="One row of a page of what a supplier has.")
class SupplierStockEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[SupplierStock] = strawberry.field(description="What the supplier has of one product.")


@strawberry.type(description="A page of what a supplier has, in the hub's own order.")
class SupplierStockConnection:
    nodes: Inherited[list[SupplierStock]] = strawberry.field(
        description="What the supplier has, a row for each product of this page."
    )
    edges: Inherited[list[SupplierStockEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The hub does not; the first page tells when it holds them all."
    )


@strawberry.type(
    description="One supplier's share of a week of what we expect to need of a product, as the supply hub has it."
)
class ForecastWeek:
    supplier_number: Inherited[str] = strawberry.field(description="The supplier whose share this is.")
    begins: Inherited[datetime.date] = strawberry.field(description="First day of the week that is forecast.")
    ends: Inherited[datetime.date] = strawberry.field(description="Last day of the week, included in it.")
    mean: Inherited[Decimal] = strawberry.field(
        description="How many we expect to need of this supplier: a decimal, as a string, in `unit`."
    )
    p90: Inherited[Decimal] = strawberry.field(
        description="What nine in ten such weeks stay below: a decimal, as a string, in `unit`."
    )
    unit: Inherited[str] = strawberry.field(description="Unit of both quantities, in the hub's words, like `Each`.")
    made_on: Inherited[datetime.date] = strawberry.field(description="The day the forecast was made.")


@strawberry.type(description="What one supplier has promised to have for us in a week.")
class SupplyCommitment:
    supplier_number: Inherited[str] = strawberry.field(
        description="The supplier who has promised it, as `SupplierStock.supplierNumber` spells it."
    )
    begins: Inherited[datetime.date] = strawberry.field(description="First day it is promised for.")
    ends: Inherited[datetime.date] = strawberry.field(description="Last day it is promised for.")
    quantity: Inherited[int] = strawberry.field(description="How many are promised, a whole number in `unit`.")
    unit: Inherited[str] = strawberry.field(description="Unit of the quantity, in the hub's words, like `Each`.")
    committed_at: Inherited[datetime.datetime | None] = strawberry.field(
        description="When it was promised; ISO 8601 with offset; null when not recorded."
    )
    remark: Inherited[str | None] = strawberry.field(
        description="What the supplier wrote beside it, free text; often null."
    )


@strawberry.enum(description="Where a purchase order stands, in the hub's own words.")
class PurchaseOrderState(Enum):
    NEW = strawberry.enum_value("NEW", description="Sent; the supplier has not said anything to it yet.")
    ACKNOWLEDGED = strawberry.enum_value("ACKNOWLEDGED", description="The supplier has said what they will send.")
    CLOSED = strawberry.enum_value("CLOSED", description="Nothing more will come of it.")
    OTHER = strawberry.enum_value("OTHER", description="A state that the graph has no word for.")


@strawberry.enum(description="What a supplier says to one line of a purchase order.")
class Acknowledgement(Enum):
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="It will be sent.")
    BACKORDERED = strawberry.enum_value("BACKORDERED", description="It will be sent later, once there is some.")
    REJECTED = strawberry.enum_value("REJECTED", description="It will not be sent.")
    OTHER = strawberry.enum_value("OTHER", description="An answer that the graph has no word for.")


@strawberry.type(description="One product of a purchase order, and what the supplier says to it.")
class PurchaseOrderLine:
    number: Supply[str] = strawberry.field(description="Number of the line on the purchase order.")
    sku: Supply[str] = strawberry.field(description="Stock-keeping unit; leading zeros are kept.")
    part_number: Supply[str] = strawberry.field(
        description="Number by which the supplier knows the product; null when not told."
    )
    ordered: Supply[int] = strawberry.field(description="How many we ordered, a whole number in `unit`.")
    unit: Supply[str] = strawberry.field(description="Unit of these quantities, in the hub's words, like `Each`.")
    acknowledgement: Supply[Acknowledgement] = strawberry.field(
        description="What the supplier says to it; null before they have said anything. Of several answers the last."
    )
    acknowledged: Supply[int] = strawberry.field(
        description="How many they will send, a whole number in `unit`; null before they have said anything."
    )
    ships_on: Supply[datetime.date] = strawberry.field(
        description="The day on which they will send them; null when unsaid."
    )
    reason: Supply[str] = strawberry.field(description="Why they will not, in the hub's words; null when unsaid.")

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product, as the ERP describes it today; null when it is no product of ours any more."""


@strawberry.type(
    description="What we ordered of one supplier, and what they say to it, as the supply hub has "
    "it. Prices stay between them and purchasing.",
    directives=[entity(Category.SUPPLY)],
)
class PurchaseOrder(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Supply[str] = strawberry.field(
        description="Number of the purchase order, as the hub and the supplier have it."
    )
    state: Supply[PurchaseOrderState] = strawberry.field(
        description="Where the purchase order stands, in the hub's own words."
    )
    supplier_number: Supply[str] = strawberry.field(description="Whom we ordered of, as the supply hub calls them.")
    ordered_at: Supply[datetime.datetime] = strawberry.field(description="When we ordered; ISO 8601 with offset.")
    changed_at: Supply[datetime.datetime] = strawberry.field(
        description="Since when it has stood where it stands; null when the hub does not say."
    )
    remark: Supply[str] = strawberry.field(description="What we wrote beside it, free text; often null.")
    lines: Supply[list[PurchaseOrderLine]] = strawberry.field(
        description="What was ordered, in its own sequence, each line with what the supplier says to it. What was "
        "acknowledged is done by the hub later: until then it is not here."
    )


@strawberry.type(description="How many of a product are ordered and have not been shipped, of all customers together.")
class Demand:
    quantity: Inherited[Decimal] = strawberry.field(
        description="Sum over all open order lines: a decimal, as a string, in the product's sales unit."
    )
    backordered: Inherited[Decimal] = strawberry.field(
        description="How many of these wait for stock: a decimal, as a string, in the sales unit."
    )
