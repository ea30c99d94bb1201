"""Where a parcel was scanned on its way: from the label to the door, or back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from mocks.world.dice import Dice
from mocks.world.model import Address
from mocks.world.zones import local, zone

HOUR = timedelta(hours=1)
HUBS = {
    "UPS": (("Louisville", "KY", "United States"), ("Köln", "", "Germany")),
    "FedEx": (("Memphis", "TN", "United States"), ("Paris", "", "France")),
}
REASONS = ("weather", "address", "damaged", "missed")


@dataclass(frozen=True, slots=True)
class Scan:
    """kind: label, pickup, departed, arrived, customs, out, attempt, exception, delayed, delivered, returning or
             cancelled
    at:      in the time zone of the place
    reason:  of an exception, one of `REASONS`
    """

    kind: str
    at: datetime
    place: Address
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a parcel: `delay` in working days behind the promise."""

    kind: str
    delay: int = 0


def fate(dice: Dice, *, labelled: bool) -> Fate:
    lot, days = dice.below(100), dice.between(1, 3)
    if labelled:
        return Fate("cancelled" if lot < 6 else "waiting")
    for most, kind, delay in ((70, "on time", 0), (82, "late", days), (89, "exception", days), (94, "attempt", 1)):
        if lot < most:
            return Fate(kind, delay)
    return Fate("returned" if lot < 98 else "lost", 5 if lot < 98 else 0)


@dataclass(frozen=True, slots=True)
class Trip:
    """left: when it did, or is to; shipped: whether it did; arrives: the day it will be delivered, if it is"""

    carrier: str
    ordered: datetime
    left: datetime
    shipped: bool
    arrives: date
    origin: Address
    goes_to: Address


def journey(dice: Dice, ends: Fate, trip: Trip) -> tuple[Scan, ...]:
    """Every scan there will ever be, oldest first."""
    before = timedelta(minutes=dice.between(90, 1_200))
    label = Scan("label", local(max(trip.left - before, trip.ordered), trip.origin), trip.origin)
    if not trip.shipped:
        cancelled = Scan("cancelled", label.at + timedelta(minutes=dice.between(10, 80)), trip.origin)
        return (label, cancelled) if ends.kind == "cancelled" else (label,)
    minutes, there = dice.between(9 * 60, 18 * 60), zone(trip.goes_to)
    last = datetime(trip.arrives.year, trip.arrives.month, trip.arrives.day, tzinfo=there) + timedelta(minutes=minutes)
    pickup = local(trip.left, trip.origin)
    last = max(last, pickup + 5 * HOUR)  # a date is no promise of an hour
    return (label, *_timed(dice, list(_road(ends, trip)), pickup, last))


def _road(ends: Fate, trip: Trip) -> Iterator[tuple[str, Address, str]]:
    """Kinds and places in their order, from the pickup to the end."""
    origin, goes_to = trip.origin, trip.goes_to
    abroad = goes_to.country not in (origin.country, "")
    yield "pickup", origin, ""
    yield "departed", origin, ""
    for city, state, country in HUBS.get(trip.carrier, ())[abroad or origin.country != "United States" :][:1]:
        yield "arrived", Address("", city, state, "", country), ""
        yield "departed", Address("", city, state, "", country), ""
    if abroad:
        yield "customs", goes_to, ""
    if ends.kind == "lost":
        return
    if ends.kind == "late":
        yield "delayed", goes_to, ""
    if ends.kind == "exception":
        yield "exception", goes_to, REASONS[len(goes_to.city) % 3]
    yield "arrived", goes_to, ""
    yield "out", goes_to, ""
    if ends.kind in ("attempt", "returned"):
        yield "attempt", goes_to, "missed"
        if ends.kind == "returned":
            yield "returning", goes_to, ""
            return
        yield "out", goes_to, ""
    yield "delivered", goes_to, ""


def _timed(dice: Dice, road: list[tuple[str, Address, str]], start: datetime, end: datetime) -> Iterator[Scan]:
    """Spread over the time there is, each after the one before."""
    shares = sorted(dice.below(10_000) for _ in road)
    shares[0], shares[-1] = 0, 10_000
    for at, (one, other) in enumerate(pairwise(shares)):
        shares[at + 1] = max(other, one + 1)
    whole = (end - start) / max(shares)
    for share, (kind, place, reason) in zip(shares, road, strict=True):
        yield Scan(kind, local(start + whole * share, place), place, reason)
