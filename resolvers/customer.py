"""Who the customer is: found through the cross-reference, described by Siebel, valued by what Oracle has on record."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import structs

import schema
from resolvers.backends.base import Ambiguous, Gap, Operation, Outcome, Unusable
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.binding import Ask, resolves
from resolvers.people import ACCOUNT, CONTACT, PARTY, by_ids, candidates
from resolvers.rows import Person

MOST_IDS = 100
SEARCHED: tuple[Operation[Any], ...] = (
    Siebel.contacts_by_email,
    Siebel.contacts_by_phone,
    OracleOM.parties_of_orders,
    NetSuite.invoices,
    Remedy.incidents,
)
NOT_SOLD = frozenset({schema.OrderStatus.DRAFT, schema.OrderStatus.CANCELED})


class Match(NamedTuple):
    customer: Person
    matched: list[str]


class SystemKey(NamedTuple):
    system: str
    key: str


class Money(NamedTuple):
    amount: Decimal
    currency: str


@resolves(
    schema.Query,
    "customer",
    source=SEARCHED,
    pushes=("own",),
)
async def customer(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Person]]:
    try:
        _, found = await candidates(ask, ask.arguments["by"])
    except Gap as gap:
        return [Outcome(error=gap)]
    if len(found) > 1:
        return [Outcome(error=Ambiguous(f"{len(found)} customers match"))]
    return [Outcome(found[0] if found else None)]


@resolves(
    schema.Query,
    "customerMatches",
    source=SEARCHED,
    pushes=("own",),
)
async def customer_matches(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[list[Match]]]:
    try:
        way, found = await candidates(_for_rows(ask), ask.arguments["by"])
    except Gap as gap:
        return [Outcome(error=gap)]
    return [Outcome([Match(person, [way]) for person in found])]


@resolves(schema.Query, "customersById")
async def customers_by_id(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[list[Person | None]]]:
    ids = ask.arguments["ids"]
    if len(ids) > MOST_IDS:
        return [Outcome(error=Unusable(f"At most {MOST_IDS} ids at a time, not {len(ids)}"))]
    return [Outcome(by_ids(ask, ids))]


@resolves(schema.Customer, "name", "email", "phone", "language", "since", carried="contact", source=(Siebel.contacts,))
async def contact(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _first_of(people, ask, CONTACT, Siebel.contacts)


@resolves(schema.Customer, "address", "tier", carried="account", source=(Siebel.accounts,))
async def account(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _first_of(people, ask, ACCOUNT, Siebel.accounts)


@resolves(schema.Customer, "identities")
async def identities(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[list[SystemKey]]]:
    return [
        Outcome([SystemKey(system, key) for system in sorted(person.keys) for key in person.keys[system]])
        for person in people
    ]


@resolves(
    schema.Customer,
    "lifetimeValue",
    source=(OracleOM.totals_of,),
    derived=True,
    inputs=("Order.total", "Order.status"),
    aggregate="One sum over all orders that somebody ever placed says little of any of them.",
)
async def lifetime_value(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Money]]:
    parties = list(dict.fromkeys(party for person in people for party in person.keys.get(PARTY, ())))
    found = dict(zip(parties, await ask.load(OracleOM.totals_of, parties, frozenset({"total", "status"})), strict=True))
    return [_sum([found[party] for party in person.keys.get(PARTY, ())]) for person in people]


def _for_rows(ask: Ask) -> Ask:
    """The same question, with columns seen from the customer a match leads to."""
    return structs.replace(ask, columns=ask.below("customer"))


async def _first_of(people: Sequence[Person], ask: Ask, system: str, operation: Any) -> Sequence[Outcome[Any]]:
    """Each person's record under the first key one system has for them; none for who is not there."""
    keys = [person.keys[system][0] if system in person.keys else None for person in people]
    asked = list(dict.fromkeys(key for key in keys if key))
    found = dict(zip(asked, await ask.load(operation, asked), strict=True))
    return [found[key] if key else Outcome() for key in keys]


def _sum(found: Sequence[Outcome[Any]]) -> Outcome[Money]:
    for outcome in found:
        if outcome.error:
            return Outcome(error=outcome.error)
    sold = [total for outcome in found for total, status in outcome.value or () if total and status not in NOT_SOLD]
    if len({total.currency for total in sold}) != 1:
        return Outcome()
    return Outcome(Money(sum((total.amount for total in sold), Decimal(0)), sold[0].currency))
