"""The ledger's adapter asks what is wanted, in as few queries as there are pages, and gives exact amounts."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mocks.control import controlled
from mocks.netsuite import create
from mocks.netsuite.governance import Governance
from mocks.world import World, open_world
from mocks.world.billing import Billing
from mocks.world.ledger import Bill, Debtor
from resolvers.backends.base import Deadline, Throttled
from resolvers.backends.netsuite import Balance, Invoice, InvoiceLine, Money, NetSuite
from schema.billing import InvoiceStatus
from tests.resolvers.backends.netsuite_wire import Canned, ToMock, adapter, ask, page, values

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=120, now=NOW)


@pytest.fixture(scope="module")
def billing(world: World) -> Billing:
    return Billing(world)


@pytest.fixture(scope="module")
def bills(world: World, billing: Billing) -> list[Bill]:
    return [billing.bill_at(at) for at in range(world.order_count())]


@pytest.fixture
def mock(world: World) -> ToMock:
    return ToMock(controlled({"netsuite": create(world)}, open_control=True)["netsuite"])


def money(amount: Decimal, currency: str) -> Money:
    return Money(amount, currency)


# -- what comes back ----------------------------------------------------------------------------------------------


async def test_invoices_are_found_by_number_with_what_is_owed_and_when(mock: ToMock, bills: list[Bill]) -> None:
    wanted = {one.number: one for bill in bills[:40] for one in bill.invoices}
    found = await values(adapter(mock), "invoices", [*wanted, "INV000000001"])

    assert found.pop("INV000000001") is None
    for number, one in wanted.items():
        assert found[number] == Invoice(
            id=str(one.id),
            number=number,
            status=InvoiceStatus.OPEN if one.open else InvoiceStatus.PAID,
            word="A" if one.open else "B",
            issued_on=one.day,
            due_on=one.due,
            settled_on=one.settled_on,
            total=money(one.total, one.currency),
            open=money(one.open, one.currency),
            currency=one.currency,
            debtor_id=str(one.debtor),
            order_number=one.order,
        )
    assert len(mock.queries) == 1


async def test_orders_lead_to_their_invoices_and_those_to_lines_payments_and_credits(
    mock: ToMock, world: World, bills: list[Bill]
) -> None:
    netsuite = adapter(mock)
    some = [(world.order_at(at), bill) for at, bill in enumerate(bills[:150])]
    of_orders = await values(netsuite, "invoices_of_orders", [order.number for order, _ in some if order])
    assert {number: [one.number for one in found] for number, found in of_orders.items()} == {
        order.number: [one.number for one in sorted(bill.invoices, key=lambda one: one.id)]
        for order, bill in some
        if order
    }

    ids = [str(one.id) for _, bill in some for one in bill.invoices]
    lines = await values(netsuite, "lines_of_invoices", ids)
    payments = await values(netsuite, "payments_of_invoices", ids)
    credited = await values(netsuite, "credits_of_invoices", ids)
    for _, bill in some:
        for one in bill.invoices:
            assert lines[str(one.id)] == [
                InvoiceLine(
                    number=str(line.number),
                    order_line=line.order_line,
                    sku=line.sku,
                    quantity=line.quantity,
                    unit_price=money(line.price, one.currency),
                    amount=money(line.amount, one.currency),
                )
                for line in one.lines
            ]
            paid = sum((payment.amount.amount for payment in payments[str(one.id)]), Decimal(0))
            given = sum((credit.amount.amount for credit in credited[str(one.id)]), Decimal(0))
            assert (paid, given) == (one.paid, one.credited)
    assert len(mock.queries) == 4
    means = {(payment.means, payment.last_four is None) for some_paid in payments.values() for payment in some_paid}
    assert {("Bank transfer", True), ("Visa", False)} <= means


async def test_balances_are_those_that_netsuite_states(mock: ToMock, world: World, billing: Billing) -> None:
    debtors = {str(one.id): one for index in world.customers() for one in billing.debtors_of(index)}
    found = await values(adapter(mock), "balances", [*debtors, "999999999999", "no id"])

    assert found.pop("999999999999") is None
    assert found.pop("no id") is None
    for key, debtor in debtors.items():
        open_, overdue = billing.balance(debtor)
        assert found[key] == Balance(open=open_, overdue=overdue, currency=debtor.currency)
    assert len(mock.queries) == 1


async def test_amounts_keep_their_digits_whatever_they_are() -> None:
    row = {"key": "I", "id": "1", "symbol": "KWD", "foreigntotal": "12345678901234.123", "foreignamountunpaid": ".5"}
    found = await values(adapter(Canned(page(row))), "invoices", ["I"])
    assert (found["I"].total, found["I"].open) == (
        Money(Decimal("12345678901234.123"), "KWD"),
        Money(Decimal("0.5"), "KWD"),
    )


# -- what is asked ------------------------------------------------------------------------------------------------


async def test_only_the_columns_wanted_are_asked_for() -> None:
    canned = Canned(page({"key": "I", "id": "1", "duedate": "2026-01-31"}))
    found = await values(adapter(canned), "invoices", ["I"], ["due_on"])

    assert found["I"].due_on == date(2026, 1, 31)
    assert canned.queries == [
        "SELECT t.tranid AS key, t.id AS id, TO_CHAR(t.duedate, 'YYYY-MM-DD') AS duedate FROM transaction t "
        "WHERE t.type = 'CustInvc' AND t.tranid IN ('I') ORDER BY t.id"
    ]


async def test_an_account_may_have_one_currency_and_fields_of_its_own() -> None:
    canned = Canned(page({"key": "O'1", "id": "1", "foreigntotal": "5"}))
    netsuite = adapter(canned, currency="EUR", order_field="custbody77")
    found = await values(netsuite, "invoices_of_orders", ["O'1"], ["total.amount"])

    assert found["O'1"][0].total == Money(Decimal(5), "EUR")
    assert canned.queries == [
        "SELECT t.custbody77 AS key, t.id AS id, t.foreigntotal AS foreigntotal FROM transaction t "
        "WHERE t.type = 'CustInvc' AND t.custbody77 IN ('O''1') ORDER BY t.id"
    ]


@pytest.mark.parametrize("options", [{"currency": "euro"}, {"order_field": "a b"}, {"timezone": "Mars/North"}])
def test_options_that_cannot_be_stop_the_start(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="netsuite"):
        adapter(Canned(), **options)


def test_a_password_that_is_no_key_stops_the_start_and_is_not_told() -> None:
    with pytest.raises(ValueError, match="private key") as raised:
        adapter(Canned(), password="hunter2hunter2")
    assert "hunter2" not in str(raised.value)


async def test_pages_are_read_to_their_end() -> None:
    rows = [{"key": "7", "linesequencenumber": str(at)} for at in range(1, 2101)]
    canned = Canned(page(*rows[:1000], more=True), page(*rows[1000:2000], more=True), page(*rows[2000:]))
    found = await values(adapter(canned), "lines_of_invoices", ["7"], ["number"])

    assert [line.number for line in found["7"]] == [row["linesequencenumber"] for row in rows]
    asked = [one.target.partition("?")[2] for one in canned.requests[1:]]
    assert asked == [f"limit=1000&offset={at}" for at in (0, 1000, 2000)]


# -- pages of many ------------------------------------------------------------------------------------------------


def newest(billing: Billing, debtor: Debtor) -> list[str]:
    invoices = [one for bill in billing.bills_of(debtor) for one in bill.invoices]
    return [one.number for one in sorted(invoices, key=lambda one: (one.day, one.id), reverse=True)]


async def test_a_page_for_each_of_many_is_one_query(mock: ToMock, world: World, billing: Billing) -> None:
    debtors = [one for index in range(2, 42) for one in billing.debtors_of(index)][:40]
    found = await values(adapter(mock), "invoices_of_debtors", [*(str(one.id) for one in debtors), "x"], first=3)

    assert found.pop("x").invoices == []
    for debtor in debtors:
        told = found[str(debtor.id)]
        numbers = newest(billing, debtor)
        assert [one.number for one in told.invoices] == numbers[:3]
        assert told.has_next == (len(numbers) > 3)
    assert len(mock.queries) == 1


async def test_a_debtor_is_paged_through_to_the_end(mock: ToMock, billing: Billing) -> None:
    debtor = billing.debtors_of(1)[0]
    netsuite, seen, after = adapter(mock), [], None
    while True:
        (told,) = (
            await values(netsuite, "invoices_of_debtors", [str(debtor.id)], ["number"], first=60, after=after)
        ).values()
        seen += [one.number for one in told.invoices]
        if not told.has_next:
            break
        after = (told.invoices[-1].issued_on.isoformat(), told.invoices[-1].id)
    assert seen == newest(billing, debtor)
    assert len(seen) > 150
    assert len(mock.queries) == -(-len(seen) // 60)


async def test_who_lacks_rows_after_a_full_page_is_asked_for_alone() -> None:
    crowd = [{"key": "1", "id": str(9000 - at), "trandate": "2026-01-01"} for at in range(1000)]
    alone = [{"key": "2", "id": "5", "trandate": "2025-01-01"}]
    canned = Canned(page(*crowd, more=True), page(*alone))
    found = await values(adapter(canned), "invoices_of_debtors", ["1", "2"], ["number"], first=2)

    assert [one.id for one in found["1"].invoices] == ["9000", "8999"]
    assert (found["1"].has_next, found["2"].has_next) == (True, False)
    assert "t.entity IN (2)" in canned.queries[1]
    assert canned.requests[-1].target.endswith("limit=3&offset=0")


# -- by change ----------------------------------------------------------------------------------------------------


async def changed(netsuite: NetSuite, since: datetime | None = None) -> list[Any]:
    return [row async for rows in netsuite.debtors_changed_since(Deadline(30), since) for row in rows]


async def test_debtors_are_read_by_change_and_from_where_one_was(mock: ToMock, world: World, billing: Billing) -> None:
    debtors = {str(one.id): one for index in world.customers() for one in billing.debtors_of(index)}
    rows = await changed(adapter(mock))

    assert {row.id: (row.account or "", row.email or "") for row in rows} == {
        key: (one.account, one.email) for key, one in debtors.items()
    }
    assert [row.updated for row in rows] == sorted(row.updated for row in rows)
    assert await changed(adapter(mock), rows[40].updated) == rows[40:]


async def test_changes_of_one_second_are_continued_by_id() -> None:
    same = {"updated": "2026-01-01 10:00:00"}
    canned = Canned(page(*({"id": str(at), **same} for at in range(1, 1001)), more=True), page({"id": "1001", **same}))
    assert len(await changed(adapter(canned, timezone="America/Los_Angeles"))) == 1001
    assert canned.queries[1].endswith(
        "WHERE (c.lastmodifieddate > TO_DATE('2026-01-01 10:00:00', 'YYYY-MM-DD HH24:MI:SS') OR (c.lastmodifieddate = "
        "TO_DATE('2026-01-01 10:00:00', 'YYYY-MM-DD HH24:MI:SS') AND c.id > 1000)) ORDER BY c.lastmodifieddate, c.id"
    )


# -- how much it bears --------------------------------------------------------------------------------------------


async def test_fifty_questions_at_once_stay_below_what_the_account_takes(world: World, bills: list[Bill]) -> None:
    governance = Governance(5, seconds=0.01)
    mock = ToMock(controlled({"netsuite": create(world, governance=governance)}, open_control=True)["netsuite"])
    netsuite = adapter(mock, concurrency=NetSuite.bears.at_once)
    numbers = [one.number for bill in bills for one in bill.invoices][:50]
    found = await asyncio.gather(*(ask(netsuite, "invoices", [number]) for number in numbers))

    assert all(outcome.error is None for one in found for outcome in one.values())
    assert (governance.peak, governance.blocked) == (5, 0)
    assert len(mock.queries) == 50
    assert len(mock.requests) == 51  # one login for all of them


async def test_an_account_that_others_keep_busy_throttles_and_one_login_is_enough(world: World) -> None:
    governance = Governance(1, seconds=0.05)
    mock = ToMock(controlled({"netsuite": create(world, governance=governance)}, open_control=True)["netsuite"])
    found = await asyncio.gather(*(ask(adapter(mock), "invoices", ["INV1"]) for _ in range(3)))
    errors = [outcome.error for one in found for outcome in one.values()]

    assert errors.count(None) == 1
    assert all(isinstance(one, Throttled) and one.retryable for one in errors if one)


async def test_no_list_has_more_literals_than_the_database_takes() -> None:
    assert all(getattr(NetSuite, name).limit <= 1000 for name in ("invoices", "lines_of_invoices", "balances"))
