"""OData v2 literals: what may stand for a value in a filter, a key or a function's parameter.

    'O''Hara'  5  5M  2.5d  true  null  datetime'2024-03-04T00:00:00'  datetimeoffset'…Z'  time'PT1H'  guid'…'

Each literal has a *family*; only members of one family can be compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from mocks.sap.errors import ODataError

Value = str | Decimal | bool | datetime | None

LITERAL = re.compile(
    r"""(?P<text>'(?:[^']|'')*')
      | (?P<quoted>(?P<kind>datetimeoffset|datetime|time|guid|binary|X)'(?P<inner>[^']*)')
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?)(?P<suffix>[mMlLdDfF]?)(?![\w.'])
      | (?P<word>true|false|null)(?![\w/'(])""",
    re.VERBOSE,
)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?")
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PERIOD = re.compile(r"P(\d+D)?T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?")

FAMILIES = {
    "Edm.String": "text",
    "Edm.Decimal": "number",
    "Edm.Int32": "number",
    "Edm.Int64": "number",
    "Edm.Boolean": "boolean",
    "Edm.DateTime": "datetime",
    "Edm.DateTimeOffset": "datetimeoffset",
    "Edm.Guid": "guid",
    "Edm.Time": "time",
}


@dataclass(frozen=True, slots=True)
class Literal:
    family: str
    value: Value


def at(text: str, position: int) -> tuple[Literal, int] | None:
    """The literal that starts here and where it ends; None when something else stands here."""
    found = LITERAL.match(text, position)
    return None if found is None else (_literal(found), found.end())


def whole(text: str) -> Literal:
    """A text that must be one literal, nothing around it."""
    found = at(text, 0)
    if found is None or found[1] != len(text):
        raise ODataError(400, "/IWBEP/CM_MGW_RT/021", f"Invalid key or parameter value '{text}'.")
    return found[0]


def _literal(found: re.Match[str]) -> Literal:
    if (text := found["text"]) is not None:
        return Literal("text", text[1:-1].replace("''", "'"))
    if (number := found["number"]) is not None:
        return Literal("number", Decimal(number))
    if (word := found["word"]) is not None:
        return Literal("null", None) if word == "null" else Literal("boolean", word == "true")
    return _quoted(found["kind"], found["inner"])


def _quoted(kind: str, inner: str) -> Literal:
    if kind in ("datetime", "datetimeoffset"):
        return Literal(kind, _moment(kind, inner))
    if kind == "guid" and GUID.fullmatch(inner):
        return Literal("guid", inner.lower())
    if kind == "time" and PERIOD.fullmatch(inner):
        return Literal("time", inner)
    if kind in ("binary", "X") and re.fullmatch(r"([0-9a-fA-F]{2})*", inner):
        return Literal("binary", inner.lower())
    raise _invalid(kind, inner)


def _moment(kind: str, inner: str) -> datetime:
    zone = re.search(r"(Z|[+-]\d{2}:\d{2})$", inner) if kind == "datetimeoffset" else None
    bare = inner[: zone.start()] if zone else inner
    if not MOMENT.fullmatch(bare) or (zone is None) != (kind == "datetime"):
        raise _invalid(kind, inner)
    try:
        moment = datetime.fromisoformat(_microseconds(bare) + (zone[0] if zone else "Z"))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(kind, inner) from error


def _microseconds(bare: str) -> str:
    head, dot, fraction = bare.partition(".")
    return head + dot + fraction[:6].ljust(6, "0") if dot else head


def _invalid(kind: str, inner: str) -> ODataError:
    return ODataError(400, "/IWBEP/CM_MGW_RT/021", f"Invalid {kind} literal '{inner}'.")
