"""A line between the gateway and one system, and its bad days: a TCP proxy that delays, starves, cuts and corrupts.

It knows no HTTP, only turns: what the gateway sends is a question, what comes back after it is the answer, and the next
bytes from the gateway begin the next turn. (HTTP/1.1 without pipelining is just that.) Weather is done to answers, and
each answer meets the weather that was set when it began; `silent` and `refuse` hold from the moment they are set.

A silent line loses nothing for good: what was sent meanwhile arrives when it is heard again, as with a network whose
hosts repeat what was lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
HELD = 1 << 18
"""Bytes of answers that wait in the proxy at most; then the system itself has to wait."""

FLUSH = 0.02
"""Seconds before a reset: it would overtake the bytes that were just sent, and they are meant to arrive."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How a line behaves; the default passes everything on at once. What is set together happens together.

    latency:  seconds before the first byte of an answer passes
    jitter:   at most so many seconds more, drawn anew for each answer
    drawn:    in place of both: gives the seconds for each answer
    rate:     bytes per second of an answer
    drip:     seconds between one byte of an answer and the next
    cut:      bytes of an answer that pass; then the connection is reset. 0: a reset instead of an answer
    closed:   …is closed instead, as a system would that has said all it has to say
    corrupt:  every so-manieth byte of an answer arrives with all its bits turned over
    silent:   a black hole: connections are accepted, and nothing passes in either direction
    refuse:   nobody listens, and connections in use are reset
    """

    latency: float = 0.0
    jitter: float = 0.0
    drawn: Callable[[], float] | None = None
    rate: float | None = None
    drip: float | None = None
    cut: int | None = None
    closed: bool = False
    corrupt: int | None = None
    silent: bool = False
    refuse: bool = False


CALM = Weather()


class Proxy:
    """Listens on a port of its own until it is closed, also while it refuses: nobody else gets the port meanwhile.

    asked:         turns begun so far
    waiting:       connections on which something was asked and no byte of an answer has passed
    most_waiting:  the most there were at any one moment since `forget`
    accepted:      connections so far
    """

    def __init__(self, target: str, seed: int = 0) -> None:
        host, _, port = target.removeprefix("http://").rstrip("/").partition(":")
        self.target = (host, int(port))
        self.weather = CALM
        self.asked = self.waiting = self.most_waiting = self.accepted = 0
        self.dice = random.Random(seed)
        self.lines: set[_Line] = set()
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._heard = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def __aenter__(self) -> Proxy:
        self._heard.set()
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._deafen()
        self._place.close()

    async def set(self, weather: Weather = CALM) -> None:
        """From now on the line is like this; when this returns, the listener is too."""
        self.weather = weather
        if weather.silent:
            self._heard.clear()
        else:
            self._heard.set()
            for line in list(self.lines):
                line.catch_up()
        await (self._deafen() if weather.refuse else self._listen())

    def forget(self) -> None:
        self.most_waiting = self.waiting

    async def heard(self) -> None:
        await self._heard.wait()

    def delay(self, weather: Weather) -> float:
        if weather.drawn is not None:
            return weather.drawn()
        return weather.latency + (weather.jitter * self.dice.random() if weather.jitter else 0.0)

    def began(self) -> None:
        self.asked += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)

    def ended(self) -> None:
        self.waiting -= 1

    async def _listen(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            place = _bound(self.port)
            self._server = await loop.create_server(lambda: _Line(self).near, sock=place, backlog=1024)

    async def _deafen(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for line in list(self.lines):
            line.reset()
        await asyncio.sleep(0)  # transports close in the loop's next turn


class _Line:
    """One connection and its continuation: `near` is the gateway's end, `far` the system's."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.near = _End(self.opened, self.question, self.close)
        self.far = _End(self.connected, self.answer, self.said_all)
        self.asking = False
        self._questions = bytearray()
        self._answers: deque[bytes | None] = deque()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # -- what happens at the two ends -----------------------------------------------------------------------------

    def opened(self) -> None:
        self.proxy.accepted += 1
        self.proxy.lines.add(self)
        self._tasks = [asyncio.create_task(self._connect()), asyncio.create_task(self._pass_on())]

    def connected(self) -> None:
        self.catch_up()

    def question(self, data: bytes) -> None:
        if not self.asking:
            self.asking = True
            self.proxy.began()
        self._questions += data
        self.catch_up()

    def answer(self, data: bytes) -> None:
        self._answers.append(data)
        self._news.set()
        if self._held() > HELD:
            self.far.pause()

    def said_all(self) -> None:
        self._answers.append(None)
        self._news.set()

    def catch_up(self) -> None:
        """Pass on what was asked, unless nobody would hear it."""
        if self.far.line is not None and not self.proxy.weather.silent and self._questions:
            self.far.line.write(bytes(self._questions))
            self._questions.clear()

    def close(self) -> None:
        """Both ends, once what was written to them has left."""
        self._over()
        for end in (self.near, self.far):
            if end.line is not None:
                end.line.close()

    def reset(self) -> None:
        if self.near.line is not None:
            _reset(self.near.line)
        self.close()

    # -- answers ----------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.far, *self.proxy.target)
        except OSError:
            self.reset()

    async def _pass_on(self) -> None:
        weather, passed = CALM, 0
        while (chunk := await self._next()) is not None:
            if self.asking:
                weather, passed = self.proxy.weather, 0
                await asyncio.sleep(self.proxy.delay(weather))
            await self.proxy.heard()
            room = len(chunk) if weather.cut is None else max(weather.cut - passed, 0)
            await self._write(_corrupted(chunk[:room], passed, weather.corrupt), weather)
            passed += len(chunk)
            if room < len(chunk):
                await self._cut(weather)
                return
        await self.proxy.heard()
        self.close()

    async def _next(self) -> bytes | None:
        while not self._answers:
            self._news.clear()
            await self._news.wait()
        chunk = self._answers.popleft()
        if self._held() <= HELD:
            self.far.resume()
        return chunk

    async def _write(self, data: bytes, weather: Weather) -> None:
        pieces = [data[at : at + 1] for at in range(len(data))] if weather.drip else _pieces(data, weather.rate)
        for piece in pieces:
            if self.near.line is None or self.near.line.is_closing():
                return
            self._answered()
            self.near.line.write(piece)
            await asyncio.sleep(weather.drip or (len(piece) / weather.rate if weather.rate else 0))

    async def _cut(self, weather: Weather) -> None:
        await asyncio.sleep(FLUSH)
        (self.close if weather.closed else self.reset)()

    def _answered(self) -> None:
        if self.asking:
            self.asking = False
            self.proxy.ended()

    def _held(self) -> int:
        return sum(len(one) for one in self._answers if one)

    def _over(self) -> None:
        self._answered()
        self.proxy.lines.discard(self)
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()


class _End(asyncio.Protocol):
    """One end of a line: says what happens to it."""

    def __init__(self, made: Callable[[], None], got: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self.line: asyncio.Transport | None = None
        self._made, self._got, self._lost = made, got, lost

    def connection_made(self, transport: Any) -> None:
        self.line = transport
        self._made()

    def data_received(self, data: bytes) -> None:
        self._got(data)

    def eof_received(self) -> bool:
        self._lost()
        return True  # closed when the other end has had all of it

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost()

    def pause(self) -> None:
        if self.line is not None and self.line.is_reading():
            self.line.pause_reading()

    def resume(self) -> None:
        if self.line is not None and not self.line.is_closing() and not self.line.is_reading():
            self.line.resume_reading()


def _pieces(data: bytes, rate: float | None) -> list[bytes]:
    """Small enough that a starved line trickles on, instead of saying nothing and then all of it."""
    if rate is None:
        return [data] if data else []
    step = max(int(rate / 50), 1)
    return [data[at : at + step] for at in range(0, len(data), step)]


def _corrupted(data: bytes, at: int, every: int | None) -> bytes:
    if every is None:
        return data
    return bytes(byte ^ 0xFF if (at + place) % every == 0 else byte for place, byte in enumerate(data, 1))


def _reset(line: asyncio.Transport) -> None:
    end = line.get_extra_info("socket")
    with contextlib.suppress(OSError, ValueError):  # closed meanwhile by the other side
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.abort()


def _bound(port: int) -> socket.socket:
    """A place that several sockets of ours may share: one keeps it, another listens there when somebody should."""
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        place.setsockopt(socket.SOL_SOCKET, option, 1)
    place.bind((HOST, port))
    place.setblocking(False)
    return place
