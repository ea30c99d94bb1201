"""What is remembered of answers: for how long, for whom, and what is told of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from gateway.traffic import Traffic, breaker
from gateway.traffic.bulkhead import Rules
from gateway.traffic.cache import OVERHEAD, Cache
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Connection, Unavailable
from resolvers.freshness import LIVE, Freshness, strictest
from tests.gateway.traffic.system import Setup, Things, Wired

pytestmark = pytest.mark.anyio

STOCK = Freshness(30, 0, 300)
CATALOGUE = Freshness(300, 600, 86_400)
CONTACT = Freshness(5, 0, 0)
NEVER_OPEN = Tuning(breaker=breaker.Rules(least=10**9))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Remembering(Setup):
    clock: Clock

    async def told(self, *keys: str, allowed: Freshness = STOCK, **how: str) -> list[tuple[str, int]]:
        """For each key how it is answered, and by which exchange: ("CACHED", 1)."""
        found = await self.ask(*keys, allowed=allowed, **how)  # type: ignore[arg-type]
        return [
            (one.source.mode, one.value.told if one.value else 0) if one.source else (one.error.reason, 0)
            for one in (found[key] for key in keys)
            if one.source or one.error
        ]


def remembering(most: int = 1_000_000) -> Remembering:
    clock = Clock()
    wired = Wired()
    adapter = Things(Connection("http://things"), wired)
    cache = Cache(most, negative=5.0, clock=clock)
    it = Remembering(wired, Traffic.over({"things": adapter}, cache=cache, tuned=lambda _: NEVER_OPEN))
    it.clock = clock
    return it


async def test_an_answer_is_as_good_as_new_for_as_long_as_its_reader_allows() -> None:
    it = remembering()
    assert await it.told("a") == [("LIVE", 1)]
    it.clock.now += 30
    assert await it.told("a") == [("CACHED", 1)]
    it.clock.now += 0.1
    assert await it.told("a") == [("LIVE", 2)]


async def test_the_reader_decides_not_who_put_it_there() -> None:
    it = remembering()
    await it.told("a", allowed=CATALOGUE)
    it.clock.now += 10
    assert await it.told("a", allowed=STOCK) == [("CACHED", 1)]
    assert await it.told("a", allowed=CONTACT) == [("LIVE", 2)]
    it.clock.now += 31
    assert await it.told("a", allowed=STOCK) == [("LIVE", 3)]


async def test_what_must_be_live_is_neither_given_nor_kept() -> None:
    it = remembering()
    await it.told("a", allowed=STOCK)
    assert await it.told("a", allowed=LIVE) == [("LIVE", 2)]
    await it.told("b", allowed=LIVE)
    assert len(it.traffic.cache) == 1


async def test_only_the_keys_that_are_not_known_are_asked_for() -> None:
    it = remembering()
    await it.told("a", "b")
    assert await it.told("c", "b", "d", "a") == [("LIVE", 2), ("CACHED", 1), ("LIVE", 2), ("CACHED", 1)]
    assert it.wired.asked[1].target == "/?c,d"


@pytest.mark.parametrize(
    "other",
    [{"subject": "another"}, {"columns": ("key", "told")}, {"operation": "apart"}],
    ids=lambda other: min(other),
)
async def test_nothing_is_shared_between_questions_that_differ(other: dict[str, str]) -> None:
    it = remembering()
    await it.told("a")
    assert await it.told("a", **other) != [("CACHED", 1)]


async def test_that_there_is_nothing_is_remembered_shortly() -> None:
    it = remembering()
    assert await it.told("none", allowed=CATALOGUE) == [("LIVE", 0)]
    it.clock.now += 5
    assert await it.told("none", allowed=CATALOGUE) == [("CACHED", 0)]
    it.clock.now += 0.1
    assert await it.told("none", allowed=CATALOGUE) == [("LIVE", 0)]


async def test_no_error_is_remembered() -> None:
    it = remembering()
    it.wired.say = lambda _: 500
    assert await it.told("a") == [("UNAVAILABLE", 0)]
    it.wired.say = lambda _: 200
    assert await it.told("a") == [("LIVE", 2)]


async def test_an_ageing_answer_is_given_while_it_is_asked_anew_once() -> None:
    it = remembering()
    await it.told("a", allowed=CATALOGUE)
    it.clock.now += 301
    it.wired.seconds = 0.01
    assert await it.told("a", allowed=CATALOGUE) == [("STALE", 1)]
    assert await it.told("a", allowed=CATALOGUE) == [("STALE", 1)]
    await asyncio.sleep(0.05)
    assert await it.told("a", allowed=CATALOGUE) == [("CACHED", 2)]
    assert len(it.wired.asked) == 2


async def test_a_system_that_is_full_is_not_asked_anew_behind_its_callers_backs() -> None:
    it = remembering()
    await it.told("a", allowed=CATALOGUE)
    it.clock.now += 301
    it.line.bulkhead.inside = it.line.bulkhead.rules.at_once
    assert await it.told("a", allowed=CATALOGUE) == [("STALE", 1)]
    assert len(it.wired.asked) == 1


# -- when the system fails --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "age", "told"),
    [
        (STOCK, 299, "STALE"),
        (STOCK, 301, "STALE_SUPPRESSED"),
        (CATALOGUE, 86_000, "STALE"),
        (CATALOGUE, 86_401, "STALE_SUPPRESSED"),
        (CONTACT, 6, "STALE_SUPPRESSED"),
        (LIVE, 1, "UNAVAILABLE"),
    ],
)
@pytest.mark.parametrize("said", [500, 429, ConnectionResetError("cut")], ids=str)
async def test_an_old_answer_stands_in_for_a_failure_as_long_as_its_category_allows(
    allowed: Freshness, age: float, told: str, said: object
) -> None:
    it = remembering()
    await it.told("a", allowed=allowed)
    it.clock.now += age
    it.wired.say = lambda _: said
    ((mode, _),) = await it.told("a", allowed=allowed)
    assert mode == told


async def test_what_is_held_back_says_what_failed_and_when_to_come_back() -> None:
    it = remembering()
    await it.told("a", allowed=CONTACT)
    it.clock.now += 6
    it.wired.say = lambda _: 500
    error = (await it.ask("a", allowed=CONTACT))["a"].error
    assert isinstance(error, Exception)
    assert not isinstance(error, Unavailable)
    assert (error.code, error.reason, error.system, error.retryable) == (
        "BACKEND_UNAVAILABLE",
        "STALE_SUPPRESSED",
        "things",
        True,
    )


async def test_a_refusal_is_not_covered_up() -> None:
    it = remembering()
    await it.told("a")
    it.clock.now += 31
    it.wired.say = lambda _: 403
    assert await it.told("a") == [("UNAVAILABLE", 0)]
    assert (await it.ask("a", allowed=STOCK))["a"].error.code == "BACKEND_REFUSED"  # type: ignore[union-attr]


async def test_a_system_that_is_left_alone_or_full_is_stood_in_for_too() -> None:
    it = remembering()
    await it.told("a")
    it.clock.now += 31
    it.line.bulkhead.rules = Rules(at_once=0, queue=0)
    assert await it.told("a") == [("STALE", 1)]


async def test_one_key_that_failed_is_stood_in_for_among_others_that_did_not() -> None:
    it = remembering()
    await it.told("a", "b", operation="apart")
    it.clock.now += 31
    it.wired.say = lambda request: 500 if request.target == "/one?a" else 200
    found = await it.ask("a", "b", "c", operation="apart", allowed=STOCK)
    assert [one.source and one.source.mode for one in found.values()] == ["STALE", "LIVE", "LIVE"]


# -- how much, and until when -----------------------------------------------------------------------------------------


async def test_it_is_bounded_and_who_was_not_asked_for_longest_goes_first() -> None:
    it = remembering(most=4 * OVERHEAD)
    for key in "abc":
        await it.told(key)
    await it.told("a")
    await it.told("d")
    assert it.traffic.cache.size <= 4 * OVERHEAD
    assert await it.told("a") == [("CACHED", 1)]
    assert (await it.told("b"))[0][0] == "LIVE"


async def test_a_large_answer_weighs_what_its_reply_did() -> None:
    it = remembering()
    await it.told("k" * 10_000)
    assert it.traffic.cache.size > 20_000


async def test_no_room_is_no_memory_and_no_trouble() -> None:
    it = remembering(most=0)
    await it.told("a")
    assert await it.told("a") == [("LIVE", 2)]
    assert (it.traffic.cache.size, len(it.traffic.cache)) == (0, 0)


async def test_what_may_not_be_kept_longer_is_gone_though_nobody_asks() -> None:
    it = remembering()
    await it.told("a", allowed=Freshness(0.01, 0, 0))
    it.clock.now += 1
    await asyncio.sleep(0.05)
    (entry,) = it.traffic.cache._by_use
    assert (entry.outcome, entry.cached) == (None, None)


async def test_what_has_changed_is_forgotten_by_key_by_question_and_altogether() -> None:
    it = remembering()
    for forget, left in (({"key": "a"}, ["b"]), ({"operation": "read"}, []), ({"operation": "apart"}, ["a", "b"])):
        it.line.forget()
        await it.told("a", "b")
        it.line.forget(**forget)
        told = dict(zip("ab", await it.told("a", "b"), strict=True))
        assert [key for key in "ab" if told[key][0] == "CACHED"] == left
    it.line.forget()
    assert (len(it.traffic.cache), it.traffic.cache.size) == (0, 0)


async def test_an_answer_from_before_a_change_is_not_kept_after_it() -> None:
    it = remembering()
    it.wired.seconds = 0.02
    asking = asyncio.ensure_future(it.told("a"))
    await asyncio.sleep(0.01)
    it.line.forget()
    await asking
    assert (await it.told("a"))[0] == ("LIVE", 2)


# -- one rule for several ---------------------------------------------------------------------------------------------


def test_of_several_rules_the_strictest_holds_in_everything() -> None:
    assert strictest([CATALOGUE, STOCK]) == Freshness(30, 0, 300)
    assert strictest([CATALOGUE, CONTACT, LIVE]) == LIVE
    assert strictest([]) == LIVE
    assert str(strictest([CATALOGUE])) == "300 s, 600 s while asked anew, 86400 s when failing"
