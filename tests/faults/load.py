"""Open-loop load: arrivals at moments that were fixed beforehand, whatever the other side does meanwhile.

A sender that waits for one answer before it asks again slows down with the system it measures, and leaves out just the
questions that would have had to wait (coordinated omission). Here every question has its own moment, an idle connection
or a new one, and its latency counts from the moment it was due, not from when the sender got round to it. How late the
sender was is told too: a run in which that matters measured the sender.

Answers are judged as they arrive and not kept: a minute of them would not fit.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httptools

MOST_LINES = 8_000
"""Connections open at a time; a question that would need one more is counted as not sent."""

IDLE = 3.0
"""Seconds after which an idle connection is given up: before servers do so themselves, perhaps just as it is used."""

Judge = Callable[[int, bytes], str]
"""Status and body → one word for what came, for example "whole" or "refused"."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One question. `due`: seconds after the start. `leaves`: seconds until its caller hangs up."""

    due: float
    request: bytes
    kind: str = ""
    leaves: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one question. Moments are seconds after the start.

    verdict:  the judge's word; or "cut", "timeout", "unsent", "refused connection", "left"
    reused:   it went out on a connection that had served another before
    """

    kind: str
    due: float
    sent: float
    done: float
    verdict: str
    reused: bool = False

    @property
    def latency(self) -> float:
        return self.done - self.due


@dataclass(slots=True)
class Volley:
    """All that came of it, in the order in which it did. `began` is its start on `time.perf_counter`'s clock."""

    told: list[Told] = field(default_factory=list)
    began: float = 0.0

    def of(self, kind: str | None = None, verdict: str | None = None) -> list[Told]:
        return [one for one in self.told if kind in (None, one.kind) and verdict in (None, one.verdict)]

    def latencies(self, kind: str | None = None, verdict: str | None = None) -> list[float]:
        return [one.latency for one in self.of(kind, verdict)]

    def verdicts(self, kind: str | None = None) -> Counter[str]:
        return Counter(one.verdict for one in self.of(kind))

    @property
    def lateness(self) -> list[float]:
        """Seconds by which the sender itself was late; a timer may also be up to a millisecond early."""
        return [one.sent - one.due for one in self.told]


def steadily(rate: float, seconds: float) -> list[float]:
    """Moments at equal distances, the first at once."""
    return [number / rate for number in range(int(rate * seconds))]


def at_random(rate: float, seconds: float, seed: int = 0) -> list[float]:
    """Moments of independent callers: a Poisson process, the same for equal seeds."""
    dice = random.Random(seed)
    moments: list[float] = []
    at = dice.expovariate(rate)
    while at < seconds:
        moments.append(at)
        at += dice.expovariate(rate)
    return moments


def post(url: str, path: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """A request, ready to be sent."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def send(
    url: str, arrivals: Sequence[Arrival], judge: Judge, patience: float = 30.0, idle: float = IDLE
) -> Volley:
    """Send all of them, each at its moment; returns when the last one has come to its end, whatever that was.

    patience: seconds after which an unanswered question counts as "timeout"
    idle:     seconds after which an idle connection is not used again
    """
    return await _Sender(url, judge, patience, idle).run(arrivals)


class _Sender:
    def __init__(self, url: str, judge: Judge, patience: float, longest: float) -> None:
        self.address = (str(urlsplit(url).hostname), int(urlsplit(url).port or 80))
        self.judge = judge
        self.patience = patience
        self.longest = longest
        self.loop = asyncio.get_running_loop()
        self.volley = Volley()
        self.idle: list[_Line] = []
        self.lines = 0
        self._connecting: set[asyncio.Task[None]] = set()
        self._left = 0
        self._over = asyncio.Event()

    async def run(self, arrivals: Sequence[Arrival]) -> Volley:
        self._left = len(arrivals)
        self.volley.began, start = time.perf_counter(), self.loop.time()
        for arrival in arrivals:
            self.loop.call_at(start + arrival.due, self.arrive, arrival)
        if arrivals:
            await self._over.wait()
        for line in self.idle:
            line.hang_up()
        await asyncio.sleep(0)
        return self.volley

    def now(self) -> float:
        """Seconds since the start, finer than the loop's own clock: uvloop's goes by milliseconds."""
        return time.perf_counter() - self.volley.began

    def arrive(self, arrival: Arrival) -> None:
        asked = _Asked(arrival, self.now())
        while self.idle:
            line = self.idle.pop()
            if line.usable and asked.sent - line.idle_since < self.longest:
                line.ask(asked, reused=True)
                return
            line.hang_up()
        if self.lines >= MOST_LINES:
            self.ended(asked, "unsent", reused=False)
            return
        self.lines += 1
        task = self.loop.create_task(self._connect(asked))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, asked: _Asked) -> None:
        try:
            _, line = await self.loop.create_connection(lambda: _Line(self), *self.address)
        except OSError:
            self.lines -= 1
            self.ended(asked, "refused connection", reused=False)
        else:
            line.ask(asked, reused=False)

    def ended(self, asked: _Asked, verdict: str, *, reused: bool) -> None:
        arrival = asked.arrival
        self.volley.told.append(Told(arrival.kind, arrival.due, asked.sent, self.now(), verdict, reused))
        self._left -= 1
        if not self._left:
            self._over.set()


@dataclass(frozen=True, slots=True)
class _Asked:
    arrival: Arrival
    sent: float


class _Line(asyncio.Protocol):
    """A connection: one question at a time."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender
        self.idle_since = 0.0
        self._transport: Any = None
        self._asked: _Asked | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reused = self._lost = False
        self._complete: tuple[int, bool] | None = None
        self._fresh()

    @property
    def usable(self) -> bool:
        return not self._lost and not self._transport.is_closing()

    def ask(self, asked: _Asked, *, reused: bool) -> None:
        self._asked, self._reused = asked, reused
        if not self.usable:
            self._end("cut")
            return
        arrival = asked.arrival
        leaves = None if arrival.leaves is None else arrival.due + arrival.leaves - self._sender.now()
        word, seconds = ("left", leaves) if leaves is not None else ("timeout", self._sender.patience)
        self._timer = self._sender.loop.call_later(max(seconds, 0), self._give_up, word)
        self._transport.write(arrival.request)

    def hang_up(self) -> None:
        self._transport.abort()

    # -- asyncio's side -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._give_up("not HTTP")
        if self._complete is not None:
            self._answered(*self._complete)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._sender.lines -= 1
        self._end("cut")

    # -- httptools' side ----------------------------------------------------------------------------------------------

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._complete = (self._parser.get_status_code(), self._parser.should_keep_alive())  # forgotten afterwards

    # ---------------------------------------------------------------------------------------------------------------

    def _answered(self, status: int, keeps: bool) -> None:
        body = bytes(self._body)
        self._fresh()
        self._end(self._sender.judge(status, body))
        if keeps and self.usable:
            self.idle_since = self._sender.now()
            self._sender.idle.append(self)
        else:
            self._transport.close()

    def _fresh(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._complete = None

    def _give_up(self, verdict: str) -> None:
        self._end(verdict)
        self._transport.abort()

    def _end(self, verdict: str) -> None:
        asked, self._asked = self._asked, None
        if self._timer is not None:
            self._timer.cancel()
        if asked is not None:
            self._sender.ended(asked, verdict, reused=self._reused)
