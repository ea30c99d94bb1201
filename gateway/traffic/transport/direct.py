"""HTTP/1.1 straight over the event loop's own connections, read by llhttp (`httptools`), the parser of Node.js, as
uvicorn reads what comes in at our front.

One request at a time on a line; a line is used again when its reply ended as HTTP wants it, and when nothing came on it
since. Whoever leaves before the reply is whole takes the line along: it is closed, and nobody else ever hears the rest.

Why not a library: as the gateway's transport aiohttp costs 8 to 39 % more CPU an answer, httpx three times as much.
pyreqwest costs the same, within 5 %; but it rewrites what it is to send (`'` as %27, dot segments resolved), tells
neither a reply that began from none, nor a connection that was not made in time from an answer that did not come (only
whoever got nothing may ask again), and puts no end to a reply of unknown length unless it is read in parts, at half as
much again.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Unpack
from urllib.parse import urlsplit

import httptools

from gateway.traffic.transport.common import (
    IDLE,
    How,
    Reaching,
    lasting,
    packing,
    passing,
    reply_of,
    too_large,
    trusted,
    unpacked,
)
from resolvers.backends.base import Reply, Request, Tls, Unheard, Unreadable

HEAD = 128 * 1024
"""Bytes of a reply's head; and of what comes in its body besides the body."""
MANY = 200
LOGINS = 16
"""Sets of headers that are kept as they are written; of more, the latest."""
LONGEST = 65_536
SENDABLE = re.compile(r"/[\x21-\x7e]*")
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
METHOD = re.compile(r"[A-Z]+")


class DirectTransport(Reaching):
    """`resolvers.backends.base.Send` over lines of our own to one system."""

    def __init__(self, base_url: str, **how: Unpack[How]) -> None:
        """As for `HttpxTransport`."""
        super().__init__(base_url, **how)
        at, tls = urlsplit(self._base), self._trusts
        self._path = at.path
        self._host = at.hostname or ""
        self._port = at.port or (443 if at.scheme == "https" else 80)
        self._named = at.netloc.rpartition("@")[2]
        secured = trusted(tls or Tls()) if at.scheme == "https" or tls else None  # what cannot be used is told at once
        self._tls = secured if at.scheme == "https" else None
        self._idle: deque[tuple[float, _Line]] = deque(maxlen=self._concurrency)
        self._open: set[_Line] = set()
        self._lasting = lru_cache(LOGINS)(_lasting)

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        head = self._head(request, timeout)
        line = self._resting() or await self._connected(timeout)
        try:
            reply = await line.asked(head + request.body if request.body else head, max(timeout, self._longest))
        except BaseException:
            line.close()
            raise
        if line.reusable:
            self._rest(line)
        else:
            line.close()
        return reply

    async def aclose(self) -> None:
        for line in list(self._open):
            line.close()
        await asyncio.sleep(0)  # so that the event loop has let go of them

    def _resting(self) -> _Line | None:
        """The line that rested for the shortest time."""
        while self._idle:
            since, line = self._idle.pop()
            if line.reusable and time.monotonic() - since < IDLE:
                return line
            line.close()
        return None

    def _rest(self, line: _Line) -> None:
        now = time.monotonic()
        while self._idle and (now - self._idle[0][0] >= IDLE or len(self._idle) == self._idle.maxlen):
            self._idle.popleft()[1].close()
        self._idle.append((now, line))

    async def _connected(self, seconds: float) -> _Line:
        loop = asyncio.get_running_loop()
        name = self._host if self._tls else None
        try:
            async with asyncio.timeout(min(self._connect, seconds)):
                _, line = await loop.create_connection(
                    self._line, self._host, self._port, ssl=self._tls, server_hostname=name
                )
        except TimeoutError as error:
            if seconds <= self._connect:
                raise
            raise Unheard("ConnectTimeout") from error
        except (OSError, UnicodeError) as error:
            raise Unheard(f"ConnectError: {error}") from error
        return line

    def _line(self) -> _Line:
        return _Line(self._largest, self._open)

    def _head(self, request: Request, seconds: float) -> bytes:
        target = self._path + request.target
        if not SENDABLE.fullmatch(target) or len(target) > LONGEST or not METHOD.fullmatch(request.method):
            raise ConnectionError("InvalidURL: a target that cannot be sent")
        ours = _written(passing(seconds, self._delegated))
        if request.body or request.method not in ("GET", "HEAD"):
            ours += f"content-length: {len(request.body)}\r\n"
        head = f"{request.method} {target} HTTP/1.1\r\nhost: {self._named}\r\n"
        return f"{head}{self._lasting(request.headers)}{ours}\r\n".encode("latin-1")


def _lasting(headers: tuple[tuple[str, str], ...]) -> str:
    return _written(lasting(headers))


def _written(headers: Sequence[tuple[str, str]]) -> str:
    for name, value in headers:
        if not (NAME.fullmatch(name) and VALUE.fullmatch(value)):
            raise ConnectionError("LocalProtocolError: a header that cannot be sent")
    return "".join([f"{name}: {value}\r\n" for name, value in headers])


class _Line(asyncio.Protocol):
    """One connection, and the reply that is coming on it. `reusable`: it may be asked again."""

    def __init__(self, largest: int, lines: set[_Line]) -> None:
        self.reusable = False
        self._largest = largest
        self._lines = lines
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._reply: asyncio.Future[None] | None = None

    async def asked(self, request: bytes, seconds: float) -> Reply:
        """The whole reply to these bytes. Raises as `Send` does."""
        loop = asyncio.get_running_loop()
        self.reusable = False
        self._heard = self._overhead = 0
        self._begin()
        self._reply = reply = loop.create_future()
        alarm = loop.call_later(seconds, self._fail, TimeoutError("ReadTimeout"))
        self._transport.write(request)
        try:
            await reply
        finally:
            alarm.cancel()
            self._reply = None
        return self._whole()

    def close(self) -> None:
        self.reusable = False
        self._lines.discard(self)
        if self._transport is not None:
            self._transport.abort()

    # -- what the event loop tells ----------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._lines.add(self)

    def data_received(self, data: bytes) -> None:
        if self._reply is None:  # nobody has asked anything
            self.close()
            return
        self._heard += len(data)
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionError(f"RemoteProtocolError: {type(error).__name__}"))
        if self._overhead > HEAD:
            self._fail(ConnectionError("RemoteProtocolError: a head without an end"))

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = False
        self._lines.discard(self)
        if self._endless and error is None:
            self._done()
        elif self._heard and error is None:
            self._fail(ConnectionError("RemoteProtocolError: the reply ended in the middle"))
        else:
            self._fail(Unheard(type(error or ConnectionError()).__name__))
        self._parser = None  # which knows this line, and nothing comes on it any more

    # -- what the parser tells --------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._reply is None or self._reply.done():
            raise httptools.HttpParserError("a reply to nothing")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name.decode("latin-1").lower(), value.decode("latin-1")))
        if len(self._fields) > MANY:
            raise httptools.HttpParserError("too many headers")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        names = [name for name, _ in self._fields]
        self._endless = "content-length" not in names and "transfer-encoding" not in names
        self._overhead = 0

    def on_body(self, body: bytes) -> None:
        self._left -= len(body)
        self._overhead -= len(body)
        if self._left < 0:
            self._fail(too_large(self._largest))
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        if 100 <= self._status < 200:
            self._begin()
        else:
            self._endless = False
            self.reusable = self._parser.should_keep_alive()
            self._done()

    # -- the reply --------------------------------------------------------------------------------------------------

    _heard = _overhead = _status = _left = 0
    _endless = False

    def _begin(self) -> None:
        self._fields: list[tuple[str, str]] = []
        self._parts: list[bytes] = []
        self._left = self._largest
        self._status, self._endless = 0, False

    def _done(self) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(None)

    def _fail(self, error: Exception) -> None:
        self.reusable = False
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)

    def _whole(self) -> Reply:
        body = b"".join(self._parts)
        encodings = [value for name, value in self._fields if name == "content-encoding"]
        if encodings and (unpack := packing(", ".join(encodings))) is not None and body:
            body = unpacked(unpack, body, self._largest + 1)
            if len(body) > self._largest:
                raise too_large(self._largest)
            if not unpack.eof:
                raise Unreadable("its packed body ends too early")
        return reply_of(self._status, self._fields, body)
