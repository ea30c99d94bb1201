"""One request and its answer on a line: uvicorn's cycle, with an answer that is written once.

Its head waits for the first of its body, since each write is a call of the system. ASGI has no answer begin before its
body does; and whatever has a body, an empty one too, writes it. An answer that breaks before that is none at all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

MUCH = 16 * 1024
"""Bytes that are not copied to stand behind a head."""

NO_NAME = re.compile(rb"[^!#$%&'*+.^_`|~0-9a-z-]")
NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""RFC 9110 §5.6.2, §5.5."""

WITHOUT_BODY = (204, 304)
CLOSE = b"connection: close\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"


class Bell:
    """An `asyncio.Event` that is made when somebody waits: mostly nobody has to."""

    __slots__ = ("_event", "_rung")

    def __init__(self) -> None:
        self._rung = False
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        self._rung = True
        if self._event is not None:
            self._event.set()

    def clear(self) -> None:
        self._rung = False
        if self._event is not None:
            self._event.clear()

    async def wait(self) -> None:
        if not self._rung:
            self._event = self._event or asyncio.Event()
            await self._event.wait()


class Cycle(RequestResponseCycle):
    """`message_event` is a `Bell`."""

    _head = b""

    async def send(self, message: Any) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        wanted = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != wanted or self.response_complete:
            raise RuntimeError(f"{message['type']} where {wanted} was to come, or after the end")
        if self.response_started:
            self._go_on(message.get("body", b""), message.get("more_body", False))
        else:
            self._begin(message["status"], [*self.default_headers, *message.get("headers", ())])

    def _begin(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        names, values = [name.lower() for name, _ in headers], [value for _, value in headers]
        if NO_NAME.search(b"".join(names)) or NO_VALUE.search(b" ".join(values)):
            raise RuntimeError("a header that cannot be sent")
        self.response_started, self.waiting_for_100_continue = True, False
        lines = [b"%s: %s\r\n" % pair for pair in zip(names, values, strict=True)]
        given = dict(zip(names, values, strict=True))
        lines += self._framed(status, given)
        self._head = b"%s%s\r\n" % (STATUS_LINE[status], b"".join(lines))
        if self.scope["method"] == "HEAD":  # which has no body to wait for
            self._write(b"")

    def _framed(self, status: int, given: dict[bytes, bytes]) -> Sequence[bytes]:
        """Where this answer ends, and whether the line does too; and the headers that say what none has said yet."""
        more = []
        if b"close" in map(bytes.strip, given.get(b"connection", b"").lower().split(b",")):
            self.keep_alive = False
        elif not self.keep_alive:
            more.append(CLOSE)
        self.chunked_encoding = given.get(b"transfer-encoding", b"").lower() == b"chunked"
        if b"content-length" in given:
            self.expected_content_length, self.chunked_encoding = int(given[b"content-length"]), False
        elif not self.chunked_encoding and self.scope["method"] != "HEAD" and status not in WITHOUT_BODY:
            self.chunked_encoding = True
            more.append(CHUNKED)
        return more

    def _go_on(self, body: bytes, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
        elif self.chunked_encoding:
            self._write((b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n"))
        elif len(body) > self.expected_content_length:
            raise RuntimeError("a body that is longer than its Content-Length")
        else:
            self.expected_content_length -= len(body)
            self._write(body)
        if not more:
            self._end()

    def _write(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if head and len(data) > MUCH:
            self.transport.writelines((head, data))
        elif head or data:
            self.transport.write(head + data)

    def _end(self) -> None:
        if self.expected_content_length != 0:
            raise RuntimeError("a body that is shorter than its Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
