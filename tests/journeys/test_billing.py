"""Who owes what: one question over three systems, and what is left of it when the ledger cannot be asked."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from mocks.world.billing import Billing
from resolvers.people import DEBTOR
from tests.company import Company

pytestmark = pytest.mark.anyio

OWED = "query($ids: [ID!]!) { customersById(ids: $ids) { name balance { open overdue currency } } }"


def debtors(company: Company) -> Billing:
    return Billing(company.world)


async def test_what_everybody_owes_is_one_question_to_the_ledger(company: Company) -> None:
    ledger = debtors(company)
    people = [index for index in range(60, 140) if ledger.debtors_of(index)][:40]
    await company.forget()
    answer = await company.ask(OWED, "finance", ids=[company.id_of(index) for index in people])

    for index, told in zip(people, answer["data"]["customersById"], strict=True):
        records = ledger.debtors_of(index)
        balances = [ledger.balance(one) for one in records]
        assert Decimal(told["balance"]["open"]) == sum(open_ for open_, _ in balances)
        assert Decimal(told["balance"]["overdue"]) == sum(overdue for _, overdue in balances)
        assert told["balance"]["currency"] == records[0].currency
    assert Counter(entry["system"] for entry in await company.asked()) == {"siebel": 1, "netsuite": 2}  # a login, too


async def test_who_is_there_twice_is_one_customer_and_who_is_not_there_owes_nothing(company: Company) -> None:
    ledger, crossref = debtors(company), company.app.pipeline.facts["crossref"]
    twice = [index for index in company.world.customers() if len(ledger.debtors_of(index)) == 2]
    assert twice
    for index in twice:
        ids = [str(one.id) for one in ledger.debtors_of(index)]
        assert len(set(crossref.customers(DEBTOR, ids).values())) == 1
    nobody = next(index for index in range(60, 140) if not ledger.debtors_of(index))
    answer = await company.ask(OWED, "finance", ids=[company.id_of(nobody)])

    assert answer["data"]["customersById"][0]["balance"] is None
    assert "errors" not in answer


async def test_every_debtor_of_the_ledger_is_a_customer_that_others_know_too(company: Company) -> None:
    ledger, crossref = debtors(company), company.app.pipeline.facts["crossref"]
    for index in company.world.customers():
        for one in ledger.debtors_of(index):
            customer = crossref.customers(DEBTOR, [str(one.id)])[str(one.id)]
            known = crossref.keys([customer])[customer].keys
            assert company.world.customer(index).party_number in known["oracle_om.party"]
