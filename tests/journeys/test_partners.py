"""A reseller sees the orders of its own channel, and neither people nor money; and what orders our work, each partner sees
of its own rows alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.errors import Refusal
from gateway.question import Options, Question
from mocks.world import Order
from tests.company import Company

pytestmark = pytest.mark.anyio

ORDERS = """query($a: String) { orders(first: 50, after: $a) { nodes { number status channel placedAt lines { sku quantity status
  product { name content { title } } } } pageInfo { hasNextPage endCursor } } }"""
ONE = "query($n: String!) { order(number: $n) { number channel lines { sku } } }"


async def asks(company: Company, client: str, text: str, **variables: Any) -> dict[str, Any]:
    principal = Principal("nora", company.app.policy.partners[client].role, client=client)
    body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="nora"))
    answer: dict[str, Any] = json.loads(body)
    return answer


async def reseller_asks(company: Company, text: str, **variables: Any) -> dict[str, Any]:
    return await asks(company, "northwind", text, **variables)


def sold(company: Company) -> tuple[list[Order], list[Order]]:
    """Orders of the reseller's channel, and the others."""
    every = [order for index in company.world.customers() for order in company.world.orders_of(index)]
    mine = [order for order in every if order.source_system == "PARTNER"]
    return mine, [order for order in every if order.source_system != "PARTNER"]


async def test_a_reseller_reads_the_orders_of_its_own_channel_and_of_no_other(company: Company) -> None:
    mine, others = sold(company)
    await company.forget()
    read, bodies, after = list[str](), "", None
    while True:
        answer = await reseller_asks(company, ORDERS, a=after)
        page = answer["data"]["orders"]
        bodies += json.dumps(answer, ensure_ascii=False)
        read += [order["number"] for order in page["nodes"]]
        assert {order["channel"] for order in page["nodes"]} <= {"PARTNER"}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(read) == sorted(order.number for order in mine)
    assert not any(f'"{order.number}"' in bodies for order in others)
    log = await company.asked()
    assert {one["system"] for one in log} == {"oracle_om", "sap", "contentful"}
    lists = [one for one in log if one["operation"] == "salesOrdersForOrderHub.list"]
    assert all("SourceTransactionSystem" in one["query"] and "PARTNER" in one["query"] for one in lists)


async def test_nobody_s_name_and_no_amount_is_in_what_a_reseller_gets_or_has_asked_for(company: Company) -> None:
    mine, _ = sold(company)
    await company.forget()
    body = json.dumps(await reseller_asks(company, ORDERS), ensure_ascii=False)
    for order in mine:
        person = company.world.customer(order.customer)
        told = (person.email, person.last_name if len(person.last_name) > 5 else "", str(order.total), person.number)
        assert not any(text and f'"{text}"' in body for text in told)
        assert not order.notes or order.notes not in body
    columns = {column for one in await company.asked("oracle_om") for column in one["columns"]}
    money = ("Amount", "Price", "totals", "BuyingParty", "billTo", "shipTo", "Hold")
    assert not any(word in column for column in columns for word in money)


async def test_an_order_of_another_channel_is_to_a_reseller_as_if_it_were_not_there(company: Company) -> None:
    mine, others = sold(company)
    assert (await reseller_asks(company, ONE, n=mine[0].number))["data"]["order"]["number"] == mine[0].number
    answers, calls = [], []
    for number in (others[0].number, "NO-SUCH-ORDER"):
        await company.forget()
        answers.append(await reseller_asks(company, ONE, n=number))
        calls.append([(one["system"], one["operation"]) for one in await company.asked()])
    assert answers == [{"data": {"order": None}}] * 2
    assert calls[0] == calls[1]


@pytest.mark.parametrize(
    "text",
    [
        '{ order(number: "1") { total { amount } } }',
        '{ order(number: "1") { customer { name } } }',
        '{ order(number: "1") { holds { name } } }',
        '{ order(number: "1") { parties { shipTo { name } } } }',
        '{ order(number: "1") { shipments { trackingNumber } } }',
        '{ product(sku: "1") { stock { quantity } } }',
        '{ purchaseOrder(number: "1") { number } }',
        "{ customers { nodes { id } } }",
        '{ invoice(number: "1") { number } }',
    ],
)
async def test_what_is_not_for_resellers_is_not_in_their_schema(company: Company, text: str) -> None:
    await company.forget()
    with pytest.raises(Refusal, match="Cannot query field"):
        await reseller_asks(company, text)
    assert await company.asked() == []


# -- order to cash -----------------------------------------------------------------------------------------------------

WAY = """query($a: String) { orderToCash(first: 100, after: $a) { examined complete stages { stage orders }
  pageInfo { hasNextPage endCursor }
  nodes { number status orderToCash { stage daysInStage blockedBy { reason since } workedOutOf
    steps { entered { state word } allocated { state }%s } lines { number sku ordered shipped%s } } } } }"""
CARRIED = WAY % (" fulfilled { state word evidence { number at } }", " packed delivered")
RESOLD = WAY % ("", "")


def theirs(company: Company, client: str, order: Order) -> bool:
    if client == "northwind":
        return order.source_system == "PARTNER"
    return any(line.carrier == "UPS" for line in order.lines)


@pytest.mark.parametrize(
    ("client", "text", "systems"),
    [("northwind", RESOLD, {"oracle_om"}), ("parcelline", CARRIED, {"oracle_om", "ups"})],
)
async def test_a_partner_follows_its_own_orders_to_cash_and_is_told_of_no_other(
    company: Company, client: str, text: str, systems: set[str]
) -> None:
    every = [order for index in company.world.customers() for order in company.world.orders_of(index)]
    mine = {order.number for order in every if theirs(company, client, order)}
    assert 20 < len(mine) < len(every) - 20
    await company.forget()
    read, bodies, after, more = list[str](), "", None, True
    while more:
        answer = await asks(company, client, text, a=after)
        assert "errors" not in answer
        page = answer["data"]["orderToCash"]
        assert page["complete"]
        assert page["examined"] == sum(one["orders"] for one in page["stages"]) == len(mine)
        read += [one["number"] for one in page["nodes"]]
        bodies += json.dumps(answer, ensure_ascii=False)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(read) == len(set(read))
    assert set(read) == mine
    assert {one["system"] for one in await company.asked()} <= systems
    assert not any(f'"{order.number}"' in bodies for order in every if order.number not in mine)
    assert not any(word in bodies for word in ("CANARY", "PAYMENT_OVERDUE", '"TICKET"', "BILLING", "SERVICE", "HOLD"))
    people = {company.world.customer(order.customer) for order in every if order.number in mine}
    texts = {text for one in people for text in (one.email, one.party_number, one.phone, one.account_name) if text}
    assert not [text for text in texts if len(text) > 5 and f'"{text}"' in bodies]


@pytest.mark.parametrize(
    ("client", "text"),
    [
        ("northwind", "{ orderToCash { nodes { orderToCash { steps { billed { state } } } } } }"),
        ("northwind", "{ orderToCash { nodes { orderToCash { steps { fulfilled { state } } } } } }"),
        ("northwind", "{ orderToCash { stages { amounts { amount } } } }"),
        ("northwind", '{ orderToCash(filter: {tier: ["Gold"]}) { examined } }'),
        ("northwind", '{ orderToCash(customers: ["x"]) { examined } }'),
        ("northwind", '{ product(sku: "1") { demandOutlook { until } } }'),
        ("northwind", "{ supportQueue { breaches } }"),
        ("parcelline", "{ orderToCash { nodes { orderToCash { steps { interest { state } } } } } }"),
        ("parcelline", "{ orderToCash { nodes { orderToCash { lines { billed { invoiced } } } } } }"),
        ("parcelline", '{ order(number: "1") { customer { timeline { nodes { at } } } } }'),
        ("parcelline", '{ customer(by: {orderNumber: "1"}) { timeline { nodes { at } } } }'),
        ("acme-parts", "{ orderToCash { examined } }"),
        ("acme-parts", '{ product(sku: "1") { demandOutlook { until } } }'),
        ("acme-parts", '{ order(number: "1") { orderToCash { stage } } }'),
        ("acme-parts", '{ campaign(id: "x") { fulfilmentRisk { verdict } } }'),
    ],
)
async def test_what_orders_our_work_is_not_in_a_partner_s_schema(company: Company, client: str, text: str) -> None:
    """Unknown to them, to the word: as if it were misspelt."""
    await company.forget()
    with pytest.raises(Refusal, match=r"Cannot query field|Unknown argument|unknown field"):
        await asks(company, client, text)
    assert await company.asked() == []


async def test_a_cursor_of_one_partner_is_none_of_another_s(company: Company) -> None:
    page = (await asks(company, "northwind", RESOLD))["data"]["orderToCash"]["pageInfo"]
    answer = await asks(company, "parcelline", RESOLD, a=page["endCursor"])
    assert answer["data"]["orderToCash"] is None
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["BAD_VARIABLE"]
