"""What somebody was billed is the ledger's own sum: one question for many, and no document travels."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mocks.control import controlled
from mocks.netsuite import create
from mocks.netsuite.tables import status_of
from mocks.world import open_world
from mocks.world.billing import Billing
from mocks.world.ledger import Credit, Invoice
from resolvers.backends.base import Garbled
from resolvers.backends.netsuite import Sales
from tests.resolvers.backends.netsuite_wire import Canned, ToMock, adapter, ask, page, values

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SINCE = date(2025, 11, 26)


async def test_it_is_what_all_their_documents_come_to() -> None:
    world = open_world(customers=120, now=NOW)
    billing = Billing(world)
    mock = ToMock(controlled({"netsuite": create(world)}, open_control=True)["netsuite"])
    owned: dict[str, list[Invoice | Credit]] = defaultdict(list)
    for bill in (billing.bill_at(at) for at in range(world.order_count())):
        for one in (*bill.invoices, *bill.credits):
            if status_of(one) not in ("E", "V"):
                owned[str(one.debtor)].append(one)
    some = sorted(owned)[:80]

    found = await values(adapter(mock), "sales_of_debtors", [*some, "999999999"], since=SINCE)

    assert found.pop("999999999") == []
    assert len(mock.queries) == 1
    assert any(isinstance(one, Credit) for key in some for one in owned[key])
    for key in some:
        assert found[key] == [summed(owned[key], currency) for currency in sorted({one.currency for one in owned[key]})]


def summed(documents: list[Invoice | Credit], currency: str) -> Sales:
    mine = [one for one in documents if one.currency == currency]
    invoices = [one for one in mine if isinstance(one, Invoice)]
    recent = [one for one in mine if one.day >= SINCE]
    return Sales(
        billed=sum(map(signed, mine), Decimal(0)),
        billed_since=sum(map(signed, recent), Decimal(0)),
        invoices=len(invoices),
        invoices_since=sum(isinstance(one, Invoice) for one in recent),
        last_on=max((one.day for one in invoices), default=None),
        currency=currency,
    )


def signed(document: Invoice | Credit) -> Decimal:
    return -abs(document.total) if isinstance(document, Credit) else document.total


async def test_only_the_sums_that_are_wanted_are_made() -> None:
    send = Canned(page({"key": "7", "symbol": "EUR", "invoices": "3"}))

    found = await values(adapter(send), "sales_of_debtors", ["7"], {"invoices"}, since=SINCE)

    assert found == {"7": [Sales(invoices=3, currency="EUR")]}
    assert "foreigntotal" not in send.queries[0]
    assert "GROUP BY t.entity, cur.symbol" in send.queries[0]


@pytest.mark.parametrize("count", ["-1", "2.5", "NaN", "many"])
async def test_a_count_that_is_none_is_garbled(count: str) -> None:
    send = Canned(page({"key": "7", "symbol": "EUR", "invoices": count}))

    assert isinstance((await ask(adapter(send), "sales_of_debtors", ["7"], since=SINCE))["7"].error, Garbled)
