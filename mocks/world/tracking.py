"""Tracking numbers: made of the order's key and the parcel's place in it, so that each leads back to its order.

    UPS      1Z, six of the shipper's account, two of the service, seven of the parcel, a check digit (mod 10);
             one parcel in twenty-five goes as `MI…`, a shape that tells nobody who carries it
    FedEx    12 digits (Express: weights 3, 1, 7, mod 11, mod 10) or 15 (Ground: every other digit thrice, mod 10)
    USPS     22 digits that begin with 94
    others   the first letters of the name and ten digits

The shapes and check digits are the carriers' own; the accounts are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle

from mocks.world.dice import Scramble, digest
from mocks.world.model import Order, World

MOST_PARCELS = 100
SPACE = 10_000_000_000
BASES = (300_000_100_000_000, 300_000_100_000_000_001)
STEPS = (200, 2_000_000)
"""How header ids of invented and of imported orders are spaced; see `mocks.world.sales` and `mocks.world.purchases`."""

UPS_SERVICES = {"overnight": "01", "two_day": "02", "three_day": "12", "ground": "03", "international": "65"}
NUMBERS = (
    re.compile(r"1ZC36([0-9]{3})[0-9]{2}([0-9]{7})[0-9]"),
    re.compile(r"MI361036([0-9]{10})"),
    re.compile(r"7([0-9]{10})[0-9]"),
    re.compile(r"0398([0-9]{10})[0-9]"),
    re.compile(r"9400136([0-9]{10})[0-9]{5}"),
    re.compile(r"[A-Z]{2}([0-9]{10})"),
)


class TrackingNumbers:
    """Of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scramble = Scramble(SPACE, world.seed, "parcel")

    def number(self, order: Order, place: int, carrier: str, level: str) -> str:
        """The number of an order's parcel, of which there are `MOST_PARCELS` at most."""
        key = self._scramble.key(_key(order.header_id) * MOST_PARCELS + place)
        return _spelled(carrier, level, f"{key:010}")

    def orders(self, number: str) -> Iterator[Order]:
        """The orders that a parcel of this number could be of: as a rule one, or none."""
        for pattern in NUMBERS:
            if found := pattern.fullmatch(number):
                key = self._scramble.number(int("".join(found.groups()))) // MOST_PARCELS
                headers = {base + step * key for base in BASES for step in STEPS}
                yield from filter(None, map(self._world.order_by_header, sorted(headers)))


def _key(header_id: int) -> int:
    """Below a hundred million. An order that no world of ours made has one by hash, and is not found by it."""
    base = BASES[header_id >= BASES[1]]
    offset = header_id - base
    step = STEPS[0] if offset < STEPS[0] * SPACE // MOST_PARCELS else STEPS[1]
    key, rest = divmod(offset, step)
    return (
        key if not rest and 0 <= key < SPACE // MOST_PARCELS else digest("header", header_id) % (SPACE // MOST_PARCELS)
    )


def _spelled(carrier: str, level: str, key: str) -> str:
    match carrier:
        case "UPS" if digest("mail", key) % 25 == 0:
            return f"MI361036{key}"
        case "UPS":
            return _checked_ups(f"C36{key[:3]}{UPS_SERVICES[level]}{key[3:]}")
        case "FedEx" if level == "ground":
            return _checked_ground(f"0398{key}")
        case "FedEx":
            return _checked_express(f"7{key}")
        case "USPS":
            return f"9400136{key}00000"
        case _:
            return f"{(''.join(filter(str.isalpha, carrier.upper())) + 'XX')[:2]}{key}"


def _checked_ups(serial: str) -> str:
    """Letters count as (code - 63) mod 10, every second place double."""
    values = [int(mark) if mark.isdigit() else (ord(mark) - 63) % 10 for mark in serial]
    total = sum(value * weight for value, weight in zip(values, cycle((1, 2)), strict=False))
    return f"1Z{serial}{-total % 10}"


def _checked_express(serial: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(serial, cycle((3, 1, 7)), strict=False))
    return f"{serial}{total % 11 % 10}"


def _checked_ground(serial: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(reversed(serial), cycle((3, 1)), strict=False))
    return f"{serial}{-total % 10}"
