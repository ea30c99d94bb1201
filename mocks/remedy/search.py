"""Which rows a qualification finds. By key through the world's indexes; any other one looks at everything.

Looking at everything gives way to other requests as it goes, and keeps the last columns it has read, so that page after
page of one reader derives no ticket twice. An index only narrows: every candidate is put to the whole test.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from mocks.remedy import qualification
from mocks.remedy.cases import Reference, Shelf, Store
from mocks.remedy.forms import CUSTOMER_NUMBER, HELP_DESK, INCIDENT, INTERFACE, ORDER_NUMBER, SKU, WORK_LOG, Form
from mocks.remedy.matching import Row, Test, matcher
from mocks.remedy.qualification import And, Compare, Field, Node, Or, Text
from mocks.remedy.values import comparable

T = TypeVar("T")
Sort = tuple[tuple[str, bool], ...]
"""(field, descending), most significant first."""

PATIENCE = 256  # rows looked at before others get a turn
COLUMNS_KEPT = 10


class Search:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._columns: OrderedDict[str, list[Any]] = OrderedDict()
        self._reading = asyncio.Lock()
        self._gathering: asyncio.Task[None] | None = None

    def shelf(self, form: Form) -> Shelf[Any]:
        if form.name in (HELP_DESK, INTERFACE):
            return self._store.incidents
        return self._store.worklogs if form.name == WORK_LOG else self._store.creations

    def row(self, form: Form, reference: Reference) -> Row:
        """Field name → value as stored."""
        held = self.shelf(form).row(reference)
        return lambda name: form.fields[name].read(held)

    async def find(self, form: Form, wanted: Node | None, sort: Sort = ()) -> list[Reference]:
        """References of all rows that fit, in the order asked for, else the world's; nothing sorts before anything."""
        test = matcher(wanted, form.name, form.fields) if wanted else lambda row: True
        candidates = await self._candidates(form, wanted) if wanted else None
        if candidates is not None:
            return await self._sorted(form, self._tested(form, candidates, test), sort)
        names = sorted(set(qualification.fields(wanted))) if wanted else []
        await self._read(form, [*names, *(name for name, _ in sort)])  # in one pass, what either will take
        found = await self._scan(form, test, names)
        return await self._sorted(form, found, sort)

    def _tested(self, form: Form, candidates: Iterable[int], test: Test) -> list[Reference]:
        shelf = self.shelf(form)
        standing = [one for one in sorted(candidates) if not shelf.hidden(one)]
        rows: list[Reference] = [*standing, *shelf.written()]
        return [one for one in rows if test(self.row(form, one))]

    async def _scan(self, form: Form, test: Test, names: Sequence[str]) -> list[Reference]:
        shelf = self.shelf(form)
        columns = await self._read(form, names)
        found: list[Reference] = []
        async for reference in politely(shelf.source.originals()):
            if test(self._line(form, columns, reference)) and not shelf.hidden(reference):
                found.append(reference)
        return [*found, *(one for one in shelf.written() if test(self.row(form, one)))]

    async def _sorted(self, form: Form, found: list[Reference], sort: Sort) -> list[Reference]:
        many = len(found) > PATIENCE
        columns = await self._read(form, [name for name, _ in sort]) if many else {}
        for name, descending in reversed(sort):
            keys: dict[Reference, tuple[bool, Any]] = {}
            async for one in politely(found):
                row = self._line(form, columns, one) if isinstance(one, int) else self.row(form, one)
                value = comparable(form.fields[name], row(name))
                keys[one] = (value is not None, value)
            found = sorted(found, key=keys.__getitem__, reverse=descending)
        return found

    # columns of the world's own incidents, kept

    def _line(self, form: Form, columns: dict[str, list[Any]], reference: int) -> Row:
        """A row that takes from the columns what they have."""
        if not columns:
            return self.row(form, reference)
        return lambda name: columns[name][reference] if name in columns else self.row(form, reference)(name)

    async def _read(self, form: Form, names: Iterable[str]) -> dict[str, list[Any]]:
        if form.name not in (HELP_DESK, INTERFACE):
            return {}
        async with self._reading:
            wanted = [name for name in dict.fromkeys(names) if name in INCIDENT and not INCIDENT[name].live]
            if missing := [name for name in wanted if name not in self._columns]:
                await self._fill(missing)
            for name in wanted:
                self._columns.move_to_end(name)
            columns = {name: self._columns[name] for name in wanted}
            while len(self._columns) > COLUMNS_KEPT:
                self._columns.popitem(last=False)
            return columns

    async def _fill(self, names: Sequence[str]) -> None:
        fresh: dict[str, list[Any]] = {name: [] for name in names}
        source = self._store.source
        async for reference in politely(source.originals()):
            case = source.original(reference)
            for name in names:
                fresh[name].append(INCIDENT[name].read(case))
        self._columns.update(fresh)

    # narrowing; None: every row is a candidate

    async def _candidates(self, form: Form, wanted: Node) -> set[int] | None:
        if any(isinstance(one, Compare) and _field(one) == SKU for one in _comparisons(wanted)):
            await self._gather_skus()
        known = {HELP_DESK: self._incidents, INTERFACE: self._incidents, WORK_LOG: self._worklogs}.get(form.name)
        return _narrowed(wanted, known) if known else None

    def _incidents(self, field: str, text: str) -> Iterable[int] | None:
        tickets, world = self._store.tickets, self._store.world
        match field:
            case "Incident Number":
                return _maybe(tickets.by_number(text.upper()))
            case "Entry ID":
                return _maybe(tickets.by_entry_id(text.upper()))
            case "Person ID":
                index = tickets.by_person(text.upper())
                return () if index is None else tickets.of_customer(index)
            case "Internet E-mail":
                return _all(tickets.of_customer(index) for index in world.by_email(text))
            case _ if field == ORDER_NUMBER:
                return _all(map(tickets.of_order, {text, text.upper(), text.lower()}))
            case _ if field == SKU:
                return tickets.of_sku(text)
            case _ if field == CUSTOMER_NUMBER:
                return tickets.of_customer_number(text)
            case "Vendor Ticket Number":
                return ()
        return None

    def _worklogs(self, field: str, text: str) -> Iterable[int] | None:
        tickets = self._store.tickets
        match field:
            case "Incident Number":
                ordinal = tickets.by_number(text.upper())
                return () if ordinal is None else self._store.logs.of(ordinal)
            case "Work Log ID":
                return _maybe(self._store.logs.indexed(text.upper()))
        return None

    async def _gather_skus(self) -> None:
        """The index by SKU, made once for all who wait for it; who goes away does not stop it."""
        if self._gathering is None or self._gathering.cancelled():
            self._gathering = asyncio.create_task(self._gathered())
        await asyncio.shield(self._gathering)

    async def _gathered(self) -> None:
        async for _ in politely(self._store.tickets.gather_skus()):
            pass


async def politely(rows: Iterable[T]) -> AsyncIterator[T]:
    """The rows, and a turn for others every so often."""
    for count, row in enumerate(rows):
        if count % PATIENCE == PATIENCE - 1:
            await asyncio.sleep(0)
        yield row


def _narrowed(wanted: Node, known: Callable[[str, str], Iterable[int] | None]) -> set[int] | None:
    match wanted:
        case And(parts):
            found = (_narrowed(part, known) for part in parts)
            return next((one for one in found if one is not None), None)
        case Or(parts):
            either = [_narrowed(part, known) for part in parts]
            sure = [one for one in either if one is not None]
            return set().union(*sure) if len(sure) == len(either) else None
        case Compare(Field(name), "=", Text(text)) | Compare(Text(text), "=", Field(name)) if text:
            rows = known(name, text)
            return None if rows is None else set(rows)
    return None


def _comparisons(node: Node) -> Iterator[Node]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _comparisons(part)
        case Compare():
            yield node


def _field(node: Compare) -> str | None:
    return next((side.name for side in (node.left, node.right) if isinstance(side, Field)), None)


def _maybe(reference: int | None) -> Iterable[int]:
    return () if reference is None else (reference,)


def _all(several: Iterable[Iterable[int]]) -> list[int]:
    return [one for rows in several for one in rows]
