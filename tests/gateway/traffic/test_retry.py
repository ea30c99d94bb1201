"""Once more: for which failures, how soon, at whose cost; and never a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.traffic import breaker, retry
from gateway.traffic.retry import Budget
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Reply, Request, Throttled, Unheard
from tests.gateway.traffic.system import Setup, Wired

pytestmark = pytest.mark.anyio

NEVER_OPEN = breaker.Rules(least=10**9)
QUICK = Tuning(breaker=NEVER_OPEN, retry=retry.Rules(share=1.0, backoff=0.0))
"""Every call may be made again, at once."""


def first(*said: object) -> Callable[[Request], object]:
    """These answers, and good ones after them."""
    left = list(said)
    return lambda _: left.pop(0) if left else 200


@pytest.mark.parametrize("said", [502, 503, 504, 429, Unheard("refused")], ids=str)
async def test_a_read_that_surely_came_to_nothing_is_sent_once_more(said: object) -> None:
    it = Setup.of(Wired(first(said)), QUICK)
    assert await it.code() == "OK"
    assert len(it.wired.asked) == 2


@pytest.mark.parametrize("said", [500, 501, 505, 400, 401, 404, ConnectionResetError("in the middle")], ids=str)
async def test_whatever_else_fails_stays_failed(said: object) -> None:
    it = Setup.of(Wired(first(said)), QUICK)
    assert await it.code() != "OK"
    assert len(it.wired.asked) == 1


async def test_a_timeout_is_not_tried_again() -> None:
    it = Setup.of(Wired(seconds=1), QUICK, attempt_timeout=0.01)
    assert await it.code() == "BACKEND_TIMEOUT"
    assert len(it.wired.asked) == 1


async def test_once_more_is_once() -> None:
    it = Setup.of(Wired(lambda _: 503), QUICK)
    assert await it.code() == "BACKEND_UNAVAILABLE"
    assert len(it.wired.asked) == 2


@pytest.mark.parametrize("said", [502, 503, 504, 429, Unheard("refused")], ids=str)
async def test_no_write_is_ever_sent_again(said: object) -> None:
    it = Setup.of(Wired(lambda _: said), QUICK)
    assert await it.code(operation="write") != "OK"
    assert len(it.wired.asked) == 1


async def test_only_the_keys_that_failed_are_asked_again() -> None:
    def say(request: Request) -> int:
        return 503 if request.target == "/one?b" and len(it.wired.asked) <= 3 else 200

    it = Setup.of(Wired(say), QUICK)
    found = await it.ask("a", "b", "c", operation="apart")

    assert all(one.error is None for one in found.values())
    assert [request.target for request in it.wired.asked] == ["/one?a", "/one?b", "/one?c", "/one?b"]


async def test_retries_stay_within_a_tenth_of_the_calls() -> None:
    it = Setup.of(Wired(lambda _: 503), Tuning(breaker=NEVER_OPEN, retry=retry.Rules(backoff=0.0)))
    for number in range(300):
        await it.ask(f"k{number}")
    assert len(it.wired.asked) == 330
    assert it.line.budget.spent == 30


def test_quiet_times_save_up_no_more_than_ten_retries() -> None:
    budget = Budget(retry.Rules(), lambda: 0.0)
    for _ in range(1000):
        budget.earn()
    spent = 0
    while budget.pause(Throttled("things", "429"), 5.0) is not None:
        budget.spend()
        spent += 1
    assert spent == 10


def test_a_pause_is_drawn_up_to_the_longest_on_top_of_what_the_system_named() -> None:
    for dice, named, pause in ((0.0, None, 0.0), (1.0, None, 0.1), (0.5, 0.4, 0.45)):
        budget = Budget(retry.Rules(share=1.0), lambda dice=dice: dice)  # type: ignore[misc]
        budget.earn()
        assert budget.pause(Throttled("things", "429", named), 5.0) == pytest.approx(pause)


def test_who_has_no_time_for_the_pause_does_not_wait_for_nothing() -> None:
    budget = Budget(retry.Rules(share=1.0, patience=10.0), lambda: 0.0)
    budget.earn()
    assert budget.pause(Throttled("things", "429", 2.0), 1.9) is None
    assert budget.pause(Throttled("things", "429", 2.0), 2.1) == 2.0


async def test_a_system_that_says_when_is_asked_again_then_and_not_before() -> None:
    soon = Reply(429, {"retry-after": "0.05"}, b"")
    it = Setup.of(Wired(first(soon)), QUICK)
    assert await it.code() == "OK"
    later = Setup.of(Wired(first(Reply(429, {"retry-after": "3553"}, b""))), QUICK)
    found = await later.ask("a")
    error = found["a"].error
    assert error is not None
    assert (error.code, error.retry_after) == ("BACKEND_THROTTLED", 3553.0)
    assert len(later.wired.asked) == 1


async def test_the_breaker_judges_a_call_by_how_it_ended() -> None:
    rules = replace(breaker.Rules(), least=5)
    it = Setup.of(Wired(lambda _: 503 if len(it.wired.asked) % 2 else 200), replace(QUICK, breaker=rules))
    for number in range(20):
        assert await it.code(f"k{number}") == "OK"
    assert it.line.breaker.state is breaker.State.CLOSED
