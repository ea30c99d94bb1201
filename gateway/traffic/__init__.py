"""Between us and systems we do not own: every `Call` passes here. Order: switch → limit → adapter → transport."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from resolvers.backends.base import Adapter, BackendError, Call, Deadline, Key, Outcome, Overdue, Unavailable


class SwitchedOff(Unavailable):
    """By our operator: asking again does not help."""

    retryable = False


@dataclass(slots=True)
class Health:
    """What we have seen of one system since the start. Moments are epoch seconds."""

    title: str
    last_success_at: float | None = None
    last_failure_at: float | None = None
    in_flight: int = 0

    @property
    def up(self) -> bool | None:
        """Whether the last question was answered; None before there was one."""
        if self.last_success_at is None and self.last_failure_at is None:
            return None
        return (self.last_success_at or 0) > (self.last_failure_at or 0)

    def saw(self, *, failed: bool) -> None:
        if failed:
            self.last_failure_at = time.time()
        else:
            self.last_success_at = time.time()


@dataclass(slots=True)
class Line:
    """One system: its adapter, how many calls it takes at a time, and how it is doing."""

    adapter: Adapter
    health: Health
    slots: asyncio.Semaphore
    enabled: bool = True


@dataclass(slots=True)
class Traffic:
    lines: dict[str, Line] = field(default_factory=dict)

    @classmethod
    def over(cls, adapters: Mapping[str, Adapter], disabled: frozenset[str] = frozenset()) -> Traffic:
        return cls(
            {
                name: Line(
                    adapter,
                    Health(adapter.title),
                    asyncio.Semaphore(adapter.connection.concurrency),
                    name not in disabled,
                )
                for name, adapter in adapters.items()
            }
        )

    async def perform(self, call: Call, deadline: Deadline) -> Mapping[Key, Outcome[Any]]:
        """One outcome per key of the call. Only a defect of ours raises."""
        line = self.lines[call.backend]
        if not line.enabled:
            return _all(call, SwitchedOff(call.backend, "switched off by a setting"))
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0)):
                await line.slots.acquire()
        except TimeoutError:
            return _all(call, Overdue(call.backend, "no free slot before the deadline"))
        line.health.in_flight += 1
        try:
            found = await line.adapter.perform(call, deadline)
        finally:
            line.health.in_flight -= 1
            line.slots.release()
        errors = [one.error for one in found.values() if isinstance(one.error, BackendError)]
        if not any(isinstance(error, Overdue) for error in errors):  # the caller's own haste says nothing of the system
            line.health.saw(failed=bool(errors))
        return found


def _all(call: Call, error: BackendError) -> dict[Key, Outcome[Any]]:
    return dict.fromkeys(call.keys, Outcome(error=error))
