"""Where goods come from: suppliers, what they have and promise, what is foreseen. The hub owns all but `Demand`."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Inherited, Public, Supply, edge, entity
from schema.scalars import COUNTED, PUBLIC_ID, Node, PageInfo

if TYPE_CHECKING:
    from schema.inventory import Product

Weeks = Annotated[int, Category.PUBLIC, strawberry.argument(description="How many, from this week on; 1 to 26.")]


@strawberry.type(description="A lot that a supplier will have.")
class ExpectedLot:
    on: Inherited[datetime.date] = strawberry.field(description="The day.")
    quantity: Inherited[int] = strawberry.field(description="How many, in the supplier's unit.")


@strawberry.type(
    description="What one supplier has of one product, by the supplier's own word.",
    directives=[entity(Category.SUPPLY)],
)
class SupplierStock(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    supplier_number: Supply[str] = strawberry.field(description="The supplier, as the supply hub calls them: `V-200`.")
    supplier: Supply[str] = strawberry.field(description="The supplier's name.")
    part_number: Supply[str] = strawberry.field(description="What the supplier calls the product.")
    gtin: Supply[str] = strawberry.field(description="Global Trade Item Number of the product, 14 digits.")
    available: Supply[int] = strawberry.field(description="How many they could send today, in `unit`.")
    on_order: Supply[int] = strawberry.field(description="How many we have ordered and not received, in `unit`.")
    available_on: Supply[datetime.date] = strawberry.field(description="When they will have more; null when unsaid.")
    expected: Supply[list[ExpectedLot]] = strawberry.field(description="Their next lots, soonest first.")
    unit: Supply[str] = strawberry.field(description="Unit of all these quantities, in the hub's words, like `Each`.")
    warehouse: Supply[str] = strawberry.field(description="Where it lies at the supplier's.")
    updated_at: Supply[datetime.datetime] = strawberry.field(
        description="When the supplier last told; ISO 8601 with offset."
    )

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product."""


@strawberry.type(description="One row of a page of what a supplier has.")
class SupplierStockEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[SupplierStock] = strawberry.field(description="What they have of one product.")


@strawberry.type(description="A page of what a supplier has, in the hub's own order.")
class SupplierStockConnection:
    nodes: Inherited[list[SupplierStock]] = strawberry.field(description="The rows of this page.")
    edges: Inherited[list[SupplierStockEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The hub does not; the first page tells when it holds them all."
    )


@strawberry.type(description="A week of our forecast, one supplier's share.")
class ForecastWeek:
    supplier_number: Inherited[str] = strawberry.field(description="The supplier whose share this is.")
    begins: Inherited[datetime.date] = strawberry.field(description="First day of the week.")
    ends: Inherited[datetime.date] = strawberry.field(description="Last day of the week.")
    mean: Inherited[Decimal] = strawberry.field(description="How many we expect to need of this supplier, in `unit`.")
    p90: Inherited[Decimal] = strawberry.field(description="What nine in ten such weeks stay below, in `unit`.")
    unit: Inherited[str] = strawberry.field(description="Unit of these quantities, in the hub's words.")
    made_on: Inherited[datetime.date] = strawberry.field(description="The day the forecast was made.")


@strawberry.type(description="What one supplier has promised for a week.")
class SupplyCommitment:
    supplier_number: Inherited[str] = strawberry.field(description="Who has promised it.")
    begins: Inherited[datetime.date] = strawberry.field(description="First day it is promised for.")
    ends: Inherited[datetime.date] = strawberry.field(description="Last day it is promised for.")
    quantity: Inherited[int] = strawberry.field(description="How many are promised, in `unit`.")
    unit: Inherited[str] = strawberry.field(description="Unit of the quantity, in the hub's words.")
    committed_at: Inherited[datetime.datetime | None] = strawberry.field(
        description="When it was promised; ISO 8601 with offset."
    )
    remark: Inherited[str | None] = strawberry.field(description="What the supplier wrote beside it; often null.")


@strawberry.type(description="How many of a product are ordered and have not been shipped.")
class Demand:
    quantity: Inherited[Decimal] = strawberry.field(description="Sum over all open order lines, in the sales unit.")
    backordered: Inherited[Decimal] = strawberry.field(description="How many of these wait for stock.")
