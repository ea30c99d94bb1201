"""The content hub's delivery API, asked over HTTP as its own clients ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mocks import contentful
from mocks.control import controlled
from mocks.world import World, open_world
from mocks.world.content import Content, Entry

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
ROOT = "/spaces/c360/environments/master"
ARTICLES = {"content_type": "article"}


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=10, now=NOW)


@pytest.fixture(scope="module")
def content(world: World) -> Content:
    return Content(world)


@pytest.fixture(scope="module")
def app(world: World) -> Any:
    return contentful.create(world)


@pytest.fixture
async def hub(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with client(app) as opened:
        yield opened


def client(app: Any, token: str = contentful.TOKEN) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cdn.example", headers=headers)


async def get(hub: httpx.AsyncClient, path: str, **asked: Any) -> dict[str, Any]:
    reply = await hub.get(ROOT + path, params={name.replace("__", "."): value for name, value in asked.items()})
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def refused(hub: httpx.AsyncClient, path: str, **asked: Any) -> tuple[int, str]:
    reply = await hub.get(ROOT + path, params=asked)
    assert reply.headers["x-contentful-request-id"] == reply.json()["requestId"]
    return reply.status_code, reply.json()["sys"]["id"]


def ids(body: dict[str, Any]) -> list[str]:
    return [item["sys"]["id"] for item in body["items"]]


def published(content: Content, kind: str = "productPage") -> list[Entry]:
    return [entry for entry in content.entries if entry.state == "published" and entry.kind == kind]


# ---- access


async def test_a_token_opens_the_space_in_either_place(app: Any) -> None:
    async with client(app, "") as stranger:
        assert (await stranger.get(f"{ROOT}/entries?limit=0")).json()["sys"]["id"] == "AccessTokenInvalid"
        known = await stranger.get(f"{ROOT}/entries?limit=0&access_token={contentful.TOKEN}")
        assert known.status_code == 200
    async with client(app, "wrong") as stranger:
        reply = await stranger.get(f"{ROOT}/entries?limit=0")
        assert (reply.status_code, reply.json()["message"]) == (
            401,
            "The access token you sent could not be found or is invalid.",
        )


async def test_without_an_environment_master_answers(hub: httpx.AsyncClient) -> None:
    bare = await hub.get("/spaces/c360/entries", params={"limit": 3})
    assert bare.json() == await get(hub, "/entries", limit=3)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/spaces/other/environments/master/entries", "Space"),
        ("/spaces/c360/environments/other/entries", "Environment"),
        (f"{ROOT}/entries/nope", "Entry"),
        (f"{ROOT}/assets/nope", "Asset"),
        (f"{ROOT}/content_types/nope", "ContentType"),
    ],
)
async def test_what_is_not_there_is_not_found(hub: httpx.AsyncClient, path: str, kind: str) -> None:
    reply = await hub.get(path)
    assert (reply.status_code, reply.json()["sys"]) == (404, {"type": "Error", "id": "NotFound"})
    assert reply.json()["details"]["type"] == kind


async def test_it_is_read_only(hub: httpx.AsyncClient) -> None:
    assert (await hub.post(f"{ROOT}/entries")).status_code == 405
    assert (await hub.head(f"{ROOT}/entries?limit=1")).status_code == 200
    assert (await hub.options(f"{ROOT}/entries")).status_code == 204
    assert (await hub.get("/elsewhere")).json()["sys"]["id"] == "NotFound"


# ---- answers


async def test_an_entry_looks_as_recorded(hub: httpx.AsyncClient, content: Content) -> None:
    entry = published(content)[0]
    body = await get(hub, "/entries", sys__id=entry.id)
    assert (body["sys"], body["total"], body["skip"], body["limit"]) == ({"type": "Array"}, 1, 0, 100)
    (item,) = body["items"]
    assert item["sys"] == {
        "space": {"sys": {"type": "Link", "linkType": "Space", "id": "c360"}},
        "id": entry.id,
        "type": "Entry",
        "createdAt": item["sys"]["createdAt"],
        "updatedAt": item["sys"]["updatedAt"],
        "environment": {"sys": {"id": "master", "type": "Link", "linkType": "Environment"}},
        "revision": entry.revision,
        "contentType": {"sys": {"type": "Link", "linkType": "ContentType", "id": "article"}},
        "locale": "en-US",
    }
    assert datetime.fromisoformat(item["sys"]["updatedAt"]) == entry.updated
    assert item["sys"]["updatedAt"][-5] == "."
    assert item["fields"]["skus"] == list(entry.skus)
    assert item["fields"]["body"]["nodeType"] == "document"


async def test_headers_are_those_of_the_recordings(app: Any) -> None:
    async with client(app) as hub:
        reply = await hub.get(f"{ROOT}/locales?limit=7")
        again = await hub.get(f"{ROOT}/locales?limit=7")
        assert reply.headers["content-type"] == "application/vnd.contentful.delivery.v1+json"
        assert (reply.headers["x-cache"], again.headers["x-cache"]) == ("MISS", "HIT")
        assert reply.headers["cache-control"] == "max-age=0"
        assert reply.headers["etag"] == again.headers["etag"]
        assert reply.text.endswith("\n")
        for known in (reply.headers["etag"], "W/" + reply.headers["etag"], "*"):
            same = await hub.get(f"{ROOT}/locales?limit=7", headers={"if-none-match": known})
            assert (same.status_code, same.content) == (304, b"")
        other = await hub.get(f"{ROOT}/locales?limit=7", headers={"if-none-match": '"other"'})
        assert other.status_code == 200


async def test_drafts_and_deleted_things_are_nowhere(hub: httpx.AsyncClient, content: Content) -> None:
    hidden = [entry.id for entry in content.entries if entry.state != "published"]
    assert hidden
    assert (await get(hub, "/entries", **{"sys.id[in]": ",".join(hidden)}))["total"] == 0
    assert await refused(hub, f"/entries/{hidden[0]}") == (404, "NotFound")
    gone = next(asset.id for asset in content.assets if asset.state != "published")
    assert await refused(hub, f"/assets/{gone}") == (404, "NotFound")


async def test_a_linked_asset_is_included_and_a_lost_one_reported(hub: httpx.AsyncClient, content: Content) -> None:
    alive = {asset.id for asset in content.assets if asset.state == "published"}
    there = next(entry for entry in published(content) if entry.image in alive)
    lost = next(entry for entry in published(content) if entry.image is not None and entry.image not in alive)
    body = await get(hub, "/entries", sys__id=there.id, select="fields.image", **ARTICLES)
    (asset,) = body["includes"]["Asset"]
    assert asset["sys"]["id"] == there.image
    assert asset["fields"]["file"]["url"].startswith("//images.ctfassets.net/")
    assert "errors" not in body
    body = await get(hub, "/entries", sys__id=lost.id, select="fields.image", **ARTICLES)
    assert "includes" not in body
    details = {"type": "Link", "linkType": "Asset", "id": lost.image}
    assert body["errors"] == [{"sys": {"id": "notResolvable", "type": "error"}, "details": details}]


async def test_links_are_followed_as_deep_as_asked_and_single_entries_come_alone(hub: httpx.AsyncClient) -> None:
    sizes = []
    for depth in (0, 1, 2, 5):
        body = await get(hub, "/entries", limit=40, include=depth, content_type="article")
        included = {(kind, one["sys"]["id"]) for kind, rows in body.get("includes", {}).items() for one in rows}
        assert not {("Entry", name) for name in ids(body)} & included
        assert len(included) == sum(len(rows) for rows in body.get("includes", {}).values())
        sizes.append(len(included))
    assert sizes[0] == 0 < sizes[1] < sizes[2] <= sizes[3]
    one = await get(hub, f"/entries/{ids(body)[0]}")
    assert "includes" not in one
    assert one["sys"]["type"] == "Entry"


async def test_select_is_about_the_rows_asked_for_only(hub: httpx.AsyncClient, content: Content) -> None:
    entry = published(content)[0]
    body = await get(hub, "/entries", sys__id=entry.id, select="sys.id,sys.contentType.sys.id,fields.title", **ARTICLES)
    kind = {"sys": {"id": "article"}}
    title = content.titles(entry)["en-US"]
    assert body["items"] == [{"sys": {"id": entry.id, "contentType": kind}, "fields": {"title": title}}]
    body = await get(hub, "/entries", sys__id=entry.id, select="fields", **ARTICLES)
    assert body["items"][0].keys() == {"fields"}
    assert "internalNotes" in body["items"][0]["fields"]
    body = await get(hub, "/entries", sys__id=entry.id, select="sys,sys.id")
    assert body["items"][0].keys() == {"sys"}
    assert body["items"][0]["sys"]["revision"] == entry.revision


async def test_pages_cover_everything_once(hub: httpx.AsyncClient, content: Content) -> None:
    found: list[str] = []
    for skip in range(0, 1_000, 70):
        page = await get(hub, "/entries", skip=skip, limit=70, select="sys.id")
        found += ids(page)
        assert page["total"] == sum(entry.state == "published" for entry in content.entries)
    assert len(found) == len(set(found)) == page["total"]


async def test_rows_come_in_the_order_asked_for(hub: httpx.AsyncClient) -> None:
    body = await get(
        hub, "/entries", order="fields.kind,-sys.createdAt", limit=500, select="sys,fields.kind", **ARTICLES
    )
    found = [(item["fields"]["kind"], item["sys"]["createdAt"]) for item in body["items"]]
    assert found == sorted(sorted(found, key=lambda one: one[1], reverse=True), key=lambda one: one[0])
    newest = await get(hub, "/entries", limit=5, select="sys.updatedAt")
    moments = [item["sys"]["updatedAt"] for item in newest["items"]]
    assert moments == sorted(moments, reverse=True)


# ---- filters


async def test_several_skus_at_once(hub: httpx.AsyncClient, content: Content) -> None:
    body = await get(hub, "/entries", **{"fields.skus[in]": "50%-MIX,PLUS+SIGN"}, **ARTICLES)
    expected = {entry.id for sku in ("50%-MIX", "PLUS+SIGN") for entry in content.of_sku(sku)}
    assert set(ids(body)) == expected


async def test_a_comma_parts_a_list_and_nothing_else(hub: httpx.AsyncClient, content: Content) -> None:
    sku = "A,B;C=D"
    assert (await get(hub, "/entries", **{"fields.skus[in]": sku}, **ARTICLES))["total"] == 0
    body = await get(hub, "/entries", **{"fields.skus": sku}, **ARTICLES)
    assert set(ids(body)) == {entry.id for entry in content.of_sku(sku)}


async def test_each_operator_does_as_it_says(hub: httpx.AsyncClient, content: Content) -> None:
    everything = [entry for entry in content.entries if entry.state == "published" and entry.type == "article"]
    pair = next(entry for entry in everything if len(entry.skus) > 1).skus[:2]
    day = "2025-01-01"
    since = datetime(2025, 1, 1, tzinfo=UTC)
    for asked, holds in (
        ({"fields.kind": "recall"}, lambda one: one.kind == "recall"),
        ({"fields.kind[ne]": "recall"}, lambda one: one.kind != "recall"),
        ({"fields.kind[in]": "recall,howTo"}, lambda one: one.kind in ("recall", "howTo")),
        ({"fields.kind[nin]": "recall,howTo"}, lambda one: one.kind == "productPage"),
        ({"fields.skus[all]": ",".join(pair)}, lambda one: set(pair) <= set(one.skus)),
        ({"fields.skus[nin]": ",".join(pair)}, lambda one: not set(pair) & set(one.skus)),
        ({"fields.image[exists]": "false"}, lambda one: one.image is None),
        ({"fields.image.sys.id": everything[0].image}, lambda one: one.image == everything[0].image),
        ({"sys.updatedAt[gte]": day}, lambda one: one.updated >= since),
        ({"sys.updatedAt[lt]": f"{day}T00:00:00Z"}, lambda one: one.updated < since),
        ({"sys.revision[gt]": "3", "sys.revision[lte]": "5"}, lambda one: 3 < one.revision <= 5),
        ({"links_to_asset": everything[0].image}, lambda one: one.image == everything[0].image),
        ({"fields.title[match]": "how to CARE"}, lambda one: one.kind == "howTo"),
    ):
        body = await get(hub, "/entries", limit=1000, select="sys.id", **asked, **ARTICLES)
        assert set(ids(body)) == {one.id for one in everything if holds(one)}, asked


async def test_full_text_finds_words_wherever_they_are_even_in_notes(hub: httpx.AsyncClient, content: Content) -> None:
    entry = published(content)[20]
    for text in (content.titles(entry).get("en-US", entry.skus[0]), content.notes(entry).partition(":")[0]):
        assert entry.id in ids(await get(hub, "/entries", query=text.upper(), limit=1000, select="sys.id"))
    for nothing in ("%", "''", "xyzzyx lamp"):
        assert (await get(hub, "/entries", query=nothing))["total"] == 0


async def test_assets_are_found_by_what_they_are(hub: httpx.AsyncClient, content: Content) -> None:
    body = await get(hub, "/assets", mimetype_group="pdfdocument", order="fields.title", select="fields.file")
    assert [item["fields"]["file"]["fileName"] for item in body["items"]] == [f"manual-{n}.pdf" for n in range(1, 10)]
    pictures = await get(hub, "/assets", **{"fields.file.contentType": "image/png", "limit": 5})
    assert {item["fields"]["file"]["contentType"] for item in pictures["items"]} == {"image/png"}
    one = await get(hub, f"/assets/{ids(pictures)[0]}", locale="de-DE")
    assert one["sys"]["locale"] == "de-DE"


@pytest.mark.parametrize(
    ("path", "asked", "name"),
    [
        ("/entries", {"name": "0"}, "InvalidQuery"),
        ("/entries", {"fields.title": "x"}, "InvalidQuery"),
        ("/entries", {"content_type": "nope"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "fields.nope": "x"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "fields.body": "x"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "fields.title[gt]": "x"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "fields.title[exists]": "maybe"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "select": "fields.nope"}, "InvalidQuery"),
        ("/entries", {"select": "fields.title"}, "InvalidQuery"),
        ("/entries", {"select": "sys..id"}, "InvalidQuery"),
        ("/entries", {"select": ""}, "InvalidQuery"),
        ("/entries", {"name": ["0", "1"]}, "BadRequest"),
        ("/entries", {"order": "fields.title"}, "InvalidQuery"),
        ("/entries", {"content_type": "article", "order": "fields.body"}, "InvalidQuery"),
        ("/entries", {"sys.createdAt[gt]": "yesterday"}, "InvalidQuery"),
        ("/entries", {"sys.revision": "x"}, "InvalidQuery"),
        ("/entries", {"sys.id[like]": "x"}, "InvalidQuery"),
        ("/entries", {"locale": "xx"}, "BadRequest"),
        ("/entries", {"limit": "1001"}, "BadRequest"),
        ("/entries", {"limit": "-1"}, "BadRequest"),
        ("/entries", {"skip": "1e3"}, "BadRequest"),
        ("/entries", {"include": "11"}, "BadRequest"),
        ("/assets", {"content_type": "article"}, "InvalidQuery"),
        ("/assets", {"mimetype_group": "x"}, "InvalidQuery"),
        ("/locales", {"q": "x"}, "InvalidQuery"),
        ("/sync", {}, "BadRequest"),
        ("/sync", {"initial": "true", "type": "x"}, "BadRequest"),
        ("/sync", {"initial": "true", "content_type": "article"}, "BadRequest"),
        ("/sync", {"sync_token": "x"}, "BadRequest"),
        ("/sync", {"sync_token": "\u00fc"}, "BadRequest"),
        ("/sync", {"sync_token": "eyJraW5kIjoiYWxsIiwib2YiOiIiLCJsaW1pdCI6LTV9"}, "BadRequest"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    hub: httpx.AsyncClient, path: str, asked: dict[str, Any], name: str
) -> None:
    assert await refused(hub, path, **asked) == (400, name)


async def test_the_unknown_path_is_named_as_recorded(hub: httpx.AsyncClient) -> None:
    body = (await hub.get(f"{ROOT}/entries?name=0")).json()
    error = {"name": "unknown", "path": ["name"], "details": 'The path "name" is not recognized'}
    assert body["details"] == {"errors": [error]}
    assert (await hub.get(f"{ROOT}/entries?locale=tlh")).json()["message"] == "Unknown locale: tlh"


async def test_addresses_and_answers_have_a_largest_size(hub: httpx.AsyncClient) -> None:
    room = 7_600 - len(f"{ROOT}/entries?query=")
    assert (await hub.get(f"{ROOT}/entries?query={'x' * room}")).status_code == 200
    assert (await hub.get(f"{ROOT}/entries?query={'x' * (room + 1)}")).status_code == 414
    reply = await hub.get(f"{ROOT}/entries", params={"limit": 1000, "include": 10, "locale": "*"})
    assert (reply.status_code, reply.json()["sys"]["id"]) == (400, "BadRequest")
    assert reply.json()["message"] == "Response size too big. Maximum allowed response size: 7340032B."


# ---- languages


async def test_a_missing_text_comes_from_the_fallback_and_a_missing_field_is_absent(
    hub: httpx.AsyncClient, content: Content
) -> None:
    english = next(entry for entry in published(content) if content.titles(entry).keys() == {"en-US"})
    german = next(entry for entry in published(content) if {"de-DE", "en-US"} == content.titles(entry).keys())
    for entry, locale, expected in (
        (english, "de-AT", content.titles(english)["en-US"]),
        (german, "de-AT", content.titles(german)["de-DE"]),
        (german, "ar-EG", content.titles(german)["en-US"]),
        (german, "fr-FR", None),
    ):
        body = await get(hub, "/entries", sys__id=entry.id, locale=locale)
        (item,) = body["items"]
        assert item["sys"]["locale"] == locale
        assert item["fields"].get("title") == expected
        assert ("title" in item["fields"]) == (expected is not None)
        assert item["fields"]["skus"] == list(entry.skus)


async def test_all_languages_at_once_are_not_filled_in(hub: httpx.AsyncClient, content: Content) -> None:
    entry = next(entry for entry in published(content) if len(content.titles(entry)) > 2)
    (item,) = (await get(hub, "/entries", sys__id=entry.id, locale="*"))["items"]
    assert "locale" not in item["sys"]
    assert item["fields"]["title"] == content.titles(entry)
    assert item["fields"]["skus"] == {"en-US": list(entry.skus)}


async def test_locales_and_content_types_describe_the_space(hub: httpx.AsyncClient) -> None:
    codes = {one["code"]: one["fallbackCode"] for one in (await get(hub, "/locales"))["items"]}
    assert codes == {"en-US": None, "de-DE": "en-US", "de-AT": "de-DE", "ar-EG": "en-US", "fr-FR": None}
    types = (await get(hub, "/content_types"))["items"]
    assert [one["sys"]["id"] for one in types] == ["article", "snippet"]
    assert await get(hub, "/content_types/article") == types[0]
    assert (await get(hub, "/content_types", **{"sys.id[in]": "snippet,x"}))["total"] == 1
    kinds = {field["id"]: field["type"] for field in types[0]["fields"]}
    assert (kinds["skus"], kinds["body"], kinds["image"]) == ("Array", "RichText", "Link")
    space = (await hub.get("/spaces/c360")).json()
    assert [one["code"] for one in space["locales"]] == list(codes)


# ---- sync


async def follow(hub: httpx.AsyncClient, **asked: Any) -> tuple[list[dict[str, Any]], str]:
    body = await get(hub, "/sync", **asked)
    items = body["items"]
    while "nextPageUrl" in body:
        assert urlsplit(body["nextPageUrl"]).scheme == "http"
        token = parse_qs(urlsplit(body["nextPageUrl"]).query)["sync_token"][0]
        body = await get(hub, "/sync", sync_token=token)
        items += body["items"]
    return items, parse_qs(urlsplit(body["nextSyncUrl"]).query)["sync_token"][0]


async def test_sync_brings_everything_once_in_all_languages(hub: httpx.AsyncClient, content: Content) -> None:
    items, token = await follow(hub, initial="true")
    alive = [one.id for one in (*content.entries, *content.assets) if one.state == "published"]
    assert sorted(item["sys"]["id"] for item in items) == sorted(alive)
    assert all("locale" not in item["sys"] for item in items)
    again, _ = await follow(hub, sync_token=token)
    assert again == []


async def test_sync_can_be_of_one_kind(hub: httpx.AsyncClient, content: Content) -> None:
    for asked, kinds in (
        ({"type": "Asset"}, {"Asset"}),
        ({"type": "Entry", "content_type": "snippet"}, {"Entry"}),
        ({"type": "Deletion"}, {"DeletedEntry", "DeletedAsset"}),
        ({"type": "DeletedEntry"}, {"DeletedEntry"}),
    ):
        items, _ = await follow(hub, initial="1", limit=30, **asked)
        assert {item["sys"]["type"] for item in items} == kinds
    deleted = {entry.id for entry in content.entries if entry.state == "deleted"}
    assert {item["sys"]["id"] for item in items} == deleted
    assert all(item.keys() == {"sys"} and item["sys"]["deletedAt"] for item in items)


# ---- limits and the request log


async def test_too_many_requests_in_a_second_wait_for_the_next_and_cached_answers_are_free(world: World) -> None:
    async with client(contentful.create(world, per_second=3)) as hub:
        replies = [await hub.get(f"{ROOT}/locales?limit={n}") for n in range(12)]
        limited = [reply for reply in replies if reply.status_code == 429]
        assert limited
        assert limited[0].headers["x-contentful-ratelimit-reset"] == "1"
        assert limited[0].headers["content-type"] == "application/vnd.contentful.management.v1+json"
        assert limited[0].json()["sys"]["id"] == "RateLimitExceeded"
        assert replies[0].headers["x-contentful-ratelimit-second-limit"] == "3"
        cached = [(await hub.get(f"{ROOT}/locales?limit=0")).status_code for _ in range(20)]
        assert cached == [200] * 20


async def test_the_request_log_has_what_was_asked(world: World) -> None:
    apps = controlled({"contentful": contentful.create(world)}, open_control=True)
    async with client(apps["contentful"]) as hub:
        await hub.get(f"{ROOT}/entries?content_type=article&fields.skus[in]=A,B&select=sys.id,fields.title")
        await hub.get(f"{ROOT}/entries?content_type=snippet&sys.id=x")
        await hub.get(f"{ROOT}/entries?query=lamp&fields.nope=1")
        log = (await hub.get("/_mock/requests")).json()["requests"]
    assert [(one["operation"], one["columns"], one["keys"], one["status"]) for one in log] == [
        ("entries", ["fields.title", "sys.id"], ["A", "B"], 200),
        ("entries", ["fields.text", "fields.title", "sys"], ["x"], 200),
        ("entries", [], [], 400),
    ]
