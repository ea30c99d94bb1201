"""What an answer is on the wire, and in how many writes it gets there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from gateway.server.cycle import Bell, Cycle
from tests.gateway.serving import serving

pytestmark = pytest.mark.anyio
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Written:
    """A transport that remembers."""

    calls: list[bytes | str] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def writelines(self, data: Iterable[bytes]) -> None:
        self.calls.append(b"".join(data))

    def close(self) -> None:
        self.calls.append("closed")


def cycle(to: Written, method: str = "GET", *, keep: bool = True) -> Cycle:
    transport, bell = cast(Any, to), cast(asyncio.Event, Bell())
    scope: Any = {"method": method}
    none: Any = None
    return Cycle(scope, transport, FlowControl(transport), none, none, False, [], bell, False, keep, lambda: None)


async def sent(*bodies: bytes, status: int = 200, method: str = "GET", keep: bool = True, **headers: bytes) -> Written:
    to = Written()
    one = cycle(to, method, keep=keep)
    told = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    await one.send({"type": "http.response.start", "status": status, "headers": told})
    for left, body in zip(reversed(range(len(bodies))), bodies, strict=True):
        await one.send({"type": "http.response.body", "body": body, "more_body": left > 0})
    return to


async def test_head_and_body_leave_in_one_write_and_what_follows_by_itself() -> None:
    told = await sent(b"", b"more", b"end", content_length=b"7")
    assert told.calls == [OK + b"content-length: 7\r\n\r\n", b"more", b"end"]
    assert (await sent(b"all", content_length=b"3")).calls == [OK + b"content-length: 3\r\n\r\nall"]
    assert (await sent(b"x" * 100_000, content_length=b"100000")).calls[0][-100_000:] == b"x" * 100_000


async def test_a_body_whose_length_is_not_told_comes_in_chunks() -> None:
    told = await sent(b"one", b"", b"two", b"")
    head = OK + b"transfer-encoding: chunked\r\n\r\n"
    assert told.calls == [head + b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"]


@pytest.mark.parametrize("told", [{"method": "HEAD", "content_length": b"3"}, {"status": 204}, {"status": 304}])
async def test_what_has_no_body_gets_none(told: dict[str, Any]) -> None:
    (whole,) = (await sent(b"all" if told.get("method") else b"", **told)).calls
    assert cast(bytes, whole).endswith(b"\r\n\r\n")
    assert b"chunked" not in cast(bytes, whole)


@pytest.mark.parametrize(("keep", "headers"), [(False, {}), (True, {"connection": b"keep-alive, Close"})])
async def test_a_line_that_ends_says_so(keep: bool, headers: dict[str, Any]) -> None:
    head, end = (await sent(b"all", keep=keep, content_length=b"3", **headers)).calls
    assert cast(bytes, head).lower().count(b"close") == 1
    assert end == "closed"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"content_length": b"2"}, "longer"),
        ({"content_length": b"4"}, "shorter"),
        ({"x": b"a\r\nset-cookie: b"}, "cannot be sent"),
        ({"x": b"a\0b"}, "cannot be sent"),
        ({"x:y": b"z"}, "cannot be sent"),
    ],
)
async def test_what_is_no_answer_is_a_defect(told: dict[str, Any], why: str) -> None:
    with pytest.raises(RuntimeError, match=why):
        await sent(b"all", **told)


async def test_an_answer_has_one_beginning_and_one_end() -> None:
    one = cycle(Written())
    body = {"type": "http.response.body", "body": b""}
    with pytest.raises(RuntimeError, match="was to come"):
        await one.send(body)
    await one.send({"type": "http.response.start", "status": 200, "headers": []})
    with pytest.raises(RuntimeError, match="was to come"):
        await one.send({"type": "http.response.start", "status": 200, "headers": []})
    await one.send(body)
    with pytest.raises(RuntimeError, match="after the end"):
        await one.send(body)


async def raw(app: Any, request: bytes) -> bytes:
    """All that comes back until the line is closed."""
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        told = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return told


async def test_who_waits_to_be_told_to_send_their_body_is() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    told = await raw(app, head + b"hi")
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert told.endswith(b"\r\n\r\nok")


@pytest.mark.parametrize("begun", [False, True])
async def test_a_defect_is_500_or_no_answer_at_all(begun: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        raise OSError

    told = await raw(app, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert told == b"" if begun else told.startswith(b"HTTP/1.1 500 ")


async def test_a_bell_wakes_who_waits_however_many_and_however_often() -> None:
    bell, heard = Bell(), []

    async def waits(who: int) -> None:
        await bell.wait()
        heard.append(who)

    first, gone, third = (asyncio.create_task(waits(one)) for one in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    assert heard == []
    bell.set()
    await asyncio.gather(first, third)
    await waits(3)
    bell.clear()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waits(4), 0.01)
    assert heard == [0, 2, 3]
