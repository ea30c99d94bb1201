"""Finding orders in the world: by its indexes where the condition names keys, else by reading through it.

Reading through gives way to other requests as it goes, and keeps no more of a row than it is sorted by. Lists by
LastUpdateDate, which is how others keep up with changes, and lists of the newest have an index of their own each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from mocks.oracle_om import rows
from mocks.oracle_om.bought import Bought
from mocks.oracle_om.catalogue import Resource, Value
from mocks.oracle_om.condition import All, Compare, Condition, OneOf, Some, met
from mocks.oracle_om.parameters import Query
from mocks.oracle_om.render import Page
from mocks.oracle_om.resources import ORDERS
from mocks.oracle_om.rows import Header
from mocks.oracle_om.timeline import earliest, gently, latest, placed, updated
from mocks.world import World

T = TypeVar("T")
Order = tuple[tuple[str, bool], ...]
NEWEST_FIRST = (("TransactionOn", True), ("OrderNumber", True), ("HeaderId", True))


class Orders:
    """The orders of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._making = asyncio.Lock()
        self._updates = updated(world)
        self._placed = placed(world)
        self._parties: dict[int, int] | None = None
        self._bought = Bought(world)

    async def find(self, query: Query) -> Page:
        if "BuyingPartyId" in _attributes(query.condition):
            await self._index_parties()
        if "lines.ProductNumber" in _attributes(query.condition):
            await self._bought.ready()
        candidates = self._candidates(query.condition)
        if candidates is not None:
            return among(ORDERS, [row for row in candidates if _fits(ORDERS, row, query.condition)], query)
        if _by_update(query.order):
            return await self._stream(await self._updates.since(earliest(query.condition, "LastUpdateDate")), query)
        if query.order == NEWEST_FIRST:
            return await self._stream(await self._placed.until(latest(query.condition, "TransactionOn")), query)
        if not query.order:
            return await self._stream(self._all(), query)
        return await self._sorted(query)

    def by_key(self, key: str) -> Header | None:
        """`OPS:300…` for the newest revision, or a HeaderId for any."""
        system, colon, identity = key.rpartition(":")
        if not (identity.isascii() and identity.isdigit() and len(identity) < 19):
            return None
        found = rows.by_header_id(self._world, int(identity))
        return found if found and (not colon or found.key == f"{system}:{identity}") else None

    def _all(self) -> Iterator[Header]:
        for index in self._world.customers():
            for order in self._world.orders_of(index):
                yield rows.header(self._world, order)

    async def _stream(self, found: Iterable[Header], query: Query) -> Page:
        """The rows asked for, in the order they come; on to the end only when all must be counted."""
        count_all = query.total and query.condition is not None
        end = query.offset + query.limit
        kept, seen = [], 0
        async for row in gently(found):
            if _fits(ORDERS, row, query.condition):
                seen += 1
                if query.offset < seen <= end:
                    kept.append(row)
                if seen > end and not count_all:
                    break
        total = (seen if count_all else self._world.order_count()) if query.total else None
        return Page(kept, query.limit, query.offset, seen > end, total)

    async def _sorted(self, query: Query) -> Page:
        names = [name for name, _ in query.order]
        found = []
        async for row in gently(self._all()):
            if _fits(ORDERS, row, query.condition):
                values = {name: ORDERS.attributes[name].read(row) for name in names}
                found.append((values, row.order.header_id))
        in_order = ordered(found, query.order, lambda entry, name: entry[0][name])
        page = _page(in_order, query)
        headers = (rows.by_header_id(self._world, header_id) for _, header_id in page.rows)
        return Page([row for row in headers if row], page.limit, page.offset, page.has_more, page.total)

    def _candidates(self, condition: Condition | None) -> list[Header] | None:
        """Every row that can meet the condition, by the world's indexes; None when these do not narrow it down."""
        match condition:
            case Compare(attribute, "=", value):
                return self._by(attribute, [value])
            case OneOf(attribute, values):
                return self._by(attribute, sorted(values, key=str))
            case All(parts):
                found = (self._candidates(part) for part in parts)
                return next((rows for rows in found if rows is not None), None)
            case Some(parts):
                return self._united(parts)
            case _:
                return None

    def _united(self, parts: Sequence[Condition]) -> list[Header] | None:
        united: dict[int, Header] = {}
        for part in parts:
            found = self._candidates(part)
            if found is None:
                return None
            united |= {row.order.header_id: row for row in found}
        return list(united.values())

    def _by(self, attribute: str, values: Iterable[Any]) -> list[Header] | None:
        world = self._world
        match attribute:
            case "HeaderId":
                whole = (int(value) for value in values if value == int(value))
                found: Iterable[Header | None] = (rows.by_header_id(world, value) for value in whole)
            case "OrderNumber":
                orders = (world.order_by_number(value) for value in values)
                found = (rows.header(world, order) for order in orders if order)
            case "OrderKey":
                found = (self.by_key(value) for value in values if ":" in value)
            case "BuyingPartyNumber":
                found = self._of(world.by_party_number(value) for value in values)
            case "lines.ProductNumber":
                found = self._bought.of(values)
            case "BuyingPartyId" if self._parties is not None:
                found = self._of(map(self._parties.get, values))
            case _:
                return None
        return [row for row in found if row]

    def _of(self, customers: Iterable[int | None]) -> Iterator[Header]:
        for index in customers:
            for order in self._world.orders_of(index) if index is not None else ():
                yield rows.header(self._world, order)

    async def _index_parties(self) -> None:
        async with self._making:
            if self._parties is None:
                customers = gently(map(self._world.customer, self._world.customers()))
                self._parties = {row.party_id: row.index async for row in customers if row.party_id is not None}


def among(resource: Resource, found: Sequence[Any], query: Query) -> Page:
    """One page of rows that are all at hand."""
    return _page(ordered(found, query.order, lambda row, name: resource.attributes[name].read(row)), query)


def filtered(resource: Resource, found: Sequence[Any], query: Query) -> Page:
    return among(resource, [row for row in found if _fits(resource, row, query.condition)], query)


def ordered(found: Sequence[T], order: Order, read: Callable[[T, str], Value]) -> Sequence[T]:
    """As the database sorts: nulls last going up, first going down; ties stay as they are."""
    for name, descending in reversed(order):

        def key(row: T, name: str = name) -> tuple[bool, Any]:
            value = read(row, name)
            return value is None, 0 if value is None else value

        found = sorted(found, key=key, reverse=descending)
    return found


def _page(found: Sequence[Any], query: Query) -> Page:
    end = query.offset + query.limit
    total = len(found) if query.total else None
    return Page(list(islice(found, query.offset, end)), query.limit, query.offset, len(found) > end, total)


def _fits(resource: Resource, row: Any, condition: Condition | None) -> bool:
    return condition is None or met(condition, lambda path: resource.values(row, path)) is True


def _by_update(order: Order) -> bool:
    return order in ((("LastUpdateDate", False),), (("LastUpdateDate", False), ("HeaderId", False)))


def _attributes(condition: Condition | None) -> Iterator[str]:
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from _attributes(part)
        case Compare(attribute, "=", _) | OneOf(attribute, _):
            yield attribute
        case _:
            return
