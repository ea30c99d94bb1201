"""The real sales file, asked through three systems that each hold a part of it."""

from __future__ import annotations

import pytest

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
