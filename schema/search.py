"""One text, looked for in every system that can search. Each kind is a field of its own: one system's part."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from schema.billing import Invoice
from schema.classification import Category, Inherited, choice, edge
from schema.community import Suggestion
from schema.content import ContentItem
from schema.customer import CustomerMatch
from schema.inventory import Product
from schema.marketing import Campaign
from schema.orders import Order
from schema.shipping import Shipment
from schema.support import Ticket

Most = Annotated[int, Category.PUBLIC, strawberry.argument(description="How many at most, 1 to 20.")]


@strawberry.enum(description="What a search looks for.")
class SearchKind(Enum):
    CUSTOMER = choice("CUSTOMER", Category.PRESENCE, "Customers.")
    ORDER = choice("ORDER", Category.LOGISTICS, "Orders.")
    INVOICE = choice("INVOICE", Category.BILLING, "Invoices.")
    PRODUCT = choice("PRODUCT", Category.CATALOGUE, "Products.")
    SHIPMENT = choice("SHIPMENT", Category.TRACKING, "Parcels.")
    TICKET = choice("TICKET", Category.SERVICE, "Tickets.")
    CONTENT = choice("CONTENT", Category.CONTENT, "Published items.")
    CAMPAIGN = choice("CAMPAIGN", Category.MARKETING, "Campaigns.")
    SUGGESTION = choice("SUGGESTION", Category.COMMUNITY, "Suggestions.")


@strawberry.type(description="An order that a search found, and by what.")
class OrderMatch:
    order: Inherited[Order | None] = strawberry.field(description="The order.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number`.")


@strawberry.type(description="An invoice that a search found, and by what.")
class InvoiceMatch:
    invoice: Inherited[Invoice | None] = strawberry.field(description="The invoice.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number`.")


@strawberry.type(description="A product that a search found, and by what.")
class ProductMatch:
    product: Inherited[Product | None] = strawberry.field(description="The product.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `sku` or `name`.")


@strawberry.type(description="A parcel that a search found, and by what.")
class ShipmentMatch:
    shipment: Inherited[Shipment | None] = strawberry.field(description="The parcel.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `trackingNumber`.")


@strawberry.type(description="A ticket that a search found, and by what.")
class TicketMatch:
    ticket: Inherited[Ticket | None] = strawberry.field(description="The ticket.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number` or `subject`.")


@strawberry.type(description="Something published that a search found, and by what.")
class ContentMatch:
    content: Inherited[ContentItem | None] = strawberry.field(description="The published item.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `text`.")


@strawberry.type(description="A campaign that a search found, and by what.")
class CampaignMatch:
    campaign: Inherited[Campaign | None] = strawberry.field(description="The campaign.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `name`.")


@strawberry.type(description="A suggestion that a search found, and by what.")
class SuggestionMatch:
    suggestion: Inherited[Suggestion | None] = strawberry.field(description="The suggestion.")
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `text`.")


@strawberry.type(
    description="What one text finds. Each kind is asked of its own system, and only when it is selected; a system "
    "that cannot be asked costs its own list. For all there are, page through the list of the kind itself."
)
class SearchResults:
    @edge(Category.PRESENCE)
    def customers(self, first: Most = 5) -> list[CustomerMatch] | None:
        """By e-mail address or telephone number when the text is one, else by the words of a name. Only what you may
        look up by is tried."""

    @edge(Category.LOGISTICS)
    def orders(self, first: Most = 5) -> list[OrderMatch] | None:
        """By their number, exactly."""

    @edge(Category.TRACKING)
    def shipments(self, first: Most = 5) -> list[ShipmentMatch] | None:
        """By their tracking number, exactly; spaces and dashes are ignored."""

    @edge(Category.BILLING)
    def invoices(self, first: Most = 5) -> list[InvoiceMatch] | None:
        """By their number, exactly."""

    @edge(Category.CATALOGUE)
    def products(self, first: Most = 5) -> list[ProductMatch] | None:
        """By SKU, or by a part of the name, whatever its case."""

    @edge(Category.SERVICE)
    def tickets(self, first: Most = 5) -> list[TicketMatch] | None:
        """By number, or by a part of the subject, whatever its case; newest first."""

    @edge(Category.CONTENT)
    def content(self, first: Most = 5) -> list[ContentMatch] | None:
        """By words anywhere in it, whatever their case; the one published last first."""

    @edge(Category.MARKETING)
    def campaigns(self, first: Most = 5) -> list[CampaignMatch] | None:
        """By a part of their name, whatever its case; the one changed last first."""

    @edge(Category.COMMUNITY)
    def suggestions(self, first: Most = 5) -> list[SuggestionMatch] | None:
        """By words in title or text, whatever their case; newest first."""
