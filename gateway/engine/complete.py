"""A column of values → what stands in the answer for them: lists flattened and cut again, objects shaped by type.

Everything is per position: a value that is not what its type says costs its own position and nothing else. A null
where the schema promises a value becomes a `Broken`, which the next position that may be null takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from gateway.engine.collect import Collector
from gateway.engine.frame import Frame, Items
from gateway.engine.plan import Branch, Rows, Slot
from gateway.engine.shape import Broken, Missing, listed

VANISHED: Any = type("VANISHED", (), {"__repr__": lambda _: "VANISHED"})()
"""A row that does not exist for this caller: null where that is allowed, left out of a list where it is not."""

Shaping = Callable[[Rows, Sequence[Any], Frame], Awaitable[list[Any]]]
"""Rows at a position → one shaped row for each; or VANISHED, or `Broken`."""

Part = tuple[Rows, Sequence[int]]


GONE = frozenset({type(None), Broken})
"""What there is nothing to shape of."""

WHOLE = frozenset({dict, list})
"""What rows and lists are completed to, unless something is missing."""


class _Lists(NamedTuple):
    """A position of lists: what stands at each of its places, and where their items do."""

    slot: Slot
    lists: Sequence[Any]
    frame: Frame
    pattern: str
    items: Items


@dataclass(slots=True)
class Completion:
    """Completes the values of one branch. `shape` gives the rows below it."""

    branch: Branch
    collector: Collector
    shape: Shaping

    async def __call__(self, values: Sequence[Any], frame: Frame) -> list[Any]:
        """One completed value per position of `frame`; none of them VANISHED. Down through the lists to the objects in
        them, which are shaped together, and up again."""
        slot, pattern, above = self.branch.slot, self.branch.path, list[_Lists]()
        while slot.item is not None:
            at = self.lists(slot, values, frame, pattern)
            above.append(at)
            values, frame, slot, pattern = _flat(at.lists), at.items, slot.item, pattern + ".*"
        if GONE.isdisjoint(map(type, values)):
            completed = await self.present(values, frame, pattern) if values else []
        else:
            completed = await self.among_gaps(values, frame, pattern)
        holes = self.settle(slot, completed, frame, pattern)
        for at in reversed(above):
            completed = self.cut(at, completed, holes)
            holes = self.settle(at.slot, completed, at.frame, at.pattern)
        return completed

    def settle(self, slot: Slot, completed: list[Any], frame: Frame, pattern: str) -> bool:
        """Whether some are `Broken` or, in a list, VANISHED, once it is seen to what is missing."""
        if WHOLE.issuperset(map(type, completed)):
            return False
        odd = [i for i, value in enumerate(completed) if value.__class__ not in WHOLE]
        for i in odd:
            completed[i] = self.settled(slot, completed[i], frame, i, pattern)
        return slot.non_null

    def settled(self, slot: Slot, value: Any, frame: Frame, i: int, pattern: str) -> Any:
        """What is to be done about a value that is missing."""
        if not slot.non_null:
            if value.__class__ is Broken:
                self.collector.land(self.branch.coordinate, frame.only((i,)), value.cause)
            return None
        if value.__class__ is Broken:
            return value
        if value is VANISHED and isinstance(frame, Items):
            frame.gone.add(i)
            return VANISHED
        return self.broken(Missing("null where a value was promised"), frame, i, pattern)

    def broken(self, error: Exception, frame: Frame, i: int, pattern: str) -> Broken:
        place = frame.only((i,))
        self.collector.defect(pattern, self.branch.coordinate, error, place)
        return Broken(place)

    # -- lists ----------------------------------------------------------------------------------------------------

    def lists(self, slot: Slot, values: Sequence[Any], frame: Frame, pattern: str) -> _Lists:
        lists = [
            value if value is None or value.__class__ is list else self.listed(value, frame, i, pattern)
            for i, value in enumerate(values)
        ]
        return _Lists(slot, lists, frame, pattern, frame.items(lists))

    def listed(self, value: Any, frame: Frame, i: int, pattern: str) -> Any:
        try:
            return value if value.__class__ is Broken else listed(value)
        except TypeError as error:
            return self.broken(error, frame, i, pattern)

    def cut(self, at: _Lists, below: list[Any], holes: bool) -> list[Any]:
        """What was completed below as lists again, each as long as it was."""
        start = 0
        cut: list[Any] = []
        for value in at.lists:
            if value is None or value.__class__ is Broken:
                cut.append(value)
                continue
            end = start + len(value)
            cut.append(self.without_holes(below, start, end, at.items) if holes else below[start:end])
            start = end
        return cut

    def without_holes(self, below: list[Any], start: int, end: int, items: Items) -> Any:
        """A list whose items are promised: one that is broken breaks it, one that vanished is left out."""
        for i in range(start, end):
            if below[i].__class__ is Broken:
                self.collector.drop(items.only(range(i + 1, end)))
                return below[i]
        return [row for row in below[start:end] if row is not VANISHED]

    # -- objects --------------------------------------------------------------------------------------------------

    async def among_gaps(self, values: Sequence[Any], frame: Frame, pattern: str) -> list[Any]:
        picks = [i for i, value in enumerate(values) if value.__class__ not in GONE]
        completed = list(values)
        shaped = await self.present([values[i] for i in picks], frame.only(picks), pattern) if picks else ()
        for i, row in zip(picks, shaped, strict=True):
            completed[i] = row
        return completed

    def present(self, values: Sequence[Any], frame: Frame, pattern: str) -> Awaitable[list[Any]]:
        if self.branch.abstract:
            return self.by_type(values, frame, pattern)
        (rows,) = self.branch.below.values()
        return self.shape(rows, values, frame) if rows else _vanished(len(values))

    async def by_type(self, values: Sequence[Any], frame: Frame, pattern: str) -> list[Any]:
        """Rows of one type together, rows of several types apart but at the same time."""
        answers: list[Any] = [VANISHED] * len(values)
        places: dict[str, list[int]] = {}
        for i, value in enumerate(values):
            kind = getattr(value, "graph_type", None)
            if isinstance(kind, str) and kind in self.branch.below:
                places.setdefault(kind, []).append(i)
            else:
                answers[i] = self.broken(TypeError(f"{kind!r} is no type of what stands here"), frame, i, pattern)
        seen = [(rows, picks) for kind, picks in places.items() if (rows := self.branch.below[kind]) is not None]
        await in_parts(self.shape, seen, values, frame, answers)
        return answers


async def in_parts(
    shape: Shaping, parts: Sequence[Part], rows: Sequence[Any], frame: Frame, answers: list[Any]
) -> None:
    """Several selections over parts of the rows, at the same time; results go to their places in `answers`."""
    asked = [(selection, picks) for selection, picks in parts if picks]
    work = [shape(selection, [rows[i] for i in picks], frame.only(picks)) for selection, picks in asked]
    for (_, picks), found in zip(asked, await all_of(work), strict=True):
        for i, row in zip(picks, found, strict=True):
            answers[i] = row


async def _vanished(many: int) -> list[Any]:
    return [VANISHED] * many


def _flat(lists: Sequence[Any]) -> list[Any]:
    there = lists if GONE.isdisjoint(map(type, lists)) else [one for one in lists if one.__class__ not in GONE]
    return list(chain.from_iterable(there))


async def all_of(work: Sequence[Awaitable[Any]]) -> list[Any]:
    """Everything these give, at the same time; the first without a task of its own. When one fails, or nobody waits any
    more, none is left running behind the answer."""
    if len(work) == 1:
        return [await work[0]]
    tasks = [asyncio.ensure_future(one) for one in work[1:]]
    try:
        return [await one for one in (*work[:1], *tasks)]
    except BaseException:
        begun = [one for one in (*work[:1], *tasks) if isinstance(one, asyncio.Future)]
        for one in begun:
            one.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        raise
