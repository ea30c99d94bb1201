"""Reading lists to their end.

Every list is read behind a key, not at an offset: an incident number or work log id going up, or a date with the
incident number. So rows that come or go meanwhile are neither skipped nor repeated. `_links.next` tells whether there
is more; its address, which counts rows, is not followed. A page that promises more and brings nothing new is `Garbled`,
as is one of rows that nobody asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec

from resolvers.backends.base import KEPT, Garbled, Unusable, Wire
from resolvers.backends.base.quoting import query, quoted
from resolvers.backends.remedy import records
from resolvers.backends.remedy.language import Clock, any_of, text
from resolvers.backends.remedy.language import field as named
from resolvers.backends.remedy.rows import Opened, Page, Reading, Row
from resolvers.backends.remedy.session import Session

T = TypeVar("T")
Position = tuple[datetime, str]
PAGES = msgspec.json.Decoder(Page)
PAGE = 500
MOST_PAGES = 10
"""Pages of rows that only look like what is searched for, before a search is given up."""

NEWEST_FIRST = f"{records.OPENED}.desc,{records.NUMBER}.desc"
NOTES_FIRST = f"{records.LOG_AT}.desc,{records.LOG_ID}.desc"
BY_CHANGE = f"{records.MODIFIED}.asc,{records.NUMBER}.asc"


@dataclass(frozen=True, slots=True)
class Keys:
    """What is looked up: a field, and for each key (in one spelling) the spellings to ask for.

    terms:  for each key, the condition for each of its spellings
    spell:  the one spelling of a value that a row has, None for what is no key at all
    """

    field: str
    spellings: Mapping[str, Sequence[str]]
    terms: Mapping[str, Sequence[str]]
    spell: Callable[[str], str | None]

    def condition(self, keys: Iterable[str]) -> str:
        return any_of(term for key in keys for term in self.terms[key])


@dataclass(frozen=True, slots=True)
class Form:
    """A form on one server, read through one session."""

    system: str
    name: str
    session: Session
    clock: Clock
    listed: Callable[[str, tuple[str, ...], str, int], str] = field(default_factory=lambda: lru_cache(KEPT)(_listed))

    async def page(self, wire: Wire, asked: Sequence[str], conditions: Sequence[str], sort: str, limit: int) -> Page:
        condition = f"&q={quoted(' AND '.join(conditions))}" if conditions else ""
        target = f"{self.listed(self.name, tuple(asked), sort, limit)}{condition}"
        found = wire.decode(await self.session.get(wire, target), PAGES)
        if found.has_more and not found.entries:
            raise Garbled(self.system, "an empty page that says there is more")
        return found

    async def every(
        self, wire: Wire, asked: Sequence[str], keys: Keys, among: Sequence[str], reading: Reading, *also: str, by: str
    ) -> dict[str, list[Row]]:
        """All rows of some keys, in the order of the field `by`, which tells rows apart."""
        found: dict[str, list[Row]] = {key: [] for key in among}
        conditions = [keys.condition(among), *also]
        seen: set[str] = set()
        behind: list[str] = []
        while True:
            page = await self.page(wire, asked, [*conditions, *behind], f"{by}.asc", PAGE)
            told = _rows(page)
            rows = dict(zip(reading.keys(told, by), told, strict=True))
            fresh = [row for key, row in rows.items() if key not in seen]
            seen.update(rows)
            self._sort_in(fresh, fresh, keys, found, reading)
            if not page.has_more:
                return found
            if not fresh:
                raise self._stuck(by)
            behind = [f"{named(by)} > {text(list(rows)[-1])}"]

    async def newest(
        self, wire: Wire, asked: Sequence[str], keys: Keys, among: Sequence[str], reading: Reading, wanted: Wanted
    ) -> dict[str, list[Opened]]:
        """Up to so many rows of each key, newest first; perhaps a few more.

        A page holds as many rows as are wanted in all, 500 at most. Whoever has enough is left out of the next one.
        Evenly spread, that is one call; at worst one for each key and one for each 500 rows wanted.
        """
        found: dict[str, list[Opened]] = {key: [] for key in among}
        wanting, after, seen = list(among), wanted.after, set[str]()
        while wanting:
            behind = [] if after is None else [self.clock.below(records.OPENED, after[0], records.NUMBER, after[1])]
            limit = min(PAGE, wanted.most * len(wanting))
            page = await self.page(wire, asked, [keys.condition(wanting), *wanted.also, *behind], NEWEST_FIRST, limit)
            fresh = self._fresh(page, reading, after, seen)
            self._sort_in([row for _, row in fresh], fresh, keys, found, reading)
            if not page.has_more:
                break
            after = self._onward(page, fresh, reading)
            wanting = [key for key in wanting if len(found[key]) < wanted.most]
        return found

    async def written(
        self, wire: Wire, asked: Sequence[str], conditions: Sequence[str], reading: Reading, wanted: Wanted
    ) -> tuple[list[Row], bool]:
        """Up to so many work log entries, newest first, and whether the server has more. One call."""
        after = wanted.after
        behind = [] if after is None else [self.clock.below(records.LOG_AT, after[0], records.LOG_ID, after[1])]
        page = await self.page(wire, asked, [*conditions, *behind], NOTES_FIRST, wanted.most)
        places = _places(_rows(page), reading, records.LOG_AT, records.LOG_ID)
        if places != sorted(places, reverse=True):
            raise Garbled(self.system, f"a page that is out of order, by {records.LOG_AT}")
        return _rows(page), page.has_more

    async def matching(
        self, wire: Wire, asked: Sequence[str], reading: Reading, wanted: Wanted
    ) -> tuple[list[Opened], int | None]:
        """Up to so many rows that meet `wanted.also` and `wanted.fits`, newest first, and how many there are in all
        where the server says so. Raises Unusable when too many rows only look like what is meant."""
        found: list[Opened] = []
        after, seen, total = wanted.after, set[str](), None
        for turn in range(MOST_PAGES):
            behind = [] if after is None else [self.clock.below(records.OPENED, after[0], records.NUMBER, after[1])]
            limit = wanted.most if wanted.exact and turn == 0 else PAGE
            page = await self.page(wire, asked, [*wanted.also, *behind], NEWEST_FIRST, limit)
            fresh = self._fresh(page, reading, after, seen)
            found += [one for one in fresh if wanted.fits(one[1])]
            total = page.matches if turn == 0 and wanted.after is None and wanted.exact else total
            if not page.has_more or len(found) >= wanted.most:
                return found, total
            after = self._onward(page, fresh, reading)
        raise Unusable("Too many tickets resemble this text to look through them.")

    async def changed(
        self, wire: Wire, asked: Sequence[str], reading: Reading, since: datetime | None
    ) -> AsyncIterator[list[Row]]:
        """All rows changed since, oldest change first, one call for each 500. What changes meanwhile comes again."""
        behind = [] if since is None else [self.clock.since(records.MODIFIED, since)]
        reached: Position | None = None
        while True:
            page = await self.page(wire, asked, behind, BY_CHANGE, PAGE)
            at = _places(_rows(page), reading, records.MODIFIED, records.NUMBER)
            fresh = [row for row, place in zip(_rows(page), at, strict=True) if reached is None or place > reached]
            if fresh:
                yield fresh
            if not page.has_more:
                return
            if not fresh or at != sorted(at):
                raise self._stuck(records.MODIFIED)
            reached = at[-1]
            behind = [self.clock.beyond(records.MODIFIED, reached[0], records.NUMBER, reached[1])]

    def _fresh(self, page: Page, reading: Reading, after: Position | None, seen: set[str]) -> list[Opened]:
        """Rows not met before, and behind the position: where clocks go back, more than that is asked for."""
        fresh: list[Opened] = []
        rows = _rows(page)
        for row, place in zip(rows, _places(rows, reading), strict=True):
            if place[1] not in seen and (after is None or place < after):
                seen.add(place[1])
                fresh.append((place[0], row))
        return fresh

    def _onward(self, page: Page, fresh: Sequence[Opened], reading: Reading) -> Position:
        places = _places(_rows(page), reading)
        if not fresh or places != sorted(places, reverse=True):
            raise self._stuck(records.OPENED)
        return places[-1]

    def _sort_in(
        self, rows: Sequence[Row], told: Sequence[T], keys: Keys, found: dict[str, list[T]], reading: Reading
    ) -> None:
        """What is told of each row to its key. One that only looks like it, to a database that minds no case, is left
        out."""
        strange = []
        for one, value in zip(told, reading.texts(rows, keys.field), strict=True):
            mine = found.get(keys.spell(value or "") or "")
            if mine is None:
                strange.append((value or "").casefold())
            else:
                mine.append(one)
        if strange and len(strange) == len(rows):
            alike = (spelling.casefold() for key in found for spelling in keys.spellings[key])
            if set(alike).isdisjoint(strange):
                raise Garbled(self.system, f"{len(strange)} rows nobody asked for, by {keys.field}")

    def _stuck(self, by: str) -> Garbled:
        return Garbled(self.system, f"a page that says there is more, and is out of order or nothing new, by {by}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many rows, behind which, under which further condition, and which of those that a search brings.

    exact:  it brings no others
    """

    most: int
    after: Position | None = None
    also: tuple[str, ...] = ()
    fits: Callable[[Row], bool] = field(default=lambda row: True)
    exact: bool = True


def _listed(form: str, asked: Sequence[str], sort: str, limit: int) -> str:
    """The part of an address that is the same for all lists of these columns."""
    told = query({"fields": f"values({','.join(asked)})", "sort": sort, "limit": limit})
    return f"/api/arsys/v1/entry/{quoted(form, b':')}?{told}"


def _rows(page: Page) -> list[Row]:
    return [entry.values for entry in page.entries]


def _places(
    rows: Sequence[Row], reading: Reading, at: str = records.OPENED, key: str = records.NUMBER
) -> list[Position]:
    return list(zip(reading.dates(rows, at), reading.keys(rows, key), strict=True))
