"""Values and their kinds: how each is stored here, written on the wire, read from it, and compared.

    kind       stored       on the wire                                   in a qualification
    text       str          string                                        "text", whatever its case
    integer    int          number                                        number
    moment     datetime     "2022-06-21T11:08:05.000+0000"                "06/21/2022 11:08:05" or epoch seconds
    selection  str (label)  the label; writing, its number will do        "label" or number; in the list's own order

Nothing is None, and null on the wire. Wall-clock dates are UTC here, which is this server's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from mocks.remedy.errors import bad_value
from mocks.remedy.qualification import Number, Text

T = TypeVar("T")
Value = str | int | datetime | None
Kind = Literal["text", "integer", "moment", "selection"]
MOMENT = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2}):([0-9]{2}))?")
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})")
HALF = re.compile(r"[\ud800-\udfff]")  # half a character, which no database holds
LONGEST = 100_000
LATEST = 253_402_300_800  # the year 10000, in epoch seconds


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One field of a form, and how its value is read from a row.

    codes:  the labels of a selection with their numbers, in their order
    name:   the attribute that a write changes; "" for what cannot be written
    live:   changes with time alone
    """

    kind: Kind
    read: Callable[[T], Value]
    codes: Mapping[str, int] = field(default_factory=dict)
    attribute: str = ""
    live: bool = False


def wire(value: Value) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return value


def comparable(known: Field[Any], value: Value) -> Any:
    """What rows are compared and sorted by; None for nothing."""
    if value is None or known.kind in ("integer", "moment"):
        return value
    return known.codes[str(value)] if known.kind == "selection" else str(value).lower()


def literal(name: str, known: Field[Any], given: Text | Number) -> Any:
    """A literal of a qualification, to be compared with a field's values. None for the empty text."""
    if given == Text(""):
        return None
    match known.kind, given:
        case "integer", Number(value):
            return value
        case "integer", Text(text) if re.fullmatch(r"-?[0-9]{1,18}", text):
            return Decimal(text)
        case "moment", Number(value) if 0 <= value < LATEST:
            return datetime.fromtimestamp(int(value), UTC)
        case "moment", Text(text):
            return _wall_clock(name, text)
        case "selection", Number(value):
            return value
        case "selection", Text(text) if text in known.codes:
            return known.codes[text]
        case "text", Number(value):
            return str(value)
        case "text", Text(text):
            return text.lower()
    raise bad_value(name, given)


def taken(name: str, known: Field[Any], given: Any) -> Value:
    """A value from the body of a write, as it is stored. Raises `ARError`."""
    match known.kind, given:
        case _, None | "":
            return None
        case "text", str() if len(given) <= LONGEST and not HALF.search(given):
            return str(given)
        case "integer", int() if not isinstance(given, bool):
            return int(given)
        case "moment", str() if ISO.fullmatch(given):
            return _iso(name, given)
        case "selection", str() if given in known.codes:
            return str(given)
        case "selection", int() if not isinstance(given, bool) and given in known.codes.values():
            return next(label for label, code in known.codes.items() if code == given)
    raise bad_value(name, given)


def _iso(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise bad_value(name, text) from error


def _wall_clock(name: str, text: str) -> datetime:
    found = MOMENT.fullmatch(text)
    if found is None:
        raise bad_value(name, text)
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise bad_value(name, text) from error
