"""Opportunities, assets and campaign lists come from the orders of one world, and lead back to them."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mocks.world import SUPERSTORE, World, open_world
from mocks.world.assets import Assets
from mocks.world.campaigns import Campaigns
from mocks.world.deals import LOST, WON, Deals
from mocks.world.imported import ImportedWorld
from mocks.world.rowids import RowIds
from mocks.world.seeded import SeededWorld

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SALES = Path(__file__).parent.parent / "data" / "superstore.csv"


@pytest.fixture(scope="module", params=["seeded", "superstore"])
def world(request: pytest.FixtureRequest) -> World:
    return SeededWorld(300, now=NOW) if request.param == "seeded" else ImportedWorld(SALES, SUPERSTORE, 360)


def test_a_row_id_leads_back_to_its_row() -> None:
    ids = RowIds("1X-", 64, 7, "anything")
    texts = {(customer, slot): ids.text(customer, slot) for customer in (0, 1, 99_999) for slot in (0, 63)}
    assert len(set(texts.values())) == len(texts)
    assert {at: ids.row(text) for at, text in texts.items()} == {at: at for at in texts}
    assert [ids.row(text) for text in ("", "1X-", "1Y-ABC", "1X-abc", "1X-" + "Z" * 12)] == [None] * 5


def test_what_was_won_is_its_order(world: World) -> None:
    won = [one for at in world.customers() for one in Deals(world).of_customer(at) if one.stage == WON]
    assert len(won) > 200
    for one in won:
        order = world.order_by_number(one.order_number)
        assert order is not None
        assert (order.customer, order.currency, order.goods) == (one.customer, one.currency, one.amount)
        assert [(line.sku, line.amount) for line in order.lines] == [(line.sku, line.amount) for line in one.lines]
        assert one.created <= order.placed_at
        assert one.closes_on == order.placed_at.date()
        assert order.status not in ("CANCELED", "DOO_DRAFT")


def test_what_is_open_closes_later_and_what_was_lost_has_closed(world: World) -> None:
    hoped = [one for at in world.customers() for one in Deals(world).of_customer(at) if one.stage != WON]
    assert {one.stage for one in hoped} > {LOST}
    for one in hoped:
        assert one.order_number == ""
        assert (one.closes_on <= world.now.date()) == (one.stage == LOST)
        assert one.probability == 0 if one.stage == LOST else 0 < one.probability < 100
        assert one.amount == sum(line.amount for line in one.lines)
        assert one.created <= one.updated <= world.now


def test_an_opportunity_is_found_by_its_id_and_its_account(world: World) -> None:
    deals = Deals(world)
    some = [one for at in list(world.customers())[:40] for one in deals.of_customer(at)]
    assert all(deals.by_row_id(one.row_id) == one for one in some)
    assert all(one in deals.of_account(str(world.customer(one.customer).siebel_account_id)) for one in some)
    assert deals.by_row_id("1O-0") is None
    assert deals.by_row_id("1-ABC") is None


def test_an_asset_was_delivered(world: World) -> None:
    owned = [one for at in world.customers() for one in Assets(world).of_customer(at)]
    assert len(owned) > 200
    assert len({one.serial for one in owned}) == len({one.number for one in owned}) == len(owned)
    for one in owned:
        order = world.order_by_number(one.order_number)
        assert order is not None
        assert order.customer == one.customer
        lines = [line for line in order.lines if line.sku == one.sku and line.shipped_on == one.installed]
        assert {line.status for line in lines} <= {"SHIPPED", "CLOSED"}
        assert one.quantity in [line.quantity for line in lines]
        assert one.installed <= world.now
        assert one.warranty_until is None or one.warranty_until > one.installed.date()


def test_an_asset_is_found_by_each_of_its_keys(world: World) -> None:
    assets = Assets(world)
    some = [one for at in list(world.customers())[:40] for one in assets.of_customer(at)]
    assert all(assets.by_row_id(one.row_id) == one for one in some)
    assert all(assets.by_serial(one.serial) == one for one in some)
    assert all(assets.by_number(one.number) == one for one in some)
    assert assets.by_serial("SN0") is None


def test_a_campaign_lasts_a_month_and_is_about_what_is_sold(world: World) -> None:
    campaigns = Campaigns(world)
    all_of_them = [campaigns.campaign(at) for at in range(len(campaigns))]
    assert len({one.number for one in all_of_them}) == len(all_of_them) == 18
    assert [one.status for one in all_of_them] == ["Completed"] * 17 + ["Active"]
    for earlier, later in itertools.pairwise(all_of_them):
        assert earlier.ends_on + timedelta(days=1) == later.starts_on
    for one in all_of_them:
        assert 2 <= len(one.skus) <= 5
        assert all(world.by_sku(sku) is not None for sku in one.skus)
        assert campaigns.by_row_id(one.row_id) == one


def test_superstores_campaigns_are_about_what_was_bought_in_their_month() -> None:
    world = ImportedWorld(SALES, SUPERSTORE, 360)
    campaigns = Campaigns(world)
    bought: set[tuple[str, str]] = set()
    for at in world.customers():
        for order in world.orders_of(at):
            bought |= {(f"{order.placed_at:%Y-%m}", line.sku) for line in order.lines}
    about = [(f"{one.starts_on:%Y-%m}", sku) for one in map(campaigns.campaign, range(18)) for sku in one.skus]
    assert sum(pair in bought for pair in about) > len(about) // 2


def test_only_contacts_are_on_lists_and_answers_come_later(world: World) -> None:
    campaigns = Campaigns(world)
    members = [one for at in world.customers() for one in campaigns.members_of(at)]
    assert 0.05 < len(members) / (18 * len(world)) < 0.13
    assert any(one.answer for one in members)
    for one in members:
        customer = world.customer(one.customer)
        assert one.contact_id == customer.siebel_contact_id
        assert customer.since <= one.listed_at <= world.now
        assert (one.answer is None) == (one.answered_at is None)
        assert one.answered_at is None or one.listed_at < one.answered_at <= world.now
        assert campaigns.member_by_row_id(one.row_id) == one


def test_the_same_seed_gives_the_same_rows_in_a_world_of_any_size() -> None:
    small, large = SeededWorld(50, now=NOW), SeededWorld(120, now=NOW)
    for at in range(50):
        assert Deals(small).of_customer(at) == Deals(large).of_customer(at)
        assert Assets(small).of_customer(at) == Assets(large).of_customer(at)


def test_nothing_is_derived_before_it_is_asked_for() -> None:
    world = open_world(customers=2_000, now=NOW)
    began = time.process_time()
    Deals(world), Assets(world), Campaigns(world)
    assert time.process_time() - began < 0.05
