"""The customer graph: its types, and why each field would be needed.

Declarations only. Nothing in here does I/O or knows where a value comes from.
"""

from __future__ import annotations

import strawberry

from schema.classification import Category, NeedToKnow, edge, entity
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
from schema.query import Query, Source, SourceStatus, Viewer
from schema.scalars import Address, Money, Node, PageInfo

__all__ = [
    "Address",
    "Availability",
    "Category",
    "Customer",
    "CustomerMatch",
    "Hold",
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
    "Source",
    "SourceStatus",
    "StockLevel",
    "StockType",
    "SystemKey",
    "Unclassified",
    "Viewer",
    "build",
    "edge",
    "entity",
]


def build() -> strawberry.Schema:
    """The customer graph, every coordinate with its category printed beside it."""
    return classify(strawberry.Schema(query=Query, types=[Customer, Order, Product]))
