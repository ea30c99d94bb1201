"""The head of a request, over a real socket: only so long, only so slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from gateway.server.protocol import Guarded

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hasty(Guarded):
    patience = 0.2


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def app(scope: Any, receive: Any, send: Any) -> None:
    length = 0
    while (message := await receive())["type"] == "http.request":
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = str(length).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def line(kind: type[Guarded] = Guarded) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(app, port=0, http=kind, lifespan="off", log_config=None, ws="none")
    server = Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn only sets a flag
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await running


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Status line and body of one answer."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    return head.split(b"\r\n")[0] + b" " + await reader.readexactly(length)


async def test_requests_one_after_another_and_in_one_breath_are_answered() -> None:
    one = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"
    async with line() as (reader, writer):
        for text in (one, one, one + one + one):
            writer.write(text)
        for _ in range(5):
            assert await answer(reader) == b"HTTP/1.1 200 OK 5"


async def test_a_long_body_is_not_a_long_head() -> None:
    size = Guarded.most * 3
    async with line() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size)
        assert await answer(reader) == b"HTTP/1.1 200 OK %d" % size


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nx-a: ", b"GET /", b"GET / HTTP/1.1\r\n" + b"x-a: b\r\n" * 10])
async def test_a_head_without_end_is_431(start: bytes) -> None:
    async with line() as (reader, writer):
        writer.write(start)
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                writer.write(b"a" * 16_384)
                await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_drips_is_408() -> None:
    async with line(Hasty) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 200")
        for letter in (b"G", b"E", b"T"):
            writer.write(letter)
            await asyncio.sleep(0.06)
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with line(Hasty) as (reader, _):
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 408 ")
