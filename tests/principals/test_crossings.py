"""Many callers, the same questions, one process, caches and coalescing on: everybody gets their own answer, to the byte.

What each caller's answer is was asked first, one after the other, of a gateway of their own that knows nothing yet. Then
all of them ask one gateway at once, in an order that dice decide.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mocks.serve import MOCKS
from mocks.world import open_world
from tests.company import Company, Founding
from tests.principals.callers import EVERYBODY, Caller, Rows, Told, caller, mechanic

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT_ONCE = 48
PATIENT = {"traffic__queue": 10_000, "traffic__queue_wait_ms": 30_000, "deadline__staff_ms": 60_000}
PATIENT |= {"deadline__partner_ms": 60_000, **{f"backends__{name}__slow_ms": 60_000 for name in MOCKS}}
PATIENT |= {f"backends__{name}__attempt_timeout_ms": 30_000 for name in MOCKS}
PATIENT |= {"limits__partner_per_minute": 1_000_000, "limits__partner_at_once": 1_000}
"""Many at once on a busy machine: nobody is to be turned away."""

ORDER = "query($n: String!) { order(number: $n) { id number status placedAt channel lines { sku quantity } } }"
MONEY = "query($n: String!) { order(number: $n) { number total { amount currency } customer { id name email tier } } }"
WHOSE = "query($n: String!) { order(number: $n) { parties { shipTo { name address { city } } } lines { number } } }"
ORDERS = "{ orders(first: 5) { nodes { number status } pageInfo { hasNextPage endCursor } } }"
PERSON = """query($id: ID!) { customer(by: {id: $id}) { id name email phone tier since lifetimeValue { amount }
    orders(first: 3) { nodes { number total { amount } } pageInfo { endCursor } } tickets(first: 2) { nodes { subject } } } }"""
PEOPLE = "query($ids: [ID!]!) { customersById(ids: $ids) { id name email address { city } } }"
TICKET = "query($t: String!) { ticket(number: $t) { number subject worklog { text } internalWorklog { text } } }"
SEARCH = "query($n: String!) { search(text: $n) { orders { order { number status } } } }"
PRODUCT = "query($s: String!) { product(sku: $s) { sku name stock { plant quantity } content { title } } }"
ME = "{ viewer { name role client purpose customer categories } }"
Question = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """A company whose clock stands still: what is asked twice is answered alike."""
    return Founding.of(open_world(customers=200, now=NOW), tmp_path_factory.mktemp("frozen"))


@pytest.fixture
async def company(frozen: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = frozen.open(tmp_path / "all", **PATIENT)
    yield opened
    await opened.app.stop()


def entering(company: Company) -> dict[str, Caller]:
    staff = ["support_agent", "marketer", "finance", "warehouse", "auditor", "integrator"]
    found = {role: caller(company, role) for role in staff}
    found |= {one.name: one.enters(company) for one in EVERYBODY}
    found["marketer, to analyse"] = caller(company, "marketer", purpose="analytics")
    found["supplier"] = caller(company, "partner_supplier", client="acme-parts")
    found["another region's"] = caller(company, "account_manager", keys={"own-region": ("APAC",)})
    others = (one.assignee for one in Rows(company).tickets if one.assignee not in ("", mechanic(company)))
    found["another technician"] = caller(company, "technician", keys={"assigned": (next(others),)})
    found["nobody's carrier"] = caller(company, "partner_carrier", client="nobody-we-know")
    return found


def questions(company: Company) -> list[Question]:
    rows, sku = Rows(company), company.world.product(0).sku
    orders = [next(rows.orders_of(one, theirs=True)) for one in EVERYBODY if one.order]
    tickets = [next(rows.tickets_of(one, theirs=True)) for one in EVERYBODY if one.ticket]
    people = [company.id_of(i) for i in (0, 6, 1)]
    asked: list[Question] = [(query, {"n": number}) for query in (ORDER, MONEY, WHOSE, SEARCH) for number in orders]
    asked += [(TICKET, {"t": number}) for number in tickets]
    asked += [(PERSON, {"id": one}) for one in people]
    return [*asked, (PEOPLE, {"ids": people}), (ORDERS, {}), (PRODUCT, {"s": sku}), (ME, {})]


def body(question: Question) -> bytes:
    return json.dumps({"query": question[0], "variables": question[1]}).encode()


@dataclass(slots=True)
class Expected:
    """What each caller is told when nobody else has asked anything."""

    told: Mapping[tuple[str, int], Told]

    @classmethod
    async def of(cls, founding: Founding, folder: Path, asked: list[bytes]) -> Expected:
        told: dict[tuple[str, int], Told] = {}
        alone = founding.open(folder, **PATIENT)
        for name, asking in entering(alone).items():
            for number, one in enumerate(asked):
                await alone.forget()
                told[name, number] = await asking.sent(one)
        await alone.app.stop()
        return cls(told)


async def crossings(company: Company, expected: Expected, asked: list[bytes], requests: int) -> list[Any]:
    """Answers that were not the caller's own."""
    callers, dice, wrong = entering(company), random.Random(5), list[Any]()
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, number: int) -> None:
        async with turns:
            told = await callers[name].sent(asked[number])
        if told != expected.told[name, number]:
            wrong.append((name, asked[number], told, expected.told[name, number]))

    for _ in range(requests // 1000):
        chosen = [(dice.choice(list(callers)), dice.randrange(len(asked))) for _ in range(1000)]
        await asyncio.gather(*(one(*pick) for pick in chosen))
    return wrong


async def held_to(company: Company, frozen: Founding, folder: Path, requests: int) -> None:
    asked = [body(one) for one in questions(company)]
    expected = await Expected.of(frozen, folder, asked)
    told_apart(expected, len(asked))

    assert await crossings(company, expected, asked, requests) == []
    answers = [line.tally.answers for line in company.app.pipeline.traffic.lines.values()]
    assert sum(one["cached"] for one in answers) > requests / 50
    assert any(line.flights.joined for line in company.app.pipeline.traffic.lines.values())
    assert any(line.gathering.travelled for line in company.app.pipeline.traffic.lines.values())


def told_apart(expected: Expected, count: int) -> None:
    """The callers' answers do differ: many of them, to one question; and all but the wholly refused see something."""
    kinds = [
        len({told.body for (_, which), told in expected.told.items() if which == number}) for number in range(count)
    ]
    assert sum(kinds) > 3.5 * count
    for name in {name for name, _ in expected.told}:
        mine = {told.body for (other, _), told in expected.told.items() if other == name}
        assert len(mine) > 2, name


async def test_nobody_gets_anybody_elses_answer(company: Company, frozen: Founding, tmp_path: Path) -> None:
    await held_to(company, frozen, tmp_path / "alone", 2_000)


@pytest.mark.long
async def test_nor_do_they_in_ten_thousand(company: Company, frozen: Founding, tmp_path: Path) -> None:
    await held_to(company, frozen, tmp_path / "alone", 10_000)
