"""Which rows a search finds. By key through the world's indexes; any other search reads what it needs of everybody.

What was read of everybody is kept (a few columns, a few answers), so that the pages of one search cost one search. Long
reads let other requests through every few rows. Every candidate is put to the whole test: an index only narrows.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TypeVar

from mocks.siebel import searchspec
from mocks.siebel.clock import parsed
from mocks.siebel.components import Component
from mocks.siebel.matching import Row, Test, matcher
from mocks.siebel.searchspec import And, Compare, Field, Node, Or, Text
from mocks.siebel.store import Reference, Store

T = TypeVar("T")
Sort = tuple[tuple[str, bool], ...]
"""(field, descending), most significant first."""

PATIENCE = 256  # rows read before others get a turn
COLUMNS_KEPT = 12
ANSWERS_KEPT = 12
LOOKUPS: Mapping[str, frozenset[str]] = {  # compared with `=` often, and the world has no index for them
    "Contact": frozenset({"Integration Id"}),
    "Account": frozenset({"CSN"}),
}


class Recent(OrderedDict[object, T]):
    """The last few of something that is dear to compute."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: object, value: T) -> T:
        self[key] = value
        if len(self) > self._most:
            self.popitem(last=False)
        return value


class Search:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._world = store.world
        self._columns: Recent[list[str]] = Recent(COLUMNS_KEPT)
        self._answers: Recent[list[Reference]] = Recent(ANSWERS_KEPT)
        self._lookups: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._reading = asyncio.Lock()

    async def find(self, component: Component, wanted: Node | None, sort: Sort = ()) -> list[Reference]:
        """References of all rows that fit, in the order asked for, else the world's."""
        question = (component.name, wanted, sort, self._store.version)
        if question in self._answers:
            return self._answers[question]
        found = await self._found(component, wanted)
        return self._answers.keep(question, await self._sorted(component, found, sort))

    async def _found(self, component: Component, wanted: Node | None) -> list[Reference]:
        if wanted is None:
            return await self._scan(component, lambda row: True, ())
        test = matcher(wanted, component.kinds)
        await self._look_up(component, wanted)
        candidates = self._candidates(component, wanted)
        if candidates is None:
            return await self._scan(component, test, sorted(searchspec.fields(wanted)))
        rows = [*self._standing(component, candidates), *self._store.written(component)]
        return [row for row in rows if test(self._store.row(component, row))]

    def _standing(self, component: Component, candidates: Iterable[int]) -> list[Reference]:
        key = component.key
        customer = self._world.customer
        return [one for one in sorted(candidates) if self._store.owns(component, one, key(customer(one)))]

    # everybody

    async def _scan(self, component: Component, test: Test, fields: Sequence[str]) -> list[Reference]:
        async with self._reading:
            ids, *columns = await self._read(component, ["Id", *fields])
        named = dict(zip(fields, columns, strict=True))
        found: list[Reference] = []
        async for index, row_id in _politely(enumerate(ids)):
            if row_id and test(_line(named, index)) and self._store.owns(component, index, row_id):
                found.append(index)
        return found + [row_id for row_id in self._store.written(component) if test(self._store.row(component, row_id))]

    async def _read(self, component: Component, fields: Sequence[str]) -> list[list[str]]:
        """Columns of all the world's rows; "" under Id for who has no row here."""
        version = self._store.version
        missing = [field for field in fields if (component.name, field, version) not in self._columns]
        fresh: dict[str, list[str]] = {field: [] for field in missing}
        async for index in _politely(self._world.customers() if missing else ()):
            row = self._store.original(component, self._world.customer(index))
            for field in missing:
                fresh[field].append(row(field))
        known = {field: self._columns[component.name, field, version] for field in fields if field not in fresh}
        for field in missing:
            self._columns.keep((component.name, field, version), fresh[field])
        return [(known | fresh)[field] for field in fields]

    async def _sorted(self, component: Component, found: list[Reference], sort: Sort) -> list[Reference]:
        """Empty last when ascending, first when descending, as an Oracle database has it. Texts by code point."""
        for field, descending in reversed(sort):
            dated = component.kinds[field].startswith("date")
            row = self._store.row
            keys = {one: _sortable(row(component, one)(field), dated=dated) async for one in _politely(found)}
            found = sorted(found, key=keys.__getitem__, reverse=descending)
        return found

    # narrowing; None: everybody is a candidate

    def _candidates(self, component: Component, wanted: Node) -> set[int] | None:
        match wanted:
            case And(parts):
                narrowed = [one for part in parts if (one := self._candidates(component, part)) is not None]
                return set.intersection(*narrowed) if narrowed else None
            case Or(parts):
                either = [one for part in parts if (one := self._candidates(component, part)) is not None]
                return set[int]().union(*either) if len(either) == len(parts) else None
            case Compare(Field(name), op, Text(text)) | Compare(Text(text), op, Field(name)) if op in ("=", "~="):
                return self._known(component, name, op, text)
        return None

    def _known(self, component: Component, field: str, op: str, text: str) -> set[int] | None:
        match component.name, field, op:
            case "Contact", "Email Address", _:
                return set(self._world.by_email(text))
            case "Contact", "Work Phone #" | "Cellular Phone #", _:
                digits = "".join(mark for mark in text if mark.isdigit())
                return set(self._world.by_phone(digits)) if digits else None
            case _, "Id", "=":
                return _maybe(self._store.indexed(component, text))
            case "Contact", "Person UId", "=":
                return _maybe(self._world.by_contact_id(text))
            case "Contact", "Account Id", "=":
                return _maybe(self._world.by_account_id(text))
            case name, field, "=" if (name, field) in self._lookups:
                return set(self._lookups[name, field].get(text, ()))
        return None

    async def _look_up(self, component: Component, wanted: Node) -> None:
        for field in sorted(LOOKUPS[component.name] & searchspec.fields(wanted)):
            async with self._reading:
                if (component.name, field) not in self._lookups:
                    self._lookups[component.name, field] = await self._inverted(component, field)

    async def _inverted(self, component: Component, field: str) -> dict[str, list[int]]:
        """Values of the world's own rows → indexes. What was written since is always looked at, so this stays true."""
        found: dict[str, list[int]] = {}
        read = component.fields[field].read
        async for index in _politely(self._world.customers()):
            if value := read(self._world.customer(index), self._store.clock):
                found.setdefault(value, []).append(index)
        return found


def _maybe(index: int | None) -> set[int]:
    return set() if index is None else {index}


def _line(columns: Mapping[str, list[str]], index: int) -> Row:
    return lambda field: columns[field][index]


def _sortable(value: str, *, dated: bool) -> tuple[bool, object]:
    return (not value, parsed(value) if dated and value else value)


async def _politely(rows: Iterable[T]) -> AsyncIterator[T]:
    for count, row in enumerate(rows):
        if count % PATIENCE == PATIENCE - 1:
            await asyncio.sleep(0)
        yield row
