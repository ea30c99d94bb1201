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
from typing import Any

import msgspec

from resolvers.backends.base import Call, Columns, Deadline, Key, Kind

MOST_APART = 64
"""Kinds that are remembered to go alone; of more, those that were too slow last."""


Alike = tuple[str, Columns, tuple[tuple[str, Any], ...], str]
"""What calls of one kind have in common, of those that may travel."""


@dataclass(slots=True, eq=False)
class _Party:
    """Who leaves together. Whoever goes before that takes their keys along."""

    calls: dict[asyncio.Future[Call], Call] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None

    @property
    def keys(self) -> dict[Key, None]:
        return {key: None for call in self.calls.values() for key in call.keys}


@dataclass(slots=True, eq=False)
class Away:
    """Calls of one kind that are under way, by the deadlines of who asked; and who gathers meanwhile."""

    kind: Alike
    deadlines: list[Deadline] = field(default_factory=list)
    party: _Party | None = None


@dataclass(slots=True)
class Gathering:
    """Of one system. `most`: keys that a call of this kind may have; `travelled`: calls that joined a party."""

    most: Callable[[Call], int]
    window: float
    apart: float
    travelled: int = 0
    _apart: dict[Alike, float] = field(default_factory=dict)
    _away: dict[Alike, Away] = field(default_factory=dict)

    async def whole(self, call: Call, deadline: Deadline) -> tuple[Call, Away | None]:
        """The call to make for this one: itself, or one with the keys of several. Give `back` what comes with it when
        it is answered."""
        most = self.most(call) if self.window and call.kind is Kind.READ and call.subject is None else 0
        if most <= 1:
            return call, None
        kind, whole = _kind(call), call
        away = self._away.get(kind)
        others = away is not None and any(other is not deadline for other in away.deadlines)
        if away is not None and others and len(call.keys) < most and not self._alone(kind):
            whole = await self._left(away, call, most)
            away = self._away.get(kind)
        if away is None:
            away = self._away[kind] = Away(kind)
        away.deadlines.append(deadline)
        return whole, away

    def back(self, away: Away | None, deadline: Deadline) -> None:
        if away is None:
            return
        away.deadlines.remove(deadline)
        if not away.deadlines:
            del self._away[away.kind]
        self._leave(away)

    def part(self, call: Call) -> None:
        """Those of this kind were too slow together."""
        kind = _kind(call)
        self._apart.pop(kind, None)
        while len(self._apart) >= MOST_APART:
            del self._apart[next(iter(self._apart))]
        self._apart[kind] = time.monotonic() + self.apart

    def _alone(self, kind: Alike) -> bool:
        until = self._apart.get(kind)
        if until is not None and until <= time.monotonic():
            del self._apart[kind]
            return False
        return until is not None

    async def _left(self, away: Away, call: Call, most: int) -> Call:
        loop = asyncio.get_running_loop()
        party = away.party
        if party is not None and len(party.keys | dict.fromkeys(call.keys)) > most:
            self._leave(away)
            party = None
        if party is None:
            party = away.party = _Party(timer=loop.call_later(self.window, self._leave, away))
        else:
            self.travelled += 1
        turn: asyncio.Future[Call] = loop.create_future()
        party.calls[turn] = call
        if len(party.keys) == most:
            self._leave(away)
        try:
            return await turn
        finally:
            party.calls.pop(turn, None)

    def _leave(self, away: Away) -> None:
        party, away.party = away.party, None
        if party is None:
            return
        if party.timer is not None:
            party.timer.cancel()
        keys, alone = tuple(party.keys), self._alone(away.kind)
        whole: Call | None = None
        for turn, call in list(party.calls.items()):
            if not turn.done():
                whole = whole or msgspec.structs.replace(call, keys=keys)
                turn.set_result(call if alone else whole)


def _kind(call: Call) -> Alike:
    return call.operation, call.columns, call.args, call.credential
