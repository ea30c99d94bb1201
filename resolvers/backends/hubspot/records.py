"""Campaigns, touches, consents and contacts: in business words, and as they come over the wire.

The wire's property values are always texts, or null. What is not asked for is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from schema.marketing import CampaignStatus, ConsentPurpose, ConsentState, TouchKind

Moment = Annotated[datetime, Meta(tz=True)]


class Campaign(msgspec.Struct, frozen=True):
    """One campaign, by its guid. What was not asked for is None. `skus` may name what is no longer sold."""

    id: str
    name: str | None = None
    status: CampaignStatus | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    line: str | None = None
    skus: list[str] | None = None


class CampaignPage(msgspec.Struct, frozen=True):
    campaigns: list[Campaign]
    has_next: bool


class Metrics(msgspec.Struct, frozen=True):
    sessions: int | None = field(default=None)
    influenced_contacts: int | None = field(name="influencedContacts", default=None)
    new_contacts: int | None = field(name="newContactsFirstTouch", default=None)


class Touch(msgspec.Struct, frozen=True):
    """`campaign_id`: guid of the campaign, None when it belongs to none or was not asked for."""

    id: str
    at: datetime
    kind: TouchKind
    subject: str | None = None
    campaign_id: str | None = None


class TouchPage(msgspec.Struct, frozen=True):
    """Newest first."""

    touches: list[Touch]
    has_next: bool


class Consent(msgspec.Struct, frozen=True):
    """What a contact has said about one kind of e-mail. `name`: what the marketing system calls the kind."""

    purpose: ConsentPurpose
    state: ConsentState
    name: str | None = None
    at: datetime | None = None


class Contact(msgspec.Struct, frozen=True):
    """What the cross-reference learns of a contact."""

    id: str
    number: str | None
    email: str | None
    phone: str | None
    name: str | None
    updated: datetime


CAMPAIGN: dict[str, tuple[str, ...]] = {
    "id": (),
    "name": ("hs_name",),
    "status": ("hs_campaign_status",),
    "starts_on": ("hs_start_date",),
    "ends_on": ("hs_end_date",),
    "line": ("product_line",),
    "skus": ("product_skus",),
}
"""Attributes, and the properties asked for them."""
METRICS: dict[str, tuple[str, ...]] = {
    "sessions": ("sessions",),
    "influenced_contacts": ("influencedContacts",),
    "new_contacts": ("newContactsFirstTouch",),
}
TOUCH: dict[str, tuple[str, ...]] = {
    "id": ("events.id",),
    "at": ("events.created", "results.occurredAt"),
    "kind": ("events.type", "results.eventType"),
    "subject": ("events.emailCampaignId", "emails.subject"),
    "campaign_id": ("events.emailCampaignId", "emails.campaign", "results.properties.hs_campaign_guid"),
    "has_next": (),
}
CONSENT: dict[str, tuple[str, ...]] = {
    "purpose": ("statuses.subscriptionId",),
    "state": ("statuses.status",),
    "name": ("statuses.subscriptionName",),
    "at": ("statuses.timestamp",),
}
MARKS = ("customer_number", "email", "firstname", "lastname", "phone")
"""Properties by which a contact is matched."""

STATUS: Mapping[str, CampaignStatus] = {
    "planned": CampaignStatus.PLANNED,
    "in_progress": CampaignStatus.IN_PROGRESS,
    "active": CampaignStatus.IN_PROGRESS,
    "paused": CampaignStatus.PAUSED,
    "completed": CampaignStatus.COMPLETED,
}
KIND: Mapping[str, TouchKind] = {
    "SENT": TouchKind.SENT,
    "DELIVERED": TouchKind.DELIVERED,
    "OPEN": TouchKind.OPENED,
    "CLICK": TouchKind.CLICKED,
    "BOUNCE": TouchKind.BOUNCED,
    "UNSUBSCRIBE": TouchKind.UNSUBSCRIBED,
    "e_visited_page": TouchKind.VISITED,
    "e_submitted_form": TouchKind.FORM,
}
SAID: Mapping[str, ConsentState] = {
    "SUBSCRIBED": ConsentState.GRANTED,
    "UNSUBSCRIBED": ConsentState.REFUSED,
    "NOT_SPECIFIED": ConsentState.UNSAID,
}


# -- as they come over the wire --------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """A campaign or a contact."""

    id: str
    properties: dict[str, str | None]
    updated: Moment = field(name="updatedAt")


class Trouble(msgspec.Struct, frozen=True):
    """One error of a batch; `context.ids` says which inputs it is about."""

    category: str = ""
    context: dict[str, Any] = {}


class Batch(msgspec.Struct, frozen=True):
    results: list[Row]
    errors: list[Trouble] = []


class Next(msgspec.Struct, frozen=True):
    after: str


class Paging(msgspec.Struct, frozen=True):
    next: Next | None = None


class Rows(msgspec.Struct, frozen=True):
    results: list[Row]
    paging: Paging | None = None


class Email(msgspec.Struct, frozen=True):
    """A marketing e-mail; `sendings` are what per-recipient events name."""

    id: str
    subject: str | None = None
    campaign: str | None = None
    sendings: list[str] = field(name="allEmailCampaignIds", default_factory=list)


class Emails(msgspec.Struct, frozen=True):
    results: list[Email]
    paging: Paging | None = None


class EmailEvent(msgspec.Struct, frozen=True):
    id: str
    created: Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
    type: str
    recipient: str
    sending: int | None = field(name="emailCampaignId", default=None)


class EmailEvents(msgspec.Struct, frozen=True):
    events: list[EmailEvent]
    more: bool = field(name="hasMore")
    offset: str = ""


class Event(msgspec.Struct, frozen=True):
    id: str
    contact: str = field(name="objectId")
    type: str = field(name="eventType")
    at: Moment = field(name="occurredAt")
    properties: dict[str, Any] = {}


class Events(msgspec.Struct, frozen=True):
    results: list[Event]
    paging: Paging | None = None


class Status(msgspec.Struct, frozen=True):
    kind: int = field(name="subscriptionId")
    status: str
    name: str | None = field(name="subscriptionName", default=None)
    at: Moment | None = field(name="timestamp", default=None)


class Subscriber(msgspec.Struct, frozen=True):
    email: str = field(name="subscriberIdString")
    statuses: list[Status]


class Subscribers(msgspec.Struct, frozen=True):
    results: list[Subscriber]
    errors: list[Trouble] = []


class Problem(msgspec.Struct, frozen=True):
    category: str = ""
    policy: str = field(name="policyName", default="")
    kind: str = field(name="errorType", default="")
