"""The line to the hub: headers, log-in, and what each status means to us.

200         taken
401         Refused; with a bearer token, one more try with a new one first
429         Throttled, with the Retry-After
5xx         Unavailable, with the Retry-After
3xx, 4xx    Refused (a 404 too: a list always exists, so the address is wrong or its rows are hidden from us)
other 2xx   Garbled

Only the status and a problem object's `o:errorCode` go into an error's text: the rest may quote what was asked for.
"""

from __future__ import annotations

import base64
import math
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

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
from resolvers.backends.base.bearer import failed
from resolvers.backends.oracle_om.wire import Token

CODE = re.compile(r"[A-Z]{0,6}-?[0-9]{1,8}")
ACCEPT = "application/vnd.oracle.adf.resourcecollection+json, application/vnd.oracle.adf.error+json, application/json"


class Detail(msgspec.Struct, frozen=True):
    code: str = msgspec.field(name="o:errorCode", default="")


class Problem(msgspec.Struct, frozen=True):
    """A refusal, from framework version 4 on. Its sentences are left unread."""

    code: str = msgspec.field(name="o:errorCode", default="")
    details: list[Detail] = msgspec.field(name="o:errorDetails", default_factory=list)


class Hub:
    """Reads addresses of one instance, logged in as one service."""

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._connection = connection
        options = connection.options
        version = options.get("framework_version", "4")
        if version not in tuple("23456789"):
            raise ValueError(f"{system}: framework_version is {version!r}; row-match queries need 2 to 9")
        self._headers = (("Accept", ACCEPT), ("REST-Framework-Version", version))
        pair = f"{connection.username}:{connection.password}".encode()
        self._basic = Pass((("Authorization", f"Basic {base64.b64encode(pair).decode()}"),))
        self._login = Login(self._token) if options.get("token_url") else None
        release = options.get("api_version", "11.13.18.05")
        self.path = f"/fscmRestApi/resources/{release}/salesOrdersForOrderHub"
        self.shipment_lines = f"/fscmRestApi/resources/{release}/shipmentLines"

    async def read(self, wire: Wire, target: str) -> bytes:
        if self._login is None:
            return accepted(self._system, await wire.send(self._request(target, self._basic)))
        held = await self._login.current(wire)
        reply = await wire.send(self._request(target, held))
        if reply.status == 401:
            self._login.refused(held)
            reply = await wire.send(self._request(target, await self._login.current(wire)))
        return accepted(self._system, reply)

    def _request(self, target: str, held: Pass) -> Request:
        return Request("GET", target, (*self._headers, *held.headers))

    def _token(self) -> Flow[Pass]:
        """OAuth 2 client credentials, RFC 6749 §4.4; the client identifies itself by Basic."""
        options = self._connection.options
        form = {"grant_type": "client_credentials", "scope": options.get("scope", "")}
        pair = f"{options.get('client_id', '')}:{options.get('client_secret', '')}".encode()
        headers = (
            ("Accept", "application/json"),
            ("Authorization", f"Basic {base64.b64encode(pair).decode()}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        )
        body = urlencode({name: value for name, value in form.items() if value}).encode()
        reply = yield Request("POST", options["token_url"].removeprefix(self._connection.base_url), headers, body)
        token = self._decoded(accepted(self._system, reply))
        return Pass((("Authorization", f"Bearer {token.access_token}"),), time.monotonic() + token.expires_in)

    def _decoded(self, body: bytes) -> Token:
        try:
            return msgspec.json.decode(body, type=Token)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Garbled(self._system, f"token reply: {type(error).__name__}: {error}") from error


def accepted(system: str, reply: Reply) -> bytes:
    if reply.status == 200:
        return reply.body
    raise failure(system, reply)


def failure(system: str, reply: Reply) -> BackendError:
    return failed(system, reply, f"{reply.status} {_code(reply.body)}".strip(), retry_after(reply))


def _code(body: bytes) -> str:
    """The framework's error code, stated for the problem as a whole or in its details; empty when there is none."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    stated = (problem.code, *(detail.code for detail in problem.details))
    return next((code for code in stated if CODE.fullmatch(code)), "")


def retry_after(reply: Reply) -> float | None:
    """Seconds to wait: RFC 9110 §10.2.3, a number or a date. What is neither counts for nothing."""
    stated = reply.headers.get("retry-after", "").strip()
    try:
        seconds = float(stated) if stated[:1].isdigit() else _until(stated)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(date: str) -> float:
    at = parsedate_to_datetime(date)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
