"""Whole questions on bad days: what is told of age, of causes, and of each row."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

PRODUCTS = "query($skus: [String!]!) { productsBySku(skus: $skus) { sku name stock { plant quantity } } }"


def skus(company: Company, many: int = 3) -> list[str]:
    return [company.world.product(index).sku for index in range(many)]


def by_path(answer: dict[str, Any], what: str = "sources") -> dict[str, dict[str, Any]]:
    return {entry["path"]: entry for entry in answer["extensions"][what]}


async def age(company: Company, seconds: float) -> None:
    """So much time goes by for what is remembered."""
    for entry in company.app.pipeline.traffic.cache._by_use:
        entry.at -= seconds


async def test_each_place_says_where_it_comes_from_and_how_old_it_is(company: Company) -> None:
    first = by_path(await company.ask(PRODUCTS, include="sources", skus=skus(company)))
    assert {path: (one["system"], one["mode"]) for path, one in first.items()} == {
        "productsBySku": ("sap", "LIVE"),
        "productsBySku.*.name": ("sap", "LIVE"),
        "productsBySku.*.stock": ("sap", "LIVE"),
    }
    again = by_path(await company.ask(PRODUCTS, include="sources", skus=skus(company)))
    assert {one["mode"] for one in again.values()} == {"CACHED"}
    assert again["productsBySku"]["fetchedAt"] == first["productsBySku"]["fetchedAt"]
    assert again["productsBySku"]["ageMs"] >= first["productsBySku"]["ageMs"]
    assert (again["productsBySku"]["rows"], again["productsBySku.*.name"]["rows"]) == (3, 3)
    datetime.fromisoformat(again["productsBySku"]["fetchedAt"])


async def test_nothing_is_said_of_sources_to_who_does_not_ask(company: Company) -> None:
    assert "extensions" not in await company.ask(PRODUCTS, skus=skus(company))


async def test_who_does_not_run_the_systems_hears_a_label_for_each(company: Company) -> None:
    answer = await company.ask(PRODUCTS, "warehouse", include="sources", skus=skus(company))
    assert {one["system"][:7] for one in answer["extensions"]["sources"]} == {"system-"}


async def test_what_is_worked_out_says_so(company: Company) -> None:
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { lifetimeValue { amount } } }"
    told = by_path(await company.ask(question, include="sources", ids=[company.id_of(0)]))
    assert told["customersById.*.lifetimeValue"]["mode"] == "DERIVED"


async def test_a_row_that_is_not_the_callers_leaves_the_same_trace_as_none(company: Company) -> None:
    theirs = next(order.number for index in range(3, 60, 3) for order in company.world.orders_of(index))
    me, question = company.id_of(0), "query($number: String!) { order(number: $number) { status } }"
    told = []
    for number in (theirs, "no such order"):
        answer = await company.ask(question, "customer", customer=me, include="sources", number=number)
        sources = answer.get("extensions", {}).get("sources", ())
        told.append([{**one, "fetchedAt": "", "ageMs": 0} for one in sources])
        assert answer["data"] == {"order": None}
    assert told[0] == told[1]


# -- a system fails ---------------------------------------------------------------------------------------------------


async def test_stock_is_told_for_five_minutes_after_its_system_is_gone_and_says_that_it_is_old(
    company: Company,
) -> None:
    well = await company.ask(PRODUCTS, skus=skus(company))
    await company.break_("sap", "refuse")
    await age(company, 60)

    answer = await company.ask(PRODUCTS, include="sources,plan", skus=skus(company))

    assert answer["data"] == well["data"]
    assert "errors" not in answer
    told = {path: one["mode"] for path, one in by_path(answer).items()}
    assert told == {"productsBySku": "CACHED", "productsBySku.*.name": "CACHED", "productsBySku.*.stock": "STALE"}
    assert {one["operation"]: one["cache"] for one in answer["extensions"]["plan"]} == {
        "products": "HIT",
        "stock": "STALE",
    }

    await age(company, 241)
    late = await company.ask(PRODUCTS, skus=skus(company))
    (entry,) = late["extensions"]["absent"]
    assert (entry["path"], entry["rows"], entry["reason"]) == ("productsBySku.*.stock", "ALL", "STALE_SUPPRESSED")
    assert entry["code"] == "BACKEND_UNAVAILABLE"
    assert [one["name"] for one in late["data"]["productsBySku"]] == [
        one["name"] for one in well["data"]["productsBySku"]
    ]


async def test_what_may_not_be_old_is_held_back_and_the_answer_says_why(company: Company) -> None:
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { email } }"
    await company.ask(question, ids=[company.id_of(0)])
    await company.break_("siebel", "refuse")
    assert (await company.ask(question, ids=[company.id_of(0)]))["data"]["customersById"][0]["email"]
    await age(company, 6)

    answer = await company.ask(question, ids=[company.id_of(0)])

    (entry,) = answer["extensions"]["absent"]
    assert answer["data"]["customersById"][0]["email"] is None
    assert (entry["reason"], entry["code"], entry["system"], entry["retryable"]) == (
        "STALE_SUPPRESSED",
        "BACKEND_UNAVAILABLE",
        "siebel",
        True,
    )


async def test_one_part_of_a_long_list_that_fails_costs_its_own_rows(company: Company) -> None:
    known = skus(company, 60)
    far = known[55].replace("#", "%23")
    await company.break_("sap", "status", value=500, match=f"Product eq '{far}'")

    answer = await company.ask("query($skus: [String!]!) { productsBySku(skus: $skus) { sku name } }", skus=known)

    products = answer["data"]["productsBySku"]
    assert [one is not None for one in products] == [index < 50 for index in range(60)]
    (entry,) = answer["extensions"]["absent"]
    assert (entry["path"], entry["reason"], entry["rows"]) == ("productsBySku.*", "UNAVAILABLE", "SOME")
    assert entry["at"] == [["productsBySku", index] for index in range(50, 60)]
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["affected"]) == (["productsBySku", 50], 10)


async def test_each_of_many_customers_whose_part_fails_is_told_apart(company: Company) -> None:
    ids = [company.id_of(index) for index in range(0, 150, 3)]
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { id name } }"
    well = await company.ask(question, ids=ids)
    await company.forget()
    await company.break_("siebel", "status", value=500, times=1)

    answer = await company.ask(question, ids=ids)

    (entry,) = answer["extensions"]["absent"]
    lost = {index for _, index, _ in entry["at"]}
    assert (entry["path"], entry["rows"], entry["reason"]) == ("customersById.*.name", "SOME", "UNAVAILABLE")
    assert 0 < len(lost) < len(ids)
    for index, (now, before) in enumerate(
        zip(answer["data"]["customersById"], well["data"]["customersById"], strict=True)
    ):
        assert now["name"] == (None if index in lost else before["name"])


async def test_an_answer_comes_within_the_deadline_and_says_what_it_had_no_time_for(company: Company) -> None:
    await company.break_("sap", "latency", value=3000)
    principal, options = Principal("hasty", "support_agent"), Options(deadline_ms=300, request_id="r")
    begun = time.monotonic()
    body = await company.app.pipeline(Question(PRODUCTS, None, {"skus": ["x"]}), principal, options)
    assert time.monotonic() - begun < 1.5
    assert b'"code":"DEADLINE"' in body
    assert b'"reason":"NOT_LOADED"' in body


async def test_five_hundred_who_ask_the_same_at_once_are_one_question_to_each_system(company: Company) -> None:
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { name orders(first: 2) { nodes { status } } } }"
    await company.break_("siebel", "latency", value=300)
    await company.break_("oracle_om", "latency", value=300)

    answers = await asyncio.gather(*(company.ask(question, ids=[company.id_of(0)]) for _ in range(500)))

    assert all(answer == answers[0] for answer in answers)
    assert "errors" not in answers[0]
    assert sorted(entry["system"] for entry in await company.asked()) == ["oracle_om", "siebel"]


async def test_the_breaker_shows_where_the_systems_are_listed(company: Company) -> None:
    await company.break_("sap", "status", value=503)
    for index in range(20):
        await company.ask(PRODUCTS, skus=[f"none-{index}"])

    answer = await company.ask(
        "query($skus: [String!]!) { productsBySku(skus: $skus) { sku } sources { name status breaker p50Ms p95Ms inFlight } }",
        skus=["x"],
    )

    sap = next(one for one in answer["data"]["sources"] if one["name"] == "sap")
    assert (sap["status"], sap["breaker"], sap["inFlight"]) == ("DOWN", "OPEN", 0)
    assert sap["p95Ms"] >= sap["p50Ms"] > 0
    (error,) = answer["errors"]
    assert 3000 < error["extensions"]["retryAfterMs"] <= 6000


# -- caches and coalescing between callers ----------------------------------------------------------------------------


async def test_two_thousand_questions_of_two_callers_never_cross(founding: Founding, tmp_path: Path) -> None:
    """Caches and coalescing on, for everything; each caller gets their own row, or nothing of the other's."""
    always = {f"cache__{one}": "60/60/60" for one in ("identity", "contact", "logistics", "financial", "service")}
    company = founding.open(tmp_path, **always, traffic__queue=5000, traffic__queue_wait_ms=30_000)
    people = [company.id_of(0), company.id_of(3)]
    emails = [company.world.customer(index).email for index in (0, 3)]
    question = "query($id: ID!) { customer(by: {id: $id}) { id email orders(first: 3) { nodes { number } } } }"
    alone = [await company.ask(question, "customer", customer=one, id=one) for one in people]
    assert alone[0]["data"]["customer"]["email"] != alone[1]["data"]["customer"]["email"]
    assert [one["data"]["customer"]["email"] for one in alone] == emails

    async def ask(number: int) -> int:
        me, asked = people[number % 2], people[(number // 2) % 2]
        answer = await company.ask(question, "customer", customer=me, id=asked)
        if me == asked:
            return int(answer != alone[number % 2])
        return int(answer["data"] != {"customer": None})

    crossings = 0
    for start in range(0, 2000, 100):
        crossings += sum(await asyncio.gather(*(ask(number) for number in range(start, start + 100))))

    assert crossings == 0
    await company.app.stop()
