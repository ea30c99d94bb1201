"""What is written down: records, and what they refer to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

ACCESS, DENIED, BEGIN, ALERT = "access", "denied", "begin", "alert"
DOCUMENT, POLICY, PARTNER = "document", "policy", "partner"

encoded = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Referred:
    """What records refer to instead of repeating it: written once in each segment, before the first that does."""

    kind: str
    ref: str
    body: bytes


class Entry(msgspec.Struct, frozen=True):
    """A record, all but its place in a chain.

    at:        epoch milliseconds
    body:      its members, as JSON without the braces
    subjects:  ids of those it is about
    referred:  what it refers to
    reader:    in which role, and who is counted as having read of them; None: nobody
    caller:    id of the customer who asks, if it is one
    """

    kind: str
    at: int
    body: bytes
    subjects: tuple[str, ...] = ()
    referred: tuple[Referred, ...] = ()
    reader: tuple[str, str] | None = None
    ref: str = ""
    caller: str | None = None


def members(told: dict[str, Any]) -> bytes:
    """An object without its braces."""
    return encoded(told)[1:-1]


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(moment: str) -> int:
    """A moment as a record has it. Raises ValueError."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def now() -> int:
    return time.time_ns() // 1_000_000
