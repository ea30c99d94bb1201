"""The transport: what reaches the wire, what comes back, and how it says no."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.traffic.transport import DirectTransport, HttpxTransport, InProcess, close_transports, open_transports
from resolvers.backends.base import TRACEPARENT, Connection, Deadline, Request, Send, Slots, TooLarge, Unreadable, Wire

pytestmark = pytest.mark.anyio
WAYS = {"direct": DirectTransport, "httpx": HttpxTransport}
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["direct", "httpx"])
def opened(request: pytest.FixtureRequest) -> Any:
    """What makes a transport: every test that takes it is about both."""
    return WAYS[request.param]


def get(target: str, *headers: tuple[str, str]) -> Request:
    return Request("GET", target, headers)


@asynccontextmanager
async def wire(talk: Talk) -> AsyncIterator[str]:
    """A bare TCP server: answers with exactly the bytes a test wants."""
    talks: set[asyncio.Task[Any] | None] = set()

    async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with contextlib.suppress(asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(watched, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for one in filter(None, talks):
            one.cancel()
        await asyncio.gather(*filter(None, talks), return_exceptions=True)


def saying(*answers: bytes, then_hang: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):  # who hangs up before asking
            await reader.readuntil(b"\r\n\r\n")
        for answer in answers:
            writer.write(answer)
        await writer.drain()
        if then_hang:
            await reader.read()  # until the other side gives up
        writer.close()

    return talk


async def asked(address: str, request: Request, seconds: float = 2.0, opened: Any = HttpxTransport, **more: Any) -> Any:
    transport = opened(address, **more)
    try:
        return await transport(request, seconds)
    finally:
        await transport.aclose()


def http(body: bytes, *headers: bytes) -> bytes:
    lines = (b"HTTP/1.1 200 OK", b"content-length: %d" % len(body), *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def echo(request: Asked) -> Response:
    raw = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
    return Response(raw + "\n" + str(sorted(request.headers.items())) + "\n" + (await request.body()).decode())


async def cookies(request: Asked) -> Response:
    response = Response(request.headers.get("cookie", "none"))
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


async def away(request: Asked) -> Response:
    return RedirectResponse("/elsewhere")


APP = Starlette(
    routes=[
        Route("/cookies", cookies),
        Route("/away", away),
        Route("/{rest:path}", echo, methods=["GET", "POST"]),
    ]
)


async def test_a_target_reaches_the_wire_as_it_was_encoded(opened: Any) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http(b"{}", b"connection: close"))
        writer.close()

    target = "/data/Contact%20x/1-2%2F3?searchspec=(%5BWork%20Phone%20%23%5D='1%2B1')&$filter=a%20eq%20'%C3%A9'&q=%26"
    async with wire(talk) as address:
        await asked(address + "/prefix/", get(target), opened=opened)
    assert seen[0].split(b"\r\n")[0] == b"GET /prefix" + target.encode() + b" HTTP/1.1"


async def test_headers_come_back_in_lower_case_joined_and_cookies_apart(opened: Any) -> None:
    answer = http(b"x", b"X-Two: 1", b"x-two: 2", b"Set-Cookie: a=1; Path=/", b"Set-Cookie: b=2", b"connection: close")
    async with wire(saying(answer)) as address:
        reply = await asked(address, get("/"), opened=opened)
    assert (reply.status, reply.headers["x-two"], reply.cookies) == (200, "1, 2", ("a=1; Path=/", "b=2"))
    assert "set-cookie" not in reply.headers


async def test_a_cookie_is_reported_and_never_kept() -> None:
    transport = InProcess("http://siebel", APP)
    first, second = await transport(get("/cookies"), 1), await transport(get("/cookies"), 1)
    assert len(first.cookies) == 2
    assert second.body == b"none"


async def test_a_redirect_is_an_answer_not_an_order() -> None:
    reply = await asked("http://siebel", get("/away"), opened=InProcess, app=APP)
    assert (reply.status, reply.headers["location"]) == (307, "/elsewhere")


async def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch, opened: Any) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with wire(saying(http(b"direct", b"connection: close"))) as address:
        assert (await asked(address, get("/"), opened=opened)).body == b"direct"


async def test_a_body_is_sent_whole_and_the_callers_headers_win() -> None:
    transport = InProcess("http://sap/odata", APP)
    request = Request("POST", "/$batch?x=1", (("Accept-Encoding", "identity"), ("X-CSRF-Token", "t")), b"--b")
    raw, headers, body = (await transport(request, 1)).body.decode().split("\n")
    assert (raw, body) == ("/odata/$batch?x=1", "--b")
    assert "('accept-encoding', 'identity')" in headers
    assert "('content-length', '3')" in headers


async def test_a_packed_body_is_unpacked(opened: Any) -> None:
    body = b'{"a": 1}' * 1000
    for packed, word in ((gzip.compress(body), b"gzip"), (zlib.compress(body), b"deflate")):
        async with wire(saying(http(packed, b"content-encoding: " + word, b"connection: close"))) as address:
            assert (await asked(address, get("/"), opened=opened)).body == body


async def test_a_body_over_the_cap_is_too_large_packed_or_not(opened: Any) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 60_000
    async with wire(saying(http(bomb, b"content-encoding: gzip"))) as address:
        with pytest.raises(TooLarge):
            await asked(address, get("/"), opened=opened)
    async with wire(saying(http(b"x" * 1001))) as address:
        with pytest.raises(TooLarge):
            await asked(address, get("/"), largest=1000, opened=opened)
    async with wire(saying(http(b"x" * 1000, b"connection: close"))) as address:
        assert len((await asked(address, get("/"), largest=1000, opened=opened)).body) == 1000


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"not gzip", b"gzip"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-12], b"gzip"),
        (b"x", b"br"),
        (b"x", b"gzip, gzip"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_unreadable(body: bytes, encoding: bytes, opened: Any) -> None:
    async with wire(saying(http(body, b"content-encoding: " + encoding, b"connection: close"))) as address:
        with pytest.raises(Unreadable):
            await asked(address, get("/"), opened=opened)


async def test_silence_is_a_timeout(opened: Any) -> None:
    async with wire(saying(then_hang=True)) as address:
        with pytest.raises(TimeoutError):
            await asked(address, get("/"), 0.05, opened=opened)
    async with wire(saying(http(b"12345")[:-2], then_hang=True)) as address:
        with pytest.raises(TimeoutError):
            await asked(address, get("/"), 0.05, opened=opened)


async def test_nobody_there_is_a_connection_error(opened: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refuses
        with pytest.raises(ConnectionError):
            await asked(f"http://127.0.0.1:{taken.getsockname()[1]}", get("/"), opened=opened)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", http(b"12345")[:-2], b"HTTP/1.1 200 OK\r\nbroken"])
async def test_a_broken_answer_is_a_connection_error(answer: bytes, opened: Any) -> None:
    async with wire(saying(answer)) as address:
        with pytest.raises(ConnectionError):
            await asked(address, get("/"), opened=opened)


@pytest.mark.parametrize("target", ["/a\nb", "/" + "x" * 70_000, "/a b\r\nInjected: 1"])
async def test_a_target_that_cannot_be_sent_is_a_connection_error(target: str) -> None:
    with pytest.raises(ConnectionError):
        await asked("http://siebel", get(target), opened=InProcess, app=APP)


async def test_a_header_to_an_app_cannot_smuggle_another_one() -> None:
    with pytest.raises(ConnectionError):
        await asked("http://siebel", get("/", ("X-A", "1\r\nX-B: 2")), opened=InProcess, app=APP)


async def test_a_header_cannot_smuggle_another_one(opened: Any) -> None:
    async with wire(saying(http(b""))) as address:
        with pytest.raises(ConnectionError):
            await asked(address, get("/", ("X-A", "1\r\nX-B: 2")), opened=opened)


async def test_an_app_that_breaks_the_line_looks_like_a_broken_line() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ConnectionResetError("cut")

    with pytest.raises(ConnectionError):
        await asked("http://siebel", get("/"), opened=InProcess, app=app)


async def test_an_app_s_answer_has_to_be_whole_readable_and_no_larger_than_others() -> None:
    async def said(body: bytes, encoding: bytes = b"", ends: bool = True) -> bytes:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            headers = [(b"content-encoding", encoding)] if encoding else []
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": not ends})

        return bytes((await asked("http://siebel", get("/"), opened=InProcess, app=app, largest=1000)).body)

    assert await said(gzip.compress(b"x" * 1000), b"gzip") == b"x" * 1000
    for body, encoding in ((b"x" * 1001, b""), (gzip.compress(b"0" * 50_000_000), b"gzip")):
        with pytest.raises(TooLarge):
            await said(body, encoding)
    for body, encoding in ((b"not gzip", b"gzip"), (gzip.compress(b"x" * 900, mtime=0)[:-12], b"gzip"), (b"x", b"br")):
        with pytest.raises(Unreadable):
            await said(body, encoding)
    with pytest.raises(ConnectionError):
        await said(b"x", ends=False)


async def test_whoever_leaves_an_app_leaves_it_at_work_for_a_while() -> None:
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.05)
        done.set()
        raise ConnectionResetError("nobody hears this")

    transport = InProcess("http://siebel", app)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await transport(get("/"), 1)
    await asyncio.wait_for(done.wait(), 2)
    await transport.aclose()


async def test_no_more_lines_than_the_system_can_take_are_open_at_once(opened: Any) -> None:
    now = most = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        await reader.readuntil(b"\r\n\r\n")
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(http(b"x", b"connection: close"))
        writer.close()

    async with wire(talk) as address:
        transport = opened(address)
        line = Wire("siebel", transport, Deadline(5), 2.0, Slots(2))
        await asyncio.gather(*(line.send(get("/")) for _ in range(8)))
        await transport.aclose()
    assert most == 2


async def test_a_turn_is_waited_for_in_the_caller_s_time_not_in_the_attempt_s(opened: Any) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(http(b"x", b"connection: close"))
        writer.close()

    async with wire(talk) as address:
        transport = opened(address)
        line = Wire("siebel", transport, Deadline(5), 0.15, Slots(1))
        replies = await asyncio.gather(*(line.send(get("/")) for _ in range(6)))
        await transport.aclose()
    assert [reply.status for reply in replies] == [200] * 6


async def test_who_hangs_up_at_any_moment_costs_the_others_nothing(opened: Any) -> None:
    """Cancelled attempts must give their places back, whatever they were doing just then."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.002)
                writer.write(http(b"x"))
        writer.close()

    async with wire(talk) as address:
        transport = opened(address, concurrency=4)
        slots = Slots(4)
        for wave in range(30):
            hasty = [Wire("siebel", transport, Deadline(0.0003 * i + 0.0001 * wave), 2.0, slots) for i in range(12)]
            await asyncio.gather(*(line.send(get("/")) for line in hasty), return_exceptions=True)
        line = Wire("siebel", transport, Deadline(2), 0.5, slots)
        replies = await asyncio.gather(*(line.send(get("/")) for _ in range(20)))
        await transport.aclose()
    assert [reply.status for reply in replies] == [200] * 20


async def test_each_system_has_its_own_transport_and_a_mounted_one_needs_no_network() -> None:
    connections = {"siebel": Connection("http://siebel"), "sap": Connection("http://127.0.0.1:9")}
    transports = open_transports(connections, {"siebel": APP})
    sends: dict[str, Send] = dict(transports)
    assert (await sends["siebel"](get("/here"), 1)).body.startswith(b"/here?")
    with pytest.raises(ConnectionError):
        await sends["sap"](get("/"), 1)
    await close_transports(transports)


async def test_the_trace_of_whoever_asks_goes_along_and_ends_with_their_task() -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    transport = InProcess("http://mounted", Starlette(routes=[Route("/", echo)]))

    async def ask(given: str | None) -> str:
        TRACEPARENT.set(given)
        reply = await asyncio.create_task(transport(get("/"), 2.0))  # as deep below as a loader is
        return reply.body.decode()

    with_trace, without = await asyncio.gather(asyncio.create_task(ask(trace)), asyncio.create_task(ask(None)))
    assert str(("traceparent", trace)) in with_trace
    assert "traceparent" not in without
    await transport.aclose()


# -- lines of our own -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[tuple[DirectTransport, list[int]]]:
    """A transport to a server, and how many connections were made to that."""
    made: list[int] = []

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(len(made))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await talk(reader, writer)
        writer.close()

    async with wire(counted) as address:
        transport = DirectTransport(address)
        yield transport, made
        await transport.aclose()


def repeating(*answers: bytes) -> Talk:
    """Each request gets the next of these; the line stays open."""
    left = list(answers)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(left.pop(0))

    return talk


async def test_a_line_is_used_again_when_its_reply_was_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n"
    async with listening(repeating(http(b"a"), chunked, http(b"c"))) as (transport, made):
        bodies = [(await transport(get("/"), 2)).body for _ in range(3)]
    assert (bodies, made) == ([b"a", b"b", b"c"], [0])


@pytest.mark.parametrize(
    "answer",
    [
        http(b"x", b"connection: close"),
        http(b"x") + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nothers",
        http(b"x") + b"junk",
        b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx",
    ],
    ids=["it says so", "another answer behind it", "junk behind it", "of an older kind"],
)
async def test_a_line_is_not_used_again_otherwise(answer: bytes) -> None:
    async with listening(repeating(answer, http(b"y"), http(b"y"))) as (transport, made):
        assert (await transport(get("/"), 2)).body == b"x"
        await asyncio.sleep(0.01)
        assert (await transport(get("/"), 2)).body == b"y"
    assert len(made) == 2


async def test_what_comes_on_a_resting_line_is_nobody_s_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http(b"x"))
        await asyncio.sleep(0.01)
        writer.write(http(b"unasked"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http(b"late"))

    async with listening(talk) as (transport, made):
        assert (await transport(get("/"), 2)).body == b"x"
        await asyncio.sleep(0.05)
        assert (await transport(get("/"), 2)).body == b"x"
    assert len(made) == 2


async def test_a_line_whose_reader_left_is_closed_and_its_answer_heard_by_nobody() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked_for = await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(http(asked_for.split()[1]))

    async with listening(talk) as (transport, made):
        hasty = asyncio.ensure_future(transport(get("/first"), 2))
        await asyncio.sleep(0.02)
        hasty.cancel()
        assert (await transport(get("/second"), 2)).body == b"/second"
    assert len(made) == 2


async def test_a_closed_line_leaves_no_garbage() -> None:
    """A line and its parser know each other, and systems close many lines."""
    gc.collect()
    gc.disable()
    try:
        async with wire(saying(http(b"once", b"connection: close"))) as address:
            await asked(address, get("/"), opened=DirectTransport)
            await asyncio.sleep(0.05)
        left = [one for one in gc.get_objects() if type(one).__module__ == DirectTransport.__module__]
    finally:
        gc.enable()
    assert not left


async def test_an_interim_answer_is_not_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    async with listening(repeating(early + http(b"x", b"x-real: 1"))) as (transport, _):
        reply = await transport(get("/"), 2)
    assert (reply.status, reply.body, "link" in reply.headers) == (200, b"x", False)


async def test_a_body_without_a_length_ends_with_its_line(opened: Any) -> None:
    async with wire(saying(b"HTTP/1.1 200 OK\r\n\r\nall of", b" it")) as address:
        assert (await asked(address, get("/"), opened=opened)).body == b"all of it"


@pytest.mark.parametrize("more", [b"x-a: b\r\n" * 300, b"x-a: " + b"b" * 300_000], ids=["many", "long"])
async def test_a_head_without_end_is_not_read_to_its_end(more: bytes) -> None:
    async with wire(saying(b"HTTP/1.1 200 OK\r\n" + more, then_hang=True)) as address:
        with pytest.raises(ConnectionError):
            await asked(address, get("/"), opened=DirectTransport)


@pytest.mark.parametrize("target", ["/a\nb", "/" + "x" * 70_000, "/a b\r\nInjected: 1", "//" + "\x7f", "http://other/"])
async def test_what_cannot_be_sent_is_not_sent(target: str) -> None:
    async with listening(repeating(http(b"x"))) as (transport, made):
        with pytest.raises(ConnectionError):
            await transport(get(target), 1)
    assert made == []
