"""What has been seen of one system since the start: how calls ended, how long they took, when it last answered.

Plain numbers, counted as calls go by and read by nobody in their way: `Query.sources` and `/metrics` come for them.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import accumulate

LATELY = 500
"""Calls that a percentile is taken of: the last so many."""
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends, in seconds, of what `histogram` sorts durations into; what took longer is in the last one."""


@dataclass(slots=True)
class Tally:
    """Moments are epoch seconds, durations seconds. `ended` counts calls by error code, OK for none."""

    last_success_at: float | None = None
    last_failure_at: float | None = None
    ended: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    took: float = 0.0
    _lately: deque[float] = field(default_factory=lambda: deque(maxlen=LATELY))
    _sorted: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    @property
    def up(self) -> bool | None:
        """Whether the last question was answered; None before there was one."""
        if self.last_success_at is None and self.last_failure_at is None:
            return None
        return (self.last_success_at or 0) > (self.last_failure_at or 0)

    def call(self, seconds: float, code: str, answered: bool | None) -> None:
        """A call ended. `answered`: whether that shows the system up or down; None: neither."""
        self.ended[code] += 1
        self.took += seconds
        self._lately.append(seconds)
        self._sorted[bisect_left(BOUNDS, seconds)] += 1
        if answered:
            self.last_success_at = time.time()
        elif answered is False:
            self.last_failure_at = time.time()

    def percentile(self, share: float) -> float | None:
        """Seconds within which this share of the last calls ended; None before there was one."""
        known = sorted(self._lately)
        return known[min(int(share * len(known)), len(known) - 1)] if known else None

    def histogram(self) -> list[tuple[float, int]]:
        """(upper end, calls that took no longer), to infinity."""
        return list(zip((*BOUNDS, float("inf")), accumulate(self._sorted), strict=True))
