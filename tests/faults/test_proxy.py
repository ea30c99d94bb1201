"""The proxy does exactly what it says, and nothing when it says nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.faults.proxy import CALM, Proxy, Weather

pytestmark = pytest.mark.anyio
EARLY = -0.002
"""Seconds: what uvloop's timers may be early by."""

LONG = bytes(range(256)) * 400


@asynccontextmanager
async def system(answer: bytes = b"answer", *, ends: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers every line it is sent; `ends`: and hangs up after the first."""
    heard: list[bytes] = []
    writers = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while line := await reader.readline():
            heard.append(line)
            writer.write(answer)
            if ends:
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def turn(proxy: Proxy, size: int) -> tuple[bytes, float]:
    """What arrives of an answer of that size, and after how many seconds all of it was there."""
    async with connected(proxy) as (reader, writer):
        return await again(reader, writer, size)


async def again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> tuple[bytes, float]:
    begun = time.perf_counter()
    writer.write(b"question\n")
    found = await asyncio.wait_for(reader.readexactly(size), 10)
    return found, time.perf_counter() - begun


async def test_in_calm_weather_every_byte_passes_as_it_is() -> None:
    async with system(LONG) as (url, heard), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        for _ in range(3):
            assert (await again(reader, writer, len(LONG)))[0] == LONG
        assert heard == [b"question\n"] * 3
        assert (proxy.asked, proxy.waiting, proxy.most_waiting, proxy.accepted) == (3, 0, 1, 1)


async def test_latency_comes_before_each_answer_and_not_before_each_piece_of_it() -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(latency=0.15))
        for _ in range(2):
            found, seconds = await again(reader, writer, len(LONG))
            assert found == LONG
            assert EARLY + 0.15 <= seconds < 2


async def test_jitter_is_drawn_anew_for_each_answer_and_the_same_for_the_same_seed() -> None:
    first, second = (Proxy("http://127.0.0.1:9", seed=7) for _ in range(2))
    weather = Weather(latency=1, jitter=0.5)
    drawn = [first.delay(weather) for _ in range(100)]
    assert drawn == [second.delay(weather) for _ in range(100)]
    assert all(1 <= one < 1.5 for one in drawn)
    assert len(set(drawn)) == 100
    assert first.delay(Weather(latency=5, drawn=lambda: 0.25)) == 0.25
    for one in (first, second):
        await one.__aexit__()


async def test_a_starved_line_carries_so_many_bytes_a_second() -> None:
    async with system(b"x" * 2000) as (url, _), Proxy(url) as proxy:
        await proxy.set(Weather(rate=5000))
        _, seconds = await turn(proxy, 2000)
        assert 0.35 < seconds < 5


async def test_a_drip_is_one_byte_at_a_time() -> None:
    async with system(b"x" * 10) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(drip=0.05))
        writer.write(b"question\n")
        pieces = [await asyncio.wait_for(reader.read(100), 10) for _ in range(3)]
        assert pieces == [b"x"] * 3
        await reader.readexactly(7)


@pytest.mark.parametrize("size", [1, 20, 70_000])
async def test_an_answer_is_cut_at_exactly_that_byte_by_a_reset(size: int) -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await again(reader, writer, len(LONG))
        await proxy.set(Weather(cut=size))
        writer.write(b"question\n")
        assert await reader.readexactly(size) == LONG[:size]
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)
        assert proxy.waiting == 0


async def test_an_answer_may_be_cut_by_a_close_too() -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(cut=20, closed=True))
        writer.write(b"question\n")
        assert await asyncio.wait_for(reader.read(), 10) == LONG[:20]


async def test_a_reset_comes_instead_of_an_answer_when_nothing_of_it_passes() -> None:
    async with system() as (url, heard), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(cut=0))
        writer.write(b"question\n")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)
        assert heard == [b"question\n"]
        assert proxy.waiting == 0


async def test_an_answer_shorter_than_the_cut_is_whole() -> None:
    async with system(b"x" * 20) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(cut=20))
        for _ in range(2):
            assert (await again(reader, writer, 20))[0] == b"x" * 20


async def test_every_so_manieth_byte_is_corrupted_and_no_other() -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy:
        await proxy.set(Weather(corrupt=1000))
        found, _ = await turn(proxy, len(LONG))
        wrong = [place for place, (got, said) in enumerate(zip(found, LONG, strict=True), 1) if got != said]
        assert wrong == list(range(1000, len(LONG) + 1, 1000))


async def test_a_black_hole_takes_connections_and_lets_nothing_pass_until_it_is_over() -> None:
    async with system() as (url, heard), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await again(reader, writer, 6)
        await proxy.set(Weather(silent=True))
        async with connected(proxy) as (new, asking):
            for line in (writer, asking):
                line.write(b"question\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(new.read(1), 0.2)
            assert (len(heard), proxy.waiting, proxy.most_waiting) == (1, 2, 2)
            await proxy.set(CALM)
            assert [await asyncio.wait_for(one.readexactly(6), 10) for one in (reader, new)] == [b"answer"] * 2
    assert proxy.waiting == 0


async def test_who_gives_up_on_a_black_hole_waits_no_more() -> None:
    async with system() as (url, heard), Proxy(url) as proxy:
        await proxy.set(Weather(silent=True))
        async with connected(proxy) as (_, writer):
            writer.write(b"question\n")
            await until(lambda: proxy.waiting == 1)
        await until(lambda: proxy.waiting == 0)
        await proxy.set(CALM)
        assert heard == []
        proxy.forget()
        assert proxy.most_waiting == 0


async def test_an_answer_under_way_is_held_by_a_black_hole() -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(latency=0.2))
        writer.write(b"question\n")
        await until(lambda: proxy.waiting == 1)
        await proxy.set(Weather(silent=True))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.5)
        await proxy.set(CALM)
        assert await asyncio.wait_for(reader.readexactly(len(LONG)), 10) == LONG


async def test_a_refusing_line_has_no_listener_and_comes_back_at_the_same_place() -> None:
    async with system() as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await again(reader, writer, 6)
        place = proxy.url
        for _ in range(2):
            await proxy.set(Weather(refuse=True))
            with pytest.raises(ConnectionRefusedError):
                await turn(proxy, 6)
            await proxy.set(CALM)
            assert (proxy.url, (await turn(proxy, 6))[0]) == (place, b"answer")
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)


async def test_weather_is_done_to_the_answers_that_begin_in_it() -> None:
    async with system(LONG) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(latency=0.1))
        writer.write(b"question\n")
        await until(lambda: proxy.waiting == 1)
        await asyncio.sleep(0.05)
        await proxy.set(Weather(cut=1))
        assert len(await asyncio.wait_for(reader.readexactly(len(LONG)), 10)) == len(LONG)


async def test_a_system_that_hangs_up_is_heard_to_its_last_byte() -> None:
    async with system(LONG, ends=True) as (url, _), Proxy(url) as proxy, connected(proxy) as (reader, writer):
        await proxy.set(Weather(latency=0.05))
        writer.write(b"question\n")
        assert await asyncio.wait_for(reader.read(), 10) == LONG


async def test_a_system_that_is_not_there_is_a_lost_connection() -> None:
    async with system() as (url, _):
        pass
    async with Proxy(url) as proxy, connected(proxy) as (reader, _):
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)


async def test_nothing_listens_behind_a_closed_proxy() -> None:
    async with system() as (url, _):
        async with Proxy(url) as proxy:
            await turn(proxy, 6)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
    assert proxy.lines == set()


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        assert loop.time() < end
        await asyncio.sleep(0.005)
