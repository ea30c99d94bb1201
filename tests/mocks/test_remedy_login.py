"""Tokens of the help desk's mock: bare JWTs, AR-JWT, and an end."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from mocks import remedy
from mocks.world import open_world
from tests.mocks.remedy_client import Client, refusal

pytestmark = pytest.mark.anyio

WORLD = open_world(customers=3, now=datetime(2017, 12, 31, tzinfo=UTC))


async def test_a_login_gives_a_bare_token_as_plain_text():
    reply = await Client(WORLD).log_in()
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    payload = reply.text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(claims) == {"sub", "iss", "iat", "nbf", "exp", "_cacheId"}
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iat"] - claims["nbf"] == 120
    assert claims["iat"] > 1_700_000_000, "the clock of tokens is the real one, whatever the world's"


@pytest.mark.parametrize(("name", "password"), [("x", remedy.PASSWORD), (remedy.USERNAME, ""), ("ü", "\udcff")])
async def test_a_wrong_login_is_an_error_list(name, password):
    reply = await Client(WORLD).http.post(
        "/api/jwt/login", content=f"username={name}&password={password}".encode("utf-8", "surrogatepass")
    )
    assert refusal(reply) == (401, 623)
    assert reply.json()[0]["messageAppendedText"] == name


async def test_a_login_is_a_form_and_a_post():
    client = Client(WORLD)
    login = {"username": remedy.USERNAME, "password": remedy.PASSWORD}
    assert refusal(await client.http.post("/api/jwt/login", json=login)) == (401, 623)
    assert (await client.http.get("/api/jwt/login")).status_code == 405


async def test_the_scheme_is_ar_jwt_and_not_bearer():
    client = Client(WORLD)
    token = (await client.log_in()).text
    for header in (f"Bearer {token}", token, f"AR-JWT {token}x", f"AR-JWT x{token}", "AR-JWT", "AR-JWT a.b.c", ""):
        client.http.headers["Authorization"] = header
        assert refusal(await client.query()) == (401, 623)
    client.http.headers["Authorization"] = f"AR-JWT {token}"
    assert (await client.query()).status_code == 200


async def test_every_path_wants_a_token():
    client = Client(WORLD).http
    for path in ("entry/HPD:Help Desk", "entry/HPD:Help Desk/INC1", "entry/Nonsense"):
        assert refusal(await client.get(f"/api/arsys/v1/{path}")) == (401, 623)
    assert refusal(await client.post("/api/arsys/v1/mergeEntry/HPD:WorkLog", json={})) == (401, 623)


async def test_a_token_ends_with_its_time():
    client = Client(WORLD, token_seconds=0)
    await client.log_in()
    assert refusal(await client.query()) == (401, 623)


async def test_a_token_ends_with_a_logout():
    client = Client(WORLD)
    await client.log_in()
    assert (await client.http.post("/api/jwt/logout")).status_code == 204
    assert refusal(await client.query()) == (401, 623)
    assert refusal(await client.http.post("/api/jwt/logout")) == (401, 623)


async def test_two_tokens_do_not_mind_each_other():
    client, other = Client(WORLD), None
    await client.log_in()
    other = client.http.headers["Authorization"]
    await client.log_in()
    await client.http.post("/api/jwt/logout")
    client.http.headers["Authorization"] = other
    assert (await client.query()).status_code == 200


async def test_tokens_given_out_so_far_can_be_expired():
    client = Client(WORLD)
    await client.log_in()
    await client.http.post("/_mock/faults", json={"kind": "expire-login"})
    assert refusal(await client.query()) == (401, 623)
    await client.log_in()
    assert (await client.query()).status_code == 200


async def test_logins_are_noted():
    client = Client(WORLD)
    await client.log_in()
    await client.http.post("/api/jwt/logout")
    assert [entry["operation"] for entry in await client.asked()] == ["login", "logout"]
