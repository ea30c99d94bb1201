"""How many are let in follows the time there is: fewer while there is none, more when callers are turned away for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.traffic.door import Places
from gateway.traffic.pressure import INTERVAL, Pressure

pytestmark = pytest.mark.anyio

LATE = 0.01


def under(inside: int, most: int = 100) -> Pressure:
    return Pressure(most, lambda: inside, LATE, least=4)


def test_a_thread_that_is_always_at_work_lets_in_a_fifth_fewer_than_are_inside() -> None:
    pressure = under(50)
    pressure.judge(busy=0.99, least_late=0.0, full=True)
    assert pressure.limit == 40
    pressure.judge(busy=0.99, least_late=0.0, full=True)
    assert pressure.limit == 32


def test_a_machine_that_has_no_time_for_us_counts_as_much() -> None:
    pressure = under(50)
    pressure.judge(busy=0.3, least_late=0.05, full=False)
    assert pressure.limit == 40


def test_a_slow_system_is_no_reason_to_let_in_fewer() -> None:
    pressure = under(99)
    pressure.judge(busy=0.2, least_late=0.0, full=False)
    assert pressure.limit == 100


def test_some_are_always_let_in() -> None:
    pressure = under(1)
    for _ in range(50):
        pressure.judge(busy=1.0, least_late=1.0, full=True)
    assert pressure.limit == pressure.least


def test_more_are_let_in_again_only_while_callers_are_turned_away_and_never_too_many() -> None:
    pressure = under(10)
    pressure.judge(busy=1.0, least_late=0.0, full=True)
    pressure.judge(busy=0.5, least_late=0.0, full=False)
    assert pressure.limit == 8
    for _ in range(100):
        pressure.judge(busy=0.5, least_late=0.0, full=True)
    assert pressure.limit == 100


@pytest.mark.alone
async def test_after_a_rush_a_quiet_moment_is_enough_to_let_in_more() -> None:
    places = Places({"staff": 20, "partner": 10, "export": 1}, 1000, 1.0)
    places.pressure.limit = 4
    for _ in range(4):
        with places.question("staff"):
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
    assert places.pressure.limit > 8


async def test_a_door_for_few_is_never_made_wider() -> None:
    places = Places({"staff": 3, "partner": 1, "export": 1}, 1000, LATE)
    places.pressure.judge(busy=1.0, least_late=1.0, full=True)
    assert places.pressure.limit == 3


@pytest.mark.alone
async def test_work_that_fills_the_thread_is_noticed_and_over_with_it() -> None:
    places = Places({"staff": 20, "partner": 10, "export": 1}, 1000, LATE)
    with places.question("staff"):
        end = time.perf_counter() + 4 * INTERVAL
        while time.perf_counter() < end:
            _work(0.02)
            await asyncio.sleep(0)
        assert places.pressure.limit < 20
    await asyncio.sleep(2 * INTERVAL)
    assert places.pressure.full() is False


@pytest.mark.alone
async def test_waiting_for_a_system_is_no_work() -> None:
    places = Places({"staff": 20, "partner": 10, "export": 1}, 1000, 1.0)
    with places.question("staff"):
        await asyncio.sleep(3 * INTERVAL)
    assert places.pressure.limit == 20


async def test_nothing_is_measured_when_that_is_switched_off() -> None:
    places = Places({"staff": 20, "partner": 10, "export": 1}, 1000, 0)
    with places.question("staff"):
        for _ in range(10):
            _work(0.03)
            await asyncio.sleep(0)
    assert places.pressure.limit == 20


async def test_partners_keep_their_share_of_fewer_places() -> None:
    places = Places({"staff": 20, "partner": 10, "export": 1}, 1000, LATE)
    places.pressure.limit = 8
    inside = [places.question("partner") for _ in range(4)]
    for one in inside:
        one.__enter__()
    with pytest.raises(Exception, match="Too many questions"):
        places.question("partner")
    with places.question("staff"):
        assert places.taken == 5


def _work(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
