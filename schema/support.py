"""What goes wrong, and who works on it. Remedy owns tickets and their work logs."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Inherited, Logistics, Public, Service, edge, entity, optional
from schema.scalars import COUNTED, PUBLIC_ID, Node, PageInfo, Period

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.inventory import Product
    from schema.orders import Order


@strawberry.enum(
    description="Where a ticket stands, in the help desk's words; `OTHER` is one that the graph does not have."
)
class TicketStatus(Enum):
    NEW = strawberry.enum_value("NEW", description="Reported; nobody has looked at it.")
    ASSIGNED = strawberry.enum_value("ASSIGNED", description="Given to a group or a person.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Somebody is working on it.")
    PENDING = strawberry.enum_value("PENDING", description="Waiting for somebody or something else.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="Solved, as the help desk sees it.")
    CLOSED = strawberry.enum_value("CLOSED", description="Solved and agreed, or left to rest.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Withdrawn; nothing was done.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.enum(description="How soon a ticket is worked on; the help desk computes it from urgency and impact.")
class TicketPriority(Enum):
    CRITICAL = strawberry.enum_value("CRITICAL", description="Worked on at once, before anything else.")
    HIGH = strawberry.enum_value("HIGH", description="Worked on before most others.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="Worked on when its turn comes.")
    LOW = strawberry.enum_value("LOW", description="Worked on when there is time.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.enum(description="How soon the requester needs it, as recorded when it was reported.")
class TicketUrgency(Enum):
    CRITICAL = strawberry.enum_value("CRITICAL", description="Work has stopped: it is needed at once.")
    HIGH = strawberry.enum_value("HIGH", description="Work is badly held up.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="Work is held up.")
    LOW = strawberry.enum_value("LOW", description="It is a nuisance, and work goes on.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.enum(description="How many people or how much of a business are concerned.")
class TicketImpact(Enum):
    EXTENSIVE = strawberry.enum_value("EXTENSIVE", description="Everybody is concerned, or nearly.")
    SIGNIFICANT = strawberry.enum_value("SIGNIFICANT", description="Many are concerned, or a whole department.")
    MODERATE = strawberry.enum_value("MODERATE", description="Some are concerned, or a group.")
    MINOR = strawberry.enum_value("MINOR", description="One is concerned, or a few.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.type(description="The service level promised for a ticket, as the help desk measures it.")
class ServiceLevel:
    target: Inherited[str | None] = strawberry.field(
        description="What was promised, in the help desk's words; null when not told."
    )
    due_at: Inherited[datetime | None] = strawberry.field(
        description="Until when it is to be resolved; ISO 8601 with offset; null when not told."
    )
    status: Inherited[str | None] = strawberry.field(
        description="Whether the promise is kept, in the help desk's words; null when not told."
    )


@strawberry.type(description="One entry of a ticket's work log.")
class WorkLogEntry:
    at: Inherited[datetime | None] = strawberry.field(
        description="When it was written; ISO 8601 with offset; null when not recorded."
    )
    author: Inherited[str | None] = strawberry.field(
        description="Who wrote it, as the help desk names them; null when not recorded."
    )
    text: Inherited[str | None] = strawberry.field(
        description="What was written, as plain text: escape it before you show it as HTML."
    )
    internal: Inherited[bool] = strawberry.field(description="Whether it is for colleagues only.")


@strawberry.type(
    description="A complaint, a question or a fault that somebody reported. The help desk owns it.",
    directives=[entity(Category.SERVICE)],
)
class Ticket(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Service[str] = strawberry.field(description="Number the requester was given, like `INC000000000430`.")
    subject: Service[str] = strawberry.field(description="What it is about, in one line of plain text.")
    description: Service[str] = strawberry.field(description="What was reported, in full; plain text; often null.")
    status: Service[TicketStatus] = strawberry.field(
        description="Where the ticket stands, in the help desk's own words."
    )
    priority: Service[TicketPriority] = strawberry.field(description="How soon it is worked on.")
    urgency: Service[TicketUrgency] = strawberry.field(
        description="How soon the requester needs it; `priority` is what comes of it."
    )
    impact: Service[TicketImpact] = strawberry.field(
        description="How many are concerned; `priority` is what comes of it."
    )
    opened_at: Service[datetime] = strawberry.field(description="When it was reported; ISO 8601 with offset.")
    resolved_at: Service[datetime] = strawberry.field(description="When it was last resolved; null while it is open.")
    sla: Service[ServiceLevel] = strawberry.field(description="The service level promised; null when none was.")

    @edge(Category.SERVICE)
    def worklog(self) -> list[WorkLogEntry] | None:
        """Work log entries the requester may read, oldest first; empty when there are none."""

    @edge(Category.INTERNAL)
    def internal_worklog(self) -> list[WorkLogEntry] | None:
        """Work log entries for colleagues only, oldest first; empty when there are none."""

    @edge(Category.SERVICE)
    def customer(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who reported it; null when the requester is not known to be one of our customers."""

    @edge(Category.SERVICE)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """The order it is about, as the order system has it; null when it is about none."""

    @edge(Category.SERVICE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product it is about; null when it is about none."""


@strawberry.type(description="One row of a page of tickets.")
class TicketEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Ticket] = strawberry.field(description="The ticket of this row.")


@strawberry.type(description="A page of tickets, newest first.")
class TicketConnection:
    nodes: Inherited[list[Ticket]] = strawberry.field(description="The tickets of this page, in its order.")
    edges: Inherited[list[TicketEdge]] = strawberry.field(description="The same tickets, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} Few help desks do; the first page tells when it holds them all."
    )


@strawberry.input(
    description="Which tickets: those that meet every condition given. The help desk evaluates all of them."
)
class TicketFilter:
    subject: Service[str] = optional("These words stand in the subject, whatever their case.")
    status: Service[list[TicketStatus]] = optional("Its status is any of these; all if left out.")
    priority: Service[list[TicketPriority]] = optional("Its priority is any of these; all if left out.")
    opened: Service[Period] = optional("When it was reported lies in this stretch of time.")
    customer: Annotated[strawberry.ID | None, Category.PRESENCE] = optional(
        "Reported by this customer, by their id of the graph."
    )
    order: Logistics[str] = optional("About the order with this number.")
    sku: Service[str] = optional("About the product with this SKU.")
