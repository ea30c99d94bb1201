"""Who asks: so many connections, each with one request after the other; little more than bytes out and bytes in."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PAUSE = 0.02
"""Seconds until who was turned away (503, 429) comes again."""


def request(url: str, body: bytes, token: str = "") -> bytes:
    """Bytes of one POST."""
    at = urlsplit(url)
    login = f"authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {at.path or '/'} HTTP/1.1\r\nhost: {at.netloc}\r\ncontent-type: application/json\r\n"
        f"accept: application/graphql-response+json\r\n{login}content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(slots=True)
class Told:
    """What came of a load. `took`: seconds of each answered request; `bodies`: of the first few; `failed`:
    of the first with errors."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    failed: bytes = b""
    partial: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        known = sorted(self.took)
        return known[min(len(known) - 1, int(share * len(known)))] * 1e3 if known else float("nan")


class Asker(asyncio.Protocol):
    """One connection. `next_one`: the next request, or None when there is to be no more."""

    def __init__(self, next_one: Callable[[], bytes | None], told: Told) -> None:
        self._next = next_one
        self._told = told
        self._reply = bytearray()
        self._whole = 0
        self._body = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._reply += data
        if not self._whole:
            end = self._reply.find(b"\r\n\r\n")
            if end < 0:
                return
            length = self._reply.lower().find(b"content-length:", 0, end)
            stop = self._reply.find(b"\r\n", length)
            self._body, self._whole = end + 4, end + 4 + int(self._reply[length + 15 : stop])
        if len(self._reply) >= self._whole:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("hung up"))

    def _answered(self) -> None:
        status = int(self._reply[9:12])
        self._told.statuses[status] += 1
        if status == 200:
            self._told.took.append(time.perf_counter() - self._since)
            if b'"errors":' in self._reply[-4000:]:
                self._told.partial += 1
                self._told.failed = self._told.failed or bytes(self._reply[self._body : self._whole])
            if len(self._told.bodies) < 4:
                self._told.bodies.append(bytes(self._reply[self._body : self._whole]))
        if status in (503, 429):
            asyncio.get_running_loop().call_later(PAUSE, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        request = self._next()
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._reply.clear()
        self._whole = 0
        self._since = time.perf_counter()
        self._transport.write(request)


async def asked(url: str, made: Callable[[int], bytes], at_once: int, seconds: float, most: int = 1_000_000) -> Told:
    """Ask for so many seconds, or so many times, so many at once."""
    loop, told, turn, at = asyncio.get_running_loop(), Told(), 0, urlsplit(url)
    until = time.perf_counter() + seconds

    def next_one() -> bytes | None:
        nonlocal turn
        if turn >= most or time.perf_counter() >= until:
            return None
        turn += 1
        return made(turn)

    lines = [await loop.create_connection(lambda: Asker(next_one, told), at.hostname, at.port) for _ in range(at_once)]
    await asyncio.gather(*(asker.done for _, asker in lines))
    return told
