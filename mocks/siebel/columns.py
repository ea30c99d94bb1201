"""Columns of the world's own rows, so that a search of everybody need not derive everybody again.

The columns that are searched or sorted by as a rule are read in one pass when the first mock of a world is made (about
50 µs a customer); others when they are first asked for, letting other requests through every few rows, and the last few
of them are kept. What callers write changes no column: written rows are looked at one by one.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mocks.siebel.clock import Clock
from mocks.siebel.components import ACCOUNT, CONTACT, Component
from mocks.siebel.store import ACCOUNT_NAMES, Store
from mocks.world.model import World

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


@dataclass(frozen=True, slots=True)
class AsARule:
    """The columns that are always at hand, of any world, as a server with this clock writes them."""

    clock: Clock

    def __call__(self, world: World) -> dict[tuple[str, str], Column]:
        untouched = Store(world, self.clock)
        found: dict[tuple[str, str], Column] = {(part.name, name): [] for part, names in AS_A_RULE for name in names}
        for index in world.customers():
            for component, names in AS_A_RULE:
                for name, value in zip(names, values(untouched, component, names, index), strict=True):
                    found[component.name, name].append(value)
        return found


class Columns:
    """A column has a value for each customer of the world, by index; "" where the customer has no row here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._always = store.world.part(AsARule(store.clock))
        self._recent: Recent[Column] = Recent(COLUMNS_KEPT)
        self._places: dict[tuple[str, str], dict[str, array[int]]] = {}
        self._reading = asyncio.Lock()

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
                for field, value in zip(missing, values(self._store, component, missing, index), strict=True):
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


def values(store: Store, component: Component, fields: Sequence[str], index: int) -> list[str]:
    customer = store.world.customer(index)
    if not store.founded(component, index, component.key(customer)):
        return [""] * len(fields)
    row = store.original(component, customer)
    return [row(field) for field in fields]


async def politely(rows: Iterable[T]) -> AsyncIterator[T]:
    """The rows, and a turn for others every so often."""
    for count, row in enumerate(rows):
        if count % PATIENCE == PATIENCE - 1:
            await asyncio.sleep(0)
        yield row
