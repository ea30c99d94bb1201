"""Where is it stuck, and why? One order's way from a campaign to money, for people who may see different parts of it,
on good days and on those when a system is ill."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.errors import Refusal
from gateway.question import Options, Question
from mocks.world import Order, open_world
from mocks.world.billing import Billing
from mocks.world.parcels import Parcels
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEPS = ("interest", "sale", "entered", "allocated", "billed", "fulfilled", "serviced", "followed")
STEP = "{ step state word at system evidence { number state word at } }"
WAY = f"""query($n: String!) {{ order(number: $n) {{ number orderToCash {{ stage daysInStage workedOutOf
  blockedBy {{ reason since system }} steps {{ {" ".join(f"{name} {STEP}" for name in STEPS)} }} }} }} }}"""


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=80, now=NOW), tmp_path_factory.mktemp("way to cash"))


@pytest.fixture
async def company(invented: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = invented.open(tmp_path, world__now=NOW.isoformat())
    yield opened
    await opened.app.stop()


def orders(company: Company, suits: Callable[[Order], bool] = lambda _: True) -> Iterator[Order]:
    return (one for index in company.world.customers() for one in company.world.orders_of(index) if suits(one))


def shipped(order: Order) -> bool:
    return order.status == "CLOSED" and all(line.quantity and line.shipped_on for line in order.lines)


def followed(company: Company) -> Order:
    """An order whose parcel one of our carriers remembers, and that the ledger has billed."""
    packed, ledger = Parcels(company.world), Billing(company.world)

    def fits(order: Order) -> bool:
        recent = [one for one in packed.of_order(order) if one.carrier in ("UPS", "FedEx") and one.scans]
        young = bool(recent) and all((NOW - one.scans[-1].at).days < 80 for one in recent)
        ordinal = ledger.ordinal_of_order(order.number)
        return shipped(order) and young and ordinal is not None and bool(ledger.bill_at(ordinal).invoices)

    return next(orders(company, fits))


async def way(company: Company, number: str, role: str = "support_agent", **who: Any) -> Any:
    return await company.ask(WAY, role, n=number, **who)


async def calls(company: Company) -> Counter[str]:
    return Counter(one["system"] for one in await company.asked() if one["operation"] not in ("token", "login"))


# -- who is told what ---------------------------------------------------------------------------------------------


async def test_each_step_is_told_in_its_owner_s_words(company: Company) -> None:
    order = followed(company)

    answer = await way(company, order.number)

    steps = answer["data"]["order"]["orderToCash"]["steps"]
    told = {name: (step["system"], step["word"]) for name, step in steps.items() if step}
    assert told["entered"] == ("oracle_om", "CLOSED")
    assert told["allocated"][0] == "oracle_om"
    assert told["billed"][0] == "netsuite"
    assert told["billed"][1] in ("A", "B")
    assert told["fulfilled"][0] in ("ups", "fedex")
    assert [one["number"] for one in steps["allocated"]["evidence"]] == [line.number for line in order.lines]
    assert "errors" not in answer


async def test_a_role_is_told_of_the_steps_it_may_see_and_of_what_they_come_to(company: Company) -> None:
    number = followed(company).number
    shown = {
        "support_agent": {"interest", "entered", "allocated", "billed", "fulfilled", "serviced"},
        "warehouse": {"entered", "allocated", "fulfilled"},
        "finance": {"entered", "allocated", "billed"},
    }

    for role, wanted in shown.items():
        answer = await way(company, number, role)
        found = answer["data"]["order"]["orderToCash"]
        hidden = {one["path"].rpartition(".")[2] for one in answer["extensions"]["absent"] if "steps." in one["path"]}
        assert {name for name, step in found["steps"].items() if step} == wanted
        assert hidden - {"system"} == set(STEPS) - wanted
        assert {one.lower() for one in found["workedOutOf"]} == wanted - {"interest"}


async def test_who_does_not_see_money_is_not_told_by_the_stage_that_it_is_missing(company: Company) -> None:
    """Delivered and not paid: the warehouse is done with it."""
    ledger, world = Billing(company.world), company.world
    unpaid = next(
        order
        for index in world.customers()
        for ordinal, order in zip(world.ordinals_of(index), world.orders_of(index), strict=True)
        if shipped(order)
        and (NOW - order.placed_at).days > 200
        and any(one.open for one in ledger.bill_at(ordinal).invoices)
    )
    agent = (await way(company, unpaid.number))["data"]["order"]["orderToCash"]
    await company.forget()
    warehouse = (await way(company, unpaid.number, "warehouse"))["data"]["order"]["orderToCash"]

    assert (agent["stage"], warehouse["stage"]) == ("BILLING", "COMPLETE")
    assert "PAYMENT_OVERDUE" in {one["reason"] for one in agent["blockedBy"]}
    assert warehouse["blockedBy"] == []
    assert set(await calls(company)) <= {"oracle_om", "ups", "fedex"}


async def test_a_customer_follows_their_own_order_and_nobody_else_s(company: Company) -> None:
    order = followed(company)
    me, other = company.id_of(order.customer), company.id_of(0 if order.customer else 1)

    mine = await way(company, order.number, "customer", customer=me)
    theirs = await way(company, order.number, "customer", customer=other)

    assert {name for name, step in mine["data"]["order"]["orderToCash"]["steps"].items() if step} >= {"billed"}
    assert theirs["data"]["order"] is None


async def test_a_carrier_sees_its_own_parcels_and_may_not_name_the_rest(company: Company) -> None:
    packed = Parcels(company.world)
    order = next(orders(company, lambda one: any(p.carrier == "UPS" for p in packed.of_order(one))))
    entered = "query($n: String!) { order(number: $n) { orderToCash { stage workedOutOf steps { entered { state }"
    shown = await put(company, f"{entered} fulfilled {{ state }} }} }} }} }}", n=order.number)
    refused = await put(company, f"{entered} billed {{ state }} }} }} }} }}", n=order.number)

    found = shown["data"]["order"]["orderToCash"]
    assert found["workedOutOf"] == ["ENTERED", "ALLOCATED", "FULFILLED"]
    assert found["steps"]["fulfilled"]["state"]
    assert "Cannot query field 'billed'" in refused["errors"][0]["message"]


async def put(company: Company, text: str, **variables: Any) -> Any:
    """As the carrier asks."""
    principal = Principal("tester", company.app.policy.partners["parcelline"].role, client="parcelline")
    try:
        body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="r"))
    except Refusal as refusal:
        return {"errors": refusal.errors}
    return json.loads(body)


# -- what it costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "systems"),
    [
        ("entered", {"oracle_om": 1}),
        ("billed", {"oracle_om": 1, "netsuite": 1}),
        ("serviced", {"oracle_om": 1, "remedy": 1}),
        ("entered { state } allocated { state } billed", {"oracle_om": 2, "netsuite": 1}),
    ],
)
async def test_only_the_systems_of_the_steps_that_are_selected_are_asked(
    company: Company, steps: str, systems: dict[str, int]
) -> None:
    """For a whole page of orders as for one: one question to each. The page itself is one more."""
    number = followed(company).customer
    question = f"""query($c: ID!) {{ customer(by: {{id: $c}}) {{ orders(first: 5) {{ nodes {{ orderToCash {{
        steps {{ {steps} {{ state }} }} }} }} }} }} }}"""
    await company.ask(question, c=company.id_of(number))
    await company.forget()

    answer = await company.ask(question, c=company.id_of(number), include="plan")

    asked = Counter(one["system"] for one in answer["extensions"]["plan"])
    assert asked == Counter(systems) + Counter({"oracle_om": 1})


async def test_twenty_orders_cost_each_system_what_one_does(company: Company) -> None:
    wanted = [one.number for one in orders(company, shipped)][:20]
    names = [f"n{at}" for at in range(len(wanted))]
    fields = " ".join(
        f"{name}: order(number: ${name}) {{ orderToCash {{ stage blockedBy {{ reason }} }} }}" for name in names
    )
    declared = ", ".join(f"${name}: String!" for name in names)

    answer = await company.ask(
        f"query({declared}) {{ {fields} }}", include="plan", **dict(zip(names, wanted, strict=True))
    )

    plan = Counter((one["system"], one["operation"]) for one in answer["extensions"]["plan"])
    assert "errors" not in answer
    assert max(count for (system, _), count in plan.items() if system != "fedex") <= 3
    assert sum(plan.values()) <= 12


# -- bad days -----------------------------------------------------------------------------------------------------


async def test_a_system_that_is_ill_costs_its_own_steps(company: Company) -> None:
    number = followed(company).number
    await company.break_("netsuite", "status", value=503)

    answer = await way(company, number)

    found = answer["data"]["order"]["orderToCash"]
    assert found["steps"]["billed"] is None
    assert found["steps"]["fulfilled"]["state"]
    assert found["steps"]["entered"]["state"] == "DONE"
    gaps = {(one["path"], one["reason"]) for one in answer["extensions"]["absent"] if one["reason"] != "WITHHELD"}
    assert ("order.orderToCash.steps.billed", "UNAVAILABLE") in gaps
    assert found["stage"] in (None, "FULFILMENT", "ALLOCATION")
    assert found["stage"] or ("order.orderToCash.stage", "UNAVAILABLE") in gaps
    assert None in found["blockedBy"]
    assert ("order.orderToCash.blockedBy.*", "UNAVAILABLE") in gaps


async def test_what_a_sick_system_would_not_decide_is_said_all_the_same(company: Company) -> None:
    """Nothing has left yet: whatever the ledger or a carrier says, the order waits for goods."""
    waiting = next(
        orders(
            company, lambda one: one.status == "DOO_PROCESSING" and one.lines[0].status in ("SCHEDULED", "BACKORDERED")
        )
    )
    for system in ("netsuite", "ups", "fedex", "remedy"):
        await company.break_(system, "status", value=503)

    answer = await company.ask(
        "query($n: String!) { order(number: $n) { orderToCash { stage daysInStage } } }", n=waiting.number
    )

    assert answer["data"]["order"]["orderToCash"]["stage"] == "ALLOCATION"
    assert "errors" not in answer


async def test_without_the_order_system_there_is_no_stage_and_the_reason_is_told(company: Company) -> None:
    order = next(orders(company, shipped))
    ledger = Billing(company.world)
    invoice = ledger.bill_at(ledger.ordinal_of_order(order.number) or 0).invoices[0].number
    await company.break_("oracle_om", "status", value=503)

    answer = await company.ask(
        "query($n: String!) { invoice(number: $n) { order { orderToCash { stage steps { serviced { state } } } } } }",
        n=invoice,
    )

    way = answer["data"]["invoice"]["order"]["orderToCash"]
    assert way["stage"] is None
    assert {(one["path"], one["reason"]) for one in answer["extensions"]["absent"]} >= {
        ("invoice.order.orderToCash.stage", "UNAVAILABLE")
    }


# -- order 'til cash ----------------------------------------------------------------------------------------------

STUCK = """query($customers: [ID!]) { orderToCash(customers: $customers, filter: {stuckOnly: true}, first: 100) {
  complete stages { stage orders } nodes { number customer { name }
    orderToCash { stage daysInStage blockedBy { reason since }
      steps { entered { state } allocated { state } billed { state } fulfilled { state } serviced { state } } } } } }"""


async def test_order_til_cash_for_these_twenty_customers_what_is_stuck_and_why(company: Company) -> None:
    """One question, however many orders that comes to: who is stuck is in the index, why is asked of each system."""
    people = [company.id_of(index) for index in range(3, 23)]
    await company.forget()

    answer = await company.ask(STUCK, customers=people, include="plan")

    found = answer["data"]["orderToCash"]
    plan = Counter((one["system"], one["operation"]) for one in answer["extensions"]["plan"])
    print(f"\n{len(found['nodes'])} orders stuck: {sum(plan.values())} calls; {dict(plan)}")
    assert "errors" not in answer
    assert len(found["nodes"]) == sum(one["orders"] for one in found["stages"]) > 3
    assert all(one["orderToCash"]["blockedBy"] and one["customer"]["name"] for one in found["nodes"])
    assert {system for system, _ in plan} <= {"siebel", "oracle_om", "netsuite", "remedy", "fedex", "ups"}
    assert sum(plan.values()) <= 20


async def test_where_is_my_parcel_is_the_step_that_its_carrier_tells(company: Company) -> None:
    order = followed(company)
    parcels = {one.number: one for one in Parcels(company.world).of_order(order)}
    question = """query($n: String!) { order(number: $n) { orderToCash { steps { fulfilled {
        state word evidence { number state at } } } } shipments { trackingNumber deliveredAt } } }"""

    answer = await company.ask(question, "customer", customer=company.id_of(order.customer), n=order.number)

    told = answer["data"]["order"]
    evidence = {one["number"]: one for one in told["orderToCash"]["steps"]["fulfilled"]["evidence"]}
    assert evidence.keys() == parcels.keys()
    for one in told["shipments"]:
        if one["deliveredAt"]:
            assert evidence[one["trackingNumber"]]["state"] == "DONE"
            assert evidence[one["trackingNumber"]]["at"] == one["deliveredAt"]


async def test_who_is_calling_and_how_far_are_their_orders(company: Company) -> None:
    """A telephone number becomes a person, their orders, and where each of these is."""
    index = next(i for i in range(3, 60) if company.world.orders_of(i) and company.world.customer(i).phone)
    phone = company.world.customer(index).phone
    question = """query($p: String!) { customerMatches(by: {phone: $p}) { customer { id name orders(first: 3) { nodes {
        number orderToCash { stage daysInStage blockedBy { reason } } } } } } }"""
    await company.forget()

    answer = await company.ask(question, p=phone, include="plan")

    people = {one["customer"]["id"]: one["customer"] for one in answer["data"]["customerMatches"]}
    told = people[company.id_of(index)]["orders"]["nodes"]
    newest = sorted(company.world.orders_of(index), key=lambda one: one.placed_at, reverse=True)[:3]
    assert {one["number"] for one in told} == {one.number for one in newest}
    assert all(one["orderToCash"]["stage"] for one in told)
    assert len(answer["extensions"]["plan"]) <= 14
