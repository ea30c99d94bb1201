"""Different keys that several requests ask of one operation at the same time travel together, in one call.

Only under load: while a call of the same kind is under way for somebody else, whoever comes gathers with whoever else
comes. They leave when that call is back, when they are as many as one call may have, or after `window` seconds. A
request that finds nothing under way waits for nobody.

Of one kind are calls that differ in nothing but their keys. What a system answers for one caller (`Call.subject`, or an
adapter that acts on behalf of callers) never travels with anything else, nor do writes, nor what is asked key by key
(`Operation.alone`), nor what we ask of our own accord. When keys of several were too slow together, those of their kind
go alone for `apart` seconds: one of them may be slow by itself, and is so for nobody else then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from resolvers.backends.base import Call, Deadline, Key, Kind

MOST_APART = 64
"""Kinds that are remembered to go alone; of more, those that were too slow last."""


@dataclass(slots=True, eq=False)
class _Party:
    """Who leaves together. Whoever goes before that takes their keys along."""

    calls: dict[asyncio.Future[Call], Call] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None

    @property
    def keys(self) -> dict[Key, None]:
        return {key: None for call in self.calls.values() for key in call.keys}


@dataclass(slots=True)
class Gathering:
    """Of one system. `most`: keys that a call of this kind may have; `travelled`: calls that joined a party."""

    most: Callable[[Call], int]
    window: float
    apart: float
    travelled: int = 0
    _apart: dict[Call, float] = field(default_factory=dict)
    _away: dict[Call, list[Deadline]] = field(default_factory=dict)
    _parties: dict[Call, _Party] = field(default_factory=dict)

    async def whole(self, call: Call, deadline: Deadline) -> Call:
        """The call to make for this one: itself, or one with the keys of several. Say `back` when it is answered."""
        most = self.most(call) if self.window and call.kind is Kind.READ and call.subject is None else 0
        if most <= 1:
            return call
        kind, whole = _kind(call), call
        others = any(other is not deadline for other in self._away.get(kind, ()))
        if others and len(call.keys) < most and not self._alone(kind):
            whole = await self._left(kind, call, most)
        self._away.setdefault(kind, []).append(deadline)
        return whole

    def back(self, call: Call, deadline: Deadline) -> None:
        kind = _kind(call)
        if (away := self._away.get(kind)) is None:
            return
        away.remove(deadline)
        if not away:
            del self._away[kind]
        self._leave(kind)

    def part(self, call: Call) -> None:
        """Those of this kind were too slow together."""
        kind = _kind(call)
        self._apart.pop(kind, None)
        while len(self._apart) >= MOST_APART:
            del self._apart[next(iter(self._apart))]
        self._apart[kind] = time.monotonic() + self.apart

    def _alone(self, kind: Call) -> bool:
        until = self._apart.get(kind)
        if until is not None and until <= time.monotonic():
            del self._apart[kind]
            return False
        return until is not None

    async def _left(self, kind: Call, call: Call, most: int) -> Call:
        loop = asyncio.get_running_loop()
        party = self._parties.get(kind)
        if party is not None and len(party.keys | dict.fromkeys(call.keys)) > most:
            self._leave(kind)
            party = None
        if party is None:
            party = self._parties[kind] = _Party(timer=loop.call_later(self.window, self._leave, kind))
        else:
            self.travelled += 1
        turn: asyncio.Future[Call] = loop.create_future()
        party.calls[turn] = call
        if len(party.keys) == most:
            self._leave(kind)
        try:
            return await turn
        finally:
            party.calls.pop(turn, None)

    def _leave(self, kind: Call) -> None:
        party = self._parties.pop(kind, None)
        if party is None:
            return
        if party.timer is not None:
            party.timer.cancel()
        whole, alone = msgspec.structs.replace(kind, keys=tuple(party.keys)), self._alone(kind)
        for turn, call in list(party.calls.items()):
            if not turn.done():
                turn.set_result(call if alone else whole)


def _kind(call: Call) -> Call:
    return msgspec.structs.replace(call, keys=())
