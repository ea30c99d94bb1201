"""What is somebody else's and what does not exist take the same time: 300 of each, in turns, cold and warm.

Two samples are told apart by their ranks (Mann and Whitney) or by the widest gap between their distributions (Kolmogorov
and Smirnov), each at one in 2,000. What else the machine does can part them once; so a pair that was told apart is
measured once more, and only who is told apart twice is separable: once in a million for samples that are alike.

What is timed is the gateway: the mocks make up a row when it is looked for, which no database does, so their own time is
taken off. What they sent has to be the same to the byte.
"""

from __future__ import annotations

import gc
import math
import random
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.app import open_app
from mocks.serve import mount
from resolvers.ids import global_id
from tests.company import Company, Founding, configured
from tests.principals.callers import EVERYBODY, Caller, Rows, Somebody

pytestmark = pytest.mark.anyio

PAIRS = 300
RARE = 0.0005
WIDEST = 2.035
"""Of two samples, times the square root of (n + m) / nm: the gap that alike ones have once in 2,000."""

ORDER = "query Q%s($n: String!) { order(number: $n) { number status lines { sku quantity } } }"
TICKET = "query Q%s($n: String!) { ticket(number: $n) { number subject status } }"
NODE = "query Q%s($n: ID!) { node(id: $n) { id ... on Order { number status } } }"
PERSON = "query Q%s($n: ID!) { customersById(ids: [$n]) { id name email } }"
EMAIL = "query Q%s($n: String!) { customer(by: {email: $n}) { id name } }"

Timed = Callable[[str], Awaitable[float]]


@dataclass(slots=True)
class Watched:
    """A system, the time that it took, and what it sent."""

    system: ASGIApp
    took: float = 0.0
    sent: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            self.sent += message.get("body", b"")
            await send(message)

        begun = time.perf_counter()
        await self.system(scope, receive, noted)
        self.took += time.perf_counter() - begun


@dataclass(slots=True)
class Stage:
    """A company whose systems are watched."""

    company: Company
    systems: Mapping[str, Watched]

    @property
    def took(self) -> float:
        return sum(one.took for one in self.systems.values())

    def sent(self) -> bytes:
        """What they have sent since this was asked last."""
        sent = b"".join(one.sent for one in self.systems.values())
        for one in self.systems.values():
            one.sent = b""
        return sent


@pytest.fixture
async def stage(founding: Founding, tmp_path: Path) -> AsyncIterator[Stage]:
    shutil.copytree(founding.crossref, tmp_path, dirs_exist_ok=True)
    mocks = mount(founding.world)
    systems = {name: Watched(mock) for name, mock in mocks.items()}
    app = open_app(configured(tmp_path, limits__partner_per_minute=1_000_000), systems)
    yield Stage(Company(founding.world, mocks, app), systems)
    await app.stop()


def ranked_apart(one: Sequence[float], other: Sequence[float]) -> bool:
    """Mann and Whitney's U, normal approximation: whether one is usually larger than the other."""
    merged = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    n, m = len(one), len(other)
    ranks = sum(rank for rank, (_, sample) in enumerate(merged, 1) if sample == 0)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2)) < RARE


def gap_apart(one: Sequence[float], other: Sequence[float]) -> bool:
    """Kolmogorov and Smirnov's D: whether the shapes differ anywhere."""
    n, m, above, widest = len(one), len(other), 0.0, 0.0
    for _, sample in sorted([(value, 0) for value in one] + [(value, 1) for value in other]):
        above += -1 / m if sample else 1 / n
        widest = max(widest, abs(above))
    return widest > WIDEST * math.sqrt((n + m) / (n * m))


def apart(one: Sequence[float], other: Sequence[float]) -> bool:
    return ranked_apart(one, other) or gap_apart(one, other)


async def samples(timed: Timed, theirs: Sequence[str], nobodys: Sequence[str]) -> tuple[list[float], list[float]]:
    """In turns, with a coin deciding which comes first: what drifts drifts for both."""
    dice, one, other = random.Random(7), list[float](), list[float]()
    gc.collect()
    gc.disable()
    try:
        for pair in zip(theirs, nobodys, strict=True):
            for which in dice.sample((0, 1), 2):
                (one, other)[which].append(await timed(pair[which]))
    finally:
        gc.enable()
    return one, other


async def separable(timed: Timed, theirs: Sequence[str], nobodys: Sequence[str]) -> bool:
    return apart(*await samples(timed, theirs, nobodys)) and apart(*await samples(timed, theirs, nobodys))


class Cold:
    """Everything for the first time: a document never seen before, and nothing that a system said is known."""

    def __init__(self, stage: Stage, asking: Caller, query: str) -> None:
        self.stage, self.asking, self.query, self.asked = stage, asking, query, 0

    async def __call__(self, key: str) -> float:
        self.asked += 1
        for line in self.stage.company.app.pipeline.traffic.lines.values():
            line.forget()
        return await timing(self.stage, self.asking, self.query % self.asked, key)


class Warm:
    """Everything once more: document, plan and facts are known."""

    def __init__(self, stage: Stage, asking: Caller, query: str) -> None:
        self.stage, self.asking, self.query = stage, asking, query % ""

    async def __call__(self, key: str) -> float:
        await self.asking.ask(self.query, n=key)
        return await timing(self.stage, self.asking, self.query, key)


async def timing(stage: Stage, asking: Caller, query: str, key: str) -> float:
    before, begun = stage.took, time.perf_counter()
    told = await asking.ask(query, n=key)
    took = time.perf_counter() - begun - (stage.took - before)
    assert told.status == 200
    return took


def pairs(rows: Rows, somebody: Somebody, kind: str) -> tuple[str, list[str], list[str]]:
    """A question; keys that are somebody else's, and of each a neighbour that nobody has."""
    match kind:
        case "order" | "node":
            theirs = list(islice(rows.orders_of(somebody, theirs=False), PAIRS))
        case "ticket":
            theirs = list(islice(cycle(rows.tickets_of(somebody, theirs=False)), PAIRS))
        case "customer":
            others = [rows.company.id_of(i) for i in range(10, 40)]
            return PERSON, list(islice(cycle(others), PAIRS)), [_another(one, i) for i, one in _numbered(others)]
        case _:
            emails = [rows.company.world.customer(i).email for i in range(10, 40)]
            return EMAIL, list(islice(cycle(emails), PAIRS)), [f"x{i}{one[2:]}" for i, one in _numbered(emails)]
    nobodys = [rows.unused(number) for number in theirs]
    if kind == "node":
        return NODE, [global_id("Order", one) for one in theirs], [global_id("Order", one) for one in nobodys]
    return (ORDER if kind == "order" else TICKET), theirs, nobodys


def _numbered(keys: Sequence[str]) -> list[tuple[int, str]]:
    return list(enumerate(islice(cycle(keys), PAIRS)))


def _another(one: str, i: int) -> str:
    return global_id("Customer", f"{i:016d}".translate(str.maketrans("0189", "abcd")))


CASES = [
    (somebody, kind)
    for somebody in EVERYBODY
    for kind, there in (
        ("order", somebody.order),
        ("node", somebody.order),
        ("ticket", somebody.ticket if somebody.role != "account_manager" else None),
        ("customer", somebody.customer is not None),
        ("email", somebody.customer is not None),
    )
    if there and somebody.name != "another customer"
]
NAMED = [f"{somebody.name}, {kind}" for somebody, kind in CASES]


@pytest.mark.long
@pytest.mark.parametrize("temperature", [Cold, Warm])
@pytest.mark.parametrize(("somebody", "kind"), CASES, ids=NAMED)
async def test_time_does_not_tell_somebody_elses_from_nobodys(
    stage: Stage, somebody: Somebody, kind: str, temperature: type[Cold] | type[Warm]
) -> None:
    query, theirs, nobodys = pairs(Rows(stage.company), somebody, kind)

    assert not await separable(temperature(stage, somebody.enters(stage.company), query), theirs, nobodys)


@pytest.mark.parametrize(("somebody", "kind"), CASES, ids=NAMED)
async def test_what_the_systems_send_does_not_tell_them_apart_either(
    stage: Stage, somebody: Somebody, kind: str
) -> None:
    query, theirs, nobodys = pairs(Rows(stage.company), somebody, kind)
    asked = Cold(stage, somebody.enters(stage.company), query)
    await asked(theirs[-1])  # some log in first
    stage.sent()
    for one, other in zip(theirs[:5], nobodys[:5], strict=True):
        await asked(one)
        sent = stage.sent().replace(one.encode(), b"")  # some repeat the address they were asked at
        await asked(other)
        assert stage.sent().replace(other.encode(), b"") == sent


@pytest.mark.long
async def test_it_would_tell_what_is_there_from_what_is_not(stage: Stage) -> None:
    """The measure works: an order of the caller's own takes longer than none."""
    somebody, rows = EVERYBODY[0], Rows(stage.company)
    mine = list(islice(cycle(rows.orders_of(somebody, theirs=True)), 100))
    nobodys = [rows.unused(number) for number in mine]

    assert await separable(Cold(stage, somebody.enters(stage.company), ORDER), mine, nobodys)


def test_samples_that_are_alike_are_told_apart_once_in_a_thousand() -> None:
    dice = random.Random(1)

    def sample(shift: float = 0.0, spread: float = 1.0) -> list[float]:
        return [dice.gauss(shift, spread) for _ in range(PAIRS)]

    assert sum(apart(sample(), sample()) for _ in range(400)) <= 4
    assert all(apart(sample(0.5), sample()) for _ in range(20))
    assert all(gap_apart(sample(0.0, 3.0), sample()) for _ in range(20))
