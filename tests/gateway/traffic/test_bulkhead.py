"""Places at a system: so many, a short queue, and no for the rest."""

from __future__ import annotations

import asyncio

import pytest

from gateway.traffic.bulkhead import Bulkhead, Full, Rules
from gateway.traffic.tuning import Tuning
from tests.gateway.traffic.system import Setup, Wired

pytestmark = pytest.mark.anyio


def waiting(bulkhead: Bulkhead, many: int, most: float = 5.0) -> list[asyncio.Task[None]]:
    return [asyncio.ensure_future(bulkhead.enter(most)) for _ in range(many)]


async def test_who_finds_the_queue_full_hears_so_at_once() -> None:
    bulkhead = Bulkhead(Rules(at_once=2, queue=3, wait=5.0))
    coming = waiting(bulkhead, 5)
    await asyncio.sleep(0)
    assert (bulkhead.inside, bulkhead.waiting) == (2, 3)
    with pytest.raises(Full):
        await bulkhead.enter(5.0)
    assert bulkhead.turned_away == 1
    for one in coming:
        one.cancel()


async def test_who_waits_too_long_goes_and_the_others_move_up() -> None:
    bulkhead = Bulkhead(Rules(at_once=1, queue=3, wait=0.02))
    await bulkhead.enter(5.0)
    late, hasty = waiting(bulkhead, 1)[0], waiting(bulkhead, 1, most=0.0)[0]
    with pytest.raises(Full):
        await hasty
    with pytest.raises(Full):
        await late
    assert bulkhead.waiting == 0
    next_one = waiting(bulkhead, 1)[0]
    await asyncio.sleep(0)
    bulkhead.leave()
    await next_one
    assert bulkhead.inside == 1


async def test_places_are_given_in_the_order_of_coming_and_never_twice() -> None:
    bulkhead, order = Bulkhead(Rules(at_once=1, queue=9, wait=5.0)), []

    async def come(name: int) -> None:
        await bulkhead.enter(5.0)
        order.append(name)
        assert bulkhead.inside == 1
        await asyncio.sleep(0)
        bulkhead.leave()

    await asyncio.gather(*(come(name) for name in range(6)))
    assert order == list(range(6))
    assert bulkhead.inside == 0


async def test_who_leaves_just_as_a_place_comes_hands_it_on() -> None:
    bulkhead = Bulkhead(Rules(at_once=1, queue=9, wait=5.0))
    await bulkhead.enter(5.0)
    leaver, stayer = waiting(bulkhead, 2)
    await asyncio.sleep(0)
    bulkhead.leave()  # the place is the leaver's now
    leaver.cancel()
    await asyncio.wait_for(stayer, 1)
    bulkhead.leave()
    assert (bulkhead.inside, bulkhead.waiting) == (0, 0)


async def test_a_hung_system_keeps_no_more_than_its_places_and_its_queue() -> None:
    rules = Rules(at_once=4, queue=32, wait=0.05)
    it = Setup.of(Wired(seconds=0.5), Tuning(bulkhead=rules, gather=0), concurrency=4)

    codes = await asyncio.gather(*(it.code(f"k{number}") for number in range(100)))

    assert codes.count("OK") == 4
    assert codes.count("SATURATED") == 96
    assert it.wired.most == 4
    found = await it.ask("again")
    assert found["again"].error is None


async def test_who_is_turned_away_hears_that_it_was_not_asked_and_when_to_come_back() -> None:
    it = Setup.of(Wired(seconds=0.2), Tuning(bulkhead=Rules(at_once=1, queue=0)))
    first = asyncio.ensure_future(it.ask("a"))
    await asyncio.sleep(0.01)
    error = (await it.ask("b"))["b"].error
    assert error is not None
    assert (error.code, error.reason, error.retryable, error.retry_after) == ("SATURATED", "NOT_LOADED", True, 1.0)
    await first
