"""Suppliers, what they have, what they promise and what we have ordered: one story, in any world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mocks.world import SUPERSTORE, World
from mocks.world.imported import ImportedWorld
from mocks.world.seeded import SeededWorld
from mocks.world.supply import Partners, Supply, gtin

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SALES = Path(__file__).parent.parent / "data" / "superstore.csv"


@pytest.fixture(scope="module", params=["seeded", "superstore"])
def world(request: pytest.FixtureRequest) -> World:
    return SeededWorld(300, now=NOW) if request.param == "seeded" else ImportedWorld(SALES, SUPERSTORE, 360)


@pytest.fixture(scope="module")
def partners(world: World) -> Partners:
    made = Partners(world)
    for _ in made.gather():
        pass
    return made


def every(world: World, partners: Partners) -> Iterator[Supply]:
    return (one for index in world.products() for one in partners.supplies(index))


def test_a_products_main_supplier_is_the_catalogues(world: World, partners: Partners) -> None:
    counts = Counter(len(partners.supplies(index)) for index in world.products())
    assert counts.keys() == {0, 1, 2}
    assert counts[1] > counts[2] > counts[0]
    for index in world.products():
        supplies = partners.supplies(index)
        assert not supplies or supplies[0].supplier.vendor == world.product(index).supplier
        assert sum(one.share for one in supplies) in (0, 100)


def test_part_numbers_and_gtins_are_nobody_elses(world: World, partners: Partners) -> None:
    all_of_them = list(every(world, partners))
    assert len({one.part_number for one in all_of_them}) == len(all_of_them)
    assert len({one.gtin for one in all_of_them}) == len({one.sku for one in all_of_them})


@pytest.mark.parametrize("index", [0, 7, 639])
def test_a_gtin_has_the_check_digit_of_gs1(index: int) -> None:
    digits = [int(mark) for mark in gtin(index)]
    assert len(digits) == 14
    assert sum(digit * (3 if at % 2 == 0 else 1) for at, digit in enumerate(digits)) % 10 == 0


def test_a_gtin_leads_to_its_product(world: World, partners: Partners) -> None:
    assert [partners.by_gtin(gtin(index)) for index in world.products()] == list(world.products())
    assert [partners.by_gtin(text) for text in ("", "0" * 14, "x" * 14, gtin(len(world.products())))] == [None] * 4


def test_what_is_on_order_is_what_our_open_orders_say(world: World, partners: Partners) -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    for supplier in partners.suppliers:
        for order in partners.orders_of(supplier):
            for line in order.lines if order.state != "Closed" else ():
                wanted[line.supply.sku, supplier.partner_id] += 0 if line.code == "Rejected" else line.quantity
    assert wanted
    assert {(one.sku, one.supplier.partner_id): one.on_order for one in every(world, partners) if one.on_order} == {
        key: quantity for key, quantity in wanted.items() if quantity
    }


def test_purchase_orders_are_found_by_number_and_told_in_order(partners: Partners, world: World) -> None:
    for supplier in partners.suppliers:
        orders = partners.orders_of(supplier)
        assert [one.ordered_at for one in orders] == sorted((one.ordered_at for one in orders), reverse=True)
        assert all(partners.order(one.number) == one for one in orders)
        for one in orders:
            assert one.ordered_at <= one.changed_at <= world.now
            assert all((line.code == "") == (one.state == "New") for line in one.lines)
            assert all(0 <= line.acknowledged <= line.quantity for line in one.lines)
    assert [partners.order(number) for number in ("", "45", "4599999999", "450000000x")] == [None] * 4


def test_a_forecast_is_what_was_sold_in_a_year_spread_over_its_weeks(world: World, partners: Partners) -> None:
    since = datetime.combine(partners.today - timedelta(days=364), datetime.min.time(), UTC)
    sold: Counter[str] = Counter()
    for at in world.customers():
        for order in world.orders_of(at):
            if order.placed_at >= since and order.status not in ("CANCELED", "DOO_DRAFT"):
                for line in order.lines:
                    sold[line.sku] += line.quantity  # type: ignore[assignment]
    busiest = max((one for one in every(world, partners) if one.share == 100), key=lambda one: sold[one.sku])
    usual = Decimal(sold[busiest.sku]) / 52
    weeks = partners.forecast(busiest)
    assert len(weeks) == 26
    assert all(usual * Decimal("0.69") <= week.mean <= usual * Decimal("1.41") for week in weeks)


def test_weeks_follow_each_other_from_this_monday_on(world: World, partners: Partners) -> None:
    supply = next(one for one in every(world, partners) if partners.forecast(one))
    weeks = partners.forecast(supply)
    assert weeks[0].begins == partners.monday <= world.now.date() < partners.monday + timedelta(days=7)
    assert all(week.begins.weekday() == 0 and week.ends - week.begins == timedelta(days=6) for week in weeks)
    assert all(week.mean <= week.sure for week in weeks)


def test_suppliers_promise_the_next_weeks_if_anything_and_sometimes_too_little(
    world: World, partners: Partners
) -> None:
    promised = [partners.forecast(one) for one in every(world, partners)]
    assert any(weeks and not any(week.committed for week in weeks) for weeks in promised)
    short = 0
    for weeks in promised:
        assert not any(week.committed for week in weeks[8:])
        for week in weeks[:8]:
            if week.committed:
                assert (week.committed.begins, week.committed.ends) == (week.begins, week.ends)
                assert week.committed.committed_at <= world.now
                short += week.committed.quantity < week.mean / 2
    assert short > 10


def test_what_is_discontinued_is_not_foreseen() -> None:
    world = SeededWorld(20, now=NOW)
    partners = Partners(world)
    gone = [index for index in world.products() if world.product(index).discontinued and partners.supplies(index)]
    assert gone
    for index in gone:
        assert all(partners.forecast(one) == () and one.expected == () for one in partners.supplies(index))


def test_acme_parts_is_the_first_supplier(partners: Partners) -> None:
    first = partners.suppliers[0]
    assert (first.partner_id, first.name) == ("V-200", "Acme Parts")
    assert partners.supplier("V-200") is first
    assert partners.supplied_by(first)
