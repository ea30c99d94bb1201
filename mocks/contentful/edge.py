"""What stands before the space: the CDN with its cache headers, and the limit for what the cache does not answer.

An answer that was given before, for the same address and token, counts as a cache hit, and hits are not limited. The
limit is a number of requests in each second of the clock; `X-Contentful-RateLimit-Reset` says how many seconds are to
be waited. Header names beyond the recordings are those of the reference. A 429 has the management API's media type, as
recorded.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mocks.contentful.errors import LARGEST, Refusal, too_big, too_fast

MEDIA = "application/vnd.contentful.delivery.v1+json"
MANAGEMENT = "application/vnd.contentful.management.v1+json"
REMEMBERED = 1_024


class Edge:
    """The cache's memory and the count of this second. `per_second`: None for no limit."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._second = 0
        self._count = 0
        self._answered: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def admit(self, request: Request) -> dict[str, str]:
        """The headers that say how the answer came about. Raises a refusal when there were too many."""
        key = (str(request.url), request.headers.get("authorization", ""))
        since, hits = self._answered.pop(key, (time.monotonic(), 0))
        limits = {} if hits else self._counted()
        self._answered[key] = (since, hits + 1)
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        age = str(int(time.monotonic() - since))
        return {"x-cache": "HIT" if hits else "MISS", "x-cache-hits": str(hits), "age": age, **limits}

    def _counted(self) -> dict[str, str]:
        if self._per_second is None:
            return {}
        second = int(time.monotonic())
        self._count = self._count + 1 if second == self._second else 1
        self._second = second
        left = self._per_second - self._count
        if left < 0:
            raise too_fast()
        limit = {"x-contentful-ratelimit-second-limit": str(self._per_second)}
        return {**limit, "x-contentful-ratelimit-second-remaining": str(left)}


def answer(request: Request, body: dict[str, Any], headers: dict[str, str]) -> Response:
    """A 200, or a 304 when the reader has it already. Raises a refusal when it is larger than the hub delivers."""
    content = _json(body)
    if len(content) > LARGEST:
        raise too_big()
    tag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    headers = {**_usual(secrets.token_hex(16)), **headers, "etag": tag, "cache-control": "max-age=0"}
    if tag in known or "*" in known:
        return Response(None, 304, headers)
    return Response(content, 200, headers, MEDIA)


def refusal(error: Refusal) -> Response:
    request_id = secrets.token_hex(16)
    headers = _usual(request_id)
    if error.status == 429:
        headers["x-contentful-ratelimit-reset"] = "1"
    media = MANAGEMENT if error.status == 429 else MEDIA
    return Response(_json(error.body(request_id)), error.status, headers, media)


def _usual(request_id: str) -> dict[str, str]:
    return {
        "server": "Contentful",
        "contentful-api": "cda_cached",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Etag",
        "x-content-type-options": "nosniff",
        "x-contentful-region": "us-east-1",
        "x-contentful-request-id": request_id,
        "vary": "Accept-Encoding",
    }


def _json(body: dict[str, Any]) -> bytes:
    """Indented by two, with a newline at its end, as recorded."""
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
