"""Fills the index of orders from what the systems say has changed: `customer360 index sync`, and now and then in a
running gateway.

Each system is asked for what changed since its newest change taken in; rows seen twice change nothing, so whoever is
interrupted goes on from there. Of orders, bills and tickets nothing travels but keys, states and times; of CRM
accounts, keys and their standing. What is deleted there is not told of: `customer360 index build` begins anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from resolvers.backends.base import Adapter, BackendError, Deadline, Unavailable
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.crossref import Crossref
from resolvers.order_to_cash_index import Index, Progress
from resolvers.people import ACCOUNT, PARTY

ORDERS, BILLS, TICKETS, ACCOUNTS = "oracle_om", "netsuite", "remedy", "siebel"
ORDER = frozenset(
    {
        *("number", "party_number", "status", "placed_at", "channel", "held"),
        *(f"lines.{name}" for name in ("quantity", "status", "shipped_on", "carrier")),
    }
)
TICKET = frozenset({"number", "status", "opened_at", "resolved_at", "order_number"})
STANDING = frozenset({"row_id", "tier", "updated"})
PATIENCE = 7200.0  # seconds for one system; each call in between has its own, much shorter, time
SLACK = timedelta(seconds=2)
"""Changes of the same moment may be told of a little later than each other."""

NEVER = 0.0
OLDEST_FIRST = frozenset({ORDERS, BILLS, TICKETS})
Pages = Callable[[datetime | None], AsyncIterator[tuple[Sequence[Any], Sequence[datetime], int]]]
Take = Callable[[Iterable[Any]], None]


@dataclass(frozen=True, slots=True)
class Fed:
    """What one system added: rows read, and up to which change. `failed`: why it could not be read to its end."""

    system: str
    rows: int
    until: str | None
    failed: str = ""


async def sync(
    index: Index,
    crossref: Crossref,
    backends: Mapping[str, Adapter],
    off: Callable[[str], bool] = lambda _: False,
    *,
    anew: bool = False,
) -> list[Fed]:
    """Take in what changed everywhere, all systems at once, then work out anew what it concerns. A system that fails
    costs its own part.

    anew: forget what is there first
    Raises Busy while another process does the same: two would not know what the other forgets.
    """
    with index.alone():
        if anew:
            index.forget()
        fed = list(await asyncio.gather(*_feeds(index, backends, off)))
        _parties(index, crossref)
        for _ in index.fold():
            await asyncio.sleep(0)
    return fed


def _feeds(index: Index, backends: Mapping[str, Adapter], off: Callable[[str], bool]) -> Iterator[Awaitable[Fed]]:
    deadline = Deadline(PATIENCE)
    oracle, netsuite = cast(OracleOM, backends[ORDERS]), cast(NetSuite, backends[BILLS])
    remedy, siebel = cast(Remedy, backends[TICKETS]), cast(Siebel, backends[ACCOUNTS])
    feeds: Iterable[tuple[str, Pages, Take]] = (
        (ORDERS, lambda since: _orders(oracle.orders_changed_since(deadline, ORDER, since)), index.orders),
        (BILLS, lambda since: _split(netsuite.invoices_changed_since(deadline, since)), index.bills),
        (TICKETS, lambda since: _split(remedy.incidents_changed_since(deadline, TICKET, since)), index.tickets),
        (ACCOUNTS, lambda since: _accounts(siebel.accounts_changed_since(deadline, since, STANDING)), index.accounts),
    )
    return (_feed(index, *feed, off) for feed in feeds)


async def _feed(index: Index, system: str, pages: Pages, take: Take, off: Callable[[str], bool]) -> Fed:
    """What cannot be read to its end leaves what was read. Next time it goes on from the last change of that, where
    the oldest come first; else from where it began."""
    asked, so_far, rows, unread = time.time(), index.progress().get(system) or Progress(system, None, NEVER, True), 0, 0
    newest = since = datetime.fromisoformat(so_far.until) if so_far.until else None
    try:
        async for told, moments, bad in _while_on(system, pages(since - SLACK if since else None), off):
            take(told)
            rows, unread = rows + len(told), unread + bad
            newest = max((at for at in (newest, *moments) if at), default=None)
            read = replace(so_far, until=newest.isoformat() if newest else None, whole=so_far.whole and not unread)
            if system in OLDEST_FIRST:
                index.taken_in(so_far := read)
            await asyncio.sleep(0)
    except BackendError as error:
        return Fed(system, rows, so_far.until, str(error))
    until = newest.isoformat() if newest else None
    index.taken_in(Progress(system, until, asked, so_far.whole and not unread))
    return Fed(system, rows, until, f"{system}: {unread} rows cannot be read" if unread else "")


async def _while_on(system: str, pages: AsyncIterator[Any], off: Callable[[str], bool]) -> AsyncIterator[Any]:
    """As in `crosslink`: a system that an operator takes off is left alone before its next page."""
    while not off(system):
        try:
            yield await anext(pages)
        except StopAsyncIteration:
            return
    raise Unavailable(system, "switched off by its operator")


async def _orders(pages: AsyncIterator[Any]) -> AsyncIterator[tuple[Sequence[Any], Sequence[datetime], int]]:
    async for page in pages:
        told = [one.order for one in page if not isinstance(one.order, BackendError)]
        yield told, [one.updated for one in page], len(page) - len(told)


async def _split(pages: AsyncIterator[Any]) -> AsyncIterator[tuple[Sequence[Any], Sequence[datetime], int]]:
    async for page in pages:
        yield [row for row, _ in page], [at for _, at in page], 0


async def _accounts(pages: AsyncIterator[Any]) -> AsyncIterator[tuple[Sequence[Any], Sequence[datetime], int]]:
    async for page in pages:
        yield [(one.row_id, one.tier) for one in page], [one.updated for one in page if one.updated], 0


def _parties(index: Index, crossref: Crossref) -> None:
    """Whose account each buying party is: the cross-reference knows, and may know better than the last time."""
    parties = index.all_parties()
    found = crossref.customers(PARTY, parties)
    known = crossref.keys(list(found.values()))
    accounts = {party: known[who].keys.get(ACCOUNT, ()) for party, who in found.items() if who in known}
    index.parties({party: keys[0] for party, keys in accounts.items() if keys})
