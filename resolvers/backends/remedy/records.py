"""What the help desk knows, in our words, and the wire columns each attribute is made of.

An attribute that was not asked for is None, as is one that holds nothing there. Names of fields are Remedy's own, with
its misspelling of `Detailed Decription`; those that end in `__c` are a company's custom fields (the options
`customer_field`, `order_field`, `sku_field` and `target_field` of the connection rename them).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency

NUMBER, OPENED, MODIFIED, SUBJECT, EMAIL = (
    "Incident Number",
    "Submit Date",
    "Last Modified Date",
    "Description",
    "Internet E-mail",
)
PERSON = "Person ID"
CUSTOMER, ORDER, SKU, TARGET = "Customer Number__c", "Order Number__c", "Product SKU__c", "Service Target__c"
CUSTOM = (CUSTOMER, ORDER, SKU, TARGET)
LOG_ID, LOG_AT, ACCESS = "Work Log ID", "Work Log Date", "View Access"

INCIDENT: Mapping[str, tuple[str, ...]] = {
    "number": (NUMBER,),
    "subject": (SUBJECT,),
    "description": ("Detailed Decription",),
    "status": ("Status",),
    "word": ("Status",),
    "priority": ("Priority",),
    "urgency": ("Urgency",),
    "impact": ("Impact",),
    "opened_at": (OPENED,),
    "resolved_at": ("Last Resolved Date",),
    "sla": ("SLM Status",),
    "sla.target": ("SLM Status", TARGET),
    "sla.due_at": ("SLM Status", "Required Resolution DateTime"),
    "sla.status": ("SLM Status", "Status"),
    "assigned_group": ("Assigned Group",),
    "assignee": ("Assignee",),
    "person_id": (PERSON,),
    "customer_number": (CUSTOMER,),
    "email": (EMAIL,),
    "phone": ("Phone Number",),
    "order_number": (ORDER,),
    "sku": (SKU,),
}
WORK_LOG: Mapping[str, tuple[str, ...]] = {
    "at": (LOG_AT,),
    "author": ("Work Log Submitter",),
    "text": ("Detailed Description",),
    "internal": (ACCESS,),
}
REQUESTER = (NUMBER, MODIFIED, PERSON, CUSTOMER, EMAIL, "Phone Number", "First Name", "Last Name")


class Sla(msgspec.Struct, frozen=True, gc=False):
    """The service target of an incident: what was promised, until when, and how that stands (see `words`)."""

    target: str | None = None
    due_at: datetime | None = None
    status: str | None = None


class Incident(msgspec.Struct, frozen=True, gc=False):
    """One ticket. The last six attributes are link keys: who called, and about what.

    word:  its status as Remedy says it
    """

    number: str
    subject: str | None = None
    description: str | None = None
    status: TicketStatus | None = None
    word: str | None = None
    priority: TicketPriority | None = None
    urgency: TicketUrgency | None = None
    impact: TicketImpact | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    sla: Sla | None = None
    assigned_group: str | None = None
    assignee: str | None = None
    person_id: str | None = None
    customer_number: str | None = None
    email: str | None = None
    phone: str | None = None
    order_number: str | None = None
    sku: str | None = None


class IncidentPage(msgspec.Struct, frozen=True):
    """Tickets, newest first, and whether there are older ones. `total`: how many there are in all, when it is known."""

    incidents: list[Incident]
    has_next: bool
    total: int | None = None


class WorkLogEntry(msgspec.Struct, frozen=True, gc=False):
    """One entry in the history of a ticket. `internal`: not for the customer's eyes."""

    at: datetime | None = None
    author: str | None = None
    text: str | None = None
    internal: bool | None = None


class Note(msgspec.Struct, frozen=True):
    """An entry as it stands among those of several tickets. `id`: Remedy's own."""

    id: str
    at: datetime
    number: str
    entry: WorkLogEntry


class NotePage(msgspec.Struct, frozen=True):
    """Entries of several tickets together, newest first, and whether there are older ones."""

    notes: list[Note]
    has_next: bool


class Requester(msgspec.Struct, frozen=True):
    """Somebody who called, as the most recently changed of their tickets names them."""

    person_id: str | None
    customer_number: str | None
    email: str | None
    phone: str | None
    name: str | None
    updated: datetime
