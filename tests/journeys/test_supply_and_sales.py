"""Where goods come from and what they were sold for: suppliers, what customers own, what sales people hope for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.world import open_world
from mocks.world.assets import Assets
from mocks.world.deals import Deals
from mocks.world.supply import Partners, Supply, gtin
from resolvers.ids import global_id
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACME = "V-200"
PLAN = """
  name stock { quantity } suppliers { supplierNumber partNumber available expected { on quantity } }
  forecast(weeks: 4) { supplierNumber mean p90 } commitments(weeks: 4) { supplierNumber quantity remark }
  demand { quantity backordered }
"""


@pytest.fixture(scope="module")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=120, now=NOW), tmp_path_factory.mktemp("supply"))


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = founding.open(tmp_path, world__now=NOW.isoformat())
    yield opened
    await opened.app.stop()


@pytest.fixture(scope="module")
def partners(founding: Founding) -> Partners:
    made = Partners(founding.world)
    for _ in made.gather():
        pass
    return made


async def supplier_asks(company: Company, text: str, **variables: Any) -> dict[str, Any]:
    """As Acme Parts, which is a client we refuse when it asks for what is not for it."""
    principal = Principal("acme", "partner_supplier", client="acme-parts")
    body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="acme"))
    answer: dict[str, Any] = json.loads(body)
    return answer


async def manager_asks(company: Company, text: str, region: str, **variables: Any) -> dict[str, Any]:
    principal = Principal("kim", "account_manager", keys={"own-region": (region,)})
    body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="kim"))
    answer: dict[str, Any] = json.loads(body)
    return answer


def wanted(company: Company) -> tuple[Counter[str], Counter[str]]:
    """What is open of each product, added up from the orders themselves: in all, and what waits for stock."""
    ordered: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for at in company.world.customers():
        for order in company.world.orders_of(at):
            for line in order.lines if order.status not in ("DOO_DRAFT", "CLOSED", "CANCELED") else ():
                if line.status not in ("SHIPPED", "CLOSED", "CANCELED"):
                    ordered[line.sku] += line.quantity  # type: ignore[assignment]
                    late[line.sku] += line.quantity if line.status == "BACKORDERED" else 0  # type: ignore[assignment]
    return ordered, late


def of_others(partners: Partners) -> Iterator[Supply]:
    for index in partners.everything:
        yield from (one for one in partners.supplies(index) if one.supplier.partner_id != ACME)


# -- a supplier -------------------------------------------------------------------------------------------------------


async def test_a_supplier_sees_its_own_products_and_of_others_only_the_catalogue(
    company: Company, partners: Partners
) -> None:
    own = partners.supplied_by(partners.suppliers[0])[:8]
    others = [index for index in partners.everything if index not in partners.supplied_by(partners.suppliers[0])][:8]
    skus = [company.world.product(index).sku for index in (*own, *others)]
    await company.forget()

    answer = await supplier_asks(company, f"query($s: [String!]!) {{ productsBySku(skus: $s) {{ {PLAN} }} }}", s=skus)

    rows = answer["data"]["productsBySku"]
    ordered, late = wanted(company)
    for index, row in zip(own, rows, strict=False):
        sku = company.world.product(index).sku
        (supply,) = [one for one in partners.supplies(index) if one.supplier.partner_id == ACME]
        weeks = partners.forecast(supply)[:4]
        assert row["suppliers"] == [
            {
                "supplierNumber": ACME,
                "partNumber": supply.part_number,
                "available": supply.available,
                "expected": [{"on": str(day), "quantity": quantity} for day, quantity in supply.expected],
            }
        ]
        assert [Decimal(week["mean"]) for week in row["forecast"]] == [week.mean for week in weeks]
        promised = [week.committed for week in weeks if week.committed]
        assert [week["quantity"] for week in row["commitments"]] == [one.quantity for one in promised]
        assert Decimal(row["demand"]["quantity"]) == ordered[sku]
        assert Decimal(row["demand"]["backordered"]) == late[sku]
        assert row["stock"] is not None
    for index, row in zip(others, rows[len(own) :], strict=True):
        assert row["name"] == company.world.product(index).names.get("EN")
        assert {name: value for name, value in row.items() if name != "name"} == dict.fromkeys(
            ("stock", "suppliers", "forecast", "commitments", "demand")
        )


async def test_no_customer_and_no_other_supplier_is_in_what_a_supplier_gets_or_has_asked_for(
    company: Company, partners: Partners
) -> None:
    skus = [company.world.product(index).sku for index in partners.everything[:100]]
    await company.forget()

    answer = await supplier_asks(company, f"query($s: [String!]!) {{ productsBySku(skus: $s) {{ {PLAN} }} }}", s=skus)

    body = json.dumps(answer, ensure_ascii=False)
    for one in of_others(partners):
        assert one.part_number not in body
        assert f'"{one.supplier.partner_id}"' not in body
        assert f"CANARY-commitment-{one.sku}-{one.supplier.partner_id}-" not in body
    for at in company.world.customers():
        person = company.world.customer(at)
        canaries = (person.email, person.siebel_account_id, f"CANARY-customer_notes-{at}")
        assert not any(text and text in body for text in canaries)
        assert not any(order.number in body for order in company.world.orders_of(at))
    asked = await company.asked()
    assert {one["system"] for one in asked} == {"partner_hub", "oracle_om", "sap"}
    hub = [one for one in asked if one["system"] == "partner_hub" and one["operation"] != "login"]
    assert all("partnerId=V-200" in one["query"] or "supplier=V-200" in one["query"] for one in hub)
    (orders,) = [one for one in asked if one["system"] == "oracle_om"]
    assert set(orders["columns"]) == {
        "HeaderId",
        "OrderNumber",
        "lines.FulfillLineId",
        "lines.OrderedQuantity",
        "lines.ProductNumber",
        "lines.StatusCode",
    }
    mine = {company.world.product(index).sku for index in partners.supplied_by(partners.suppliers[0])}
    stock = [one for one in asked if one["operation"] == "A_MatlStkInAcctMod.query"]
    assert {key for one in stock for key in one["keys"]} <= mine


async def test_a_supplier_pages_through_what_it_supplies_and_through_nobody_elses(
    company: Company, partners: Partners
) -> None:
    text = """query($a: String, $s: String) { supplies(supplier: $s, first: 10, after: $a) {
        nodes { supplierNumber partNumber product { sku } } pageInfo { hasNextPage endCursor } totalCount } }"""
    seen: list[str] = []
    after = None
    while True:
        page = (await supplier_asks(company, text, a=after))["data"]["supplies"]
        seen += [row["product"]["sku"] for row in page["nodes"]]
        assert {row["supplierNumber"] for row in page["nodes"]} == {ACME}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [company.world.product(at).sku for at in partners.supplied_by(partners.suppliers[0])]
    await company.forget()
    assert (await supplier_asks(company, text, s="V-201"))["data"]["supplies"]["nodes"] == []
    assert await company.asked() == []


async def test_what_somebody_else_supplies_is_to_a_supplier_as_if_it_were_not_there(
    company: Company, partners: Partners
) -> None:
    text = "query($id: ID!) { node(id: $id) { id ... on SupplierStock { partNumber available } } }"
    mine = company.world.product(partners.supplied_by(partners.suppliers[0])[0]).sku
    other = next(of_others(partners))
    theirs = global_id("SupplierStock", f"{other.supplier.partner_id} {other.sku}")
    known = await supplier_asks(company, text, id=global_id("SupplierStock", f"{ACME} {mine}"))
    assert known["data"]["node"]["partNumber"]
    await company.forget()
    hidden, asked = await supplier_asks(company, text, id=theirs), await company.asked("partner_hub")
    await company.forget()
    unknown = global_id("SupplierStock", f"{other.supplier.partner_id} NO-SUCH-SKU")
    nothing, as_many = await supplier_asks(company, text, id=unknown), await company.asked("partner_hub")
    assert hidden == nothing == {"data": {"node": None}}
    assert len(asked) == len(as_many) == 1


async def test_a_supplier_may_not_name_what_is_not_for_suppliers(company: Company) -> None:
    principal = Principal("acme", "partner_supplier", client="acme-parts")
    text = '{ product(sku: "CHR-00020") { tickets { totalCount } } }'
    with pytest.raises(Exception, match="Cannot query field") as refused:
        await company.app.pipeline(Question(text, None, {}), principal, Options(request_id="acme"))
    assert "tickets" in str(refused.value)


# -- planning ---------------------------------------------------------------------------------------------------------


async def test_demand_is_what_the_orders_themselves_add_up_to(company: Company) -> None:
    ordered, late = wanted(company)
    skus = [company.world.product(at).sku for at in range(60)]
    await company.forget()

    text = "query($s: [String!]!) { productsBySku(skus: $s) { sku demand { quantity backordered } } }"
    answer = await company.ask(text, "warehouse", include="sources", s=skus)

    for row in answer["data"]["productsBySku"]:
        assert Decimal(row["demand"]["quantity"]) == ordered[row["sku"]]
        assert Decimal(row["demand"]["backordered"]) == late[row["sku"]]
    assert any(ordered[sku] for sku in skus)
    assert len(await company.asked("oracle_om")) <= 6
    told = [one for one in answer["extensions"]["sources"] if one["path"].endswith("demand")]
    assert {one["mode"] for one in told} == {"DERIVED"}


async def test_a_planner_sees_all_suppliers_of_a_product_in_as_few_questions_as_there_are_kinds(
    company: Company, partners: Partners
) -> None:
    index = next(at for at in partners.everything if len(partners.supplies(at)) == 2)
    await company.forget()
    text = f"query($s: String!) {{ product(sku: $s) {{ {PLAN} }} }}"
    row = (await company.ask(text, "warehouse", s=company.world.product(index).sku))["data"]["product"]
    assert {one["supplierNumber"] for one in row["suppliers"]} == {
        one.supplier.partner_id for one in partners.supplies(index)
    }
    assert len(row["forecast"]) == 8
    calls = Counter(one["operation"] for one in await company.asked("partner_hub"))
    assert calls == {"login": 1, "inventory.items": 1, "forecasts": 2}


async def test_a_product_by_the_number_on_its_package(company: Company, partners: Partners) -> None:
    index = next(at for at in partners.everything if partners.supplies(at))
    text = "query($g: String!) { productByGtin(gtin: $g) { sku name } }"
    answer = await company.ask(text, "support_agent", g=gtin(index))
    assert answer["data"]["productByGtin"]["sku"] == company.world.product(index).sku
    assert (await company.ask(text, "support_agent", g="00000000000000"))["data"] == {"productByGtin": None}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "refuse"}, "BACKEND_UNAVAILABLE"),
        ({"kind": "status", "value": 500}, "BACKEND_UNAVAILABLE"),
        ({"kind": "throttle", "value": 30}, "BACKEND_THROTTLED"),
        ({"kind": "garbage"}, "BACKEND_GARBLED"),
        ({"kind": "status", "value": 403}, "BACKEND_REFUSED"),
    ],
)
async def test_without_the_hub_everything_else_answers_and_the_cause_is_stated(
    company: Company, partners: Partners, fault: dict[str, Any], code: str
) -> None:
    await company.break_("partner_hub", **fault)
    index = next(at for at in partners.everything if partners.supplies(at))
    text = f"query($s: String!) {{ product(sku: $s) {{ {PLAN} }} }}"
    answer = await company.ask(text, "warehouse", s=company.world.product(index).sku)
    row = answer["data"]["product"]
    assert row["name"]
    assert row["stock"] is not None
    assert row["demand"] is not None
    assert (row["suppliers"], row["forecast"], row["commitments"]) == (None, None, None)
    causes = {one["coordinate"]: (one["reason"], one["code"]) for one in answer["extensions"]["absent"]}
    assert causes == {f"Product.{name}": ("UNAVAILABLE", code) for name in ("suppliers", "forecast", "commitments")}


# -- what customers own -----------------------------------------------------------------------------------------------


async def test_what_somebody_owns_with_what_there_is_to_replace_it_and_to_read_about_it(company: Company) -> None:
    index = next(at for at in company.world.customers() if len(Assets(company.world).of_customer(at)) >= 3)
    await company.forget()
    answer = await company.ask(
        """query($id: ID!) { customer(by: {id: $id}) { name owns(first: 20) { nodes {
             serialNumber since warrantyUntil order { number }
             product { sku name stock { plant quantity } content { title } } } } } }""",
        id=company.id_of(index),
    )
    assets = {one.serial: one for one in Assets(company.world).of_customer(index)}
    nodes = answer["data"]["customer"]["owns"]["nodes"]
    assert len(nodes) == min(len(assets), 20)
    assert [one["since"] for one in nodes] == sorted((one["since"] for one in nodes), reverse=True)
    for one in nodes:
        asset = assets[one["serialNumber"]]
        assert one["product"]["sku"] == asset.sku
        assert one["order"]["number"] == asset.order_number
        assert one["warrantyUntil"] == (str(asset.warranty_until) if asset.warranty_until else None)
        assert one["product"]["stock"] is not None
    calls = Counter(one["system"] for one in await company.asked())
    assert calls["siebel"] == 2
    assert calls["sap"] == 2
    assert calls["contentful"] == 1
    assert calls["oracle_om"] == 0


async def test_a_serial_number_leads_to_the_thing_and_to_who_has_it(company: Company) -> None:
    asset = Assets(company.world).of_customer(0)[0]
    text = """query($s: String!) { asset(serialNumber: $s) { number product { sku } customer { name } }
              customer(by: {serialNumber: $s}) { name } }"""
    answer = await company.ask(text, s=asset.serial)
    assert answer["data"]["asset"] == {
        "number": asset.number,
        "product": {"sku": asset.sku},
        "customer": {"name": "Ada Okafor"},
    }
    assert answer["data"]["customer"] == {"name": "Ada Okafor"}
    nobody = await company.ask(text, s="SN0")
    assert nobody["data"] == {"asset": None, "customer": None}


async def test_customers_find_their_own_things_and_nobody_elses(company: Company) -> None:
    asset = Assets(company.world).of_customer(0)[0]
    text = "query($s: String!) { asset(serialNumber: $s) { serialNumber notes } }"
    own = await company.ask(text, "customer", customer=company.id_of(0), s=asset.serial)
    assert own["data"]["asset"] == {"serialNumber": asset.serial, "notes": asset.comments}
    await company.forget()
    theirs = await company.ask(text, "customer", customer=company.id_of(1), s=asset.serial)
    asked = await company.asked()
    await company.forget()
    nothing = await company.ask(text, "customer", customer=company.id_of(1), s="SN0")
    as_many = await company.asked()
    assert theirs == nothing == {"data": {"asset": None}}
    assert [one["operation"] for one in asked] == [one["operation"] for one in as_many]


# -- what sales people hope for ---------------------------------------------------------------------------------------

OPPORTUNITIES = """query($id: ID!, $a: String) { customer(by: {id: $id}) { opportunities(first: 7, after: $a) {
  nodes { id name stage status amount { amount currency } probability closesOn order { number }
          lines { sku quantity product { name } } } pageInfo { hasNextPage endCursor } totalCount } } }"""


async def test_opportunities_of_the_own_region_page_by_page_each_with_its_order_when_won(company: Company) -> None:
    deals = {one.name + one.order_number: one for one in Deals(company.world).of_customer(1)}
    region, seen, after = company.world.customer(1).region, list[dict[str, Any]](), None
    while True:
        answer = await manager_asks(company, OPPORTUNITIES, region, id=company.id_of(1), a=after)
        page = answer["data"]["customer"]["opportunities"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(deals) == len({one["id"] for one in seen})
    assert [one["closesOn"] for one in seen] == sorted((one["closesOn"] for one in seen), reverse=True)
    for one in seen:
        deal = deals[one["name"] + (one["order"]["number"] if one["order"] else "")]
        assert (one["stage"], one["probability"]) == (deal.stage, deal.probability)
        assert one["status"] == ("WON" if deal.order_number else "LOST" if deal.probability == 0 else "OPEN")
        assert Decimal(one["amount"]["amount"]) == deal.amount
        assert [line["sku"] for line in one["lines"]] == [line.sku for line in deal.lines]


async def test_opportunities_of_another_region_are_not_asked_for(company: Company) -> None:
    await company.forget()
    answer = await manager_asks(company, OPPORTUNITIES, "Mars", id=company.id_of(1))
    assert answer["data"]["customer"]["opportunities"] is None
    assert "CANARY" not in json.dumps(answer)
    assert [one["operation"] for one in await company.asked()] == ["Account.query"]


async def test_who_does_not_sell_sees_no_opportunity(company: Company) -> None:
    await company.forget()
    answer = await company.ask(OPPORTUNITIES, id=company.id_of(1))
    assert answer["data"]["customer"]["opportunities"] is None
    assert [one["category"] for one in answer["extensions"]["absent"]] == ["sales"]
    assert await company.asked() == []


async def test_many_customers_cost_one_question_for_their_opportunities(company: Company) -> None:
    people = [at for at in range(60) if company.world.customer(at).siebel_contact_id][:30]
    text = """query($ids: [ID!]!) { customersById(ids: $ids) { opportunities(first: 2) {
              nodes { name } totalCount } } }"""
    await company.forget()
    principal = Principal("kim", "account_manager", keys={"own-region": ("EMEA", "AMER", "APAC")})
    variables = {"ids": [company.id_of(at) for at in people]}
    body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="kim"))
    rows = json.loads(body)["data"]["customersById"]
    for at, row in zip(people, rows, strict=True):
        if row["opportunities"]:
            names = {one.name for one in Deals(company.world).of_customer(at)}
            assert {one["name"] for one in row["opportunities"]["nodes"]} <= names
    calls = Counter(one["operation"] for one in await company.asked("siebel"))
    assert calls["Opportunity.query"] <= 4


# -- a real sales file ------------------------------------------------------------------------------------------------


async def test_superstores_orders_have_become_assets_and_won_opportunities(superstore: Company) -> None:
    index = next(at for at in superstore.world.customers() if len(Assets(superstore.world).of_customer(at)) > 3)
    answer = await superstore.ask(
        "query($id: ID!) { customer(by: {id: $id}) { owns(first: 100) { nodes { serialNumber order { number } } } } }",
        id=superstore.id_of(index),
    )
    found = {(one["serialNumber"], one["order"]["number"]) for one in answer["data"]["customer"]["owns"]["nodes"]}
    assert found == {(one.serial, one.order_number) for one in Assets(superstore.world).of_customer(index)}
