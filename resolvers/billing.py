"""What the customer owes and what they paid: NetSuite, one question for all customers, orders or invoices at once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import schema
from resolvers.backends.base import Outcome
from resolvers.backends.netsuite import Balance, NetSuite
from resolvers.binding import Ask, resolves
from resolvers.people import DEBTOR
from resolvers.rows import Person


@resolves(schema.Customer, "balance", source=(NetSuite.balances,))
async def balance(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Balance]]:
    """Added up over the records of a customer, for which their currency has to be known."""
    keys = list(dict.fromkeys(key for person in people for key in person.keys.get(DEBTOR, ())))
    merges = any(len(person.keys.get(DEBTOR, ())) > 1 for person in people)
    columns = ask.columns | {"currency"} if merges else ask.columns
    found = dict(zip(keys, await ask.load(NetSuite.balances, keys, columns), strict=True))
    return [_sum([found[key] for key in person.keys.get(DEBTOR, ())]) for person in people]


def _sum(found: Sequence[Outcome[Balance]]) -> Outcome[Balance]:
    if failed := next((one.error for one in found if one.error), None):
        return Outcome(error=failed)
    records = [one.value for one in found if one.value]
    if len(records) < 2:
        return Outcome(records[0] if records else None)
    if len({one.currency for one in records}) > 1:
        return Outcome()
    return Outcome(
        Balance(
            open=_total([one.open for one in records]),
            overdue=_total([one.overdue for one in records]),
            currency=records[0].currency,
        )
    )


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None
