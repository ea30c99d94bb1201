"""Showing a part of a value: same GraphQL type, listed as `MASKED`, and the same mask for every row.

A mask says nothing that ties rows together beyond what it shows: no length, no hash, no order within a band.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Mask = Callable[[Any], Any]
BANDS = (0, 10, 100, 1_000, 10_000, 100_000, 1_000_000)


def initial(value: str) -> str:
    """`Claire Gute` → `C.`"""
    return f"{value[:1]}." if value else value


def last_four(value: str) -> str:
    """`+49 30 1234567` → `••• 4567`; of what has hardly more than four characters, nothing."""
    return f"••• {value[-4:]}" if len(value) > 7 else "•••"


def domain(value: str) -> str:
    """`claire@example.test` → `•••@example.test`"""
    _, at, host = value.rpartition("@")
    return f"•••{at}{host}" if at else "•••"


def year(value: date) -> date:
    """`2016-11-08T12:00:00+00:00` → `2016-01-01T00:00:00+00:00`"""
    if isinstance(value, datetime):
        return value.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return value.replace(month=1, day=1)


def amount_band(value: Decimal) -> Decimal:
    """`993.90` → `100`: the lower end of a band; below nothing, the upper end, so that the sign stays."""
    size = max((band for band in BANDS if band <= abs(value)), default=0)
    return Decimal(-size if value < 0 else size)


FITS: Mapping[str, frozenset[str]] = {
    "initial": frozenset({"String"}),
    "last_four": frozenset({"String"}),
    "domain": frozenset({"String"}),
    "year": frozenset({"DateTime", "Date"}),
    "amount_band": frozenset({"Decimal"}),
}
"""Scalars that a mask can show a part of. A value of any other type is withheld instead."""

WITHIN = frozenset({"amount_band"})
"""Masks for the one number of an object, such as the amount of money beside its currency: the rest of it is shown."""

MASKS: Mapping[str, Mask] = {
    "initial": initial,
    "last_four": last_four,
    "domain": domain,
    "year": year,
    "amount_band": amount_band,
}
"""By the name `roles.toml` uses."""
