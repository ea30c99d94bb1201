"""Rows of the graph that stand on their own: a key, and the records already fetched on the way to it.

Facets read from the carried record when there is one and ask the system when there is none; see `resolvers.binding`.
Those of which an answer has hundreds are structs, which are made in a fifth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from resolvers.backends.contentful import ContentItem
from resolvers.backends.discourse import Suggestion
from resolvers.backends.hubspot import Campaign
from resolvers.backends.netsuite import Invoice
from resolvers.backends.oracle_om import SalesOrder, Shipment
from resolvers.backends.partner_hub import PurchaseOrder, Supply
from resolvers.backends.remedy import Incident
from resolvers.backends.sap import Product
from resolvers.backends.siebel import Account, Asset, Contact, Opportunity
from resolvers.ids import global_id
from resolvers.tracks import Track


class Person(msgspec.Struct, frozen=True):
    """A customer: the cross-reference's own id, and the keys it knows by system (`siebel.contact`, …)."""

    graph_type: ClassVar[str] = "Customer"
    key: str
    keys: Mapping[str, tuple[str, ...]]
    contact: Contact | None = None
    account: Account | None = None

    @property
    def id(self) -> str:
        return global_id("Customer", self.key)

    @property
    def bare(self) -> Person:
        """Without what was fetched on the way to them: somewhere else, other columns of it are wanted."""
        return Person(self.key, self.keys)


class Sale(msgspec.Struct, frozen=True, gc=False):
    """An order. `buyer` is known, known to be nobody of ours (None), or not looked up yet (`buyer_known` is false)."""

    graph_type: ClassVar[str] = "Order"
    number: str
    order: SalesOrder | None = None
    buyer: Person | None = None
    buyer_known: bool = False

    @property
    def id(self) -> str:
        return global_id("Order", self.number)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel, with what the order system says of it and what its carrier does, as far as that is known already."""

    graph_type: ClassVar[str] = "Shipment"
    number: str
    shipped: Shipment | None = None
    track: Track | None = None

    @property
    def id(self) -> str:
        return global_id("Shipment", self.number)

    @property
    def tracking_number(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice. `linked`: which of its link keys the carried record is known to hold."""

    graph_type: ClassVar[str] = "Invoice"
    number: str
    invoice: Invoice | None = None
    linked: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return global_id("Invoice", self.number)


class Item(msgspec.Struct, frozen=True, gc=False):
    """A product, with the ERP's master record when it was fetched already."""

    graph_type: ClassVar[str] = "Product"
    sku: str
    master: Product | None = None

    @property
    def id(self) -> str:
        return global_id("Product", self.sku)


class Case(msgspec.Struct, frozen=True, gc=False):
    """A ticket. `linked`: which of its link keys the carried record is known to hold."""

    graph_type: ClassVar[str] = "Ticket"
    number: str
    incident: Incident | None = None
    linked: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return global_id("Ticket", self.number)


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity, by its row id in the CRM. `linked` as for a ticket."""

    graph_type: ClassVar[str] = "Opportunity"
    key: str
    opportunity: Opportunity | None = None
    linked: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return global_id("Opportunity", self.key)


@dataclass(frozen=True, slots=True)
class Thing:
    """An asset, by its row id in the CRM. `linked` as for a ticket."""

    graph_type: ClassVar[str] = "Asset"
    key: str
    asset: Asset | None = None
    linked: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return global_id("Asset", self.key)


@dataclass(frozen=True, slots=True)
class Stocked:
    """What one supplier has of one product, with the hub's record when it was fetched already."""

    graph_type: ClassVar[str] = "SupplierStock"
    supplier: str
    sku: str
    supply: Supply | None = None

    @property
    def id(self) -> str:
        return global_id("SupplierStock", f"{self.supplier} {self.sku}")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What we ordered of one supplier, with the hub's record when it was fetched already."""

    graph_type: ClassVar[str] = "PurchaseOrder"
    number: str
    order: PurchaseOrder | None = None

    @property
    def id(self) -> str:
        return global_id("PurchaseOrder", self.number)


@dataclass(frozen=True, slots=True)
class Article:
    """A published article, in the language asked for. `linked`: the carried record is known to hold its products."""

    graph_type: ClassVar[str] = "ContentItem"
    key: str
    entry: ContentItem | None = None
    asked_locale: str | None = None
    linked: bool = False

    @property
    def id(self) -> str:
        return global_id("ContentItem", self.key)


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign: the system that runs it and its key there. `linked`: the carried record is known to hold its SKUs."""

    graph_type: ClassVar[str] = "Campaign"
    system: str
    native: str
    record: Campaign | None = None
    linked: bool = False

    @property
    def key(self) -> str:
        return f"{self.system}:{self.native}"

    @property
    def id(self) -> str:
        return global_id("Campaign", self.key)


@dataclass(frozen=True, slots=True)
class Wish:
    """A suggestion. `linked`: which of its link keys the carried record is known to hold."""

    graph_type: ClassVar[str] = "Suggestion"
    key: str
    record: Suggestion | None = None
    linked: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return global_id("Suggestion", self.key)
