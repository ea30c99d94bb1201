"""Which rows a search finds. By key through the world's indexes; any other search looks at everybody.

Answers are kept for a while, so that the pages of one search cost one search. Every candidate is put to the whole test:
an index only narrows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mocks.siebel import searchspec
from mocks.siebel.clock import parsed
from mocks.siebel.columns import Column, Columns, Recent, politely
from mocks.siebel.components import Component
from mocks.siebel.matching import Row, Test, matcher
from mocks.siebel.searchspec import And, Compare, Field, Node, Or, Text
from mocks.siebel.store import Reference, Store

Sort = tuple[tuple[str, bool], ...]
"""(field, descending), most significant first."""

ANSWERS_KEPT = 12


class Search:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._world = store.world
        self._columns = Columns(store)
        self._answers: Recent[list[Reference]] = Recent(ANSWERS_KEPT)

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
        candidates = self._candidates(component, wanted)
        if candidates is None:
            return await self._scan(component, test, sorted(searchspec.fields(wanted)))
        rows = [*self._standing(component, candidates), *self._store.written(component)]
        return [row for row in rows if test(self._store.row(component, row))]

    def _standing(self, component: Component, candidates: Iterable[int]) -> list[Reference]:
        key = component.key
        customer = self._world.customer
        return [one for one in sorted(candidates) if self._store.owns(component, one, key(customer(one)))]

    async def _scan(self, component: Component, test: Test, fields: Sequence[str]) -> list[Reference]:
        columns = await self._columns.read(component, ["Id", *fields])
        found: list[Reference] = []
        async for index, row_id in politely(enumerate(columns["Id"])):
            if row_id and test(_line(columns, index)) and not self._store.hides(component, row_id):
                found.append(index)
        return found + [row_id for row_id in self._store.written(component) if test(self._store.row(component, row_id))]

    async def _sorted(self, component: Component, found: list[Reference], sort: Sort) -> list[Reference]:
        """Empty last when ascending, first when descending, as an Oracle database has it. Texts by code point."""
        many = len(found) > len(self._world) // 8
        fields = [field for field, _ in sort]
        columns = await self._columns.read(component, fields) if many else self._columns.at_hand(component, fields)
        for field, descending in reversed(sort):
            dated = component.kinds[field].startswith("date")
            keys: dict[Reference, tuple[bool, object]] = {}
            async for one in politely(found):
                known = columns[field][one] if field in columns and isinstance(one, int) else None
                keys[one] = _sortable(self._store.row(component, one)(field) if known is None else known, dated=dated)
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
            case ("Contact", "Integration Id", "=") | ("Account", "CSN", "="):
                return set(self._columns.places(component, field).get(text, ()))
        return None


def _maybe(index: int | None) -> set[int]:
    return set() if index is None else {index}


def _line(columns: Mapping[str, Column], index: int) -> Row:
    return lambda field: columns[field][index]


def _sortable(value: str, *, dated: bool) -> tuple[bool, object]:
    return (not value, parsed(value) if dated and value else value)
