"""A parcel as its carrier tells it, whichever carrier that is: what the carriers' adapters translate into.

An attribute that was not asked for is None, as is one that the carrier has nothing to say about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

import msgspec

from schema.shipping import ShipmentStatus

Wires = tuple[str, ...]


class Event(msgspec.Struct, frozen=True):
    """One scan. `at` has the offset of its place; None where the carrier does not say enough to know the moment."""

    at: datetime | None
    place: str | None
    kind: ShipmentStatus
    text: str | None


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier knows of one parcel. Events are newest first; dates are those of the place it goes to.

    word:  its status, in the carrier's own words or code
    late:  not the carrier's word: worked out by who asks, who knows what time it is
    """

    number: str
    carrier: str
    service: str | None = None
    status: ShipmentStatus | None = None
    word: str | None = None
    promised_on: date | None = None
    estimated_on: date | None = None
    delivered_at: datetime | None = None
    events: list[Event] | None = None
    signed_for_by: str | None = None
    left_at: str | None = None
    late: bool | None = None


LATE = ("promised_on", "estimated_on", "delivered_at", "status")
"""What it takes to know whether a parcel is late."""

EVENT = ("at", "place", "kind", "text")


def columns(service: Wires, status: Wires, promised: Wires, estimated: Wires, delivered: Wires) -> dict[str, Wires]:
    """The part of an operation's column table that is about the parcel, but for its scans and its receiver."""
    return {
        "service": service,
        "status": status,
        "word": status,
        "promised_on": promised,
        "estimated_on": estimated,
        "delivered_at": delivered,
        "late": tuple(dict.fromkeys((*promised, *estimated, *delivered, *status))),
    }


def asked(track: Track, wanted: Collection[str]) -> Track:
    """No more of it than was asked for."""
    names = {column.partition(".")[0] for column in wanted}
    names |= set(LATE) if "late" in names else set()
    kept = {name: getattr(track, name) for name in Track.__struct_fields__ if name in names}
    return Track(**{**kept, "number": track.number, "carrier": track.carrier})


def place(*parts: str | None) -> str | None:
    """`MEMPHIS, TN, US`, of as much of it as there is."""
    return ", ".join(part for part in parts if part) or None


def newest_first(events: Iterable[Event]) -> list[Event]:
    """By their moments; as the carrier has them, when it does not tell those of all."""
    found = list(events)
    moments = [event.at for event in found if event.at is not None]
    if len(moments) < len(found):
        return found
    return [event for _, event in sorted(zip(moments, found, strict=True), key=lambda one: one[0], reverse=True)]
