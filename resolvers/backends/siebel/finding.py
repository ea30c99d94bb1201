"""Finding contacts and accounts by what is in them, page by page, behind the last row seen.

Siebel evaluates every condition. Where it finds more than is meant (see `conditions`; also where there are more words
than fit a request), the rows are compared here, up to 500 for a page; beyond that the question is `Unusable`. What is
compared has no total: Siebel counts what it found.

Rows that come and go meanwhile hide no others. The exception: while one answer is read in several pages, and one of
them ends at a value that no literal can hold, the next is found by counting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from resolvers.backends.base import Columns, Garbled, Unusable, Wire
from resolvers.backends.base.quoting import quoted
from resolvers.backends.siebel import records, searchspec
from resolvers.backends.siebel.conditions import Condition
from resolvers.backends.siebel.pages import LONGEST_PAGE, MOST_PAGES, Component, Pages, Search
from resolvers.backends.siebel.records import Account, AccountRow, Contact, ContactRow

W = TypeVar("W", ContactRow, AccountRow)
R = TypeVar("R", Contact, Account)

By = Literal["NAME", "SINCE", "ID"]
Place = tuple[str, ...]

LONGEST_SPEC = 3000  # characters, encoded; with fields and path the request line stays below 4 kB
SORTED: dict[By, tuple[str, ...]] = {
    "NAME": ("Last Name", "First Name", "Id"),
    "SINCE": ("Created", "Id"),
    "ID": ("Id",),
}


def position(contact: Contact, order: By) -> Place:
    """Where a contact stands in an order, to continue behind it: (last name, first name, row id), or (Created on
    Siebel's own wall clock in ISO 8601, row id), or (row id,). "" for what is empty. It needs column `name` or `since`
    for the first two."""
    if order == "ID":
        return (contact.row_id,)
    if order == "NAME":
        return (contact.last_name, contact.first_name, contact.row_id)
    return (contact.since.replace(tzinfo=None).isoformat() if contact.since else "", contact.row_id)


def standing(place: Iterable[str]) -> list[tuple[bool, str]]:
    """Positions compare as Siebel sorts them: what is empty is greater than all else."""
    return [(not value, value) for value in place]


@dataclass(frozen=True, slots=True)
class Order(Generic[R]):
    fields: Sequence[str]
    place: Callable[[R], Place]
    descending: bool = False

    @property
    def sort(self) -> str:
        return ",".join(f"{field}:{'desc' if self.descending else 'asc'}" for field in self.fields)

    def behind(self, after: Sequence[str] | None) -> Condition[R]:
        if after is None:
            return Condition("", True, lambda row: True)
        if len(after) != len(self.fields):
            raise Unusable("There is no such page.")
        values = [(field, _on_wire(field, value)) for field, value in zip(self.fields, after, strict=True)]
        spec, exact = searchspec.behind(values, descending=self.descending)
        return Condition(spec, exact, lambda row: exact or self._is_behind(self.place(row), after))

    def _is_behind(self, one: Iterable[str], other: Iterable[str]) -> bool:
        return standing(one) < standing(other) if self.descending else standing(one) > standing(other)


def sorted_by(order: By, descending: bool) -> Order[Contact]:
    return Order(SORTED[order], lambda contact: position(contact, order), descending)


BY_ID: Order[Account] = Order(("Id",), lambda account: (account.row_id,))


Found = tuple[list[R], bool, int | None]
"""The rows of a page, whether there are more, and how many there are on all pages if it is known."""


@dataclass(frozen=True, slots=True)
class Finding(Generic[W, R]):
    """One search. `words` narrow it further as far as there is room."""

    pages: Pages
    component: Component[W, R]
    columns: Columns
    order: Order[R]
    conditions: Sequence[Condition[R]]
    words: Sequence[Condition[R]] = ()

    async def page(self, wire: Wire, first: int, after: Sequence[str] | None) -> Found[R]:
        """Raises Unusable for what cannot be asked, or resembles too much."""
        if first < 0:
            raise Unusable("There is no such page.")
        after = None if after is None else tuple(after)
        behind = self.order.behind(after)
        room = LONGEST_SPEC - _length(self.conditions, behind)
        asked: list[Condition[R]] = list(self.conditions) + _fitting(self.words, room)
        if room < 0:
            raise Unusable("These conditions are too long to be asked together.")
        counts = "total" in self.columns and all(one.exact for one in asked)
        if after is None or not counts:
            return await self._read(wire, first, asked, after, counts)
        reading = self._read(wire, first, asked, after, counts=False)
        (rows, more, _), total = await asyncio.gather(reading, self._count(wire, asked))
        return rows, more, total

    async def _count(self, wire: Wire, asked: Sequence[Condition[R]]) -> int | None:
        search = Search(_spec(asked), ("Id",), size=1, sort="", counted=True)
        return (await self.pages.counted(wire, self.component, search))[1]

    async def _read(
        self, wire: Wire, first: int, asked: list[Condition[R]], after: Sequence[str] | None, counts: bool
    ) -> Found[R]:
        """Up to first + 1 rows, read to the end of what Siebel finds if need be. Where a row does not fit after all,
        there is no total."""
        found: dict[str, R] = {}
        behind, total, start = self.order.behind(after), None, 0
        exact = behind.exact and all(one.exact for one in asked)
        for turn in range(MOST_PAGES):
            size = min(LONGEST_PAGE, first + 1 - len(found)) if exact else LONGEST_PAGE
            search = self._search(asked, behind, size, start, counts and turn == 0)
            page, count = await self.pages.counted(wire, self.component, search)
            rows = [self.pages.sound(self.component, row) for row in page]
            if behind.exact and any(self.order.place(row) == after for row in rows):
                raise Garbled(wire.system, f"{self.component.name}: a page behind a row that has that row on it")
            fitting = [row for row in rows if behind.fits(row) and all(one.fits(row) for one in asked)]
            found |= {row.row_id: row for row in fitting}
            exact, total = exact and len(fitting) == len(rows), count if turn == 0 else total
            if len(page) < size or len(found) > first:
                return list(found.values())[:first], len(found) > first, total if exact else None
            after, start = self._onward(asked, after, start, rows)
            behind = self.order.behind(after)
        raise Unusable(f"Too many rows of {self.component.name} resemble this to look through them.")

    def _onward(
        self, asked: Sequence[Condition[R]], after: Sequence[str] | None, start: int, rows: Sequence[R]
    ) -> tuple[Sequence[str] | None, int]:
        """Behind the last row, so that nothing is missed when rows come or go; by counting where that cannot be put."""
        last = self.order.place(rows[-1])
        behind = self.order.behind(last)
        fits = behind.exact and _length(asked, behind) <= LONGEST_SPEC
        return (last, 0) if fits else (after, start + len(rows))

    def _search(
        self, asked: Sequence[Condition[R]], behind: Condition[R], size: int, start: int, counted: bool
    ) -> Search:
        fields = self.pages.fields(self.component, self.columns)
        return Search(_spec(asked, behind), fields, size, start, self.order.sort, counted)


def _fitting(words: Iterable[Condition[R]], room: int) -> list[Condition[R]]:
    """Words that there is no room for are not asked for, but still meant."""
    fitting = []
    for word in words:
        length = _length([word])
        fitting.append(word if length <= room else Condition("", False, word.fits))
        room -= length if length <= room else 0
    return fitting


def _spec(asked: Iterable[Condition[Any]], *more: Condition[Any]) -> str:
    return searchspec.all_of(one.spec for one in (*asked, *more))


def _length(asked: Iterable[Condition[Any]], *more: Condition[Any]) -> int:
    return sum(len(quoted(f" AND {one.spec}")) for one in (*asked, *more) if one.spec)


def _on_wire(field: str, value: str) -> str:
    if field != "Created" or not value:
        return value
    try:
        return records.written(datetime.fromisoformat(value))
    except ValueError as error:
        raise Unusable("There is no such page.") from error
