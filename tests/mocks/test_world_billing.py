"""The ledger agrees with the orders it bills, with itself, and with itself tomorrow."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mocks.world import Order, World, open_world
from mocks.world.billing import Billing
from mocks.world.ledger import Bill, Invoice
from mocks.world.lines import DONE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUPERSTORE = Path(__file__).parent.parent / "data" / "superstore.csv"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=400, now=NOW)


@pytest.fixture(scope="module")
def billing(world: World) -> Billing:
    return Billing(world)


@pytest.fixture(scope="module")
def bills(world: World, billing: Billing) -> list[tuple[Order, Bill]]:
    return told(world, billing)


def told(world: World, billing: Billing) -> list[tuple[Order, Bill]]:
    return [
        (order, billing.bill_at(ordinal))
        for index in world.customers()
        for ordinal, order in zip(world.ordinals_of(index), world.orders_of(index), strict=True)
    ]


def invoices(bills: list[tuple[Order, Bill]]) -> list[Invoice]:
    return [one for _, bill in bills for one in bill.invoices]


def test_ordinals_are_those_of_the_orders(world: World) -> None:
    for index in world.customers():
        assert tuple(map(world.order_at, world.ordinals_of(index))) == world.orders_of(index)
    assert world.order_at(world.order_count()) is None
    assert world.order_at(-1) is None


def test_the_same_world_has_the_same_ledger_and_a_larger_one_has_more(bills: list[tuple[Order, Bill]]) -> None:
    larger = open_world(customers=450, now=NOW)
    assert told(larger, Billing(larger))[: len(bills)] == bills


def test_what_has_shipped_is_billed_and_nothing_else(bills: list[tuple[Order, Bill]]) -> None:
    for order, bill in bills:
        billed = sorted(line.order_line for one in bill.invoices for line in one.lines)
        assert billed == sorted(line.number for line in order.lines if line.status in DONE)
        assert all(one.order == order.number and one.currency == order.currency for one in bill.invoices)


def test_the_invoices_of_a_closed_order_come_to_its_total(bills: list[tuple[Order, Bill]]) -> None:
    closed = [(order, bill) for order, bill in bills if order.status == "CLOSED"]
    assert len(closed) > 500
    assert any(len(bill.invoices) == 2 for _, bill in closed)
    assert all(sum(one.total for one in bill.invoices) == order.total for order, bill in closed)


def test_what_is_open_is_what_was_neither_paid_nor_credited(bills: list[tuple[Order, Bill]]) -> None:
    for _, bill in bills:
        settling = [*bill.payments, *bill.credits]
        for one in bill.invoices:
            applied = sum(
                (part.amount for each in settling for part in each.applied if part.invoice == one.id), Decimal(0)
            )
            assert one.open == one.total - applied >= 0
            assert (one.settled_on is None) == (one.open > 0)
        assert all(each.total == sum(part.amount for part in each.applied) for each in settling)


def test_some_are_paid_in_part_some_overdue_some_credited_some_paid_together(bills: list[tuple[Order, Bill]]) -> None:
    rows, today = invoices(bills), NOW.date()
    assert 0.7 < sum(not one.open for one in rows) / len(rows) < 0.95
    assert sum(0 < one.open < one.total for one in rows) > 20
    assert sum(one.open > 0 and one.due < today for one in rows) > 20
    assert sum(one.open > 0 and one.due >= today for one in rows) > 20
    assert sum(one.credited > 0 for one in rows) > 20
    assert any(one.credited == one.total for one in rows)
    assert any(len(payment.applied) == 2 for _, bill in bills for payment in bill.payments)


def test_nothing_is_dated_before_the_shipment_or_after_today(bills: list[tuple[Order, Bill]]) -> None:
    for order, bill in bills:
        shipped = {line.number: line.shipped_on for line in order.lines}
        for one in bill.invoices:
            days = [at.date() for line in one.lines if (at := shipped[line.order_line])]
            assert max(days) == one.day <= one.due
        assert all(one.day <= NOW.date() for one in bill.documents)


def test_every_document_is_found_by_id_and_number_and_order(world: World, billing: Billing) -> None:
    for ordinal in range(0, world.order_count(), 7):
        order = world.order_at(ordinal)
        assert order is not None
        assert billing.ordinal_of_order(order.number) == ordinal
        for one in billing.bill_at(ordinal).documents:
            assert billing.ordinal_of(one.id) == billing.ordinal_of_number(one.number) == ordinal
    assert billing.ordinal_of(1) is None
    assert billing.ordinal_of_number("INV000000000") is None
    assert billing.ordinal_of_order("nothing") is None


def test_who_never_ordered_is_no_debtor_and_some_are_two(world: World, billing: Billing) -> None:
    counts = {index: len(billing.debtors_of(index)) for index in world.customers()}
    assert all((count == 0) == (not world.ordinals_of(index)) for index, count in counts.items())
    twice = [index for index, count in counts.items() if count == 2]
    assert 2 < len(twice) < len(world) * 0.08
    for index in twice:
        for ordinal, order in zip(world.ordinals_of(index), world.orders_of(index), strict=True):
            second = order.source_system == "WEB"
            assert all(one.debtor == billing.debtors_of(index)[second].id for one in billing.bill_at(ordinal).documents)
    assert all(billing.debtor(one.id) == one for index in twice for one in billing.debtors_of(index))


def test_who_has_no_number_there_has_an_address_of_their_own(world: World, billing: Billing) -> None:
    debtors = [one for index in world.customers() for one in billing.debtors_of(index)]
    unnumbered = [one for one in debtors if not one.account]
    assert unnumbered
    assert all(world.by_email(one.email) == [one.customer] for one in unnumbered)
    assert all(one.account == world.customer(one.customer).party_number for one in debtors if one.account)


def test_every_free_text_has_a_canary_of_its_own(
    world: World, billing: Billing, bills: list[tuple[Order, Bill]]
) -> None:
    texts = [one.memo for _, bill in bills for one in (*bill.invoices, *bill.payments)]
    texts += [one.reason for _, bill in bills for one in bill.credits]
    texts += [one.notes for index in world.customers() for one in billing.debtors_of(index)]
    canaries = [text[text.index("CANARY-") :] for text in texts]
    assert len(set(canaries)) == len(canaries)


def test_a_sales_file_is_billed_by_its_ship_dates() -> None:
    world = open_world(SUPERSTORE)
    bills = told(world, Billing(world))
    claire = next(bill for order, bill in bills if order.number == "CA-2016-152156")

    (invoice,) = claire.invoices
    assert (invoice.day.isoformat(), invoice.total) == ("2016-11-11", Decimal("993.90"))
    assert all(
        one.day == max(line.shipped_on for line in order.lines).date() for order, bill in bills for one in bill.invoices
    )  # type: ignore[type-var, union-attr]
    assert len(invoices(bills)) == 5009
    assert 100 < sum(one.open > 0 for one in invoices(bills)) < 800


def test_a_ledger_of_a_hundred_thousand_opens_at_once() -> None:
    world = open_world(customers=2_000, now=NOW)
    begun = time.perf_counter()
    billing = Billing(world)
    assert billing.debtors_of(1_999) is not None
    assert time.perf_counter() - begun < 0.1
