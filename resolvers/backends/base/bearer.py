"""Bearer tokens of a token endpoint (OAuth 2, client credentials), as several systems behind us want them.

A token is obtained once for all who wait and renewed before it expires. A log-in that is refused is refused to all who
waited for it, since token endpoints count tries. When a token is no longer taken there is one new log-in and one more
try; when that is not taken either, the token was not at fault, and for a minute no other is asked for.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Annotated

import msgspec

from resolvers.backends.base.gaps import BackendError, Garbled, Overdue, Refused, Throttled, Unavailable
from resolvers.backends.base.timing import Until
from resolvers.backends.base.wire import Flow, Login, Pass, Reply, Request, Wire

SHARE = 0.9
"""Of a token's lifetime, after which there is a new one."""

REST = 60.0
SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


class Bearer:
    """`flow` is the conversation that gets a token; see `held`."""

    def __init__(self, flow: Callable[[], Flow[Pass]]) -> None:
        self._login = Login(flow, margin=0.0)
        self._turn = asyncio.Lock()
        self._verdict: tuple[float, Refused] | None = None
        self._resting_until = 0.0

    async def send(self, wire: Wire, request: Request) -> Reply:
        """One request, with a token that is taken if there is any."""
        held = await self._pass(wire)
        reply = await wire.send(_bearing(request, held))
        if reply.status != 401 or time.monotonic() < self._resting_until:
            return reply
        self._login.refused(held)
        reply = await wire.send(_bearing(request, await self._pass(wire)))
        if reply.status == 401:
            self._resting_until = time.monotonic() + REST
        return reply

    async def _pass(self, wire: Wire) -> Pass:
        if current := self._login.usable():
            return current
        since = time.monotonic()
        try:
            with Until(wire.deadline):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Overdue(wire.system, "no time left to wait for the log-in") from error
        try:
            return await self._current(wire, since)
        finally:
            self._turn.release()

    async def _current(self, wire: Wire, since: float) -> Pass:
        if self._verdict is not None and self._verdict[0] >= since:
            raise self._verdict[1]
        try:
            return await self._login.current(wire)
        except Refused as error:
            self._verdict = (time.monotonic(), error)
            raise


class Token(msgspec.Struct, frozen=True):
    """What a token endpoint gives; some write the seconds as a string."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+$")]
    expires_in: (
        Annotated[float, msgspec.Meta(ge=0, le=10**9)] | Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}$")] | None
    ) = None


def granted(system: str, request: Request, failure: Callable[[str, Reply], BackendError], usual: float) -> Flow[Pass]:
    """The conversation that gets a token. `usual`: seconds it lasts when the endpoint does not say."""
    asked_at = time.monotonic()
    reply = yield request
    if reply.status != 200:
        raise failure(system, reply)
    try:
        token = msgspec.json.decode(reply.body, type=Token)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(system, f"token reply: {type(error).__name__}") from error
    return held(token.access_token, float(usual if token.expires_in is None else token.expires_in), asked_at)


def failed(system: str, reply: Reply, why: str, wait: float | None) -> BackendError:
    """What an answer that is none means by its status alone, where a system means by it what everybody does."""
    if reply.status == 429:
        return Throttled(system, why, wait)
    if reply.status >= 500:
        return Unavailable(system, why, wait)
    return Refused(system, why) if reply.status >= 300 else Garbled(system, why)


def held(token: str, seconds: float, asked_at: float) -> Pass:
    """The pass a token is, for the greater part of its lifetime."""
    return Pass((("Authorization", f"Bearer {token}"),), asked_at + SHARE * seconds)


def retry_after(reply: Reply) -> float | None:
    """Seconds to wait, when the reply names a number of them."""
    stated = reply.headers.get("retry-after", "").strip()
    return float(stated) if SECONDS.fullmatch(stated) else None


def _bearing(request: Request, held: Pass) -> Request:
    return msgspec.structs.replace(request, headers=(*request.headers, *held.headers))
