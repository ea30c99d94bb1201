"""How a request gets to Siebel: with proof of who we are.

The proof is Basic, or a token of Siebel's identity provider (Siebel itself issues none).

The provider's token endpoint speaks OAuth 2 client credentials (RFC 6749 §4.4). It is reached over the same line as
Siebel, so its address is a path there.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import msgspec

from resolvers.backends.base import (
    Connection,
    Flow,
    Garbled,
    Login,
    Pass,
    Refused,
    Reply,
    Request,
    Wire,
)
from resolvers.backends.siebel.replies import failure

HEADERS = (("content-type", "application/json"), ("accept", "application/json"))
TOKEN = re.compile(r"[\x21-\x7e]+")


class Token(msgspec.Struct):
    """The provider's reply. `expires_in`: seconds; left out, it holds until it is refused."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the kind of token, not one
    expires_in: float | None = None


class Session:
    """All our requests to one Siebel."""

    def __init__(self, system: str, connection: Connection) -> None:
        self.system = system
        self._basic = basic(connection.username, connection.password)
        self._tokens = bearer(system, connection) if connection.options.get("token_url") else None

    async def get(self, wire: Wire, target: str) -> Reply:
        """One GET with the login in force; a token that is no longer taken is renewed, once."""
        if self._tokens is None:
            return await self._send(wire, target, self._basic)
        held = await self._tokens.current(wire)
        reply = await self._send(wire, target, held)
        if reply.status != 401:
            return reply
        self._tokens.refused(held)
        return await self._send(wire, target, await self._tokens.current(wire))

    async def _send(self, wire: Wire, target: str, held: Pass) -> Reply:
        return await wire.send(Request("GET", target, (*held.headers, *HEADERS)))


def basic(username: str, password: str) -> Pass:
    credentials = b64encode(f"{username}:{password}".encode()).decode()
    return Pass((("authorization", f"Basic {credentials}"),))


def bearer(system: str, connection: Connection) -> Login:
    """Raises ValueError for a token endpoint on another host than Siebel's."""
    options = connection.options
    target = options["token_url"].removeprefix(connection.base_url.rstrip("/"))
    if not target.startswith("/"):
        raise ValueError(f"{system}: token_url is a path on {connection.base_url}, or an address below it")
    client = options.get("client_id") or connection.username
    secret = options.get("client_secret") or connection.password
    asked = _request(target, basic(quote_plus(client), quote_plus(secret)), options.get("scope", ""))

    def flow() -> Flow[Pass]:
        sent_at = time.monotonic()
        return _granted(system, (yield asked), sent_at)

    return Login(flow)


def _request(target: str, client: Pass, scope: str) -> Request:
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    headers = (*client.headers, ("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json"))
    return Request("POST", target, headers, urlencode(form).encode())


def _granted(system: str, reply: Reply, sent_at: float) -> Pass:
    if reply.status != 200:
        raise failure(system, reply)
    try:
        token = msgspec.json.decode(reply.body, type=Token)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(system, f"token reply: {type(error).__name__}") from error
    if token.token_type.lower() != "bearer":
        raise Refused(system, f"the identity provider gives {token.token_type[:20]!r} tokens")
    if not TOKEN.fullmatch(token.access_token):
        raise Garbled(system, "the token cannot be put into a header")
    until = None if token.expires_in is None else sent_at + token.expires_in
    return Pass((("authorization", f"Bearer {token.access_token}"),), until)
