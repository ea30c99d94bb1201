"""Pages of what hangs on accounts, the latest first: of many accounts in one question, of one behind a row seen.

Siebel cannot page below each of several parents. So the first pages of a batch are read together, latest first; where
that is hundreds of rows the batch is halved, down to an account that has more by itself, whose own first rows are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from resolvers.backends.base import Columns, Garbled, Key, Unusable, Wire
from resolvers.backends.siebel import records, searchspec
from resolvers.backends.siebel.batches import batched
from resolvers.backends.siebel.pages import LONGEST_PAGE, MOST_PAGES, Component, Pages, Search
from resolvers.backends.siebel.records import Record, Row

W = TypeVar("W", bound=Row)
R = TypeVar("R", bound=Record)

Place = tuple[str, str]
Make = Callable[[list[Any], bool], Any]


@dataclass(frozen=True, slots=True)
class By:
    """What rows hang on, and what they are sorted by: a date or a moment of theirs, then their row id."""

    link: str
    linked: str
    field: str
    dated: str

    @property
    def sort(self) -> str:
        return f"{self.field}:desc,Id:desc"

    def place(self, row: Record) -> Place:
        at: date | datetime | None = getattr(row, self.dated)
        if isinstance(at, datetime):
            at = at.replace(tzinfo=None)
        return (at.isoformat() if at else "", row.row_id)

    def behind(self, place: Sequence[str]) -> str:
        """Raises Unusable for what is no place in this order."""
        if len(place) != 2 or not searchspec.ROW_ID.fullmatch(place[1]):
            raise Unusable("There is no such page.")
        return searchspec.behind([(self.field, _on_wire(place[0])), ("Id", place[1])], descending=True).spec


OPPORTUNITIES_OF = By("Account Id", "account_id", "Primary Revenue Close Date", "closes_on")
ASSETS_OF = By("Owner Account Id", "account_id", "Install Date", "since")


@dataclass(frozen=True, slots=True)
class Listing(Generic[W, R]):
    pages_of: Pages
    component: Component[W, R]
    by: By
    columns: Columns

    async def pages(
        self, wire: Wire, asked: list[str], keys: Sequence[Key], first: int, after: Sequence[str] | None, make: Make
    ) -> dict[Key, Any]:
        """A page for each key; an empty one for what is no key. Columns of link and order always come."""
        if first < 1:
            return dict.fromkeys(keys, Unusable("There is no such page."))
        try:
            behind = "" if after is None else self.by.behind(after)
        except Unusable as error:
            return dict.fromkeys(keys, error)
        terms = {one: searchspec.equal(self.by.link, one) for one in asked}

        async def ask(batch: list[str]) -> dict[str, Any]:
            return await self._batch(wire, terms, batch, first, make)

        async def one(key: str) -> dict[str, Any]:
            return await self._own(wire, terms, key, behind, first, make)

        if after is None and first < LONGEST_PAGE:
            found: dict[str, Any] = await batched(terms, ask)
        else:
            each = await asyncio.gather(*(batched({key: terms[key]}, lambda batch: one(batch[0])) for key in asked))
            found = {key: page for pages in each for key, page in pages.items()}
        return {key: found[str(key)] if str(key) in found else make([], False) for key in keys}

    async def _batch(
        self, wire: Wire, terms: dict[str, str], batch: list[str], first: int, make: Make
    ) -> dict[str, Any]:
        if len(batch) == 1:
            return await self._own(wire, terms, batch[0], "", first, make)
        spec = searchspec.any_of(terms[key] for key in batch)
        rows: list[R] = []
        for number in range(MOST_PAGES):
            page = await self._read(wire, spec, LONGEST_PAGE, number * LONGEST_PAGE)
            rows += page
            if len(page) < LONGEST_PAGE:
                return self._grouped(wire, batch, rows, first, make)
        halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
        one, other = await asyncio.gather(*(self._batch(wire, terms, half, first, make) for half in halves))
        return one | other

    async def _own(
        self, wire: Wire, terms: dict[str, str], key: str, behind: str, first: int, make: Make
    ) -> dict[str, Any]:
        """One account's page: as many rows as it shows, and one more to know whether there are any."""
        spec, most = searchspec.all_of([terms[key], f"({behind})" if behind else ""]), first + 1
        rows = await self._read(wire, spec, min(most, LONGEST_PAGE), 0)
        if most > LONGEST_PAGE and len(rows) == LONGEST_PAGE:
            rows += await self._read(wire, spec, 1, LONGEST_PAGE)
        return self._grouped(wire, [key], rows, first, make)

    async def _read(self, wire: Wire, spec: str, size: int, start: int) -> list[R]:
        fields = self.pages_of.fields(self.component, self.columns | {self.by.linked, self.by.dated})
        page = await self.pages_of.page(wire, self.component, Search(spec, fields, size, start, self.by.sort))
        return [self.pages_of.sound(self.component, row) for row in page]

    def _grouped(self, wire: Wire, batch: list[str], rows: list[R], first: int, make: Make) -> dict[str, Any]:
        """Each once: of rows that moved from page to page meanwhile the first place counts."""
        mine: dict[str, dict[str, R]] = {key: {} for key in batch}
        for row in rows:
            owner = mine.get(getattr(row, self.by.linked) or "")
            if owner is None:
                raise Garbled(wire.system, f"{self.component.name}: a row of an account nobody asked for")
            owner.setdefault(row.row_id, row)
        return {key: make(list(found.values())[:first], len(found) > first) for key, found in mine.items()}


def _on_wire(value: str) -> str:
    """A day or a moment as Siebel writes it, from ISO 8601."""
    if not value:
        return ""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unusable("There is no such page.") from error
    return records.written(at) if "T" in value else records.written(at)[:10]
