"""Parameters and bodies, read as HubSpot reads them: a number out of range is refused, a strange parameter ignored."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request

from mocks.hubspot.errors import invalid

LARGEST_BODY = 3_000_000


async def body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise invalid("The request body is too large")
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(f"Invalid input JSON on line 1, column {max(len(raw), 1)}: {error}") from error
    if not isinstance(told, dict):
        raise invalid("Invalid input JSON on line 1, column 1: an object is expected")
    return told


def ids(told: dict[str, Any], most: int, of: str = "id") -> list[str]:
    """The ids of a batch, each once. `of` "": the inputs are bare texts."""
    inputs = told.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise invalid("Some required fields were not set: [inputs]")
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}, found {len(inputs)}")
    found = [one.get(of) if of and isinstance(one, dict) else one for one in inputs]
    texts = [one for one in found if isinstance(one, str)]
    if len(texts) < len(found):
        raise invalid("Some required fields were not set: [inputs.id]")
    return list(dict.fromkeys(texts))


def names(request: Request, parameter: str = "properties") -> list[str]:
    """A parameter that may be repeated, and holds names parted by commas."""
    given = request.query_params.getlist(parameter)
    return [name.strip() for one in given for name in one.split(",") if name.strip()]


def limit(request: Request, usual: int, most: int) -> int:
    text = request.query_params.get("limit", str(usual))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise invalid(f"Invalid limit {text[:20]!r}: it is 1 to {most}")
    return int(text)


def after(token: str | None) -> int:
    """Where a page begins, from the token of the page before."""
    if not token:
        return 0
    try:
        text = base64.b64decode(token, validate=True).decode()
    except ValueError:
        text = ""
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise invalid("The `after` parameter is not a token of this list")
    return int(text)


def token(position: int) -> str:
    return base64.b64encode(str(position).encode()).decode()


def moment(request: Request, parameter: str) -> datetime | None:
    text = request.query_params.get(parameter)
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:
        raise invalid(f"{parameter}: {text[:40]!r} is not an ISO 8601 date-time") from None


def read(text: str) -> datetime:
    """ISO 8601; UTC when it has no offset. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def milliseconds(request: Request, parameter: str) -> datetime | None:
    text = request.query_params.get(parameter)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 15):
        raise invalid(f"{parameter}: {text[:20]!r} is not a number of milliseconds")
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def page(rows: Sequence[Any], start: int, length: int, link: str) -> dict[str, Any]:
    """`results`, and `paging` when there is more."""
    shown = {"results": list(rows[start : start + length])}
    if start + length < len(rows):
        following = token(start + length)
        shown["paging"] = {"next": {"after": following, "link": f"{link}?after={following}"}}  # type: ignore[assignment]
    return shown


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(at: datetime) -> int:
    return int(at.timestamp() * 1000)
