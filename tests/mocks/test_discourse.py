"""The community, asked over HTTP as its own clients ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mocks import discourse
from mocks.control import controlled
from mocks.world import World, open_world
from mocks.world.suggestions import Suggestions, tag_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=200, now=NOW)


@pytest.fixture(scope="module")
def suggestions(world: World) -> Suggestions:
    return Suggestions(world)


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client(discourse.create(world, None)) as opened:
        yield opened


def client(app: Any, key: str = discourse.KEY) -> httpx.AsyncClient:
    headers = {"api-key": key, "api-username": discourse.USERNAME} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://forum.example", headers=headers)


async def get(site: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    reply = await site.get(path, params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def searched(site: httpx.AsyncClient, text: str) -> list[int]:
    return [one["id"] for one in (await get(site, "/search.json", q=text))["topics"]]


# ---- access and limits


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_a_wrong_key_looks_like_a_private_category(world: World, key: str) -> None:
    async with client(discourse.create(world), key) as stranger, client(discourse.create(world)) as known:
        for reply in (await stranger.get("/latest.json"), await known.get("/c/staff/3.json")):
            assert (reply.status_code, reply.json()["error_type"]) == (403, "invalid_access")


async def test_the_key_has_sixty_requests_a_minute(world: World) -> None:
    async with client(discourse.create(world, discourse.Limits(second=1_000))) as site:
        replies = [await site.get("/groups.json") for _ in range(61)]
    assert [one.status_code for one in replies] == [200] * 60 + [429]
    body = replies[-1].json()
    wait = body["extras"]["wait_seconds"]
    assert body["error_type"] == "rate_limit"
    assert 55 <= wait <= 60
    assert replies[-1].headers["retry-after"] == str(wait)
    assert f"Please wait {wait} seconds" in body["errors"][0]


async def test_the_proxy_in_front_says_so_in_html(world: World) -> None:
    async with client(discourse.create(world)) as site:
        replies = [await site.get("/groups.json") for _ in range(20)]
    turned_away = [one for one in replies if one.status_code == 429]
    assert turned_away
    assert turned_away[0].headers["content-type"].startswith("text/html")
    assert "retry-after" not in turned_away[0].headers


# ---- topics


async def test_topics_of_the_category_are_thirty_a_page(site: httpx.AsyncClient, suggestions: Suggestions) -> None:
    path, seen = "/c/ideas/5?page=0", list[int]()
    while path:
        page = (await site.get(path.replace("?", ".json?"))).json()["topic_list"]
        seen += [one["id"] for one in page["topics"]]
        path = page.get("more_topics_url", "")
    assert seen == [suggestions.at(rank).id for rank in range(len(suggestions) - 1, -1, -1)]


async def test_a_topic_has_votes_tags_and_its_first_twenty_posts(
    site: httpx.AsyncClient, suggestions: Suggestions
) -> None:
    busiest = max((suggestions.at(rank) for rank in range(len(suggestions))), key=lambda one: one.replies)
    whole = await get(site, f"/t/{discourse.render.slug(busiest.title)}/{busiest.id}.json")
    assert (whole["vote_count"], len(whole["post_stream"]["posts"])) == (busiest.votes, 20)
    assert len(whole["post_stream"]["stream"]) == busiest.replies + 1
    assert [tag["name"] for tag in whole["tags"]] == busiest.tags
    rest = whole["post_stream"]["stream"][20:25]
    more = await get(site, f"/t/{busiest.id}/posts.json", **{"post_ids[]": rest})
    assert [one["id"] for one in more["post_stream"]["posts"]] == rest


async def test_the_short_address_of_some_sends_on(site: httpx.AsyncClient, suggestions: Suggestions) -> None:
    one = next(suggestions.at(rank) for rank in range(9) if suggestions.at(rank).id % 7 == 0)
    moved = await site.get(f"/t/{one.id}.json")
    assert moved.status_code == 301
    assert (await site.get(moved.headers["location"])).json()["id"] == one.id
    assert (await site.get("/t/399.json")).json()["error_type"] == "not_found"


async def test_what_is_for_staff_alone_is_marked_by_a_canary(site: httpx.AsyncClient, suggestions: Suggestions) -> None:
    busiest = max((suggestions.at(rank) for rank in range(len(suggestions))), key=lambda one: one.replies)
    whispers = [post for post in suggestions.posts(busiest) if post.whisper]
    assert whispers
    assert all(f"CANARY-whisper-{post.id}" in post.html for post in whispers)
    assert await searched(site, "CANARY") == await searched(site, "CANARY-script")


# ---- finding


async def test_a_search_knows_accounts_tags_and_words(site: httpx.AsyncClient, suggestions: Suggestions) -> None:
    author = suggestions.at(0).author
    own = [suggestions.at(rank).id for rank in suggestions.of_user(author)]
    assert await searched(site, f"@{author.username} in:first order:latest") == own[::-1]
    tagged = [suggestions.at(rank) for rank in range(len(suggestions)) if suggestions.at(rank).sku][:3]
    tags = ",".join(tag_of(one.sku) for one in tagged)
    assert {one.id for one in tagged} <= set(await searched(site, f"tags:{tags} #ideas"))
    assert await searched(site, f"tags:{tags} #general") == []
    one = suggestions.at(3)
    assert one.id in await searched(site, one.title.split()[0])
    page = await get(site, "/search.json", q="#ideas order:latest")
    assert page["grouped_search_result"]["more_full_page_results"] is True
    assert "vote_count" not in page["topics"][0]
    assert (await site.get("/search.json", params={"q": " "})).status_code == 400


async def test_accounts_are_found_by_the_shop_s_number_and_listed_newest_first(
    site: httpx.AsyncClient, world: World, suggestions: Suggestions
) -> None:
    user = suggestions.user(0)
    assert user is not None
    found = await get(site, f"/u/by-external/{world.customer(0).number}.json")
    assert found["user"]["username"] == user.username
    assert (await site.get("/u/by-external/nobody.json")).status_code == 404
    rows = await get(site, "/admin/users/list/new.json", show_emails="true")
    assert [row["username"] for row in rows] == [one.username for one in suggestions.users()]
    assert rows == sorted(rows, key=lambda row: row["created_at"], reverse=True)
    assert rows[-1]["email"] == world.customer(0).email
    assert "email" not in (await get(site, "/admin/users/list/new.json"))[0]
    assert (await get(site, "/admin/users/list/new.json", page=2)) == []
    own = await get(site, "/user_actions.json", username=user.username, filter="4,5")
    assert [one["topic_id"] for one in own["user_actions"]] == [
        suggestions.at(rank).id for rank in reversed(suggestions.of_user(user))
    ]


async def test_posts_are_read_backwards(site: httpx.AsyncClient, suggestions: Suggestions) -> None:
    newest = (await get(site, "/posts.json"))["latest_posts"]
    assert newest[0]["id"] == suggestions.last_post
    older = (await get(site, "/posts.json", before=newest[-1]["id"]))["latest_posts"]
    assert older[0]["id"] == newest[-1]["id"] - 1
    assert "raw" in older[0]


# ---- writing


async def test_a_vote_counts_once_and_goes_to_the_ledger(world: World, suggestions: Suggestions) -> None:
    app = controlled({"discourse": discourse.create(world, None)}, open_control=True)["discourse"]
    one = suggestions.at(1)
    async with client(app) as site:
        cast = await site.post("/voting/vote", json={"topic_id": one.id})
        again = await site.post("/voting/vote", json={"topic_id": one.id})
        written = await site.post("/posts.json", json={"title": "Please", "raw": "Do it", "category": 5})
        short = await site.post("/posts.json", json={"raw": "x"})
        ledger = (await site.get("/_mock/ledger")).json()["ledger"]
    assert (cast.json()["vote_count"], cast.json()["votes_left"]) == (one.votes + 1, 9)
    assert (again.status_code, written.status_code, short.status_code) == (403, 200, 422)
    assert [entry["operation"] for entry in ledger] == ["vote", "post"]


def test_no_two_skus_share_a_tag(world: World) -> None:
    skus = {world.product(index).sku for index in world.products()} | {"lower-case-1", "LOWER-CASE-1"}
    assert len({tag_of(sku) for sku in skus}) == len(skus)
