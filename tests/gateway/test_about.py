"""What somebody is told of themself agrees with what they are answered: no more is told, and nothing else is shown."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.auth.tokens import dev_tokens
from gateway.examples import examples
from tests.company import Company

pytestmark = pytest.mark.anyio


async def told(company: Company, role: str, purpose: str | None = None, include: str = "", **who: Any) -> Any:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint(role, **who)
    headers = {"Authorization": f"Bearer {token}", "X-Include": include} | ({"X-Purpose": purpose} if purpose else {})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway", headers=headers
    ) as client:
        reply = await client.get("/viewer.json")
        return reply.json() if reply.status_code == 200 else (reply.status_code, reply.json()["errors"][0])


def decided(about: Any) -> dict[str, str]:
    return {one["name"]: one["decision"] for one in about["categories"]}


@pytest.mark.parametrize("role", ["support_agent", "warehouse", "marketer", "auditor", "account_manager"])
async def test_what_is_told_of_categories_is_what_the_graph_itself_says(company: Company, role: str) -> None:
    about = await told(company, role)
    seen = (await company.ask("{ viewer { categories purpose } }", role))["data"]["viewer"]
    assert {name for name, word in decided(about).items() if word != "WITHHELD"} == set(seen["categories"])
    assert about["purpose"] == seen["purpose"]


async def test_a_coordinate_that_is_told_to_be_withheld_is_withheld(company: Company) -> None:
    about = await told(company, "warehouse")
    answer = await company.ask(
        '{ order(number: "411180277") { total { amount } status customer { email } } }', "warehouse"
    )
    gaps = {gap["coordinate"]: gap["category"] for gap in answer["extensions"]["absent"]}
    assert {at: about["coordinates"][at] for at in gaps} == gaps
    assert {decided(about)[category] for category in gaps.values()} == {"WITHHELD"}
    assert decided(about)[about["coordinates"]["Order.status"]] == "SEEN"


async def test_a_part_is_told_to_be_a_part_and_some_rows_to_be_some_rows(company: Company) -> None:
    about = await told(company, "account_manager", keys={"own-region": ["EMEA"]})
    by_name = {one["name"]: one for one in about["categories"]}
    assert (by_name["identity"]["decision"], by_name["identity"]["mask"]) == ("CONDITIONAL", "initial")
    assert by_name["identity"]["sentence"].startswith("sees it, on rows that are own-region")
    assert by_name["financial"]["decision"] == "MASKED"


async def test_the_purpose_that_is_asked_for_counts_and_another_s_is_refused(company: Company) -> None:
    marketing, analytics = await told(company, "marketer"), await told(company, "marketer", "analytics")
    assert (decided(marketing)["identity"], decided(analytics)["identity"]) == ("CONDITIONAL", "WITHHELD")
    assert marketing["purposes"] == ["marketing", "analytics"]
    assert (await told(company, "marketer", "billing"))[0] == 403


async def test_reasons_are_told_in_full_to_auditors_and_to_who_runs_it_and_asks(company: Company) -> None:
    for role, include, full in (
        ("auditor", "", True),
        ("support_agent", "policy", True),
        ("warehouse", "policy", False),
    ):
        about = await told(company, role, include=include)
        assert all(("rule" in one) is full for one in about["categories"])
        assert bool(about["references"]) is full or role == "support_agent"


async def test_a_partner_is_told_of_what_they_may_name_and_of_nothing_else(company: Company) -> None:
    about = await told(company, "partner_carrier", client="parcelline")
    assert about["refused"]
    assert "Order.status" in about["coordinates"]
    assert not {"Customer.email", "Order.total", "Query.tickets"} & about["coordinates"].keys()
    assert all("rule" not in one for one in about["categories"])
    named = {at.partition("(")[0] for at in about["coordinates"]}
    assert all(company.app.pipeline.callers.views.graph.categories[at].value for at in named)


async def test_everybody_is_told_their_own_examples(company: Company) -> None:
    about = await told(company, "auditor")
    assert {one["name"] for one in about["examples"]} == {e.name for e in examples() if e.persona.role == "auditor"}
    assert about["examples"][0]["query"].lstrip().startswith("query")
