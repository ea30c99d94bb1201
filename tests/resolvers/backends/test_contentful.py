"""The content hub's adapter: what it asks, whose answer it is, and the company's content through the real format."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocks import contentful
from mocks.world import World, open_world
from mocks.world.content import Content, Entry
from resolvers.backends.base import Outcome, Refused, Unusable
from resolvers.backends.contentful import Body, Contentful, ContentItem, Image
from tests.resolvers.backends.contentful_wire import (
    EVERYTHING,
    ONE_LANGUAGE,
    Line,
    Scripted,
    adapter,
    array,
    ask,
    asked_for,
    asset,
    entry,
    link,
    node,
    problem,
    put,
    said,
    text,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
TITLES = frozenset({"id", "title"})
FILE = Path(__file__).parents[2] / "data" / "superstore.csv"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=10, now=NOW)


@pytest.fixture(scope="module")
def content(world: World) -> Content:
    return Content(world)


@pytest.fixture(scope="module")
def app(world: World) -> Any:
    return contentful.create(world)


def opened(app: Any, **options: str) -> tuple[Contentful, Line]:
    line = Line(app)
    return adapter(line, contentful.TOKEN, **options), line


# ---- what is asked


async def test_the_address_is_that_of_a_live_hub() -> None:
    _, (request,) = await ask("content_of", ["TG11", "TG12"], array(), columns=TITLES)
    assert request.target == (
        "/spaces/c360/environments/master/entries?content_type=article&fields.skus%5Bin%5D=TG11%2CTG12"
        "&order=-sys.updatedAt%2Csys.id&select=sys.id%2Cfields.title%2Cfields.skus&include=0&skip=0&limit=1000"
    )
    assert dict(request.headers) == {
        "authorization": "Bearer word",
        "accept": "application/vnd.contentful.delivery.v1+json",
    }


@pytest.mark.parametrize(
    ("columns", "select", "include"),
    [
        (set(), "sys.id", "0"),
        ({"id", "published_at"}, "sys.id,sys.updatedAt", "0"),
        ({"title", "kind", "requested_locale", "skus"}, "sys.id,fields.kind,fields.title,sys.locale,fields.skus", "0"),
        ({"body.text"}, "sys.id,fields.body", "1"),
        ({"image.alt"}, "sys.id,fields.image", "1"),
    ],
)
async def test_only_what_is_wanted_is_selected_and_included(columns: set[str], select: str, include: str) -> None:
    _, (request,) = await ask("entries", ["a"], array(), columns=frozenset(columns))
    asked = asked_for(request)
    assert (asked["select"], asked["include"]) == (select, include)
    assert "locale" not in asked


async def test_internal_notes_are_never_asked_for() -> None:
    for operation in ("entries", "content_of", "search"):
        _, requests = await ask(operation, ["a"], array())
        assert all("internalNotes" not in asked_for(request)["select"] for request in requests)
        assert all("fields" not in asked_for(request)["select"].split(",") for request in requests)


async def test_a_space_of_another_name_is_asked_where_it_is() -> None:
    line = Scripted(array())
    one = adapter(line, space="a/b", environment="staging", content_type="page", default_locale="de-DE")
    await put(one, "entries", ["x"], TITLES)
    assert line.asked[0].target.startswith("/spaces/a%2Fb/environments/staging/entries?content_type=page&")
    assert asked_for(line.asked[0])["locale"] == "de-DE"


async def test_two_hundred_keys_are_one_question_and_long_ones_several_short_ones() -> None:
    _, asked = await ask("content_of", [f"FUR-BO-{number:08}" for number in range(200)], array(), columns=TITLES)
    assert len(asked) == 1
    _, asked = await ask("content_of", ["é" * 200 + chr(0x4E00 + n) for n in range(30)], array(), columns=TITLES)
    assert 1 < len(asked) < 16
    assert all(len(request.target) <= 7_000 for request in asked)
    _, asked = await ask("entries", [f"{n:064}" for n in range(200)], array(), columns=ONE_LANGUAGE)
    assert all(len(request.target) <= 7_000 for request in asked)


async def test_what_cannot_be_a_key_is_never_sent() -> None:
    keys = ["", "x" * 256, "a\nb", "\x00", "\x9f", "\ud800", 5, None]
    found, asked = await ask("content_of", keys, array())
    assert asked == []
    assert [one.value for one in found.values()] == [[]] * len(keys)
    found, asked = await ask("entries", [*keys, "a b", "a,b", "a&b", "ü", "x" * 65], array())
    assert asked == []
    assert {(one.value, one.error) for one in found.values()} == {(None, None)}


async def test_a_key_with_a_comma_is_asked_for_by_itself() -> None:
    _, asked = await ask("content_of", ["A", "B,C", "D", " E"], array(), columns=TITLES)
    assert [
        {name: value for name, value in asked_for(one).items() if name.startswith("fields.skus")} for one in asked
    ] == [{"fields.skus[in]": "A,D"}, {"fields.skus": "B,C"}, {"fields.skus": " E"}]


@given(st.lists(st.text(min_size=1, max_size=40) | st.just("O'Hara\" OR '1'='1"), min_size=1, max_size=8, unique=True))
def test_any_sku_is_just_a_value(skus: list[str]) -> None:
    found, asked = asyncio.run(ask("content_of", list(skus), array()))
    assert {key: one.value for key, one in found.items()} == {sku: [] for sku in skus}
    sent = []
    for request in asked:
        assert request.target.isascii()
        assert " " not in request.target
        parameters = asked_for(request)
        assert parameters["content_type"] == "article"
        sent += [parameters["fields.skus"]] if "fields.skus" in parameters else parameters["fields.skus[in]"].split(",")
    assert set(sent) <= set(skus)
    assert {sku for sku in skus if sku.isprintable()} <= set(sent)


@given(st.text(max_size=60))
def test_any_text_is_just_words_to_search_for(words: str) -> None:
    found, asked = asyncio.run(ask("search", [words], array()))
    if asked:
        assert asked_for(asked[0])["query"] == words
        assert found[words].value.items == []
    else:
        assert isinstance(found[words].error, Unusable)


@pytest.mark.parametrize("locale", ["*", "", "en_US", "en-US&x=1", "x", "e" * 9, "en-" + "x" * 9])
async def test_what_is_no_locale_is_refused_before_it_is_sent(locale: str) -> None:
    for operation in ("entries", "content_of", "search"):
        found, asked = await ask(operation, ["a"], array(), locale=locale)
        assert (type(found["a"].error), asked) == (Unusable, [])


# ---- what the answer means


async def test_an_answer_in_business_words() -> None:
    picture = asset("p", "//images.ctfassets.net/a b.png", description="Seen from above")
    body = node("document", node("paragraph", text("Hello & "), text("bye", "bold")))
    row = entry("e", "A", "B", image=link("Asset", "p"), body=body, kind="recall")
    found, _ = await ask("entries", ["e", "f"], array(row, includes={"Asset": [picture]}))
    assert found["e"].value == ContentItem(
        "e",
        kind="recall",
        title="Title of e",
        body=Body("<p>Hello &amp; <strong>bye</strong></p>", "Hello & bye"),
        image=None,
        requested_locale="en-US",
        published_at=datetime(2024, 1, 2, 3, 4, 5, 678_000, UTC),
        skus=["A", "B"],
    )
    assert found["f"] == Outcome(None, None, found["e"].source)


async def test_what_was_not_asked_for_is_not_there() -> None:
    row = entry("e", "A", body=node("document"), image=link("Asset", "p"))
    found, _ = await ask("content_of", ["A"], array(row), columns=frozenset({"id"}))
    assert found["A"].value == [ContentItem("e")]
    found, _ = await ask("entries", ["e"], array(row), columns=frozenset({"body.text"}))
    assert found["e"].value == ContentItem("e", body=Body(None, ""))


async def test_fields_that_are_empty_are_absent() -> None:
    bare = {"sys": {"id": "e", "updatedAt": "2024-01-02T03:04:05.678Z", "locale": "fr-FR"}, "fields": {}}
    found, _ = await ask("entries", ["e"], array(bare), columns=ONE_LANGUAGE)
    at = datetime(2024, 1, 2, 3, 4, 5, 678_000, UTC)
    assert found["e"].value == ContentItem("e", requested_locale="fr-FR", published_at=at, skus=[])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("//images.ctfassets.net/x.png", "https://images.ctfassets.net/x.png"),
        ("http://images.ctfassets.net/x.png", "https://images.ctfassets.net/x.png"),
        ("HTTPS://images.ctfassets.net/x.png?w=1&h=2", "HTTPS://images.ctfassets.net/x.png?w=1&h=2"),
        ("https://images.ctfassets.net/ü.png", "https://images.ctfassets.net/%C3%BC.png"),
        ("javascript:alert(1)", None),
        ("data:image/svg+xml,<svg onload=alert(1)>", None),
        ("/x.png", None),
        ("", None),
    ],
)
async def test_a_picture_has_an_https_address_or_is_none(url: str, expected: str | None) -> None:
    row = entry("e", image=link("Asset", "p"))
    found, _ = await ask("entries", ["e"], array(row, includes={"Asset": [asset("p", url)]}))
    image = found["e"].value.image
    assert image == (Image(expected, None) if expected else None)


async def test_of_two_revisions_of_one_asset_the_newer_counts() -> None:
    row = entry("e", image=link("Asset", "p"))
    both = [asset("p", description="new", revision=3), asset("p", description="old", revision=2)]
    for included in (both, both[::-1]):
        found, _ = await ask("entries", ["e"], array(row, includes={"Asset": included}))
        assert found["e"].value.image.alt == "new"


async def test_an_article_about_two_products_is_found_for_both_and_exact_spelling_decides() -> None:
    rows = [entry("both", "A", "B"), entry("other", "a")]
    found, _ = await ask("content_of", ["A", "B", "C"], array(*rows), columns=TITLES)
    assert {key: [item.id for item in one.value] for key, one in found.items()} == {
        "A": ["both"],
        "B": ["both"],
        "C": [],
    }


# ---- languages


LOCALES = said(
    {
        "items": [
            {"code": "en-US", "default": True, "fallbackCode": None},
            {"code": "de-DE", "default": False, "fallbackCode": "en-US"},
            {"code": "de-AT", "default": False, "fallbackCode": "de-DE"},
            {"code": "aa", "default": False, "fallbackCode": "bb"},
            {"code": "bb", "default": False, "fallbackCode": "aa"},
            {"code": "fr-FR", "default": False, "fallbackCode": None},
        ]
    }
)


@pytest.mark.parametrize(
    ("titles", "locale", "title", "served"),
    [
        ({"en-US": "E", "de-DE": "D", "de-AT": "A"}, "de-AT", "A", "de-AT"),
        ({"en-US": "E", "de-DE": "D"}, "de-AT", "D", "de-DE"),
        ({"en-US": "E", "de-DE": None}, "de-AT", "E", "en-US"),
        ({"en-US": "E"}, "aa", None, "aa"),
        ({"bb": "B"}, "aa", "B", "bb"),
    ],
)
async def test_the_language_a_text_is_really_in_is_told(
    titles: dict[str, str | None], locale: str, title: str | None, served: str
) -> None:
    row = {"sys": {"id": "e"}, "fields": {"title": titles, "skus": {"en-US": ["A"]}, "kind": {"en-US": "howTo"}}}
    columns = frozenset({"title", "requested_locale", "locale", "skus", "kind"})
    found, asked = await ask("content_of", ["A"], LOCALES, array(row), columns=columns, locale=locale)
    assert found["A"].value == [ContentItem("e", "howTo", title, locale=served, requested_locale=locale, skus=["A"])]
    assert asked_for(asked[1])["locale"] == "*"


@pytest.mark.parametrize("locale", [None, "en-US", "fr-FR"])
async def test_a_language_that_nothing_stands_in_for_is_asked_for_alone(locale: str | None) -> None:
    row = entry("e", "A", body=node("document"))
    row["sys"]["locale"] = locale or "en-US"
    columns = frozenset({"locale", "body.text", "body.locale"})
    found, asked = await ask("content_of", ["A"], LOCALES, array(row), columns=columns, locale=locale)
    (item,) = found["A"].value
    assert (item.locale, item.body.locale) == (locale or "en-US", locale or "en-US")
    assert asked_for(asked[1]).get("locale") == locale


async def test_a_body_may_be_in_another_language_than_its_title() -> None:
    row = {"sys": {"id": "e"}, "fields": {"title": {"de-DE": "D"}, "body": {"en-US": node("document")}}}
    row["fields"]["skus"] = {"en-US": ["A"]}
    columns = frozenset({"locale", "body.html", "body.locale"})
    found, _ = await ask("content_of", ["A"], LOCALES, array(row), columns=columns, locale="de-AT")
    (item,) = found["A"].value
    assert (item.locale, item.body) == ("de-DE", Body("", None, "en-US"))


async def test_the_locales_are_read_once_for_many_questions() -> None:
    line = Line(contentful.create(open_world(customers=1, now=NOW)))
    one = adapter(line, contentful.TOKEN)
    await asyncio.gather(*(put(one, "content_of", [f"S{n}"], EVERYTHING, locale="de-AT") for n in range(10)))
    assert sum(request.target.endswith("/locales") for request in line.asked) == 1


async def test_a_locale_the_space_does_not_have_is_the_callers_mistake_or_our_settings() -> None:
    unknown = problem(400, "BadRequest", "Unknown locale: xx-XX")
    for columns in (ONE_LANGUAGE, EVERYTHING):
        answer = unknown if columns == ONE_LANGUAGE else LOCALES
        found, _ = await ask("content_of", ["A"], answer, columns=columns, locale="xx-XX")
        assert type(found["A"].error) is Unusable
    found, _ = await ask("content_of", ["A"], unknown)
    assert type(found["A"].error) is Refused


# ---- search


def hit(name: str, words: str) -> dict[str, Any]:
    return entry(name, body=node("document", node("paragraph", text(words))))


async def test_only_what_readers_can_see_counts_as_found() -> None:
    rows = [hit("one", "A green chair"), hit("two", "nothing of it"), hit("three", "chairs, all GREENISH")]
    columns = TITLES | {"total"}
    found, (request,) = await ask("search", ["green chair"], array(*rows), columns=columns)
    page = found["green chair"].value
    assert [item.id for item in page.items] == ["one", "three"]
    assert (page.total, page.has_next) == (2, False)
    assert asked_for(request)["query"] == "green chair"


async def test_a_search_reads_on_until_its_page_is_full_and_to_the_end_for_a_total() -> None:
    first = array(*(hit(f"a{n}", "chair" if n % 2 else "x") for n in range(250)), total=400)
    last = array(*(hit(f"b{n}", "chair") for n in range(150)), total=400)
    found, asked = await ask("search", ["chair"], first, last, columns=TITLES, first=100, skip=20)
    assert (len(found["chair"].value.items), found["chair"].value.has_next, len(asked)) == (100, True, 1)
    found, asked = await ask("search", ["chair"], first, last, columns=TITLES | {"total"}, first=100, skip=200)
    page = found["chair"].value
    assert (len(page.items), page.has_next, page.total, len(asked)) == (75, False, 275, 2)


async def test_no_total_is_told_of_more_than_anybody_looks_through() -> None:
    pages = [array(*(hit(f"{p}-{n}", "chair") for n in range(250)), total=5_000) for p in range(5)]
    found, asked = await ask("search", ["chair"], *pages, columns=TITLES | {"total"})
    page = found["chair"].value
    assert (len(page.items), page.has_next, page.total, len(asked)) == (20, True, None, 4)


@pytest.mark.parametrize("asked", [{"first": 0}, {"first": 101}, {"skip": -1}, {"skip": 1_001}])
async def test_a_page_has_bounds(asked: dict[str, int]) -> None:
    found, requests = await ask("search", ["chair"], array(), **asked)
    assert (type(found["chair"].error), requests) == (Unusable, [])


async def test_notes_cannot_be_searched_for(app: Any, content: Content) -> None:
    one, _ = opened(app)
    for noted in content.entries[10:60:7]:
        canary = content.notes(noted).partition(":")[0]
        page = (await put(one, "search", [canary], TITLES | {"total"}))[canary].value
        assert (page.items, page.total, page.has_next) == ([], 0, False)


@pytest.mark.parametrize(
    "sku", ["O'HARA\" OR '1'='1", "50%-MIX", "WIPE*ALL?", "C#-7 & CO", "A,B;C=D", "GRÖSSE-Ü", "$filter"]
)
async def test_a_hostile_sku_is_found_exactly_by_search(app: Any, content: Content, sku: str) -> None:
    one, _ = opened(app)
    page = (await put(one, "search", [sku], TITLES | {"total", "skus"}, first=100))[sku].value
    assert {item.id for item in page.items} >= {item.id for item in content.of_sku(sku)}
    assert page.total == len(page.items)


async def test_words_right_to_left_are_words(app: Any) -> None:
    one, _ = opened(app)
    columns = frozenset({"title", "locale"})
    page = (await put(one, "search", ["دليل المنتج"], columns, locale="ar-EG", first=5))["دليل المنتج"].value
    assert len(page.items) == 5
    assert all(item.title.startswith("دليل المنتج") and item.locale == "ar-EG" for item in page.items)
    page = (await put(one, "search", ["دليل المنتج"], columns))["دليل المنتج"].value
    assert page.items == []


# ---- round trips


def expected(content: Content, one: Entry) -> tuple[Any, ...]:
    return one.id, one.kind, content.titles(one).get("en-US"), one.updated, list(one.skus)


@pytest.mark.parametrize("file", [None, FILE], ids=["seeded", "imported"])
async def test_everything_written_about_every_product_comes_through(file: Path | None) -> None:
    world = open_world(file, customers=10, now=NOW)
    content = Content(world)
    one, line = opened(contentful.create(world))
    skus = [world.product(index).sku for index in world.products()]
    written: dict[str, list[Entry]] = {sku: [] for sku in skus}
    newest = sorted(content.entries, key=lambda one: one.id)
    for article in sorted(newest, key=lambda one: one.updated, reverse=True):
        for sku in article.skus if article.state == "published" else ():
            written.get(sku, []).append(article)
    columns = frozenset({"kind", "title", "published_at", "skus"})
    for start in range(0, len(skus), 200):
        found = await put(one, "content_of", skus[start : start + 200], columns)
        for sku, outcome in found.items():
            assert outcome.error is None
            got = [(item.id, item.kind, item.title, item.published_at, item.skus) for item in outcome.value]
            assert got == [expected(content, article) for article in written[sku]]
    assert len(line.asked) <= len(skus) / 200 + 2


async def test_bodies_pictures_and_languages_come_through(app: Any, world: World, content: Content) -> None:
    one, _ = opened(app)
    alive = {asset.id: asset for asset in content.assets if asset.state == "published"}
    articles = [item for item in content.entries if item.type == "article" and item.state == "published"][:150]
    found = await put(one, "entries", [item.id for item in articles], EVERYTHING, locale="de-DE")
    for article in articles:
        item = found[article.id].value
        titles, bodies = content.titles(article), content.bodies(article)
        assert item.title == titles.get("de-DE", titles.get("en-US"))
        assert item.requested_locale == "de-DE"
        assert item.locale == next((code for code in ("de-DE", "en-US") if code in titles), "de-DE")
        assert item.body is None or item.body.locale == ("de-DE" if "de-DE" in bodies else "en-US")
        assert (item.body is None) == (not {"de-DE", "en-US"} & bodies.keys())
        picture = alive.get(article.image or "")
        assert (item.image and item.image.url) == (f"https:{picture.url}" if picture else None)
        assert "<script" not in (item.body.html if item.body else "")
        assert world.product(article.about[0]).sku in (
            item.body.text if item.body else world.product(article.about[0]).sku
        )


async def test_the_price_of_a_question_is_one_call(app: Any, world: World) -> None:
    one, line = opened(app)
    skus = [world.product(index).sku for index in range(100, 160)]
    await put(one, "content_of", skus, ONE_LANGUAGE)
    assert len(line.asked) == 1


async def test_a_wrong_token_is_refused(app: Any) -> None:
    one = adapter(Line(app), "wrong")
    for operation in ("entries", "content_of", "search"):
        found = await put(one, operation, ["12"])
        assert type(found["12"].error) is Refused


@settings(max_examples=25)
@given(st.lists(st.text(alphabet="AB,;'\"%*?#&+=/\\ é\u202e😀", min_size=1, max_size=12), min_size=1, max_size=4))
def test_no_sku_changes_the_question(skus: list[str]) -> None:
    one, _ = opened(contentful.create(open_world(customers=1, now=NOW)))
    known = "O'RING-12"
    found = asyncio.run(put(one, "content_of", [*skus, known], frozenset({"skus"})))
    assert all(outcome.error is None for outcome in found.values())
    assert found[known].value
    assert all(sku in item.skus for sku, outcome in found.items() for item in outcome.value)
