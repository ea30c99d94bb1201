"""Equal questions that are under way at the same time are asked once.

Who waits for an answer waits no longer than their own deadline, and may leave; the work goes on until the last of them
has, and no longer. Equal is the whole `Call`: system, operation, keys, columns, arguments, credential, subject, kind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from resolvers.backends.base import Call, Deadline

A = TypeVar("A")


class TooLate(Exception):
    """The one who waits has no time left."""


class _Flight(Generic[A]):
    """One question under way. It is nobody's own: whoever asked first may be gone.

    Whoever waits has an alarm at their own deadline, but for the one whose deadline is the work's: the work ends then
    by itself. So the usual question, which one caller waits for, needs no alarm at all.
    """

    __slots__ = ("answer", "deadline", "error", "last", "open", "task", "waiting")

    answer: A

    def __init__(self, work: Callable[[Call, Deadline], Awaitable[A]], call: Call, deadline: Deadline) -> None:
        self.deadline = Deadline(0)
        self.deadline.reach(deadline)
        self.error: BaseException | None = None
        self.open = True
        self.waiting: dict[asyncio.Future[None], asyncio.TimerHandle | None] = {}
        self.last: tuple[asyncio.Future[None], Deadline] | None = None
        self.task = asyncio.get_running_loop().create_task(self._fly(work, call))

    def reach(self, deadline: Deadline) -> None:
        """Somebody comes who waits longer than all the others, so that the work does too."""
        if deadline.at > self.deadline.at:
            self.deadline.reach(deadline)
            if self.last is not None:
                turn, own = self.last
                self.waiting[turn] = _alarm(turn, own)
                self.last = None

    async def landing(self, deadline: Deadline) -> A:
        """The answer. Raises TooLate; and, to everybody, whatever the work raised."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.last is None and deadline.at >= self.deadline.at:
            self.last, self.waiting[turn] = (turn, deadline), None
        else:
            self.waiting[turn] = _alarm(turn, deadline)
        try:
            await turn
        finally:
            self._leave(turn)
        if self.error is not None:
            raise self.error
        return self.answer

    def _leave(self, turn: asyncio.Future[None]) -> None:
        if (alarm := self.waiting.pop(turn)) is not None:
            alarm.cancel()
        if self.last is not None and self.last[0] is turn:
            self.last = None
        if not self.waiting:
            self.open = False
            self.task.cancel()  # does nothing to what is done

    async def _fly(self, work: Callable[[Call, Deadline], Awaitable[A]], call: Call) -> None:
        try:
            self.answer = await work(call, self.deadline)
        except BaseException as error:
            self.error = error
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self.open = False
            for turn in self.waiting:
                if not turn.done():
                    turn.set_result(None)


class Flights(Generic[A]):
    """The questions of one system that are under way. `joined` counts who found theirs asked already."""

    def __init__(self, work: Callable[[Call, Deadline], Awaitable[A]]) -> None:
        self.joined = 0
        self._work = work
        self._flying: dict[Call, _Flight[A]] = {}

    async def ask(self, call: Call, deadline: Deadline) -> tuple[A, bool]:
        """The answer, and whether it was somebody else's question first."""
        flight = self._flying.get(call)
        joined = flight is not None and flight.open
        if flight is None or not flight.open:
            flight = self._flying[call] = _Flight(self._work, call, deadline)
        else:
            self.joined += 1
            flight.reach(deadline)
        try:
            return await flight.landing(deadline), joined
        finally:
            if not flight.waiting and self._flying.get(call) is flight:
                del self._flying[call]

    def flying(self, call: Call) -> bool:
        """Whether who asks it now joins others."""
        flight = self._flying.get(call)
        return flight is not None and flight.open

    def forget(self) -> None:
        """Who asks from now on gets a new answer."""
        for flight in self._flying.values():
            flight.open = False

    async def aclose(self) -> None:
        """Give up whatever is under way."""
        tasks = [flight.task for flight in self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _alarm(turn: asyncio.Future[None], deadline: Deadline) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(max(deadline.remaining(), 0), _late, turn)


def _late(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TooLate())
