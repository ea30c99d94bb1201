"""What is costly to make and asked for by many: made once, away from the event loop, and remembered.

One thread makes one thing after another. The work is Python's own, so more threads would only take turns with each
other, and with the loop that answers everybody else. Askers take turns too: who wants much made waits behind themself,
not in front of the others. And whoever leaves while they wait takes nothing away from anybody.
"""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import msgspec

from gateway.engine.lru import Lru
from gateway.errors import Code, HttpProblem
from resolvers.backends.base import Deadline


class Made(NamedTuple):
    """What was asked for and how many bytes it takes; and what was made `beside` it, by key, as it will be asked for
    next."""

    value: Any
    weight: int
    beside: Mapping[Hashable, Made] = {}


Make = Callable[[], Made]
"""Runs in the thread, so it touches nothing of the loop's."""

LATER = {"Retry-After": "1"}


class Asker(msgspec.Struct, frozen=True):
    """Who waits for something, and until when."""

    name: str
    deadline: Deadline


class Once:
    """Keeps up to `size` things and `room` bytes. Up to `waiting` things may wait to be made, `each` for one asker: a
    page, or an explorer, that begins with all its questions at once waits its turn; who floods is turned away."""

    def __init__(self, size: int = 2000, room: int = 16_000_000, waiting: int = 256, each: int = 64) -> None:
        self._kept: Lru[Hashable, Any] = Lru(size, room)
        self._making: dict[Hashable, asyncio.Future[Any]] = {}
        self._turns: dict[str, deque[tuple[Hashable, Make]]] = {}
        self._waiting = waiting
        self._each = each
        self._busy = False
        self._thread = ThreadPoolExecutor(1, "prepare")

    def known(self, key: Hashable) -> Any:
        """What is remembered under a key, or None."""
        return self._kept.get(key)

    async def made(self, key: Hashable, make: Make, asker: Asker) -> Any:
        """What `make` makes, or is making already for somebody else. Raises what it raises, and `HttpProblem` when
        too much waits to be made or the asker's time is over."""
        work = self._making.get(key) or self._queued(key, make, asker.name)
        try:
            async with asyncio.timeout(max(asker.deadline.remaining(), 0)):
                return await asyncio.shield(work)
        except TimeoutError as error:
            told = "The time for this answer was over before its document was prepared."
            raise HttpProblem(503, told, LATER, Code.DEADLINE) from error

    def keep(self, key: Hashable, make: Make) -> Any:
        """Make it here and now, and remember it for good."""
        return self._kept.pin(key, make().value)

    def close(self) -> None:
        self._turns.clear()  # what is being made ends, and would begin what is next
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _queued(self, key: Hashable, make: Make, name: str) -> asyncio.Future[Any]:
        if len(self._making) >= self._waiting or len(self._turns.get(name, ())) >= self._each:
            raise HttpProblem(503, "Too many new documents at once: try again in a moment.", LATER, Code.SATURATED)
        self._making[key] = work = asyncio.get_running_loop().create_future()
        self._turns.setdefault(name, deque()).append((key, make))
        self._next()
        return work

    def _next(self) -> None:
        """Begin what is first in the queue of whoever's turn it is."""
        if self._busy or not self._turns:
            return
        name, queue = next(iter(self._turns.items()))
        key, make = queue.popleft()
        del self._turns[name]
        if queue:
            self._turns[name] = queue  # behind all others
        self._busy = True
        work = asyncio.get_running_loop().run_in_executor(self._thread, _swept, make)
        work.add_done_callback(partial(self._ended, key))

    def _ended(self, key: Hashable, work: asyncio.Future[Made]) -> None:
        self._busy = False
        told = self._making.pop(key)
        if work.cancelled():
            told.cancel()
        elif error := work.exception():
            told.set_exception(error)
            told.exception()  # seen: whoever asked may have left
        else:
            made = work.result()
            for other, one in made.beside.items():
                self._kept.put(other, one.value, one.weight)
            told.set_result(self._kept.put(key, made.value, made.weight))
        self._next()


def _swept(make: Make) -> Made:
    """Make it, and sweep up at once what it leaves behind. graphql-core's tokens and visitors point at each other, so
    only the garbage collector frees them; if it looked at them meanwhile they would grow old, and the old are freed by
    a collection of everything, which nobody is answered during."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return make()
    finally:
        if enabled:
            gc.enable()
            gc.collect(0)
