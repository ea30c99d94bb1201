"""The content hub's adapter on answers no hub should give, and on every way to say no."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from resolvers.backends.base import (
    Call,
    Connection,
    Deadline,
    Garbled,
    Overdue,
    Refused,
    Reply,
    Request,
    Throttled,
    TimedOut,
    TooLarge,
    Unavailable,
)
from resolvers.backends.contentful import Contentful
from tests.resolvers.backends.contentful_wire import (
    BASE,
    EVERYTHING,
    ONE_LANGUAGE,
    array,
    ask,
    asked_for,
    entry,
    link,
    node,
    problem,
    said,
    text,
)

pytestmark = pytest.mark.anyio

TITLES = frozenset({"id", "title"})
OPERATIONS = ("entries", "content_of", "search")


async def error_of(answer: Reply, operation: str = "content_of", columns: frozenset[str] = ONE_LANGUAGE) -> Any:
    found, _ = await ask(operation, ["A"], answer, columns=columns)
    return found["A"].error


# ---- ways to say no


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(401, "AccessTokenInvalid"), Refused),
        (problem(403, "AccessDenied"), Refused),
        (problem(404, "NotFound"), Refused),
        (problem(400, "InvalidQuery", "The query you sent was invalid."), Refused),
        (said(b"", 302, location="https://evil.example/"), Refused),
        (said(b"", 304), Refused),
        (problem(429, "RateLimitExceeded"), Throttled),
        (problem(500, "ServerError"), Unavailable),
        (said(b"<html>busy</html>", 503, content_type="text/html"), Unavailable),
        (said(b"", 204), Garbled),
        (said(b"<html>hello</html>", content_type="text/html"), Garbled),
        (said(b"{"), Garbled),
        (said(b"\xff\xfe"), Garbled),
        (said(b"[" * 100_000), Garbled),
        (said(b"null"), Garbled),
        (said({"items": []}), Garbled),
        (said({"total": "1", "items": []}), Garbled),
        (said({"total": -1, "items": []}), Garbled),
        (said({"total": 1, "items": [{"fields": {}}]}), Garbled),
    ],
)
async def test_every_answer_means_something(answer: Reply, kind: type[Exception]) -> None:
    for operation in OPERATIONS:
        assert type(await error_of(answer, operation)) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_contentful_ratelimit_reset": "3553"}, 3553.0),
        ({"x_contentful_ratelimit_reset": "1", "retry_after": "9"}, 1.0),
        ({"retry_after": "9"}, 9.0),
        ({"x_contentful_ratelimit_reset": "soon"}, None),
        ({"x_contentful_ratelimit_reset": "-1"}, None),
        ({"x_contentful_ratelimit_reset": "nan"}, None),
        ({"x_contentful_ratelimit_reset": "1e999"}, None),
        ({}, None),
    ],
)
async def test_a_throttled_answer_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    error = await error_of(problem(429, "RateLimitExceeded", **headers))
    assert error.retry_after == seconds


async def test_what_the_hub_says_about_a_failure_stays_out_of_the_log() -> None:
    error = await error_of(problem(400, "InvalidQuery", "CANARY-typed-by-somebody"))
    assert "CANARY" not in str(error)


async def test_one_portion_that_fails_costs_only_its_own_keys() -> None:
    def answer(request: Request) -> Reply:
        return problem(500, "ServerError") if "fields.skus" in asked_for(request) else array(entry("e", "A"))

    found, _ = await ask("content_of", ["A", "B,C"], answer, columns=TITLES)
    assert [item.id for item in found["A"].value] == ["e"]
    assert type(found["B,C"].error) is Unavailable


@pytest.mark.parametrize("keys", [["A"], ["A", "B,C"]])
async def test_silence_ends_with_the_deadline(keys: list[str]) -> None:
    async def silent(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        await asyncio.sleep(60)
        raise AssertionError

    for patience, deadline, kind in ((0.05, 5.0, TimedOut), (5.0, 0.05, Overdue)):
        one = Contentful(Connection(BASE, attempt_timeout=patience, concurrency=1), silent)
        found = await one.perform(Call("contentful", "content_of", tuple(keys), TITLES), Deadline(deadline))
        assert type(found["A"].error) is kind


# ---- answers that are too large, do not add up, or move while they are read


async def test_an_answer_that_is_too_big_is_asked_for_in_smaller_pages() -> None:
    rows = [entry(f"e{n}", "A") for n in range(300)]

    def answer(request: Request) -> Reply:
        limit, skip = int(asked_for(request)["limit"]), int(asked_for(request)["skip"])
        if limit > 100:
            return problem(400, "BadRequest", "Response size too big. Maximum allowed response size: 7340032B.")
        return array(*rows[skip : skip + limit], total=300)

    found, asked = await ask("content_of", ["A"], answer)
    assert [item.id for item in found["A"].value] == [f"e{n}" for n in range(300)]
    assert [asked_for(one)["limit"] for one in asked] == ["250", "125", "62", "62", "62", "62", "62"]


async def test_an_answer_that_our_own_transport_does_not_take_is_asked_for_in_smaller_pages_too() -> None:
    def answer(request: Request) -> Reply:
        if int(asked_for(request)["limit"]) > 100:
            raise TooLarge("more than 5000000 bytes")
        return array(entry("e", "A"))

    found, asked = await ask("content_of", ["A"], answer)
    assert [item.id for item in found["A"].value] == ["e"]
    assert [asked_for(one)["limit"] for one in asked] == ["250", "125", "62"]


async def test_a_single_entry_that_is_too_big_is_refused() -> None:
    error = await error_of(problem(400, "BadRequest", "Response size too big. Maximum allowed response size: 1B."))
    assert isinstance(error, Refused)
    too_big = problem(400, "BadRequest", "Response size too big. Maximum allowed response size: 1B.")
    found, _ = await ask("content_of", ["A"], too_big, columns=EVERYTHING)
    assert isinstance(found["A"].error, Refused)


async def test_pages_are_read_to_their_end() -> None:
    pages = [array(*(entry(f"{p}-{n}", "A") for n in range(50)), total=120) for p in range(2)]
    found, asked = await ask("content_of", ["A"], *pages, array(*(entry(f"z{n}", "A") for n in range(20)), total=120))
    assert len(found["A"].value) == 120
    assert [asked_for(one)["skip"] for one in asked] == ["0", "50", "100"]


async def test_a_list_that_changes_while_it_is_read_is_read_again() -> None:
    one, two = entry("1", "A"), entry("2", "A")
    moved = [array(one, total=2), array(two, total=3)]
    repeated = [array(one, total=2), array(one, total=2)]
    for first in (moved, repeated):
        found, asked = await ask("content_of", ["A"], *first, array(two, one, total=2))
        assert ([item.id for item in found["A"].value], len(asked)) == (["2", "1"], 3)


async def test_a_list_that_never_stands_still_is_unavailable() -> None:
    always = array(entry("1", "A"), entry("1", "A"))
    assert type(await error_of(always)) is Unavailable
    count = iter(range(100, 1_000))
    for operation in ("content_of", "search"):
        found, _ = await ask(operation, ["A"], lambda _: array(entry("1", "A"), total=next(count)))
        assert type(found["A"].error) is Unavailable


async def test_pages_that_do_not_add_up_are_garbled() -> None:
    assert type(await error_of(array(total=5))) is Garbled
    assert type(await error_of(array(*(entry(f"{n}", "A") for n in range(300))))) is Garbled
    count = iter(range(100_000))
    endless, _ = await ask("content_of", ["A"], lambda _: array(entry(f"{next(count)}", "A"), total=10**9))
    assert type(endless["A"].error) is Garbled


async def test_entries_nobody_asked_for_are_garbled() -> None:
    assert type(await error_of(array(entry("B")), "entries")) is Garbled


# ---- articles that cannot be read


@pytest.mark.parametrize(
    "broken",
    [
        {"title": 5},
        {"title": ["x"]},
        {"kind": {}},
        {"kind": 5},
        {"body": "just text"},
        {"body": {"content": []}},
        {"body": {"nodeType": "document", "content": [{"nodeType": 5}]}},
        {"body": {"nodeType": "document", "content": {}}},
        {"image": "x"},
        {"image": {"sys": {"id": 5}}},
    ],
)
async def test_an_article_that_cannot_be_read_costs_the_products_it_is_about(broken: dict[str, Any]) -> None:
    rows = array(entry("bad", "A", "B", **broken), entry("good", "C"))
    found, _ = await ask("content_of", ["A", "B", "C", "D"], rows)
    assert {key: type(one.error) for key, one in found.items() if one.error} == {"A": Garbled, "B": Garbled}
    assert [item.id for item in found["C"].value] == ["good"]
    assert found["D"].value == []
    found, _ = await ask("entries", ["bad", "good"], rows)
    assert type(found["bad"].error) is Garbled
    assert found["good"].value.id == "good"


async def test_articles_whose_products_cannot_be_read_cost_all_that_were_asked_for() -> None:
    for skus in ("A", [5], {"x": 1}):
        row = entry("bad")
        row["fields"]["skus"] = skus
        found, _ = await ask("content_of", ["A", "B"], array(row), columns=TITLES)
        assert {type(one.error) for one in found.values()} == {Garbled}


@pytest.mark.parametrize("left_out", ["locale", "updatedAt"])
async def test_what_was_asked_for_and_not_given_is_garbled(left_out: str) -> None:
    row = entry("A")
    del row["sys"][left_out]
    assert type(await error_of(array(row), "entries")) is Garbled


@pytest.mark.parametrize("moment", ["yesterday", "2024-01-02", "2024-01-02T03:04:05", 5])
async def test_a_moment_without_offset_is_none(moment: Any) -> None:
    row = entry("A")
    row["sys"]["updatedAt"] = moment
    assert type(await error_of(array(row), "entries")) is Garbled


async def test_nesting_without_end_is_garbled() -> None:
    for depth, kinds in ((70, (Garbled,)), (900, (Garbled,)), (50_000, (Garbled,))):
        deep = b'{"nodeType":"blockquote","content":[' * depth + b"]}" * depth
        row = json.dumps(entry("A", "A", body="BODY")).encode().replace(b'"BODY"', deep)
        body = b'{"total":1,"items":[' + row + b"]}"
        for operation in OPERATIONS:
            assert type(await error_of(said(body), operation)) in kinds


async def test_a_document_of_ordinary_depth_is_read() -> None:
    deep = text("x")
    for _ in range(25):
        deep = node("unordered-list", node("list-item", deep))
    found, _ = await ask("entries", ["A"], array(entry("A", body=node("document", deep))))
    assert found["A"].value.body.html.count("<ul>") == 25


async def test_strange_linked_things_do_not_matter() -> None:
    strange = {"sys": {"id": "s"}, "fields": {"title": 5, "text": {"no": "text"}, "internalNotes": "CANARY"}}
    body = node("document", node("embedded-entry-block", target=link("Entry", "s")))
    found, _ = await ask("entries", ["A"], array(entry("A", body=body), includes={"Entry": [strange]}))
    assert found["A"].value.body.text == ""
    assert "CANARY" not in found["A"].value.body.html


@pytest.mark.parametrize("locales", [{"items": []}, {"items": [{"code": "en-US"}]}, {"items": [{}]}, [], {"items": 5}])
async def test_a_space_without_languages_is_garbled(locales: Any) -> None:
    assert type(await error_of(said(locales), columns=EVERYTHING)) is Garbled
