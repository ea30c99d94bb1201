"""Who is asking, and the systems behind it all: what the gateway knows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import schema
from resolvers.backends.base import Outcome
from resolvers.binding import Ask, resolves


@dataclass(frozen=True, slots=True)
class SourceState:
    """A system behind the graph, as `schema.Source` shows it, seen from the gateway. Moments are epoch seconds,
    durations seconds; `asking` is the state of its breaker."""

    name: str
    title: str
    enabled: bool
    up: bool | None
    success: float | None
    failure: float | None
    in_flight: int
    waiting: int
    asking: str
    p50: float | None
    p95: float | None

    @property
    def status(self) -> schema.SourceStatus:
        if not self.enabled:
            return schema.SourceStatus.OFF
        words = {None: schema.SourceStatus.UNKNOWN, True: schema.SourceStatus.UP, False: schema.SourceStatus.DOWN}
        return words[self.up]

    @property
    def last_success_at(self) -> datetime | None:
        return None if self.success is None else datetime.fromtimestamp(self.success, UTC)

    @property
    def last_failure_at(self) -> datetime | None:
        return None if self.failure is None else datetime.fromtimestamp(self.failure, UTC)

    @property
    def breaker(self) -> schema.BreakerState:
        return schema.BreakerState(self.asking.upper())

    @property
    def p50_ms(self) -> float | None:
        return _milliseconds(self.p50)

    @property
    def p95_ms(self) -> float | None:
        return _milliseconds(self.p95)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


@resolves(schema.Query, "viewer")
async def viewer(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome(ask.context.facts["caller"])]


@resolves(schema.Query, "sources")
async def sources(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[list[SourceState]]]:
    return [Outcome(ask.context.facts["sources"]())]
