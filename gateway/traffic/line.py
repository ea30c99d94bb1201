"""One system's line: the whole way of a call, from the question to the adapter and back, in the fixed order.

    switch      an operator's no                                              switch.py
    cache       what it said lately, as far as this question may have that    cache.py
    coalesce    an equal question under way                                   coalesce.py
    gather      under load, others' keys of the same kind                     gather.py
    bulkhead    a place among the calls it bears, after a short wait          bulkhead.py
    breaker     not at all while it fails most of the time                    breaker.py
    retry       once more for what failed, when that can help and is paid for retry.py
    adapter     the call, in its own language: one or several HTTP exchanges, each with its own time-out and turn

All of it is about *calls*: a call that takes three exchanges is one call to the queue, the breaker and the budget, so
nothing multiplies. Only how slow a system is, is told from its slowest exchange: paging, or waiting for a turn of our
own, is none of its doing. The breaker judges a call by how it ended, after its retry.

An open breaker is seen before the queue, too, so that nobody waits in it for nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from gateway.traffic.breaker import Breaker, State
from gateway.traffic.bulkhead import Bulkhead, Full
from gateway.traffic.cache import STALE, Begun, Cache, Found
from gateway.traffic.coalesce import Flights, TooLate
from gateway.traffic.gather import Gathering
from gateway.traffic.retry import Budget, worth
from gateway.traffic.switch import Switch
from gateway.traffic.tally import Tally
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import (
    Adapter,
    BackendError,
    Call,
    Deadline,
    Gap,
    Garbled,
    Heard,
    Key,
    Kind,
    Operation,
    Outcome,
    Overdue,
    Paced,
    Refused,
    Saturated,
    Throttled,
    TimedOut,
    Unavailable,
)
from resolvers.freshness import Freshness

log = logging.getLogger("gateway.traffic")

TOGETHER = "Keys of several callers were asked for together; each caller's are asked for alone now."


class SwitchedOff(Unavailable):
    """By our operator: asking again does not help."""

    retryable = False


@dataclass(slots=True)
class Passage:
    """How one call was answered, for who wants to tell: `extensions.plan`."""

    cache: str = "NONE"
    coalesced: bool = False


class _Answer(NamedTuple):
    """failed: whether some key of it did; size: bytes on the wire; begun: when it was asked."""

    found: Found
    failed: bool
    size: int
    begun: Begun


@dataclass(slots=True)
class Line:
    """One per system, made by `Traffic.over`."""

    adapter: Adapter
    tuning: Tuning
    cache: Cache
    switch: Switch
    tally: Tally = field(default_factory=Tally)
    name: str = field(init=False)
    bulkhead: Bulkhead = field(init=False)
    breaker: Breaker = field(init=False)
    budget: Budget = field(init=False)
    flights: Flights[_Answer] = field(init=False)
    gathering: Gathering = field(init=False)
    _renewing: dict[Call, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.adapter.name
        self.bulkhead = Bulkhead(self.tuning.bulkhead)
        self.breaker = Breaker(self.tuning.breaker)
        self.budget = Budget(self.tuning.retry)
        self.flights = Flights(self._admitted)
        self.gathering = Gathering(self._most, self.tuning.gather, self.tuning.apart)

    @property
    def enabled(self) -> bool:
        return not self.switch.off(self.name)

    async def perform(self, call: Call, deadline: Deadline, allowed: Freshness, passage: Passage) -> Found:
        """One outcome per key of the call. Only a defect of ours raises."""
        if not self.enabled:
            return _all(call, SwitchedOff(self.name, "switched off by its operator"))
        if call.kind is not Kind.READ:
            return (await self._admitted(call, deadline)).found
        if allowed.kept:
            return await self._remembered(call, deadline, allowed, passage)
        return (await self._shared(call, deadline, passage)).found

    def forget(self, operation: str | None = None, key: Key | None = None) -> None:
        """After a change there: whoever asks from now on is told what holds from now on."""
        self.cache.forget(self.name, operation, key)
        self.flights.forget()

    async def aclose(self) -> None:
        for task in self._renewing.values():
            task.cancel()
        await asyncio.gather(*self._renewing.values(), return_exceptions=True)
        await self.flights.aclose()

    # -- cache ----------------------------------------------------------------------------------------------------

    async def _remembered(self, call: Call, deadline: Deadline, allowed: Freshness, passage: Passage) -> Found:
        there, missing, ageing = self.cache.look(call, allowed)
        self.tally.answers["cached"] += len(there) - len(ageing)
        self.tally.answers["stale"] += len(ageing)
        if ageing:
            self._renew(_only(call, ageing), allowed)
        passage.cache = "MISS" if missing else "STALE" if ageing else "HIT"
        if not missing:
            return there
        asked = _only(call, missing)
        answer = await self._shared(asked, deadline, passage)
        self.cache.keep(asked, allowed, answer.found, answer.size, answer.begun)
        found = self._rescued(asked, allowed, answer.found, passage) if answer.failed else answer.found
        return {**there, **found} if there else found

    def _rescued(self, call: Call, allowed: Freshness, found: Found, passage: Passage) -> Found:
        saved = self.cache.rescue(call, allowed, found)
        stale = sum(one.source is not None and one.source.mode == STALE for one in saved.values())
        self.tally.answers["stale"] += stale
        passage.cache = "STALE" if stale else passage.cache
        return saved

    def _renew(self, call: Call, allowed: Freshness) -> None:
        """In the background, and only where nobody is kept waiting by it."""
        busy = self.bulkhead.inside >= self.tuning.bulkhead.at_once
        if call in self._renewing or busy or self.breaker.refuses():
            return
        task = self._renewing[call] = asyncio.ensure_future(self._renewed(call, allowed))
        task.add_done_callback(lambda _: self._renewing.pop(call, None))

    async def _renewed(self, call: Call, allowed: Freshness) -> None:
        """It gathers with nobody, so that a request alone does not wait for it. Whoever asks the same joins it."""
        try:
            answer, _ = await self.flights.ask(call, Deadline(self.adapter.connection.attempt_timeout))
            self.cache.keep(call, allowed, answer.found, answer.size, answer.begun)
        except TooLate:
            pass  # what was kept stays as it is
        except Exception:  # nobody waits for it; who asks next meets the same defect, and is told
            log.exception("defect while %s.%s was asked anew", self.name, call.operation)

    # -- coalesce, gather -----------------------------------------------------------------------------------------

    async def _shared(self, call: Call, deadline: Deadline, passage: Passage) -> _Answer:
        """Whoever joined a question that was given up for want of its first caller's time asks it again."""
        while True:
            try:
                answer, joined = await self._together(call, deadline)
            except TooLate:
                return self._without(call, Overdue(self.name, "no time left to wait for it"))
            passage.coalesced = passage.coalesced or joined
            if not (joined and answer.failed and _cut_short(answer.found) and self._left(deadline) > 0):
                return answer

    async def _together(self, call: Call, deadline: Deadline) -> tuple[_Answer, bool]:
        """The answer, and whether somebody else's call brought it."""
        if self.flights.flying(call) or self.breaker.state is not State.CLOSED:  # nobody waits for a probe
            return await self.flights.ask(call, deadline)
        whole, away = await self.gathering.whole(call, deadline)
        try:
            if whole.keys == call.keys:
                return await self.flights.ask(call, deadline)
            if (told := await self._in_company(call, whole, deadline)) is not None:
                return told
        finally:
            self.gathering.back(away, deadline)
        return await self.flights.ask(call, deadline)

    async def _in_company(self, call: Call, whole: Call, deadline: Deadline) -> tuple[_Answer, bool] | None:
        """Our share of what several callers' keys were answered; None: ours are worth asking alone."""
        try:
            answer, joined = await self.flights.ask(whole, deadline)
        except TooLate:
            raise
        except Exception as error:
            self._tell(whole, error)
            return None
        return None if self._others_fault(call, answer, deadline) else (_share(answer, call), joined)

    def _tell(self, whole: Call, error: Exception) -> None:
        """Once for all who travelled: it may show in company alone, so that none of them meets it again."""
        if TOGETHER not in getattr(error, "__notes__", ()):
            error.add_note(TOGETHER)
            log.error("defect while %s.%s was asked for several", self.name, whole.operation, exc_info=error)

    def _others_fault(self, call: Call, answer: _Answer, deadline: Deadline) -> bool:
        """Whether our keys may have failed because they travelled with others, so that they are worth asking alone: it
        is one failure of several callers' keys, and no failure by which the system says it is asked too much. One that
        is no system's costs nobody there anything; one that is, and may be nobody's fault, costs a retry."""
        if not answer.failed:
            return False
        others = {id(one.error) for key, one in answer.found.items() if key not in call.keys}
        shared = [one for key in call.keys if (one := answer.found[key].error) is not None and id(one) in others]
        if any(isinstance(one, TimedOut) for one in shared):
            self.gathering.part(call)
        if any(isinstance(one, Refused | Garbled) or not isinstance(one, BackendError) for one in shared):
            return True
        lost = [one for one in shared if isinstance(one, Unavailable) and not isinstance(one, Overdue)]
        if not lost or self.budget.pause(lost[0], self._left(deadline)) is None:
            return False
        self.budget.spend()
        return True

    def _most(self, call: Call) -> int:
        """Keys that may travel together; none where the system hears who asks, or is asked for each by itself."""
        asked: Operation[Any] = getattr(type(self.adapter), call.operation)
        return 0 if self.adapter.delegated or asked.alone else asked.limit

    # -- bulkhead, breaker, retry ---------------------------------------------------------------------------------

    async def _admitted(self, call: Call, deadline: Deadline) -> _Answer:
        if wait := self.breaker.refuses():
            return self._refused(call, wait)
        if (left := self._left(deadline)) <= 0:
            return self._without(call, Overdue(self.name, "no time left to ask"))
        try:
            await self.bulkhead.enter(left)
        except Full as full:
            return self._without(call, Saturated(self.name, str(full), self.tuning.come_back))
        try:
            wait = self.breaker.refuses()
            return self._refused(call, wait) if wait else await self._judged(call, deadline)
        finally:
            self.bulkhead.leave()

    async def _judged(self, call: Call, deadline: Deadline) -> _Answer:
        epoch, heard, started = self.breaker.enter(), Heard(), time.monotonic()
        begun, good = self.cache.begin(self.name), None
        try:
            found, failed = await self._tried(call, deadline, heard)
            good = self._verdict(failed.values()) if failed else True
            code = next(iter(failed.values())).code if failed else "OK"
            answered = not _backend(failed.values()) if failed and good is not None else good
            self.tally.call(time.monotonic() - started, code, answered)
            return _Answer(found, bool(failed), heard.size, begun)
        finally:
            slow = heard.slowest >= self.tuning.breaker.slow
            self.breaker.left(epoch, False if slow else good)

    async def _tried(self, call: Call, deadline: Deadline, heard: Heard) -> tuple[Found, dict[Key, Gap]]:
        """What was found, and what failed of it."""
        self.budget.earn()
        found = await self.adapter.perform(call, deadline, heard)
        failed = _failed(found)
        if not failed or call.kind is not Kind.READ:
            return found, failed
        again = {key: e for key, e in failed.items() if isinstance(e, BackendError) and worth(e, heard)}
        if not again:
            return found, failed
        slowest_to_return = max(again.values(), key=lambda error: error.retry_after or 0.0)
        pause = self.budget.pause(slowest_to_return, self._left(deadline))
        if pause is None:
            return found, failed
        self.budget.spend()
        await asyncio.sleep(pause)
        heard.absent = False
        found = {**found, **await self.adapter.perform(_only(call, list(again)), deadline, heard)}
        return found, _failed(found)

    def _verdict(self, failed: Iterable[Gap]) -> bool | None:
        """Good, bad, or neither: that our time was up, or that we kept to its pace, says nothing of the system."""
        good: bool | None = True
        for error in failed:
            if isinstance(error, Overdue | Paced):
                good = None
            elif isinstance(error, Unavailable | Throttled):
                return False
        return good

    # -- nothing was asked ----------------------------------------------------------------------------------------

    def _left(self, deadline: Deadline) -> float:
        """Seconds in which something can still be begun."""
        return deadline.remaining() - self.adapter.connection.floor

    def _refused(self, call: Call, wait: float) -> _Answer:
        return self._without(call, Unavailable(self.name, "left alone: it fails too often", wait))

    def _without(self, call: Call, error: BackendError) -> _Answer:
        self.tally.ended[error.code] += 1
        return _Answer(_all(call, error), True, 0, self.cache.begin(self.name))


def _only(call: Call, keys: list[Key]) -> Call:
    return call if len(keys) == len(call.keys) else msgspec.structs.replace(call, keys=tuple(keys))


def _share(answer: _Answer, call: Call) -> _Answer:
    """What these keys have of an answer to more of them."""
    found = {key: answer.found[key] for key in call.keys}
    size = answer.size * len(found) // len(answer.found)
    return _Answer(found, any(one.error is not None for one in found.values()), size, answer.begun)


def _all(call: Call, error: BackendError) -> Mapping[Key, Outcome[Any]]:
    return dict.fromkeys(call.keys, Outcome(error=error))


def _failed(found: Found) -> dict[Key, Gap]:
    return {key: outcome.error for key, outcome in found.items() if outcome.error is not None}


def _cut_short(found: Found) -> bool:
    return any(isinstance(outcome.error, Overdue) for outcome in found.values())


def _backend(failed: Iterable[Gap]) -> bool:
    return any(isinstance(error, BackendError) for error in failed)
