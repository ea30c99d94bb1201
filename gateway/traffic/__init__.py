"""Between us and systems we do not own: every `Call` passes here, and gets an honest answer in time.

Order, fixed: switch → cache → coalesce → bulkhead → breaker → budgeted retry → attempt time-out → transport. One `Line`
per system has the first part (`line.py` is that order on one page); the last two are each HTTP exchange's own, in
`resolvers.backends.base` and `transport.py`. What an operator wants forgotten is so before any of it (`flush.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gateway.traffic.cache import Cache, Found
from gateway.traffic.flush import Flushed, Flushes
from gateway.traffic.line import Line, Passage, SwitchedOff
from gateway.traffic.switch import Switch
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Adapter, Call, Deadline
from resolvers.freshness import LIVE, Freshness

__all__ = ["Line", "Passage", "SwitchedOff", "Traffic"]

CACHE = 64_000_000


@dataclass(slots=True)
class Traffic:
    lines: dict[str, Line] = field(default_factory=dict)
    cache: Cache = field(default_factory=lambda: Cache(CACHE))
    flushes: Flushes = field(default_factory=Flushes)

    @classmethod
    def over(
        cls,
        adapters: Mapping[str, Adapter],
        switch: Switch | None = None,
        cache: Cache | None = None,
        tuned: Callable[[Adapter], Tuning] = Tuning.usual,
        flushes: Flushes | None = None,
    ) -> Traffic:
        """A line for each adapter, by name. `tuned` gives its numbers."""
        shared, switch = Cache(CACHE) if cache is None else cache, switch or Switch()
        lines = {name: Line(adapter, tuned(adapter), shared, switch) for name, adapter in adapters.items()}
        return cls(lines, shared, flushes or Flushes())

    def perform(
        self, call: Call, deadline: Deadline, allowed: Freshness = LIVE, passage: Passage | None = None
    ) -> Awaitable[Found]:
        """One outcome per key of the call. Only a defect of ours raises.

        allowed:  how old an answer may be; without it every answer is new, and none is kept
        passage:  is told how it went
        """
        for one in self.flushes.new():
            self.forget(one)
        return self.lines[call.backend].perform(call, deadline, allowed, passage or Passage())

    def forget(self, what: Flushed) -> None:
        for name, line in self.lines.items():
            if what.backend in (None, name):
                line.forget(what.operation, what.key)

    async def aclose(self) -> None:
        """Give up what is under way."""
        for line in self.lines.values():
            await line.aclose()
