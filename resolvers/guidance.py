"""What a customer has been to us, and what to do for them next: the ledger's sums, and rules over what systems say.

A proposal needs all that its rules look at: while one of these systems does not answer, nobody knows whether something
speaks against it, and there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import schema
from resolvers import rules
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import Money, NetSuite, Sales
from resolvers.backends.remedy import Remedy
from resolvers.backends.sap import Sap
from resolvers.backends.siebel import Asset, Siebel
from resolvers.binding import Ask, resolves
from resolvers.consent import by_channel, on_record
from resolvers.paging import out_of_range
from resolvers.people import ACCOUNT, DEBTOR, REQUESTER
from resolvers.rows import Item, Person
from schema import ConsentPurpose, StockType, Suppression, TicketPriority, TicketStatus

UNRESOLVED = frozenset({TicketStatus.NEW, TicketStatus.ASSIGNED, TicketStatus.IN_PROGRESS, TicketStatus.PENDING})
GRAVE = frozenset({TicketPriority.CRITICAL, TicketPriority.HIGH})
SUMS: Mapping[str, frozenset[str]] = {
    "lifetime_value": frozenset({"billed"}),
    "recency_days": frozenset({"last_on"}),
    "recency_score": frozenset({"last_on"}),
    "frequency": frozenset({"invoices_since"}),
    "frequency_score": frozenset({"invoices_since"}),
    "monetary": frozenset({"billed_since"}),
    "monetary_score": frozenset({"billed_since"}),
}
OWNED = frozenset({"row_id", "sku", "warranty_until", "since"})
MOST_OWNED, MOST_TICKETS, MOST_ACTIONS = 50, 50, 20


@dataclass(frozen=True, slots=True)
class Insights:
    """Of one customer. The ledger is asked for its parts."""

    person: Person
    as_of: datetime
    rule: rules.Insights
    billed: None = None

    @property
    def definition(self) -> str:
        return self.rule.definition

    @property
    def recent_days(self) -> int:
        return self.rule.recent_days


@dataclass(frozen=True, slots=True)
class Billed:
    """Made of the ledger's sums, one for each currency; what was not asked for is None in them."""

    today: date
    rule: rules.Insights
    sums: Sequence[Sales]

    @property
    def lifetime_value(self) -> Money | None:
        return self._money(lambda one: one.billed)

    @property
    def monetary(self) -> Money | None:
        return self._money(lambda one: one.billed_since)

    @property
    def frequency(self) -> int | None:
        counts = [one.invoices_since for one in self.sums if one.invoices_since is not None]
        return sum(counts) if counts else None

    @property
    def recency_days(self) -> int | None:
        last = max((one.last_on for one in self.sums if one.last_on), default=None)
        return (self.today - last).days if last else None

    @property
    def recency_score(self) -> int | None:
        days = self.recency_days
        return None if days is None else 5 - sum(days > most for most in self.rule.recency_days)

    @property
    def frequency_score(self) -> int | None:
        return _reached(self.frequency, self.rule.frequency)

    @property
    def monetary_score(self) -> int | None:
        billed = self.monetary
        return _reached(billed.amount if billed else None, self.rule.monetary)

    def _money(self, part: Callable[[Sales], Decimal | None]) -> Money | None:
        return _total((part(one), one.currency) for one in self.sums)


@dataclass(frozen=True, slots=True)
class Factor:
    name: str
    value: str | None
    system: str
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    rule: rules.Action
    because: Sequence[Factor]
    suppressed_by: Sequence[Suppression]
    sku: str | None = None

    @property
    def action(self) -> str:
        return self.rule.name

    @property
    def title(self) -> str:
        return self.rule.title

    @property
    def score(self) -> int:
        return self.rule.score


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules look at, of one customer. `things`: of those they own, the days their warranty has left."""

    facts: Mapping[rules.Fact, Decimal | int] = field(default_factory=dict)
    things: Sequence[tuple[str | None, int]] = ()
    against: frozenset[Suppression] = frozenset()
    in_stock: Mapping[str, bool] = field(default_factory=dict)


SAID_BY: Mapping[rules.Fact, str] = {
    "warranty_ends_in_days": Siebel.name,
    "days_since_last_invoice": NetSuite.name,
    "invoices_lately": NetSuite.name,
    "overdue": NetSuite.name,
    "open_complaints": Remedy.name,
}


@resolves(schema.Customer, "insights")
async def insights(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Insights]]:
    return [Outcome(Insights(person, ask.context.now(), rules.of(ask).insights)) for person in people]


@resolves(
    schema.CustomerInsights,
    *("lifetimeValue", "recencyDays", "frequency", "monetary", "recencyScore", "frequencyScore", "monetaryScore"),
    carried="billed",
    source=(NetSuite.sales_of_debtors,),
    derived=True,
    inputs=("Invoice.total", "Invoice.issuedOn", "Invoice.status"),
    aggregate="Sums and scores over all invoices: what shows an amount of money is financial by itself.",
)
async def billed(rows: Sequence[Insights], ask: Ask) -> Sequence[Outcome[Billed]]:
    return await billed_to([row.person for row in rows], ask, ask.columns)


@resolves(
    schema.CustomerInsights,
    "exposure",
    source=(NetSuite.balances,),
    derived=True,
    inputs=("Customer.balance",),
)
async def exposure(rows: Sequence[Insights], ask: Ask) -> Sequence[Outcome[Money]]:
    return await owed_by([row.person for row in rows], ask)


@resolves(
    schema.Customer,
    "nextBestActions",
    source=(
        *(Siebel.assets_of, Siebel.contacts, HubSpot.consents, NetSuite.sales_of_debtors, NetSuite.balances),
        *(Remedy.incidents_of_people, Sap.stock),
    ),
    derived=True,
    inputs=("Asset.warrantyUntil", "Ticket.status", "Ticket.priority", "Customer.consent", "Invoice.overdue"),
)
async def next_best_actions(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[list[Proposal]]]:
    first, others = ask.arguments["first"], ask.arguments["includeSuppressed"]
    if not 1 <= first <= MOST_ACTIONS:
        return [Outcome(error=out_of_range("first", first, MOST_ACTIONS))] * len(people)
    told = await _known(people, ask)
    every = sorted(rules.of(ask).action, key=lambda rule: -rule.score)
    return [
        Outcome(list(_proposed(one.value, every, others))[:first] if one.value else None, one.error) for one in told
    ]


@resolves(schema.NextBestAction, "product", needs=("sku",))
async def product(proposals: Sequence[Proposal], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(one.sku) if one.sku else None) for one in proposals]


async def billed_to(people: Sequence[Person], ask: Ask, columns: frozenset[str]) -> list[Outcome[Billed]]:
    """What each was billed, one question for all."""
    rule, now = rules.of(ask).insights, ask.context.now()
    wanted = frozenset().union(*(SUMS.get(column.partition(".")[0], frozenset()) for column in columns))
    since = (now - timedelta(days=rule.recent_days)).date()
    told = await _by_key(people, ask, DEBTOR, NetSuite.sales_of_debtors, wanted, since=since)
    return [
        Outcome(error=one.error)
        if one.error
        else Outcome(Billed(now.date(), rule, [row for rows in one.value or () for row in rows]))
        for one in told
    ]


async def owed_by(people: Sequence[Person], ask: Ask) -> list[Outcome[Money]]:
    """What each owes, due or not; none for amounts in several currencies."""
    told = await _by_key(people, ask, DEBTOR, NetSuite.balances, frozenset({"open", "currency"}))
    return [Outcome(_total((row.open, row.currency) for row in one.value or ()), one.error) for one in told]


def _total(amounts: Iterable[tuple[Decimal | None, str | None]]) -> Money | None:
    """Amounts in several currencies are never added up."""
    known = [(amount, code) for amount, code in amounts if amount is not None and code]
    if len({code for _, code in known}) != 1:
        return None
    return Money(sum((amount for amount, _ in known), Decimal(0)), known[0][1])


def _reached(value: Decimal | int | None, thresholds: Sequence[int]) -> int | None:
    return None if value is None else 1 + sum(value >= least for least in thresholds)


# -- what the rules look at -------------------------------------------------------------------------------------------


async def _known(people: Sequence[Person], ask: Ask) -> list[Outcome[Known]]:
    """Every system once for all of them; stock of what they own comes when that is known."""
    sales, owed, owned, tickets, consents = await asyncio.gather(
        billed_to(people, ask, frozenset({"recency_days", "frequency"})),
        _by_key(people, ask, DEBTOR, NetSuite.balances, frozenset({"overdue"})),
        _by_key(people, ask, ACCOUNT, Siebel.assets_of, OWNED, first=MOST_OWNED),
        _by_key(
            people, ask, REQUESTER, Remedy.incidents_of_people, frozenset({"status", "priority"}), first=MOST_TICKETS
        ),
        on_record(people, ask, told=False),
    )
    agreed = [by_channel(crm, marketing, None, ConsentPurpose.MARKETING) for crm, marketing in consents]
    skus = list(
        dict.fromkeys(asset.sku for one in owned for page in one.value or () for asset in page.rows if asset.sku)
    )
    stock = dict(zip(skus, await ask.load(Sap.stock, skus, frozenset({"type", "quantity"})), strict=True))
    rows = zip(sales, owed, owned, tickets, agreed, strict=True)
    return [_together(row, stock, ask.context.now().date()) for row in rows]


def _together(row: Sequence[Any], stock: Mapping[str, Outcome[Any]], today: date) -> Outcome[Known]:
    sales, owed, owned, tickets, agreed = row
    assets: list[Asset] = [asset for page in owned.value or () for asset in page.rows]
    levels = {asset.sku: stock[asset.sku] for asset in assets if asset.sku}
    if failed := next((one.error for one in (*row, *levels.values()) if one.error), None):
        return Outcome(error=failed)
    grave = sum(
        one.priority in GRAVE and one.status in UNRESOLVED for page in tickets.value or () for one in page.incidents
    )
    insights: Billed = sales.value
    facts: dict[rules.Fact, Decimal | int | None] = {
        "days_since_last_invoice": insights.recency_days,
        "invoices_lately": insights.frequency,
        "overdue": sum((one.overdue for one in owed.value or () if one.overdue), Decimal(0)),
        "open_complaints": grave,
    }
    against = {Suppression.OPEN_COMPLAINT} if grave else set()
    if not any(one.allowed for one in agreed.value or ()):
        against.add(Suppression.NO_CONSENT)
    return Outcome(
        Known(
            {name: value for name, value in facts.items() if value is not None},
            [(one.sku, (one.warranty_until - today).days) for one in assets if one.warranty_until],
            frozenset(against),
            {sku: _free(one.value or ()) for sku, one in levels.items() if sku},
        )
    )


def _free(levels: Iterable[Any]) -> bool:
    return any(one.type is StockType.UNRESTRICTED and (one.quantity or 0) > 0 for one in levels)


async def _by_key(
    people: Sequence[Person], ask: Ask, system: str, operation: Any, columns: frozenset[str], **args: Any
) -> list[Outcome[list[Any]]]:
    """What one system has under all keys of each."""
    keys = list(dict.fromkeys(key for person in people for key in person.keys.get(system, ())))
    found: dict[str, Outcome[Any]] = dict(zip(keys, await ask.load(operation, keys, columns, **args), strict=True))
    return [_all(found[key] for key in person.keys.get(system, ())) for person in people]


def _all(answers: Iterable[Outcome[Any]]) -> Outcome[list[Any]]:
    told = list(answers)
    gap: Gap | None = next((one.error for one in told if one.error), None)
    return Outcome(None if gap else [one.value for one in told if one.value is not None], gap)


# -- what they say ----------------------------------------------------------------------------------------------------


def _proposed(known: Known, every: Iterable[rules.Action], others: bool) -> Iterable[Proposal]:
    for rule in every:
        for sku, facts in _cases(rule, known):
            if all(name in facts and limits.holds(facts[name]) for name, limits in rule.when.items()):
                because = [_factor(name, facts[name], limits) for name, limits in rule.when.items()]
                against = [one for one in rule.unless if _speaks(one, known, sku)]
                if others or not against:
                    yield Proposal(rule, because, against, sku)


def _factor(name: rules.Fact, value: Decimal | int, limits: rules.Range) -> Factor:
    """Money is told no closer than the rule looks at it."""
    return Factor(name, f"{limits.min}+" if isinstance(value, Decimal) else str(value), SAID_BY[name])


def _cases(rule: rules.Action, known: Known) -> Iterable[tuple[str | None, Mapping[rules.Fact, Decimal | int]]]:
    """What a rule is asked about: each thing they own, when it looks at warranties (once for each product, that which
    ends first); else the customer."""
    if "warranty_ends_in_days" not in rule.when:
        return [(None, known.facts)]
    limits = rule.when["warranty_ends_in_days"]
    within = sorted((days, sku or "") for sku, days in known.things if limits.holds(days))
    soonest = {sku: days for days, sku in reversed(within)}
    return [(sku or None, {**known.facts, "warranty_ends_in_days": days}) for sku, days in sorted(soonest.items())]


def _speaks(one: Suppression, known: Known, sku: str | None) -> bool:
    if one is Suppression.NO_STOCK:
        return sku is not None and not known.in_stock.get(sku, False)
    return one in known.against
