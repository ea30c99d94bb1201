"""The marketing system's adapter: what it asks, whose answer it is, and what answers mean that no system should give."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mocks import hubspot as mock
from mocks.world import World, open_world
from mocks.world.audience import Audience
from resolvers.backends.base import (
    Deadline,
    Garbled,
    Outcome,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Unusable,
)
from resolvers.backends.hubspot import Campaign, Consent, HubSpot, Metrics, place
from schema.marketing import CampaignStatus, ConsentPurpose, ConsentState, TouchKind
from tests.resolvers.backends.voices_wire import Line, Scripted, asked_for, hubspot, page, path, put, said

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
FILE = Path(__file__).parents[2] / "data" / "superstore.csv"
AT = "2026-03-01T10:00:00.000Z"
KINDS = {
    "SENT": TouchKind.SENT,
    "DELIVERED": TouchKind.DELIVERED,
    "OPEN": TouchKind.OPENED,
    "CLICK": TouchKind.CLICKED,
    "BOUNCE": TouchKind.BOUNCED,
    "VISIT": TouchKind.VISITED,
    "FORM": TouchKind.FORM,
}
STATES = {
    "SUBSCRIBED": ConsentState.GRANTED,
    "UNSUBSCRIBED": ConsentState.REFUSED,
    "NOT_SPECIFIED": ConsentState.UNSAID,
}


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=120, now=NOW)


@pytest.fixture(scope="module")
def audience(world: World) -> Audience:
    return Audience(world)


def opened(world: World) -> tuple[HubSpot, Line]:
    line = Line(mock.create(world, None))
    return hubspot(line, mock.TOKEN, per_ten_seconds="0", searches_per_second="0"), line


def row(key: str, **properties: str | None) -> dict[str, Any]:
    return {"id": key, "properties": properties, "createdAt": AT, "updatedAt": AT}


def batch(*rows: Any, errors: Any = (), status: int = 200) -> Reply:
    return said({"status": "COMPLETE", "results": rows, "numErrors": len(errors), "errors": errors}, status)


def mail(
    key: str, created: int, kind: str = "OPEN", recipient: str = "a@b.example", sending: int = 7
) -> dict[str, Any]:
    return {"id": key, "created": created, "type": kind, "recipient": recipient, "emailCampaignId": sending}


async def error_of(answer: Reply, operation: str = "campaigns", key: str = "a1") -> Any:
    return (await put(hubspot(Scripted(answer)), operation, [key]))[key].error


# ---- what is asked


async def test_campaigns_are_asked_for_fifty_at_a_time_with_only_the_properties_wanted() -> None:
    line = Scripted(batch(row("a1", hs_name="Spring")))
    found = await put(hubspot(line), "campaigns", ["a1", "a2"], ["name", "ends_on"])
    (request,) = line.asked
    assert (request.method, path(request)) == ("POST", "/marketing/v3/campaigns/batch/read")
    assert asked_for(request) == {"properties": "hs_name,hs_end_date"}
    assert json.loads(request.body) == {"inputs": [{"id": "a1"}, {"id": "a2"}]}
    assert dict(request.headers)["authorization"] == "Bearer word"
    assert (found["a1"].value, found["a2"].value) == (Campaign("a1", name="Spring"), None)
    assert HubSpot.campaigns.limit == 50
    assert HubSpot.consents.limit == 100


async def test_what_is_no_key_is_never_sent() -> None:
    line = Scripted(batch())
    for operation in ("campaigns", "campaign_metrics", "touches"):
        await put(hubspot(line), operation, ["", "a/b", "x" * 99, "1?a=b", None, 5, "\ud800"])
    assert line.asked == []


async def test_notes_addresses_and_explanations_are_never_asked_for(world: World, audience: Audience) -> None:
    one, line = opened(world)
    await put(one, "campaigns", [audience.campaigns.all[0].guid])
    await put(one, "touches", [audience.contact_id(0)])
    await put(one, "consents", [audience.contact_id(0)])
    _ = [page async for page in one.contacts_changed_since(Deadline(20))]
    sent = " ".join(request.target + request.body.decode() for request in line.asked)
    assert "notes" not in sent
    assert "hs_budget" not in sent


# ---- what the answer means


async def test_an_answer_in_business_words() -> None:
    told = {
        "hs_name": "Spring upgrade",
        "hs_campaign_status": "in_progress",
        "hs_start_date": "2024-03-01",
        "hs_end_date": "2024-04-30T00:00:00Z",
        "product_line": "CHAIRS",
        "product_skus": "A;B; C;",
    }
    found = await put(hubspot(Scripted(batch(row("a1", **told)))), "campaigns", ["a1"])
    assert found["a1"].value == Campaign(
        "a1",
        "Spring upgrade",
        CampaignStatus.IN_PROGRESS,
        date(2024, 3, 1),
        date(2024, 4, 30),
        "CHAIRS",
        ["A", "B", " C"],
    )
    strange = await put(hubspot(Scripted(batch(row("a1", hs_campaign_status="hibernating")))), "campaigns", ["a1"])
    assert strange["a1"].value == Campaign("a1", status=CampaignStatus.OTHER, skus=[])
    broken = await put(hubspot(Scripted(batch(row("a1", hs_start_date="soon"), row("a2")))), "campaigns", ["a1", "a2"])
    assert (type(broken["a1"].error), broken["a2"].error) == (Garbled, None)


async def test_each_part_of_a_207_has_an_outcome_of_its_own() -> None:
    errors = [
        {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["a2"]}},
        {"category": "INTERNAL_ERROR", "context": {"ids": ["a3"]}},
        {"category": "FORBIDDEN", "context": {"id": ["a4"]}},
        {"category": "RATE_LIMITS", "context": {}},
    ]
    found = await put(
        hubspot(Scripted(batch(row("a1"), errors=errors, status=207))),
        "campaigns",
        ["a1", "a2", "a3", "a4", "a5"],
        ["id"],
    )
    assert found["a1"].value == Campaign("a1")
    kinds = {key: type(one.error) for key, one in found.items()}
    assert kinds["a1"] is type(None)
    assert kinds["a5"] is Throttled
    del errors[3]
    found = await put(
        hubspot(Scripted(batch(row("a1"), errors=errors, status=207))), "campaigns", ["a1", "a2", "a3", "a4"], ["id"]
    )
    assert [type(found[key].error) for key in ("a2", "a3", "a4")] == [type(None), Unavailable, Refused]
    assert found["a2"].value is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said({"category": "INVALID_AUTHENTICATION"}, 401), Refused),
        (said({"category": "MISSING_SCOPES"}, 403), Refused),
        (said({"category": "VALIDATION_ERROR"}, 400), Refused),
        (said({}, 404), Refused),
        (said({}, 423), Throttled),
        (said({}, 477), Unavailable),
        (said({}, 500), Unavailable),
        (page("<html>busy</html>", 502), Unavailable),
        (said(b"", 302, location="https://evil.example/"), Refused),
        (page("<html>login</html>", 200), Garbled),
        (said(b"{"), Garbled),
        (said(b"[" * 100_000), Garbled),
        (said({"results": None}), Garbled),
        (said({"results": [{"id": "a1", "properties": {}, "updatedAt": "2024-01-01T00:00:00"}]}), Garbled),
        (said({"results": [{"id": "a1", "properties": {"hs_name": 5}, "updatedAt": AT}]}), Garbled),
        (batch(row("somebody-else")), Garbled),
    ],
)
async def test_every_answer_means_something(answer: Reply, kind: type[Exception]) -> None:
    assert type(await error_of(answer)) is kind


@pytest.mark.parametrize(
    ("headers", "policy", "least", "most"),
    [
        ({}, "TEN_SECONDLY_ROLLING", 10, 10),
        ({}, "SECONDLY", 1, 1),
        ({}, "DAILY", 0.001, 86_400),
        ({}, "", 10, 10),
        ({"retry_after": "3"}, "TEN_SECONDLY_ROLLING", 3, 3),
        ({"retry_after": "nan"}, "SECONDLY", 1, 1),
        ({"retry_after": "-5"}, "SECONDLY", 1, 1),
    ],
)
async def test_a_throttled_answer_says_how_long_to_wait(
    headers: dict[str, str], policy: str, least: float, most: float
) -> None:
    error = await error_of(said({"policyName": policy, "errorType": "RATE_LIMIT"}, 429, **headers))
    assert type(error) is Throttled
    assert least <= error.retry_after <= most
    bare = await error_of(page("<html>Too many</html>", 429))
    assert bare.retry_after == 10


async def test_what_the_system_says_about_a_failure_stays_out_of_the_log() -> None:
    error = await error_of(said({"category": "VALIDATION_ERROR", "message": "CANARY a@b.example"}, 400))
    assert "CANARY" not in str(error)
    assert "@" not in str(error)


# ---- touches


async def test_two_histories_make_one_list(world: World, audience: Audience) -> None:
    one, line = opened(world)
    keys = [str(audience.contact_id(index)) for index in (0, 1, 4)]
    found = await put(one, "touches", [*keys, "999"], first=100)
    for index, key in zip((0, 1, 4), keys, strict=True):
        told = found[key].value
        wanted = sorted(audience.touches(index), key=lambda touch: touch.at, reverse=True)
        assert [touch.at for touch in told.touches] == [touch.at for touch in wanted[:100]]
        assert Counter((t.kind, t.campaign_id) for t in told.touches) == Counter(
            (KINDS[t.kind], t.email.campaign.guid) for t in wanted[:100]
        )
        assert told.has_next is (len(wanted) > 100)
        subjects = {touch.subject for touch in told.touches if touch.subject}
        assert subjects <= {email.subject for email in audience.campaigns.emails}
    assert found["999"].value.touches == []
    assert Counter(path(request) for request in line.asked)["/crm/v3/objects/contacts/batch/read"] == 1


async def test_a_history_is_read_page_by_page_to_its_end(world: World, audience: Audience) -> None:
    one, _ = opened(world)
    key, seen, after = str(audience.contact_id(1)), list[Any](), None
    for _ in range(99):
        told = (await put(one, "touches", [key], ["at", "kind"], first=7, after=after))[key].value
        seen += told.touches
        if not told.has_next:
            break
        at, last = place(told.touches[-1])
        after = (at.isoformat(), last)
    assert len(seen) == len(audience.touches(1)) == len({touch.id for touch in seen})
    assert all(one.at >= other.at for one, other in pairwise(seen))


async def test_e_mails_are_listed_once_in_a_while_and_only_for_who_wants_them(world: World, audience: Audience) -> None:
    one, line = opened(world)
    for columns in (["at", "kind"], ["subject"], ["campaign_id"]):
        await put(one, "touches", [str(audience.contact_id(1))], columns)
    assert [path(request) for request in line.asked].count("/marketing/v3/emails") == 2  # two pages, read once


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ({"events": [mail("e", 1, recipient="other@b.example")], "hasMore": False}, Garbled),
        ({"events": [], "hasMore": True, "offset": "x"}, Garbled),
        ({"events": [mail("e", -1)], "hasMore": False}, Garbled),
        ({"events": [mail("e", 10**15)], "hasMore": False}, Garbled),
        ({"events": [mail("e", 5)], "hasMore": True, "offset": ""}, Garbled),
    ],
)
async def test_a_history_that_does_not_add_up_is_not_believed(events: Any, kind: type[Exception]) -> None:
    def answer(request: Request) -> Reply:
        if "batch/read" in request.target:
            return batch(row("501", email="a@b.example"))
        return said(events) if "email/public" in request.target else said({"results": []})

    found = await put(hubspot(Scripted(answer)), "touches", ["501"], ["at"], first=3)
    assert type(found["501"].error) is kind


async def test_one_history_that_fails_costs_only_its_own_contact() -> None:
    def answer(request: Request) -> Reply:
        if "batch/read" in request.target:
            return batch(row("501", email="a@b.example"), row("502", email="b@b.example"), row("503", email=None))
        if "email/public" in request.target:
            broken = asked_for(request)["recipient"] == "b@b.example"
            return said({}, 500) if broken else said({"events": [mail("e", 5)], "hasMore": False})
        event = {"id": "f", "objectId": asked_for(request)["objectId"], "eventType": "e_new_kind", "occurredAt": AT}
        return said({"results": [event]})

    found = await put(hubspot(Scripted(answer)), "touches", ["501", "502", "503"], ["at", "kind"], first=3)
    assert [touch.kind for touch in found["501"].value.touches] == [TouchKind.OTHER, TouchKind.OPENED]
    assert type(found["502"].error) is Unavailable
    assert [touch.id for touch in found["503"].value.touches] == ["f"]


@pytest.mark.parametrize("after", [("x", "y"), ("2026-01-01T00:00:00+00:00",), ()])
async def test_a_place_that_is_none_is_the_caller_s_mistake(after: tuple[str, ...]) -> None:
    found = await put(hubspot(Scripted(batch())), "touches", ["501"], after=after)
    assert isinstance(found["501"].error, Unusable)


# ---- consents


async def test_consents_are_those_of_the_company(world: World, audience: Audience) -> None:
    one, line = opened(world)
    people = {str(audience.contact_id(i)): i for i in world.customers() if audience.contact_id(i)}
    keys = list(people)[:100]
    found = await put(one, "consents", [*keys[:99], "999"])
    for key in keys[:99]:
        wanted = audience.subscriptions(people[key])
        assert [(c.state, c.name) for c in found[key].value] == [(STATES[one.status], one.name) for one in wanted]
        assert [c.purpose for c in found[key].value] == list(ConsentPurpose)[:3]
    assert found["999"].value == []
    assert len(line.asked) == 2


async def test_who_is_unknown_takes_as_many_questions_as_who_is_known(world: World, audience: Audience) -> None:
    one, line = opened(world)
    await put(one, "consents", [str(audience.contact_id(0))])
    known = [(request.method, path(request)) for request in line.asked]
    line.asked.clear()
    await put(one, "consents", ["90000000000000000001"])
    assert [(request.method, path(request)) for request in line.asked] == known


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([{"subscriptionId": 1001, "status": "MAYBE"}], Garbled),
        ([{"subscriptionId": "1001", "status": "SUBSCRIBED"}], Garbled),
        ([{"status": "SUBSCRIBED"}], Garbled),
    ],
)
async def test_a_consent_that_cannot_be_read_is_none(statuses: Any, kind: type[Exception]) -> None:
    answers = [
        batch(row("501", email="a@b.example")),
        said({"results": [{"subscriberIdString": "A@b.example", "statuses": statuses}]}),
    ]
    assert type((await put(hubspot(Scripted(*answers)), "consents", ["501"]))["501"].error) is kind


async def test_the_consent_of_somebody_else_is_not_taken_for_ours() -> None:
    other = {"subscriberIdString": "c@b.example", "statuses": []}
    answers = [batch(row("501", email="a@b.example")), said({"results": [other]})]
    assert type((await put(hubspot(Scripted(*answers)), "consents", ["501"]))["501"].error) is Garbled


async def test_a_kind_that_nobody_has_told_us_of_is_another_purpose() -> None:
    status = {"subscriptionId": 77, "status": "UNSUBSCRIBED", "subscriptionName": "Jobs", "timestamp": AT}
    answers = [
        batch(row("501", email="a@b.example")),
        said({"results": [{"subscriberIdString": "a@b.example", "statuses": [status]}]}),
    ]
    found = await put(hubspot(Scripted(*answers)), "consents", ["501"])
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found["501"].value == [Consent(ConsentPurpose.OTHER, ConsentState.REFUSED, "Jobs", at)]


# ---- the rest of what can be asked


async def test_campaigns_are_found_by_a_part_of_their_name(world: World, audience: Audience) -> None:
    one, line = opened(world)
    found = (await put(one, "find_campaigns", ["light"], ["name"], first=3))["light"].value
    wanted = [each for each in audience.campaigns.all if "light" in each.name.lower()]
    assert len(found.campaigns) == 3
    assert {each.name for each in found.campaigns} <= {each.name for each in wanted}
    assert len(line.asked) == 1
    for text in ("", "  ", "x" * 201, "a\nb"):
        assert isinstance((await put(one, "find_campaigns", [text]))[text].error, Unusable)


async def test_metrics_are_told_of_one_campaign_at_a_time(world: World, audience: Audience) -> None:
    one, _ = opened(world)
    guid = audience.campaigns.all[0].guid
    assert (await put(one, "campaign_metrics", [guid]))[guid].value == Metrics(120, 40, 4)
    assert HubSpot.campaign_metrics.limit == 1


@pytest.mark.parametrize("file", [None, FILE])
async def test_contacts_are_learned_from_the_list_and_then_by_change(file: Path | None) -> None:
    world = open_world(file, customers=150, now=None if file else NOW)
    audience = Audience(world)
    one, line = opened(world)
    known = [contact async for page in one.contacts_changed_since(Deadline(20)) for contact in page]
    wanted = {audience.contact_id(index): index for index in world.customers() if audience.contact_id(index)}
    assert {contact.id for contact in known} == wanted.keys()
    for contact in known:
        person = world.customer(wanted[contact.id])
        assert contact.email == person.email.lower()
        assert contact.number in (person.number, None)
    assert not any("search" in request.target for request in line.asked)
    moments = sorted(contact.updated for contact in known)
    recent = [c async for page in one.contacts_changed_since(Deadline(20), moments[-10]) for c in page]
    assert [c.updated for c in recent] == [moment for moment in moments if moment >= moments[-10]]
    assert "search" in line.asked[-1].target


async def test_a_search_past_its_ten_thousand_rows_begins_anew() -> None:
    begun: list[Any] = []

    def answer(request: Request) -> Reply:
        body = json.loads(request.body)
        since, after = body["filterGroups"][0]["filters"][0]["value"], body.get("after", "0")
        begun.append((since, after))
        at = datetime.fromtimestamp(int(since) / 1000, UTC) + timedelta(seconds=1)
        rows = [{**row("1"), "updatedAt": at.isoformat()}]
        more = {"paging": {"next": {"after": "9800" if after == "0" else "9900"}}} if len(begun) < 2 else {}
        return said({"results": rows, **more})

    one = hubspot(Scripted(answer))
    pages = [page async for page in one.contacts_changed_since(Deadline(20), datetime(2026, 1, 1, tzinfo=UTC))]
    assert len(pages) == 2
    assert [after for _, after in begun] == ["0", "0"]
    assert int(begun[1][0]) == int(begun[0][0]) + 1000


# ---- its limits


async def test_a_hundred_requests_in_ten_seconds_are_never_passed(world: World, audience: Audience) -> None:
    line = Line(mock.create(world, mock.Limits()))
    one = hubspot(line, mock.TOKEN)
    keys = [str(audience.contact_id(index)) for index in world.customers() if audience.contact_id(index)][:50]

    async def ask(key: str) -> Outcome[Any]:
        return (await put(one, "touches", [key], ["at"], seconds=2.0, first=1))[key]

    told = await asyncio.gather(*map(ask, keys))
    assert set(line.statuses) == {200}
    assert len(line.statuses) == 100
    errors = [outcome.error for outcome in told if outcome.error]
    assert {error.code for error in errors} == {"BACKEND_THROTTLED"}
    assert all(error.reason == "NOT_LOADED" and 0 < error.retry_after <= 10.3 for error in errors)
    assert len(errors) >= 16


async def test_searches_keep_their_own_pace(world: World) -> None:
    line = Line(mock.create(world))
    one = hubspot(line, mock.TOKEN)
    since = NOW - timedelta(hours=1)

    async def search() -> None:
        _ = [page async for page in one.contacts_changed_since(Deadline(20), since)]

    await asyncio.gather(*(search() for _ in range(7)))
    assert line.statuses == [200] * 7


@pytest.mark.parametrize(
    "options",
    [
        {"subscriptions": "1001=EVERYTHING"},
        {"subscriptions": "x=MARKETING"},
        {"per_ten_seconds": "many"},
        {"timezone": "Mars/Phobos"},
    ],
)
def test_settings_that_mean_nothing_stop_the_start(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="hubspot: "):
        hubspot(Scripted(batch()), **options)
