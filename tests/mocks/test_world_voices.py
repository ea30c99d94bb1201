"""What the company advertises, whom that reached, and what customers suggest: the same in every system that tells it."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mocks.world import World, open_world
from mocks.world.audience import Audience, Changes
from mocks.world.mailings import Campaigns
from mocks.world.suggestions import Suggestions

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
FILE = Path(__file__).parents[1] / "data" / "superstore.csv"


@pytest.fixture(scope="module", params=["seeded", "superstore"])
def world(request: pytest.FixtureRequest) -> World:
    return open_world(FILE) if request.param == "superstore" else open_world(customers=300, now=NOW)


@pytest.fixture(scope="module")
def audience(world: World) -> Audience:
    return Audience(world)


def midnight(world: World) -> datetime:
    return world.now.replace(hour=0, minute=0, second=0, microsecond=0)


# ---- campaigns


def test_campaigns_are_for_product_lines_and_their_products(audience: Audience, world: World) -> None:
    groups = {world.product(i).sku: world.product(i).group for i in world.products()}
    campaigns = audience.campaigns.all
    assert len(campaigns) > 50
    assert {one.line for one in campaigns} == set(groups.values())
    assert all({groups[sku] for sku in one.skus} <= {one.line} for one in campaigns)
    assert all(one.starts <= one.ends and one.created < midnight(world) for one in campaigns)
    assert len({one.guid for one in campaigns}) == len(campaigns)
    assert len({one.notes for one in campaigns}) == len(campaigns)


def test_a_campaign_is_what_its_dates_say(audience: Audience, world: World) -> None:
    today = world.now.date()
    for one in audience.campaigns.all:
        due = "planned" if one.starts > today else "completed" if one.ends < today else "in_progress"
        assert one.status in ({due, "paused"} if due == "in_progress" else {due})
        sent = [email.sent_at for email in audience.campaigns.emails_of(one) if email.sent_at]
        assert all(at < midnight(world) for at in sent)
        assert not sent or one.status != "planned"


def test_a_sales_file_s_campaigns_were_in_the_quarter_that_sold_most() -> None:
    world = open_world(FILE)
    sold: Counter[tuple[str, int, int]] = Counter()
    groups = {world.product(i).sku: world.product(i).group for i in world.products()}
    for order in (order for index in world.customers() for order in world.orders_of(index)):
        for line in order.lines:
            sold[groups[line.sku], order.placed_at.year, (order.placed_at.month - 1) // 3] += int(line.amount * 100)
    for one in Campaigns(world).all:
        year, quarter = one.starts.year, (one.starts.month - 1) // 3
        assert sold[one.line, year, quarter] == max(sold[one.line, year, q] for q in range(4))
        assert (one.ends + timedelta(days=1)).month == (3 * quarter + 3) % 12 + 1


def test_who_bought_in_a_campaign_s_time_has_clicked(audience: Audience, world: World) -> None:
    bought = {index: numbers for index, numbers in audience._bought.items() if numbers}
    for index in list(bought)[:60]:
        if audience.contact_id(index) is None:
            continue
        told = {(touch.email.campaign.number, touch.kind) for touch in audience.touches(index)}
        reached = {touch.email.campaign.number for touch in audience.touches(index)}
        delivered = {number for number, kind in told if kind == "DELIVERED"}
        first = {number for number in bought[index] & reached & delivered if (number, "BOUNCE") not in told}
        assert all((number, "CLICK") in told or not _first_wave(audience, index, number) for number in first)


def _first_wave(audience: Audience, index: int, number: int) -> bool:
    """Whether the first e-mail was sent early enough for a click to be on record."""
    sent = audience.campaigns.emails_of(audience.campaigns.all[number])[0].sent_at
    return sent is not None and sent < audience._anchor - timedelta(days=4)


# ---- the audience


def test_contacts_are_customers_with_an_address_and_ids_lead_back(audience: Audience, world: World) -> None:
    found = {index: key for index in world.customers() if (key := audience.contact_id(index))}
    assert 0.6 < len(found) / len(world) < 0.95
    assert len(set(found.values())) == len(found)
    for index, key in found.items():
        assert audience.index_of(key) == index
        assert world.customer(index).siebel_contact_id
        assert audience.index_of_email(world.customer(index).email.upper()) == index
    assert audience.index_of("5") is None
    assert audience.index_of("x" * 9) is None


def test_the_two_systems_differ_about_consent_for_some_and_agree_for_most(audience: Audience, world: World) -> None:
    told: Counter[tuple[bool, str]] = Counter()
    for index in world.customers():
        if audience.contact_id(index):
            told[world.customer(index).suppress_emails, audience.subscriptions(index)[0].status] += 1
    assert told[False, "SUBSCRIBED"] > told[False, "UNSUBSCRIBED"] > 0
    assert told[True, "UNSUBSCRIBED"] > told[True, "SUBSCRIBED"] > 0
    assert told[False, "NOT_SPECIFIED"] > 0


def test_touches_come_in_time_and_none_is_like_another(audience: Audience, world: World) -> None:
    seen: set[int] = set()
    for index in range(60):
        touches = audience.touches(index)
        assert [touch.at for touch in touches] == sorted(touch.at for touch in touches)
        assert all(touch.at < midnight(world) for touch in touches)
        assert all(touch.email.campaign.begins_at >= world.customer(index).since for touch in touches)
        assert not seen & {touch.key for touch in touches}
        seen |= {touch.key for touch in touches}
    assert len(audience.touches(1)) > 150
    assert len(seen) > 500


def test_a_report_of_members_and_the_histories_of_contacts_agree(audience: Audience, world: World) -> None:
    one = next(one for one in audience.campaigns.all if one.status == "completed")
    members = set(audience.members(one))
    for index in world.customers():
        touched = any(touch.email.campaign is one for touch in audience.touches(index))
        assert touched is (index in members)


def test_changes_are_in_order_and_complete(audience: Audience, world: World) -> None:
    changes = Changes(audience, world)
    assert sum(1 for _ in changes.gather()) == len(world)
    everything = changes.since(0)
    assert sorted(everything) == [index for index in world.customers() if audience.contact_id(index)]
    moments = [audience.modified(index) for index in everything]
    assert moments == sorted(moments)
    assert changes.since(moments[-3].timestamp())[0] in everything[-5:]
    assert sum(1 for _ in changes.gather()) == 0


# ---- suggestions


def test_suggestions_rise_with_time_and_belong_to_who_has_an_account(world: World) -> None:
    suggestions = Suggestions(world)
    rows = [suggestions.at(rank) for rank in range(len(suggestions))]
    assert [one.created for one in rows] == sorted(one.created for one in rows)
    assert all(one.author.created <= one.created < midnight(world) for one in rows)
    posts = [post for one in rows for post in suggestions.posts(one)]
    assert [post.id for post in posts] == list(range(posts[0].id, posts[0].id + len(posts)))
    assert all(suggestions.post(post.id) == post for post in posts[:80])
    assert all(post.created < midnight(world) for post in posts)
    for one in rows:
        assert suggestions.by_username(one.author.username.upper()) == one.author
        assert suggestions.by_external_id(world.customer(one.author.index).number) == one.author
        assert world.by_sku(one.sku) is not None or not one.sku
        assert one.rank in suggestions.of_user(one.author)
        assert all(one.rank in suggestions.of_tag[tag] for tag in one.tags)
    assert len(suggestions.of_user(rows[0].author)) >= 1
    assert Counter(one.author.index for one in rows)[1] == 45
    assert suggestions.by_id(399) is None
    assert suggestions.post(5) is None
    assert suggestions.by_username("nobody_5") is None


def test_in_a_sales_file_people_suggest_about_what_they_bought() -> None:
    world = open_world(FILE)
    suggestions = Suggestions(world)
    about = [one for one in map(suggestions.at, range(len(suggestions))) if one.sku]
    assert about
    for one in about:
        bought = {line.sku for order in world.orders_of(one.author.index) for line in order.lines}
        assert one.sku in bought


def test_the_same_world_tells_the_same_story(world: World) -> None:
    again = open_world(FILE) if world.order_count() == 5009 else open_world(customers=300, now=NOW)
    assert Audience(again).campaigns.all == Audience(world).campaigns.all
    assert Audience(again).touches(3) == Audience(world).touches(3)
    one, other = Suggestions(world), Suggestions(again)
    assert [one.at(rank) for rank in range(len(one))] == [other.at(rank) for rank in range(len(other))]


def test_a_hundred_thousand_customers_cost_nothing_until_somebody_asks() -> None:
    world = open_world(customers=100_000, now=NOW)
    begun = time.process_time()
    audience, suggestions = Audience(world), Suggestions(world)
    assert audience.touches(99_000) is not None
    assert audience.campaigns.all
    assert suggestions.user(1)
    assert time.process_time() - begun < 0.5
