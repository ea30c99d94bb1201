"""Orders along one of their moments: sorted once, when first asked for, so a page from the middle is soon found."""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from mocks.oracle_om import rows
from mocks.oracle_om.condition import All, Compare, Condition, Some
from mocks.oracle_om.rows import Header
from mocks.world import World

T = TypeVar("T")
Stamp = tuple[datetime, Any, int]
BREATH = 100


def placed(world: World) -> Timeline:
    """By when they were placed; this takes no lines, so it is there in a moment."""
    return Timeline(world, world.placed_by)


def updated(world: World) -> Timeline:
    """By when they last changed, which their lines tell."""
    return Timeline(world, lambda at: [(one.updated_at, one.header_id, one.header_id) for one in world.orders_of(at)])


class Timeline:
    """The orders of one world by a moment of theirs, to the second; those of one second as `tie` has them. `stamps`:
    moment, tie and header id of all orders of a customer."""

    def __init__(self, world: World, stamps: Callable[[int], Iterable[Stamp]]) -> None:
        self._world = world
        self._stamps = stamps
        self._made: asyncio.Task[tuple[array[int], array[int]]] | None = None

    async def since(self, at: datetime | None) -> Iterator[Header]:
        """From a moment on, oldest first; from the beginning, when None."""
        moments, keys = await self._sorted()
        return self._headers(keys, range(bisect_left(moments, _seconds(at)) if at else 0, len(keys)))

    async def until(self, at: datetime | None) -> Iterator[Header]:
        """Up to a moment and that included, newest first; from the end, when None."""
        moments, keys = await self._sorted()
        end = bisect_right(moments, _seconds(at)) if at else len(keys)
        return self._headers(keys, range(end - 1, -1, -1))

    def _headers(self, keys: array[int], places: range) -> Iterator[Header]:
        return (row for at in places if (row := rows.by_header_id(self._world, keys[at])))

    async def _sorted(self) -> tuple[array[int], array[int]]:
        if self._made is None or self._made.cancelled():
            self._made = asyncio.create_task(self._make())
        return await asyncio.shield(self._made)  # who gives up waiting does not make it start anew

    async def _make(self) -> tuple[array[int], array[int]]:
        every = (stamp for index in self._world.customers() for stamp in self._stamps(index))
        stamps = [(_seconds(at), tie, key) async for at, tie, key in gently(every)]
        stamps.sort()
        return array("q", (at for at, _, _ in stamps)), array("q", (key for _, _, key in stamps))


async def gently(found: Iterable[T]) -> AsyncIterator[T]:
    for n, row in enumerate(found, start=1):
        if n % BREATH == 0:
            await asyncio.sleep(0)
        yield row


def earliest(condition: Condition | None, attribute: str) -> datetime | None:
    """A moment the attribute must have reached to meet the condition; None: there is no such bound."""
    return _bound(condition, attribute, ("=", ">", ">="), max, min)


def latest(condition: Condition | None, attribute: str) -> datetime | None:
    """A moment the attribute must not have passed to meet the condition; None: there is no such bound."""
    return _bound(condition, attribute, ("=", "<", "<="), min, max)


Choose = Callable[[Iterable[datetime]], datetime]


def _bound(
    condition: Condition | None, attribute: str, signs: tuple[str, ...], closest: Choose, widest: Choose
) -> datetime | None:
    match condition:
        case Compare(name, sign, datetime() as value) if name == attribute and sign in signs:
            return value
        case All(parts):
            found = [one for part in parts if (one := _bound(part, attribute, signs, closest, widest))]
            return closest(found) if found else None
        case Some(parts):
            bounds = [_bound(part, attribute, signs, closest, widest) for part in parts]
            known = [one for one in bounds if one]
            return widest(known) if known and len(known) == len(bounds) else None
        case _:
            return None


def _seconds(at: datetime) -> int:
    return int(at.timestamp() // 1)
