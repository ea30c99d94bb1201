"""Issuers are settings; what they may say of whom; and what a client can read about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth.door import Believer
from gateway.auth.issuers import issuers
from gateway.errors import Unauthenticated
from gateway.policy import Partner, Policy
from gateway.settings import Settings, SettingsError
from tests.company import Company, Founding
from tests.gateway.auth.issuing import Idp

ROLES = Policy.read().roles
ACME = {"issuers.acme.url": "https://id.acme.example", "issuers.acme.keys_url": "https://id.acme.example/keys?p=1"}


def load(environ: dict[str, str] | None = None, file: Path | None = None, **settings: Any) -> Settings:
    return Settings.load(file, environ or {}, **settings)


def test_an_issuer_is_named_by_its_settings_wherever_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[issuers.acme]\nurl = "https://id.acme.example"\nkeys_url = "https://id.acme.example/keys"\n')
    environ = {
        "CUSTOMER360_ISSUERS__OUR_OWN__URL": "https://login.example",
        "CUSTOMER360_ISSUERS__OUR_OWN__KEYS_URL": "http://127.0.0.1:9/keys",
        "CUSTOMER360_ISSUERS__OUR_OWN__ROLES": "support_agent,warehouse",
    }
    settings = load(environ, file, **{"issuers.acme.algorithm": "ES256"})
    acme, own = issuers(settings, ROLES)
    assert (acme.name, acme.url, acme.algorithm, acme.roles) == ("acme", "https://id.acme.example", "ES256", ())
    assert (own.name, own.algorithm, own.roles) == ("our-own", "RS256", ("support_agent", "warehouse"))
    assert own.audience == settings.text("auth.audience")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"issuers.acme.keys_url": "https://id.acme.example/keys"}, r"issuers\.acme\.url: an issuer has a name"),
        (ACME | {"issuers.acme.keys_url": ""}, r"issuers\.acme\.keys_url: '' is not an http"),
        (ACME | {"issuers.acme.keys_url": "http://id.acme.example/keys"}, "over https, or from this machine"),
        (ACME | {"issuers.acme.keys_url": "https://me:x@id.acme.example/keys"}, "without a login"),
        (ACME | {"issuers.acme.algorithm": "HS256"}, "'HS256' is not one of RS256, ES256"),
        (ACME | {"issuers.acme.max_ttl": 86_401}, "86401 is more than 86400"),
        (ACME | {"issuers.acme.roles": ["boss"]}, r"issuers\.acme\.roles: unknown role 'boss'"),
        (ACME | {"issuers.acme.secret": "x"}, r"unknown setting 'issuers\.acme\.secret'"),
        (ACME | {"issuers.Acme.url": "x"}, r"unknown setting 'issuers\.Acme\.url'"),
        (ACME | {"issuers.acme.ca": "/nowhere.pem"}, r"issuers\.acme\.ca: these authorities"),
        ({**ACME, **{name.replace("acme", "b", 1): value for name, value in ACME.items()}}, "another issuer has the"),
        (ACME | {"issuers.acme.url": "customer360-dev", "dev.mode": True}, "another issuer has the same"),
        (ACME | {"auth.keys_pause_s": 29}, "29 is less than 30"),
    ],
)
def test_a_wrong_setting_of_an_issuer_stops_the_start_by_name(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        issuers(load(**settings), ROLES)


@pytest.mark.anyio
async def test_a_partner_is_what_the_register_says_whatever_its_issuer_says() -> None:
    idp = Idp()
    northwind = Partner("northwind", "", "partner_reseller", {}, ("fulfilment",), issuer="acme")
    believe = Believer(None, {idp.url: idp.known(roles=("support_agent",))}, {"northwind": northwind})
    for claims in ({"role": ...}, {"role": "support_agent"}, {"role": 7}):
        principal = await believe(idp.token(idp.claims(client_id="northwind", **claims)))
        assert (principal.role, principal.client, principal.issuer) == ("partner_reseller", "northwind", idp.url)
    principal = await believe(idp.token(idp.claims(purpose="service", keys={"own-region": ["EMEA"]})))
    assert (principal.role, principal.purpose, principal.keys) == (
        "support_agent",
        "service",
        {"own-region": ("EMEA",)},
    )


@pytest.mark.anyio
async def test_out_of_dev_mode_no_dev_token_is_good_beside_an_issuer(tmp_path: Path) -> None:
    idp = Idp("customer360-dev")
    believe = Believer(None, {}, {})
    with pytest.raises(Unauthenticated):
        await believe(idp.token())


def test_serving_needs_somebody_who_may_issue_tokens_for_it() -> None:
    assert load(**ACME).issuers() == ("acme",)
    assert load().issuers() == ()


@pytest.mark.anyio
async def test_a_client_can_read_whose_tokens_are_taken_here_and_what_for(founding: Founding, tmp_path: Path) -> None:
    settings = ACME | {"auth.resource": "https://graph.example/c360/"}
    company = founding.open(tmp_path, **settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://evil") as client:
        told = await client.get("/.well-known/oauth-protected-resource/c360")
        refused = await client.post("/graphql", json={"query": "{ me }"})
    await company.app.stop()
    assert told.json() == {
        "resource": "https://graph.example/c360",
        "resource_name": "customer360",
        "authorization_servers": ["https://id.acme.example"],
        "scopes_supported": sorted(["graphql", *company.app.policy.scopes]),
        "bearer_methods_supported": ["header"],
    }
    at = "https://graph.example/.well-known/oauth-protected-resource/c360"
    assert refused.headers["WWW-Authenticate"] == f'Bearer realm="customer360", resource_metadata="{at}"'


@pytest.mark.anyio
async def test_without_a_name_of_its_own_a_gateway_is_where_it_listens(company: Company) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://x") as client:
        told = (await client.get("/.well-known/oauth-protected-resource")).json()
    assert told["resource"] == "http://127.0.0.1:8360"
    assert "authorization_servers" not in told
