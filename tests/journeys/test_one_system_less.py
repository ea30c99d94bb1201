"""Any one of the eleven systems down, slow, throttling or garbled: all that does not hang on it is as it would have been,
and what does is null, with its cause and its system."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.examples import examples
from gateway.policy import Policy
from gateway.question import Options, Question
from mocks.world.assets import Assets
from mocks.world.audience import Audience
from mocks.world.deals import Deals
from mocks.world.parcels import Parcels
from mocks.world.supply import Partners
from tests.company import Company, Founding
from tests.gateway.questions.harvest import under
from tests.gateway.questions.subjects import EVERYTHING

pytestmark = pytest.mark.anyio

PERSON = """query($id: ID!) { customer(by: {id: $id}) { id identities { system }
  name email tier owns(first: 2) { nodes { serialNumber } } opportunities(first: 2) { nodes { name lines { sku } } }
  orders(first: 2) { nodes { number status lines { sku product { name stock { quantity } content { title } } } } }
  lifetimeValue { amount } balance { open } invoices(first: 2) { nodes { number total { amount } payments { number } } }
  tickets(first: 2) { nodes { number worklog { text } } }
  touches(first: 2) { nodes { kind campaign { name } } } consent { allowed } suggestions(first: 2) { nodes { title } } } }"""
PARCELS = """query($fedex: String!, $ups: String!, $sku: String!, $po: String!, $id: ID!) {
  fedex: shipment(trackingNumber: $fedex) { trackingNumber carrier status contents { sku } order { number } }
  ups: shipment(trackingNumber: $ups) { trackingNumber carrier status contents { sku } order { number } }
  product(sku: $sku) { sku name stock { quantity } suppliers { available } demand { quantity } content { title }
    suggestions(first: 2) { nodes { title } } tickets(first: 2) { nodes { number } } }
  purchaseOrder(number: $po) { number state }
  customer(by: {id: $id}) { id name touches(first: 1) { nodes { kind } } } }"""
QUESTIONS = {
    **dict.fromkeys(("siebel", "oracle_om", "sap", "remedy", "contentful", "netsuite"), PERSON),
    **dict.fromkeys(("fedex", "ups", "hubspot", "discourse", "partner_hub"), PARCELS),
}
"""By system: what is asked on its bad days. Between them they ask all eleven."""

FAULTS: Mapping[str, tuple[Mapping[str, Any], frozenset[str]]] = {
    "down": ({"kind": "refuse"}, frozenset({"BACKEND_UNAVAILABLE"})),
    "slow": ({"kind": "latency", "value": 60_000}, frozenset({"BACKEND_TIMEOUT", "DEADLINE"})),
    "throttled": ({"kind": "throttle", "value": 30}, frozenset({"BACKEND_THROTTLED"})),
    "garbled": ({"kind": "garbage"}, frozenset({"BACKEND_GARBLED"})),
}
PATIENCE = 1_500
"""Milliseconds for an exchange: what a busy machine needs, and more than a slow system is given."""


@pytest.fixture
def everybody(founding: Founding) -> int:
    """A customer whom every system knows something of."""
    audience, world = Audience(founding.world), founding.world
    return next(
        i
        for i in range(30, 200)
        if audience.touches(i) and Deals(world).of_customer(i) and Assets(world).of_customer(i) and world.orders_of(i)
    )


@pytest.fixture(scope="module")
def opened(founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """One gateway for all bad days: its breakers are patient, so that each day begins like the first."""
    now = founding.world.now.isoformat()  # a plan made a second later is no other plan
    return founding.open(tmp_path_factory.mktemp("bad-days"), world__now=now, **_settings())


@pytest.fixture
async def company(opened: Company) -> AsyncIterator[Company]:
    yield opened
    for system in opened.mocks:
        await opened.control(system, "POST", "faults")
    await opened.forget()


def _settings() -> dict[str, Any]:
    told = {f"backends__{name}__attempt_timeout_ms": PATIENCE for name in QUESTIONS}
    return told | {"breaker__least_calls": 100_000, "retry__percent": 0, "deadline__staff_ms": 20_000}


def parcel(company: Company, carrier: str) -> str:
    """One that its carrier still remembers."""
    packed, world = Parcels(company.world), company.world
    every = (one for i in world.customers() for order in world.orders_of(i)[-2:] for one in packed.of_order(order))
    return next(
        one.number for one in every if one.carrier == carrier and one.scans and (world.now - one.scans[-1].at).days < 60
    )


STORIES = {one.name: one for one in examples()}
ASKED: Mapping[str, frozenset[str]] = {
    "order_to_cash": frozenset({"siebel", "oracle_om", "remedy", "netsuite", "fedex", "ups"}),
    "support_queue": frozenset({"siebel", "remedy", "netsuite"}),
    "can_we_run_it": frozenset({"hubspot", "sap", "oracle_om", "partner_hub"}),
    "parcel": frozenset({"siebel", "oracle_om", "remedy", "netsuite", "ups"}),
    "somebody_calls": frozenset({"siebel", "oracle_om", "sap", "remedy"}),
}
"""By question that orders the work: the systems it asks, whoever is up."""

CARRIERS = frozenset({"fedex", "ups"})
"""Which of them has a parcel of the day's first orders is chance."""

REPLANNED = ("supportQueue",)
"""Paths below which an answer is another, not only less, where something is not known: the plan says what it lacks."""


async def told(company: Company, story: str) -> dict[str, Any]:
    """The answer to one of the questions that order the work, as somebody who sees everything."""
    variables = dict(STORIES[story].variables)
    if story == "order_to_cash":
        variables["customers"] = [company.id_of(index) for index in range(30, 50)]
    pipeline = under(company.app.pipeline, Policy({EVERYTHING.name: EVERYTHING}))
    asked = Question(STORIES[story].text, None, variables)
    answer: dict[str, Any] = json.loads(
        await pipeline(asked, Principal("x", EVERYTHING.name), Options(request_id="story"))
    )
    return answer


@pytest.mark.parametrize("story", ASKED)
async def test_whichever_system_is_down_a_question_that_orders_the_work_is_answered_and_says_what_it_lacks(
    company: Company, story: str
) -> None:
    await company.forget()
    well = await told(company, story)
    assert "errors" not in well
    asks = {one["system"] for one in await company.asked()}
    assert ASKED[story] - CARRIERS <= asks <= ASKED[story]
    for system in company.mocks:
        await company.forget()
        await company.break_(system, "refuse")
        ill = await told(company, story)
        await company.control(system, "POST", "faults")
        changed = list(differences(well["data"], ill["data"]))
        absent = {tuple(gap["path"].split(".")): gap for gap in ill.get("extensions", {}).get("absent", ())}
        assert {gap["system"] for gap in absent.values()} <= {system}
        assert {error["extensions"]["system"] for error in ill.get("errors", ())} <= {system}
        if system not in asks:
            assert (changed, absent) == ([], {}), system
        for path, left in changed:
            if path[0] not in REPLANNED:
                hole = (*path, "*") if isinstance(left, list) and None in left else path
                assert left is None or hole != path, (system, path, left)
                assert hole in absent, (system, path, "what is not there has no stated cause")


async def asked(company: Company, question: str, index: int) -> dict[str, Any]:
    partners = Partners(company.world)
    given = {
        "id": company.id_of(index),
        "fedex": parcel(company, "FedEx"),
        "ups": parcel(company, "UPS"),
        "sku": company.world.product(partners.supplied_by(partners.suppliers[0])[0]).sku,
        "po": partners.orders_of(partners.suppliers[0])[3].number,
    }
    variables = {name: value for name, value in given.items() if f"${name}:" in question}
    pipeline = under(company.app.pipeline, Policy({EVERYTHING.name: EVERYTHING}))
    body = await pipeline(Question(question, None, variables), Principal("x", EVERYTHING.name), Options(request_id="x"))
    answer: dict[str, Any] = json.loads(body)
    return answer


def differences(well: Any, ill: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Where two answers differ, topmost only, and what the second has there."""
    if well == ill:
        return
    if isinstance(well, dict) and isinstance(ill, dict) and well.keys() == ill.keys():
        for name in well:
            yield from differences(well[name], ill[name], (*path, name))
    elif isinstance(well, list) and isinstance(ill, list) and len(well) == len(ill):
        for one, other in zip(well, ill, strict=True):
            yield from differences(one, other, (*path, "*"))
    else:
        yield path, ill


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("system", QUESTIONS)
async def test_one_system_less_costs_what_hangs_on_it_and_nothing_else(
    company: Company, everybody: int, system: str, fault: str
) -> None:
    order, codes = FAULTS[fault]
    well = await asked(company, QUESTIONS[system], everybody)
    assert "errors" not in well
    await company.forget()
    await company.break_(system, **order)
    ill = await asked(company, QUESTIONS[system], everybody)

    absent = {tuple(gap["path"].split(".")): gap for gap in ill["extensions"]["absent"]}
    changed = dict(differences(well["data"], ill["data"]))
    assert changed
    assert set(changed.values()) == {None}
    assert changed.keys() <= absent.keys(), "what is not there has no stated cause"
    for gap in absent.values():
        assert (gap["system"], gap["code"] in codes) == (system, True), gap
    told = {error["extensions"]["system"] for error in ill["errors"]}
    assert told == {system}


async def test_the_questions_ask_all_eleven_systems(company: Company, everybody: int) -> None:
    await company.forget()
    for question in (PERSON, PARCELS):
        await asked(company, question, everybody)
    assert {one["system"] for one in await company.asked()} == set(company.mocks) == set(QUESTIONS)
