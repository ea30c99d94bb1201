"""Whether supply covers what is promised and advertised. Derived by the gateway, by the rules of
`resolvers/rules.toml`; stock is the ERP's word, open orders the order system's, the rest the supply hub's."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Inherited, edge

if TYPE_CHECKING:
    from schema.inventory import Product
    from schema.orders import Order


@strawberry.type(
    description="Whether what there is of a product, and what suppliers have promised, covers what is ordered and "
    "foreseen. Derived by the gateway; stock is set against open orders first, then against the forecast, day by day. "
    "Each part is null while a system that it is made of does not answer."
)
class DemandOutlook:
    as_of: Inherited[datetime.datetime] = strawberry.field(description="The moment it was worked out for.")
    until: Inherited[datetime.date] = strawberry.field(description="Last day of the weeks that were looked at.")
    unit: Inherited[str | None] = strawberry.field(
        description="Base unit of measure of every quantity here, as in the ERP; null when the ERP has no stock of it."
    )
    on_hand: Inherited[Decimal | None] = strawberry.field(
        description="What lies in stock and may be sold, in all plants."
    )
    open_orders: Inherited[Decimal | None] = strawberry.field(description="What is ordered and has not been shipped.")
    backordered: Inherited[Decimal | None] = strawberry.field(description="How much of that waits for stock.")
    forecast: Inherited[Decimal | None] = strawberry.field(
        description="What is foreseen to be needed until then; null when the hub counts in another unit than the ERP."
    )
    committed: Inherited[Decimal | None] = strawberry.field(
        description="What suppliers have promised until then; null when the hub counts in another unit than the ERP."
    )
    cover_days: Inherited[int | None] = strawberry.field(
        description="Whole days until something is lacking, today being 0; null when nothing is until then, or when "
        "units differ."
    )
    shortfall: Inherited[Decimal | None] = strawberry.field(
        description="The most that will be lacking on any day until then; 0 when nothing is; null when units differ."
    )
    orders_at_risk: Inherited[int | None] = strawberry.field(
        description="How many open orders cannot be served in full from stock, those promised first being served first."
    )

    @edge(Category.LOGISTICS)
    def at_risk(
        self,
        first: Annotated[int, Category.PUBLIC, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
    ) -> list[Annotated[Order, strawberry.lazy("schema.orders")]] | None:
        """These orders, those promised first first; of what is promised for no day, those with the lowest number."""


@strawberry.enum(description="Whether a campaign's products can be had in the quantities it would sell.")
class FulfilmentVerdict(Enum):
    COVERED = strawberry.enum_value("COVERED", description="Of every product there will be enough.")
    TIGHT = strawberry.enum_value("TIGHT", description="Enough, with less left than the rules ask for.")
    SHORT = strawberry.enum_value("SHORT", description="Of at least one product more would be sold than can be had.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="Nothing is foreseen for the products, or quantities are counted in different units."
    )
    OVER = strawberry.enum_value("OVER", description="The campaign is over.")


@strawberry.type(description="One product of a campaign: what it would sell of it, and what can be had.")
class ProductRisk:
    verdict: Inherited[FulfilmentVerdict] = strawberry.field(description="Whether there is enough of it.")
    expected: Inherited[Decimal | None] = strawberry.field(
        description="What would be sold until the campaign's end: the forecast, with the campaign's uplift on it."
    )
    available: Inherited[Decimal | None] = strawberry.field(
        description="Stock that may be sold, less open orders, and what suppliers have promised until then."
    )
    short: Inherited[Decimal | None] = strawberry.field(description="How much would be lacking; 0 when nothing would.")
    unit: Inherited[str | None] = strawberry.field(description="Base unit of measure of these quantities.")

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product that is at risk."""


@strawberry.type(
    description="Whether a campaign would outsell supply. Derived by the gateway, by a stated uplift on the forecast."
)
class FulfilmentRisk:
    as_of: Inherited[datetime.datetime] = strawberry.field(description="The moment it was worked out for.")
    verdict: Inherited[FulfilmentVerdict] = strawberry.field(description="The worst of its products'.")
    begins: Inherited[datetime.date] = strawberry.field(description="First day that was looked at.")
    ends: Inherited[datetime.date] = strawberry.field(
        description="Last day that was looked at: the campaign's last, or as many days on as the rules say."
    )
    uplift: Inherited[Decimal] = strawberry.field(
        description="By how much the campaign is taken to raise sales while it runs: `0.3` is 30 percent more."
    )
    products: Inherited[list[ProductRisk]] = strawberry.field(description="By product, the worst first.")
