"""What we ordered of suppliers, and what they say to it: planners see all of it, a supplier its own, nobody else any."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.world.supply import Partners, PurchaseOrder
from resolvers.backends.base import Call, Deadline, Kind
from resolvers.backends.partner_hub import Acknowledgement, LineAcknowledgement
from resolvers.ids import global_id
from tests.company import Company

pytestmark = pytest.mark.anyio

BOUGHT = """query($number: String!) { purchaseOrder(number: $number) { number state supplierNumber orderedAt changedAt remark
  lines { number sku partNumber ordered unit acknowledgement acknowledged shipsOn reason product { name } } } }"""


@pytest.fixture
def partners(company: Company) -> Partners:
    return Partners(company.world)


async def supplier_asks(company: Company, text: str, **variables: Any) -> dict[str, Any]:
    principal = Principal("acme", "partner_supplier", client="acme-parts")
    body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="acme"))
    answer: dict[str, Any] = json.loads(body)
    return answer


def answered(order: PurchaseOrder) -> set[str]:
    return {line.code for line in order.lines}


async def test_a_planner_finds_a_purchase_order_by_its_number_and_reads_what_the_supplier_says(
    company: Company, partners: Partners
) -> None:
    orders = [one for supplier in partners.suppliers for one in partners.orders_of(supplier)]
    for code in ("", "Accepted", "Backordered", "Rejected"):
        order = next(one for one in orders if code in answered(one))
        told = (await company.ask(BOUGHT, "warehouse", number=order.number))["data"]["purchaseOrder"]
        assert (told["number"], told["state"]) == (order.number, order.state.upper())
        assert (told["supplierNumber"], told["remark"]) == (order.supplier.partner_id, order.remark)
        for line, row in zip(order.lines, told["lines"], strict=True):
            assert (row["sku"], row["partNumber"]) == (line.supply.sku, line.supply.part_number)
            assert (row["ordered"], row["unit"]) == (line.quantity, line.supply.unit)
            assert row["acknowledgement"] == (line.code.upper() or None)
            assert row["acknowledged"] == (line.acknowledged if line.code else None)
            assert row["shipsOn"] == (str(line.ships_on) if line.ships_on else None)
            assert row["reason"] == (line.reason or None)
            assert row["product"]["name"]


async def test_an_order_and_its_products_are_one_question_to_each_system(company: Company, partners: Partners) -> None:
    order = partners.orders_of(partners.suppliers[0])[5]
    await company.forget()
    await company.ask(BOUGHT, "warehouse", number=order.number)
    asked = [(one["system"], one["operation"]) for one in await company.asked() if one["operation"] != "login"]
    assert sorted(system for system, _ in asked) == ["partner_hub", "sap"]


async def test_what_a_supplier_acknowledges_is_there_once_the_hub_has_done_it(
    company: Company, partners: Partners
) -> None:
    """The hub takes an acknowledgement at once (202) and looks at it later."""
    order = partners.orders_of(partners.suppliers[0])[0]
    before = (await company.ask(BOUGHT, "warehouse", number=order.number))["data"]["purchaseOrder"]
    assert (before["state"], before["lines"][0]["acknowledgement"]) == ("NEW", None)
    line = order.lines[0]
    said = LineAcknowledgement(line.supply.part_number, "Rejected", 0, line.supply.unit, None, "TemporarilyUnavailable")
    key = Acknowledgement(order.number, order.supplier.partner_id, (said,))
    call = Call("partner_hub", "acknowledge", (key,), frozenset({"status"}), kind=Kind.WRITE)
    done = (await company.app.backends["partner_hub"].perform(call, Deadline(10)))[key]
    assert done.value is not None
    assert done.value.status == "Success"

    await company.forget()
    after = (await company.ask(BOUGHT, "warehouse", number=order.number))["data"]["purchaseOrder"]
    assert after["state"] == "ACKNOWLEDGED"
    told = after["lines"][0]
    assert (told["acknowledgement"], told["acknowledged"], told["reason"]) == ("REJECTED", 0, "TemporarilyUnavailable")
    assert [one["acknowledgement"] for one in after["lines"][1:]] == [None] * (len(order.lines) - 1)


async def test_a_supplier_sees_its_own_and_of_others_as_much_as_of_what_does_not_exist(
    company: Company, partners: Partners
) -> None:
    mine, other = (partners.orders_of(one)[4] for one in partners.suppliers[:2])
    told = await supplier_asks(company, BOUGHT, number=mine.number)
    assert told["data"]["purchaseOrder"]["remark"] == mine.remark

    answers, asked = [], []
    for number in (other.number, "4500000000"):
        await company.forget()
        answers.append(await supplier_asks(company, BOUGHT, number=number))
        asked.append(
            [(one["system"], one["operation"]) for one in await company.asked() if one["operation"] != "login"]
        )
    assert answers == [{"data": {"purchaseOrder": None}}] * 2
    assert asked[0] == asked[1] == [("partner_hub", "purchaseOrders.read")]
    assert other.remark not in json.dumps(answers)


async def test_a_purchase_order_is_fetched_again_by_its_id(company: Company, partners: Partners) -> None:
    text = "query($id: ID!) { node(id: $id) { id ... on PurchaseOrder { number } } }"
    mine, other = (partners.orders_of(one)[4].number for one in partners.suppliers[:2])
    answer = await supplier_asks(company, text, id=global_id("PurchaseOrder", mine))
    assert answer["data"]["node"]["number"] == mine
    assert (await supplier_asks(company, text, id=global_id("PurchaseOrder", other)))["data"] == {"node": None}


@pytest.mark.parametrize("role", ["support_agent", "finance", "auditor", "integrator", "customer", "marketer"])
async def test_who_does_not_keep_goods_coming_is_not_told_and_no_system_is_asked(
    company: Company, partners: Partners, role: str
) -> None:
    await company.forget()
    own = {"customer": company.id_of(0)} if role == "customer" else {}
    answer = await company.ask(BOUGHT, role, **own, number=partners.orders_of(partners.suppliers[0])[4].number)
    assert answer["data"] == {"purchaseOrder": None}
    assert {gap["category"] for gap in answer["extensions"]["absent"]} == {"supply"}
    assert await company.asked() == []


async def test_without_the_hub_the_cause_is_stated(company: Company, partners: Partners) -> None:
    await company.break_("partner_hub", "refuse")
    number = partners.orders_of(partners.suppliers[0])[4].number
    answer = await company.ask(BOUGHT, "warehouse", number=number)
    assert answer["data"] == {"purchaseOrder": None}
    (gap,) = answer["extensions"]["absent"]
    assert (gap["reason"], gap["code"]) == ("UNAVAILABLE", "BACKEND_UNAVAILABLE")
