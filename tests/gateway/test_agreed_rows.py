"""How large one answer may be is a setting, and for a partner what was agreed with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.errors import Refusal
from gateway.question import Options, Question
from mocks.world import open_world
from tests.company import Company, Founding

WIDE = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku name } }"
SKUS = [f"NO-{number}" for number in range(30)]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    founding = Founding.of(open_world(customers=3), tmp_path_factory.mktemp("founded"))
    settings: dict[str, Any] = {"limits__list_product": 20, "limits__values": 35}
    return founding.open(tmp_path_factory.mktemp("opened"), **settings)


def ask(company: Company, *agreed: tuple[str, int], skus: int = 30) -> bytes:
    """As a reseller with whom this was agreed."""
    callers = company.app.pipeline.callers
    northwind = replace(callers.policy.partners["northwind"], limits=agreed)
    policy = callers.policy
    callers.policy = replace(policy, partners={"northwind": northwind})
    asker = Principal("tester", "partner_reseller", client="northwind", scopes=frozenset(northwind.scopes))
    try:
        return asyncio.run(
            company.app.pipeline(Question(WIDE, None, {"skus": SKUS[:skus]}), asker, Options(request_id="t"))
        )
    finally:
        callers.policy = policy


def test_more_rows_than_the_setting_has_are_refused_before_anybody_is_asked(company: Company) -> None:
    with pytest.raises(Refusal) as refused:
        ask(company)
    assert "at most 20" in refused.value.errors[0]["message"]


def test_a_partner_may_have_agreed_on_more(company: Company) -> None:
    assert b'"productsBySku"' in ask(company, ("rows", 30), ("values", 60))


def test_and_on_fewer(company: Company) -> None:
    with pytest.raises(Refusal) as refused:
        ask(company, ("rows", 10))
    assert "at most 10" in refused.value.errors[0]["message"]


def test_values_are_counted_besides(company: Company) -> None:
    assert b'"productsBySku"' in ask(company, skus=17)
    with pytest.raises(Refusal) as refused:
        ask(company, skus=18)
    assert "could have 36 values; at most 35" in refused.value.errors[0]["message"]


def test_a_partner_may_have_agreed_on_more_or_fewer_values(company: Company) -> None:
    assert b'"productsBySku"' in ask(company, ("values", 36), skus=18)
    with pytest.raises(Refusal) as refused:
        ask(company, ("values", 10), skus=17)
    assert "at most 10" in refused.value.errors[0]["message"]
