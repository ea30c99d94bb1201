"""What is costly to make and asked for by many: made once, away from the event loop, and remembered.

One thread makes one thing after another. The work is Python's own, so more threads would only take turns with each
other, and with the loop that answers everybody else. Whoever leaves while they wait takes nothing away from the others.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gateway.engine.lru import Lru
from gateway.errors import Code, HttpProblem
from resolvers.backends.base import Deadline

Make = Callable[[], tuple[Any, int]]
"""Gives what was asked for and how many bytes it takes. Runs in the thread, so it touches nothing of the loop's."""

WAITING = 64
LATER = {"Retry-After": "1"}


class Once:
    """Keeps up to `size` things that take up to `room` bytes; up to `waiting` may wait to be made."""

    def __init__(self, size: int = 2000, room: int = 16_000_000, waiting: int = WAITING) -> None:
        self._kept: Lru[Hashable, Any] = Lru(size, room)
        self._making: dict[Hashable, asyncio.Future[tuple[Any, int]]] = {}
        self._waiting = waiting
        self._thread = ThreadPoolExecutor(1, "prepare")

    def known(self, key: Hashable) -> Any:
        """What is remembered under a key, or None."""
        return self._kept.get(key)

    async def made(self, key: Hashable, make: Make, deadline: Deadline) -> Any:
        """What `make` makes, or is making already for somebody else. Raises what it raises, and `HttpProblem` when
        too much waits to be made or the time is over."""
        work = self._making.get(key) or self._begun(key, make)
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0)):
                value, _ = await asyncio.shield(work)
        except TimeoutError as error:
            told = "The time for this answer was over before its document was prepared."
            raise HttpProblem(503, told, LATER, Code.DEADLINE) from error
        return value

    def keep(self, key: Hashable, make: Make) -> Any:
        """Make it here and now, and remember it for good."""
        return self._kept.pin(key, make()[0])

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begun(self, key: Hashable, make: Make) -> asyncio.Future[tuple[Any, int]]:
        if len(self._making) >= self._waiting:
            raise HttpProblem(503, "Too many new documents at once: try again in a moment.", LATER, Code.SATURATED)
        work = asyncio.get_running_loop().run_in_executor(self._thread, _swept, make)
        self._making[key] = work
        work.add_done_callback(partial(self._ended, key))
        return work

    def _ended(self, key: Hashable, work: asyncio.Future[tuple[Any, int]]) -> None:
        del self._making[key]
        if not work.cancelled() and work.exception() is None:
            self._kept.put(key, *work.result())


def _swept(make: Make) -> tuple[Any, int]:
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
