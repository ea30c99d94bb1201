"""Sets of orders by how far they have come: found in the index, and shown from their systems.

Who sees only some orders (their own, those of their channel, those they carry) is answered from those alone, counts
included. Whether an order is still theirs is asked of the order system once more, for the rows of a page.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Outcome, Unusable
from resolvers.backends.oracle_om import Money, OracleOM
from resolvers.binding import Ask, resolves
from resolvers.order_to_cash import EVERYTHING, SIFTED
from resolvers.order_to_cash_asking import Found, Wanted, find
from resolvers.order_to_cash_feed import ACCOUNTS, BILLS, ORDERS, TICKETS
from resolvers.order_to_cash_index import Index, Progress
from resolvers.paging import Edge
from resolvers.people import PARTY, by_ids
from resolvers.rows import Sale
from schema import Category, OrderStage, OrderToCashSort

MOST_CUSTOMERS = 100
MOST_VALUES = 100
MOST_ADDED = 500
TOGETHER = 200
RULES = ("own", "own-channel", "carried-by-me")
PAGED = ("nodes", "edges", "page_info")


@dataclass(frozen=True, slots=True)
class StageTotal:
    """`numbers`: of the orders to add up."""

    stage: OrderStage
    orders: int
    numbers: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Set:
    """What was found, as `schema.OrdersToCash` shows it."""

    ask: Ask
    found: Found
    nodes: Sequence[Sale]
    stages: Sequence[StageTotal]
    complete: bool
    as_of: datetime | None

    @property
    def examined(self) -> int:
        return self.found.examined

    @property
    def edges(self) -> list[Edge]:
        return [Edge(self._cursor(node), node) for node in self.nodes]

    @property
    def page_info(self) -> Set:
        return self

    @property
    def has_next_page(self) -> bool:
        return self.found.more

    @property
    def has_previous_page(self) -> bool:
        return self.ask.arguments.get("after") is not None

    @property
    def start_cursor(self) -> str | None:
        return self._cursor(self.nodes[0]) if self.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """Of the last that was found, whether or not it is shown."""
        return self._sealed(self.found.page[-1]) if self.found.page else None

    def _cursor(self, sale: Sale) -> str:
        return self._sealed(next(one for one in self.found.page if one[0] == sale.number))

    def _sealed(self, row: tuple[str, int]) -> str:
        number, since = row
        return paging.sealed(self.ask, "", (str(since), number))


@resolves(
    schema.Query,
    "orderToCash",
    pushes=RULES,
    derived=True,
    inputs=(*EVERYTHING, "Order.holds", "Order.channel"),
    asks=SIFTED,
)
async def orders_to_cash(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Set]]:
    if refused := paging.refused(ask, 1):
        return refused
    try:
        wanted = _wanted(ask)
        index: Index = ask.context.facts["orders"]
        found = await asyncio.to_thread(find, index, wanted)
    except Gap as gap:
        return [Outcome(error=gap)]
    nodes = await _theirs(found, ask)
    if isinstance(nodes, Gap):
        return [Outcome(error=nodes)]
    complete, as_of = _standing(found.progress, _needed(wanted))
    totals = [StageTotal(stage, count, found.numbers.get(stage, ())) for stage, count in found.stages.items()]
    return [Outcome(Set(ask, found, nodes, totals, complete, as_of))]


@resolves(
    schema.StageTotal,
    "amounts",
    needs=("numbers",),
    derived=True,
    inputs=("Order.total",),
    aggregate="A sum over all orders at a stage that the reader may see.",
)
async def amounts(totals: Sequence[StageTotal], ask: Ask) -> Sequence[Outcome[list[Money]]]:
    numbers = [number for total in totals for number in total.numbers]
    found: dict[str, Outcome[Any]] = {}
    for start in range(0, len(numbers), TOGETHER):  # not all at once: others have questions too
        some = numbers[start : start + TOGETHER]
        found |= zip(some, await ask.load(OracleOM.orders, some, frozenset({"total"})), strict=True)
    return [_sum([found[number] for number in total.numbers]) for total in totals]


def _wanted(ask: Ask) -> Wanted:
    """Raises Unusable for what cannot be asked."""
    told = paging.given(ask)
    customers = ask.arguments.get("customers")
    if customers is not None and len(customers) > MOST_CUSTOMERS:
        raise Unusable(f"At most {MOST_CUSTOMERS} customers at a time, not {len(customers)}")
    days = told.get("olderThanDays")
    if days is not None and days < 0:
        raise Unusable(f"`olderThanDays` is at least 0, not {days}")
    after, stages = paging.opened(ask), _some(told, "stage")
    now = ask.context.now()
    return Wanted(
        now=now,
        bills=Category.BILLING in ask.askable,
        tickets=Category.SERVICE in ask.askable,
        holds=Category.CREDIT in ask.askable,
        parties=_parties(ask, customers),
        channels=_both(_some(told, "channel"), ask.predicates.get("own-channel")),
        carriers=_both(None, ask.predicates.get("carried-by-me")),
        tiers=_both(_some(told, "tier"), None),
        stages=None if stages is None else tuple(OrderStage[_name(one)] for one in stages),
        stuck=bool(told.get("stuckOnly")),
        older_than=days,
        longest_first=_name(ask.arguments["orderBy"]) != OrderToCashSort.WAITING_SHORTEST.name,
        first=ask.arguments["first"],
        after=(int(after[0]), after[1]) if after else None,
        page=bool(ask.predicates or ask.columns.intersection(PAGED)),
        counts="stages" in ask.columns,
        added=MOST_ADDED if ask.columns & {"stages.numbers", "stages.added"} else 0,
    )


def _some(told: Mapping[str, Any], name: str) -> Sequence[Any] | None:
    """Raises Unusable for more values than a question is made of."""
    values: Sequence[Any] | None = told.get(name)
    if values is not None and len(values) > MOST_VALUES:
        raise Unusable(f"At most {MOST_VALUES} values of `{name}` at a time, not {len(values)}")
    return values


def _parties(ask: Ask, customers: Sequence[str] | None) -> tuple[str, ...] | None:
    """What the order system calls the customers who are asked for and that a row rule leaves; None: anybody."""
    own = ask.predicates.get("own")
    if customers is None and own is None:
        return None
    named = customers if customers is not None else sorted(own or ())
    people = [one for one in by_ids(ask, named) if one and (own is None or one.id in own)]
    return tuple(dict.fromkeys(key for person in people for key in person.keys.get(PARTY, ())))


def _both(asked: Sequence[str] | None, rule: frozenset[str] | None) -> tuple[str, ...] | None:
    """What is asked for, as far as a row rule allows; None: anything."""
    if asked is None:
        return None if rule is None else tuple(sorted(rule))
    return tuple(one for one in dict.fromkeys(asked) if rule is None or one in rule)


async def _theirs(found: Found, ask: Ask) -> Sequence[Sale] | Gap:
    """The orders of the page; of those under a row rule, the ones that the order system says are still the caller's."""
    numbers = [number for number, _ in found.page]
    limits = _limits(ask)
    if not limits or not numbers:
        return [Sale(number) for number in numbers]
    operation: Any = OracleOM.parties_of_orders if "parties" in limits else OracleOM.orders
    columns = frozenset({"party_number"} if "parties" in limits else {"number"})
    told = await ask.load(operation, numbers, columns, **limits)
    if failed := next((one.error for one in told if one.error), None):
        return failed
    return [Sale(number) for number, one in zip(numbers, told, strict=True) if one.value]


def _limits(ask: Ask) -> dict[str, tuple[str, ...]]:
    names = {"own-channel": "channels", "carried-by-me": "carriers"}
    limits = {name: tuple(sorted(ask.predicates[rule])) for rule, name in names.items() if ask.predicates.get(rule)}
    if "own" in ask.predicates:
        limits = {"parties": _parties(ask, None) or ()}
    return limits


def _needed(wanted: Wanted) -> set[str]:
    """The systems that an answer depends on."""
    needed = {ORDERS: True, BILLS: wanted.bills, TICKETS: wanted.tickets, ACCOUNTS: wanted.tiers is not None}
    return {system for system, is_needed in needed.items() if is_needed}


def _standing(progress: Mapping[str, Progress], needed: set[str]) -> tuple[bool, datetime | None]:
    known = [progress[system] for system in needed if system in progress and progress[system].asked]
    if len(known) < len(needed):
        return False, None
    as_of = datetime.fromtimestamp(min(one.asked for one in known), UTC)
    return all(one.whole for one in known), as_of


def _name(word: Any) -> str:
    """Of an enum's member, or of what a caller wrote."""
    return str(getattr(word, "name", word))


def _sum(found: Sequence[Outcome[Any]]) -> Outcome[list[Money]]:
    """An order without a price adds nothing."""
    if failed := next((one.error for one in found if one.error), None):
        return Outcome(error=failed)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for total in (one.value.total for one in found if one.value and one.value.total):
        sums[total.currency] += total.amount
    return Outcome([Money(amount, currency) for currency, amount in sorted(sums.items())])
