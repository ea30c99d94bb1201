"""Rows of a business component: one page of a search, all of them, or all that changed."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec.json import Decoder

from resolvers.backends.base import KEPT, Columns, Connection, Gap, Garbled, Wire
from resolvers.backends.base.quoting import query, quoted
from resolvers.backends.siebel import records
from resolvers.backends.siebel.records import AccountRow, ContactRow, Record, Row
from resolvers.backends.siebel.replies import Page, rows, total
from resolvers.backends.siebel.session import Session

W = TypeVar("W", bound=Row)
R = TypeVar("R", bound=Record)

LONGEST_PAGE = 100
MOST_PAGES = 5  # of rows that resemble one value


@dataclass(frozen=True, slots=True, eq=False)
class Component(Generic[W, R]):
    """A business component: how its rows look on the wire, and how they are read. `path`: business object and
    component as in its address; the name twice when it is empty."""

    name: str
    row: type[W]
    page: Decoder[Page[W]]
    columns: records.Columns
    record: Callable[[W, tzinfo], R]
    path: str = ""

    @property
    def address(self) -> str:
        return quoted(self.path or f"{self.name}/{self.name}", b"/")

    def fields(self, columns: Collection[str]) -> tuple[str, ...]:
        """Wire fields behind some attributes, the row id first. Whether there is an address is told by all its parts
        together, so whoever wants one of them asks for all."""
        asked = {column.partition(".")[0] if column.startswith("address.") else column for column in columns}
        wanted = (wire for name, wires in self.columns.items() if name in asked for wire in wires)
        return tuple(dict.fromkeys(["Id", *wanted]))


CONTACTS = Component("Contact", ContactRow, Decoder(Page[ContactRow]), records.CONTACT, ContactRow.record)
ACCOUNTS = Component("Account", AccountRow, Decoder(Page[AccountRow]), records.ACCOUNT, AccountRow.record)


@dataclass(frozen=True, slots=True)
class Search:
    """One page of one search. `spec` empty: all rows. `sort`: as Siebel is told, empty for any order."""

    spec: str
    fields: tuple[str, ...]
    size: int = LONGEST_PAGE
    start: int = 0
    sort: str = "Id:asc"
    counted: bool = False

    @property
    def query(self) -> str:
        condition = f"&searchspec={quoted(self.spec)}" if self.spec else ""
        return f"PageSize={self.size}&StartRowNum={self.start}{condition}"


class Pages:
    """Reads one Siebel, as the settings say it is to be read."""

    def __init__(self, system: str, connection: Connection) -> None:
        options = connection.options
        zone = options.get("timezone") or "UTC"
        self.zone: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
        self._view_mode = options.get("view_mode") or "All"
        self._root = options.get("root") or "/siebel/v1.0/data"
        self._session = Session(system, connection)
        self._listed = lru_cache(KEPT)(self._list)
        self.fields = lru_cache(KEPT)(Component.fields)

    async def all(self, wire: Wire, component: Component[W, R], spec: str, fields: tuple[str, ...]) -> list[R] | None:
        """All rows of a search, each once; None when there are too many."""
        found: dict[str, R] = {}
        for number in range(MOST_PAGES):
            page = await self.page(wire, component, Search(spec, fields, start=number * LONGEST_PAGE))
            found |= {row.row_id: self.sound(component, row) for row in page}
            if len(page) < LONGEST_PAGE:
                return list(found.values())
        return None

    async def changed(
        self, wire: Wire, component: Component[W, R], since: datetime | None, columns: Columns
    ) -> AsyncIterator[list[R]]:
        """Rows changed meanwhile are seen once or twice. Siebel pages by offset: where a row is deleted meanwhile, the
        row at the next page's edge may be passed over until it changes again."""
        spec = "" if since is None else f"[Updated] >= '{records.wall_clock(self._earliest(since), self.zone)}'"
        fields = self.fields(component, columns)
        before: list[str] = []
        for start in itertools.count(0, LONGEST_PAGE):
            page = await self.page(wire, component, Search(spec, fields, start=start))
            ids = [row.row_id for row in page]
            if ids and ids == before:
                raise Garbled(self._session.system, f"{component.name}: the page at {start} repeats the one before")
            if page:
                yield [self.sound(component, row) for row in page]
            if len(page) < LONGEST_PAGE:
                return
            before = ids

    def _earliest(self, since: datetime) -> datetime:
        """In the hour that autumn repeats the wall clock jumps back, and a later change may bear an earlier time."""
        return since - timedelta(hours=1) if records.repeated(since, self.zone) else since

    async def page(self, wire: Wire, component: Component[W, R], search: Search) -> list[W]:
        return (await self.counted(wire, component, search))[0]

    async def counted(self, wire: Wire, component: Component[W, R], search: Search) -> tuple[list[W], int | None]:
        """A page, and how many rows the search has in all, if Siebel was to say so and did."""
        target = f"{self._listed(component, search.fields, search.sort, search.counted)}&{search.query}"
        reply = await self._session.get(wire, target)
        found = rows(wire, reply, component.row, component.page)
        if len(found) > search.size:
            raise Garbled(self._session.system, f"{component.name}: {len(found)} rows on a page of {search.size}")
        return found, total(reply, len(found)) if search.counted else None

    def _list(self, component: Component[W, R], fields: tuple[str, ...], sort: str, counted: bool) -> str:
        """The part of an address that is the same for all searches for these fields."""
        asked = {
            "fields": ",".join(fields),
            "sortspec": sort,
            "recordcountneeded": "true" if counted else "",
            "childlinks": "None",
            "uniformresponse": "y",
            "excludeEmptyFieldsInResponse": "true",
            "ViewMode": self._view_mode,
        }
        return f"{self._root}/{component.address}?{query({name: value for name, value in asked.items() if value})}"

    def record(self, component: Component[W, R], row: W) -> R | Gap:
        try:
            return component.record(row, self.zone)
        except ValueError as error:
            return Garbled(self._session.system, f"{component.name}: {error}")

    def sound(self, component: Component[W, R], row: W) -> R:
        record = self.record(component, row)
        if isinstance(record, Gap):
            raise record
        return record
