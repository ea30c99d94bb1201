"""Every order's way to cash is what the world's own rows come to, step by step and line by line."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.policy import Policy
from gateway.question import Options, Question
from mocks.serve import MOCKS
from mocks.world import open_world
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.model import Order
from resolvers.ids import global_id
from resolvers.people import ACCOUNT, CONTACT, DEBTOR, PARTY, SUBSCRIBER
from tests.company import Company, Founding
from tests.gateway.questions.harvest import under
from tests.gateway.questions.subjects import EVERYTHING
from tests.journeys.test_what_next import Books, reckoned
from tests.order_to_cash_truth import Around, Truth, moment
from tests.test_order_to_cash_index import index_of, says_what_the_world_does

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WAY = """query(%s) { %s } fragment W on Order { number orderToCash { stage daysInStage blockedBy { reason since }
  steps { entered { state } allocated { state } billed { state } fulfilled { state } serviced { state } }
  lines { number sku stage ordered allocated shipped packed delivered returned billed { invoiced paid credited } } } }"""
PATIENT = {"deadline__staff_ms": 300_000, "traffic__queue": 10_000, "traffic__queue_wait_ms": 300_000}
PATIENT |= {f"backends__{name}__attempt_timeout_ms": 60_000 for name in MOCKS}
SUPERSTORE = Path(__file__).parent / "data" / "superstore.csv"
TOGETHER = 20


def told(way: Any) -> Any:
    """As the truth spells it."""
    lines = [
        {**{name: one for name, one in line.items() if name != "billed"}, **line["billed"]} for line in way["lines"]
    ]
    return {
        "stage": way["stage"],
        "daysInStage": way["daysInStage"],
        "blockedBy": sorted((one["reason"], _moment(one["since"])) for one in way["blockedBy"]),
        "steps": {name: step["state"] for name, step in way["steps"].items()},
        "lines": [{name: _number(name, value) for name, value in line.items()} for line in lines],
    }


def _moment(text: str | None) -> str:
    return moment(datetime.fromisoformat(text)) if text else ""


def _number(name: str, value: Any) -> Any:
    return value if name in ("number", "sku", "stage") else Decimal(value)


async def asked(company: Company, orders: Sequence[Order]) -> dict[str, Any]:
    names = [f"n{at}" for at in range(len(orders))]
    declared = ", ".join(f"${name}: String!" for name in names)
    document = WAY % (declared, " ".join(f"{name}: order(number: ${name}) {{ ...W }}" for name in names))
    answer = await company.ask(document, **{name: order.number for name, order in zip(names, orders, strict=True)})
    assert "errors" not in answer, answer["errors"]
    return {one["number"]: told(one["orderToCash"]) for one in answer["data"].values()}


def portions(orders: Sequence[tuple[int, Order]]) -> Iterator[Sequence[tuple[int, Order]]]:
    return (orders[at : at + TOGETHER] for at in range(0, len(orders), TOGETHER))


async def compared(company: Company, wanted: Sequence[tuple[int, Order]], truth: Truth) -> Counter[str]:
    stages: Counter[str] = Counter()
    for some in portions(wanted):
        found = await asked(company, [order for _, order in some])
        for ordinal, order in some:
            expected = truth.of(ordinal, order)
            assert found[order.number] == expected, order
            stages[expected["stage"]] += 1
    return stages


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=60, now=NOW), tmp_path_factory.mktemp("way"))


@pytest.fixture
async def company(invented: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = invented.open(tmp_path, world__now=NOW.isoformat(), **PATIENT)
    yield opened
    await opened.app.stop()


async def test_every_order_of_sixty_customers_is_as_far_as_the_world_says(company: Company) -> None:
    truth = Truth(company.world)
    orders = list(truth.orders())
    newest = sorted(orders, key=lambda one: one[1].placed_at, reverse=True)[:120]

    stages = await compared(company, newest, truth)

    assert set(stages) >= {"ALLOCATION", "FULFILMENT", "BILLING", "COMPLETE"}


@pytest.mark.long
@pytest.mark.parametrize("file", [None, SUPERSTORE], ids=["made up", "superstore"])
async def test_every_order_there_is_is_as_far_as_the_world_says(file: Path | None, tmp_path: Path) -> None:
    """A thousand customers, or the whole of a real sales file: every order, every line, every quantity. Who bought is
    not asked for, so nobody has to be known."""
    world = open_world(file) if file else open_world(customers=1_000, now=NOW)
    (tmp_path / "empty").mkdir()
    opened = Founding(world, tmp_path / "empty").open(tmp_path / "opened", world__now=world.now.isoformat(), **PATIENT)
    truth = Truth(world)
    orders = list(truth.orders())
    stages = await compared(opened, orders, truth)
    await opened.app.stop()

    print(f"\n{len(orders)} orders: {dict(stages)}")
    assert len(orders) == sum(stages.values()) == world.order_count()


# -- around the orders ------------------------------------------------------------------------------------------------

AROUND = """query($id: ID!, $after: String) { customer(by: {id: $id}) { balance { open overdue currency }
  orders(first: 100, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { number orderToCash { steps { interest { state } sale { state } followed { state } } } } } } }"""


@pytest.mark.long
@pytest.mark.parametrize("file", [None, SUPERSTORE], ids=["made up", "superstore"])
async def test_what_surrounds_every_order_and_what_everybody_owes_is_what_the_world_says(
    file: Path | None, tmp_path: Path
) -> None:
    """Everybody that the systems know: what they owe; of every order what campaign came before it, what led to it and
    what came of it; where it is by the index; and the queue of tickets."""
    world = open_world(file) if file else open_world(customers=1_000, now=NOW)
    founding = await asyncio.to_thread(Founding.of, world, tmp_path / "founded")
    company = founding.open(tmp_path / "opened", world__now=world.now.isoformat(), **PATIENT)
    truth = Truth(world)
    assert says_what_the_world_does(index_of(company), truth) == world.order_count()
    judged = await reckoned(company, Books(company))

    states: Counter[tuple[str, str]] = Counter()
    owing, seen = 0, set[str]()
    for id_, known in everybody(company).items():
        customer, orders = await around(company, id_)
        owing += owes(truth, known[DEBTOR], customer["balance"])
        row = Around(truth, *(frozenset(known[system]) for system in (SUBSCRIBER, CONTACT, ACCOUNT)))
        for number, told in orders.items():
            order = world.order_by_number(number)
            assert order
            assert told == row.told(order), order
            states.update(told.items())
        seen |= orders.keys()
    await company.app.stop()

    print(f"\n{len(seen)} orders, {owing} balances, {judged} tickets of known customers: {sorted(states.items())}")
    assert len(seen) == world.order_count()
    assert {step for step, state in states if state != "NONE"} == {"interest", "sale", "followed"}
    assert owing > 500


def everybody(company: Company) -> dict[str, dict[str, list[int]]]:
    """Graph id → for each system the rows of the world that its keys are of."""
    world, crossref = company.world, company.app.pipeline.facts["crossref"]
    audience, ledger = Audience(world), Billing(world)
    found: dict[str, dict[str, list[int]]] = {}
    for index in world.customers():
        person = world.customer(index)
        accounts = [person.siebel_account_id] if world.by_account_id(person.siebel_account_id or "") == index else []
        keys = {
            CONTACT: [person.siebel_contact_id],
            ACCOUNT: accounts,
            PARTY: [person.party_number],
            SUBSCRIBER: [audience.contact_id(index)],
            DEBTOR: [debtor.id for debtor in ledger.debtors_of(index)],
        }
        for system, mine in keys.items():
            for key, who in crossref.customers(system, [str(one) for one in mine if one]).items():
                known = found.setdefault(global_id("Customer", who), {one: [] for one in keys})
                known[system].append(int(key) if system == DEBTOR else index)
    return found


async def around(company: Company, id_: str) -> tuple[Any, dict[str, Any]]:
    """The customer, and the three steps of all their orders."""
    pipeline, after, told = under(company.app.pipeline, Policy({EVERYTHING.name: EVERYTHING})), None, {}
    while True:
        asked = Question(AROUND, None, {"id": id_, "after": after})
        answer = json.loads(await pipeline(asked, Principal("x", EVERYTHING.name), Options(request_id="x")))
        assert "errors" not in answer, answer["errors"]
        customer = answer["data"]["customer"]
        for node in customer["orders"]["nodes"]:
            told[node["number"]] = {name: one["state"] for name, one in node["orderToCash"]["steps"].items()}
        after = customer["orders"]["pageInfo"]["endCursor"]
        if not customer["orders"]["pageInfo"]["hasNextPage"]:
            return customer, told


def owes(truth: Truth, debtors: Sequence[int], told: Any) -> bool:
    """Whether the ledger knows them; then it is what their documents come to, where that is in one currency."""
    records = [one for key in debtors if (one := truth.ledger.debtor(key))]
    if len({one.currency for one in records}) == 1:
        balances = [truth.ledger.balance(one) for one in records]
        assert [Decimal(told[name]) for name in ("open", "overdue")] == [
            sum(one) for one in zip(*balances, strict=True)
        ]
        assert told["currency"] == records[0].currency
    return bool(records)
