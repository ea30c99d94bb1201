"""A partner who asks too much is turned away itself, and nobody else notices."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth import Principal
from gateway.auth.tokens import dev_tokens
from gateway.errors import HttpProblem
from gateway.policy import Partner
from gateway.traffic.quota import Quotas
from tests.company import Founding


def quotas(now: list[float], per_minute: int = 60, at_once: int = 3, agreed: int = 0) -> Quotas:
    limits = (("per_minute", agreed),) if agreed else ()
    partners = {name: Partner(name, "", "partner_supplier", {}, (), limits=limits) for name in ("one", "other")}
    return Quotas(partners, per_minute, at_once, lambda: now[0])


ONE, OTHER = (Principal(name, "partner_supplier", name) for name in ("one", "other"))


def asked(quota: Quotas, who: Principal = ONE) -> int:
    """The status, and nothing held."""
    try:
        with quota.request(who):
            return 200
    except HttpProblem as problem:
        return problem.status


def test_a_minute_s_requests_may_come_at_once_and_then_steadily() -> None:
    now = [0.0]
    quota = quotas(now)
    assert [asked(quota) for _ in range(61)] == [200] * 60 + [429]
    now[0] += 1
    assert [asked(quota) for _ in range(2)] == [200, 429]
    now[0] += 600
    assert [asked(quota) for _ in range(61)] == [200] * 60 + [429]
    assert quota.turned_away == 3


def test_each_partner_has_its_own() -> None:
    quota = quotas([0.0])
    for _ in range(70):
        asked(quota)
    assert (asked(quota), asked(quota, OTHER)) == (429, 200)


def test_who_is_no_partner_has_no_such_limit() -> None:
    quota = quotas([0.0], per_minute=1)
    assert {asked(quota, Principal("c", "support_agent", client)) for client in ("desk", None) for _ in range(9)} == {
        200
    }


def test_so_many_at_the_same_time_and_no_more() -> None:
    quota = quotas([0.0])
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(quota.request(ONE))
        assert (asked(quota), asked(quota, OTHER)) == (429, 200)
    assert asked(quota) == 200


def test_what_is_agreed_with_one_goes_before_the_settings() -> None:
    quota = quotas([0.0], 1000, 9, agreed=2)
    assert [asked(quota) for _ in range(3)] == [200, 200, 429]


def test_the_answer_says_how_many_are_left_and_when_to_come_back() -> None:
    now = [0.0]
    quota = quotas(now, per_minute=120)
    with quota.request(ONE) as told:
        assert told == {"RateLimit-Policy": '"minute";q=120;w=60', "RateLimit": '"minute";r=119;t=1'}
    for _ in range(119):
        asked(quota)
    with pytest.raises(HttpProblem) as refused, quota.request(ONE):
        pass
    assert refused.value.headers == {
        "Retry-After": "1",
        "RateLimit-Policy": '"minute";q=120;w=60',
        "RateLimit": '"minute";r=0;t=60',
    }


@pytest.mark.anyio
async def test_a_partner_hears_429_and_staff_hears_nothing_of_it(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path, limits__partner_per_minute=2)
    tokens = dev_tokens(company.app.settings, company.app.policy.roles)
    partner = tokens.mint("partner_supplier", client="acme-parts")
    other = tokens.mint("partner_carrier", client="parcelline")
    staff = tokens.mint("support_agent")
    question: dict[str, Any] = {"json": {"query": "{ __typename }"}}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        replies = [
            await client.post("/graphql", headers={"Authorization": f"Bearer {token}"}, **question)
            for token in (partner, partner, partner, other, staff)
        ]
    await company.app.stop()
    assert [reply.status_code for reply in replies] == [200, 200, 429, 200, 200]
    assert replies[0].headers["RateLimit"] == '"minute";r=1;t=30'
    assert replies[2].json()["errors"][0]["extensions"] == {"code": "SATURATED"}
    assert int(replies[2].headers["Retry-After"]) in range(1, 31)
    assert "RateLimit" not in replies[4].headers
