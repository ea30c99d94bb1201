"""The numbers of one line, as the settings have them; seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.settings import Settings
from gateway.traffic import breaker, bulkhead, retry
from resolvers.backends.base import Adapter


@dataclass(frozen=True, slots=True)
class Tuning:
    """come_back: what who finds the queue full is told to wait. gather: see `Gathering.window`. apart: see there."""

    bulkhead: bulkhead.Rules = field(default_factory=bulkhead.Rules)
    breaker: breaker.Rules = field(default_factory=breaker.Rules)
    retry: retry.Rules = field(default_factory=retry.Rules)
    come_back: float = 1.0
    gather: float = 0.005
    apart: float = 5.0

    @classmethod
    def usual(cls, adapter: Adapter) -> Tuning:
        """What holds where no settings say otherwise."""
        return cls(bulkhead.Rules(at_once=adapter.connection.concurrency))

    @classmethod
    def of(cls, settings: Settings, adapter: Adapter) -> Tuning:
        """A system that the settings do not know, as another app may have, has the numbers that all have."""
        slow = f"backends.{adapter.name}.slow_ms"
        return cls(
            bulkhead.Rules(
                at_once=adapter.connection.concurrency,
                queue=settings.number("traffic.queue"),
                wait=settings.seconds("traffic.queue_wait_ms"),
            ),
            breaker.Rules(
                window=settings.seconds("breaker.window_ms"),
                least=settings.number("breaker.least_calls"),
                bad=settings.number("breaker.bad_percent") / 100,
                pause=settings.seconds("breaker.pause_ms"),
                spread=settings.number("breaker.spread_percent") / 100,
                probes=settings.number("breaker.probes"),
                slow=settings.seconds(slow) if slow in settings.rows else breaker.Rules().slow,
            ),
            retry.Rules(
                share=settings.number("retry.percent") / 100,
                saved=float(settings.number("retry.saved")),
                backoff=settings.seconds("retry.backoff_ms"),
                patience=settings.seconds("retry.longest_wait_ms"),
            ),
            gather=settings.seconds("traffic.gather_ms"),
        )
