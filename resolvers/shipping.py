"""Where the parcels are: their carriers know. Which there are, and what is in them: the order system."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

import schema
from resolvers.backends.base import Operation, Outcome
from resolvers.backends.fedex import Fedex
from resolvers.backends.oracle_om import OracleOM, Shipment
from resolvers.backends.ups import Ups
from resolvers.binding import Ask, resolves
from resolvers.people import OF_CUSTOMER, PARTY, by_ids, known
from resolvers.rows import Parcel, Person, Sale
from resolvers.tracks import Track
from schema import ShipmentStatus

LONGEST = 34
SEPARATORS = re.compile(r"[\s.-]+")
PLAIN = re.compile(r"[A-Z0-9]{4,34}", re.ASCII)
SHAPES = {
    "ups": re.compile(r"1Z[A-Z0-9]{16}|T[0-9]{10}", re.ASCII),
    "fedex": re.compile(r"[0-9]{12}|[0-9]{15}|[0-9]{20}|96[0-9]{20}", re.ASCII),
}
NAMES = {"ups": "ups", "united parcel service": "ups", "fedex": "fedex", "federal express": "fedex"}
TITLES = {"ups": "UPS", "fedex": "FedEx"}
TRACKS: Mapping[str, Operation[Track]] = {"ups": Ups.tracks, "fedex": Fedex.tracks}
TRACKED = frozenset(Ups.tracks.columns)
SHIPPED = frozenset(OracleOM.shipments.columns) - {"number", "carrier"}
ROUTE = frozenset({"number", "order_number", "carrier"})
SETTLED = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELED})
LAST_ZONE = timedelta(hours=12)


def tracking_number(text: str) -> str | None:
    """One spelling: capitals, no spaces, dots or dashes. None for what is no tracking number."""
    bare = SEPARATORS.sub("", text[: LONGEST * 2]).upper()
    return bare if PLAIN.fullmatch(bare) else None


def carriers_of(number: str, name: str | None = None) -> tuple[str, ...]:
    """Which of our carriers to ask: the one that the order system names, else the one whose numbers look like that,
    else each of them. None for the parcel of a carrier we are not connected to."""
    if name:
        known = NAMES.get(name.strip().casefold())
        return (known,) if known else ()
    return shaped(number) or tuple(SHAPES)


def shaped(number: str) -> tuple[str, ...]:
    """The carriers whose numbers look like that."""
    return tuple(carrier for carrier, shape in SHAPES.items() if shape.fullmatch(number))


@resolves(schema.Query, "shipment", source=(OracleOM.shipments,))
async def shipment(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Parcel]]:
    return await named(ask.arguments["trackingNumber"], ask, ask.columns)


@resolves(schema.Order, "shipments", source=(OracleOM.shipments_of,), passes_on=OF_CUSTOMER)
async def of_orders(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[list[Parcel]]]:
    found = await ask.load(OracleOM.shipments_of, [sale.number for sale in sales], ask.columns | ROUTE)
    return [
        Outcome(None if one.error else [Parcel(each.number, each) for each in one.value or ()], one.error)
        for one in found
    ]


@resolves(
    schema.Shipment,
    *("service", "status", "promisedOn", "estimatedOn", "deliveredAt", "late", "events", "signedForBy", "leftAt"),
    carried="track",
    source=(Fedex.tracks, Ups.tracks),
    works_out=("late",),
    inputs=tuple(f"Shipment.{name}" for name in ("promisedOn", "estimatedOn", "deliveredAt", "status")),
)
async def track(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[Track]]:
    """Each carrier side by side, asked for its own."""
    return await _tracks(parcels, ask, ask.columns)


@resolves(schema.Shipment, "contents", carried="shipped", source=(OracleOM.shipments,))
async def contents(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[Shipment]]:
    return await ask.load(OracleOM.shipments, [parcel.number for parcel in parcels])


@resolves(schema.Shipment, "carrier", source=(OracleOM.shipments,))
async def carrier(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[str]]:
    """As the order system says, or the carrier that has it; where neither does, the shape of the number."""
    unknown = [parcel for parcel in parcels if not parcel.track]
    told = dict(zip((one.number for one in unknown), await _told(unknown, ask, "carrier"), strict=True))
    return [_carrier(parcel, told.get(parcel.number, Outcome())) for parcel in parcels]


@resolves(schema.Shipment, "order", needs=("order_number",), source=(OracleOM.shipments,), passes_on=OF_CUSTOMER)
async def order(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[Sale]]:
    told = await _told(parcels, ask, "order_number")
    return [Outcome(Sale(one.value.order_number) if one.value else None, one.error) for one in told]


async def named(text: str, ask: Ask, columns: frozenset[str]) -> list[Outcome[Parcel]]:
    """One parcel by what the caller calls it. Where it is there under a relation only, that is asked about the number
    itself: see `Ask.judged`."""
    number = tracking_number(text)
    if number is None:
        return [Outcome()]
    return [Outcome(Parcel(number)) if "Shipment" in ask.judged else await found(number, ask, columns)]


async def found(number: str, ask: Ask, columns: frozenset[str]) -> Outcome[Parcel]:
    """A parcel exists when its carrier knows it or the order system does. Who is asked for something anyway is asked
    whether it exists; the others also when these do not know. So whether it is there, and why that cannot be said, does
    not depend on what is asked of it."""
    by_order = not columns.isdisjoint(SHIPPED)
    by_carrier = not by_order or not columns.isdisjoint(TRACKED)
    shipped, tracked = await asyncio.gather(
        _shipped(number, ask, columns) if by_order else _nothing(),
        _tracks([Parcel(number)], ask, columns) if by_carrier else _nothing(),
    )
    if not by_order and not tracked[0].value:
        shipped = await _shipped(number, ask, columns)
    if not by_carrier and not shipped[0].value:
        tracked = await _tracks([Parcel(number)], ask, columns)
    if not shipped[0].value and not tracked[0].value:
        return Outcome(error=tracked[0].error or shipped[0].error)
    return Outcome(Parcel(number, shipped[0].value, tracked[0].value))


async def bought_by(
    parcels: Sequence[Parcel], ask: Ask, customers: frozenset[str] | None = None
) -> list[Outcome[Person]]:
    """Who bought what is in each; as far as it was one of these customers, when some are given."""
    mine = parties_of(ask, customers) if customers is not None else None
    if mine == ():
        return [Outcome()] * len(parcels)
    told = await _told(parcels, ask, "party_number", **({"parties": mine} if mine else {}))
    people = known(ask, PARTY, {one.value.party_number for one in told if one.value and one.value.party_number})
    return [Outcome(people.get(one.value.party_number or "") if one.value else None, one.error) for one in told]


async def carried_by(parcels: Sequence[Parcel], ask: Ask, names: frozenset[str]) -> list[Outcome[str]]:
    """Who carries each, as far as it is one of these, as the order system spells them."""
    if not names:
        return [Outcome()] * len(parcels)
    told = await _told(parcels, ask, "carrier", carriers=tuple(sorted(names)))
    return [Outcome(one.value.carrier if one.value else None, one.error) for one in told]


def parties_of(ask: Ask, customers: frozenset[str]) -> tuple[str, ...]:
    """The buying parties that these customers are."""
    people = by_ids(ask, sorted(customers))
    return tuple(dict.fromkeys(key for person in people if person for key in person.keys.get(PARTY, ())))


async def tracks_of(parcels: Sequence[Parcel], ask: Ask, columns: frozenset[str]) -> list[Outcome[Track]]:
    """What the carriers say of each; nothing of one that they do not know, or that is no carrier's of ours."""
    return await _tracks(parcels, ask, columns)


async def _nothing() -> Sequence[Outcome[Any]]:
    return [Outcome()]


async def _shipped(number: str, ask: Ask, columns: frozenset[str]) -> Sequence[Outcome[Shipment]]:
    return await ask.load(OracleOM.shipments, [number], columns | ROUTE)


async def _tracks(parcels: Sequence[Parcel], ask: Ask, columns: frozenset[str]) -> list[Outcome[Track]]:
    """What the carriers say. Of one whose number fits several, the one that knows it says."""
    asked: dict[str, list[str]] = {name: [] for name in TRACKS}
    for parcel in parcels:
        for name in carriers_of(parcel.number, _name(parcel)):
            asked[name].append(parcel.number)
    wanted = [name for name, numbers in asked.items() if numbers]
    answers = await asyncio.gather(*(ask.load(TRACKS[name], asked[name], columns) for name in wanted))
    told: dict[str, list[Outcome[Track]]] = {parcel.number: [] for parcel in parcels}
    for name, found in zip(wanted, answers, strict=True):
        for number, outcome in zip(asked[name], found, strict=True):
            told[number].append(outcome)
    now = ask.context.now()
    return [_dated(_best(told[parcel.number]), now) for parcel in parcels]


def _best(told: Sequence[Outcome[Track]]) -> Outcome[Track]:
    known = next((one for one in told if one.value), None)
    return known or next((one for one in told if one.error), Outcome())


def _dated(told: Outcome[Track], now: datetime) -> Outcome[Track]:
    if told.value is None:
        return told
    return msgspec.structs.replace(told, value=msgspec.structs.replace(told.value, late=late(told.value, now)))


def late(track: Track, now: datetime) -> bool | None:
    """See `Shipment.late`. A day is over everywhere twelve hours after it is in Greenwich."""
    promised = track.promised_on
    if promised is None or track.status in (ShipmentStatus.RETURNED, ShipmentStatus.CANCELED):
        return None
    if track.delivered_at is not None:
        return track.delivered_at.date() > promised
    if track.status in SETTLED:
        return None
    expected = track.estimated_on is not None and track.estimated_on > promised
    return expected or (now - LAST_ZONE).date() > promised


async def _told(parcels: Sequence[Parcel], ask: Ask, column: str, **limits: tuple[str, ...]) -> list[Outcome[Shipment]]:
    """What the order system says of each: carried, or asked for those that do not carry it."""
    unknown = list(dict.fromkeys(parcel.number for parcel in parcels if not parcel.shipped))
    answers = await ask.load(OracleOM.shipments, unknown, frozenset({column}), **limits)
    found = dict(zip(unknown, answers, strict=True))
    return [Outcome(parcel.shipped) if parcel.shipped else found[parcel.number] for parcel in parcels]


def _name(parcel: Parcel) -> str | None:
    return parcel.shipped.carrier if parcel.shipped else None


def _carrier(parcel: Parcel, told: Outcome[Shipment]) -> Outcome[str]:
    name = told.value.carrier if told.value else _name(parcel)
    if name:
        return Outcome(TITLES.get(NAMES.get(name.strip().casefold(), ""), name))
    if parcel.track:
        return Outcome(parcel.track.carrier)
    (looks, *_) = (*shaped(parcel.number), None)
    return Outcome(TITLES[looks]) if looks else Outcome(error=told.error)
