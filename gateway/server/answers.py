"""From what came of a request to the HTTP answer: statuses as in CONTRACTS §2, the headers that are always there, and
the last net under everything: an unexpected exception becomes a reference for the caller and a traceback in the log.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import traceback
from collections.abc import Awaitable, Iterator
from typing import Any

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import CallerError, Code, HttpProblem, InternalError, Refusal
from gateway.server.heads import Named
from gateway.server.media import GRAPHQL, JSON, acceptable

LOG = logging.getLogger("gateway.server")
REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
TOKEN = re.compile(r"((?i:bearer)\s+)\S+|\b(?:eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}|c360_[A-Za-z0-9_-]{16,})")
SLICE = 256 * 1024
VARIES = "Accept, Authorization, X-Include, X-On-Withheld, X-Purpose"
AT_ONCE = 200
"""Random names that are asked of the system at a time."""


class Stamp:
    """The outermost layer: names the request, and sets the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = request_id = given_id(Headers(scope=scope)) or secrets.token_hex(12)
        await self._app(scope, receive, stamped(send, request_id))


class Net:
    """The innermost layer: catches what nobody else did. For what stands around it, CORS, its answer is one of many."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await internal(error, scope["request_id"])(scope, receive, send)


class Sliced(Response):
    """A long body goes out a piece at a time, each when the one before it is on its way: nobody else waits for it, and
    who takes it slowly costs little memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await sliced(bytes(self.body), send)


async def sliced(body: bytes, send: Send) -> None:
    if len(body) <= SLICE:
        await send({"type": "http.response.body", "body": body})
        return
    for start in range(0, len(body), SLICE):
        more = start + SLICE < len(body)
        await send({"type": "http.response.body", "body": body[start : start + SLICE], "more_body": more})
        await asyncio.sleep(0)


async def answered(media: str, answer: Awaitable[bytes]) -> Response:
    status, body = await outcome(media, answer)
    return _json(body, status, media)


async def outcome(media: str, answer: Awaitable[bytes]) -> tuple[int, bytes]:
    """An executed request is 200 whatever it found; a refused one 200 or 400, as the media type has it."""
    try:
        return 200, await answer
    except Refusal as refusal:
        return _refused(media), msgspec.json.encode({"errors": refusal.errors})
    except CallerError as error:
        return _refused(media), msgspec.json.encode({"errors": [error.as_json()]})


async def problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpProblem)  # noqa: S101 - Starlette hands over what it was registered for
    return _json(body_of(error), error.status, _readable(request), error.headers)


def body_of(error: HttpProblem) -> dict[str, Any]:
    told: dict[str, Any] = {"message": error.message}
    if error.code:
        told["extensions"] = {"code": error.code}
    return {"errors": [told]}


async def gone(request: Request, error: Exception) -> Response:
    """The caller hung up while sending: nobody reads this."""
    return Response(status_code=400)


async def refuse_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such path, or no such method on it."""
    headers = dict(getattr(error, "headers", None) or {})
    status = int(getattr(error, "status_code", 500))
    if status == 405:
        headers["Allow"] = ", ".join(sorted(headers.get("Allow", "").split(", ")))
    told = {404: "Nothing here: questions go to /graphql.", 405: f"Use {headers.get('Allow', '')} here."}
    code = Code.NOT_FOUND if status == 404 else Code.BAD_REQUEST
    return await problem(request, HttpProblem(status, told.get(status, "Not possible."), headers, code))


def internal(error: BaseException, request_id: str) -> Response:
    """500 with a reference and nothing else. The log line has the reference, the request and the traceback."""
    reference = error.reference if isinstance(error, InternalError) else secrets.token_hex(6)
    trace = TOKEN.sub(r"\1[token]", "".join(traceback.format_exception(error)))
    LOG.error("internal error %s in request %s\n%s", reference, request_id, trace)
    told = {
        "message": f"Internal error. Reference {reference}",
        "extensions": {"code": Code.INTERNAL, "reference": reference},
    }
    return _json({"errors": [told]}, 500, JSON)


def _refused(media: str) -> int:
    return 400 if media == GRAPHQL else 200


def _readable(request: Request) -> str:
    """The media type for an error answer, when negotiation itself may have failed."""
    try:
        return acceptable(request.headers.getlist("accept"))
    except HttpProblem:
        return JSON


def _json(body: Any, status: int, media: str, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Sliced(content, status, headers, media_type=f"{media}; charset=utf-8")


def given_id(headers: Named) -> str | None:
    """What the caller calls this request, if it is one name and a sane one."""
    given = headers.getlist("x-request-id")
    return given[0] if len(given) == 1 and REQUEST_ID.fullmatch(given[0]) else None


def names() -> Iterator[str]:
    """Random ones, without end."""
    while True:
        some = secrets.token_hex(12 * AT_ONCE)
        yield from (some[start : start + 24] for start in range(0, len(some), 24))


def stamped(send: Send, request_id: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            stamp(MutableHeaders(scope=message), request_id)
        await send(message)

    return sending


def stamp(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    if "Cache-Control" not in headers:  # a page's file, which is the same for everybody, says itself who may keep it
        headers["Cache-Control"] = "no-store"
        headers.add_vary_header(VARIES)
