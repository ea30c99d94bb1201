"""Who has seen somebody: read from the gateway's own audit trail, which knows rows by their ids alone.

An answer about an order need not have named who placed it. So what is theirs is found out now, as the systems have it
today, and looked for as well: orders with their parcels, invoices, tickets, opportunities, assets. While one of the
systems cannot say, nothing is told: a list with accesses missing would be worse than none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from msgspec import structs

import schema
from resolvers import billing, orders, paging, sales, shipping, support
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.binding import Ask, about, resolves
from resolvers.ids import global_id
from resolvers.paging import CURSORS, LONGEST_PAGE, Page
from resolvers.people import by_ids, crossref
from resolvers.rows import Person, Sale

LISTS: tuple[Callable[[Sequence[Person], Ask], Awaitable[Sequence[Outcome[Page]]]], ...] = (
    orders.orders,
    billing.of_customers,
    support.of_customers,
    sales.opportunities,
    sales.owns,
)
FOUND = frozenset({"nodes.id", "nodes.number", *CURSORS})
MOST = 5_000
"""Rows of one kind that are looked for, the newest first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One record of the trail, as far as it is told. `place`: moment (epoch milliseconds), chain and number."""

    place: tuple[int, str, int]
    at: datetime
    role: str
    purpose: str | None
    themself: bool
    categories: list[str]
    masked: list[str]
    who: str | None
    client: str | None
    event: str


class Trail(Protocol):
    """Records about any of these rows (ids of the graph), newest first: at most so many, behind a place. Raises
    `Unavailable`."""

    async def __call__(self, ids: Sequence[str], first: int, after: tuple[int, str, int] | None) -> Sequence[Seen]: ...


@dataclass(frozen=True, slots=True)
class Log(Page):
    """A page about one customer."""

    customer: str = ""


@about(schema.AccessConnection, follows=False)
def asked_about(page: Log) -> str | None:
    return page.customer


@resolves(
    schema.Query,
    "accessLog",
    source=(
        OracleOM.orders_of,
        OracleOM.shipments_of,
        NetSuite.invoices_of_debtors,
        Remedy.incidents_of_people,
        Siebel.opportunities_of,
        Siebel.assets_of,
    ),
    pushes=("own",),
)
async def access_log(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Log]]:
    """Nothing for who does not exist, and for whom a row rule leaves out: neither is asked about."""
    if refused := paging.refused(ask, 1):
        return refused
    (person,) = by_ids(ask, [ask.arguments["customer"]])
    own = ask.predicates.get("own")
    if person is None or (own is not None and person.id not in own):
        return [Outcome()]
    try:
        return [Outcome(await _log(person, ask))]
    except Gap as gap:
        return [Outcome(error=gap)]


async def _log(person: Person, ask: Ask) -> Log:
    opened, first = paging.opened(ask, person.id), ask.arguments["first"]
    after = (int(opened[0]), opened[1], int(opened[2])) if opened else None
    trail = cast(Trail, ask.context.facts["trail"])
    ids = [*names(person, ask), *await theirs(person, ask)]
    found = await trail(ids, first + 1, after)
    nodes, more = list(found[:first]), len(found) > first
    return Log(
        nodes,
        more,
        after is not None,
        lambda seen: paging.sealed(ask, person.id, [str(part) for part in seen.place]),
        paging.whole(ask, nodes, more),
        customer=person.id,
    )


def names(person: Person, ask: Ask) -> list[str]:
    """All ids they have, or had before two customers turned out to be one."""
    return [global_id("Customer", key) for key in (person.key, *crossref(ask).former(person.key))]


async def theirs(person: Person, ask: Ask) -> list[str]:
    """Ids of what is about them, as the systems have it today. Raises the `Gap` that keeps us from knowing."""
    found = await asyncio.gather(*(_all(of, person, ask) for of in LISTS))
    parcels = await _parcels([sale for sale in found[0] if isinstance(sale, Sale)], ask)
    return list(dict.fromkeys(row.id for rows in (*found, parcels) for row in rows))


async def _all(of: Callable[..., Any], person: Person, ask: Ask) -> list[Any]:
    rows: list[Any] = []
    after = None
    while True:
        arguments = {"first": LONGEST_PAGE, "after": after}
        (page,) = await of([person], structs.replace(ask, columns=FOUND, arguments=arguments, predicates={}))
        if page.error:
            raise page.error
        rows += page.value.nodes if page.value else ()
        if not page.value or not page.value.has_next_page or len(rows) >= MOST:
            return rows
        after = page.value.end_cursor


async def _parcels(sales: Sequence[Sale], ask: Ask) -> list[Any]:
    asked = structs.replace(ask, columns=frozenset({"number"}), predicates={})
    found = await shipping.of_orders(sales, asked) if sales else ()
    for one in found:
        if one.error:
            raise one.error
    return [parcel for one in found for parcel in one.value or ()]
