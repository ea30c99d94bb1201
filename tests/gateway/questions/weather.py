"""Trouble that does not depend on who asks: what fails is a pure function of system, operation and key.

So two engines that ask with other batches, at other times and for other columns meet the same failures.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.traffic import Traffic
from resolvers.backends.base import (
    BackendError,
    Call,
    Deadline,
    Garbled,
    Key,
    Outcome,
    Refused,
    Throttled,
    TimedOut,
    Unavailable,
)

SAID = "as ordered"
TROUBLES: tuple[Callable[[str], BackendError], ...] = (
    lambda system: Unavailable(system, SAID),
    lambda system: TimedOut(system, SAID),
    lambda system: Throttled(system, SAID),
    lambda system: Throttled(system, SAID, retry_after=1.5),
    lambda system: Throttled(system, SAID, retry_after=30),
    lambda system: Unavailable(system, SAID, retry_after=2),
    lambda system: Garbled(system, SAID),
    lambda system: Refused(system, SAID),
)


@dataclass(frozen=True, slots=True)
class Weather:
    """How much fails. `every`: one key in so many (0: none). `whole`: not keys fail, but operations as a whole."""

    name: str
    every: int = 0
    whole: bool = False
    seed: int = 0

    def trouble(self, call: Call, key: Key) -> BackendError | None:
        about = f"{self.seed} {call.backend} {call.operation}" + ("" if self.whole else f" {key}")
        drawn = zlib.crc32(about.encode())
        if not self.every or drawn % self.every:
            return None
        return TROUBLES[drawn // self.every % len(TROUBLES)](call.backend)


FAIR = Weather("fair")
FOUL = (Weather("showers", 6), Weather("storm", 2), Weather("outages", 3, whole=True))


class Weathered(Traffic):
    """The traffic of an app, some of whose answers are lost to the weather."""

    weather = FAIR

    @classmethod
    def of(cls, traffic: Traffic, weather: Weather) -> Weathered:
        made = cls(traffic.lines)
        made.weather = weather
        return made

    async def perform(self, call: Call, deadline: Deadline) -> Mapping[Key, Outcome[Any]]:
        found = await super().perform(call, deadline)
        return {key: self._weathered(call, key, outcome) for key, outcome in found.items()}

    def _weathered(self, call: Call, key: Key, outcome: Outcome[Any]) -> Outcome[Any]:
        trouble = self.weather.trouble(call, key)
        return outcome if trouble is None else Outcome(error=trouble)
