"""The numbers: who may read them, and that they are right."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import open_app
from gateway.auth.tokens import dev_tokens
from gateway.catalogue import SettingsError
from tests.company import Company, Founding, configured

pytestmark = pytest.mark.anyio

KEY = "a scraper's key, which is long enough"


async def read(company: Company, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        return await client.get("/metrics", headers=headers)


def minted(company: Company, role: str) -> str:
    return dev_tokens(company.app.settings, company.app.policy.roles).mint(role)


async def numbers(company: Company) -> dict[str, float]:
    reply = await read(company, minted(company, "support_agent"))
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    return {
        " ".join([sample.name.removeprefix("customer360_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


async def test_they_are_for_who_runs_the_systems(company: Company) -> None:
    assert (await read(company, None)).status_code == 401
    assert (await read(company, "nobody's")).status_code == 401
    assert (await read(company, minted(company, "warehouse"))).status_code == 403
    assert (await read(company, minted(company, "integrator"))).status_code == 200


async def test_a_scraper_may_have_a_key_of_its_own(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path, metrics__key=KEY)
    assert (await read(company, KEY)).status_code == 200
    assert (await read(company, KEY[:-1])).status_code == 401
    await company.app.stop()


async def test_an_empty_key_opens_nothing_and_a_short_one_stops_the_start(company: Company, tmp_path: Path) -> None:
    assert (await read(company, " ")).status_code == 401
    with pytest.raises(SettingsError, match=r"metrics\.key"):
        open_app(configured(tmp_path / "another", metrics__key="short"), company.mocks)


async def test_they_count_what_was_asked_and_how_it_ended(company: Company) -> None:
    question = "query($skus: [String!]!) { productsBySku(skus: $skus) { name } }"
    before = await numbers(company)
    assert before["breaker_state sap"] == 0
    for _ in range(2):
        await company.ask(question, skus=[company.world.product(0).sku])
    await company.break_("sap", "status", value=500)
    await company.ask(question, skus=["another"])

    told = await numbers(company)

    assert (told["calls_total OK sap"], told["calls_total BACKEND_UNAVAILABLE sap"]) == (1, 1)
    assert told["answers_from_cache_total cached sap"] == 1
    assert told["call_seconds_count sap"] == 2
    assert told["call_seconds_bucket +Inf sap"] == 2
    assert told["cache_entries"] == 1
    assert (told["calls_in_flight sap"], told["questions_in_flight staff"]) == (0, 0)
    assert told["system_enabled sap"] == 1


async def test_they_count_who_was_let_in_and_who_not(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path, limits__partner_per_minute=1)
    partner = dev_tokens(company.app.settings, company.app.policy.roles).mint("partner_supplier", client="acme-parts")
    await read(company, "nobody's")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        for _ in range(2):
            headers = {"Authorization": f"Bearer {partner}"}
            await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    told = await numbers(company)
    await company.app.stop()
    assert (told["tokens_total good"], told["tokens_total refused"], told["tokens_total unreachable"]) == (3, 1, 0)
    assert told["partner_requests_turned_away_total"] == 1


async def test_nobody_is_named_in_them(company: Company) -> None:
    await company.ask("query($id: ID!) { customersById(ids: [$id]) { name email } }", id=company.id_of(0))
    text = (await read(company, minted(company, "support_agent"))).text
    person = company.world.customer(0)
    assert person.email
    assert person.email not in text
    assert company.id_of(0) not in text


def test_the_settings_know_the_key(tmp_path: Path) -> None:
    assert configured(tmp_path).text("metrics.key") == ""
