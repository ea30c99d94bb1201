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


@strawberry.enum(description="Where a ticket stands, in the help desk's own words.")
class TicketStatus(Enum):
    NEW = strawberry.enum_value("NEW", description="Reported; nobody has looked at it.")
    ASSIGNED = strawberry.enum_value("ASSIGNED", description="Given to a group or a person.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Being worked on.")
    PENDING = strawberry.enum_value("PENDING", description="Waiting for somebody or something else.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="Solved, as the help desk sees it.")
    CLOSED = strawberry.enum_value("CLOSED", description="Solved and agreed, or left to rest.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Withdrawn; nothing was done.")
    OTHER = strawberry.enum_value("OTHER", description="A state this company added that the graph has no word for.")


@strawberry.enum(description="How soon a ticket is worked on; the help desk computes it from urgency and impact.")
class TicketPriority(Enum):
    CRITICAL = strawberry.enum_value("CRITICAL", description="At once.")
    HIGH = strawberry.enum_value("HIGH", description="Before others.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="In turn.")
    LOW = strawberry.enum_value("LOW", description="When there is time.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.enum(description="How soon the requester needs it.")
class TicketUrgency(Enum):
    CRITICAL = strawberry.enum_value("CRITICAL", description="Work has stopped.")
    HIGH = strawberry.enum_value("HIGH", description="Work is badly held up.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="Work is held up.")
    LOW = strawberry.enum_value("LOW", description="A nuisance.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.enum(description="How many are concerned.")
class TicketImpact(Enum):
    EXTENSIVE = strawberry.enum_value("EXTENSIVE", description="Everybody, or nearly.")
    SIGNIFICANT = strawberry.enum_value("SIGNIFICANT", description="Many.")
    MODERATE = strawberry.enum_value("MODERATE", description="Some.")
    MINOR = strawberry.enum_value("MINOR", description="One, or few.")
    OTHER = strawberry.enum_value("OTHER", description="A word of this company that the graph does not have.")


@strawberry.type(description="The service level promised for a ticket.")
class ServiceLevel:
    target: Inherited[str | None] = strawberry.field(description="What was promised, in the help desk's words.")
    due_at: Inherited[datetime | None] = strawberry.field(description="Resolve until; ISO 8601 with offset.")
    status: Inherited[str | None] = strawberry.field(description="Whether it is kept, as the help desk says.")


@strawberry.type(description="One entry of a ticket's work log.")
class WorkLogEntry:
    at: Inherited[datetime | None] = strawberry.field(description="When it was written; ISO 8601 with offset.")
    author: Inherited[str | None] = strawberry.field(description="Who wrote it, as the help desk names them.")
    text: Inherited[str | None] = strawberry.field(description="What was written: plain text.")
    internal: Inherited[bool] = strawberry.field(description="Whether it is for colleagues only.")


@strawberry.type(description="A complaint, a question or a fault.", directives=[entity(Category.SERVICE)])
class Ticket(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    number: Service[str] = strawberry.field(description="Number the requester was given, like `INC000000000430`.")
    subject: Service[str] = strawberry.field(description="One line: what it is about.")
    description: Service[str] = strawberry.field(description="What was reported, in full; plain text; often null.")
    status: Service[TicketStatus] = strawberry.field(description="Where it stands.")
    priority: Service[TicketPriority] = strawberry.field(description="How soon it is worked on.")
    urgency: Service[TicketUrgency] = strawberry.field(description="How soon the requester needs it.")
    impact: Service[TicketImpact] = strawberry.field(description="How many are concerned.")
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
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[Ticket] = strawberry.field(description="The ticket.")


@strawberry.type(description="A page of tickets, newest first.")
class TicketConnection:
    nodes: Inherited[list[Ticket]] = strawberry.field(description="The tickets of this page.")
    edges: Inherited[list[TicketEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} Few help desks do; the first page tells when it holds them all."
    )


@strawberry.input(
    description="Which tickets: those that meet every condition given. The help desk evaluates all of them."
)
class TicketFilter:
    subject: Service[str] = optional("In the subject, whatever its case.")
    status: Service[list[TicketStatus]] = optional("In any of these states.")
    priority: Service[list[TicketPriority]] = optional("Of any of these priorities.")
    opened: Service[Period] = optional("When they were reported.")
    customer: Annotated[strawberry.ID | None, Category.PRESENCE] = optional(
        "Reported by this customer, by their id of the graph."
    )
    order: Logistics[str] = optional("About the order with this number.")
    sku: Service[str] = optional("About the product with this SKU.")
