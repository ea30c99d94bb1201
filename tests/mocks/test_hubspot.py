"""The marketing system, asked over HTTP as its own clients ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mocks import hubspot
from mocks.control import controlled
from mocks.world import World, open_world
from mocks.world.audience import Audience

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
BATCH = "/marketing/v3/campaigns/batch/read"
CONTACTS = "/crm/v3/objects/contacts"
STATUSES = "/communication-preferences/v4/statuses"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=120, now=NOW)


@pytest.fixture(scope="module")
def audience(world: World) -> Audience:
    return Audience(world)


@pytest.fixture
async def hub(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client(hubspot.create(world, hubspot.Limits())) as opened:
        yield opened


def client(app: Any, token: str = hubspot.TOKEN) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.example", headers=headers)


def inputs(*ids: str) -> dict[str, Any]:
    return {"inputs": [{"id": one} for one in ids]}


def contacts(world: World, audience: Audience) -> list[int]:
    return [index for index in world.customers() if audience.contact_id(index)]


# ---- access and limits


async def test_a_token_opens_what_it_has_scopes_for(world: World) -> None:
    app = hubspot.create(world)
    async with client(app, "") as stranger, client(app, "wrong") as liar, client(app, hubspot.NARROW_TOKEN) as narrow:
        for one in (stranger, liar):
            reply = await one.get("/marketing/v3/campaigns")
            assert (reply.status_code, reply.json()["category"]) == (401, "INVALID_AUTHENTICATION")
        reply = await narrow.get("/marketing/v3/campaigns")
        assert reply.status_code == 403
        assert reply.json()["errors"][0]["context"] == {"missingScopes": ["marketing.campaigns.read"]}
        assert (await narrow.get(CONTACTS)).status_code == 200


async def test_the_hundred_and_first_request_in_ten_seconds_is_one_too_many(hub: httpx.AsyncClient) -> None:
    first = await hub.get("/events/v3/events/event-types")
    assert first.headers["x-hubspot-ratelimit-max"] == "100"
    assert first.headers["x-hubspot-ratelimit-remaining"] == "99"
    assert first.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert first.headers["x-hubspot-ratelimit-daily-remaining"] == "249999"
    replies = [await hub.get("/events/v3/events/event-types") for _ in range(100)]
    assert [one.status_code for one in replies] == [200] * 99 + [429]
    body = replies[-1].json()
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert (body["errorType"], body["policyName"], body["category"]) == (
        "RATE_LIMIT",
        "TEN_SECONDLY_ROLLING",
        "RATE_LIMITS",
    )


async def test_the_day_and_the_searches_have_limits_of_their_own(world: World) -> None:
    async with client(hubspot.create(world, hubspot.Limits(day=2))) as hub:
        policies = [(await hub.get("/events/v3/events/event-types")).json().get("policyName") for _ in range(3)]
        assert policies == [None, None, "DAILY"]
    async with client(hubspot.create(world)) as hub:
        replies = [await hub.post(f"{CONTACTS}/search", json={}) for _ in range(6)]
        assert [one.status_code for one in replies] == [200] * 5 + [429]
        assert replies[-1].json()["policyName"] == "SECONDLY"
        assert not any(name.startswith("x-hubspot") for one in replies for name in one.headers)


# ---- campaigns


async def test_a_campaign_shows_the_properties_asked_for_as_texts(hub: httpx.AsyncClient, audience: Audience) -> None:
    one = audience.campaigns.all[0]
    bare = (await hub.get(f"/marketing/v3/campaigns/{one.guid}")).json()
    assert bare["properties"] == {"hs_name": one.name}
    wanted = {"properties": "hs_start_date,product_skus,hs_notes,nonsense"}
    dated = (await hub.get(f"/marketing/campaigns/2026-03/{one.guid}", params=wanted)).json()
    assert dated["properties"] == {
        "hs_start_date": one.starts.isoformat(),
        "product_skus": ";".join(one.skus),
        "hs_notes": one.notes,
        "nonsense": None,
    }
    assert "CANARY-campaign_notes-0" in one.notes
    assert (await hub.get("/marketing/v3/campaigns/nope")).json()["category"] == "OBJECT_NOT_FOUND"


async def test_a_batch_takes_fifty_drops_doubles_and_keeps_no_order(hub: httpx.AsyncClient, audience: Audience) -> None:
    guids = [one.guid for one in audience.campaigns.all]
    reply = await hub.post(BATCH, json=inputs(*guids[:50]))
    got = [one["id"] for one in reply.json()["results"]]
    assert (reply.status_code, set(got)) == (200, set(guids[:50]))
    assert got != guids[:50]
    too_many = await hub.post(BATCH, json=inputs(*guids[:51]))
    assert (too_many.status_code, too_many.json()["category"]) == (400, "VALIDATION_ERROR")
    twice = await hub.post(BATCH, json=inputs(guids[0], guids[0]))
    assert len(twice.json()["results"]) == 1


async def test_a_batch_with_something_missing_is_207(hub: httpx.AsyncClient, audience: Audience) -> None:
    reply = await hub.post(BATCH, json=inputs(audience.campaigns.all[0].guid, "gone"))
    body = reply.json()
    assert (reply.status_code, len(body["results"]), body["numErrors"]) == (207, 1, 1)
    assert body["errors"][0]["context"] == {"ids": ["gone"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"inputs": []}', b'{"inputs": [{"id": 1}]}'])
async def test_a_body_that_cannot_be_read_is_refused(hub: httpx.AsyncClient, body: bytes) -> None:
    reply = await hub.post(BATCH, content=body)
    assert (reply.status_code, reply.json()["category"]) == (400, "VALIDATION_ERROR")
    assert reply.json()["correlationId"]


async def test_lists_are_read_page_by_page(hub: httpx.AsyncClient, audience: Audience) -> None:
    seen: list[str] = []
    asked: dict[str, Any] = {"limit": 25}
    while True:
        page = (await hub.get("/marketing/v3/campaigns", params=asked)).json()
        seen += [one["id"] for one in page["results"]]
        assert page["total"] == len(audience.campaigns.all)
        if "paging" not in page:
            break
        asked["after"] = page["paging"]["next"]["after"]
    assert sorted(seen) == sorted(one.guid for one in audience.campaigns.all)
    assert (await hub.get("/marketing/v3/campaigns", params={"after": "?"})).status_code == 400


async def test_reports_and_assets_of_a_campaign(hub: httpx.AsyncClient, audience: Audience) -> None:
    one = next(one for one in audience.campaigns.all if one.status == "completed")
    root = f"/marketing/v3/campaigns/{one.guid}"
    metrics = (await hub.get(f"{root}/reports/metrics")).json()
    assert metrics.keys() == {"sessions", "newContactsFirstTouch", "newContactsLastTouch", "influencedContacts"}
    reached = (await hub.get(f"{root}/reports/contacts/influencedContacts")).json()["results"]
    assert [row["id"] for row in reached] == [audience.contact_id(index) for index in audience.members(one)]
    assert "metrics" not in (await hub.get(f"{root}/assets/EMAIL")).json()["results"][0]
    dated = {"startDate": "2024-01-01", "endDate": "2026-01-01"}
    assert "metrics" in (await hub.get(f"{root}/assets/EMAIL", params=dated)).json()["results"][0]
    assert (await hub.get(f"{root}/budget/totals")).json()["currencyCode"] == "USD"


# ---- contacts


async def test_contacts_are_read_by_id_or_address(hub: httpx.AsyncClient, world: World, audience: Audience) -> None:
    key = audience.contact_id(0)
    by_id = await hub.post(f"{CONTACTS}/batch/read", json={**inputs(str(key)), "properties": ["customer_number"]})
    (row,) = by_id.json()["results"]
    assert row["properties"]["customer_number"] == world.customer(0).number
    assert "notes" not in row["properties"]
    told = {**inputs(world.customer(0).email.upper()), "idProperty": "email", "properties": ["notes"]}
    (row,) = (await hub.post(f"{CONTACTS}/batch/read", json=told)).json()["results"]
    assert (row["id"], row["properties"]["notes"]) == (key, "CANARY-hubspot_notes-0")
    most = await hub.post(f"{CONTACTS}/batch/read", json=inputs(*map(str, range(101))))
    assert most.status_code == 400


async def test_a_search_finds_what_changed_since(hub: httpx.AsyncClient, world: World, audience: Audience) -> None:
    people = sorted(contacts(world, audience), key=lambda index: audience.modified(index))
    since = audience.modified(people[-5])
    least = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(int(since.timestamp() * 1000))}
    body = {"filterGroups": [{"filters": [least]}], "limit": 3}
    page = (await hub.post(f"{CONTACTS}/search", json=body)).json()
    rest = (await hub.post(f"{CONTACTS}/search", json={**body, "after": page["paging"]["next"]["after"]})).json()
    assert page["total"] == 5
    found = [row["id"] for row in [*page["results"], *rest["results"]]]
    assert found == [audience.contact_id(index) for index in people[-5:]]
    assert (await hub.post(f"{CONTACTS}/search", json={"after": "9999", "limit": 2})).status_code == 400


# ---- what happened, and what was agreed to


async def test_what_happened_is_told_by_two_interfaces(
    hub: httpx.AsyncClient, world: World, audience: Audience
) -> None:
    touches = audience.touches(1)
    asked: dict[str, Any] = {"recipient": world.customer(1).email, "limit": 100}
    events: list[Any] = []
    while True:
        page = (await hub.get("/email/public/v1/events", params=asked)).json()
        events += page["events"]
        if not page["hasMore"]:
            break
        asked["offset"] = page["offset"]
    mails = [one for one in touches if one.kind not in ("VISIT", "FORM")]
    assert [one["type"] for one in events] == [one.kind for one in reversed(mails)]
    assert all(one["created"] > 1_600_000_000_000 for one in events)
    others = await hub.get("/events/v3/events", params={"objectType": "contact", "objectId": audience.contact_id(1)})
    assert len(others.json()["results"]) == len(touches) - len(mails)
    canaries = {one["ipAddress"] for one in events if "ipAddress" in one}
    assert all(one.startswith("CANARY-event_ip-") for one in canaries)
    assert len(canaries) == sum(one["type"] in ("OPEN", "CLICK") for one in events)


async def test_events_are_of_one_contact_or_recipient(hub: httpx.AsyncClient) -> None:
    assert (await hub.get("/events/v3/events", params={"objectType": "contact"})).status_code == 400
    assert (await hub.get("/events/v3/events", params={"objectType": "contact", "objectId": "5"})).status_code == 404
    assert (await hub.get("/email/public/v1/events")).status_code == 400
    nobody = await hub.get("/email/public/v1/events", params={"recipient": "nobody@example.test"})
    assert nobody.json()["events"] == []


async def test_consent_differs_from_the_crm_s_for_some(
    hub: httpx.AsyncClient, world: World, audience: Audience
) -> None:
    people = contacts(world, audience)
    body = {"inputs": [world.customer(index).email for index in people[:100]]}
    reply = await hub.post(f"{STATUSES}/batch/read", params={"channel": "EMAIL"}, json=body)
    said = {one["subscriberIdString"]: one["statuses"][0]["status"] for one in reply.json()["results"]}
    pairs = {(world.customer(i).suppress_emails, said[world.customer(i).email]) for i in people[:100]}
    assert {(True, "UNSUBSCRIBED"), (False, "SUBSCRIBED"), (False, "UNSUBSCRIBED"), (False, "NOT_SPECIFIED")} <= pairs
    one = (await hub.get(f"{STATUSES}/{world.customer(0).email}", params={"channel": "EMAIL"})).json()
    assert [row["subscriptionId"] for row in one["results"]] == [1001, 1002, 1003]
    assert one["results"][0]["legalBasisExplanation"] == "CANARY-legal_basis-0"
    assert (await hub.post(f"{STATUSES}/batch/read", json=body)).status_code == 400


async def test_what_was_asked_is_in_the_log(world: World, audience: Audience) -> None:
    app = controlled({"hubspot": hubspot.create(world)}, open_control=True)["hubspot"]
    guid = audience.campaigns.all[0].guid
    async with client(app) as hub:
        await hub.post(BATCH, params={"properties": "hs_name,hs_end_date"}, json=inputs(guid))
        await hub.get("/nowhere")
        log = (await hub.get("/_mock/requests")).json()["requests"]
    assert [(one["operation"], one["columns"], one["keys"], one["status"]) for one in log] == [
        ("campaigns.batch", ["hs_end_date", "hs_name"], [guid], 200),
        (None, [], [], 404),
    ]
