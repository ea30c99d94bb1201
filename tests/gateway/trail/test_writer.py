"""Group commit: who waits for what, and that the thread which writes goes on whatever happens in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Sequence

import pytest

from gateway.trail.record import ACCESS, Entry
from gateway.trail.writer import Unwritable, Writer

pytestmark = pytest.mark.anyio


class Disk:
    """Takes records when it may."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()

    def write(self, entries: Sequence[Entry]) -> None:
        assert self.open.wait(10)
        self.batches.append([entry.ref for entry in entries])


def entry(name: str) -> Entry:
    return Entry(ACCESS, 0, b"", ref=name)


async def recorded(writer: Writer, *names: str) -> None:
    waits = [writer.put(entry(name)) for name in names]
    for one in waits:
        async with asyncio.timeout(10):
            await writer.on_disk(one)


async def later(work: Awaitable[None]) -> None:
    await asyncio.sleep(0.01)
    await work


async def test_answers_that_come_at_the_same_time_go_together() -> None:
    disk = Disk()
    writer = Writer(disk.write, 10)
    await asyncio.gather(recorded(writer, "a"), recorded(writer, "b", "c"))
    await writer.close()
    assert (disk.batches, writer.commits) == ([["a", "b", "c"]], 1)


async def test_what_comes_while_one_is_written_goes_together() -> None:
    disk = Disk()
    disk.open.clear()
    writer = Writer(disk.write, 10)
    waiting = asyncio.gather(recorded(writer, "a"), *(later(recorded(writer, one)) for one in "bc"))
    await asyncio.sleep(0.05)
    assert (writer.waiting, writer.written) == (2, 0)
    disk.open.set()
    await waiting
    await writer.close()
    assert disk.batches == [["a"], ["b", "c"]]
    assert (writer.written, writer.commits) == (3, 2)


async def test_nobody_waits_for_what_is_done_between_commits() -> None:
    disk, over = Disk(), threading.Event()

    def lasts() -> None:
        assert over.wait(10)

    writer = Writer(disk.write, 10, after=lasts)
    await recorded(writer, "a")
    over.set()
    await writer.close()


async def test_a_defect_between_commits_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise ValueError("a defect")

    disk = Disk()
    writer = Writer(disk.write, 10, after=fails)
    await recorded(writer, "a")
    await recorded(writer, "b")
    await writer.close()
    assert disk.batches == [["a"], ["b"]]
    assert "goes on" in caplog.text


async def test_a_defect_in_a_commit_refuses_its_answers_alone() -> None:
    def write(entries: Sequence[Entry]) -> None:
        if any(one.ref == "bad" for one in entries):
            raise ValueError("a defect")

    writer = Writer(write, 10)
    with pytest.raises(Unwritable):
        await recorded(writer, "bad")
    await recorded(writer, "good")
    await writer.close()
    assert (writer.written, writer.failures, writer.failing) == (1, 1, False)


async def test_a_moment_after_the_last_commit_once_more_is_written() -> None:
    disk = Disk()
    writer = Writer(disk.write, 10, rest=0.02)
    await recorded(writer, "a")
    async with asyncio.timeout(10):
        while len(disk.batches) < 2:  # noqa: ASYNC110 - nobody else is to know that somebody waits
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert disk.batches == [["a"], []]
    assert writer.commits == 1
    await writer.close()


async def test_what_waits_is_written_before_the_end() -> None:
    disk = Disk()
    writer = Writer(disk.write, 10, relaxed=True, rest=60)
    for name in "abc":
        assert writer.put(entry(name)) is None
    await writer.close()
    assert [name for batch in disk.batches for name in batch] == ["a", "b", "c"]


async def test_nothing_is_written_after_the_end() -> None:
    disk = Disk()
    disk.open.clear()
    writer = Writer(disk.write, 10, relaxed=True, rest=0.02)
    writer.put(entry("a"))
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0.01)
    disk.open.set()
    await closing
    await asyncio.sleep(0.1)
    assert disk.batches == [["a"]]


async def test_what_was_to_be_signed_at_rest_is_tried_until_it_succeeds() -> None:
    batches: list[int] = []

    def write(entries: Sequence[Entry]) -> None:
        batches.append(len(entries))
        if len(batches) in (2, 3):
            raise OSError("full")

    writer = Writer(write, 10, rest=0.02)
    await recorded(writer, "a")
    async with asyncio.timeout(10):
        while len(batches) < 4:  # noqa: ASYNC110 - nobody else is to know that somebody waits
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert (batches, writer.failing, writer.failures) == ([1, 0, 0, 0], False, 2)
    await writer.close()
