"""`X-Include: cost`: what an answer could come to, and what it did, in fields."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from gateway.auth import Principal
from gateway.engine.costing import actual
from gateway.question import Options, Question
from tests.company import Company
from tests.gateway.yardstick import referred

pytestmark = pytest.mark.anyio

PAGE = """query($id: ID!) { customer(by: {id: $id}) { name orders(first: 3) { totalPages: pageInfo { hasNextPage }
    nodes { number status } edges { cursor node { number } } } } }"""


async def cost(company: Company, query: str, role: str = "support_agent", **variables: Any) -> Any:
    answer = await company.ask(query, role, include="cost", **variables)
    return answer.get("extensions", {}).get("cost")


async def test_a_page_is_as_long_as_it_may_be_and_what_stands_beside_it_counts_once(company: Company) -> None:
    """customer, name, orders, the page's info (2), nodes and two fields of each, edges and three of each."""
    assert await cost(company, PAGE, id=company.id_of(0)) == {
        "estimated": 3 + 2 + (1 + 3 * 2) + (1 + 3 * 3),
        "actual": 3 + 2 + (1 + 3 * 2) + (1 + 3 * 3),
    }


async def test_who_finds_nobody_has_asked_for_as_much_and_got_less(company: Company) -> None:
    assert await cost(company, PAGE, id="nobody") == {"estimated": 22, "actual": 1}


async def test_keys_and_pages_multiply(company: Company) -> None:
    query = "query($ids: [ID!]!) { customersById(ids: $ids) { id orders(first: 2) { nodes { number } } } }"
    ids = [company.id_of(i) for i in (0, 1, 6)]

    assert (await cost(company, query, ids=ids))["estimated"] == 1 + 3 * (2 + (1 + 2 * 1))


async def test_lists_without_a_length_count_as_one(company: Company) -> None:
    order = max(company.world.orders_of(0), key=lambda one: len(one.lines))
    found = await cost(company, "query($n: String!) { order(number: $n) { lines { sku number } } }", n=order.number)

    assert found == {"estimated": 4, "actual": 2 + 2 * len(order.lines)}
    assert len(order.lines) > 1


async def test_of_several_kinds_the_one_with_most_fields_counts(company: Company) -> None:
    query = "query($n: ID!) { node(id: $n) { id ... on Order { number status channel } ... on Product { sku } } }"

    assert await cost(company, query, n="x") == {"estimated": 5, "actual": 1}


async def test_what_is_withheld_is_one_null_and_an_argument_that_may_not_be_used_brings_nothing(
    company: Company,
) -> None:
    query = "query($id: ID!) { customer(by: {id: $id}) { id name address { city country } } }"
    by_email = 'query { customer(by: {email: "a@example.com"}) { id identities { system key } } }'

    assert await cost(company, query, "integrator", id=company.id_of(0)) == {"estimated": 4, "actual": 4}
    assert await cost(company, by_email, "integrator") == {"estimated": 1, "actual": 1}


async def test_questions_about_the_schema_count_as_one_each(company: Company) -> None:
    assert await cost(company, "{ __typename __schema { queryType { name } } viewer { role } }") == {
        "estimated": 4,
        "actual": 4,
    }


async def test_it_is_told_to_those_who_run_the_gateway_alone(company: Company) -> None:
    assert await cost(company, "{ viewer { name } }", "warehouse") is None
    answer = await company.ask("{ viewer { name } }")
    assert "extensions" not in answer


async def test_both_engines_come_to_the_same(company: Company, declared: strawberry.Schema) -> None:
    question = Question(PAGE, None, {"id": company.id_of(1)})
    told = await referred(
        company.app.pipeline, declared, question, Principal("tester", "support_agent"), Options(request_id="x")
    )

    assert actual(told.data) == (await cost(company, PAGE, id=company.id_of(1)))["actual"]


def test_fields_are_counted_below_lists_of_lists_and_nulls() -> None:
    assert actual({"a": [[{"b": 1}, None], []], "c": None, "d": {"e": {}}}) == 5
    assert actual(None) == 0
