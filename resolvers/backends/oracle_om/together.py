"""Several reads at once, no more than the system should bear from one question. The first failure ends them all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from resolvers.backends.base import BackendError

R = TypeVar("R")
T = TypeVar("T")
TURN = 50
"""Orders that are translated in one go."""


async def together(width: int, reads: Sequence[Callable[[], Awaitable[R]]]) -> list[R]:
    """Results in the order of the reads."""
    if len(reads) == 1:
        return [await reads[0]()]
    slots = asyncio.Semaphore(width)

    async def one(read: Callable[[], Awaitable[R]]) -> R:
        async with slots:
            return await read()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(read)) for read in reads]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def in_turns(rows: Sequence[T], make: Callable[[Sequence[T]], Sequence[R]]) -> list[R | BackendError]:
    """What is made of rows, or why not; of many, a part at a time, so that whoever else waits has their turn."""
    made: list[R | BackendError] = []
    for start in range(0, len(rows), TURN):
        if start:
            await asyncio.sleep(0)
        made += _tried(rows[start : start + TURN], make)
    return made


def _tried(rows: Sequence[T], make: Callable[[Sequence[T]], Sequence[R]]) -> Sequence[R | BackendError]:
    """All in one go; where one cannot be read, each by itself, so that it does not cost the others."""
    try:
        return make(rows)
    except BackendError as error:
        return [error] if len(rows) == 1 else [one for row in rows for one in _tried([row], make)]


def all_together(totals: Sequence[int | None], asked: bool) -> int | None:
    """Of lists that have no order in common."""
    known = [total for total in totals if total is not None]
    return sum(known) if asked and len(known) == len(totals) else None


def unless_failed(made: Sequence[R | BackendError]) -> list[R] | BackendError:
    """All of them, or the first failure: a list with a gap in it would be taken for the whole."""
    whole: list[R] = []
    for one in made:
        if isinstance(one, BackendError):
            return one
        whole.append(one)
    return whole
