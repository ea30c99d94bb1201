"""Reading lists to their end.

Every list is read behind a key, not at an offset: `HeaderId > …`, or `TransactionOn`, `OrderNumber` going down. So rows
that come or go meanwhile are neither skipped nor repeated; what repeats all the same counts once, by HeaderId, and of
several revisions of one order the newest counts. A page that promises more and brings nothing new is `Garbled`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from resolvers.backends.base import KEPT, Garbled, Wire
from resolvers.backends.base.quoting import query
from resolvers.backends.oracle_om.columns import below, fields
from resolvers.backends.oracle_om.language import address, among, behind, moment, together_short
from resolvers.backends.oracle_om.line import Hub
from resolvers.backends.oracle_om.wire import Collection, HoldRow, LineRow, OrderRow, PartyRow, TotalRow, cut_off

R = TypeVar("R")
C = TypeVar("C", PartyRow, OrderRow)
Position = tuple[datetime | None, str]

EPOCH = datetime.fromtimestamp(0, UTC)
PAGE = 500
BY_ID = "HeaderId:asc"
NEWEST_FIRST = "TransactionOn:desc,OrderNumber:desc,HeaderId:desc"
ORDERS = msgspec.json.Decoder(Collection[OrderRow])
CHILDREN: dict[str, Any] = {"lines": LineRow, "totals": TotalRow, "holds": HoldRow}
"""Children that can have more rows than come along with their parent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a list, newest first: `most` rows behind a position, and whether to count them all."""

    most: int
    after: Position | None = None
    count: bool = False


class Reader:
    """Lists of one instance, in rows as they are on the wire."""

    def __init__(self, system: str, hub: Hub) -> None:
        self._system = system
        self._hub = hub
        self._listed = lru_cache(KEPT)(_listed)

    async def orders(
        self, wire: Wire, asked: Sequence[str], sequence: str, parameters: Mapping[str, str | int]
    ) -> Collection[OrderRow]:
        """One page of orders in a sequence. Raises as `page` does."""
        target = f"{self._hub.path}?{query(parameters)}&{self._listed(tuple(asked), sequence)}"
        return self._whole_page(wire.decode(await self._hub.read(wire, target), ORDERS))

    async def page(
        self, wire: Wire, shape: type[R], parameters: Mapping[str, str | int], below: str = ""
    ) -> Collection[R]:
        """One page. Raises Garbled when it says there is more and yet is empty."""
        target = address(self._hub.path + below, {**parameters, "onlyData": "true"})
        found = wire.decode(await self._hub.read(wire, target), Collection[shape])  # type: ignore[valid-type]
        return self._whole_page(found)

    def _whole_page(self, found: Collection[R]) -> Collection[R]:
        if found.has_more and not found.items:
            raise Garbled(self._system, "an empty page that says there is more")
        return found

    async def every(self, wire: Wire, condition: str, asked: Sequence[str]) -> list[OrderRow]:
        """All orders that meet the condition, by HeaderId; one call for each 500."""
        rows: dict[int, OrderRow] = {}
        behind_key = ""
        while True:
            page = await self.orders(wire, asked, BY_ID, {"q": condition + behind_key, "limit": PAGE})
            last = max(rows, default=0)
            rows |= {row.header_id: row for row in page.items}
            if not page.has_more:
                return list(rows.values())
            if page.items[-1].header_id != max(rows) or max(rows) == last:
                raise self._stuck("HeaderId")
            behind_key = f" and HeaderId > {max(rows)}"

    async def newest(
        self, wire: Wire, parties: Sequence[str], asked: Sequence[str], most: int, after: Position | None
    ) -> dict[str, list[OrderRow]]:
        """Up to `most` orders of each party, newest first; perhaps a few more.

        A page holds as many rows as are wanted in all, 500 at most. Whoever has enough is left out of the next one: a
        party with thousands of orders costs no more than its share. Evenly spread, that is one call; at worst one for
        each party and one for each 500 rows wanted.
        """
        found: dict[str, dict[str, OrderRow]] = {party: {} for party in parties}
        seen: set[int] = set()
        wanting = list(parties)
        while wanting:
            limit = min(PAGE, most * len(wanting))
            page = await self.orders(wire, asked, NEWEST_FIRST, {"q": _of(wanting, after), "limit": limit})
            fresh = [row for row in page.items if row.header_id not in seen]
            seen.update(row.header_id for row in fresh)
            self._sort_in(fresh, found)
            if not page.has_more:
                break
            after = self._onward(page.items, fresh)
            wanting = [party for party in wanting if len(found[party]) < most]
        return {party: sorted(rows.values(), key=_age, reverse=True) for party, rows in found.items()}

    async def matching(
        self, wire: Wire, condition: str, asked: Sequence[str], wanted: Wanted
    ) -> tuple[list[OrderRow], int | None]:
        """Up to `wanted.most` orders that meet the condition ("": all there are), newest first, perhaps a few more; and
        how many do in all. One call for each 500; and one for the count when the first page starts behind another."""
        rows: dict[str, OrderRow] = {}
        seen: set[int] = set()
        after, total = wanted.after, None
        if wanted.count and after is not None:
            total = _total(await self.page(wire, OrderRow, _counted(condition)))
        counting = wanted.count and after is None
        while True:
            limit = min(PAGE, wanted.most - len(rows))
            page = await self.orders(wire, asked, NEWEST_FIRST, _matching(condition, limit, after, counting))
            total, counting = (_total(page) if counting else total), False
            fresh = [row for row in page.items if row.header_id not in seen]
            seen.update(row.header_id for row in fresh)
            for row in fresh:
                self._keep_newest(row, rows)
            if not page.has_more or len(rows) >= wanted.most:
                return sorted(rows.values(), key=_age, reverse=True), total
            after = self._onward(page.items, fresh)

    def _keep_newest(self, row: OrderRow, rows: dict[str, OrderRow]) -> None:
        if not isinstance(row.order_number, str):
            raise Garbled(self._system, f"order {row.header_id} has no number")
        other = rows.setdefault(row.order_number, row)
        if other.header_id < row.header_id:
            rows[row.order_number] = row

    def _sort_in(self, rows: Iterable[OrderRow], found: dict[str, dict[str, OrderRow]]) -> None:
        for row in rows:
            mine = found.get(str(row.buying_party_number))
            if mine is None:
                raise Garbled(self._system, f"order {row.header_id} is of a party nobody asked for")
            self._keep_newest(row, mine)

    def _onward(self, rows: Sequence[OrderRow], fresh: Sequence[OrderRow]) -> Position:
        if not fresh or list(rows) != sorted(rows, key=_age, reverse=True):
            raise self._stuck("TransactionOn")
        last = rows[-1]
        return _moment(last), str(last.order_number)

    async def whole(self, wire: Wire, row: OrderRow, asked: Sequence[str]) -> OrderRow:
        """The order with all its lines, totals and holds, when only the first of them came along."""
        for name, shape in CHILDREN.items():
            if cut_off(getattr(row, name)):
                rows = await self._child(wire, f"/{row.header_id}/child/{name}", shape, below(asked, name))
                row = msgspec.structs.replace(row, **{name: rows})
        return row

    async def _child(self, wire: Wire, path: str, shape: type[R], names: str) -> list[R]:
        """All rows of one child, 500 to a call. Lines go by FulfillLineId, and count once."""
        order: dict[str, str | int] = {"orderBy": "FulfillLineId:asc"} if shape is LineRow else {}
        rows: dict[Any, R] = {}
        offset = 0
        while True:
            page = await self.page(wire, shape, {"fields": names, "limit": PAGE, "offset": offset, **order}, path)
            before = len(rows)
            rows |= {_identity(row): row for row in page.items}
            if not page.has_more:
                return list(rows.values())
            if len(rows) == before:
                raise self._stuck(path)
            offset += len(page.items)

    async def changed(
        self, wire: Wire, since: datetime | None, shape: type[C], asked: Sequence[str]
    ) -> AsyncIterator[list[C]]:
        """All orders changed since, oldest change first, one call for each 500.

        The next page starts at the moment the last one reached (several rows can share it: those come again), so that
        an order changed while we read is met again later. Only when a page lies within one moment does an offset count.
        """
        reached, offset, known = since, 0, frozenset[int]()
        while True:
            page = await self.page(wire, shape, _changed(reached, offset, asked))
            yield page.items
            if not page.has_more:
                return
            first, last = self.updated(page.items[0]), self.updated(page.items[-1])
            ids = frozenset(row.header_id for row in page.items)
            if ids <= known or (reached and last < reached):
                raise self._stuck("LastUpdateDate")
            offset = (offset if reached == last else 0) + len(page.items) if first == last else 0
            reached, known = last, ids

    def updated(self, row: PartyRow | OrderRow) -> datetime:
        if not isinstance(row.last_update_date, datetime):
            raise Garbled(self._system, f"order {row.header_id} was never updated")
        return row.last_update_date

    def _stuck(self, by: str) -> Garbled:
        return Garbled(self._system, f"a page that says there is more, and is out of order or nothing new, by {by}")


def _listed(asked: Sequence[str], sequence: str) -> str:
    """The part of an address that is the same for all lists of these columns."""
    return query({"fields": fields(asked), "orderBy": sequence, "onlyData": "true"})


def _of(parties: Sequence[str], after: Position | None) -> str:
    condition = among("BuyingPartyNumber", parties)
    return condition if after is None else f"{condition} and {behind(*after)}"


def _matching(condition: str, limit: int, after: Position | None, count: bool) -> dict[str, str | int]:
    onward = behind(*after) if after is not None else ""
    counted: dict[str, str | int] = {"totalResults": "true"} if count else {}
    return _queried(together_short(condition, onward)) | {"limit": limit} | counted


def _counted(condition: str) -> dict[str, str | int]:
    return _queried(condition) | {"fields": "HeaderId", "limit": 1, "totalResults": "true"}


def _queried(condition: str) -> dict[str, str | int]:
    return {"q": condition} if condition else {}


def _total(page: Collection[OrderRow]) -> int | None:
    """What the server says; not when it cannot be: it says -1 when it does not know."""
    total = page.total_results
    return total if total is not None and total >= len(page.items) else None


def newest_first(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """Several lists as one, in the order that the server would have given them."""
    return sorted(rows, key=lambda row: (*_age(row), str(row.order_number)), reverse=True)


def _changed(since: datetime | None, offset: int, asked: Sequence[str]) -> dict[str, str | int]:
    condition: dict[str, str | int] = {"q": f"LastUpdateDate >= {moment(since)}"} if since else {}
    return {
        **condition,
        "fields": fields(asked),
        "orderBy": "LastUpdateDate:asc,HeaderId:asc",
        "limit": PAGE,
        "offset": offset,
    }


def newest_revisions(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """One row for each order number."""
    return list({row.order_number: row for row in sorted(rows, key=lambda row: row.header_id)}.values())


def _identity(row: Any) -> Any:
    return row.fulfill_line_id if isinstance(row, LineRow) else row


def _age(row: OrderRow) -> tuple[bool, datetime]:
    placed = _moment(row)
    return placed is None, placed or EPOCH


def _moment(row: OrderRow) -> datetime | None:
    return row.transaction_on if isinstance(row.transaction_on, datetime) else None
