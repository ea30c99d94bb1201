"""The real sales file, asked through three systems that each hold a part of it."""

from __future__ import annotations

import pytest

from mocks.world.tickets import Tickets
from tests.company import Company

pytestmark = pytest.mark.anyio

CLAIRE = """
query Claire($number: String!) {
  customer(by: {orderNumber: $number}) {
    name
    email
    tier
    lifetimeValue { amount currency }
    orders {
      nodes {
        number
        status
        placedAt
        total { amount currency }
        lines { sku quantity amount { amount currency } shippedOn product { name description stock { plant quantity unit } } }
      }
    }
  }
}
"""
ORDER = "CA-2016-152156"
FIVE = {"siebel", "oracle_om", "sap", "remedy", "contentful"}


async def test_claire_gute_bought_two_things_in_november_2016(superstore: Company) -> None:
    answer = await superstore.ask(CLAIRE, number=ORDER)

    customer = answer["data"]["customer"]
    assert customer["name"] == "Claire Gute"
    (order,) = [one for one in customer["orders"]["nodes"] if one["number"] == ORDER]
    assert order["placedAt"].startswith("2016-11-08")
    assert [(line["sku"], line["quantity"], line["amount"]) for line in order["lines"]] == [
        ("FUR-BO-10001798", "2", {"amount": "261.96", "currency": "USD"}),
        ("FUR-CH-10000454", "3", {"amount": "731.94", "currency": "USD"}),
    ]
    assert order["total"] == {"amount": "993.9", "currency": "USD"}
    assert [line["product"]["description"] for line in order["lines"]] != [None, None]
    assert "errors" not in answer
    assert "extensions" not in answer


async def test_the_warehouse_sees_the_goods_and_not_the_buyer_or_the_money(superstore: Company) -> None:
    agent = await superstore.ask(CLAIRE, number=ORDER)
    await superstore.forget()
    warehouse = await superstore.ask(CLAIRE, "warehouse", number=ORDER)
    asked = await superstore.asked()

    assert blanked(agent["data"], [gap["path"] for gap in warehouse["extensions"]["absent"]]) == warehouse["data"]
    assert sorted(gap["coordinate"] for gap in warehouse["extensions"]["absent"]) == [
        "Customer.email",
        "Customer.lifetimeValue",
        "Customer.name",
        "Customer.tier",
        "Order.total",
        "OrderLine.amount",
    ]
    assert {entry["system"] for entry in asked} == {"oracle_om", "sap"}
    columns = {column for entry in asked for column in entry["columns"]}
    assert not columns & {"totals.TotalAmount", "lines.ExtendedAmount", "TransactionalCurrencyCode", "BuyingPartyName"}


async def test_every_order_and_every_customer_of_the_file_is_there(superstore: Company) -> None:
    crossref = superstore.app.pipeline.facts["crossref"]

    assert crossref.count() == 793
    assert superstore.world.order_count() == 5009


def blanked(data: object, patterns: list[str]) -> object:
    """The same answer with null at every path that matches one of the patterns."""
    for pattern in patterns:
        data = _blank(data, pattern.split("."))
    return data


def _blank(value: object, steps: list[str]) -> object:
    if not steps:
        return None
    if value is None:
        return None
    if steps[0] == "*":
        assert isinstance(value, list)
        return [_blank(item, steps[1:]) for item in value]
    assert isinstance(value, dict)
    return {key: _blank(item, steps[1:]) if key == steps[0] else item for key, item in value.items()}


# -- three journeys over five systems ---------------------------------------------------------------------------------


async def test_who_is_calling_a_number_becomes_a_person_their_orders_their_trouble_and_what_to_tell_them(
    superstore: Company,
) -> None:
    """Support: somebody complains about an order; one question shows all that is known, from five systems."""
    desk = Tickets(superstore.world)
    ordinal = next(i for i in range(len(desk)) if desk.about(i).order_number and desk.ticket(i).customer is not None)
    ticket = desk.ticket(ordinal)
    person = superstore.world.customer(ticket.customer or 0)

    answer = await superstore.ask(
        """query($n: String!) { ticket(number: $n) { number status sla { status }
            order { number lines { sku product { name stock { quantity } content { title } } } }
            customer { name phone tier orders(first: 3) { totalCount nodes { number total { amount } } } } } }""",
        n=ticket.number,
        include="plan",
    )

    found = answer["data"]["ticket"]
    assert found["customer"]["name"] == f"{person.first_name} {person.last_name}".strip()
    assert found["order"]["number"] == desk.about(ordinal).order_number
    assert found["customer"]["orders"]["nodes"]
    assert all(line["product"]["name"] for line in found["order"]["lines"])
    assert "errors" not in answer
    assert {call["system"] for call in answer["extensions"]["plan"]} == FIVE
    assert len(answer["extensions"]["plan"]) <= 9


async def test_which_orders_of_a_product_wait_and_who_waits_for_them(superstore: Company) -> None:
    """Supply: a product is short. Orders with it, newest first, with buyers for the agent and without for the warehouse."""
    question = """query($sku: String!) { orders(filter: {sku: $sku}, first: 50) { totalCount
        nodes { number placedAt lines { sku quantity } customer { name } } } product(sku: $sku) { name stock { quantity } } }"""
    sku = "FUR-CH-10000454"
    world = superstore.world
    wanted = [
        order.number
        for index in world.customers()
        for order in world.orders_of(index)
        if any(line.sku == sku for line in order.lines)
    ]

    agent = (await superstore.ask(question, sku=sku))["data"]
    warehouse = (await superstore.ask(question, "warehouse", sku=sku))["data"]

    assert {one["number"] for one in agent["orders"]["nodes"]} == set(wanted)
    assert agent["orders"]["totalCount"] == len(wanted)
    assert all(one["customer"]["name"] for one in agent["orders"]["nodes"])
    assert "CA-2016-152156" in wanted
    assert [one["customer"] for one in warehouse["orders"]["nodes"]] == [{"name": None}] * len(wanted)
    assert [one["number"] for one in warehouse["orders"]["nodes"]] == [
        one["number"] for one in agent["orders"]["nodes"]
    ]


async def test_somebody_half_remembered_is_found_by_a_name_a_town_and_where_they_bought(superstore: Company) -> None:
    """Sales: "a Claire, from Houston" is enough."""
    answer = await superstore.ask(
        """{ customers(filter: {name: "claire", city: "houston"}) { nodes { name address { city }
            orders(first: 5) { nodes { number } } tickets { nodes { number } } } }
            search(text: "claire gute") { customers { matched customer { name } } tickets { ticket { number } } } }"""
    )

    (claire,) = answer["data"]["customers"]["nodes"]
    assert (claire["name"], claire["address"]["city"]) == ("Claire Gute", "Houston")
    assert ORDER in [order["number"] for order in claire["orders"]["nodes"]]
    assert answer["data"]["search"]["customers"] == [{"matched": ["name"], "customer": {"name": "Claire Gute"}}]
