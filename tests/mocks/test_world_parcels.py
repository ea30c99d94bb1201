"""Parcels agree with the orders they are of, and their numbers lead back to these."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from mocks.world import World, open_world
from mocks.world.parcels import Parcels
from tests.conftest import SUPERSTORE
from tests.mocks.parcel_world import NOW, every, parcels, world


@pytest.fixture(scope="module")
def superstore() -> World:
    return open_world(SUPERSTORE)


@pytest.fixture(params=["invented", "superstore"], scope="module")
def company(request: pytest.FixtureRequest, superstore: World) -> World:
    return world() if request.param == "invented" else superstore


def test_a_number_leads_back_to_its_parcel_and_no_two_share_one(company):
    packed, numbers = Parcels(company), set()
    for parcel in every(company):
        assert packed.by_number(parcel.number) == parcel
        numbers.add(parcel.number)
    assert len(numbers) == sum(1 for _ in every(company))


def test_what_shipped_is_in_parcels_to_the_last_piece(company):
    packed = Parcels(company)
    for index in company.customers():
        for order in company.orders_of(index):
            shipped: defaultdict[str, Decimal] = defaultdict(Decimal)
            for parcel in packed.of_order(order):
                for part in parcel.contents if parcel.shipped_on else ():
                    shipped[part.line.number] += part.quantity
            wanted = {
                line.number: line.quantity for line in order.lines if line.shipped_on is not None and line.quantity > 0
            }
            assert shipped == wanted, order.number


def test_a_parcel_goes_by_its_lines_carrier_on_the_day_they_left(company):
    for parcel in every(company):
        assert {part.line.carrier for part in parcel.contents} == {parcel.carrier}
        days = {part.line.shipped_on and part.line.shipped_on.date() for part in parcel.contents}
        assert days == {parcel.shipped_on and parcel.shipped_on.date()}


def test_service_and_carrier_are_of_the_ship_mode(superstore):
    found = Counter((one.contents[0].line.service, one.carrier, one.level) for one in every(superstore))
    assert set(found) == {
        ("Same Day", "FedEx", "overnight"),
        ("First Class", "FedEx", "two_day"),
        ("Second Class", "UPS", "three_day"),
        ("Standard Class", "USPS", "ground"),
    }


def test_scans_are_in_order_and_none_is_of_the_future(company):
    today = company.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for parcel in every(company):
        moments = [scan.at for scan in parcel.scans]
        assert moments == sorted(moments)
        assert all(parcel.order.placed_at <= at < today for at in moments)
        assert all(at.utcoffset() is not None for at in moments)


def test_every_fate_is_met():
    kinds = Counter(one.scans[-1].kind for one in every() if one.scans)
    assert {"label", "pickup", "departed", "delivered", "returning", "cancelled"} <= kinds.keys()
    assert kinds["delivered"] > 0.8 * sum(kinds.values())
    late = [one for one in every() if one.delivered_at and one.delivered_at.date() > one.promised_on]
    assert 0.1 < len(late) / kinds["delivered"] < 0.35
    assert {scan.reason for one in every() for scan in one.scans} >= {"weather", "address", "damaged", "missed"}


def test_some_orders_have_several_parcels_and_some_are_there_in_part():
    counts = Counter(
        len(parcels().of_order(order)) for index in world().customers() for order in world().orders_of(index)
    )
    assert counts[2] > 50
    assert counts[4] > 20
    partly = [
        order
        for index in world().customers()
        for order in world().orders_of(index)
        if {one.shipped_on is None for one in parcels().of_order(order)} == {True, False}
    ]
    assert partly


def test_canaries_are_unique_and_only_on_what_was_delivered(company):
    signed = [one.signed_by for one in every(company) if one.signed_by]
    assert len(signed) == len(set(signed)) == sum(1 for one in every(company) if one.delivered_at)


def test_a_company_is_the_same_however_often_it_is_made():
    again = open_world(customers=400, now=NOW)
    assert list(every(again)) == list(every())
    larger = Parcels(open_world(customers=500, now=NOW))
    order = world().orders_of(0)[-1]
    assert larger.of_order(order) == parcels().of_order(order)


def test_numbers_of_nothing_are_nobodys():
    for number in ("", "1Z", "1ZC361230312345670", "790000000000", "MI3610360000000000", "0" * 40, "1Z" + "é" * 16):
        found = parcels().by_number(number)
        assert found is None or found.number == number


def test_a_large_company_is_asked_as_quickly_as_a_small_one():
    large = open_world(customers=20_000, now=NOW)
    order = large.orders_of(19_000)[-1]
    packed = Parcels(large)
    begun = time.process_time()
    for parcel in packed.of_order(order):
        assert Parcels(large).by_number(parcel.number) == parcel
    assert time.process_time() - begun < 0.5


def test_nothing_is_scanned_before_its_day():
    for parcel in every():
        if parcel.shipped_on is not None:
            assert all(scan.at >= parcel.shipped_on - timedelta(days=2) for scan in parcel.scans)
