"""Basic, and Bearer with the identity provider's tokens."""

from __future__ import annotations

import httpx
import pytest

from mocks import siebel
from tests.mocks.siebel_world import Client, town

pytestmark = pytest.mark.anyio

CLIENT = httpx.BasicAuth(siebel.USERNAME, siebel.PASSWORD)
GRANT = {"grant_type": "client_credentials", "scope": "siebel"}
JSON = {"Content-Type": "application/json"}


async def token(crm: Client, **form: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.desk), base_url="http://crm.example") as http:
        auth = None if "client_id" in form else CLIENT
        return await http.post("/oauth2/v1/token", data=GRANT | form, auth=auth)


async def read(crm: Client, bearer: str) -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.desk), base_url="http://crm.example") as http:
        headers = JSON | {"Authorization": f"Bearer {bearer}"}
        return (await http.get("/siebel/v1.0/data/Contact/Contact?ViewMode=All", headers=headers)).status_code


async def test_a_token_opens_the_door() -> None:
    crm = Client(town())
    reply = await token(crm)
    assert reply.json()["token_type"] == "Bearer"
    assert reply.json()["expires_in"] == 3600
    assert reply.headers["Cache-Control"] == "no-store"
    assert await read(crm, reply.json()["access_token"]) == 200
    assert await read(crm, "x" + reply.json()["access_token"]) == 401
    assert (await token(crm, client_id=siebel.USERNAME, client_secret=siebel.PASSWORD)).status_code == 200


async def test_a_token_expires() -> None:
    crm = Client(town(), token_seconds=0)
    assert await read(crm, (await token(crm)).json()["access_token"]) == 401


async def test_the_control_desk_can_expire_logins() -> None:
    crm = Client(town())
    given = (await token(crm)).json()["access_token"]
    crm.desk.logins += 1
    assert await read(crm, given) == 401
    assert await read(crm, (await token(crm)).json()["access_token"]) == 200


async def test_the_provider_refuses_in_oauth_words() -> None:
    crm = Client(town())
    stranger = await token(crm, client_id="x", client_secret="y")
    assert (stranger.status_code, stranger.json()) == (401, {"error": "invalid_client"})
    other = await token(crm, grant_type="password")
    assert (other.status_code, other.json()) == (400, {"error": "unsupported_grant_type"})


async def test_the_scheme_is_a_setting_of_the_whole_server() -> None:
    bearer_only = Client(town(), scheme="bearer")
    basic_only = Client(town(), scheme="basic")
    assert (await bearer_only.get("Contact/Contact")).status_code == 401
    assert await read(bearer_only, (await token(bearer_only)).json()["access_token"]) == 200
    assert await read(basic_only, (await token(basic_only)).json()["access_token"]) == 401
    assert (await basic_only.get("Contact/Contact")).status_code == 200
