"""What we advertise, how people respond, and what they agreed to. The marketing system owns campaigns and responses;
consent is on record in two systems, and the less permissive of them counts."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Inherited, Marketing, Operations, Public, edge, entity
from schema.outlook import FulfilmentRisk
from schema.scalars import COUNTED, PUBLIC_ID, Node, PageInfo

if TYPE_CHECKING:
    from schema.inventory import Product


@strawberry.enum(description="Where a campaign stands, for campaigns by e-mail, letter and telephone alike.")
class CampaignStatus(Enum):
    PLANNED = strawberry.enum_value("PLANNED", description="Not begun yet: nothing has gone out.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Running: people are being reached.")
    PAUSED = strawberry.enum_value("PAUSED", description="Begun, and halted for now.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Over: nothing more will go out.")
    OTHER = strawberry.enum_value("OTHER", description="A state the graph has no word for.")


@strawberry.enum(description="What happened between a campaign and a customer.")
class TouchKind(Enum):
    SENT = strawberry.enum_value("SENT", description="It went out to them: an e-mail, a letter, a call.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="Their mail provider took it: not yet read.")
    OPENED = strawberry.enum_value(
        "OPENED",
        description="It was opened, as far as a picture in it can tell: some readers open without a "
        "trace, some programs without a reader.",
    )
    CLICKED = strawberry.enum_value("CLICKED", description="A link in it was followed.")
    BOUNCED = strawberry.enum_value("BOUNCED", description="It came back: it could not be delivered.")
    UNSUBSCRIBED = strawberry.enum_value("UNSUBSCRIBED", description="They asked for no more of its kind.")
    VISITED = strawberry.enum_value("VISITED", description="They looked at a page of ours.")
    ANSWERED = strawberry.enum_value("ANSWERED", description="They replied, by whatever way.")
    FORM = strawberry.enum_value("FORM", description="They sent a form in.")
    OTHER = strawberry.enum_value("OTHER", description="Something the graph has no word for.")


@strawberry.enum(description="A way to reach somebody, each agreed to or refused on its own.")
class ConsentChannel(Enum):
    EMAIL = strawberry.enum_value("EMAIL", description="By electronic mail, to any of their addresses.")
    PHONE = strawberry.enum_value("PHONE", description="By telephone calls, to any of their numbers.")
    POST = strawberry.enum_value("POST", description="By letters and parcels.")
    FAX = strawberry.enum_value("FAX", description="By facsimile, where somebody still has one.")


@strawberry.enum(description="What somebody is reached for, each agreed to or refused on its own.")
class ConsentPurpose(Enum):
    MARKETING = strawberry.enum_value("MARKETING", description="Offers and campaigns, from time to time.")
    NEWSLETTER = strawberry.enum_value("NEWSLETTER", description="Regular news that they subscribed to.")
    SURVEY = strawberry.enum_value("SURVEY", description="Questions about how we do.")
    OTHER = strawberry.enum_value("OTHER", description="A kind of message the graph has no word for.")


@strawberry.enum(description="What a system has on record of somebody's consent.")
class ConsentState(Enum):
    GRANTED = strawberry.enum_value("GRANTED", description="They agreed to be reached.")
    REFUSED = strawberry.enum_value("REFUSED", description="They asked not to be.")
    UNSAID = strawberry.enum_value("UNSAID", description="They have said neither yes nor no.")


@strawberry.type(description="What a campaign came to so far, as the marketing system counts.")
class CampaignMetrics:
    sessions: Inherited[int | None] = strawberry.field(
        description="Visits to our pages that it led to; null when nothing is counted."
    )
    influenced_contacts: Inherited[int | None] = strawberry.field(
        description="People it had anything to do with; null when nothing is counted."
    )
    new_contacts: Inherited[int | None] = strawberry.field(
        description="People who came to us by it first; null when nothing is counted."
    )


@strawberry.type(
    description="Something we advertise, for a while. The marketing system owns those by e-mail, "
    "the CRM those by letter and telephone.",
    directives=[entity(Category.MARKETING)],
)
class Campaign(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    name: Marketing[str] = strawberry.field(description="What we call it; not meant for customers.")
    status: Marketing[CampaignStatus] = strawberry.field(description="Where the campaign stands today.")
    starts_on: Marketing[datetime.date] = strawberry.field(description="Its first day; null when that is not set.")
    ends_on: Marketing[datetime.date] = strawberry.field(description="Its last day; null when that is not set.")
    line: Marketing[str] = strawberry.field(description="The product line it is for; null when it is for none.")

    @edge(Category.MARKETING)
    def metrics(self) -> CampaignMetrics | None:
        """What it came to so far; null for campaigns by letter and telephone, of which nothing is counted."""

    @edge(Category.CATALOGUE)
    def products(self) -> list[Annotated[Product, strawberry.lazy("schema.inventory")]] | None:
        """The products it advertises; empty when it names none."""

    @edge(Category.OUTLOOK)
    def fulfilment_risk(self) -> FulfilmentRisk | None:
        """Whether it would sell more than can be had. Derived by the gateway; null when a system it is made of does not
        answer."""


@strawberry.type(description="One thing that happened between a campaign and a customer.")
class Touch:
    at: Inherited[datetime.datetime] = strawberry.field(description="When it happened; ISO 8601 with offset.")
    kind: Inherited[TouchKind] = strawberry.field(description="What happened, from sending to responding.")
    subject: Inherited[str | None] = strawberry.field(description="Subject of the e-mail; null when it was none.")

    @edge(Category.MARKETING)
    def campaign(self) -> Campaign | None:
        """The campaign it belongs to; null when it belongs to none."""


@strawberry.type(description="One row of a page of touches.")
class TouchEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Touch] = strawberry.field(description="The touch of this row.")


@strawberry.type(description="A page of touches, newest first.")
class TouchConnection:
    nodes: Inherited[list[Touch]] = strawberry.field(description="The touches of this page, in its order.")
    edges: Inherited[list[TouchEdge]] = strawberry.field(description="The same touches, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The marketing system does not; the first page tells when it holds them all."
    )


@strawberry.type(description="What one system has on record of a consent.")
class ConsentStatement:
    system: Inherited[str] = strawberry.field(description="Name of the system, as in `sources`.")
    state: Inherited[ConsentState] = strawberry.field(description="What this system says of them.")
    kind: Inherited[str | None] = strawberry.field(
        description="What the system calls this kind of consent; null when it has no name for it."
    )
    at: Inherited[datetime.datetime | None] = strawberry.field(
        description="Since when, ISO 8601 with offset; null when it does not say."
    )


@strawberry.type(
    description="Whether a customer may be reached by one channel for one purpose. Worked out by "
    "the gateway: allowed when at least one system says so and none says no."
)
class Consent:
    channel: Inherited[ConsentChannel] = strawberry.field(description="The way to reach them, on its own.")
    purpose: Inherited[ConsentPurpose] = strawberry.field(description="What they would be reached for.")
    allowed: Inherited[bool] = strawberry.field(
        description="Whether they may be reached so: false also when they have said neither."
    )
    statements: Operations[list[ConsentStatement]] = strawberry.field(
        description="What each system has on record, by system; several rows of one system are several statements."
    )
