"""Siebel's replies to a read, and what each means.

    200                      rows, in one of three shapes; {"ERROR": …} even so: Refused
    204, 404 without a code  there are none
    404 with an SBL code     Refused: such an object is not there, or not shown to us
    401, 403, other 4xx      Refused
    429                      Throttled
    500 with a code that blames the request   Refused
    5xx                      Unavailable
    anything else, or not Siebel's JSON       Garbled

Only the code goes into the error's text: the rest may quote what was searched for.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

import msgspec
from msgspec.json import Decoder

from resolvers.backends.base import BackendError, Garbled, Refused, Reply, Throttled, Unavailable, Wire
from resolvers.backends.siebel.records import Row

W = TypeVar("W", bound=Row)

CODE = re.compile(rb"SBL-[A-Z]{3}-[0-9]{5}")
SECONDS = re.compile(r"[0-9]{1,6}")
COUNT = re.compile(r"[0-9]{1,15}")
OURS_TO_MEND = frozenset(
    {
        "SBL-DAT-00225",  # not in the picklist
        "SBL-DAT-00359",  # not a date
        "SBL-DAT-00416",  # the searchspec
        "SBL-DAT-00825",  # no access to the view mode
        "SBL-EAI-04378",  # no such row
        "SBL-EAI-04383",  # already exists
        "SBL-EAI-04397",  # no user key
        "SBL-EAI-04401",  # not in the picklist
        "SBL-EAI-50257",  # no such object
        "SBL-EAI-50258",  # no such field
        "SBL-EAI-50297",  # object not exposed
    }
)


class Page(msgspec.Struct, Generic[W]):
    """A reply with rows. Without `items` it is a bare record, or a refusal that came with 200."""

    items: list[W] | W | msgspec.UnsetType = msgspec.UNSET
    refusal: str = msgspec.field(name="ERROR", default="")


class Refusal(msgspec.Struct):
    text: str = msgspec.field(name="ERROR")


def rows(wire: Wire, reply: Reply, row: type[W], page: Decoder[Page[W]]) -> list[W]:
    """The rows of a reply to a query of a collection, or one of the errors above."""
    match reply.status:
        case 200:
            return _decoded(wire, reply.body, row, page)
        case 204:
            return []
        case 404 if not _code(wire.decode(reply.body, Refusal).text.encode()):
            return []
    raise failure(wire.system, reply)


def total(reply: Reply, found: int) -> int | None:
    """How many rows there are in all. Where there are none Siebel just says so; None for what is no count of them."""
    if not found:
        return 0
    count = reply.headers.get("total-record-count", "").strip()
    return int(count) if COUNT.fullmatch(count) and int(count) >= found else None


def failure(system: str, reply: Reply) -> BackendError:
    code = _code(reply.body)
    why = f"{reply.status} {code}".strip()
    match reply.status:
        case 429:
            return Throttled(system, why, _retry_after(reply))
        case status if status >= 500 and code not in OURS_TO_MEND:
            return Unavailable(system, why, _retry_after(reply))
        case status if status >= 400:
            return Refused(system, why)
    return Garbled(system, f"{why} is no answer to a question")


def _decoded(wire: Wire, body: bytes, row: type[W], page: Decoder[Page[W]]) -> list[W]:
    found = wire.decode(body, page)
    if found.refusal:
        raise Refused(wire.system, f"200 {_code(body)}".strip())
    match found.items:
        case msgspec.UNSET:
            return [wire.decode(body, row)]
        case list(several):
            return several
        case one:
            return [one]


def _code(body: bytes) -> str:
    found = CODE.search(body)
    return found[0].decode() if found else ""


def _retry_after(reply: Reply) -> float | None:
    """Seconds. A moment instead is Siebel's web tier speaking; it is compared with its own clock, in `Date`."""
    value = reply.headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(value):
        return float(value)
    try:
        until, now = (parsedate_to_datetime(text) for text in (value, reply.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None
