"""The head of a request, over a real socket: only so long, only so slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.server.protocol import Guarded
from tests.gateway.serving import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hasty(Guarded):
    patience = 0.2


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
async def line(
    kind: type[Guarded] = Guarded, served: Any = app
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with serving(served, kind) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()


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


async def test_more_headers_than_a_hundred_are_431() -> None:
    async with line() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"".join(b"x-%d: y\r\n" % i for i in range(99)) + b"\r\n")
        assert await answer(reader) == b"HTTP/1.1 200 OK 0"
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a:b\r\n" * 150 + b"\r\n")
        told = await asyncio.wait_for(reader.read(), 5)
        assert told.startswith(b"HTTP/1.1 431 ")
        assert told.count(b"HTTP/1.1") == 1


class Impatient(Guarded):
    patience = stuck = 0.2


async def curt(scope: Any, receive: Any, send: Any) -> None:
    """Answers without having read anything."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


@pytest.mark.parametrize("body", [b"content-length: 1000000\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n"])
async def test_who_goes_on_sending_after_the_answer_is_hung_up_on(body: bytes) -> None:
    async with line(Impatient, curt) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\n" + body)
        assert await answer(reader) == b"HTTP/1.1 413 Request Entity Too Large no"
        assert await asyncio.wait_for(dripped(writer), 10) < 1000


async def dripped(writer: asyncio.StreamWriter) -> int:
    """How many bytes one by one until the other side has hung up."""
    for count in range(1000):
        try:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
        except ConnectionError:
            return count
        await asyncio.sleep(0.01)
    return 1000


async def test_who_ends_a_body_after_its_answer_may_go_on_asking() -> None:
    async with line(Impatient, curt) as (reader, writer):
        for _ in range(3):
            writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 413")
            writer.write(b"hello")
            await asyncio.sleep(0.12)


async def flood(scope: Any, receive: Any, send: Any) -> None:
    """Answers with more than any buffer on the way takes."""
    size = 50_000_000
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
    await send({"type": "http.response.body", "body": bytes(size)})


async def test_who_does_not_take_their_answer_is_hung_up_on() -> None:
    async with line(Impatient, flood) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(1)
        taken = 0
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.wait_for(reader.read(1_000_000), 5):
                taken += len(part)
        assert taken < 50_000_000


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


OFFERS = (
    b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n",
    b"Connection: keep-alive, Upgrade\r\nUpgrade: TLS/1.0, h2c\r\n",
    b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n",
)


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("portion", [1, 40, 10_000])
async def test_an_offer_to_upgrade_is_declined_and_the_request_answered(offer: bytes, portion: int) -> None:
    counted = b"POST /a?b HTTP/1.1\r\nhost: x\r\n" + offer + b"content-length: 5\r\n\r\nhello"
    chunked = (
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n"
        + offer
        + b"\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"
    )
    empty = b"GET / HTTP/1.1\r\nhost: x\r\n" + offer + b"\r\n"
    text = counted + chunked + empty + counted
    async with line() as (reader, writer):
        for at in range(0, len(text), portion):
            writer.write(text[at : at + portion])
            await writer.drain()
            await asyncio.sleep(0)
        assert [await answer(reader) for _ in range(4)] == [b"HTTP/1.1 200 OK %d" % length for length in (5, 6, 0, 5)]


async def test_a_head_that_offers_an_upgrade_is_limited_like_any_other() -> None:
    async with line(Hasty) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n" + OFFERS[0])
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 0\r\n" + OFFERS[0],
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n",
        b"GET / HTTP/1.0\r\nhost: x\r\nhost: x\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n" + OFFERS[0],
        b"POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\n x: y\r\nconnection: upgrade\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_400(head: bytes) -> None:
    async with line() as (reader, writer):
        writer.write(head + b"\r\n5\r\nhello\r\n0\r\n\r\n")
        told = await asyncio.wait_for(reader.read(), 5)
        assert told.startswith(b"HTTP/1.1 400 ")
        assert told.count(b"HTTP/1.1") == 1


def refused(told: bytes) -> tuple[int, str]:
    """Status and code of the one answer there is, once it is seen to be complete."""
    head, _, body = told.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["content-length"] == str(len(body))
    assert headers["connection"] == "close"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]
    assert headers["vary"]
    (error,) = msgspec.json.decode(body)["errors"]
    assert error["message"]
    return int(status.split()[1]), error["extensions"]["code"]


CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"FOO / HTTP/1.1\r\nhost: x\r\n\r\n", 501, "BAD_REQUEST"),
        (b"get / HTTP/1.1\r\nhost: x\r\n\r\n", 501, "BAD_REQUEST"),
        (b"PATCHY /graphql HTTP/1.1\r\nhost: x\r\n\r\n", 501, "BAD_REQUEST"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "BAD_REQUEST"),
        (b"HELO\r\n", 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 150 + b"\r\n", 431, "LIMIT"),
        (b"GET http://x/" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414, "LIMIT"),
        (CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n", 400, "BAD_REQUEST"),
        (CHUNKED + b"5\r\nhello, you\r\n0\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + CHUNKED + b"zz\r\n", 400, "BAD_REQUEST"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_the_format_of_errors(sent: bytes, status: int, code: str) -> None:
    async with line() as (reader, writer):
        if sent.startswith(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"):  # one that is answered before
            writer.write(sent[:27])
            assert await answer(reader) == b"HTTP/1.1 200 OK 0"
            sent = sent[27:]
        writer.write(sent)
        assert refused(await asyncio.wait_for(reader.read(), 5)) == (status, code)


@pytest.mark.parametrize("portion", [1, 7])
async def test_a_body_that_breaks_off_in_nonsense_is_400_however_it_arrives(portion: int) -> None:
    async with line() as (reader, writer):
        for at in range(0, len(CHUNKED), portion):
            writer.write(CHUNKED[at : at + portion])
            await writer.drain()
        writer.write(b"5\r\nhello\r\n")
        await asyncio.sleep(0.01)
        writer.write(b"what?\r\n")
        assert refused(await asyncio.wait_for(reader.read(), 5)) == (400, "BAD_REQUEST")


async def slow(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.1)
    await app(scope, receive, send)


async def test_no_refusal_is_taken_for_the_answer_to_what_came_before_it() -> None:
    async with line(served=slow) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + CHUNKED + b"zz\r\n")
        assert b" 400 " not in await asyncio.wait_for(reader.read(), 5)


async def path(scope: Any, receive: Any, send: Any) -> None:
    told = b"%d %d %b" % (len(scope["path"]), len(scope["query_string"]), scope["query_string"][-5:])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
    await send({"type": "http.response.body", "body": told})


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (b"/?" + b"q" * 100_000 + b"%20", b"1 100003 qq%20"),
        (b"/" + b"p" * 100_000, b"100001 0 "),
        (b"/a%20b?c=%20d?e#f", b"4 8 20d?e"),
        (b"//x/y?z", b"5 1 z"),
        (b"http://x/y?z=1", b"2 3 z=1"),
    ],
)
async def test_an_address_may_be_as_long_as_a_head(target: bytes, told: bytes) -> None:
    async with line(served=path) as (reader, writer):
        writer.write(b"GET " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert await answer(reader) == b"HTTP/1.1 200 OK " + told


async def test_http_1_0_needs_no_host() -> None:
    async with line() as (reader, writer):
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert await answer(reader) == b"HTTP/1.1 200 OK 0"
