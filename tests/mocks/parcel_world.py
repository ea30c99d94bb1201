"""An invented company whose clock stands still, and its parcels, for the tests of carriers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from mocks.world import World, open_world
from mocks.world.parcels import Parcel, Parcels

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def world() -> World:
    return open_world(customers=400, now=NOW)


@cache
def parcels() -> Parcels:
    return Parcels(world())


def every(of: World | None = None) -> Iterator[Parcel]:
    """Every parcel of a world; of this one, when none is given, made up once."""
    yield from ours() if of is None or of is world() else all_of(of, Parcels(of))


@cache
def ours() -> tuple[Parcel, ...]:
    return tuple(all_of(world(), parcels()))


def all_of(of: World, packed: Parcels) -> Iterator[Parcel]:
    for index in of.customers():
        for order in of.orders_of(index):
            yield from packed.of_order(order)


@cache
def known(carrier: str, days: int) -> tuple[Parcel, ...]:
    """Parcels that their carrier still remembers."""
    return tuple(
        one for one in every() if one.carrier == carrier and one.scans and NOW - one.scans[-1].at < timedelta(days=days)
    )


def ending(carrier: str, kind: str) -> Parcel:
    """One whose latest scan is of a kind."""
    return next(one for one in known(carrier, 90) if one.scans[-1].kind == kind)
