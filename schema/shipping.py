"""Parcels: where they are, when they will be there. Their carriers know; the order system knows what is in them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Delivery, Inherited, Logistics, Public, Tracking, edge, entity
from schema.scalars import PUBLIC_ID, Node

if TYPE_CHECKING:
    from schema.orders import Order


@strawberry.enum(description="Where a parcel stands, in one word for all carriers.")
class ShipmentStatus(Enum):
    LABEL_CREATED = strawberry.enum_value("LABEL_CREATED", description="Labelled; its carrier does not have it yet.")
    PICKED_UP = strawberry.enum_value("PICKED_UP", description="Its carrier has it: picked up, or brought in.")
    IN_TRANSIT = strawberry.enum_value("IN_TRANSIT", description="On its way, customs included.")
    OUT_FOR_DELIVERY = strawberry.enum_value("OUT_FOR_DELIVERY", description="On the vehicle that delivers it.")
    DELIVERED = strawberry.enum_value(
        "DELIVERED", description="Delivered: `deliveredAt` and `leftAt` say when and where."
    )
    EXCEPTION = strawberry.enum_value("EXCEPTION", description="Something keeps it from being delivered as promised.")
    RETURNED = strawberry.enum_value("RETURNED", description="Going back, or back, to who sent it.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled before its carrier had it.")
    OTHER = strawberry.enum_value("OTHER", description="A state its carrier has that the graph has no word for.")


@strawberry.type(description="One scan of a parcel, or another thing that its carrier has noted.")
class ShipmentEvent:
    at: Inherited[datetime | None] = strawberry.field(
        description="When; ISO 8601, with the offset of the place where its carrier tells it; null where it does not "
        "say enough to know."
    )
    place: Inherited[str | None] = strawberry.field(description="Town, state and country, as far as they are told.")
    kind: Inherited[ShipmentStatus] = strawberry.field(description="Where the parcel stood with it.")
    text: Inherited[str | None] = strawberry.field(
        description="What its carrier says of it, in the carrier's own words and language; null when nothing."
    )


@strawberry.type(description="So much of one order line as is in one parcel.")
class ParcelLine:
    line: Inherited[str | None] = strawberry.field(description="Number of the order's line, as `OrderLine.number`.")
    sku: Inherited[str | None] = strawberry.field(description="Stock-keeping unit; leading zeros are kept.")
    quantity: Inherited[Decimal | None] = strawberry.field(
        description="How many of it are in this parcel: a decimal, as a string, in the product's sales unit."
    )


@strawberry.type(
    description="One parcel. Which parcels an order has, and what is in them, the order system says; where they are, "
    "FedEx and UPS say. Of the parcels of other carriers, and of those that their carrier has forgotten (after 90 and "
    "120 days), nothing else is known: the fields are null.",
    directives=[entity(Category.TRACKING)],
)
class Shipment(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    tracking_number: Tracking[str] = strawberry.field(description="Its carrier's number, in capitals, without spaces.")
    service: Tracking[str] = strawberry.field(description="What its carrier was asked to do, for example `UPS Ground`.")
    status: Tracking[ShipmentStatus] = strawberry.field(
        description="Where the parcel stands, in one word for all carriers; null when its carrier tells nothing."
    )
    promised_on: Tracking[date] = strawberry.field(
        description="The day its carrier first promised it for, at the place where it goes to; null without a promise."
    )
    estimated_on: Tracking[date] = strawberry.field(
        description="The day its carrier now expects it to be delivered on; null once it is, and when nobody knows."
    )
    delivered_at: Tracking[datetime] = strawberry.field(
        description="When it was delivered; ISO 8601, with the offset of the place; null when it is not."
    )
    late: Tracking[bool] = strawberry.field(
        description="Whether it came, or will come, on a later day than promised; or did not come, though that day is "
        "over everywhere. Worked out by the gateway; null without a promise, and for what goes back or was cancelled."
    )
    events: Tracking[list[ShipmentEvent]] = strawberry.field(description="All that its carrier noted, newest first.")
    signed_for_by: Delivery[str] = strawberry.field(
        description="Who took it, as its carrier wrote it down; null when nobody signed."
    )
    left_at: Delivery[str] = strawberry.field(
        description="Where it was handed over, in its carrier's words, like `Front Desk`; null when not told."
    )
    contents: Logistics[list[ParcelLine]] = strawberry.field(
        description="What is in it; null when it is no parcel that the order system knows of."
    )

    @edge(Category.TRACKING)
    def carrier(self) -> str | None:
        """Who carries it: `FedEx`, `UPS`, or the carrier's name as the order system spells it."""

    @edge(Category.LOGISTICS)
    def order(self) -> Annotated[Order, strawberry.lazy("schema.orders")] | None:
        """The order it is a part of; null when the order system knows of none."""
