"""How this account writes dates: `M/D/YYYY`, without leading zeros; and Oracle's own format models."""

from __future__ import annotations

import re
from datetime import datetime

from mocks.netsuite.errors import bad_search

ACCOUNT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2}))?", re.ASCII)
ZONE = "America/Los_Angeles"
MODEL = re.compile(r'"([^"]*)"|(YYYY|MM|DD|HH24|MI|SS)|([-/:. T]+)')
PARTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}


def to_account(stored: str | None) -> str | None:
    """`2023-02-06` → `2/6/2023`; the time of day is left out, as SuiteQL does."""
    if not stored:
        return None
    year, month, day = stored[:10].split("-")
    return f"{int(month)}/{int(day)}/{year}"


def from_account(text: str) -> str:
    """`2/6/2023` → `2023-02-06`. Raises Problem."""
    found = ACCOUNT.fullmatch(text)
    try:
        if found:
            month, day, year, hour, minute = (int(part or 0) for part in found.groups())
            return kept(datetime(year, month, day, hour, minute))
    except ValueError:
        pass
    raise bad_search(f'Parse of date/time "{text[:40]}" failed with date format "M/d/yy" in time zone {ZONE}')


def to_char(stored: str | float | None, model: str = "") -> str | None:
    """A date by one of Oracle's models; a number as it is."""
    if stored is None:
        return None
    if not isinstance(stored, str):
        return plain(stored)
    at = moment(stored)
    return at.strftime(_directives(model)) if model else to_account(stored)


def to_date(text: str | None, model: str = "YYYY-MM-DD") -> str | None:
    return None if text is None else kept(datetime.strptime(text, _directives(model)))


def kept(at: datetime) -> str:
    """As the database keeps it: midnight is the day itself."""
    return at.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def plain(number: float) -> str:
    """`230.5`, `99`: no zeros that say nothing, no exponent."""
    text = f"{number:.6f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)
    return "0" if text in ("-0", "") else text


def _directives(model: str) -> str:
    return MODEL.sub(lambda found: found[1] or PARTS.get(found[2] or "") or found[3] or "", model)
