"""Reading a set in the order of its SKUs, part by part: each part is asked for from where the one before it ended.

The order is the system's own, and so is the comparison with the last SKU seen: printed numbers may sort otherwise
than padded ones do. Rows that pass its filter but not ours are left out, and cost the part its count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from resolvers.backends.base import Gap, Garbled, Request, Wire
from resolvers.backends.sap.materials import Numbered
from resolvers.backends.sap.odata import Root, Shape, accepted, literal
from resolvers.backends.sap.records import Results

N = TypeVar("N", bound=Numbered)
T = TypeVar("T")
U = TypeVar("U")

LARGEST_PART = 500


@dataclass(frozen=True, slots=True)
class Part(Generic[N]):
    """Rows that fit; how many were `read` for them; the `last` SKU of these, None at the end of the set; how many
    there are in all, as the system counts, or None: not asked, not told, or not only what we count."""

    rows: list[N]
    read: int = 0
    last: str | None = None
    total: int | None = None

    @property
    def sound(self) -> bool:
        return len(self.rows) == self.read


@dataclass(frozen=True, slots=True)
class Listing(Generic[N]):
    """Which rows of a set: those that pass all `tests` there and, once more, `fits` here."""

    resource: str
    shape: Shape[N]
    options: Mapping[str, str]
    tests: tuple[str, ...]
    fits: Callable[[N], bool]

    async def part(self, wire: Wire, root: Root, after: str | None, most: int, count: bool = False) -> Part[N]:
        """At most so many rows behind a SKU; with `count`, how many there are behind it. One call."""
        most = min(most, LARGEST_PART)
        reply = accepted(wire.system, await wire.send(self._request(root, after, most, count)))
        page = wire.decode(reply.body, self.shape).d
        kept = [row for row in page.results if self.fits(row)]
        total = _counted(wire, page) if count else None
        if not page.next and len(page.results) < most and (total is None or total <= len(page.results)):
            last = None
        elif not page.results or (last := page.results[-1].number) == after:
            raise Garbled(wire.system, "a list that goes on does not get any further")
        part = Part(kept, len(page.results), last, total)
        return part if part.sound else replace(part, total=None)

    async def first_part(self, wire: Wire, root: Root, after: str | None, most: int, count: bool) -> Part[N]:
        """As `part`, but with the total of the whole list: one call more where the list is not begun at its start."""
        if not count or after is None:
            return await self.part(wire, root, after, most, count)
        here, whole = await both(self.part(wire, root, after, most), self.part(wire, root, None, 1, True))
        return replace(here, total=whole.total if here.sound else None)

    def _request(self, root: Root, after: str | None, most: int, count: bool) -> Request:
        tests = (*self.tests, *((f"Product gt {literal(after)}",) if after is not None else ()))
        options = {
            **({"$filter": " and ".join(tests)} if tests else {}),
            **self.options,
            "$orderby": "Product",
            "$top": str(most),
            **({"$inlinecount": "allpages"} if count else {}),
        }
        return root.get(self.resource, options)


async def together(questions: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All answers, in the questions' order; or the first failure, once all have come."""

    async def answer(question: Coroutine[Any, Any, T]) -> T | Gap:
        try:
            return await question
        except Gap as gap:
            return gap

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(answer(question)) for question in questions]
    return [_kept(task.result()) for task in tasks]


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    first, second = await together([one, other])
    return cast(T, first), cast(U, second)


def _kept(answer: T | Gap) -> T:
    if isinstance(answer, Gap):
        raise answer
    return answer


def _counted(wire: Wire, page: Results[N]) -> int | None:
    text = str(page.count)
    if page.count is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12) or int(text) < len(page.results):
        raise Garbled(wire.system, f"{len(page.results)} rows where it counts {text[:20]}")
    return int(text)
