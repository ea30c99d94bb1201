"""Where is my parcel? Asked by the customer, an agent, the warehouse and the carrier; and on the days when a carrier, or
the order system, does not answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.errors import Refusal
from gateway.question import Options, Question
from mocks.world.parcels import Parcel, Parcels
from tests.company import Company, Founding
from tests.mocks.parcel_world import world

pytestmark = pytest.mark.anyio

WHERE = """query($n: String!) { order(number: $n) { number status shipments {
  carrier service trackingNumber status promisedOn estimatedOn deliveredAt late events { at place kind text } } } }"""
FOUND = """query($n: String!) { shipment(trackingNumber: $n) {
  trackingNumber carrier status signedForBy contents { line sku quantity } order { number parties { shipTo { name } } } } }"""


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(world(), tmp_path_factory.mktemp("parcels"))


@pytest.fixture
async def company(invented: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = invented.open(tmp_path)
    yield opened
    await opened.app.stop()


def parcels(company: Company, carrier: str, suits: Callable[[Parcel], bool] = lambda _: True) -> Iterator[Parcel]:
    """Parcels that their carrier remembers."""
    packed, today = Parcels(company.world), company.world.now
    for index in company.world.customers():
        for order in company.world.orders_of(index):
            for one in packed.of_order(order):
                recent = one.scans and today - one.scans[-1].at < timedelta(days=80)
                if one.carrier == carrier and recent and suits(one):
                    yield one


def together(company: Company, parcel: Parcel) -> list[Parcel]:
    return list(Parcels(company.world).of_order(parcel.order))


async def calls(company: Company) -> Counter[tuple[str, str]]:
    """What was asked, log-ins apart."""
    return Counter(
        (entry["system"], entry["operation"]) for entry in await company.asked() if entry["operation"] != "token"
    )


async def put(company: Company, text: str, client: str, **variables: Any) -> Any:
    """As a partner asks."""
    principal = Principal("tester", company.app.policy.partners[client].role, client=client)
    try:
        body = await company.app.pipeline(Question(text, None, variables), principal, Options(request_id="r"))
    except Refusal as refusal:
        return {"errors": refusal.errors}
    return json.loads(body)


# -- what it costs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("carrier", "system"), [("FedEx", "fedex"), ("UPS", "ups")])
async def test_where_is_my_parcel(company: Company, carrier: str, system: str) -> None:
    several = next(parcels(company, carrier, lambda one: len(together(company, one)) > 1))
    wanted = together(company, several)
    await company.forget()

    answer = await company.ask(WHERE, n=several.order.number)

    assert "errors" not in answer
    told = {one["trackingNumber"]: one for one in answer["data"]["order"]["shipments"]}
    assert told.keys() == {one.number for one in wanted}
    for one in wanted:
        shown = told[one.number]
        assert shown["carrier"] == carrier
        assert len(shown["events"]) == len(one.scans)
        assert shown["promisedOn"] == one.promised_on.isoformat()
        if shown["deliveredAt"] and one.delivered_at:
            assert shown["late"] == (one.delivered_at.date() > one.promised_on)
    asked = await calls(company)
    assert asked.pop(("oracle_om", "salesOrdersForOrderHub.list")) == 1
    assert asked.pop(("oracle_om", "shipmentLines.list")) == 1
    assert sum(asked.values()) == (1 if system == "fedex" else len(wanted))
    assert {name for name, _ in asked} == {system}


async def test_where_is_the_superstore_parcel(superstore: Company) -> None:
    for carrier, system, service in (("FedEx", "fedex", "FedEx "), ("UPS", "ups", "UPS 3 Day Select")):
        parcel = next(parcels(superstore, carrier))
        await superstore.forget()
        answer = await superstore.ask(WHERE, n=parcel.order.number)
        shown = next(one for one in answer["data"]["order"]["shipments"] if one["trackingNumber"] == parcel.number)
        assert shown["service"].startswith(service)
        assert shown["events"][-1]["kind"] == "LABEL_CREATED"
        assert {name for name, _ in await calls(superstore)} == {"oracle_om", system}


async def test_twenty_orders_with_their_parcels_are_a_question_each(company: Company) -> None:
    ours = {one.order.customer for one in parcels(company, "FedEx")}
    ids = [company.id_of(index) for index in sorted(ours)[:20]]
    await company.forget()

    answer = await company.ask(
        "query($ids: [ID!]!) { customersById(ids: $ids) { orders(first: 2) { nodes { shipments { status } } } } }",
        ids=ids,
    )

    assert "errors" not in answer
    asked = await calls(company)
    numbers = [n for entry in await company.asked("fedex") for n in entry["keys"]]
    assert asked["oracle_om", "shipmentLines.list"] == 1
    assert asked["fedex", "trackingnumbers"] == -(-len(numbers) // 30)
    assert len(numbers) == len(set(numbers)) > 10


async def test_a_parcel_is_found_by_its_number_however_it_is_written(company: Company) -> None:
    parcel = next(parcels(company, "UPS", lambda one: one.number.startswith("1Z") and bool(one.delivered_at)))
    spaced = f" {parcel.number[:2].lower()} {parcel.number[2:8]}-{parcel.number[8:]}"
    await company.forget()

    answer = await company.ask(FOUND, n=spaced)

    shown = answer["data"]["shipment"]
    assert (shown["trackingNumber"], shown["carrier"], shown["status"]) == (parcel.number, "UPS", "DELIVERED")
    assert shown["order"]["number"] == parcel.order.number
    assert [one["sku"] for one in shown["contents"]] == [part.line.sku for part in parcel.contents]
    assert shown["signedForBy"] == parcel.signed_by
    assert {name for name, _ in await calls(company)} == {"oracle_om", "ups"}


async def test_a_number_that_tells_no_carrier_is_asked_of_both(company: Company) -> None:
    parcel = next(parcels(company, "UPS", lambda one: one.number.startswith("MI")))
    await company.forget()

    answer = await company.ask(
        "query($n: String!) { shipment(trackingNumber: $n) { carrier status } }", n=parcel.number
    )

    assert answer["data"]["shipment"]["carrier"] == "UPS"
    assert await calls(company) == {("fedex", "trackingnumbers"): 1, ("ups", "details"): 1}


async def test_what_nobody_knows_is_null_and_no_error(company: Company) -> None:
    for number in ("1Z9999999999999999", "123456789012", "not a number!", ""):
        answer = await company.ask(FOUND, n=number)
        assert answer == {"data": {"shipment": None}}


async def test_a_parcel_of_another_carrier_is_there_with_what_the_order_system_knows(company: Company) -> None:
    parcel = next(parcels(company, "DHL"))
    await company.forget()

    answer = await company.ask(WHERE, n=parcel.order.number)

    shown = next(one for one in answer["data"]["order"]["shipments"] if one["trackingNumber"] == parcel.number)
    assert (shown["carrier"], shown["status"], shown["events"]) == ("DHL", None, None)
    assert "extensions" not in answer
    assert {name for name, _ in await calls(company)} == {"oracle_om"}


async def test_search_finds_a_parcel_by_its_number_exactly(company: Company) -> None:
    parcel = next(parcels(company, "FedEx"))
    question = "query($t: String!) { search(text: $t) { shipments { shipment { trackingNumber status } matched } } }"

    answer = await company.ask(question, t=parcel.number)
    nothing = await company.ask(question, t="lamp")

    (found,) = answer["data"]["search"]["shipments"]
    assert (found["shipment"]["trackingNumber"], found["matched"]) == (parcel.number, ["trackingNumber"])
    assert nothing["data"]["search"]["shipments"] == []


async def test_a_parcel_is_fetched_again_by_its_id(company: Company) -> None:
    parcel = next(parcels(company, "FedEx"))
    first = await company.ask("query($n: String!) { shipment(trackingNumber: $n) { id } }", n=parcel.number)
    again = await company.ask(
        "query($i: ID!) { node(id: $i) { ... on Shipment { trackingNumber } } }", i=first["data"]["shipment"]["id"]
    )
    assert again["data"]["node"] == {"trackingNumber": parcel.number}


async def test_late_is_worked_out_and_says_so(company: Company) -> None:
    parcel = next(parcels(company, "FedEx"))
    answer = await company.ask(
        "query($n: String!) { shipment(trackingNumber: $n) { late status } }", include="sources", n=parcel.number
    )
    modes = {one["path"]: one["mode"] for one in answer["extensions"]["sources"] if one["system"] == "fedex"}
    assert modes["shipment.late"] == "DERIVED"
    assert modes["shipment.status"] == "LIVE"


# -- who needs to know --------------------------------------------------------------------------------------------------


async def test_a_customer_follows_their_own_parcel_and_nobody_elses(company: Company) -> None:
    mine, other = (next(parcels(company, carrier)) for carrier in ("UPS", "FedEx"))
    me = company.id_of(mine.order.customer)

    seen = await company.ask(FOUND, "customer", customer=me, n=mine.number)
    assert seen["data"]["shipment"]["order"]["number"] == mine.order.number

    async def asked(number: str) -> tuple[Any, Any]:
        await company.forget()
        answer = await company.ask(FOUND, "customer", customer=me, n=number)
        return answer, [(entry["system"], entry["operation"], entry["columns"]) for entry in await company.asked()]

    theirs, nobodys = await asked(other.number), await asked("799999999998")
    assert theirs == nobodys
    assert theirs[0]["data"] == {"shipment": None}
    assert {name for name, _, _ in theirs[1]} == {"oracle_om"}


async def test_the_warehouse_follows_parcels_and_does_not_hear_who_took_them(company: Company) -> None:
    parcel = next(parcels(company, "UPS", lambda one: bool(one.delivered_at)))

    answer = await company.ask(FOUND, "warehouse", n=parcel.number)

    shown = answer["data"]["shipment"]
    assert (shown["status"], shown["signedForBy"]) == ("DELIVERED", None)
    assert shown["order"]["parties"]["shipTo"] is None
    assert "CANARY" not in json.dumps(answer)


async def test_a_carrier_sees_name_address_and_parcel_of_what_it_carries_and_nothing_else(company: Company) -> None:
    mine = next(parcels(company, "UPS", lambda one: bool(one.delivered_at) and one.order.ship_to is not None))
    theirs = next(parcels(company, "FedEx"))
    question = """query($n: String!) { shipment(trackingNumber: $n) { trackingNumber carrier status signedForBy leftAt
      contents { sku } order { number parties { shipTo { name address { city } } } shipments { trackingNumber } } } }"""

    seen = await put(company, question, "parcelline", n=mine.number)
    shown = seen["data"]["shipment"]
    assert shown["order"]["parties"]["shipTo"]["name"] == mine.order.ship_to_name
    assert shown["signedForBy"] == mine.signed_by
    assert {one["trackingNumber"] for one in shown["order"]["shipments"]} == {
        one.number for one in together(company, mine)
    }

    await company.forget()
    hidden = await put(company, question, "parcelline", n=theirs.number)
    assert hidden["data"] == {"shipment": None}
    assert {entry["system"] for entry in await company.asked()} == {"oracle_om"}
    assert "CANARY" not in json.dumps(hidden)

    for beyond in ("customer { name }", "parties { soldTo { name } }", "total { amount }", "tickets { totalCount }"):
        refused = await put(
            company,
            f"query($n: String!) {{ shipment(trackingNumber: $n) {{ order {{ {beyond} }} }} }}",
            "parcelline",
            n=mine.number,
        )
        assert refused["errors"][0]["extensions"]["code"] == "VALIDATION"


async def test_who_does_not_need_to_know_asks_no_carrier(company: Company) -> None:
    parcel = next(parcels(company, "FedEx"))
    await company.forget()

    answer = await company.ask(WHERE, "auditor", n=parcel.order.number)

    assert answer["data"]["order"]["shipments"] is None
    (absent,) = answer["extensions"]["absent"]
    assert (absent["coordinate"], absent["reason"], absent["category"]) == ("Order.shipments", "WITHHELD", "tracking")
    assert await calls(company) == {("oracle_om", "salesOrdersForOrderHub.list"): 1}


# -- bad days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("refuse", None, "BACKEND_UNAVAILABLE"),
        ("status", 500, "BACKEND_UNAVAILABLE"),
        ("garbage", None, "BACKEND_GARBLED"),
        ("throttle", 30, "BACKEND_THROTTLED"),
    ],
)
@pytest.mark.parametrize(("carrier", "system"), [("FedEx", "fedex"), ("UPS", "ups")])
async def test_a_carrier_that_is_down_costs_what_it_alone_knows(
    company: Company, carrier: str, system: str, kind: str, value: float | None, code: str
) -> None:
    parcel = next(parcels(company, carrier))
    other = next(parcels(company, "UPS" if carrier == "FedEx" else "FedEx"))
    await company.forget()
    await company.break_(system, kind, **({} if value is None else {"value": value}))

    answer = await company.ask(WHERE, n=parcel.order.number)

    shown = answer["data"]["order"]["shipments"]
    assert parcel.number in [one["trackingNumber"] for one in shown]
    assert all((one["carrier"], one["status"], one["events"]) == (carrier, None, None) for one in shown)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert {one["reason"] for one in answer["extensions"]["absent"]} == {"UNAVAILABLE"}
    assert {one["system"] for one in answer["extensions"]["absent"]} == {system}
    well = await company.ask(WHERE, n=other.order.number)
    assert "errors" not in well


async def test_with_a_carrier_down_a_parcel_is_still_found_by_its_number(company: Company) -> None:
    parcel = next(parcels(company, "FedEx"))
    await company.forget()
    await company.break_("fedex", "refuse")

    answer = await company.ask(
        "query($n: String!) { shipment(trackingNumber: $n) { carrier status } }", n=parcel.number
    )

    assert answer["data"]["shipment"] == {"carrier": "FedEx", "status": None}
    assert answer["errors"][0]["extensions"]["code"] == "BACKEND_UNAVAILABLE"


async def test_with_the_order_system_down_a_parcel_is_still_followed_by_its_number(company: Company) -> None:
    parcel = next(parcels(company, "FedEx", lambda one: bool(one.delivered_at)))
    await company.forget()
    await company.break_("oracle_om", "refuse")

    answer = await company.ask(FOUND, n=parcel.number)

    shown = answer["data"]["shipment"]
    assert (shown["carrier"], shown["status"], shown["signedForBy"]) == ("FedEx", "DELIVERED", parcel.signed_by)
    assert (shown["order"], shown["contents"]) == (None, None)
    assert {one["system"] for one in answer["extensions"]["absent"]} == {"oracle_om"}
