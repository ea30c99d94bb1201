"""Made once, whoever asks, and away from the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.engine.lru import Lru
from gateway.engine.once import Asker, Made, Once
from gateway.errors import HttpProblem
from resolvers.backends.base import Deadline

pytestmark = pytest.mark.anyio


@pytest.fixture
async def once() -> AsyncIterator[Once]:
    opened = Once(size=3, room=100, waiting=2, each=2)
    yield opened
    opened.close()


def soon(seconds: float = 5, name: str = "somebody") -> Asker:
    return Asker(name, Deadline(seconds))


def slowly(made: list[str], name: str, until: threading.Event | None = None) -> Callable[[], Made]:
    def make() -> Made:
        made.append(name)
        if until:
            assert until.wait(10)
        return Made(name.upper(), 10)

    return make


async def begun(made: list[str]) -> None:
    while not made:  # noqa: ASYNC110 - a thread fills it
        await asyncio.sleep(0.001)


async def test_a_hundred_who_ask_at_once_get_what_was_made_once(once: Once) -> None:
    made: list[str] = []
    found = await asyncio.gather(*(once.made("a", slowly(made, "a"), soon()) for _ in range(100)))
    assert found == ["A"] * 100
    assert made == ["a"]
    assert once.known("a") == "A"


async def test_the_loop_goes_on_while_something_is_made(once: Once) -> None:
    done = threading.Event()
    work = asyncio.create_task(once.made("a", slowly([], "a", done), soon()))
    await asyncio.sleep(0.01)
    assert not work.done()
    done.set()
    assert await work == "A"


async def test_who_leaves_takes_nothing_from_the_others(once: Once) -> None:
    done, made = threading.Event(), list[str]()
    first = asyncio.create_task(once.made("a", slowly(made, "a", done), soon()))
    second = asyncio.create_task(once.made("a", slowly(made, "a", done), soon()))
    await begun(made)
    first.cancel()
    await asyncio.wait([first])
    done.set()
    assert await second == "A"
    assert made == ["a"]


async def test_what_nobody_waits_for_any_more_is_remembered_all_the_same(once: Once) -> None:
    done, made = threading.Event(), list[str]()
    with pytest.raises(HttpProblem) as told:
        await once.made("a", slowly(made, "a", done), soon(0.05))
    assert (told.value.status, told.value.code, told.value.headers) == (503, "DEADLINE", {"Retry-After": "1"})
    done.set()
    await once.made("b", slowly(made, "b"), soon())
    assert once.known("a") == "A"


async def test_more_than_may_wait_are_told_to_come_back(once: Once) -> None:
    done, made = threading.Event(), list[str]()
    waiting = [asyncio.create_task(once.made(name, slowly(made, name, done), soon())) for name in "ab"]
    await begun(made)
    with pytest.raises(HttpProblem) as told:
        await once.made("c", slowly(made, "c"), soon())
    assert (told.value.status, told.value.code, told.value.headers) == (503, "SATURATED", {"Retry-After": "1"})
    same = asyncio.create_task(once.made("a", slowly(made, "a"), soon()))
    done.set()
    assert await asyncio.gather(*waiting, same) == ["A", "B", "A"]
    assert await once.made("c", slowly(made, "c"), soon()) == "C"


async def test_askers_take_turns_and_none_fills_the_queue() -> None:
    once, done, made = Once(waiting=10, each=3), threading.Event(), list[str]()

    def asked(name: str, by: str) -> asyncio.Task[Any]:
        return asyncio.create_task(once.made(name, slowly(made, name, done), soon(name=by)))

    many = [asked(f"m{i}", "many") for i in range(6)]
    few = [asked(f"f{i}", "few") for i in range(2)]
    await begun(made)
    done.set()
    told = await asyncio.gather(*many, *few, return_exceptions=True)

    assert [getattr(one, "code", one) for one in told] == ["M0", "M1", "M2", "M3", "SATURATED", "SATURATED", "F0", "F1"]
    assert made == ["m0", "m1", "f0", "m2", "f1", "m3"]
    once.close()


async def test_what_still_waits_when_it_is_closed_is_begun_no_more(once: Once) -> None:
    done, made, wrong = threading.Event(), list[str](), list[object]()
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, told: wrong.append(told))
    first = asyncio.create_task(once.made("a", slowly(made, "a", done), soon()))
    second = asyncio.create_task(once.made("b", slowly(made, "b"), soon()))
    await begun(made)
    once.close()
    done.set()

    assert await first == "A"
    await asyncio.sleep(0.01)
    assert (made, wrong) == (["a"], [])
    second.cancel()
    loop.set_exception_handler(before)


async def test_what_is_made_beside_something_is_there_when_it_is_asked_for(once: Once) -> None:
    def make() -> Made:
        return Made("A", 10, {"b": Made("B", 10)})

    assert await once.made("a", make, soon()) == "A"
    assert (once.known("a"), once.known("b")) == ("A", "B")


async def test_a_failure_is_everybody_s_who_waits_and_is_not_remembered(once: Once) -> None:
    def fail() -> Made:
        time.sleep(0.01)
        raise ZeroDivisionError

    both = await asyncio.gather(*(once.made("a", fail, soon()) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in both] == [ZeroDivisionError] * 2
    assert await once.made("a", slowly([], "a"), soon()) == "A"


async def test_it_keeps_no_more_than_it_has_room_for_but_for_what_is_pinned(once: Once) -> None:
    once.keep("stored", slowly([], "stored"))
    for name in "abcdef":
        await once.made(name, slowly([], name), soon())
    assert [name for name in ("stored", *"abcdef") if once.known(name)] == ["stored", "d", "e", "f"]


def test_what_is_asked_for_stays_longest_and_what_is_too_heavy_is_not_kept() -> None:
    kept: Lru[str, int] = Lru(size=10, weight=10)
    kept.put("a", 1, 4)
    kept.put("b", 2, 4)
    assert kept.get("a") == 1
    kept.put("c", 3, 4)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    kept.put("d", 4, 11)
    assert [kept.get(key) for key in "acd"] == [1, 3, None]
