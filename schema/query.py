"""Where a query may start."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from schema.billing import Invoice
from schema.classification import Category, Inherited, edge
from schema.community import Suggestion
from schema.content import ContentItem
from schema.customer import Customer, CustomerBy, CustomerConnection, CustomerFilter, CustomerMatch, CustomerSort
from schema.guidance import SupportQueue
from schema.inventory import Product, ProductConnection
from schema.marketing import Campaign
from schema.orders import Order, OrderConnection, OrderFilter
from schema.partners import PurchaseOrder, SupplierStockConnection
from schema.sales import Asset, Opportunity
from schema.scalars import After, First, Node
from schema.search import SearchKind, SearchResults
from schema.shipping import Shipment
from schema.support import Ticket, TicketConnection, TicketFilter


@strawberry.type(description="Who is asking, as the gateway understood their token.")
class Viewer:
    name: Inherited[str] = strawberry.field(description="Subject of the token.")
    role: Inherited[str] = strawberry.field(description="Role the caller acts in.")
    client: Inherited[str | None] = strawberry.field(description="Client application the token was issued to, if any.")
    purpose: Inherited[str | None] = strawberry.field(description="Purpose of use, if the token states one.")
    customer: Inherited[strawberry.ID | None] = strawberry.field(
        description="The customer this caller is; null for everybody who is not a customer."
    )
    categories: Inherited[list[str]] = strawberry.field(
        description="Categories of the graph this caller may see, on at least some rows."
    )


@strawberry.enum(description="How a system behind the graph is doing, as seen from the gateway.")
class SourceStatus(Enum):
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not asked since the gateway started.")
    UP = strawberry.enum_value("UP", description="The last question was answered.")
    DOWN = strawberry.enum_value("DOWN", description="The last question was not answered.")
    OFF = strawberry.enum_value("OFF", description="Not asked: its operator has switched it off.")


@strawberry.enum(description="Whether a system behind the graph is asked at all.")
class BreakerState(Enum):
    CLOSED = strawberry.enum_value("CLOSED", description="It is asked.")
    OPEN = strawberry.enum_value("OPEN", description="It is left alone for a while: it failed, or was slow, too often.")
    HALF_OPEN = strawberry.enum_value("HALF_OPEN", description="One question at a time is tried on it.")


@strawberry.type(description="A system behind the graph.")
class Source:
    name: Inherited[str] = strawberry.field(description="Name used in settings, logs and `extensions`.")
    title: Inherited[str] = strawberry.field(description="What the system is.")
    status: Inherited[SourceStatus] = strawberry.field(description="Outcome of the last question put to it.")
    last_success_at: Inherited[datetime | None] = strawberry.field(description="When it last answered.")
    last_failure_at: Inherited[datetime | None] = strawberry.field(description="When it last failed to.")
    in_flight: Inherited[int] = strawberry.field(description="Questions it is answering right now.")
    waiting: Inherited[int] = strawberry.field(description="Questions that wait for a place at it right now.")
    breaker: Inherited[BreakerState] = strawberry.field(description="Whether it is asked, or left alone for a while.")
    p50_ms: Inherited[float | None] = strawberry.field(
        description="Milliseconds that half of the last 500 questions took at most; null before there was one."
    )
    p95_ms: Inherited[float | None] = strawberry.field(
        description="Milliseconds that 95 % of the last 500 questions took at most; null before there was one."
    )


@strawberry.type(description="Where a query may start.")
class Query:
    @edge(Category.PUBLIC)
    def viewer(self) -> Viewer | None:
        """Who you are to the gateway, and what you may see."""

    @edge(Category.PRESENCE)
    def customer(
        self,
        by: Annotated[
            CustomerBy, Category.PRESENCE, strawberry.argument(description="Exactly one way to find the customer.")
        ],
    ) -> Customer | None:
        """The one customer found; null when nobody is. When several are, it is null with the code `AMBIGUOUS`:
        `customerMatches` lists them."""

    @edge(Category.PRESENCE)
    def customer_matches(
        self,
        by: Annotated[
            CustomerBy, Category.PRESENCE, strawberry.argument(description="Exactly one way to find customers.")
        ],
    ) -> list[CustomerMatch] | None:
        """Everybody a look-up could mean, with what matched; empty when nobody does."""

    @edge(Category.PRESENCE)
    def customers(
        self,
        filter: Annotated[
            CustomerFilter | None,
            Category.PRESENCE,
            strawberry.argument(description="Which customers; everybody in the CRM if left out."),
        ] = None,
        order_by: Annotated[
            CustomerSort | None,
            Category.PUBLIC,
            strawberry.argument(
                description="Sorted by; if left out, by name for who may see names, else as the CRM stores them. By "
                "`city` and `tier` alone the CRM finds accounts, which come in its own order: then leave it out."
            ),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> CustomerConnection | None:
        """Customers who meet all conditions, as the CRM has them. Conditions that no system can evaluate are refused
        with the code `BAD_VARIABLE` and a sentence that says which."""

    @edge(Category.PRESENCE)
    def customers_by_id(
        self,
        ids: Annotated[
            list[strawberry.ID], Category.PRESENCE, strawberry.argument(description="At most 100 ids, in any order.")
        ],
    ) -> list[Customer | None] | None:
        """Customers by id, in the order asked for; null in the place of an id that names nobody."""

    @edge(Category.LOGISTICS)
    def order(
        self, number: Annotated[str, Category.LOGISTICS, strawberry.argument(description="Order number, exactly.")]
    ) -> Order | None:
        """One order by the number the customer knows; null when there is none."""

    @edge(Category.LOGISTICS)
    def orders(
        self,
        filter: Annotated[
            OrderFilter | None, Category.LOGISTICS, strawberry.argument(description="Which orders; all if left out.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> OrderConnection | None:
        """Orders that meet all conditions, newest first."""

    @edge(Category.TRACKING)
    def shipment(
        self,
        tracking_number: Annotated[
            str,
            Category.TRACKING,
            strawberry.argument(description="Its carrier's number; spaces and dashes are ignored."),
        ],
    ) -> Shipment | None:
        """One parcel by the number its carrier gave it; null when neither a carrier of ours nor the order system knows
        it. The shape of the number says which carrier to ask; where it does not, all are."""

    @edge(Category.BILLING)
    def invoice(
        self, number: Annotated[str, Category.BILLING, strawberry.argument(description="Invoice number, exactly.")]
    ) -> Invoice | None:
        """One invoice by the number printed on it; null when there is none, and null with the code `AMBIGUOUS` when
        the ledger has several of that number."""

    @edge(Category.CATALOGUE)
    def product(
        self, sku: Annotated[str, Category.CATALOGUE, strawberry.argument(description="Stock-keeping unit, exactly.")]
    ) -> Product | None:
        """One product; null when there is none."""

    @edge(Category.CATALOGUE)
    def products(
        self,
        search: Annotated[
            str | None,
            Category.CATALOGUE,
            strawberry.argument(description="A SKU, or a part of the name, whatever its case; any if left out."),
        ] = None,
        category: Annotated[
            str | None,
            Category.CATALOGUE,
            strawberry.argument(description="Product group, exactly as `Product.category` spells it."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> ProductConnection | None:
        """Products by SKU or name, in the ERP's own order of SKUs."""

    @edge(Category.CATALOGUE)
    def products_by_sku(
        self,
        skus: Annotated[
            list[str], Category.CATALOGUE, strawberry.argument(description="At most 100 stock-keeping units.")
        ],
    ) -> list[Product | None] | None:
        """Products by SKU, in the order asked for; null in the place of one that does not exist."""

    @edge(Category.CATALOGUE)
    def product_by_gtin(
        self,
        gtin: Annotated[
            str, Category.CATALOGUE, strawberry.argument(description="Global Trade Item Number, its 14 digits.")
        ],
    ) -> Product | None:
        """One product by the number on its package, as the supply hub knows it; null when there is none."""

    @edge(Category.SUPPLY)
    def supplies(
        self,
        supplier: Annotated[
            str | None,
            Category.SUPPLY,
            strawberry.argument(
                description="Whose, as `SupplierStock.supplierNumber` spells it; your own if you are a supplier and "
                "leave it out."
            ),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> SupplierStockConnection | None:
        """What one supplier has, product by product. The hub lists no two suppliers together."""

    @edge(Category.SUPPLY)
    def purchase_order(
        self,
        number: Annotated[
            str, Category.SUPPLY, strawberry.argument(description="Number of the purchase order, exactly.")
        ],
    ) -> PurchaseOrder | None:
        """One purchase order by its number, with what the supplier says to it; null when there is none."""

    @edge(Category.SALES)
    def opportunity(
        self, id: Annotated[strawberry.ID, Category.SALES, strawberry.argument(description="Its id of the graph.")]
    ) -> Opportunity | None:
        """One opportunity by its id; null when there is none."""

    @edge(Category.ASSETS)
    def asset(
        self,
        serial_number: Annotated[
            str, Category.ASSETS, strawberry.argument(description="Serial number, exactly as it stands on the thing.")
        ],
    ) -> Asset | None:
        """The one thing of ours with this serial number; null when there is none; `AMBIGUOUS` when several have it."""

    @edge(Category.SERVICE)
    def ticket(
        self, number: Annotated[str, Category.SERVICE, strawberry.argument(description="Ticket number, exactly.")]
    ) -> Ticket | None:
        """One ticket by the number the requester was given; null when there is none."""

    @edge(Category.SERVICE)
    def tickets(
        self,
        filter: Annotated[
            TicketFilter | None, Category.SERVICE, strawberry.argument(description="Which tickets; all if left out.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> TicketConnection | None:
        """Tickets that meet all conditions, newest first."""

    @edge(Category.GUIDANCE)
    def support_queue(
        self,
        agents: Annotated[
            int | None,
            Category.GUIDANCE,
            strawberry.argument(description="How many work side by side, 1 to 100; as the rules say if left out."),
        ] = None,
        first: First = 20,
    ) -> SupportQueue | None:
        """Which complaint first: open tickets that nobody waits for others with, scheduled. Derived by the gateway."""

    @edge(Category.CONTENT)
    def content(
        self,
        id: Annotated[strawberry.ID, Category.CONTENT, strawberry.argument(description="Its id of the graph.")],
        locale: Annotated[
            str | None,
            Category.PUBLIC,
            strawberry.argument(description="BCP 47, like `de-DE`; the hub's default if left out."),
        ] = None,
    ) -> ContentItem | None:
        """One published item by its id, in a language of your choice; null when there is none."""

    @edge(Category.MARKETING)
    def campaign(
        self,
        id: Annotated[strawberry.ID, Category.MARKETING, strawberry.argument(description="Its id of the graph.")],
    ) -> Campaign | None:
        """One campaign by its id; null when there is none."""

    @edge(Category.COMMUNITY)
    def suggestion(
        self,
        id: Annotated[strawberry.ID, Category.COMMUNITY, strawberry.argument(description="Its id of the graph.")],
    ) -> Suggestion | None:
        """One suggestion by its id; null when there is none."""

    @edge(Category.PUBLIC)
    def search(
        self,
        text: Annotated[
            str, Category.PUBLIC, strawberry.argument(description="What to look for; 1 to 200 characters.")
        ],
        kinds: Annotated[
            list[SearchKind] | None,
            Category.PUBLIC,
            strawberry.argument(
                description="Kinds to look for, for who selects several and chooses by variable: of the "
                "others nobody is asked, and their lists are empty. All that are selected if left out."
            ),
        ] = None,
    ) -> SearchResults | None:
        """One text in several systems, side by side."""

    @edge(Category.PUBLIC)
    def node(
        self, id: Annotated[strawberry.ID, Category.PUBLIC, strawberry.argument(description="An `id` of the graph.")]
    ) -> Node | None:
        """Anything by its id; null when there is nothing, or nothing for this caller."""

    @edge(Category.OPERATIONS)
    def sources(self) -> list[Source] | None:
        """The systems behind the graph, by name, and how they are doing."""
