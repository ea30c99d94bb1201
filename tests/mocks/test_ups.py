"""The UPS mock, asked as UPS is asked: one number a call, times without a zone, two ways to say there is no such."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mocks.control import controlled
from mocks.ups import CLIENT_ID, CLIENT_SECRET, create
from tests.mocks.parcel_world import NOW, ending, every, known, world

pytestmark = pytest.mark.anyio
HEADERS = {"transId": "5d2c0e2e", "transactionSrc": "test"}


class Client:
    """Logs in as it is told and asks for one number."""

    def __init__(self, **options: Any) -> None:
        self.app = controlled({"ups": create(world(), **options)}, open_control=True)["ups"]
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://ups")
        self.token = ""

    async def log_in(self, client: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> httpx.Response:
        form = {"grant_type": "client_credentials"}
        reply = await self.http.post("/security/v1/oauth/token", data=form, auth=(client, secret))
        self.token = reply.json().get("access_token", "")
        return reply

    async def ask(self, number: str, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or HEADERS)
        return await self.http.get(f"/api/track/v1/details/{number}?locale=en_US", headers=sent)


@pytest.fixture
async def client() -> Client:
    made = Client()
    await made.log_in()
    return made


def package(reply: httpx.Response) -> Any:
    return reply.json()["trackResponse"]["shipment"][0]["package"][0]


def code(reply: httpx.Response) -> str:
    return str(reply.json()["response"]["errors"][0]["code"])


async def test_a_token_s_lifetime_is_a_string(client):
    told = (await client.log_in()).json()
    assert told["expires_in"] == "14399"
    assert told.keys() == {"token_type", "issued_at", "client_id", "access_token", "expires_in", "status"}


async def test_a_wrong_secret_gets_no_token(client):
    reply = await client.log_in(secret="no")
    assert reply.status_code == 401
    assert reply.json()["response"]["errors"]


@pytest.mark.parametrize("missing", HEADERS)
async def test_both_headers_are_required(client, missing):
    reply = await client.ask("1Z12345E0205271688", **{name: "x" for name in HEADERS if name != missing})
    assert reply.status_code == 400
    assert missing in reply.text


async def test_a_token_ends():
    client = Client()
    await client.log_in()
    await client.http.post("/_mock/faults", json={"kind": "expire-login", "times": 1})
    assert (await client.ask("1Z12345E0205271688")).status_code == 401
    assert code(await Client().ask("1Z12345E0205271688")) == "250002"


async def test_a_parcel_is_told_with_local_times_and_utc_beside_them(client):
    parcel = ending("UPS", "delivered")
    told = package(await client.ask(parcel.number))
    assert told["trackingNumber"] == parcel.number
    assert len(told["activity"]) == len(parcel.scans)
    for activity, scan in zip(told["activity"], reversed(parcel.scans), strict=True):
        local = datetime.strptime(activity["date"] + activity["time"], "%Y%m%d%H%M%S")
        assert local == scan.at.replace(tzinfo=None)
        if "gmtDate" in activity:
            stamp = datetime.strptime(activity["gmtDate"] + activity["gmtTime"], "%Y%m%d%H:%M:%S").replace(tzinfo=UTC)
            assert stamp == scan.at
    days = {one["type"]: one["date"] for one in told["deliveryDate"]}
    assert days["SDD"] == f"{parcel.promised_on:%Y%m%d}"
    assert days["DEL"] == f"{parcel.delivered_at:%Y%m%d}"
    assert told["deliveryInformation"]["receivedBy"] == parcel.signed_by


async def test_some_scans_say_nothing_of_their_offset(client):
    replies = [package(await client.ask(one.number)) for one in known("UPS", 120)[:60]]
    activities = [one for reply in replies for one in reply["activity"]]
    lacking = [one for one in activities if "gmtOffset" not in one]
    assert 0 < len(lacking) < len(activities) / 8


async def test_an_unknown_number_is_a_404_or_a_warning_in_a_200(client):
    replies = [await client.ask(f"1Z99999999999999{n:02}") for n in range(20)]
    assert {reply.status_code for reply in replies} == {200, 404}
    for reply in replies:
        assert "TW0001" in reply.text
        if reply.status_code == 200:
            assert "package" not in reply.json()["trackResponse"]["shipment"][0]


async def test_other_carriers_parcels_and_old_ones_are_unknown(client):
    old = next(
        one for one in every() if one.carrier == "UPS" and one.scans and NOW - one.scans[-1].at > timedelta(days=120)
    )
    for number in (known("FedEx", 90)[0].number, old.number):
        assert "TW0001" in (await client.ask(number)).text


@pytest.mark.parametrize("number", ["1Z", "1" * 35])
async def test_a_number_that_is_none_is_a_400(client, number):
    assert (await client.ask(number)).status_code == 400


async def test_more_than_it_takes_in_a_second_is_429():
    client = Client(most=2)
    await client.log_in()
    assert [(await client.ask("1Z12345E0205271688")).status_code for _ in range(3)][-1] == 429


async def test_the_log_tells_what_was_asked(client):
    await client.ask("1Z12345E0205271688")
    log = (await client.http.get("/_mock/requests")).json()["requests"]
    assert (log[-1]["operation"], log[-1]["keys"]) == ("details", ["1Z12345E0205271688"])
