"""One question, every old system: what it costs them, and what is left of it on a bad day."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.company import Company

pytestmark = pytest.mark.anyio

TWENTY = """
query Twenty($ids: [ID!]!) {
  customersById(ids: $ids) {
    name
    email
    tier
    lifetimeValue { amount currency }
    orders(first: 5) {
      nodes { number total { amount } lines { sku quantity product { name stock { plant quantity } } } }
    }
  }
}
"""


def twenty(company: Company) -> list[str]:
    people = (company.world.customer(i) for i in range(60, 120))
    return [company.id_of(one.index) for one in people if one.siebel_contact_id and one.party_number][:20]


async def test_twenty_customers_cost_one_call_a_question(company: Company) -> None:
    await company.forget()
    answer = await company.ask(TWENTY, ids=twenty(company), include="plan")

    assert len([one for one in answer["data"]["customersById"] if one["name"]]) == 20
    assert "errors" not in answer
    calls = Counter((call["system"], call["operation"]) for call in answer["extensions"]["plan"])
    skus = {
        line["sku"]
        for customer in answer["data"]["customersById"]
        for order in customer["orders"]["nodes"]
        for line in order["lines"]
    }
    chunks = -(-len(skus) // 50)
    assert calls == {
        ("siebel", "contacts"): 1,
        ("siebel", "accounts"): 1,
        ("oracle_om", "orders_of"): 1,
        ("oracle_om", "totals_of"): 1,
        ("sap", "products"): chunks,
        ("sap", "stock"): chunks,
    }
    requests = Counter(entry["system"] for entry in await company.asked())
    assert requests == {"siebel": 2, "oracle_om": 2, "sap": 2 * chunks}


async def test_a_product_on_many_lines_is_asked_for_once(company: Company) -> None:
    await company.forget()
    answer = await company.ask(TWENTY, ids=twenty(company))

    lines = [
        line["sku"]
        for customer in answer["data"]["customersById"]
        for order in customer["orders"]["nodes"]
        for line in order["lines"]
    ]
    asked = [
        key for entry in await company.asked("sap") if entry["operation"] == "A_Product.query" for key in entry["keys"]
    ]
    assert len(lines) > len(set(lines))
    assert sorted(asked) == sorted(set(lines))


@pytest.mark.parametrize("system", ["siebel", "oracle_om", "sap"])
async def test_a_system_that_is_down_costs_its_own_part(company: Company, system: str) -> None:
    ids = twenty(company)[:3]
    well = await company.ask(TWENTY, ids=ids)
    await company.forget()
    await company.break_(system, "refuse")

    answer = await company.ask(TWENTY, ids=ids)

    lost = {entry["path"] for entry in answer["extensions"]["absent"]}
    assert (
        lost
        == {
            "siebel": {"customersById.*.email", "customersById.*.name", "customersById.*.tier"},
            "oracle_om": {"customersById.*.lifetimeValue", "customersById.*.orders"},
            "sap": {
                "customersById.*.orders.nodes.*.lines.*.product.name",
                "customersById.*.orders.nodes.*.lines.*.product.stock",
            },
        }[system]
    )
    assert {entry["reason"] for entry in answer["extensions"]["absent"]} == {"UNAVAILABLE"}
    assert {error["extensions"]["system"] for error in answer["errors"]} == {system}
    assert kept(answer["data"], well["data"])


async def test_who_does_not_run_the_systems_does_not_hear_their_names(company: Company) -> None:
    await company.break_("oracle_om", "refuse")

    answer = await company.ask(TWENTY, "warehouse", ids=twenty(company)[:1])

    (error,) = answer["errors"]
    assert error["extensions"]["system"].startswith("system-")
    assert "oracle" not in str(answer).lower()


async def test_a_slow_system_is_given_up_within_the_deadline(company: Company) -> None:
    await company.break_("sap", "latency", value=5000)

    answer = await company.ask('{ productsBySku(skus: ["x"]) { name } viewer { name } }')

    assert answer["data"] == {"productsBySku": None, "viewer": {"name": "tester"}}
    assert answer["errors"][0]["extensions"]["code"] == "BACKEND_TIMEOUT"


def kept(now: Any, before: Any) -> bool:
    """Everything that is still there is as it was."""
    if now is None:
        return True
    if isinstance(now, dict):
        return all(kept(value, before[key]) for key, value in now.items())
    if isinstance(now, list):
        return len(now) == len(before) and all(map(kept, now, before))
    return bool(now == before)


# -- whose data it is -------------------------------------------------------------------------------------------------


async def test_a_customer_sees_themself_and_nobody_else(company: Company) -> None:
    me, other = company.id_of(0), company.id_of(1)
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { id name email orders { nodes { number } } } }"

    answer = await company.ask(question, "customer", customer=me, ids=[me, other, "nobody"])

    mine, theirs, nobody = answer["data"]["customersById"]
    assert mine["id"] == me
    assert mine["name"] == "Ada Okafor"
    assert mine["orders"]["nodes"]
    assert theirs is None
    assert nobody is None


async def test_an_order_of_somebody_else_is_as_absent_as_one_that_does_not_exist(company: Company) -> None:
    me = company.id_of(0)
    theirs = company.world.orders_of(1)[0].number
    question = "query($n: String!) { order(number: $n) { number status customer { name } } }"

    async def asked(number: str) -> tuple[Any, list[Any]]:
        await company.forget()
        answer = await company.ask(question, "customer", customer=me, n=number)
        return answer, [(entry["operation"], entry["columns"]) for entry in await company.asked()]

    assert await asked(theirs) == await asked("1234567")
    mine, _ = await asked(company.world.orders_of(0)[0].number)
    assert mine["data"]["order"]["customer"] == {"name": "Ada Okafor"}


async def test_who_may_only_see_themself_is_not_told_that_others_match(company: Company) -> None:
    shared = [i for i in range(len(company.world)) if i % 100 in (42, 44)][:2]
    phone = company.world.customer(shared[0]).phone
    question = "query($p: String!) { customer(by: {phone: $p}) { id } customerMatches(by: {phone: $p}) { matched } }"

    agent = await company.ask(question, p=phone)
    one = await company.ask(question, "customer", customer=company.id_of(shared[0]), p=phone)

    assert agent["data"] == {"customer": None, "customerMatches": [{"matched": ["phone"]}] * 2}
    assert agent["extensions"]["absent"][0]["reason"] == "AMBIGUOUS"
    assert one["data"]["customer"] == {"id": company.id_of(shared[0])}


# -- finding somebody -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [str.upper, lambda text: f"  {text} ", str.title])
async def test_an_email_address_is_found_however_it_is_written(company: Company, spell: Any) -> None:
    answer = await company.ask(
        "query($e: String!) { customer(by: {email: $e}) { id } }", e=spell("ada.okafor@example.com")
    )

    assert answer["data"]["customer"] == {"id": company.id_of(0)}


async def test_every_way_to_a_customer_leads_to_the_same_one(company: Company) -> None:
    ada, order = company.world.customer(0), company.world.orders_of(0)[0]
    ways: list[dict[str, Any]] = [
        {"id": company.id_of(0)},
        {"email": ada.email},
        {"phone": ada.phone},
        {"orderNumber": order.number},
        {"key": {"system": "siebel.contact", "key": ada.siebel_contact_id}},
        {"key": {"system": "oracle_om.party", "key": ada.party_number}},
    ]

    found = [await company.ask("query($by: CustomerBy!) { customer(by: $by) { id name } }", by=by) for by in ways]

    assert [one["data"]["customer"] for one in found] == [{"id": company.id_of(0), "name": "Ada Okafor"}] * len(ways)


async def test_a_name_that_is_an_attack_is_just_a_name(company: Company) -> None:
    answer = await company.ask(
        "query($id: ID!) { customersById(ids: [$id]) { name orders { nodes { number } } } }", id=company.id_of(6)
    )

    assert answer["data"]["customersById"][0]["name"].endswith("O'Hara\" OR '1'='1")


async def test_a_thousand_steps_back_and_forth_stay_two_questions(company: Company) -> None:
    """customer → orders → customer → orders: each level asks once, and equal questions are asked once."""
    question = """query($id: ID!) { customersById(ids: [$id]) { orders(first: 3) { nodes {
        customer { orders(first: 3) { nodes { customer { name } } } } } } } }"""
    await company.forget()

    answer = await company.ask(question, id=company.id_of(0))

    assert "errors" not in answer
    assert Counter(entry["system"] for entry in await company.asked()) == {"oracle_om": 1, "siebel": 1}


async def test_all_250_orders_are_read_page_by_page(company: Company) -> None:
    question = "query($id: ID!, $a: String) { customersById(ids: [$id]) { orders(first: 40, after: $a) { nodes { number placedAt } pageInfo { hasNextPage endCursor } } } }"
    numbers: list[str] = []
    after, more = None, True
    while more:
        answer = await company.ask(question, id=company.id_of(1), a=after)
        page = answer["data"]["customersById"][0]["orders"]
        numbers += [order["number"] for order in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    wanted = sorted(company.world.orders_of(1), key=lambda order: (order.placed_at, order.number), reverse=True)
    assert numbers == [order.number for order in wanted]


async def test_a_cursor_is_good_for_its_own_list_only(company: Company) -> None:
    question = "query($id: ID!, $a: String) { customersById(ids: [$id]) { orders(first: 1, after: $a) { pageInfo { endCursor } } } }"
    answer = await company.ask(question, id=company.id_of(1))
    cursor = answer["data"]["customersById"][0]["orders"]["pageInfo"]["endCursor"]

    others = [
        await company.ask(question, id=company.id_of(0), a=cursor),
        await company.ask(question, "warehouse", id=company.id_of(1), a=cursor),
        await company.ask(question, id=company.id_of(1), a="x" + cursor),
    ]

    assert [one["errors"][0]["extensions"]["code"] for one in others] == ["BAD_VARIABLE"] * 3
    assert "not a cursor of this list" in others[0]["errors"][0]["message"]
