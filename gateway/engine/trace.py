"""The calls of one operation: each in its turn, and noted for callers who may read about them (`extensions.plan`) or
want to know how old what they got is (`extensions.sources`)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.engine.sources import Heard, heard
from gateway.traffic import Passage, Traffic
from resolvers.backends.base import Call, Deadline, Key, Operation, Outcome, Slots
from resolvers.binding import Ask


@dataclass(slots=True)
class Trace:
    """Stands between an operation's loaders and the traffic.

    One operation takes no more than half of the places a system has: what a large question asks of it in many calls
    waits here, at its own cost, and leaves others theirs.

    noted:  whether each call is described in `calls`; sourced: whether it is told in `heard` what came of it
    asked:  names of the systems
    """

    traffic: Traffic
    noted: bool = False
    sourced: bool = False
    started: float = field(default_factory=time.perf_counter)
    calls: list[dict[str, Any]] = field(default_factory=list)
    heard: dict[int, list[Heard]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    count: int = 0
    _turns: dict[str, Slots] = field(default_factory=dict)

    async def __call__(self, call: Call, deadline: Deadline, asks: Sequence[Ask]) -> Mapping[Key, Outcome[Any]]:
        self.count += 1
        self.asked.add(call.backend)
        number = self.count
        for ask in asks:
            ask.origin.calls = (*ask.origin.calls, number)
        if call.subject is not None and not self.traffic.lines[call.backend].adapter.delegated:
            call = msgspec.structs.replace(call, subject=None)  # it acts for us, whoever asks: what it says is shared
        begun, passage = time.perf_counter(), Passage()
        turn = self._turn(call.backend)
        if not turn.taken():
            await turn.turn()
        try:
            found = await self.traffic.perform(call, deadline, asks[0].freshness, passage)
        finally:
            turn.free()
        if self.noted:
            self.calls.append(self._entry(number, call, asks, found, begun, passage))
        if self.sourced:
            self.heard[number] = heard(call.backend, found)
        return found

    def _turn(self, backend: str) -> Slots:
        turn = self._turns.get(backend)
        if turn is None:
            places = self.traffic.lines[backend].tuning.bulkhead.at_once
            turn = self._turns[backend] = Slots(max(1, places // 2))
        return turn

    def _entry(
        self,
        number: int,
        call: Call,
        asks: Sequence[Ask],
        found: Mapping[Key, Outcome[Any]],
        begun: float,
        passage: Passage,
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
            "cache": passage.cache,
            "coalesced": passage.coalesced,
        }


def _rows(value: Any) -> int:
    if value is None:
        return 0
    return len(value) if isinstance(value, list) else 1
