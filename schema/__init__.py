"""The customer graph: its types, and why each field would be needed.

Declarations only. Nothing in here does I/O or knows where a value comes from.
"""

from __future__ import annotations

import strawberry

from schema.classification import Category, NeedToKnow, edge, entity
from schema.content import ContentItem, Image, RichText
from schema.coverage import Overpromised, Unclassified, classify
from schema.customer import Customer, CustomerMatch, SystemKey
from schema.inventory import Availability, PlantAvailability, Product, StockLevel, StockType
from schema.orders import (
    Hold,
    LineStatus,
    Order,
    OrderConnection,
    OrderEdge,
    OrderLine,
    OrderParties,
    OrderStatus,
    Party,
)
from schema.query import BreakerState, Query, Source, SourceStatus, Viewer
from schema.scalars import Address, Money, Node, PageInfo
from schema.support import (
    ServiceLevel,
    Ticket,
    TicketConnection,
    TicketEdge,
    TicketImpact,
    TicketPriority,
    TicketStatus,
    TicketUrgency,
    WorkLogEntry,
)

__all__ = [
    "Address",
    "Availability",
    "BreakerState",
    "Category",
    "ContentItem",
    "Customer",
    "CustomerMatch",
    "Hold",
    "Image",
    "LineStatus",
    "Money",
    "NeedToKnow",
    "Node",
    "Order",
    "OrderConnection",
    "OrderEdge",
    "OrderLine",
    "OrderParties",
    "OrderStatus",
    "Overpromised",
    "PageInfo",
    "Party",
    "PlantAvailability",
    "Product",
    "Query",
    "RichText",
    "ServiceLevel",
    "Source",
    "SourceStatus",
    "StockLevel",
    "StockType",
    "SystemKey",
    "Ticket",
    "TicketConnection",
    "TicketEdge",
    "TicketImpact",
    "TicketPriority",
    "TicketStatus",
    "TicketUrgency",
    "Unclassified",
    "Viewer",
    "WorkLogEntry",
    "build",
    "edge",
    "entity",
]


def build() -> strawberry.Schema:
    """The customer graph, every coordinate with its category printed beside it."""
    return classify(strawberry.Schema(query=Query, types=[Customer, Order, Product, Ticket, ContentItem]))
