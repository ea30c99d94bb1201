"""The community's adapter: what it asks, whose answer it is, and what answers mean that no community should give."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks import discourse as mock
from mocks.world import World, open_world
from mocks.world.suggestions import Suggestion, Suggestions, tag_of
from resolvers.backends.base import Deadline, Garbled, Refused, Reply, Request, Throttled, Unavailable, Unusable
from resolvers.backends.discourse import Discourse, html, tags
from schema.community import SuggestionStatus
from tests.resolvers.backends.voices_wire import Line, Scripted, asked_for, discourse, page, path, put, said

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
FILE = Path(__file__).parents[2] / "data" / "superstore.csv"
AT = "2026-03-01T10:00:00.000Z"
LISTED = frozenset({"title", "status", "sku", "username", "suggested_at"})
STATES = {"": SuggestionStatus.OPEN, **{s.name.lower().replace("_", "-"): s for s in SuggestionStatus}}


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=200, now=NOW)


@pytest.fixture(scope="module")
def suggestions(world: World) -> Suggestions:
    return Suggestions(world)


def opened(world: World) -> tuple[Discourse, Line]:
    line = Line(mock.create(world, None))
    return discourse(line, mock.KEY), line


def topic(number: int = 5, category: int | None = 5, **more: Any) -> dict[str, Any]:
    return {"id": number, "title": "Dark mode", "created_at": AT, "category_id": category, "tags": [], **more}


def whole(number: int = 5, cooked: str = "<p>x</p>", **more: Any) -> Reply:
    details = {"created_by": {"username": "ann"}}
    stream = {"posts": [{"post_number": 1, "cooked": cooked}]}
    return said(topic(number, **{"post_stream": stream, "details": details, "vote_count": 3, **more}))


def found(*topics: Any, username: str = "ann", more: bool | None = None, **grouped: Any) -> Reply:
    posts = [{"topic_id": one["id"], "post_number": 1, "username": username} for one in topics]
    told = {"more_full_page_results": more, "error": None, **grouped}
    return said({"posts": posts, "topics": list(topics), "grouped_search_result": told})


async def error_of(answer: Reply, operation: str = "suggestions", key: str = "5") -> Any:
    return (await put(discourse(Scripted(answer)), operation, [key]))[key].error


def same(one: Any, wanted: Suggestion) -> bool:
    return (one.id, one.title, one.status, one.sku, one.username, one.suggested_at) == (
        str(wanted.id),
        wanted.title,
        STATES[wanted.state],
        wanted.sku or None,
        wanted.author.username,
        wanted.created,
    )


# ---- what is asked


async def test_a_list_is_one_search_and_each_topic_only_when_its_text_or_votes_are_wanted() -> None:
    line = Scripted(found(topic()), whole())
    await put(discourse(line), "suggestions_by", ["ann"], LISTED)
    assert [(path(one), asked_for(one)) for one in line.asked] == [
        ("/search.json", {"q": "@ann #ideas in:first order:latest", "page": "1"})
    ]
    assert dict(line.asked[0].headers) == {"api-key": "word", "api-username": "system", "accept": "application/json"}
    line = Scripted(found(topic()), whole())
    told = await put(discourse(line), "suggestions_by", ["ann"], ["votes"])
    assert [path(one) for one in line.asked] == ["/search.json", "/t/5.json"]
    assert told["ann"].value.suggestions[0].votes == 3


async def test_ten_products_are_one_search() -> None:
    line = Scripted(found())
    await put(discourse(line), "suggestions_about", [f"SKU{n}" for n in range(20)], LISTED)
    assert len(line.asked) == 2
    assert asked_for(line.asked[0])["q"].split()[0] == "tags:" + ",".join(f"sku-sku{n}" for n in range(10))


async def test_what_is_no_key_is_never_sent() -> None:
    line = Scripted(found())
    for operation in ("suggestions", "suggestions_by"):
        await put(discourse(line), operation, ["", "a b", "@x", "1/2", "ü y", "x" * 99, None, 5])
    await put(discourse(line), "suggestions_about", ["", "x" * 61, None])
    assert line.asked == []


@given(st.text(max_size=80))
def test_of_a_text_only_words_are_searched_for(text: str) -> None:
    line = Scripted(found())
    told = asyncio.run(put(discourse(line), "search", [text], LISTED))
    if not line.asked:
        assert isinstance(told[text].error, Unusable)
        return
    words = asked_for(line.asked[0])["q"].removesuffix(" #ideas in:first order:latest")
    assert not set(words) & set('@#:",+<>')


# ---- what the answer means


@pytest.mark.parametrize("file", [None, FILE])
async def test_every_suggestion_of_the_company_is_told_as_it_is(file: Path | None) -> None:
    world = open_world(file, customers=200, now=None if file else NOW)
    suggestions = Suggestions(world)
    one, _ = opened(world)
    wanted = {str(each.id): each for each in map(suggestions.at, range(len(suggestions)))}
    keys = list(wanted)
    for start in range(0, len(keys), 20):
        told = await put(one, "suggestions", keys[start : start + 20])
        for key, outcome in told.items():
            assert same(outcome.value, wanted[key])
            assert outcome.value.votes == wanted[key].votes
            assert outcome.value.body.html == html.html(suggestions.posts(wanted[key])[0].html)


async def test_lists_are_whose_they_are(world: World, suggestions: Suggestions) -> None:
    one, _ = opened(world)
    everything = [suggestions.at(rank) for rank in range(len(suggestions) - 1, -1, -1)]
    names = list(dict.fromkeys(each.author.username for each in everything))[:12]
    told = await put(one, "suggestions_by", [*names, "nobody"], LISTED, first=100)
    for name in names:
        wanted = [each for each in everything if each.author.username == name]
        assert len(told[name].value.suggestions) == len(wanted)
        assert all(map(same, told[name].value.suggestions, wanted))
    assert told["nobody"].value.suggestions == []
    skus = list(dict.fromkeys(each.sku for each in everything if each.sku))[:15]
    about = await put(one, "suggestions_about", [*skus, "O'HARA\" OR '1'='1"], LISTED, first=100)
    for sku in skus:
        wanted = [each for each in everything if each.sku == sku]
        assert [each.id for each in about[sku].value.suggestions] == [str(each.id) for each in wanted]


async def test_a_list_is_read_page_by_page_to_its_end(world: World, suggestions: Suggestions) -> None:
    one, _ = opened(world)
    user = suggestions.user(1)
    assert user is not None
    seen, after = list[Any](), None
    for _ in range(99):
        told = (await put(one, "suggestions_by", [user.username], LISTED, first=7, after=after))[user.username].value
        seen += told.suggestions
        if not told.has_next:
            break
        after = (told.suggestions[-1].suggested_at.isoformat(), told.suggestions[-1].id)
    assert len(seen) == 45 == len({each.id for each in seen})
    assert all(one.suggested_at >= other.suggested_at for one, other in pairwise(seen))


async def test_topics_of_other_categories_and_other_people_are_not_there() -> None:
    for answer in (whole(category_id=3), whole(category_id=None)):
        assert (await put(discourse(Scripted(answer)), "suggestions", ["5"]))["5"].value is None
    line = Scripted(found(topic(category=3)))
    assert (await put(discourse(line), "suggestions_by", ["ann"], LISTED))["ann"].value.suggestions == []
    line = Scripted(found(topic(), username="bob"))
    assert (await put(discourse(line), "suggestions_by", ["ann"], LISTED))["ann"].value.suggestions == []
    line = Scripted(found(topic(tags=["sku-other"])))
    assert (await put(discourse(line), "suggestions_about", ["A"], LISTED))["A"].value.suggestions == []


@pytest.mark.parametrize("given", [["planned", "sku-a"], [{"id": 1, "name": "planned"}, {"id": 2, "name": "sku-a"}]])
async def test_tags_are_names_or_objects(given: list[Any]) -> None:
    told = (await put(discourse(Scripted(whole(tags=given))), "suggestions", ["5"]))["5"].value
    assert (told.status, told.sku) == (SuggestionStatus.PLANNED, "A")


async def test_a_topic_that_has_moved_is_asked_for_where_it_is() -> None:
    line = Scripted(said(b"", 301, location="/t/dark-mode/5.json"), whole())
    assert (await put(discourse(line), "suggestions", ["5"]))["5"].value.title == "Dark mode"
    assert [one.target for one in line.asked] == ["/t/5.json", "/t/dark-mode/5.json"]


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/t/x/5.json", "//evil.example/t/x/5.json", "/t/x/6.json", "/login", "", "/t/x/5.json?api=1"],
)
async def test_nobody_is_followed_anywhere_else(to: str) -> None:
    line = Scripted(said(b"", 301, location=to), whole())
    assert type((await put(discourse(line), "suggestions", ["5"]))["5"].error) is Refused
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said({"error_type": "invalid_access"}, 403), Refused),
        (said({"error_type": "invalid_parameters"}, 422), Refused),
        (said({}, 429), Throttled),
        (page("<html>429</html>", 429), Throttled),
        (said({}, 500), Unavailable),
        (page("<html>bad gateway</html>", 502), Unavailable),
        (page("<html>login</html>", 200), Garbled),
        (said(b"{"), Garbled),
        (said(b"[" * 100_000), Garbled),
        (said({"id": "5"}), Garbled),
        (whole(6), Garbled),
        (said({**topic(), "created_at": "yesterday"}), Garbled),
        (whole(cooked="x" * 200_001), Garbled),
    ],
)
async def test_every_answer_means_something(answer: Reply, kind: type[Exception]) -> None:
    assert type(await error_of(answer)) is kind


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_gone_is_not_there(status: int) -> None:
    told = await put(discourse(Scripted(said({}, status))), "suggestions", ["5"])
    assert (told["5"].value, told["5"].error) == (None, None)
    assert type(await error_of(said({}, status), "suggestions_by", "ann")) is Refused


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (said({"error_type": "rate_limit", "extras": {"wait_seconds": 24}}, 429, retry_after="9"), 24),
        (said({"error_type": "rate_limit"}, 429, retry_after="9"), 9),
        (page("<html><center>nginx</center></html>", 429), 1),
        (page("<html></html>", 429, retry_after="nan"), 1),
        (said({"extras": {"wait_seconds": -3}}, 429), 1),
        (said({"extras": {"wait_seconds": 1e300}}, 429), 86_400),
        (said({"extras": "soon"}, 429), 1),
    ],
)
async def test_a_throttled_answer_says_how_long_to_wait(answer: Reply, seconds: float) -> None:
    for operation, key in (("suggestions", "5"), ("suggestions_by", "ann"), ("suggestions_about", "A")):
        error = await error_of(answer, operation, key)
        assert (type(error), error.retry_after) == (Throttled, seconds)


async def test_one_topic_that_fails_costs_only_its_own_key() -> None:
    def answer(request: Request) -> Reply:
        return said({}, 500) if path(request) == "/t/6.json" else whole(5)

    told = await put(discourse(Scripted(answer)), "suggestions", ["5", "6"])
    assert told["5"].value.title == "Dark mode"
    assert type(told["6"].error) is Unavailable


async def test_a_search_that_ends_badly_or_never_is_not_believed() -> None:
    assert type(await error_of(found(error="timeout"), "suggestions_by", "ann")) is Garbled
    endless = Scripted(found(topic(), more=True))
    told = await put(discourse(endless), "suggestions_about", ["B"], LISTED)
    assert isinstance(told["B"].error, Unusable)
    assert len(endless.asked) == 10


@pytest.mark.parametrize("after", [("x", "y"), ("2026-01-01T00:00:00+00:00",), ()])
async def test_a_place_that_is_none_is_the_caller_s_mistake(after: tuple[str, ...]) -> None:
    told = await put(discourse(Scripted(found())), "suggestions_by", ["ann"], LISTED, after=after)
    assert isinstance(told["ann"].error, Unusable)


async def test_accounts_are_learned_by_change(world: World, suggestions: Suggestions) -> None:
    one, line = opened(world)
    users = list(suggestions.users())
    everybody = [user async for page in one.users_changed_since(Deadline(20)) for user in page]
    assert [(each.username, each.email) for each in everybody] == [(each.username, each.email) for each in users]
    line.asked.clear()
    since = users[2].created
    recent = [user async for page in one.users_changed_since(Deadline(20), since) for user in page]
    assert [each.username for each in recent] == [each.username for each in users if each.created >= since]
    assert len(line.asked) == 1
    assert "ip_address" not in str(everybody)


# ---- what members wrote


@pytest.mark.parametrize(
    ("cooked", "safe", "plain"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>", "ab"),
        ("<img src=x onerror=alert(1)>", "", ""),
        ('<a href="javascript:alert(1)">go</a>', "go", "go"),
        ('<a href="//evil.example/">go</a>', "go", "go"),
        ('<a class="mention" href="/u/ann">@ann</a>', "@ann", "@ann"),
        ('<img class="emoji" src="/x.png" alt=":smile:">', ":smile:", ":smile:"),
        ('<img src="/x.png" alt="&lt;b&gt;">', "&lt;b&gt;", "<b>"),
        ('<iframe src="https://evil.example"></iframe>x', "x", "x"),
        ("<form><input name=q>steal</form>kept", "kept", "kept"),
        ('<p style="position:fixed" onclick="x()">y</p>', "<p>y</p>", "y"),
        ("<svg><a href='javascript:1'>x</a></svg>", "", ""),
        ("<p>1</p><ul><li>a</li><li>b</li></ul>", "<p>1</p><ul><li>a</li><li>b</li></ul>", "1\n\n- a\n- b"),
        ("x &lt; 1 &amp; y", "x &lt; 1 &amp; y", "x < 1 & y"),
        ("<!-- CANARY --><p>x</p>", "<p>x</p>", "x"),
        ("<aside><p>@ann</p></aside><a>x</a>", "<aside><p>@ann</p></aside>x", "@ann\n\nx"),
        ('<img alt="\ufeff"><p>x</p>', "<p>x</p>", "x"),
        ("\ufeff\ufeff\ufeffx", "x", "x"),
        ("<img alt='\"a\" &amp; <b>'>", '"a" &amp; &lt;b&gt;', '"a" & <b>'),
    ],
)
def test_what_members_wrote_is_safe_to_show(cooked: str, safe: str, plain: str) -> None:
    assert html.html(cooked) == safe
    assert html.text(html.html(cooked)) == plain


def test_links_and_pictures_that_lead_somewhere_stay() -> None:
    kept = html.html(
        '<a href="https://x.example/?a=1&amp;b=2">l</a><img src="https://x.example/p.png" alt="A &quot;p">'
    )
    assert 'href="https://x.example/?a=1&amp;b=2"' in kept
    assert '<img src="https://x.example/p.png" alt="A &quot;p">' in kept


@given(st.text(max_size=200))
def test_nothing_written_gets_a_script_an_event_or_a_strange_address_through(text: str) -> None:
    for cooked in (text, f"<p>{text}</p>", f'<a href="{text}">x</a>', f'<img alt="{text}">', f"<b {text}>x</b>"):
        safe = html.html(cooked)
        assert html.html(safe) == safe, cooked
        assert "<script" not in safe.lower()
        assert "javascript:" not in safe.lower() or "javascript:" in text.lower()


@given(st.text(min_size=1, max_size=60))
def test_a_tag_leads_back_to_its_sku(sku: str) -> None:
    tag = tags.tag("sku-", sku)
    assert tag is not None
    assert tags.sku("sku-", tag) == sku
    assert tag == tag_of(sku)
    assert not set(tag) & set(' ,+:@#"')


@pytest.mark.parametrize("tag", ["planned", "sku-", "sku-a b", "sku-_110000_", "sku-__", "SKU-a"])
def test_what_names_no_product_is_none(tag: str) -> None:
    assert tags.sku("sku-", tag) is None


# ---- its limits


async def test_sixty_a_minute_and_a_dozen_a_second_are_never_passed(world: World, suggestions: Suggestions) -> None:
    line = Line(mock.create(world))
    one = discourse(line, mock.KEY, per_minute="20")
    numbers = [str(suggestions.at(rank).id) for rank in range(50)]
    told = await asyncio.gather(*(put(one, "suggestions", [number], ["title"], seconds=3.0) for number in numbers))
    assert set(line.statuses) <= {200, 301}
    assert len(line.statuses) == 20
    errors = [outcome.error for each in told for outcome in each.values() if outcome.error]
    assert Counter(type(error).__name__ for error in errors) == {"Paced": len(errors)}
    assert all(0 < error.retry_after <= 62 for error in errors)


async def test_no_more_than_four_are_asked_at_the_same_time() -> None:
    inside = most = 0

    async def slow(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.005)
        inside -= 1
        return whole(int(path(request).removeprefix("/t/").removesuffix(".json")))

    assert Discourse.bears.at_once == 4
    one = discourse(slow)
    await asyncio.gather(*(put(one, "suggestions", [str(number)]) for number in range(50)))
    assert most == 4


@pytest.mark.parametrize("options", [{"per_minute": "many"}, {"category_id": "ideas"}])
def test_settings_that_mean_nothing_stop_the_start(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="discourse: "):
        discourse(Scripted(found()), **options)
