"""How many questions this process can answer at once without making all of them late.

One thread does all the work. When more is asked of it than it has time for, everything waits for its turn: callers,
answers of systems, time-outs. Then work is begun that cannot be finished in time, and the more of it there is, the less
is finished. So the limit at the door shrinks, by a fifth at each interval, for as long as there is no time left:

* the thread was at work all through the interval; or
* nothing in all of it came on time, measured by a timer: the machine has no time for us (one large answer makes
  everything late once; it is the least lateness of an interval that counts, the reasoning of CoDel, RFC 8289).

When there is time again and callers are turned away, or nobody is left inside, the limit grows, by a tenth. A slow
system has no say in it: its callers wait for it, not for us.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

TICK = 0.005
"""Seconds between two looks, while anybody is inside."""

INTERVAL = 0.1
BUSY = 0.95
"""Share of an interval from which on there is no time left."""

IDLE = 0.3
"""Share below which there is time for more, whether or not anybody has been turned away."""

LESS, MORE = 0.8, 1.1


@dataclass(slots=True)
class Interval:
    """What was seen since `began`: the least lateness, and whether anybody was turned away."""

    began: float
    worked: float
    least_late: float = float("inf")
    full: bool = False


@dataclass(slots=True)
class Pressure:
    """`limit`: how many may be inside now, between `least` and `most`.

    late:    seconds that everything may be late; 0: the limit is always `most`
    inside:  how many are
    least:   twice the places of one system: fewer would leave systems idle, and turn a mere burst away
    """

    most: int
    inside: Callable[[], int]
    late: float
    least: int = 16
    limit: float = field(init=False)
    _interval: Interval | None = None

    def __post_init__(self) -> None:
        self.limit = float(self.most)

    def full(self) -> bool:
        """Whether somebody who comes now is one too many."""
        if self.inside() < self.limit:
            return False
        if self._interval is not None:
            self._interval.full = True
        return True

    def watch(self) -> None:
        """From now on until nobody is inside."""
        if self._interval is None and self.late:
            loop = asyncio.get_running_loop()
            self._interval = Interval(loop.time(), time.thread_time())
            self._next(loop)

    def judge(self, busy: float, least_late: float, full: bool) -> None:
        """An interval is over. busy: the share of it that the thread was at work."""
        if busy >= BUSY or least_late > self.late:
            self.limit = min(self.most, max(self.least, min(self.limit, self.inside()) * LESS))
        elif full or busy < IDLE:
            self.limit = min(self.most, self.limit * MORE + 1)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + TICK
        loop.call_at(due, self._look, loop, due)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        seen, now = self._interval, loop.time()
        if seen is None:
            return
        seen.least_late = min(seen.least_late, now - due)
        if (lasted := now - seen.began) >= INTERVAL:
            worked = time.thread_time()
            self.judge((worked - seen.worked) / lasted, seen.least_late, seen.full)
            self._interval = seen = Interval(now, worked)
        if self.inside():
            self._next(loop)
        else:
            self._interval = None
            self.judge(0.0, 0.0, full=False)
