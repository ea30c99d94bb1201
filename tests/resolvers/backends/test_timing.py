"""Waiting until a deadline that may move, and keeping to a pace."""

from __future__ import annotations

import asyncio
import time

import pytest

from resolvers.backends.base import Deadline, Pace, Until

pytestmark = pytest.mark.anyio


async def test_waiting_ends_at_the_deadline_or_after_the_longest_that_is_allowed() -> None:
    for deadline, most in ((0.02, 9.0), (9.0, 0.02), (-1.0, 9.0)):
        begun = time.monotonic()
        with pytest.raises(TimeoutError), Until(Deadline(deadline), most):
            await asyncio.sleep(5)
        assert time.monotonic() - begun < 2


async def test_a_deadline_that_moved_meanwhile_is_kept_to_as_it_is_now() -> None:
    deadline = Deadline(0.02)
    with Until(deadline):
        deadline.reach(Deadline(5))
        await asyncio.sleep(0.1)
    deadline.reach(Deadline(1))
    assert deadline.remaining() > 4  # it never comes nearer


async def test_what_is_over_in_time_is_not_disturbed_later() -> None:
    with Until(Deadline(0.02)):
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)


async def test_who_is_told_to_stop_by_somebody_else_stops_and_is_not_late() -> None:
    async def wait() -> None:
        with Until(Deadline(5)):
            await asyncio.sleep(5)

    task = asyncio.ensure_future(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_around_each_other_the_one_that_rings_is_the_one_that_ends() -> None:
    with pytest.raises(TimeoutError), Until(Deadline(0.02)), Until(Deadline(5)):
        await asyncio.sleep(5)
    with Until(Deadline(5)):
        with pytest.raises(TimeoutError), Until(Deadline(0.02)):
            await asyncio.sleep(5)
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError), Until(Deadline(0.02)), Until(Deadline(0.02)):
        await asyncio.sleep(5)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


def test_a_pace_is_kept_over_any_second() -> None:
    pace = Pace(3)
    waits = []
    for _ in range(7):
        waits.append(pace.wait())
        pace.took(waits[-1])
    assert waits == pytest.approx([0, 0, 0, 1, 1, 1, 2], abs=0.05)
    assert Pace(0).wait() == 0
