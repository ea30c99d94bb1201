"""A call's whole way: the order of its stations, limits that hold across calls, and time that is kept."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.app import ADAPTERS
from gateway.catalogue import catalogue
from gateway.engine.trace import Trace
from gateway.traffic import Line, Traffic, breaker
from gateway.traffic.bulkhead import Rules
from gateway.traffic.switch import Switch
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Call, Connection, Deadline, Reply
from resolvers.backends.sap import Sap
from resolvers.binding import Ask
from resolvers.freshness import Freshness
from tests.company import configured
from tests.gateway.traffic.system import Setup, Things, Wired

pytestmark = pytest.mark.anyio

STOCK = Freshness(30, 0, 300)


async def test_an_operators_no_comes_before_everything_else(tmp_path: Path) -> None:
    wired = Wired()
    adapter = Things(Connection("http://things"), wired)
    it = Setup(wired, Traffic.over({"things": adapter}, Switch({"things"}, tmp_path)))
    error = (await it.ask("a", allowed=STOCK))["a"].error
    assert error is not None
    assert (error.code, error.retryable) == ("BACKEND_UNAVAILABLE", False)
    assert it.wired.asked == []


async def test_what_is_known_needs_no_place_and_no_system() -> None:
    it = Setup.of()
    await it.ask("a", allowed=STOCK)
    it.line.bulkhead.inside = it.line.bulkhead.rules.at_once
    assert (await it.ask("a", allowed=STOCK))["a"].source.mode == "CACHED"  # type: ignore[union-attr]


async def test_an_equal_question_under_way_needs_no_place_of_its_own() -> None:
    it = Setup.of(Wired(seconds=0.02), Tuning(bulkhead=Rules(at_once=1, queue=0)))
    assert await asyncio.gather(*(it.code("a") for _ in range(5))) == ["OK"] * 5


async def test_one_question_takes_half_of_a_systems_places_and_waits_for_the_rest_of_its_calls_itself() -> None:
    it = Setup.of(Wired(seconds=0.01), concurrency=8)
    trace, deadline = Trace(it.traffic), Deadline(5)
    ask = Ask(("Query.things",), frozenset(), None, deadline)  # type: ignore[arg-type]  # nobody looks at the context
    calls = [Call("things", "read", (f"k{number}",), frozenset({"key"})) for number in range(60)]
    found = await asyncio.gather(*(trace(call, deadline, [ask]) for call in calls))
    assert all(one.error is None for answers in found for one in answers.values())
    assert it.wired.most == 4


async def test_nobody_queues_at_a_system_that_is_left_alone() -> None:
    rules = Tuning(Rules(at_once=1, queue=9, wait=1.0), breaker.Rules(least=1))
    it = Setup.of(Wired(lambda _: 503), rules)
    await it.ask("a")
    it.line.bulkhead.inside = 1
    begun = time.monotonic()
    assert await it.code("b") == "BACKEND_UNAVAILABLE"
    assert time.monotonic() - begun < 0.5


async def test_several_exchanges_are_one_call() -> None:
    it = Setup.of()
    await it.ask("a", "b", "c", operation="apart")
    assert len(it.wired.asked) == 3
    assert it.line.tally.ended == {"OK": 1}


async def test_only_the_slowest_exchange_tells_how_slow_a_system_is() -> None:
    slow = replace(Tuning(), breaker=breaker.Rules(least=1, bad=0.1, slow=0.1))
    it = Setup.of(Wired(seconds=0.02), slow, concurrency=1)
    keys = [f"k{number}" for number in range(10)]
    assert await it.code(*keys, operation="apart") == "OK"  # one after another: 0.2 s in all
    assert it.line.breaker.state is breaker.State.CLOSED


async def test_nothing_is_begun_that_cannot_end_in_time() -> None:
    it = Setup.of(floor=0.05)
    error = (await it.ask("a", seconds=0.04))["a"].error
    assert error is not None
    assert (error.code, error.reason) == ("DEADLINE", "NOT_LOADED")
    assert it.wired.asked == []


async def test_an_answer_that_does_not_come_costs_no_more_than_the_deadline() -> None:
    it = Setup.of(Wired(seconds=60))
    begun = time.monotonic()
    assert await it.code("a", seconds=0.1) == "DEADLINE"
    assert time.monotonic() - begun < 2


async def test_a_callers_end_in_the_queue_ends_the_wait() -> None:
    it = Setup.of(Wired(seconds=4), Tuning(bulkhead=Rules(at_once=1, wait=4.0)))
    first = asyncio.ensure_future(it.ask("a"))
    await asyncio.sleep(0.01)
    begun = time.monotonic()
    assert await it.code("b", seconds=0.05) in ("SATURATED", "DEADLINE")
    assert time.monotonic() - begun < 2
    first.cancel()


async def test_a_write_nobody_else_can_wait_for_goes_its_own_way() -> None:
    it = Setup.of()
    assert await it.code("a", operation="write", allowed=STOCK) == "OK"
    assert await it.code("a", operation="write", allowed=STOCK) == "OK"
    assert len(it.wired.asked) == 2


# -- what a system bears ----------------------------------------------------------------------------------------------


async def test_a_system_is_asked_no_faster_than_it_bears_whoever_asks() -> None:
    it = Setup.of(Wired(), replace(Tuning(), bulkhead=Rules(at_once=100), gather=0), per_second=20, concurrency=100)
    begun = time.monotonic()
    codes = await asyncio.gather(*(it.code(f"k{number}") for number in range(30)))
    assert codes == ["OK"] * 30
    assert time.monotonic() - begun >= 0.99  # the last ten are of the next second


async def test_who_cannot_wait_for_the_next_second_hears_when_it_is() -> None:
    it = Setup.of(per_second=1)
    assert await it.code("a") == "OK"
    error = (await it.ask("b", seconds=0.2))["b"].error
    assert error is not None
    assert error.code == "BACKEND_THROTTLED"
    assert error.reason == "NOT_LOADED"
    assert error.retry_after == pytest.approx(1, abs=0.2)
    assert len(it.wired.asked) == 1


async def test_keeping_to_its_pace_is_not_held_against_a_system() -> None:
    it = Setup.of(Wired(), replace(Tuning(), breaker=breaker.Rules(least=2)), per_second=1)
    codes = [await it.code(f"k{number}", seconds=0.2) for number in range(10)]
    assert set(codes) == {"OK", "BACKEND_THROTTLED"}
    assert it.line.breaker.state is breaker.State.CLOSED


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_the_settings_say_what_the_adapter_says_its_system_bears(adapter: type[Things]) -> None:
    rows = catalogue()
    assert rows[f"backends.{adapter.name}.concurrency"].default == adapter.bears.at_once
    assert rows[f"backends.{adapter.name}.per_second"].default in (0, adapter.bears.per_second)


def test_the_numbers_of_a_line_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = configured(
        tmp_path, **{"traffic.queue": 3, "breaker.pause_ms": 100, "retry.percent": 20, "backends.sap.slow_ms": 700}
    )
    adapter = Sap(settings.connections()["sap"], Wired())
    tuning = Tuning.of(settings, adapter)
    assert (tuning.bulkhead.queue, tuning.breaker.pause, tuning.retry.share, tuning.breaker.slow) == (3, 0.1, 0.2, 0.7)
    assert Tuning.of(configured(tmp_path), adapter) == Tuning.usual(adapter)


# -- what was seen of it ----------------------------------------------------------------------------------------------


async def test_a_line_knows_how_its_system_is_doing() -> None:
    it = Setup.of()
    line: Line = it.line
    assert (line.tally.up, line.tally.percentile(0.5)) == (None, None)
    await it.ask("a")
    assert line.tally.up is True
    it.wired.say = lambda _: 500
    await it.ask("b")
    assert line.tally.up is False
    assert line.tally.ended == {"OK": 1, "BACKEND_UNAVAILABLE": 1}


async def test_percentiles_are_of_the_calls_themselves() -> None:
    it = Setup.of()
    for seconds in (0.1, 0.2, 0.3, 0.4, 10.0):
        it.line.tally.call(seconds, "OK", True)
    assert (it.line.tally.percentile(0.5), it.line.tally.percentile(0.95)) == (0.3, 10.0)
    assert it.line.tally.histogram()[-2:] == [(5.0, 4), (float("inf"), 5)]


async def test_an_answer_of_another_kind_is_not_read() -> None:
    it = Setup.of(Wired(lambda _: Reply(200, {"content-type": "text/html; charset=utf-8"}, b"[]")))
    assert await it.code("a") == "BACKEND_GARBLED"
