"""Every order's way to cash is what the world's own rows come to, step by step and line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mocks.serve import MOCKS
from mocks.world import open_world
from mocks.world.model import Order
from tests.company import Company, Founding
from tests.order_to_cash_truth import Truth, moment

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
