"""Trouble to order: what a mock does wrong on purpose, and how often.

    kind          value                                     what the caller meets
    latency       milliseconds                              a late answer
    jitter        milliseconds, at most                     answers late by a varying amount
    status        300 … 599                                 this status and a page of text instead of an answer
    throttle      seconds for Retry-After; none: no header  429
    garbage       how many bytes; 512 unless told           200, the usual content type, and junk
    drip          milliseconds per byte                     the right answer, one byte at a time
    cut           bytes of body that still arrive           the connection reset in the middle of the answer
    refuse        seconds until it opens again; none: until connections refused (those in use are reset)
                  cleared
    expire-login  (none)                                    tokens and cookies given out so far are void; once unless
                                                            `times` says otherwise

`match` (a substring, or else a regular expression) limits it to some targets: path and query, as sent or decoded.
`rate` is a probability, drawn from a seeded sequence: the same order gives the same hits. `times` ends it after so
many hits. `refuse` is a closed listener and knows none of the three.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Callable
from typing import Literal, NoReturn
from urllib.parse import unquote_plus

import msgspec
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.world.dice import Dice

LONGEST_MS = 600_000
PAGE = "<html><body>CANARY-fault-0: this page was ordered, and nobody should read it.</body></html>"
Kind = Literal["latency", "jitter", "status", "throttle", "garbage", "drip", "cut", "refuse", "expire-login"]
LIMITS: dict[str, tuple[float, float]] = {
    "latency": (0, LONGEST_MS),
    "jitter": (0, LONGEST_MS),
    "status": (300, 599),
    "throttle": (0, 86_400),
    "garbage": (0, 10_000_000),
    "drip": (0, LONGEST_MS),
    "cut": (0, 1_000_000_000),
    "refuse": (0.001, 86_400),
}
VALUE_OPTIONAL = frozenset({"throttle", "garbage", "refuse", "expire-login"})


class BadOrder(ValueError):
    """An order for trouble that cannot be carried out; the text says why."""


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The body of `POST /_mock/faults`."""

    kind: Kind
    value: int | float | None = None
    match: str | None = None
    rate: float = 1.0
    times: int | None = None


def read(body: bytes) -> Order | None:
    """An order from its JSON; None for `{}`, which clears. Raises `BadOrder`."""
    try:
        asked = msgspec.json.decode(body)
        if asked == {} and isinstance(asked, dict):
            return None
        order = msgspec.convert(asked, Order)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadOrder(str(error)) from error
    _check(order)
    return order


def _check(order: Order) -> None:
    _check_value(order)
    if not 0 < order.rate <= 1:
        raise BadOrder("rate is a probability: more than 0, at most 1")
    if order.times is not None and order.times < 1:
        raise BadOrder("times is a whole number from 1")
    if order.kind == "refuse" and (order.match is not None or order.rate != 1 or order.times is not None):
        raise BadOrder("refuse closes the listener: it takes no match, rate or times")


def _check_value(order: Order) -> None:
    if order.value is None:
        if order.kind not in VALUE_OPTIONAL:
            raise BadOrder(f"{order.kind} needs a value")
        return
    if order.kind == "expire-login":
        raise BadOrder("expire-login takes no value")
    least, most = LIMITS[order.kind]
    if not least <= order.value <= most:
        raise BadOrder(f"the value of {order.kind} is {least:g} to {most:g}")
    if order.kind in ("status", "garbage", "cut") and order.value != int(order.value):
        raise BadOrder(f"the value of {order.kind} is a whole number")


class Fault:
    """An order in force: knows whom it hits, and how often it has."""

    def __init__(self, order: Order, seed: int) -> None:
        self.order = order
        self._dice = Dice(seed, "fault", order.kind)
        self._left = 1 if order.kind == "expire-login" and order.times is None else order.times
        self._matches = _matcher(order.match)

    def hits(self, target: str) -> bool:
        """Whether this request is hit; counts it when it is."""
        if self._left == 0 or not self._matches(target):
            return False
        if self.order.rate < 1 and self._dice.share() >= self.order.rate:
            return False
        if self._left is not None:
            self._left -= 1
        return True

    @property
    def number(self) -> float:
        return self.order.value or 0

    async def strike(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request the wrong way. (`expire-login` and `refuse` are none of the answer's business.)

        `scope["mock.wire"]` is the server's own `send`, where the connection can be found.
        """
        match self.order.kind:
            case "latency":
                await asyncio.sleep(self.number / 1000)
                await app(scope, receive, send)
            case "jitter":
                await asyncio.sleep(self.number / 1000 * self._dice.share())
                await app(scope, receive, send)
            case "status":
                await _page(int(self.number))(scope, receive, send)
            case "throttle":
                await _throttled(self.order.value)(scope, receive, send)
            case "garbage":
                await self._garble(app, scope, receive, send)
            case "drip":
                await app(scope, receive, _dripping(send, _transport(scope["mock.wire"]), self.number / 1000))
            case "cut":
                await _cut(app, scope, receive, send, int(self.number))
            case _:
                await app(scope, receive, send)

    async def _garble(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """The content type of the real answer, 200, and bytes that are no text in any encoding we speak."""
        kinds: list[bytes] = []

        async def listen(message: Message) -> None:
            kinds.extend(value for name, value in message.get("headers", ()) if name.lower() == b"content-type")

        await app(scope, receive, listen)
        junk = self._dice.junk(512 if self.order.value is None else int(self.order.value))
        kind = kinds[0].decode("latin-1") if kinds else "application/json"
        await Response(junk, headers={"content-type": kind})(scope, receive, send)


def _matcher(match: str | None) -> Callable[[str], bool]:
    if match is None:
        return lambda target: True
    try:
        search = re.compile(match).search
    except re.error:  # "IN (" is a fine substring and no regular expression
        return lambda target: match in target or match in unquote_plus(target)
    return lambda target: any(match in text or search(text) is not None for text in (target, unquote_plus(target)))


def _page(status: int) -> Response:
    headers = {"location": "/ordered/redirect"} if 300 <= status < 400 else {}
    if status == 304:  # has no body by definition
        return Response(status_code=status)
    return Response(PAGE, status, headers, "text/html")


def _throttled(seconds: float | None) -> Response:
    headers = {} if seconds is None else {"retry-after": str(round(seconds))}
    return PlainTextResponse("Too many requests", 429, headers)


def _dripping(send: Send, transport: asyncio.Transport | None, pause: float) -> Send:
    async def drip(message: Message) -> None:
        body = message.get("body", b"")
        for at in range(len(body) - 1):
            if transport is not None and transport.is_closing():
                return
            await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
            await asyncio.sleep(pause)
        await send(message if len(body) < 2 else {**message, "body": body[-1:]})

    return drip


class _CutOff(Exception):
    """Stops an application whose answer has been cut."""


async def _cut(app: ASGIApp, scope: Scope, receive: Receive, send: Send, room: int) -> None:
    """Let `room` bytes of body through, but never all of it; then reset the connection."""
    over = False

    async def clipped(message: Message) -> None:
        nonlocal room, over
        body = message.get("body", b"")
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last or len(body) > room:
            over = True
            kept = body[: min(room, max(len(body) - 1, 0))] if last else body[:room]
            await send({"type": "http.response.body", "body": kept, "more_body": True})
            raise _CutOff
        room -= len(body)
        await send(message)

    try:
        await app(scope, receive, clipped)
    except Exception:  # frameworks wrap what passes through them; whatever comes after the cut is its doing
        if not over:
            raise
    await reset(scope["mock.wire"])


async def reset(send: Send) -> None:
    """Reset the connection behind the server's own `send`. In-process there is none: raises what a transport would."""
    transport = _transport(send)
    if transport is None:
        _lost()
    await asyncio.sleep(0.02)  # a reset overtakes what was just sent, and the caller should see those bytes
    line = transport.get_extra_info("socket")
    if line is not None:
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile, by the caller or by our own shutdown
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    for _ in range(100):  # uvicorn complains of an unfinished answer until it has noticed that the caller is gone
        if _noticed(send):
            break
        await asyncio.sleep(0)


def connected(send: Send) -> bool:
    """Whether there is a connection behind the server's own `send`; in-process there is none."""
    return _transport(send) is not None


def _lost() -> NoReturn:
    raise ConnectionResetError("connection reset by an ordered fault")


def _transport(send: Send) -> asyncio.Transport | None:
    """The connection under uvicorn's `send`, a method of its request-response cycle; None when mounted in-process.
    ASGI has no message for "reset this connection", and a server that drops one is what we are here to play."""
    return getattr(getattr(send, "__self__", None), "transport", None)


def _noticed(send: Send) -> bool:
    return bool(getattr(getattr(send, "__self__", None), "disconnected", True))
