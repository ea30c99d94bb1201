"""What was decided of a caller holds for their next question and for nobody else's; what decides it counts at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.callers import Callers
from gateway.errors import Refusal
from gateway.question import Options
from tests.company import Company

pytestmark = pytest.mark.anyio

CARRIER = Principal("one", "partner_carrier", client="parcelline", scopes=frozenset({"graphql"}))
OPTIONS = Options(request_id="x")
Change = Callable[[Principal], Principal]


def callers(company: Company) -> Callers:
    return company.app.pipeline.callers


async def test_it_is_the_same_for_whoever_is_decided_by_the_same(company: Company) -> None:
    known = callers(company)
    first = known.standing(CARRIER, None)

    assert known.standing(replace(CARRIER, subject="another", token_id="t"), None) is first
    assert known.asking(replace(CARRIER, subject="another"), OPTIONS).principal.subject == "another"


@pytest.mark.parametrize(
    "change",
    [
        {"role": "support_agent"},
        {"client": "northwind"},
        {"purpose": "service"},
        {"scopes": frozenset({"orders.basic:read"})},
        {"customer": "somebody"},
        {"keys": {"carried-by-me": ("DHL",)}},
        {"issuer": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_whoever_differs_in_anything_is_decided_apart(company: Company, change: dict[str, Any]) -> None:
    known = callers(company)
    first = known.standing(CARRIER, None)

    assert known.standing(replace(CARRIER, **change), None) is not first
    assert known.standing(CARRIER, None) is first


async def test_another_purpose_is_another_decision_and_one_that_is_not_theirs_none(company: Company) -> None:
    known, marketer = callers(company), Principal("one", "marketer")

    assert known.standing(marketer, None).grants != known.standing(marketer, "analytics").grants
    for _ in range(2):
        with pytest.raises(Refusal):
            known.standing(marketer, "audit")


async def test_a_partner_s_new_entry_and_a_new_policy_count_at_once(company: Company) -> None:
    known = callers(company)
    before = known.standing(CARRIER, None)
    partners = dict(known.policy.partners)
    partners["parcelline"] = replace(partners["parcelline"], keys={"carried-by-me": ("DHL",)})
    known.policy = replace(known.policy, partners=partners)
    after = known.standing(CARRIER, None)

    assert before.keys == {"carried-by-me": frozenset({"UPS"})}
    assert after.keys == {"carried-by-me": frozenset({"DHL"})}
    partners["parcelline"] = replace(partners["parcelline"], keys={})
    assert known.standing(CARRIER, None).keys == {}


async def test_a_customer_s_id_of_today_is_asked_for_again_after_a_second(company: Company) -> None:
    now = [1000.0]
    known = replace(callers(company), current=lambda customer: f"{customer} at {now[0]}", ticks=lambda: now[0])
    me = Principal("one", "customer", customer="me")

    def mine() -> frozenset[str]:
        return known.standing(me, None).keys["own"]

    assert mine() == {"me at 1000.0"}
    now[0] += 0.9
    assert mine() == {"me at 1000.0"}
    now[0] += 0.2
    assert mine() == {"me at 1001.1"}
