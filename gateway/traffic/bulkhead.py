"""So many calls of one system at a time, a short queue before them, and no for whoever does not fit: a system that
hangs costs its own callers, and soon not even them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass


class Full(Exception):
    """Nobody was asked: the queue is full, or the wait in it was too long."""


@dataclass(frozen=True, slots=True)
class Rules:
    """at_once: calls; queue: calls that may wait; wait: seconds each of them may."""

    at_once: int = 8
    queue: int = 32
    wait: float = 0.05


class Bulkhead:
    """`await enter()` gives a place or raises `Full`; `leave()` gives it back. First come, first served."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.inside = 0
        self.turned_away = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        return sum(not one.done() for one in self._queue)

    async def enter(self, most: float) -> None:
        """`most`: seconds this caller can wait at all."""
        if self.inside < self.rules.at_once:
            self.inside += 1
            return
        if self.waiting >= self.rules.queue:
            self.turned_away += 1
            raise Full(f"{self.rules.at_once} calls inside and {self.rules.queue} before it")
        await self._turn(min(self.rules.wait, most))

    def leave(self) -> None:
        """The place goes to who waited longest, without ever being free in between."""
        while self._queue:
            first = self._queue.popleft()
            if not first.done():
                first.set_result(None)
                return
        self.inside -= 1

    async def _turn(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._queue.append(turn)
        timer = loop.call_later(max(seconds, 0), _give_up, turn)
        try:
            await turn
        except Full:
            self.turned_away += 1
            raise
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # the place came just as its caller went
            raise
        finally:
            timer.cancel()


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(Full("no place in time"))
