"""Learning who is who from the systems: one that an operator takes off is left alone, also half-way."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.app import open_app
from gateway.traffic.switch import FILE, turn
from mocks.serve import mount
from mocks.world import open_world
from resolvers.crosslink import sync
from resolvers.crossref import Crossref
from tests.company import Company, configured

pytestmark = pytest.mark.anyio


@pytest.fixture
def empty(tmp_path: Path) -> Company:
    """A gateway that knows nobody yet."""
    world = open_world(customers=1200)
    mocks = mount(world)
    return Company(world, mocks, open_app(configured(tmp_path), mocks))


async def test_a_system_that_is_off_is_not_asked(empty: Company) -> None:
    taken = await sync(Crossref(":memory:", b"secret"), empty.app.backends, lambda name: name == "siebel")

    assert await empty.asked("siebel") == []
    assert {one.system: one.failed for one in taken if one.failed} == {
        "siebel.account": "siebel: switched off by its operator",
        "siebel.contact": "siebel: switched off by its operator",
    }
    others = [one for one in taken if not one.failed]
    assert {one.system.partition(".")[0] for one in others} >= {"oracle_om", "netsuite", "hubspot"}
    assert all(one.rows > 0 for one in others)
    await empty.app.stop()


async def test_one_that_is_taken_off_meanwhile_is_left_alone_and_gone_on_with_later(
    empty: Company, tmp_path: Path
) -> None:
    """By the command's own file, which running gateways look at as well."""
    known, switch = Crossref(":memory:", b"secret"), empty.app.pipeline.traffic.lines["siebel"].switch

    def off(name: str) -> bool:
        if len(asked) == 2:
            turn(tmp_path, "siebel", off=True)
        asked.append(name)
        switch._look_at = 0
        return switch.off(name)

    asked: list[str] = []
    first = await sync(known, empty.app.backends, off)
    pages = len(await empty.asked("siebel"))
    (tmp_path / FILE).unlink()
    switch._look_at = 0
    second = await sync(known, empty.app.backends, switch.off)

    assert first[0].failed == first[1].failed == "siebel: switched off by its operator"
    assert 0 < first[0].rows < second[0].rows
    assert pages == 2
    assert not any(one.failed for one in second)
    await empty.app.stop()
