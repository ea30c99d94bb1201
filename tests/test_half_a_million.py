"""A hundred thousand customers and half a million orders: taken in over the wire, kept small, kept up, and asked about."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.app import App, open_app
from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.serve import mount
from mocks.world import open_world
from resolvers.order_to_cash_feed import sync
from resolvers.order_to_cash_index import Index
from tests.company import UNHURRIED, configured
from tests.half_a_million import NOW, Lean, Scale, systems

pytestmark = pytest.mark.anyio

STUCK = """query($after: String) { orderToCash(filter: {stuckOnly: true, channel: ["WEB"]}, first: 20, after: $after) {
  examined complete asOf stages { stage orders added amounts { amount currency } } pageInfo { hasNextPage endCursor }
  nodes { number channel total { amount currency } orderToCash { stage daysInStage blockedBy { reason since }
    steps { allocated { state } billed { state } fulfilled { state } serviced { state } } } } } }"""
BUSY = {
    "deadline__staff_ms": 10_000,
    **{f"backends__{name}__attempt_timeout_ms": 60_000 for name in ("oracle_om", "netsuite", "remedy", "siebel")},
}
CALLS = 40


@dataclass
class Stage:
    scale: Scale
    lean: dict[str, Lean]
    app: App

    @property
    def index(self) -> Index:
        index: Index = self.app.pipeline.facts["orders"]
        return index

    async def fed(self, *, anew: bool = False) -> tuple[float, float, int]:
        """Seconds, seconds of CPU (the systems' own included), and calls."""
        before, facts = self.calls, self.app.pipeline.facts
        begun, cpu = time.perf_counter(), time.process_time()
        fed = await sync(facts["orders"], facts["crossref"], self.app.backends, anew=anew)
        assert [one.failed for one in fed if one.failed] == []
        return time.perf_counter() - begun, time.process_time() - cpu, self.calls - before

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.lean.values())

    async def asks(self, **variables: Any) -> Any:
        principal = Principal("tester", "support_agent")
        body = await self.app.pipeline(Question(STUCK, None, variables), principal, Options(request_id="scale"))
        answer = json.loads(body)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["orderToCash"]


@pytest.fixture
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    scale = Scale(request.param)
    lean = systems(scale, mount(open_world(customers=1, now=NOW), mocks=UNHURRIED))
    app = open_app(configured(tmp_path, world__now=NOW.isoformat(), **BUSY), lean)
    yield Stage(scale, lean, app)
    await app.stop()


@pytest.mark.parametrize(
    "stage", [2_500, pytest.param(500_000, marks=pytest.mark.long)], indirect=True, ids=["a few", "half a million"]
)
async def test_all_orders_are_taken_in_kept_up_and_asked_about(stage: Stage, tmp_path: Path) -> None:
    scale, index = stage.scale, stage.index
    seconds, cpu, calls = await stage.fed(anew=True)
    counted, size = index.count(), index.size()
    assert (counted["way"], counted["account"], counted["touched"]) == (scale.orders, scale.customers, 0)
    assert (counted["bill"], counted["ticket"]) == (scale.orders * 4 // 5, -(-scale.orders // 25))
    print(f"\n{scale.orders:,} orders: {seconds:.0f} s, {cpu:.0f} s of CPU, {calls:,} calls; {size / 1e6:.1f} MB")

    index.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = written(tmp_path)
    assert b"CANARY" not in held
    assert len(held) < 260 * scale.orders + 100_000

    scale.again += range(8, scale.orders, max(scale.orders // 1_000, 1))[:1_000]
    seconds, cpu, calls = await stage.fed()
    print(f"{len(scale.again):,} changes: {seconds:.2f} s, {cpu:.2f} s of CPU, {calls} calls")
    assert index.count()["touched"] == 0
    assert calls < 20

    before, begun = stage.calls, time.perf_counter()
    page = await stage.asks()
    took, asked = time.perf_counter() - begun, stage.calls - before
    print(f"asked: {took * 1000:.0f} ms, {asked} calls; {page['examined']:,} examined, {stuck(page):,} stuck")
    assert asked <= CALLS
    assert took < BUSY["deadline__staff_ms"] / 1000
    assert (page["complete"], page["examined"]) == (True, scale.orders // 5)
    assert [one["channel"] for one in page["nodes"]] == ["WEB"] * 20
    assert all(one["orderToCash"]["blockedBy"] for one in page["nodes"])

    behind = await stage.asks(after=page["pageInfo"]["endCursor"])
    assert {one["number"] for one in page["nodes"]}.isdisjoint(one["number"] for one in behind["nodes"])
    assert stuck(behind) == stuck(page)


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("orders.sqlite*"))


def stuck(page: Any) -> int:
    return sum(one["orders"] for one in page["stages"])
