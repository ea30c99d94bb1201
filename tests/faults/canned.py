"""A system that says what it is told to say, byte by byte: for answers that no mock of ours would ever give.

A script decides by what was asked. What it gives back is played as it stands: bytes are sent, a number is a pause in
seconds, RESET breaks the connection, CLOSE ends it. Without either the connection waits for the next question.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus

FLUSH = 0.02


class End(Enum):
    RESET = "reset"
    CLOSE = "close"


RESET, CLOSE = End.RESET, End.CLOSE
Step = bytes | float | End


@dataclass(frozen=True, slots=True)
class Asked:
    """`target` is decoded: what a person would read in it."""

    method: str
    target: str
    body: bytes


Script = Callable[[Asked], Sequence[Step]]


@dataclass(slots=True)
class Canned:
    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def canned(script: Script) -> AsyncIterator[Canned]:
    """Serves until the block ends; `asked` is what it was asked, in order."""
    system = Canned()
    writers: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = await _question(reader)
                system.asked.append(asked)
                if not await _play(script(asked), writer):
                    break
        writers.discard(writer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    system.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield system
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def http(body: bytes | Any, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """A whole answer. A body that is not bytes is sent as JSON; its length is stated unless a header states another."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {header.partition(":")[0].lower() for header in headers}
    usual = {"content-type": kind, "content-length": str(len(content))}
    lines = [*headers, *(f"{name}: {value}" for name, value in usual.items() if name not in named)]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + content


async def _question(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *headers = head.split("\r\n")
    method, target, _ = line.split(" ", 2)
    sizes = [
        int(value) for name, _, value in (one.partition(":") for one in headers) if name.lower() == "content-length"
    ]
    return Asked(method, unquote_plus(target), await reader.readexactly(sizes[0]) if sizes else b"")


async def _play(steps: Sequence[Step], writer: asyncio.StreamWriter) -> bool:
    """Whether the connection goes on."""
    for step in steps:
        if writer.is_closing():  # nobody waited for the rest
            return False
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, End):
            await asyncio.sleep(FLUSH)
            if step is RESET:
                line = writer.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            return False
        else:
            await asyncio.sleep(step)
    return True
