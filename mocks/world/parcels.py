"""What became of an order's goods once they were packed: parcels, what is in each, and where each was scanned.

Derived from the order alone, the same every time; nothing is kept, and a tracking number leads back to its order by
itself (`mocks.world.tracking`).

* **Parcels**: lines that have shipped, grouped by carrier and the day they left; one line in ten is split over two.
  Of what is only to be shipped, half of the lines due by tomorrow are packed and labelled already.
* **Service** by the line's ship mode (Same Day overnight, First Class two days, Second Class three, else ground); where
  there is none by hash, and abroad always international.
* **Promise**: so many working days after it left, no Sundays, as a date where it goes to.
* **What happens**, by hash: 70 in 100 arrive as promised, 12 one to three days late, 7 late for a reason that is told,
  5 on the second attempt, 4 come back, 2 are never heard of again. Labelled ones wait; of these a few were cancelled.
* Nothing is scanned after midnight UTC of the world's day. Scans are dated in the time zone of their place.
* `CANARY-signed_for_by-<number>` and `CANARY-left_at-<number>` are who took it and where it was left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from mocks.world.dice import Dice, digest
from mocks.world.journeys import Fate, Scan, Trip, fate, journey
from mocks.world.model import Address, Line, Order, World
from mocks.world.tracking import MOST_PARCELS, TrackingNumbers
from mocks.world.zones import zone

__all__ = ["Packed", "Parcel", "Parcels", "Scan"]

DAY = timedelta(days=1)
GONE = frozenset({"SHIPPED", "CLOSED"})
LEVELS = {"Same Day": "overnight", "First Class": "two_day", "Second Class": "three_day", "Standard Class": "ground"}
USUAL = ("ground", "ground", "ground", "two_day", "three_day", "overnight")
TRANSIT = {"overnight": 1, "two_day": 2, "three_day": 3, "ground": 4, "international": 5}
ORDERS_KEPT = 1_024
PLACES = ("Front Desk", "Porch", "Dock", "Mail Room")
HOMES = {
    "AMER": Address("", "Columbus", "OH", "43004", "United States"),
    "EMEA": Address("", "Leipzig", "Sachsen", "04103", "Germany"),
    "APAC": Address("", "Sydney", "NSW", "2000", "Australia"),
}
APAC = ("India", "Australia", "Japan")
AMER = ("United States", "Brazil", "Canada", "Mexico")


@dataclass(frozen=True, slots=True)
class Packed:
    """So much of one line."""

    line: Line
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel.

    place:         its place among the order's parcels, from 0
    level:         overnight, two_day, three_day, ground, international
    shipped_on:    None: labelled, and still here
    promised_on, estimated_on:  dates where it goes to; an estimate that differs was made once it was known to be late
    scans:         oldest first
    signed_by, left_at:  "" until it is delivered
    """

    number: str
    place: int
    order: Order
    carrier: str
    level: str
    shipped_on: datetime | None
    promised_on: date
    estimated_on: date | None
    contents: tuple[Packed, ...]
    weight: Decimal
    origin: Address
    destination: Address
    scans: tuple[Scan, ...]
    signed_by: str
    left_at: str

    @property
    def shipment(self) -> int:
        """What the order system calls it: a number of up to 14 digits."""
        return digest("shipment", self.order.header_id) % 10**12 * MOST_PARCELS + self.place

    @property
    def delivered_at(self) -> datetime | None:
        return next((scan.at for scan in self.scans if scan.kind == "delivered"), None)


class Parcels:
    """The parcels of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        self._anchor = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._numbers = world.part(TrackingNumbers)
        self.of_order = lru_cache(ORDERS_KEPT)(self._of_order)

    def by_number(self, number: str) -> Parcel | None:
        parcels = (parcel for order in self._numbers.orders(number) for parcel in self.of_order(order))
        return next((parcel for parcel in parcels if parcel.number == number), None)

    def _of_order(self, order: Order) -> tuple[Parcel, ...]:
        """In the order they left, labelled ones last."""
        dice = Dice(self._seed, "parcels", order.header_id)
        heaps = [heap for group in _together(self._leaving(dice, order)) for heap in _heaps(dice, group)]
        return tuple(self._parcel(order, place, heap) for place, heap in enumerate(heaps[:MOST_PARCELS]))

    def _leaving(self, dice: Dice, order: Order) -> Iterator[Line]:
        for line in order.lines:
            due = line.scheduled_on is not None and line.scheduled_on <= self._anchor + DAY
            labelled = dice.chance(50) and line.status == "AWAIT_SHIP" and due
            if line.quantity > 0 and ((line.shipped_on is not None and line.status in GONE) or labelled):
                yield line

    def _parcel(self, order: Order, place: int, heap: Sequence[Packed]) -> Parcel:
        dice = Dice(self._seed, "parcel", order.header_id, place)
        first = heap[0].line
        goes_to = order.ship_to or order.bill_to or Address("", "", "", "", "")
        origin = _home(goes_to)
        level = LEVELS.get(first.service) or dice.pick(USUAL)
        level = level if goes_to.country in (origin.country, "") else "international"
        number = self._numbers.number(order, place, first.carrier, level)
        ends = fate(dice, labelled=first.shipped_on is None)
        left = first.shipped_on or min(first.scheduled_on or self._anchor, self._anchor)
        promised = _working_days(left.astimezone(zone(goes_to)).date(), TRANSIT[level])
        arrives = _working_days(promised, ends.delay)
        trip = Trip(first.carrier, order.placed_at, left, first.shipped_on is not None, arrives, origin, goes_to)
        scans = tuple(scan for scan in journey(dice, ends, trip) if scan.at < self._anchor)
        done = any(scan.kind == "delivered" for scan in scans)
        return Parcel(
            number=number,
            place=place,
            order=order,
            carrier=first.carrier,
            level=level,
            shipped_on=first.shipped_on,
            promised_on=promised,
            estimated_on=_estimate(ends, scans, promised, arrives),
            contents=tuple(heap),
            weight=Decimal(dice.between(3, 180)).scaleb(-1),
            origin=origin,
            destination=goes_to,
            scans=scans,
            signed_by=f"CANARY-signed_for_by-{number}" if done else "",
            left_at=f"{dice.pick(('Front Desk', 'Porch', 'Dock', 'Mail Room'))} CANARY-left_at-{number}"
            if done
            else "",
        )


def _estimate(ends: Fate, scans: Iterable[Scan], promised: date, arrives: date) -> date | None:
    """The promise, until something is known that changes it; none for what will not arrive."""
    told = {scan.kind for scan in scans}
    if "returning" in told or "cancelled" in told:
        return None
    return arrives if ends.delay and told & {"exception", "attempt", "delivered", "delayed"} else promised


def _together(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines that left on one day with one carrier; then those that have not left."""

    def leaves(line: Line) -> tuple[bool, str, str, str]:
        day = line.shipped_on.date().isoformat() if line.shipped_on else ""
        return line.shipped_on is None, day, line.carrier, line.service

    return (list(group) for _, group in groupby(sorted(lines, key=leaves), key=leaves))


def _heaps(dice: Dice, lines: Sequence[Line]) -> list[list[Packed]]:
    """One parcel, or for many lines two; and one more when a line does not fit into one."""
    half = len(lines) // 2 if len(lines) > 3 and dice.chance(60) else 0
    heaps = [[Packed(line, line.quantity) for line in part] for part in (lines[:half], lines[half:]) if part]
    last = heaps[-1][-1]
    if last.quantity >= 2 and dice.chance(10):
        most = Decimal(int(last.quantity / 2))
        heaps[-1][-1] = Packed(last.line, last.quantity - most)
        heaps.append([Packed(last.line, most)])
    return heaps


def _home(goes_to: Address) -> Address:
    """The warehouse that serves this part of the world."""
    region = "APAC" if goes_to.country in APAC else "AMER" if goes_to.country in AMER else "EMEA"
    return HOMES[region]


def _working_days(day: date, count: int) -> date:
    """So many days later, Sundays not counted."""
    while count:
        day += DAY
        count -= day.weekday() != 6
    return day
