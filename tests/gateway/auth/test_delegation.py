"""Systems that act on behalf of our callers hear who asks, in our words and for a minute; and never hear a token."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from gateway.app import App, open_app
from gateway.auth import Principal
from gateway.auth.delegation import Delegation, private
from gateway.auth.tokens import dev_tokens
from mocks.serve import mount
from tests.company import Founding, configured

pytestmark = pytest.mark.anyio

QUESTION = '{ order(number: "411180277") { status customer { name email } } }'


class Ear:
    """In front of a mock: what was said to it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.heard: list[dict[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.heard.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await self.app(scope, receive, send)


class Scene:
    def __init__(self, founding: Founding, folder: Path, **settings: Any) -> None:
        mocks = mount(founding.world)
        self.siebel, self.oracle = Ear(mocks["siebel"]), Ear(mocks["oracle_om"])
        founding_copy = founding.open(folder)  # its cross-reference, over mocks that nobody listens to
        self.spare = founding_copy.app
        ears = {**mocks, "siebel": self.siebel, "oracle_om": self.oracle}
        self.app: App = open_app(configured(folder, **settings), ears)

    async def ask(self, subject: str = "claire", client: str = "desk", request_id: str = "r-1") -> Any:
        token = dev_tokens(self.app.settings, self.app.policy.roles).mint(
            "support_agent", subject=subject, client=client
        )
        transport = httpx.ASGITransport(self.app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8360") as http:
            headers = {"Authorization": f"Bearer {token}", "X-Request-Id": request_id}
            reply = await http.post("/graphql", json={"query": QUESTION}, headers=headers)
            assert reply.json()["data"]["order"]["customer"]["name"]
            return token, (await http.get("/.well-known/jwks.json"))

    async def stop(self) -> None:
        await self.app.stop()
        await self.spare.stop()


@pytest.fixture
async def scene(founding: Founding, tmp_path: Path) -> AsyncIterator[Scene]:
    one = Scene(founding, tmp_path, backends__siebel__identity="caller", cache__identity="60/60/60", cache__contact="60/60/60")  # fmt: skip
    yield one
    await one.stop()


async def test_a_system_that_acts_for_the_caller_hears_who_asks(scene: Scene) -> None:
    _, keys = await scene.ask()
    (heard,) = [one for one in scene.siebel.heard if "txn-token" in one][:1]
    statement = jws.deserialize_compact(heard["txn-token"], KeySet.import_key_set(keys.json()), ["ES256"])
    claims = json.loads(statement.payload)
    assert statement.headers() | {"kid": "k"} == {"alg": "ES256", "typ": "txntoken+jwt", "kid": "k"}
    assert claims.pop("exp") - claims.pop("iat") == 60
    assert claims == {
        "iss": "http://127.0.0.1:8360",
        "aud": "http://127.0.0.1:8361",
        "txn": "r-1",
        "sub": "claire",
        "act": {"sub": "desk"},
        "purp": "service",
    }
    assert all("d" not in key for key in keys.json()["keys"])


async def test_no_system_hears_the_caller_s_token_and_others_hear_nothing_of_them(scene: Scene) -> None:
    token, _ = await scene.ask()
    assert scene.oracle.heard
    for heard in scene.siebel.heard + scene.oracle.heard:
        assert token not in str(heard)
    assert not any("txn-token" in heard for heard in scene.oracle.heard)


async def test_what_one_caller_was_told_is_not_told_to_another(scene: Scene) -> None:
    """Names and addresses are kept for a minute here, for those on whose behalf they were asked for."""
    await scene.ask("claire")
    first = len(scene.siebel.heard)
    await scene.ask("claire", request_id="r-2")
    assert len(scene.siebel.heard) == first
    await scene.ask("malik")
    assert len(scene.siebel.heard) > first
    again = len(scene.siebel.heard)
    await scene.ask("claire", client="another application")
    assert len(scene.siebel.heard) > again


async def test_where_no_system_acts_for_callers_nothing_is_said_and_all_share(
    founding: Founding, tmp_path: Path
) -> None:
    scene = Scene(founding, tmp_path, cache__identity="60/60/60", cache__contact="60/60/60")
    _, keys = await scene.ask("claire")
    assert keys.status_code == 404
    first = len(scene.siebel.heard)
    await scene.ask("malik")
    assert len(scene.siebel.heard) == first
    assert not any("txn-token" in heard for heard in scene.siebel.heard + scene.oracle.heard)
    await scene.stop()


def test_all_workers_with_one_secret_have_one_key_and_others_another() -> None:
    (_, one), (_, same), (_, other) = private(b"a" * 32), private(b"a" * 32), private(b"b" * 32)
    assert one == same != other


def test_purposes_clients_and_issuers_tell_callers_apart() -> None:
    delegation = Delegation(*private(b"a" * 32), "https://graph.example", 60)
    principals = [
        Principal("claire", "support_agent", "desk"),
        Principal("claire", "support_agent", "shop"),
        Principal("malik", "support_agent", "desk"),
        Principal("claire", "support_agent", "desk", issuer="https://id.example"),
    ]
    words = {delegation.subject(one, purpose) for one in principals for purpose in ("service", None)}
    assert len(words) == 8
