"""The load sender keeps to its schedule, whatever the other side does, and tells what came of each question."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from tests.faults.canned import CLOSE, RESET, Asked, Script, Step, canned, http
from tests.faults.load import Arrival, at_random, post, send, steadily

pytestmark = pytest.mark.anyio


def judge(status: int, body: bytes) -> str:
    return "whole" if status == 200 and json.loads(body) == {"data": 1} else str(status)


GOOD = http({"data": 1})


def saying(*steps: Step) -> Script:
    return lambda asked: steps


def arrivals(url: str, moments: Sequence[float], kind: str = "", leaves: float | None = None) -> list[Arrival]:
    return [Arrival(due, post(url, "/graphql", b'{"query": "{ x }"}'), kind, leaves) for due in moments]


def test_steady_moments_have_equal_distances() -> None:
    assert steadily(4, 1.5) == [0, 0.25, 0.5, 0.75, 1.0, 1.25]


def test_random_moments_have_the_rate_and_are_the_same_for_the_same_seed() -> None:
    moments = at_random(200, 50, seed=3)
    assert moments == sorted(moments) == at_random(200, 50, seed=3) != at_random(200, 50, seed=4)
    assert all(0 < moment < 50 for moment in moments)
    assert 9_500 < len(moments) < 10_500
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert 0.32 < sum(gap > 1 / 200 for gap in gaps) / len(gaps) < 0.42  # e⁻¹ of them: independent callers


async def test_what_is_sent_is_a_request_with_its_body_and_headers() -> None:
    async with canned(saying(GOOD)) as system:
        request = post(system.url, "/graphql", b"{}", [("Authorization", "Bearer x")])
        assert request.startswith(b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"\r\nAuthorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}" in request
        assert (await send(system.url, [Arrival(0, request)], judge)).verdicts() == Counter(whole=1)
        assert system.asked == [Asked("POST", "/graphql", b"{}")]


@pytest.mark.alone
async def test_questions_leave_at_their_moments_though_none_is_answered_in_time() -> None:
    async with canned(saying(1.0, GOOD)) as system:
        moments = steadily(50, 1)
        volley = await send(system.url, arrivals(system.url, moments), judge)
    assert volley.verdicts() == Counter(whole=50)
    assert sorted(one.due for one in volley.told) == moments
    assert all(-0.01 < late < 0.5 for late in volley.lateness)
    assert not any(one.reused for one in volley.told if one.due < 0.9)


@pytest.mark.alone
async def test_latency_counts_from_the_moment_a_question_was_due() -> None:
    async with canned(saying(0.1, GOOD)) as system:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, lambda: _block(0.3))
        volley = await send(system.url, arrivals(system.url, steadily(20, 0.5)), judge)
    kept_back = [one for one in volley.told if 0.05 < one.due < 0.3]
    assert max(volley.lateness) > 0.15
    assert all(one.latency >= 0.33 - one.due for one in kept_back)
    assert all(one.latency >= 0.09 for one in volley.told)


def _block(seconds: float) -> None:
    """Something else has the machine."""
    with socket.socket() as silent:
        silent.settimeout(seconds)
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(TimeoutError):
            silent.accept()


async def test_an_idle_connection_is_used_again() -> None:
    async with canned(saying(GOOD)) as system:
        volley = await send(system.url, arrivals(system.url, steadily(20, 1)), judge)
    assert sorted(one.due for one in volley.told if not one.reused) == [0]


async def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    async with canned(saying(GOOD)) as system:
        volley = await send(system.url, arrivals(system.url, [0, 0.1, 0.6]), judge, idle=0.3)
    assert [one.reused for one in volley.told] == [False, True, False]


async def test_a_connection_the_other_side_closes_is_not_used_again() -> None:
    answer = http({"data": 1}, "connection: close")
    async with canned(saying(answer, CLOSE)) as system:
        volley = await send(system.url, arrivals(system.url, steadily(20, 0.5)), judge)
    assert volley.verdicts() == Counter(whole=10)
    assert not any(one.reused for one in volley.told)


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ((http({"errors": []}, status="503 Busy"),), "503"),
        ((GOOD[:-3], RESET), "cut"),
        ((GOOD[:-3], CLOSE), "cut"),
        ((RESET,), "cut"),
        ((b"SSH-2.0\r\n\r\n",), "not HTTP"),
        ((5.0, GOOD), "timeout"),
    ],
)
async def test_every_question_comes_to_an_end_that_is_told(steps: Sequence[Step], verdict: str) -> None:
    async with canned(saying(*steps)) as system:
        volley = await send(system.url, arrivals(system.url, [0, 0.01, 0.3]), judge, patience=0.5)
    assert volley.verdicts() == Counter({verdict: 3})


async def test_where_nobody_listens_the_connection_is_refused() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        volley = await send(url, arrivals(url, [0, 0.01]), judge)
    assert volley.verdicts() == Counter({"refused connection": 2})


async def test_a_caller_may_hang_up_and_costs_the_others_nothing() -> None:
    async with canned(saying(0.6, GOOD)) as system:
        mixed = arrivals(system.url, [0.1], "stays") + arrivals(system.url, [0], "leaves", leaves=0.2)
        volley = await send(system.url, mixed, judge)
    assert (volley.verdicts("stays"), volley.verdicts("leaves")) == (Counter(whole=1), Counter(left=1))
    assert 0.19 <= volley.latencies("leaves")[0] < 0.6


async def test_nothing_to_send_is_sent_at_once() -> None:
    assert (await send("http://127.0.0.1:1", [], judge)).told == []
