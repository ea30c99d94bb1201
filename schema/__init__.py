"""The customer graph: its types, and why each field would be needed.

Declarations only. Nothing in here does I/O or knows where a value comes from.
"""

from __future__ import annotations

import strawberry

from schema.billing import (
    Balance,
    CreditMemo,
    Invoice,
    InvoiceConnection,
    InvoiceEdge,
    InvoiceLine,
    InvoiceStatus,
    Payment,
)
from schema.classification import Category, NeedToKnow, choice, edge, entity
from schema.community import Suggestion, SuggestionConnection, SuggestionEdge, SuggestionStatus
from schema.content import ContentItem, Image, RichText
from schema.coverage import Overpromised, Unclassified, classify, core
from schema.customer import Customer, CustomerConnection, CustomerEdge, CustomerMatch, CustomerSort, SystemKey
from schema.guidance import CustomerInsights, Factor, NextBestAction, QueuePlace, SupportQueue, Suppression
from schema.inventory import (
    Availability,
    PlantAvailability,
    Product,
    ProductConnection,
    ProductEdge,
    StockLevel,
    StockType,
)
from schema.marketing import (
    Campaign,
    CampaignMetrics,
    CampaignStatus,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentState,
    ConsentStatement,
    Touch,
    TouchConnection,
    TouchEdge,
    TouchKind,
)
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
from schema.outlook import DemandOutlook, FulfilmentRisk, FulfilmentVerdict, ProductRisk
from schema.partners import (
    Acknowledgement,
    Demand,
    ExpectedLot,
    ForecastWeek,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderState,
    SupplierStock,
    SupplierStockConnection,
    SupplierStockEdge,
    SupplyCommitment,
)
from schema.query import Query
from schema.sales import (
    Asset,
    AssetConnection,
    AssetEdge,
    Opportunity,
    OpportunityConnection,
    OpportunityEdge,
    OpportunityLine,
    OpportunityStatus,
)
from schema.scalars import SCALARS, Address, Money, Node, PageInfo, Period
from schema.search import (
    CampaignMatch,
    ContentMatch,
    InvoiceMatch,
    OrderMatch,
    ProductMatch,
    SearchKind,
    SearchResults,
    ShipmentMatch,
    SuggestionMatch,
    TicketMatch,
)
from schema.shipping import ParcelLine, Shipment, ShipmentEvent, ShipmentStatus
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
from schema.viewer import BreakerState, Source, SourceStatus, Viewer

__all__ = [
    "Acknowledgement",
    "Address",
    "Asset",
    "AssetConnection",
    "AssetEdge",
    "Availability",
    "Balance",
    "BreakerState",
    "Campaign",
    "CampaignMatch",
    "CampaignMetrics",
    "CampaignStatus",
    "Category",
    "Consent",
    "ConsentChannel",
    "ConsentPurpose",
    "ConsentState",
    "ConsentStatement",
    "ContentItem",
    "ContentMatch",
    "CreditMemo",
    "Customer",
    "CustomerConnection",
    "CustomerEdge",
    "CustomerInsights",
    "CustomerMatch",
    "CustomerSort",
    "Demand",
    "DemandOutlook",
    "ExpectedLot",
    "Factor",
    "ForecastWeek",
    "FulfilmentRisk",
    "FulfilmentVerdict",
    "Hold",
    "Image",
    "Invoice",
    "InvoiceConnection",
    "InvoiceEdge",
    "InvoiceLine",
    "InvoiceMatch",
    "InvoiceStatus",
    "LineStatus",
    "Money",
    "NeedToKnow",
    "NextBestAction",
    "Node",
    "Opportunity",
    "OpportunityConnection",
    "OpportunityEdge",
    "OpportunityLine",
    "OpportunityStatus",
    "Order",
    "OrderConnection",
    "OrderEdge",
    "OrderLine",
    "OrderMatch",
    "OrderParties",
    "OrderStatus",
    "Overpromised",
    "PageInfo",
    "ParcelLine",
    "Party",
    "Payment",
    "Period",
    "PlantAvailability",
    "Product",
    "ProductConnection",
    "ProductEdge",
    "ProductMatch",
    "ProductRisk",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseOrderState",
    "Query",
    "QueuePlace",
    "RichText",
    "SearchKind",
    "SearchResults",
    "ServiceLevel",
    "Shipment",
    "ShipmentEvent",
    "ShipmentMatch",
    "ShipmentStatus",
    "Source",
    "SourceStatus",
    "StockLevel",
    "StockType",
    "Suggestion",
    "SuggestionConnection",
    "SuggestionEdge",
    "SuggestionMatch",
    "SuggestionStatus",
    "SupplierStock",
    "SupplierStockConnection",
    "SupplierStockEdge",
    "SupplyCommitment",
    "SupportQueue",
    "Suppression",
    "SystemKey",
    "Ticket",
    "TicketConnection",
    "TicketEdge",
    "TicketImpact",
    "TicketMatch",
    "TicketPriority",
    "TicketStatus",
    "TicketUrgency",
    "Touch",
    "TouchConnection",
    "TouchEdge",
    "TouchKind",
    "Unclassified",
    "Viewer",
    "WorkLogEntry",
    "build",
    "choice",
    "edge",
    "entity",
]


def build() -> strawberry.Schema:
    """The customer graph, every coordinate with its category printed beside it."""
    nodes = [Customer, Order, Invoice, Shipment, Product, Ticket, ContentItem, Campaign, Suggestion]
    nodes += [Opportunity, Asset, SupplierStock, PurchaseOrder]
    built = classify(strawberry.Schema(query=Query, types=nodes))
    for name, said in SCALARS.items():
        core(built).type_map[name].description = said
    return built
