"""What we hope to sell, what became of it, and what customers have of us. Siebel owns all of it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Assets, Category, Inherited, Public, Sales, edge, entity
from schema.scalars import COUNTED, PUBLIC_ID, Money, Node, PageInfo

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.inventory import Product
    from schema.orders import Order


@strawberry.enum(description="What has become of an opportunity; the gateway tells it from the CRM's stages.")
class OpportunityStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Being worked on: neither won nor lost yet.")
    WON = strawberry.enum_value("WON", description="Sold: the customer has said yes.")
    LOST = strawberry.enum_value("LOST", description="Not sold, and given up.")


@strawberry.type(description="One product of an opportunity, and how many of it.")
class OpportunityLine:
    sku: Sales[str] = strawberry.field(description="Stock-keeping unit; leading zeros are kept.")
    quantity: Sales[Decimal] = strawberry.field(description="How many would be bought: an exact decimal, as a string.")
    unit_price: Sales[Money] = strawberry.field(description="Price of one, as it was offered.")
    amount: Sales[Money] = strawberry.field(description="What the line would bring, as the CRM has it.")

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product, as the ERP describes it today; null when the ERP does not have it."""


@strawberry.type(
    description="Something we may sell, have sold or tried to. The CRM owns it.", directives=[entity(Category.SALES)]
)
class Opportunity(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    name: Sales[str] = strawberry.field(description="What sales people call it; often names the customer.")
    stage: Sales[str] = strawberry.field(
        description="How far it has come, in the CRM's own words, for example `09 - Closed/Won`."
    )
    status: Sales[OpportunityStatus] = strawberry.field(description="Whether it is open, won or lost; by its stage.")
    amount: Sales[Money] = strawberry.field(description="What it would bring, or has brought, as the CRM has it.")
    probability: Sales[int] = strawberry.field(
        description="How likely it is to be won, in whole percent, 0 to 100, as sales people see it."
    )
    closes_on: Sales[datetime.date] = strawberry.field(
        description="The day it is expected to be decided, or was decided."
    )
    sales_rep: Sales[str] = strawberry.field(
        description="Login in the CRM of whoever sells; null when nobody is named."
    )
    description: Sales[str] = strawberry.field(description="What sales people wrote about it, free text; often null.")

    @edge(Category.SALES)
    def lines(self) -> list[OpportunityLine] | None:
        """What would be bought; empty when nobody has said."""

    @edge(Category.SALES)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """The order it led to; null when it led to none."""

    @edge(Category.SALES)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who would buy; null when the account is not known to be one of our customers."""


@strawberry.type(description="One row of a page of opportunities.")
class OpportunityEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Opportunity] = strawberry.field(description="The opportunity of this row.")


@strawberry.type(description="A page of opportunities, those that are decided last first.")
class OpportunityConnection:
    nodes: Inherited[list[Opportunity]] = strawberry.field(description="The opportunities of this page, in its order.")
    edges: Inherited[list[OpportunityEdge]] = strawberry.field(
        description="The same opportunities, each with its cursor."
    )
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} It is known when the first page holds them all."
    )


@strawberry.type(
    description="A thing of ours that a customer has, and its warranty. The CRM owns it.",
    directives=[entity(Category.ASSETS)],
)
class Asset(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Assets[str] = strawberry.field(description="Number that the CRM gave it; not the serial number.")
    serial_number: Assets[str] = strawberry.field(
        description="Serial number, exactly as it stands on the thing; null for what has none."
    )
    quantity: Assets[Decimal] = strawberry.field(
        description="How many of them there are under this number: a decimal, as a string; mostly 1."
    )
    status: Assets[str] = strawberry.field(description="Whether it is in use, in the CRM's own words.")
    since: Assets[datetime.datetime] = strawberry.field(description="When it was installed; ISO 8601 with offset.")
    warranty_until: Assets[datetime.date] = strawberry.field(
        description="Last day of the warranty; null when there is none on record."
    )
    notes: Assets[str] = strawberry.field(description="What people wrote about it, free text; often null.")

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """What it is: with the stock there is to replace it from, and what we have published about it."""

    @edge(Category.ASSETS)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """The order it was bought with; null when that is not on record."""

    @edge(Category.ASSETS)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who has it; null when the owner is not known to be one of our customers."""


@strawberry.type(description="One row of a page of assets.")
class AssetEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Asset] = strawberry.field(description="The asset of this row.")


@strawberry.type(description="A page of assets, the newest first.")
class AssetConnection:
    nodes: Inherited[list[Asset]] = strawberry.field(description="The assets of this page, in its order.")
    edges: Inherited[list[AssetEdge]] = strawberry.field(description="The same assets, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} It is known when the first page holds them all."
    )
