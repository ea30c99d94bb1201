"""Parcels: where they are, when they will be there. Their carriers know; the order system knows what is in them."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="Where a parcel stands, in one word for all carriers.")
class ShipmentStatus(Enum):
    LABEL_CREATED = strawberry.enum_value("LABEL_CREATED", description="Labelled; its carrier does not have it yet.")
    PICKED_UP = strawberry.enum_value("PICKED_UP", description="Its carrier has it.")
    IN_TRANSIT = strawberry.enum_value("IN_TRANSIT", description="On its way, customs included.")
    OUT_FOR_DELIVERY = strawberry.enum_value("OUT_FOR_DELIVERY", description="On the vehicle that delivers it.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="Delivered.")
    EXCEPTION = strawberry.enum_value("EXCEPTION", description="Something keeps it from being delivered as promised.")
    RETURNED = strawberry.enum_value("RETURNED", description="Going back, or back, to who sent it.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled before its carrier had it.")
    OTHER = strawberry.enum_value("OTHER", description="A state its carrier has that the graph has no word for.")
