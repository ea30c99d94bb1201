"""A stolen, bent or misplaced token at every door that there is: none opens; and a good one leaves no trace."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from gateway.app import App
from gateway.auth.tokens import dev_tokens
from mocks.serve import mount
from tests.company import Company, Founding
from tests.gateway.auth.issuing import Idp
from tests.gateway.serving import serving

pytestmark = pytest.mark.anyio

QUESTION = '{ order(number: "411180277") { customer { name } } }'
REFERENCE = {
    "/docs",
    "/docs/style.css",
    "/docs/{name:path}",
}  # of what anybody may name; see tests/gateway/test_docs.py
OPEN = {"/", "/health", "/ready", "/.well-known/oauth-protected-resource", "/graphiql", "/assets/{name}", *REFERENCE}
"""Doors for everybody: behind them is nothing of anybody's."""

IDP = Idp()


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    async with serving(IDP.app()) as port:
        opened = founding.open(tmp_path, **IDP.settings("acme", port, roles=["support_agent", "integrator"]))
        yield opened
        await opened.app.stop()


def doors(app: App) -> Iterator[tuple[str, str]]:
    for route in app.asgi.router.routes:
        assert isinstance(route, Route)
        if route.path not in OPEN:
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8360")


def misused(app: App) -> dict[str, dict[str, Any]]:
    """Good tokens where they do not belong, and what is nearly one, by how it is sent."""
    dev = dev_tokens(app.settings, app.policy.roles)
    good = dev.mint("integrator")
    key, _ = app.policy.partners.new_key("northwind", 1)  # type: ignore[attr-defined]  # the register
    app.policy.partners.revoke("northwind")  # type: ignore[attr-defined]
    spent = dev.mint("integrator")
    app.policy.partners.revoke_token(dev.verify(spent).token_id, 3600)  # type: ignore[attr-defined]
    bad = {
        "nothing": "",
        "a signature of another's": good[:-4] + "AAAA",
        "the issuer's, for another audience": IDP.token(IDP.claims(role="integrator", aud="billing")),
        "the issuer's, expired": IDP.token(IDP.claims(1_000_000_000, role="integrator")),
        "the issuer's ID token": IDP.token(IDP.claims(role="integrator"), IDP.header(typ="JWT")),
        "of another issuer": Idp("https://id.evil.example").token(),
        "a role it may not give": IDP.token(IDP.claims(role="auditor")),
        "a revoked partner's key": key,
        "a revoked partner's token": dev.mint("partner_reseller", client="northwind"),
        "a revoked token": spent,
        "the secret of this start": app.secret,
    }
    sent: dict[str, dict[str, Any]] = {
        name: {"headers": {"Authorization": f"Bearer {one}"}} for name, one in bad.items()
    }
    return sent | {
        "in the address": {"params": {"access_token": good, "token": good}},
        "in a cookie": {"headers": {"Cookie": f"access_token={good}; Authorization=Bearer {good}"}},
        "as Basic": {"headers": {"Authorization": f"Basic {good}"}},
        "in a header of somebody's own": {
            "headers": {"X-Api-Key": good, "X-Forwarded-Authorization": f"Bearer {good}"}
        },
        "in the body": {"json": {"query": QUESTION, "access_token": good}},
    }


async def test_no_door_opens_for_a_token_that_is_not_good(company: Company) -> None:
    await company.forget()
    app, tried = company.app, []
    async with client_of(app.asgi) as client:
        for name, sent in misused(app).items():
            for method, path in doors(app):
                asked = {"json": {"query": QUESTION}} if method == "POST" else {"params": {"query": QUESTION}}
                request = {**asked, **sent}
                if "params" in sent and method == "GET":
                    request["params"] = {"query": QUESTION, **sent["params"]}
                if method == "GET":
                    request.pop("json", None)
                reply = await client.request(method, path, **request)
                assert reply.status_code in (401, 403), (name, method, path)
                assert "data" not in reply.text.replace("metadata", "")
                tried.append(path)
    served = {"/graphql", "/schema.graphql", "/q/{name}", "/viewer.json", "/metrics"}
    on_stage = {"/sources", "/sources/{name}/stop", "/sources/{name}/start", "/requests", "/requests/mark", "/consent"}
    assert set(tried) == served | {f"/dev{one}" for one in (*on_stage, "/token", "/personas", "/callers")}
    assert await company.asked() == []


async def test_a_token_opens_no_control_of_the_mocks(founding: Founding, company: Company) -> None:
    good = dev_tokens(company.app.settings, company.app.policy.roles).mint("integrator")
    for mock in mount(founding.world, secret="hush", open_control=False).values():
        async with client_of(mock) as client:
            for headers in ({"Authorization": f"Bearer {good}"}, {"X-Mock-Secret": good}, {}):
                for path in ("requests", "faults", "ledger"):
                    assert (await client.get(f"/_mock/{path}", headers=headers)).status_code == 401


async def test_a_token_for_reading_orders_opens_neither_the_numbers_nor_others_names(company: Company) -> None:
    token = IDP.token(IDP.claims(role="support_agent", scope="orders.basic:read"))
    async with client_of(company.app.asgi) as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/metrics", headers=headers)).status_code == 403
        told = (await client.post("/graphql", json={"query": QUESTION}, headers=headers)).json()
    assert told["data"]["order"]["customer"] == {"name": None}


async def test_neither_log_nor_answer_holds_a_token_whatever_happens(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register: Any = company.app.policy.partners
    key, _ = register.new_key("northwind", 1)
    bent = IDP.token(IDP.claims(aud="x"))
    sent = [IDP.token(), key, bent, IDP.token(header=IDP.header(kid="unknown"))]
    said = []
    async with client_of(company.app.asgi) as client:
        for token in sent:
            for url in ("/graphql", f"/graphql?access_token={token}", "/schema.graphql", "/metrics", "/nowhere"):
                reply = await client.post(url, json={"query": QUESTION}, headers={"Authorization": f"Bearer {token}"})
                said.append(f"{reply.headers} {reply.text}")
        register.store.close()
        register._look_at = 0.0  # it would look by itself a second later
        reply = await client.post("/graphql", json={"query": QUESTION}, headers={"Authorization": f"Bearer {key}"})
        assert reply.status_code == 503
    logged = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # that is the caller
    heard = "".join((*logged, *said, reply.text))
    assert "the store cannot be read" in heard
    for token in sent:
        for part in (token, token[-20:]):
            assert part not in heard
    asked = await company.asked()
    assert not any(token in str(entry) for entry in asked for token in sent)
