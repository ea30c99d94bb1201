"""The FedEx mock, asked as FedEx is asked: thirty numbers a call, errors inside a 200, tokens that end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from mocks.control import controlled
from mocks.fedex import CLIENT_ID, CLIENT_SECRET, GUEST_ID, create
from mocks.world.parcels import Parcel
from tests.mocks.parcel_world import NOW, ending, every, known, world

pytestmark = pytest.mark.anyio


class Client:
    """Logs in as it is told and asks for numbers."""

    def __init__(self, **options: Any) -> None:
        self.app = controlled({"fedex": create(world(), **options)}, open_control=True)["fedex"]
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://fedex")
        self.token = ""

    async def log_in(self, client: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        reply = await self.http.post("/oauth/token", data=form)
        self.token = reply.json().get("access_token", "")
        return reply

    async def ask(self, *numbers: str, detailed: bool = True, **more: str) -> httpx.Response:
        infos = [{"trackingNumberInfo": {"trackingNumber": one}} for one in numbers]
        body = {"includeDetailedScans": detailed, "trackingInfo": infos}
        headers = {"Authorization": f"Bearer {self.token}"} | more
        return await self.http.post("/track/v1/trackingnumbers", json=body, headers=headers)


@pytest.fixture
async def client() -> Client:
    made = Client()
    await made.log_in()
    return made


def result(reply: httpx.Response, place: int = 0) -> Any:
    found = reply.json()["output"]["completeTrackResults"][place]["trackResults"]
    return next((one for one in found if not _former(one)), found[0])


def _former(one: Any) -> bool:
    return "former" in one.get("deliveryDetails", {}).get("receivedByName", "")


async def test_a_token_says_how_long_it_lasts(client):
    told = (await client.log_in()).json()
    assert told.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("bearer", 3599, "CXS")


async def test_a_wrong_secret_is_told_as_fedex_tells_it(client):
    reply = await client.log_in(secret="no")
    assert reply.status_code == 401
    assert reply.json()["errors"][0]["code"] == "NOT.AUTHORIZED.ERROR"
    assert "client credentials" in reply.json()["errors"][0]["message"]


@pytest.mark.parametrize("end", ["time", "fault"])
async def test_a_token_ends(end):
    client = Client(token_seconds=0 if end == "time" else 3599)
    await client.log_in()
    if end == "fault":
        await client.http.post("/_mock/faults", json={"kind": "expire-login", "times": 1})
    reply = await client.ask("794843185271")
    assert reply.status_code == 401
    assert "expired" in reply.json()["errors"][0]["message"]


async def test_a_project_without_this_api_is_refused_with_the_same_code(client):
    await client.log_in(GUEST_ID)
    reply = await client.ask("794843185271")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (401, "NOT.AUTHORIZED.ERROR")


async def test_a_parcel_is_told_with_its_scans_the_newest_first(client):
    parcel = ending("FedEx", "delivered")
    told = result(await client.ask(parcel.number))
    assert told["latestStatusDetail"]["derivedCode"] == "DL"
    moments = [datetime.fromisoformat(one["date"]) for one in told["scanEvents"]]
    assert moments == [scan.at for scan in reversed(parcel.scans)]
    dates = {one["type"]: one["dateTime"] for one in told["dateAndTimes"]}
    assert datetime.fromisoformat(dates["ACTUAL_DELIVERY"]) == parcel.delivered_at
    assert "ESTIMATED_DELIVERY" not in dates
    assert told["standardTransitTimeWindow"]["window"]["ends"].startswith(parcel.promised_on.isoformat())
    assert told["deliveryDetails"]["receivedByName"] == parcel.signed_by


async def test_without_detailed_scans_only_the_latest_travels(client):
    parcel = ending("FedEx", "delivered")
    told = result(await client.ask(parcel.number, detailed=False))
    assert [one["eventType"] for one in told["scanEvents"]] == ["DL"]


async def test_what_a_number_lacks_is_told_inside_a_200(client):
    good, ups = known("FedEx", 90)[0], known("UPS", 90)[0]
    reply = await client.ask("123456789012", good.number, ups.number, "no number!")
    assert reply.status_code == 200
    codes = [result(reply, place).get("error", {}).get("code") for place in range(4)]
    missing = "TRACKING.TRACKINGNUMBER.NOTFOUND"
    assert codes == [missing, None, missing, "TRACKING.TRACKINGNUMBER.INVALID"]


async def test_thirty_numbers_are_taken_and_thirty_one_are_not(client):
    numbers = [f"{n:012}" for n in range(31)]
    assert (await client.ask(*numbers[:30])).status_code == 200
    assert (await client.ask(*numbers)).status_code == 400
    empty = await client.ask()
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (400, "TRACKING.TRACKINGNUMBER.EMPTY")


async def test_what_moved_last_over_ninety_days_ago_is_forgotten(client):
    def old(parcel: Parcel) -> bool:
        return parcel.carrier == "FedEx" and NOW - parcel.scans[-1].at > timedelta(days=90)

    parcel = next(one for one in every() if one.scans and old(one))
    assert result(await client.ask(parcel.number))["error"]["code"].endswith("NOTFOUND")


async def test_a_number_used_before_has_two_results():
    client = Client()
    await client.log_in()
    found = 0
    for at in range(0, len(known("FedEx", 90)), 30):
        reply = await client.ask(*(one.number for one in known("FedEx", 90)[at : at + 30]))
        for complete in reply.json()["output"]["completeTrackResults"]:
            uniques = [one["trackingNumberInfo"]["trackingNumberUniqueId"] for one in complete["trackResults"]]
            found += len(uniques) == 2
            assert len(uniques) == len(set(uniques)) <= 2
    assert found


async def test_the_transaction_s_own_id_comes_back(client):
    reply = await client.ask("123456789012", **{"x-customer-transaction-id": "7c2e"})
    assert reply.json()["customerTransactionId"] == "7c2e"
    assert reply.json()["transactionId"]


async def test_more_than_it_takes_in_ten_seconds_is_429():
    client = Client(most=2)
    await client.log_in()
    assert [(await client.ask("123456789012")).status_code for _ in range(3)] == [200, 200, 429]


async def test_log_ins_without_end_are_forbidden():
    client = Client()
    statuses = [(await client.log_in()).status_code for _ in range(101)]
    assert (statuses[99], statuses[100]) == (200, 403)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"trackingInfo": 1}', b'{"trackingInfo": [1]}', b"\xff"])
async def test_a_body_that_is_none_is_a_400(client, body):
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    reply = await client.http.post("/track/v1/trackingnumbers", content=body, headers=headers)
    assert reply.status_code == 400
    assert reply.json()["errors"]


async def test_the_log_tells_what_was_asked(client):
    await client.ask("123456789012", detailed=True)
    log = (await client.http.get("/_mock/requests")).json()["requests"]
    assert (log[-1]["operation"], log[-1]["columns"], log[-1]["keys"]) == (
        "trackingnumbers",
        ["scanEvents"],
        ["123456789012"],
    )


async def test_there_is_nothing_else_here(client):
    reply = await client.http.get("/track/v1/trackingnumbers")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (405, "NOT.FOUND.ERROR")
