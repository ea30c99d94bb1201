"""The canned system plays its script to the byte."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tests.faults.canned import CLOSE, RESET, Asked, canned, http

pytestmark = pytest.mark.anyio


async def test_an_answer_is_what_the_script_makes_of_the_question() -> None:
    async with canned(lambda asked: [http({"asked": asked.target})]) as system, httpx.AsyncClient() as client:
        found = [(await client.get(f"{system.url}/a?x=%C3%A9+b")).json() for _ in range(2)]
        await client.post(f"{system.url}/b", content=b"body")
    assert found == [{"asked": "/a?x=é b"}] * 2
    assert system.asked == [Asked("GET", "/a?x=é b", b"")] * 2 + [Asked("POST", "/b", b"body")]


async def test_a_header_of_ones_own_comes_instead_of_the_usual_one() -> None:
    raw = http(b"12345", "Content-Length: 9", "X-A: 1", status="302 Found", kind="text/html")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [b"HTTP/1.1 302 Found", b"Content-Length: 9", b"X-A: 1", b"content-type: text/html"]
    assert body == b"12345"
    assert json.loads(http([1]).partition(b"\r\n\r\n")[2]) == [1]


async def test_pauses_resets_and_ends_are_played() -> None:
    async with canned(lambda asked: [b"a", 0.1, b"b", RESET if "reset" in asked.target else CLOSE]) as system:
        port = int(system.url.rpartition(":")[2])
        for target in ("/reset", "/close"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {target} HTTP/1.1\r\n\r\n".encode())
            assert await reader.read(1) == b"a"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            assert await reader.read(1) == b"b"
            if target == "/reset":
                with pytest.raises(ConnectionResetError):
                    await reader.read(1)
            else:
                assert await reader.read(1) == b""
            writer.close()
