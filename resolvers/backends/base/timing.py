"""Time, as it is handed down: what is left of it, waiting no longer than that, and keeping to a system's own pace."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from types import TracebackType

MARGIN = 0.25
"""Seconds by which requests may take longer to arrive than others: a system counts when they come, we when they go."""


class Deadline:
    """The moment an operation has to be answered by, on the monotonic clock.

    That of work which several wait for moves as they come: it is the last one's."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def remaining(self) -> float:
        return self.at - time.monotonic()

    def reach(self, other: Deadline) -> None:
        """Somebody else waits too."""
        self.at = max(self.at, other.at)


class Until:
    """`with Until(deadline): await …` raises TimeoutError at the deadline, or after `most` seconds if that is sooner.

    As `asyncio.timeout` does it, but it looks at the deadline again before it rings, since that may have moved; and it
    is entered without a coroutine, which matters for what every exchange goes through.
    """

    __slots__ = ("_before", "_deadline", "_ends", "_rang", "_task", "_timer")

    def __init__(self, deadline: Deadline, most: float = float("inf")) -> None:
        self._deadline = deadline
        self._ends = time.monotonic() + most
        self._rang = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be told to stop waiting")
        self._task = task
        self._before = task.cancelling()
        self._set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._rang and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _set(self) -> None:
        left = min(self._deadline.at, self._ends) - time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(left if left > 0 else 0, self._ring)

    def _ring(self) -> None:
        if min(self._deadline.at, self._ends) - time.monotonic() > 0.001:
            self._set()
        else:
            self._rang = True
            self._task.cancel()


class Slots:
    """So many at the same time, first come, first served. As `asyncio.Semaphore`, but what is free is taken without a
    coroutine: mostly it is, and every exchange goes through here."""

    __slots__ = ("_free", "_queue")

    def __init__(self, most: int) -> None:
        self._free = most
        self._queue: deque[asyncio.Future[None]] = deque()

    def taken(self) -> bool:
        """Whether one was free; if so, it is no more."""
        if self._free:
            self._free -= 1
            return True
        return False

    async def turn(self) -> None:
        """Wait for one."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.free()  # it came just as its caller went
            raise

    def free(self) -> None:
        """Give one back: to who waited longest, without its ever being free in between."""
        while self._queue:
            first = self._queue.popleft()
            if not first.done():
                first.set_result(None)
                return
        self._free += 1


class Pace:
    """At most so many requests in any second, and in any other stretch: (requests, seconds), which is taken a little
    longer than it is. 0: as many as there are."""

    __slots__ = ("_sent",)

    def __init__(self, per_second: int, stretches: Iterable[tuple[int, float]] = ()) -> None:
        bounds = [(per_second, 1.0), *((most, seconds + MARGIN) for most, seconds in stretches)]
        self._sent = [(deque((float("-inf"),) * most, most), seconds) for most, seconds in bounds if most]

    def wait(self) -> float:
        """Seconds until the next request may go; 0 when it may now."""
        if not self._sent:
            return 0.0
        now = time.monotonic()
        return max(0.0, *(sent[0] + seconds - now for sent, seconds in self._sent))

    def took(self, wait: float) -> None:
        """One will go after that wait."""
        for sent, _ in self._sent:
            sent.append(time.monotonic() + wait)
