"""Trouble that does not depend on who asks: what fails is a pure function of system, operation and key, or of resolver
and row.

So two engines that ask with other batches, at other times and for other columns meet the same failures. Answers also
come in another order each time, which nobody may notice.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from gateway.traffic import Traffic
from resolvers.backends.base import (
    BackendError,
    Call,
    Deadline,
    Garbled,
    Key,
    Kind,
    Outcome,
    Refused,
    Throttled,
    TimedOut,
    Unavailable,
)
from resolvers.binding import Ask, Batch, Binding, Bindings, Relation

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
    """How much fails: one in so many (0: none).

    keys:        of the keys of an operation
    operations:  of the operations, whatever the key
    rows:        of the rows that a resolver answers for; some of them have a value all the same
    """

    name: str
    keys: int = 0
    operations: int = 0
    rows: int = 0
    seed: int = 0

    def of_call(self, call: Call, key: Key) -> BackendError | None:
        """What becomes of the answer for one key."""
        about = f"{call.backend} {call.operation}"
        return self._drawn(self.operations, about, call.backend) or self._drawn(
            self.keys, f"{about} {key}", call.backend
        )

    def of_row(self, resolver: str, row: str) -> BackendError | None:
        """What becomes of a resolver's answer for one of its parents."""
        return self._drawn(self.rows, f"{resolver} of {row}", "crossref")

    def steps(self, call: Call) -> int:
        """How many turns of the event loop later than it could the answer comes."""
        return zlib.crc32(f"{self.seed} {call}".encode()) % 5

    def _drawn(self, every: int, about: str, system: str) -> BackendError | None:
        drawn = zlib.crc32(f"{self.seed} {about}".encode())
        if not every or drawn % every:
            return None
        return TROUBLES[drawn // every % len(TROUBLES)](system)


FAIR = Weather("fair")
FOUL = (
    Weather("showers", keys=6),
    Weather("storm", keys=2),
    Weather("outages", operations=3),
    Weather("hail", rows=4),
    Weather("everything at once", keys=12, operations=12, rows=12),
)


Answers = dict[tuple[Call, Key], Outcome[Any]]
"""What systems said, by the question without its keys, and key."""


class Weathered(Traffic):
    """The traffic of an app, some of whose answers are lost to the weather. With `known`, no system is asked again for
    what is known of it; for those who ask at leisure, where nobody looks at what systems were asked."""

    weather = FAIR
    known: Answers | None = None

    @classmethod
    def of(cls, traffic: Traffic, weather: Weather, known: Answers | None = None) -> Weathered:
        made = cls(traffic.lines)
        made.weather, made.known = weather, known
        return made

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:  # type: ignore[override]
        found = await (super().perform(call, deadline, *how) if self.known is None else self.recalled(call, deadline))
        for _ in range(self.weather.steps(call)):
            await asyncio.sleep(0)
        troubles = {key: self.weather.of_call(call, key) for key in found}
        return {key: Outcome(error=troubles[key]) if troubles[key] else outcome for key, outcome in found.items()}

    async def recalled(self, call: Call, deadline: Deadline) -> Mapping[Key, Outcome[Any]]:
        """Of every key by itself, whichever were asked for together."""
        assert self.known is not None
        assert call.kind is Kind.READ, "what is written is not asked for twice"
        about = structs.replace(call, keys=())
        if new := tuple(key for key in call.keys if (about, key) not in self.known):
            found = await super().perform(structs.replace(call, keys=new), deadline)
            self.known |= {(about, key): one for key, one in found.items() if one.error is None}
        else:
            found = {}
        return {key: found.get(key) or self.known[about, key] for key in call.keys}


def weathered(bindings: Bindings) -> Bindings:
    """The same bindings, out in the weather that `facts["weather"]` of the request's context tells."""
    unique = {id(one): one for one in (*bindings.fields.values(), *bindings.relations.values())}
    return Bindings([replace(one, batch=_outside(_called(one), one.batch)) for one in unique.values()])


def _called(one: Binding | Relation) -> str:
    return f"{one.type}.{one.name}" if isinstance(one, Relation) else f"{one.type}.{min(one.fields)}"


def _outside(resolver: str, batch: Batch) -> Batch:
    async def answering(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        found = await batch(parents, ask)
        weather: Weather = ask.context.facts["weather"]
        rows = [getattr(parent, "id", str(sorted(ask.arguments.items()))) for parent in parents]
        return [_struck(weather.of_row(resolver, row), one) for row, one in zip(rows, found, strict=True)]

    return answering


def _struck(trouble: BackendError | None, outcome: Outcome[Any]) -> Outcome[Any]:
    """A failure in place of the value; or beside it, when it was only throttled."""
    if trouble is None or outcome.error:
        return outcome
    return Outcome(outcome.value if isinstance(trouble, Throttled) else None, trouble)
