"""Where a query may start."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.access import AccessConnection
from schema.billing import Invoice
from schema.classification import Category, edge
from schema.community import Suggestion
from schema.content import ContentItem
from schema.customer import Customer, CustomerBy, CustomerConnection, CustomerFilter, CustomerMatch, CustomerSort
from schema.guidance import SupportQueue
from schema.inventory import Product, ProductConnection
from schema.marketing import Campaign
from schema.order_to_cash import Customers, OrdersToCash, OrderToCashSort, Sorted, Which
from schema.orders import Order, OrderConnection, OrderFilter
from schema.partners import PurchaseOrder, SupplierStockConnection
from schema.sales import Asset, Opportunity
from schema.scalars import After, First, Node
from schema.search import SearchKind, SearchResults
from schema.shipping import Shipment
from schema.support import Ticket, TicketConnection, TicketFilter
from schema.viewer import Source, Viewer


@strawberry.type(
    description="Where a query may start. What is not promised (`!`) may be null: withheld from "
    "you, masked beyond use, or its system cannot tell right now; `extensions.absent` "
    "lists each such place with its cause. A null that is not listed there is really "
    "empty."
)
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
            list[strawberry.ID],
            Category.PRESENCE,
            strawberry.argument(description="At most 100 ids of the graph, in any order."),
        ],
    ) -> list[Customer | None] | None:
        """Customers by id, in the order asked for; null in the place of an id that names nobody."""

    @edge(Category.LOGISTICS)
    def order(
        self,
        number: Annotated[
            str,
            Category.LOGISTICS,
            strawberry.argument(description="Number the customer knows, exactly as `Order.number` spells it."),
        ],
    ) -> Order | None:
        """One order by the number the customer knows; null when there is none."""

    @edge(Category.LOGISTICS)
    def orders(
        self,
        filter: Annotated[
            OrderFilter | None,
            Category.LOGISTICS,
            strawberry.argument(description="Which orders; all that you may see if left out."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> OrderConnection | None:
        """Orders that meet all conditions, newest first."""

    @edge(Category.LOGISTICS)
    def order_to_cash(
        self,
        customers: Customers = None,
        filter: Which = None,
        order_by: Sorted = OrderToCashSort.WAITING_LONGEST,
        first: First = 20,
        after: After = None,
    ) -> OrdersToCash | None:
        """What is stuck, and where: orders by how far they have come, and how many are at each stage."""

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
        self,
        number: Annotated[
            str,
            Category.BILLING,
            strawberry.argument(description="Number printed on the invoice, exactly as `Invoice.number` spells it."),
        ],
    ) -> Invoice | None:
        """One invoice by the number printed on it; null when there is none, and null with the code `AMBIGUOUS` when
        the ledger has several of that number."""

    @edge(Category.CATALOGUE)
    def product(
        self,
        sku: Annotated[
            str,
            Category.CATALOGUE,
            strawberry.argument(
                description="Stock-keeping unit, exactly as `Product.sku` spells it; leading zeros count."
            ),
        ],
    ) -> Product | None:
        """One product by its SKU; null when there is none."""

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
            list[str],
            Category.CATALOGUE,
            strawberry.argument(description="At most 100 stock-keeping units, in any order."),
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
        self,
        id: Annotated[
            strawberry.ID,
            Category.SALES,
            strawberry.argument(description="Its id of the graph, as `Opportunity.id` gives it."),
        ],
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
        self,
        number: Annotated[
            str,
            Category.SERVICE,
            strawberry.argument(description="Number the requester was given, exactly as `Ticket.number` spells it."),
        ],
    ) -> Ticket | None:
        """One ticket by the number the requester was given; null when there is none."""

    @edge(Category.SERVICE)
    def tickets(
        self,
        filter: Annotated[
            TicketFilter | None,
            Category.SERVICE,
            strawberry.argument(description="Which tickets; all that you may see if left out."),
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
        id: Annotated[
            strawberry.ID,
            Category.CONTENT,
            strawberry.argument(description="Its id of the graph, as `ContentItem.id` gives it."),
        ],
        locale: Annotated[
            str | None,
            Category.PUBLIC,
            strawberry.argument(
                description="Language to serve, BCP 47, like `de-DE`; the content hub's default if left out."
            ),
        ] = None,
    ) -> ContentItem | None:
        """One published item by its id, in a language of your choice; null when there is none."""

    @edge(Category.MARKETING)
    def campaign(
        self,
        id: Annotated[
            strawberry.ID,
            Category.MARKETING,
            strawberry.argument(description="Its id of the graph, as `Campaign.id` gives it."),
        ],
    ) -> Campaign | None:
        """One campaign by its id; null when there is none."""

    @edge(Category.COMMUNITY)
    def suggestion(
        self,
        id: Annotated[
            strawberry.ID,
            Category.COMMUNITY,
            strawberry.argument(description="Its id of the graph, as `Suggestion.id` gives it."),
        ],
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
        """One text, looked for in several systems side by side; each kind that you select is asked of the system
        that owns it."""

    @edge(Category.PUBLIC)
    def node(
        self,
        id: Annotated[
            strawberry.ID, Category.PUBLIC, strawberry.argument(description="An `id` of the graph, of whatever type.")
        ],
    ) -> Node | None:
        """Anything by its id; null when there is nothing, or nothing for this caller."""

    @edge(Category.ACCESS)
    def access_log(
        self,
        customer: Annotated[
            strawberry.ID, Category.ACCESS, strawberry.argument(description="Whom; their id of the graph.")
        ],
        first: First = 20,
        after: After = None,
    ) -> AccessConnection | None:
        """Who was given answers that held anything of a customer, newest first; a customer sees their own. What is
        asked here is recorded as well. Null for who does not exist, and while a system cannot say what is theirs: rows
        of theirs may have been seen without them."""

    @edge(Category.OPERATIONS)
    def sources(self) -> list[Source] | None:
        """The systems behind the graph, in the order of their names, and how they are doing."""
