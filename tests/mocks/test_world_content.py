"""What the company has written: of every world, the same every time, and full of what editors paste."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mocks.world import World, open_world
from mocks.world.content import ALWAYS, HOSTILE_LINKS, LOCALES, PASTED, Block, Content, Words

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
FILE = Path(__file__).parents[1] / "data" / "superstore.csv"


@pytest.fixture(scope="module", params=["seeded", "imported"])
def world(request: pytest.FixtureRequest) -> World:
    return open_world(FILE) if request.param == "imported" else open_world(customers=10, now=NOW)


@pytest.fixture(scope="module")
def content(world: World) -> Content:
    return Content(world)


def parts(blocks: tuple[Block | Words, ...]) -> list[Block | Words]:
    return [one for part in blocks for one in (part, *(parts(part.inside) if isinstance(part, Block) else ()))]


def test_a_day_has_one_content() -> None:
    one = Content(open_world(customers=10, now=NOW))
    later = Content(open_world(customers=500, now=NOW + timedelta(hours=3)))
    assert one.entries == later.entries
    assert one.assets == later.assets
    assert [one.bodies(entry) for entry in one.entries[10:60]] == [
        later.bodies(entry) for entry in later.entries[10:60]
    ]


def test_another_seed_writes_something_else() -> None:
    one, other = (Content(open_world(customers=10, seed=seed, now=NOW)) for seed in (1, 2))
    assert not {entry.id for entry in one.entries} & {entry.id for entry in other.entries}


def test_ids_are_unique_and_look_like_ids(content: Content) -> None:
    ids = [one.id for one in (*content.entries, *content.assets)]
    assert len(ids) == len(set(ids))
    assert all(len(name) == 22 and name.isascii() and name.isalnum() for name in ids)


def test_nothing_is_dated_after_the_day_or_before_its_product(world: World, content: Content) -> None:
    midnight = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for entry in content.entries:
        assert entry.created <= entry.updated < midnight
        assert entry.revision > 1 or entry.updated == entry.created
        assert all(world.product(index).created <= entry.updated.date() for index in entry.about)
    assert all(asset.created <= asset.updated < midnight for asset in content.assets)


def test_most_products_have_a_page_and_some_have_nothing(world: World, content: Content) -> None:
    written = {sku for entry in content.entries if entry.state == "published" for sku in entry.skus}
    sold = [world.product(index).sku for index in world.products()]
    share = sum(sku in written for sku in sold) / len(sold)
    assert 0.75 < share < 0.99
    assert all(content.of_sku(world.product(index).sku) for index in range(ALWAYS))


def test_articles_of_several_products_name_products_that_exist_and_some_that_are_gone(
    world: World, content: Content
) -> None:
    several = [entry for entry in content.entries if entry.kind in ("howTo", "recall")]
    assert {entry.kind for entry in several} == {"howTo", "recall"}
    assert all(len(entry.skus) >= 1 for entry in several)
    unknown = {sku for entry in several for sku in entry.skus if world.by_sku(sku) is None}
    assert unknown
    assert all(sku.startswith("RETIRED-") for sku in unknown)


def test_drafts_and_deleted_entries_are_linked_to_as_well(content: Content) -> None:
    states = Counter(entry.state for entry in content.entries)
    assert all(states[state] for state in ("published", "draft", "deleted"))
    dead = {one.id for one in (*content.entries, *content.assets) if one.state != "published"}
    linked = {
        part.link.id
        for entry in content.entries
        if entry.state == "published" and entry.type == "article"
        for body in content.bodies(entry).values()
        for part in parts(body)
        if part.link is not None
    }
    assert linked & dead


def test_languages_have_gaps(content: Content) -> None:
    articles = [entry for entry in content.entries if entry.type == "article"]
    titled = Counter(code for entry in articles for code in content.titles(entry))
    written = Counter(code for entry in articles for code in content.bodies(entry))
    assert [one.code for one in LOCALES] == ["en-US", "de-DE", "de-AT", "ar-EG", "fr-FR"]
    assert titled["en-US"] > len(articles) * 0.9
    for code in ("de-AT", "ar-EG"):
        assert 0 < titled[code] < titled["en-US"]
        assert 0 < written[code] < written["en-US"]
    assert titled["fr-FR"] == written["fr-FR"] == 0
    assert any(content.bodies(entry).keys() != content.titles(entry).keys() for entry in articles)


def test_every_article_has_a_canary_of_its_own(content: Content) -> None:
    notes = [content.notes(entry) for entry in content.entries if entry.type == "article"]
    canaries = {note.partition(":")[0] for note in notes}
    assert len(canaries) == len(notes)
    assert all(canary.startswith("CANARY-content-") for canary in canaries)


def test_what_editors_paste_is_in_published_articles(content: Content) -> None:
    seen = [
        part
        for entry in content.entries
        if entry.state == "published" and entry.type == "article"
        for body in content.bodies(entry).values()
        for part in parts(body)
        if isinstance(part, Words)
    ]
    assert {part.uri for part in seen} >= set(HOSTILE_LINKS)
    assert PASTED in {part.text for part in seen}


def test_files_have_addresses_without_scheme(content: Content) -> None:
    assert all(asset.url.startswith(("//images.ctfassets.net/", "//assets.ctfassets.net/")) for asset in content.assets)
    assert any(not asset.descriptions for asset in content.assets)
    assert any("onerror" in text for asset in content.assets for text in asset.descriptions.values())
