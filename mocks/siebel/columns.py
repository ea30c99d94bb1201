"""Columns of the world's own rows, so that a search of everybody need not derive everybody again.

The columns that are searched or sorted by as a rule are read in one pass when the mock is made (about 50 µs a
customer); others when they are first asked for, letting other requests through every few rows, and the last few of them
are kept. What callers write changes no column: written rows are looked at one by one.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TypeVar

from mocks.siebel.components import ACCOUNT, CONTACT, Component
from mocks.siebel.store import ACCOUNT_NAMES, Store

T = TypeVar("T")
Column = list[str]

PATIENCE = 256  # rows read before others get a turn
COLUMNS_KEPT = 8
NAMES = ("First Name", "Middle Name", "Last Name")
AS_A_RULE = (
    (CONTACT, ("Id", *NAMES, "Work Phone #", "Cellular Phone #", "Integration Id", "Created", "Updated")),
    (ACCOUNT, ("Id", "CSN", "City", "Account Type Code", "Updated")),
)


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


class Columns:
    """A column has a value for each customer of the world, by index; "" where the customer has no row here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._always: dict[tuple[str, str], Column] = {
            (part.name, name): [] for part, names in AS_A_RULE for name in names
        }
        self._recent: Recent[Column] = Recent(COLUMNS_KEPT)
        self._places: dict[tuple[str, str], dict[str, array[int]]] = {}
        self._reading = asyncio.Lock()
        for index in store.world.customers():
            for component, names in AS_A_RULE:
                for name, value in zip(names, self._values(component, names, index), strict=True):
                    self._always[component.name, name].append(value)

    def places(self, component: Component, field: str) -> dict[str, array[int]]:
        """Value → indexes, for a column that is always at hand."""
        key = (component.name, field)
        if key not in self._places:
            found: dict[str, array[int]] = {}
            for index, value in enumerate(self._always[key]):
                found.setdefault(value, array("L")).append(index)
            found.pop("", None)
            self._places[key] = found
        return self._places[key]

    def at_hand(self, component: Component, fields: Sequence[str]) -> dict[str, Column]:
        """Those of the columns that need not be read first."""
        known = {field: self._known(component, field) for field in fields}
        return {field: column for field, column in known.items() if column is not None}

    async def read(self, component: Component, fields: Sequence[str]) -> dict[str, Column]:
        async with self._reading:
            known = self.at_hand(component, fields)
            missing = [field for field in fields if field not in known]
            fresh: dict[str, Column] = {field: [] for field in missing}
            async for index in politely(self._store.world.customers() if missing else ()):
                for field, value in zip(missing, self._values(component, missing, index), strict=True):
                    fresh[field].append(value)
            for field, column in fresh.items():
                self._recent.keep(self._key(component, field), column)
            return known | fresh

    def _known(self, component: Component, field: str) -> Column | None:
        always = self._always.get((component.name, field))
        return always if always is not None else self._recent.get(self._key(component, field))

    def _key(self, component: Component, field: str) -> object:
        """Only the account's name, as contacts borrow it, changes when something is written."""
        borrowed = component is CONTACT and field in ACCOUNT_NAMES
        return (component.name, field, self._store.version if borrowed else 0)

    def _values(self, component: Component, fields: Sequence[str], index: int) -> list[str]:
        customer = self._store.world.customer(index)
        if not self._store.founded(component, index, component.key(customer)):
            return [""] * len(fields)
        row = self._store.original(component, customer)
        return [row(field) for field in fields]


async def politely(rows: Iterable[T]) -> AsyncIterator[T]:
    """The rows, and a turn for others every so often."""
    for count, row in enumerate(rows):
        if count % PATIENCE == PATIENCE - 1:
            await asyncio.sleep(0)
        yield row
