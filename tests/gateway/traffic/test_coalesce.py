"""Equal questions at the same time are one; whoever asked first is nobody special."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.traffic.system import Setup, Wired

pytestmark = pytest.mark.anyio


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_five_hundred_equal_questions_are_one_call() -> None:
    it = Setup.of(Wired(seconds=0.02))
    found = await asyncio.gather(*(it.ask("a", "b") for _ in range(500)))
    assert len(it.wired.asked) == 1
    assert all(one["a"].value is found[0]["a"].value for one in found)


@pytest.mark.parametrize(
    "other",
    [{"subject": "another"}, {"columns": ("key", "told")}, {"operation": "apart"}],
    ids=lambda other: min(other),
)
async def test_questions_that_differ_in_anything_are_not_equal(other: dict[str, str]) -> None:
    it = Setup.of(Wired(seconds=0.02))
    await asyncio.gather(it.ask("a"), it.ask("a", **other))  # type: ignore[arg-type]
    assert len(it.wired.asked) == 2


async def test_no_answer_ever_crosses_from_one_subject_to_another() -> None:
    it = Setup.of(Wired(seconds=0.001), concurrency=256)
    people = [f"p{number % 7}" for number in range(200)]
    found = await asyncio.gather(*(it.ask("a", subject=who) for who in people))
    told = {who: {id(one["a"].value) for w, one in zip(people, found, strict=True) if w == who} for who in set(people)}
    for who, values in told.items():
        assert not any(values & others for other, others in told.items() if other != who)


async def test_writes_are_never_merged() -> None:
    it = Setup.of(Wired(seconds=0.01))
    await asyncio.gather(*(it.ask("a", operation="write") for _ in range(3)))
    assert len(it.wired.asked) == 3


async def test_who_follows_a_leader_that_leaves_gets_the_answer_of_the_same_call() -> None:
    it = Setup.of(Wired(seconds=0.05))
    leader = asyncio.ensure_future(it.ask("a"))
    await settled()
    followers = [asyncio.ensure_future(it.code("a")) for _ in range(3)]
    await settled()
    leader.cancel()

    assert await asyncio.gather(*followers) == ["OK"] * 3
    assert leader.cancelled()
    assert len(it.wired.asked) == 1


async def test_work_that_nobody_waits_for_any_more_is_given_up() -> None:
    it = Setup.of(Wired(seconds=5))
    waiting = [asyncio.ensure_future(it.ask("a")) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert it.wired.inside == 1
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await settled()
    assert it.wired.inside == 0
    assert it.line.bulkhead.inside == 0
    assert await it.code("a", seconds=0.001) == "DEADLINE"  # and the next one begins anew


async def test_who_leaves_at_once_leaves_nothing_behind() -> None:
    it = Setup.of(Wired())
    for _ in range(20):
        one = asyncio.ensure_future(it.ask("a"))
        await asyncio.sleep(0)
        one.cancel()
        await settled()
    assert it.line.flights._flying == {}
    assert await it.code("a") == "OK"


async def test_a_follower_waits_no_longer_than_its_own_deadline() -> None:
    it = Setup.of(Wired(seconds=1.0))
    leader = asyncio.ensure_future(it.code("a"))
    await settled()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await it.code("a", seconds=0.05) == "DEADLINE"
    assert loop.time() - begun < 0.8
    assert await leader == "OK"
    assert len(it.wired.asked) == 1


async def test_the_work_goes_on_for_a_follower_with_more_time_than_the_leader() -> None:
    it = Setup.of(Wired(seconds=1.0))
    leader = asyncio.ensure_future(it.code("a", seconds=0.05))
    await settled()
    follower = asyncio.ensure_future(it.code("a", seconds=5.0))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await leader == "DEADLINE"
    assert loop.time() - begun < 0.8
    assert await follower == "OK"
    assert len(it.wired.asked) == 1


async def test_after_a_change_nobody_joins_a_question_from_before_it() -> None:
    it = Setup.of(Wired(seconds=0.02))
    before = asyncio.ensure_future(it.ask("a"))
    await settled()
    it.line.forget()
    after = await it.ask("a")
    assert after["a"].value.told == 2
    assert (await before)["a"].value.told == 1


async def test_a_defect_of_ours_reaches_everybody_who_waits_and_nobody_else() -> None:
    it = Setup.of(Wired(lambda _: ZeroDivisionError(), seconds=0.01))
    ended = await asyncio.gather(*(it.ask("a") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in ended] == [ZeroDivisionError] * 3
    it.wired.say = lambda _: 200
    assert await it.code("a") == "OK"
    assert it.line.bulkhead.inside == 0
