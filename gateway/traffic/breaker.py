"""A system that fails most of the time is left alone for a while, and then asked carefully whether it is back.

    CLOSED ──(enough calls in the window, and too many of them bad)──► OPEN
    OPEN ──(its pause is over)──► HALF_OPEN: one call at a time, as a probe
    HALF_OPEN ──(so many good probes in a row)──► CLOSED      ──(a bad one)──► OPEN

Bad is a call that failed because of the system (no answer, 5xx, asked to come back later) or that was slow. What the
system refused, or said in a way we do not understand, is good: it is there. What nobody waited for to the end says
nothing, unless it was slow already.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

BUCKETS = 10
BUSY = 1.0
"""Seconds to come back in, for who finds a probe under way: how it ends is not known yet."""


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Rules:
    """window, pause: seconds; bad: the share of calls, from 0 to 1; spread: how far a pause varies, as a share of it;
    slow: seconds an exchange may take at most to be a good one."""

    window: float = 10.0
    least: int = 20
    bad: float = 0.5
    pause: float = 5.0
    spread: float = 0.2
    probes: int = 3
    slow: float = 1.5


class Breaker:
    """`clock` is monotonic seconds, `dice` gives 0 to 1: so tests need not wait."""

    def __init__(
        self,
        rules: Rules,
        clock: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.rules = rules
        self.epoch = 0
        self.opened = 0
        self._clock = clock
        self._dice = dice
        self._state = State.CLOSED
        self._until = 0.0
        self._probing = False
        self._good = 0
        self._last_bad = -BUCKETS
        self._counts = [[-1, 0, 0] for _ in range(BUCKETS)]

    @property
    def state(self) -> State:
        over = self._state is State.OPEN and self._clock() >= self._until
        return State.HALF_OPEN if over else self._state

    def refuses(self) -> float:
        """0 when a call would be let through now; else seconds until it is worth coming back."""
        if self._state is State.CLOSED:
            return 0.0
        if self._state is State.OPEN and (left := self._until - self._clock()) > 0:
            return left
        return BUSY if self._probing else 0.0

    def enter(self) -> int:
        """A call that is not refused begins. Give `left` what this returns, whatever becomes of the call."""
        if self._state is State.OPEN:
            self._turn(State.HALF_OPEN)
        if self._state is State.HALF_OPEN:
            self._probing = True
        return self.epoch

    def left(self, epoch: int, good: bool | None) -> None:
        """It ended: well, badly, or without telling us anything (None)."""
        if epoch != self.epoch:
            return  # begun before the last turn: it says how things were
        if self._state is State.HALF_OPEN:
            self._probed(good)
        elif good is not None and self._state is State.CLOSED and self._counted(good):
            self._open()

    def _probed(self, good: bool | None) -> None:
        self._probing = False
        if good is False:
            self._open()
        elif good:
            self._good += 1
            if self._good >= self.rules.probes:
                self._turn(State.CLOSED)

    def _counted(self, good: bool) -> bool:
        """Whether that was one too many."""
        now = int(self._clock() * BUCKETS / self.rules.window)
        bucket = self._counts[now % BUCKETS]
        if bucket[0] != now:
            bucket[:] = (now, 0, 0)
        bucket[1] += 1
        if not good:
            bucket[2] += 1
            self._last_bad = now
        elif self._last_bad <= now - BUCKETS:
            return False
        recent = [one for one in self._counts if one[0] > now - BUCKETS]
        calls, bad = sum(one[1] for one in recent), sum(one[2] for one in recent)
        return calls >= self.rules.least and bad >= self.rules.bad * calls

    def _open(self) -> None:
        self._turn(State.OPEN)
        self.opened += 1
        self._until = self._clock() + self.rules.pause * (1 + self.rules.spread * (2 * self._dice() - 1))

    def _turn(self, state: State) -> None:
        self._state = state
        self.epoch += 1
        self._probing = False
        self._good = 0
        self._counts = [[-1, 0, 0] for _ in range(BUCKETS)]
