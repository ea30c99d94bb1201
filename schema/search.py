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

Most = Annotated[int, Category.PUBLIC, strawberry.argument(description="How many at most, 1 to 20; 5 if left out.")]


@strawberry.enum(
    description="A kind of thing that a search looks for. To choose one takes what it would take to see such things."
)
class SearchKind(Enum):
    CUSTOMER = choice("CUSTOMER", Category.PRESENCE, "Customers, by e-mail, telephone or name.")
    ORDER = choice("ORDER", Category.LOGISTICS, "Orders, by their number.")
    INVOICE = choice("INVOICE", Category.BILLING, "Invoices, by their number.")
    PRODUCT = choice("PRODUCT", Category.CATALOGUE, "Products, by SKU or name.")
    SHIPMENT = choice("SHIPMENT", Category.TRACKING, "Parcels, by their tracking number.")
    TICKET = choice("TICKET", Category.SERVICE, "Tickets, by number or subject.")
    CONTENT = choice("CONTENT", Category.CONTENT, "Published items, by their words.")
    CAMPAIGN = choice("CAMPAIGN", Category.MARKETING, "Campaigns, by their name.")
    SUGGESTION = choice("SUGGESTION", Category.COMMUNITY, "Suggestions, by their words.")


@strawberry.type(description="An order that a search found, and by what.")
class OrderMatch:
    order: Inherited[Order | None] = strawberry.field(
        description="The order found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number`.")


@strawberry.type(description="An invoice that a search found, and by what.")
class InvoiceMatch:
    invoice: Inherited[Invoice | None] = strawberry.field(
        description="The invoice found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number`.")


@strawberry.type(description="A product that a search found, and by what.")
class ProductMatch:
    product: Inherited[Product | None] = strawberry.field(
        description="The product found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `sku` or `name`.")


@strawberry.type(description="A parcel that a search found, and by what.")
class ShipmentMatch:
    shipment: Inherited[Shipment | None] = strawberry.field(
        description="The parcel found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `trackingNumber`.")


@strawberry.type(description="A ticket that a search found, and by what.")
class TicketMatch:
    ticket: Inherited[Ticket | None] = strawberry.field(
        description="The ticket found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `number` or `subject`.")


@strawberry.type(description="Something published that a search found, and by what.")
class ContentMatch:
    content: Inherited[ContentItem | None] = strawberry.field(
        description="The published item found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `text`.")


@strawberry.type(description="A campaign that a search found, and by what.")
class CampaignMatch:
    campaign: Inherited[Campaign | None] = strawberry.field(
        description="The campaign found; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(description="What the text matched: `name`.")


@strawberry.type(description="A suggestion that a search found, and by what.")
class SuggestionMatch:
    suggestion: Inherited[Suggestion | None] = strawberry.field(
        description="The suggestion found; null when it may not be shown to you."
    )
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
        """The order with this number, exactly."""

    @edge(Category.TRACKING)
    def shipments(self, first: Most = 5) -> list[ShipmentMatch] | None:
        """The parcel with this tracking number, exactly; spaces and dashes are ignored."""

    @edge(Category.BILLING)
    def invoices(self, first: Most = 5) -> list[InvoiceMatch] | None:
        """Invoices with this number, exactly."""

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
