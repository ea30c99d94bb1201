"""The calls of one operation, as `extensions.plan` tells them: what was asked of whom, after what, how long it took."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.traffic import Traffic
from resolvers.backends.base import Call, Deadline, Key, Operation, Outcome
from resolvers.binding import Ask


@dataclass(slots=True)
class Trace:
    """Stands between an operation's loaders and the traffic; notes the calls when the caller may read them."""

    traffic: Traffic
    noted: bool
    started: float = field(default_factory=time.perf_counter)
    calls: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    async def __call__(self, call: Call, deadline: Deadline, asks: Sequence[Ask]) -> Mapping[Key, Outcome[Any]]:
        self.count += 1
        number = self.count
        for ask in asks:
            ask.origin.calls = (*ask.origin.calls, number)
        begun = time.perf_counter()
        found = await self.traffic.perform(call, deadline)
        if self.noted:
            self.calls.append(self._entry(number, call, asks, found, begun))
        return found

    def _entry(
        self, number: int, call: Call, asks: Sequence[Ask], found: Mapping[Key, Outcome[Any]], begun: float
    ) -> dict[str, Any]:
        operation: Operation[Any] = getattr(type(self.traffic.lines[call.backend].adapter), call.operation)
        return {
            "id": number,
            "after": sorted({before for ask in asks for before in ask.origin.after}),
            "system": call.backend,
            "operation": call.operation,
            "columns": operation.wire_columns(call.columns),
            "keys": len(call.keys),
            "rows": sum(_rows(outcome.value) for outcome in found.values()),
            "coordinates": sorted({coordinate for ask in asks for coordinate in ask.coordinates}),
            "startMs": round((begun - self.started) * 1000, 3),
            "ms": round((time.perf_counter() - begun) * 1000, 3),
            "cache": "NONE",
            "coalesced": False,
        }


def _rows(value: Any) -> int:
    if value is None:
        return 0
    return len(value) if isinstance(value, list) else 1
