"""The breaker: opens, tries and closes by its numbers, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from gateway.traffic.breaker import BUSY, Breaker, Rules, State
from gateway.traffic.tuning import Tuning
from tests.gateway.traffic.system import Setup, Wired

pytestmark = pytest.mark.anyio


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    breaker: Breaker
    clock: Clock

    def calls(self, *good: bool | None) -> None:
        for one in good:
            assert not self.breaker.refuses()
            self.breaker.left(self.breaker.enter(), one)


def bench(dice: Callable[[], float] = lambda: 0.5) -> Bench:
    clock = Clock()
    return Bench(Breaker(Rules(), clock, dice), clock)


def test_it_opens_at_twenty_calls_of_which_half_are_bad() -> None:
    it = bench()
    it.calls(*[True, False] * 9, True)
    assert it.breaker.state is State.CLOSED
    it.calls(False)
    assert it.breaker.state is State.OPEN
    assert it.breaker.refuses() == pytest.approx(5)


def test_a_few_bad_calls_are_not_enough_and_neither_is_less_than_half() -> None:
    it = bench()
    it.calls(*[False] * 19)
    assert it.breaker.state is State.CLOSED

    it = bench()
    it.calls(*[True] * 21, *[False] * 19, *[True, False] * 50)
    assert it.breaker.state is State.CLOSED


def test_a_good_call_can_be_the_twentieth_of_which_too_many_were_bad() -> None:
    it = bench()
    it.calls(*[False] * 19, True)
    assert it.breaker.state is State.OPEN


def test_what_was_bad_before_the_window_is_forgotten() -> None:
    it = bench()
    it.calls(*[False] * 19)
    it.clock.now += 11
    it.calls(*[False] * 19)
    assert it.breaker.state is State.CLOSED
    it.clock.now += 2
    it.calls(False)
    assert it.breaker.state is State.OPEN


@pytest.mark.parametrize(("dice", "pause"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_a_pause_varies_by_a_fifth_at_most(dice: float, pause: float) -> None:
    it = bench(lambda: dice)
    it.calls(*[False] * 20)
    assert it.breaker.refuses() == pytest.approx(pause)


def test_after_the_pause_one_call_at_a_time_is_tried_and_three_good_ones_close_it() -> None:
    it = bench()
    it.calls(*[False] * 20)
    it.clock.now += 4.9
    assert it.breaker.refuses() > 0
    it.clock.now += 0.2

    for _ in range(3):
        assert it.breaker.state is State.HALF_OPEN
        assert it.breaker.refuses() == 0
        probe = it.breaker.enter()
        assert it.breaker.refuses() == BUSY
        it.breaker.left(probe, True)

    assert it.breaker.state is State.CLOSED
    it.calls(*[False] * 19)
    assert it.breaker.state is State.CLOSED


def test_a_bad_probe_opens_it_again() -> None:
    it = bench()
    it.calls(*[False] * 20)
    it.clock.now += 5.1
    it.calls(True, True, False)
    assert it.breaker.state is State.OPEN
    assert it.breaker.opened == 2


def test_a_probe_nobody_waited_for_gives_its_turn_back() -> None:
    it = bench()
    it.calls(*[False] * 20)
    it.clock.now += 5.1
    it.calls(None, True, True, True)
    assert it.breaker.state is State.CLOSED


def test_calls_begun_before_it_opened_say_nothing_about_now() -> None:
    it = bench()
    late = [it.breaker.enter() for _ in range(5)]
    it.calls(*[False] * 20)
    it.clock.now += 5.1
    probe = it.breaker.enter()
    for one in late:
        it.breaker.left(one, True)
    assert it.breaker.state is State.HALF_OPEN
    assert it.breaker.refuses() == BUSY
    it.breaker.left(probe, False)
    assert it.breaker.state is State.OPEN


# -- on a line: what counts, and what who is refused hears ------------------------------------------------------------


async def state_after(wired: Wired, calls: int = 20, **how: float) -> State:
    it = Setup.of(wired, **how)
    for number in range(calls):
        await it.ask(f"k{number}")
    return it.line.breaker.state


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_server_errors_and_throttling_count(status: int) -> None:
    assert await state_after(Wired(lambda _: status)) is State.OPEN


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409])
async def test_what_the_system_refuses_does_not_count(status: int) -> None:
    assert await state_after(Wired(lambda _: status), 40) is State.CLOSED


async def test_timeouts_and_lost_connections_count() -> None:
    assert await state_after(Wired(lambda _: ConnectionResetError())) is State.OPEN
    assert await state_after(Wired(seconds=1), attempt_timeout=0.005) is State.OPEN


async def test_slow_answers_count_however_good_they_are() -> None:
    slow = Tuning(breaker=replace(Rules(), slow=0.005))
    it = Setup.of(Wired(seconds=0.01), slow)
    for number in range(20):
        assert await it.code(f"k{number}") == "OK"
    assert it.line.breaker.state is State.OPEN


async def test_a_callers_own_haste_does_not_count() -> None:
    it = Setup.of(Wired(seconds=0.05))
    for number in range(25):
        assert await it.code(f"k{number}", seconds=0.002) == "DEADLINE"
    assert it.line.breaker.state is State.CLOSED


async def test_while_it_is_open_the_system_is_not_asked_and_the_caller_hears_when_to_come_back() -> None:
    it = Setup.of(Wired(lambda _: 503))
    for number in range(20):
        await it.ask(f"k{number}")
    asked = len(it.wired.asked)

    found = await it.ask("k")

    error = found["k"].error
    assert error is not None
    assert (error.code, error.reason, error.retryable) == ("BACKEND_UNAVAILABLE", "UNAVAILABLE", True)
    assert error.retry_after == pytest.approx(5, abs=1.5)
    assert len(it.wired.asked) == asked


async def test_of_many_who_come_after_the_pause_one_is_tried() -> None:
    it = Setup.of(Wired(lambda _: 503), Tuning(breaker=replace(Rules(), pause=0.01)))
    for number in range(20):
        await it.ask(f"k{number}")
    it.wired.say, it.wired.seconds = lambda _: 200, 0.01
    before = len(it.wired.asked)
    await asyncio.sleep(0.02)

    codes = await asyncio.gather(*(it.code(f"k{number}") for number in range(8)))

    assert sorted(codes) == ["BACKEND_UNAVAILABLE"] * 7 + ["OK"]
    assert len(it.wired.asked) == before + 1
