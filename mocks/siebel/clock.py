"""Moments as this Siebel writes them: `MM/DD/YYYY HH:MM:SS` on the wall clock of its server, offset unsaid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from mocks.siebel.refusal import bad_date

MOMENT = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Clock:
    zone: tzinfo = UTC

    @classmethod
    def named(cls, zone: str) -> Clock:
        return cls(UTC if zone == "UTC" else ZoneInfo(zone))

    def moment(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%m/%d/%Y %H:%M:%S")


def day(on: date | None) -> str:
    return on.strftime("%m/%d/%Y") if on else ""


def parsed(text: str) -> datetime:
    """A date or a moment, without its zone, for comparison; anything else is refused, an ISO date too."""
    found = MOMENT.fullmatch(text)
    if not found:
        raise bad_date(text)
    month, on, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, on, hour, minute, second)
    except ValueError as error:
        raise bad_date(text) from error
