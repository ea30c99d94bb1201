"""The line to AR System: who we are, and what each status means to us.

The login is a form, its answer a bare JWT, which is sent as `AR-JWT`. It is renewed after 85 % of its own lifetime (an
hour, where it does not say), by one of those who wait for all of them; a login that was refused is refused to all who
wait, since every further try may lock the account. When a token is no longer taken there is one new login and one more
try, never more. Each login uses a licence: `log_out` gives it back.

    200                       taken
    401, or 400 with 623      a new login first; then Refused
    429                       Throttled
    500 that blames the request (field, form, value, entry)   Refused
    5xx                       Unavailable (93, a time-out of its own, among them)
    3xx, 4xx                  Refused
    other 2xx                 Garbled

Only AR System's message number goes into an error's text: the rest may quote what was searched for.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from email.utils import parsedate_to_datetime
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from resolvers.backends.base import (
    BackendError,
    Connection,
    Flow,
    Garbled,
    Login,
    Overdue,
    Pass,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Until,
    Wire,
)

JWT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
NUMBER = re.compile(rb'"messageNumber"\s*:\s*([0-9]{1,9})')
SECONDS = re.compile(r"[0-9]{1,6}")
NOT_LOGGED_IN = 623
OURS_TO_MEND = frozenset({101, 302, 303, 306, 307, 314, NOT_LOGGED_IN})
LIFETIME = 3_600.0
LONGEST = 43_200.0  # twelve hours is the most a server can be set to
SHARE = 0.85
HEADERS = (("accept", "application/json"), ("x-requested-by", "XMLHttpRequest"))


class Claims(msgspec.Struct):
    """What a token says about itself, on the server's own clock."""

    exp: Annotated[float, msgspec.Meta(ge=0, le=2**53)] | None = None
    iat: Annotated[float, msgspec.Meta(ge=0, le=2**53)] | None = None


class Session:
    """All our requests to one AR System."""

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._login = Login(self._flow, margin=0.0)
        self._turn = asyncio.Lock()
        self._verdict: tuple[float, Refused] | None = None
        self._held: Pass | None = None
        form = {"username": connection.username, "password": connection.password}
        form |= {name: connection.options[name] for name in ("authString",) if connection.options.get(name)}
        self._form = urlencode(form).encode()

    async def get(self, wire: Wire, target: str) -> bytes:
        """The body of one GET."""
        held = await self._pass(wire)
        reply = await wire.send(Request("GET", target, (*HEADERS, *held.headers)))
        if _stranger(reply):
            self._login.refused(held)
            held = await self._pass(wire)
            reply = await wire.send(Request("GET", target, (*HEADERS, *held.headers)))
        if _stranger(reply):
            self._login.refused(held)
        if reply.status != 200:
            raise failure(self._system, reply)
        return reply.body

    async def log_out(self, wire: Wire) -> None:
        """Give the licence back, if we hold one. What Remedy says to that is of no interest; that it answers is."""
        held, self._held = self._held, None
        if held is not None:
            self._login.refused(held)
            await wire.send(Request("POST", "/api/jwt/logout", (*HEADERS, *held.headers)))

    async def _pass(self, wire: Wire) -> Pass:
        if not self._turn.locked() and (held := self._login.usable()):  # nearly always: nobody logs in at the moment
            self._held = held
            return held
        since = time.monotonic()
        async with self._in_time(wire, self._turn):
            if self._verdict is not None and self._verdict[0] >= since:
                raise self._verdict[1]
            try:
                self._held = await self._login.current(wire)
            except Refused as error:
                self._verdict = (time.monotonic(), error)
                raise
            return self._held

    @asynccontextmanager
    async def _in_time(self, wire: Wire, turn: asyncio.Lock) -> AsyncIterator[None]:
        """Wait for one's turn, but no longer than there is time."""
        try:
            with Until(wire.deadline) if turn.locked() else nullcontext():
                await turn.acquire()
        except TimeoutError as error:
            raise Overdue(self._system, "its turn did not come in time") from error
        try:
            yield
        finally:
            turn.release()

    def _flow(self) -> Flow[Pass]:
        sent_at = time.monotonic()
        headers = (("content-type", "application/x-www-form-urlencoded"), *HEADERS[1:])
        reply = yield Request("POST", "/api/jwt/login", headers, self._form)
        if reply.status != 200:
            raise failure(self._system, reply)
        token = JWT.fullmatch(reply.body.decode("latin-1").strip())
        if token is None:
            raise Garbled(self._system, "what it gave for a login is no token: is base_url the Mid-Tier's?")
        return Pass((("authorization", f"AR-JWT {token[0]}"),), sent_at + SHARE * lifetime(token[2]))


def lifetime(payload: str) -> float:
    """Seconds a token holds, by its own claims. One that does not say holds an hour: it is refused before, at worst."""
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Claims)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        return LIFETIME
    if claims.exp is None:
        return LIFETIME
    seconds = claims.exp - (time.time() if claims.iat is None else claims.iat)
    return min(seconds, LONGEST) if seconds > 0 else LIFETIME


def failure(system: str, reply: Reply) -> BackendError:
    number = _number(reply)
    why = f"{reply.status}" if number is None else f"{reply.status}, ARERR {number}"
    match reply.status:
        case 429:
            return Throttled(system, why, _retry_after(reply))
        case status if status >= 500 and number not in OURS_TO_MEND:
            return Unavailable(system, why, _retry_after(reply))
        case status if status >= 300:
            return Refused(system, why)
    return Garbled(system, f"{why} is no answer to a question")


def _stranger(reply: Reply) -> bool:
    return reply.status == 401 or (reply.status == 400 and _number(reply) == NOT_LOGGED_IN)


def _number(reply: Reply) -> int | None:
    found = NUMBER.search(reply.body)
    return int(found[1]) if found else None


def _retry_after(reply: Reply) -> float | None:
    """Seconds. A moment instead is compared with the server's own clock, in `Date`."""
    value = reply.headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(value):
        return float(value)
    try:
        until, now = (parsedate_to_datetime(text) for text in (value, reply.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None
