"""How a request gets to the hub, and what each answer means.

    200, 201, 202   taken; with `errors` in it all the same: Refused
    401             the token is over: a new one, once; then Refused
    404             of one record: not there
    429             Throttled; the hub does not say for how long
    5xx             Unavailable
    other 4xx, 3xx  Refused
    anything else   Garbled

A problem's text may quote what was asked for: only its status goes into ours.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from typing import TypeVar
from urllib.parse import quote_plus, urlencode

import msgspec

from resolvers.backends.base import (
    BackendError,
    Connection,
    Flow,
    Garbled,
    Login,
    Pass,
    Reply,
    Request,
    Wire,
)
from resolvers.backends.base.bearer import failed, retry_after

R = TypeVar("R")
TOKEN = re.compile(r"[\x21-\x7e]+")
JSON_TYPE = ("content-type", "application/json")
ACCEPT = ("accept", "application/json, application/problem+json")


class Token(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


class Line:
    """One hub, as one of its clients."""

    def __init__(self, system: str, connection: Connection) -> None:
        self.system = system
        self._login = Login(lambda: _granted(system, connection))

    async def get(self, wire: Wire, target: str, shape: type[R]) -> R | None:
        """None: there is no such record."""
        reply = await self._sent(wire, "GET", target)
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise failure(self.system, reply)
        return wire.decode(reply.body, shape)

    async def post(self, wire: Wire, target: str, body: bytes, shape: type[R]) -> R:
        reply = await self._sent(wire, "POST", target, body)
        if reply.status not in (200, 201, 202):
            raise failure(self.system, reply)
        return wire.decode(reply.body, shape)

    async def _sent(self, wire: Wire, method: str, target: str, body: bytes = b"") -> Reply:
        """A token that is no longer taken has stopped the request at the door: with a new one it may be sent again."""
        held = await self._login.current(wire)
        reply = await wire.send(_request(method, target, held, body))
        if reply.status != 401:
            return reply
        self._login.refused(held)
        return await wire.send(_request(method, target, await self._login.current(wire), body))


def failure(system: str, reply: Reply) -> BackendError:
    return failed(system, reply, f"status {reply.status}", retry_after(reply))


def _request(method: str, target: str, held: Pass, body: bytes) -> Request:
    return Request(method, target, (*held.headers, ACCEPT, *((JSON_TYPE,) if body else ())), body)


def _granted(system: str, connection: Connection) -> Flow[Pass]:
    """OAuth 2 client credentials (RFC 6749 §4.4)."""
    credentials = f"{quote_plus(connection.username)}:{quote_plus(connection.password)}"
    headers = (
        ("authorization", f"Basic {b64encode(credentials.encode()).decode()}"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
    )
    path = connection.options.get("token_path") or "/oauth/token"
    form = urlencode({"grant_type": "client_credentials"}).encode()
    sent_at = time.monotonic()
    reply = yield Request("POST", path, headers, form)
    if reply.status != 200:
        raise failure(system, reply)
    try:
        token = msgspec.json.decode(reply.body, type=Token)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(system, f"token reply: {type(error).__name__}") from error
    if not TOKEN.fullmatch(token.access_token):
        raise Garbled(system, "the token cannot be put into a header")
    until = None if token.expires_in is None else sent_at + token.expires_in
    return Pass((("authorization", f"Bearer {token.access_token}"),), until)
