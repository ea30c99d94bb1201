"""What happened with a customer, whichever system knows of it, on one line: the newest first."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import (
    Billing,
    Category,
    Consents,
    Engagement,
    Financial,
    Inherited,
    Internal,
    Means,
    Operations,
    Service,
    choice,
    edge,
)
from schema.marketing import ConsentChannel, ConsentPurpose, ConsentState, Touch
from schema.scalars import Money, PageInfo
from schema.support import WorkLogEntry

if TYPE_CHECKING:
    from schema.billing import Invoice
    from schema.community import Suggestion
    from schema.orders import Order
    from schema.sales import Opportunity
    from schema.shipping import Shipment
    from schema.support import Ticket

DAY = "A day of its system stands for its beginning, in UTC."


@strawberry.enum(
    description="What a timeline tells of. Nobody hears of kinds they need not know of, nor that there are."
)
class TimelineKind(Enum):
    OPPORTUNITY = choice("OPPORTUNITY", Category.SALES, "What we hope to sell, at the day it is decided.")
    ORDER = choice("ORDER", Category.LOGISTICS, "Orders, when they were placed.")
    SHIPMENT = choice("SHIPMENT", Category.TRACKING, "Parcels, when they left.")
    INVOICE = choice("INVOICE", Category.BILLING, "Invoices, at the day they were issued.")
    PAYMENT = choice("PAYMENT", Category.BILLING, "Payments, at the day they were booked.")
    TICKET = choice("TICKET", Category.SERVICE, "Tickets, when they were reported.")
    NOTE = choice("NOTE", Category.SERVICE, "Work log entries that the requester may read.")
    INTERNAL_NOTE = choice("INTERNAL_NOTE", Category.INTERNAL, "Work log entries for colleagues only.")
    TOUCH = choice("TOUCH", Category.ENGAGEMENT, "What campaigns sent, and how it was answered.")
    SUGGESTION = choice("SUGGESTION", Category.COMMUNITY, "Suggestions, when they were made.")
    CONSENT = choice("CONSENT", Category.CONSENT, "What they agreed to or refused, when they last said so.")


@strawberry.interface(description="One thing that happened. Of which kind it is, its type says.")
class TimelineItem:
    at: Inherited[datetime] = strawberry.field(description=f"When; ISO 8601 with offset. {DAY}")
    source: Operations[str] = strawberry.field(description="Name of the system that says so, as in `sources`.")


@strawberry.type(description="An opportunity is decided, or is expected to be: what is still open may lie ahead.")
class OpportunityDecided(TimelineItem):
    @edge(Category.SALES)
    def opportunity(self) -> Annotated[Opportunity, strawberry.lazy("schema.sales")] | None:
        """What is hoped for, was sold or was lost, as the CRM has it today."""


@strawberry.type(description="An order was placed.")
class OrderPlaced(TimelineItem):
    @edge(Category.LOGISTICS)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """What was placed, as the order system has it today."""


@strawberry.type(
    description="A parcel left. What its carrier has seen of it since is `shipment { events }`: carriers list the "
    "scans of a parcel, never those of a customer."
)
class ParcelShipped(TimelineItem):
    @edge(Category.TRACKING)
    def shipment(self) -> Annotated[Shipment, strawberry.lazy("schema.shipping")] | None:
        """What left, with all that its carrier and the order system say of it today."""


@strawberry.type(description="An invoice was issued.")
class InvoiceIssued(TimelineItem):
    @edge(Category.BILLING)
    def invoice(self) -> Annotated[Invoice, strawberry.lazy("schema.billing")] | None:
        """What was issued, as the ledger has it today."""


@strawberry.type(
    description="A payment was booked, whatever it was for: `Invoice.payments` has the part of each invoice."
)
class PaymentReceived(TimelineItem):
    number: Billing[str] = strawberry.field(description="Number of the payment in the ledger.")
    amount: Financial[Money] = strawberry.field(description="What was paid in all.")
    means: Means[str] = strawberry.field(
        description="How it was paid, in the ledger's own words, for example `Visa`; null when not recorded."
    )
    last_four: Means[str] = strawberry.field(
        description="Last four digits of the card or account it came from; null when not recorded."
    )


@strawberry.type(description="A ticket was reported.")
class TicketOpened(TimelineItem):
    @edge(Category.SERVICE)
    def ticket(self) -> Annotated[Ticket, strawberry.lazy("schema.support")] | None:
        """What was reported, as the help desk has it today."""


@strawberry.type(description="Somebody wrote into a ticket's work log, for the requester to read.")
class NoteWritten(TimelineItem):
    entry: Service[WorkLogEntry] = strawberry.field(description="What was written, by whom and when.")

    @edge(Category.SERVICE)
    def ticket(self) -> Annotated[Ticket, strawberry.lazy("schema.support")] | None:
        """Whose work log it was written into, as the help desk has it today."""


@strawberry.type(description="Somebody wrote into a ticket's work log, for colleagues only.")
class InternalNoteWritten(TimelineItem):
    entry: Internal[WorkLogEntry] = strawberry.field(description="What was written, by whom and when.")

    @edge(Category.SERVICE)
    def ticket(self) -> Annotated[Ticket, strawberry.lazy("schema.support")] | None:
        """Whose work log it was written into, as the help desk has it today."""


@strawberry.type(description="A campaign reached them, or they responded.")
class CampaignTouched(TimelineItem):
    touch: Engagement[Touch] = strawberry.field(description="What happened between them and the campaign.")


@strawberry.type(description="They suggested something in the community.")
class SuggestionMade(TimelineItem):
    @edge(Category.COMMUNITY)
    def suggestion(self) -> Annotated[Suggestion, strawberry.lazy("schema.community")] | None:
        """What was suggested, and what has become of it since."""


@strawberry.type(
    description="They agreed to something, or refused it. Of each kind of message only what was said last is on "
    "record, and only where the system says since when; whether they may be reached is `Customer.consent`."
)
class ConsentStated(TimelineItem):
    channel: Consents[ConsentChannel] = strawberry.field(description="The way of reaching them that it is about.")
    purpose: Consents[ConsentPurpose] = strawberry.field(description="What they would be reached for.")
    state: Consents[ConsentState] = strawberry.field(description="What they last said to it.")


@strawberry.type(description="Kinds that a page lacks, and why.")
class TimelineGap:
    kinds: Inherited[list[TimelineKind]] = strawberry.field(description="What nothing is told of on this page.")
    code: Inherited[str] = strawberry.field(description="Why, as in `errors[].extensions.code`.")
    retryable: Inherited[bool] = strawberry.field(description="Whether it is worth asking again.")
    system: Operations[str] = strawberry.field(description="Name of the system that cannot tell, as in `sources`.")


@strawberry.type(description="One row of a page of a timeline.")
class TimelineEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[TimelineItem] = strawberry.field(description="What happened, as one of the eleven kinds of items.")


@strawberry.type(
    description="A page of a timeline, the newest first. What comes in meanwhile shifts no page: a cursor stands for a "
    "moment, a kind and a key, and not for a count. Nobody counts all there is."
)
class TimelineConnection:
    nodes: Inherited[list[TimelineItem]] = strawberry.field(description="The rows of this page.")
    edges: Inherited[list[TimelineEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
    incomplete: Inherited[list[TimelineGap]] = strawberry.field(
        description="What is missing of a page that was asked for with `partial`; else empty."
    )


ITEMS = (
    OpportunityDecided,
    OrderPlaced,
    ParcelShipped,
    InvoiceIssued,
    PaymentReceived,
    TicketOpened,
    NoteWritten,
    InternalNoteWritten,
    CampaignTouched,
    SuggestionMade,
    ConsentStated,
)
"""What a timeline is made of; nothing else in the graph leads to these types."""
