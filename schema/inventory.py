"""What we sell and how much of it there is. SAP owns both."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Catalogue, Category, Inherited, Public, edge, entity
from schema.outlook import DemandOutlook
from schema.partners import Demand, ForecastWeek, SupplierStock, SupplyCommitment, Weeks
from schema.scalars import COUNTED, PUBLIC_ID, After, First, Node, PageInfo

if TYPE_CHECKING:
    from schema.community import SuggestionConnection
    from schema.content import ContentItem
    from schema.support import TicketConnection


@strawberry.enum(description="What a quantity in stock may be used for. The ERP owns the word.")
class StockType(Enum):
    UNRESTRICTED = strawberry.enum_value("UNRESTRICTED", description="Free to promise and to ship.")
    QUALITY_INSPECTION = strawberry.enum_value("QUALITY_INSPECTION", description="Held until it has been inspected.")
    RETURNS = strawberry.enum_value("RETURNS", description="Came back from customers; not judged yet.")
    IN_TRANSFER = strawberry.enum_value("IN_TRANSFER", description="On its way between storage locations or plants.")
    BLOCKED = strawberry.enum_value("BLOCKED", description="Set aside by somebody: not to be used.")
    OTHER = strawberry.enum_value("OTHER", description="A stock type the graph has no word for.")


@strawberry.type(
    description="A quantity of one product in one place, as the ERP has booked it. Stock set "
    "aside for one customer is left out."
)
class StockLevel:
    plant: Inherited[str] = strawberry.field(description="Code of the plant in the ERP, for example `1010`.")
    storage_location: Inherited[str | None] = strawberry.field(
        description="Code of the storage location in the plant; null when it lies in none."
    )
    type: Inherited[StockType] = strawberry.field(description="What it may be used for; only UNRESTRICTED can be sold.")
    quantity: Inherited[Decimal] = strawberry.field(
        description="How much there is: an exact decimal, as a string, in `unit`."
    )
    unit: Inherited[str] = strawberry.field(description="Base unit of measure, in the ERP's code, for example `PC`.")


@strawberry.type(description="What one plant can promise of a product by the day asked for.")
class PlantAvailability:
    plant: Inherited[str] = strawberry.field(description="Code of the plant in the ERP, for example `1010`.")
    quantity: Inherited[Decimal] = strawberry.field(
        description="How much it can promise by the day asked for: an exact decimal, as a string, in the base unit."
    )


@strawberry.type(
    description="Answer of the ERP's availability check (ATP). Not stock: open demand is already deducted."
)
class Availability:
    sufficient: Inherited[bool] = strawberry.field(description="Whether all plants together can promise the quantity.")
    quantity: Inherited[Decimal] = strawberry.field(
        description="What all plants together can promise: an exact decimal, as a string, in `unit`."
    )
    unit: Inherited[str | None] = strawberry.field(description="Base unit of measure; null when no plant carries it.")
    plants: Inherited[list[PlantAvailability]] = strawberry.field(
        description="The same for each plant, in the order of plant codes."
    )


@strawberry.type(
    description="Something we sell. The ERP owns names, units and stock; the supply hub knows who "
    "supplies it, the content hub what we publish about it.",
    directives=[entity(Category.CATALOGUE)],
)
class Product(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    sku: Catalogue[str] = strawberry.field(
        description="Stock-keeping unit, exactly as the ERP spells it; leading zeros are kept."
    )
    name: Catalogue[str] = strawberry.field(description="Short English name, at most 40 characters, as in the ERP.")
    description: Catalogue[str] = strawberry.field(description="Long English text; null when the ERP holds none.")
    unit: Catalogue[str] = strawberry.field(description="Base unit of measure, in the ERP's code, for example `PC`.")
    category: Catalogue[str] = strawberry.field(
        description="Product group, as the ERP codes it; good for `products(category:)`."
    )

    @edge(Category.INVENTORY)
    def stock(self) -> list[StockLevel] | None:
        """What lies where, by plant, storage location and stock type, as the ERP has booked it; empty when there
        is none."""

    @edge(Category.INVENTORY)
    def availability(
        self,
        quantity: Annotated[
            Decimal,
            Category.INVENTORY,
            strawberry.argument(description="How many are wanted, in the product's base unit."),
        ],
        on: Annotated[
            datetime.date,
            Category.INVENTORY,
            strawberry.argument(description="By the end of which day (UTC) they are wanted."),
        ],
    ) -> Availability | None:
        """Whether a quantity can be promised by a day, as the ERP's own availability check says."""

    @edge(Category.SUPPLY)
    def suppliers(self) -> list[SupplierStock] | None:
        """Who supplies it, and what they have; empty when nobody is known to."""

    @edge(Category.SUPPLY)
    def forecast(self, weeks: Weeks = 13) -> list[ForecastWeek] | None:
        """What we expect to need of each supplier, week by week; empty when nothing is foreseen."""

    @edge(Category.SUPPLY)
    def commitments(self, weeks: Weeks = 13) -> list[SupplyCommitment] | None:
        """What suppliers have promised, week by week; empty when nobody has promised anything."""

    @edge(Category.SUPPLY)
    def demand(self) -> Demand | None:
        """How many are ordered and not shipped, of all customers together. Worked out by the gateway from open
        orders."""

    @edge(Category.OUTLOOK)
    def demand_outlook(self, weeks: Weeks = 13) -> DemandOutlook | None:
        """Whether stock and promises cover orders and forecast. Derived by the gateway; null when a system it is made
        of does not answer."""

    @edge(Category.SERVICE)
    def tickets(
        self, first: First = 20, after: After = None
    ) -> Annotated[TicketConnection, strawberry.lazy("schema.support")] | None:
        """Tickets about this product, newest first, as the help desk has them."""

    @edge(Category.COMMUNITY)
    def suggestions(
        self, first: First = 20, after: After = None
    ) -> Annotated[SuggestionConnection, strawberry.lazy("schema.community")] | None:
        """What customers suggest about this product, newest first."""

    @edge(Category.CONTENT)
    def content(
        self,
        locale: Annotated[
            str | None,
            Category.PUBLIC,
            strawberry.argument(
                description="Language to serve, BCP 47, like `de-DE`; the content hub's default if left out."
            ),
        ] = None,
    ) -> list[Annotated[ContentItem, strawberry.lazy("schema.content")]] | None:
        """What we have published about it, newest first; empty when there is nothing."""


@strawberry.type(description="One row of a page of products.")
class ProductEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Product] = strawberry.field(description="The product of this row.")


@strawberry.type(description="A page of products, in the ERP's own order of SKUs.")
class ProductConnection:
    nodes: Inherited[list[Product]] = strawberry.field(description="The products of this page, in its order.")
    edges: Inherited[list[ProductEdge]] = strawberry.field(description="The same products, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The ERP counts all products, a group, or those with a short text in their name."
    )
