"""What a reading request asks for: its parameters, checked. One that is not known is refused, never ignored."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from starlette.datastructures import QueryParams

from mocks.partner_hub.problem import Problem

MOST_KEYS = 50
LONGEST_PAGE = 500
DEFAULT_PAGE = 100
NUMBER = re.compile(r"[0-9]{1,7}")
ITEM_KEYS = ("gtin", "buyerPartNumber", "vendorPartNumber")
LONGEST_PERIOD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Items:
    """Which items: those with any of these values, by kind of key; all when there are none."""

    gtins: tuple[str, ...] = ()
    buyer_parts: tuple[str, ...] = ()
    vendor_parts: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return self.gtins + self.buyer_parts + self.vendor_parts


@dataclass(frozen=True, slots=True)
class Window:
    offset: int
    limit: int


def known(query: QueryParams, names: Collection[str]) -> None:
    if strange := sorted(set(query) - set(names)):
        raise Problem(400, f"Unknown parameter: {', '.join(strange)[:200]}")


def single(query: QueryParams, name: str) -> str:
    values = query.getlist(name)
    if len(values) > 1:
        raise Problem(400, f"{name} is given more than once")
    return values[0] if values else ""


def items(query: QueryParams) -> Items:
    found = Items(*(tuple(dict.fromkeys(query.getlist(name))) for name in ITEM_KEYS))
    if len(found.keys) > MOST_KEYS:
        raise Problem(400, f"At most {MOST_KEYS} items at a time, not {len(found.keys)}")
    return found


def window(query: QueryParams) -> Window:
    return Window(number(query, "offset", 0, 9_999_999), number(query, "limit", DEFAULT_PAGE, LONGEST_PAGE))


def number(query: QueryParams, name: str, default: int, most: int) -> int:
    text = single(query, name) or str(default)
    if not NUMBER.fullmatch(text) or int(text) > most or (name == "limit" and int(text) < 1):
        raise Problem(400, f"{name} is a whole number up to {most}")
    return int(text)


def period(query: QueryParams, monday: date) -> tuple[date, date]:
    """From the week the world is in, for a quarter, unless it is said."""
    begins = _day(single(query, "from")) or monday
    ends = _day(single(query, "to")) or begins + timedelta(days=90)
    if ends < begins or ends - begins > LONGEST_PERIOD:
        raise Problem(400, "from … to is a period of at most a year")
    return begins, ends


def moment(query: QueryParams, name: str) -> datetime | None:
    text = single(query, name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem(400, f"{name} is no moment in ISO 8601") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem(400, f"'{text[:40]}' is no day (YYYY-MM-DD)") from error
