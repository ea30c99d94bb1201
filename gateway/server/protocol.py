"""uvicorn's HTTP protocol, which waits for a client without limit, given some: in bytes, in headers and in seconds.

What is in the body is counted and timed where it is read (`asking`); this is for what comes before it, for what a
client goes on sending after its answer, and for the answer that it does not take. A head is also held to what RFC 9112
asks of it and the parser does not: one Host (§3.2), and no transfer coding but chunked (§6.1).

What cannot be read is refused like everything else, with a status and a body in the error format, where an answer has
its place: to a head that nothing is ahead of, and to a body whose request has not been answered yet. Behind a request
that is still being answered there is none, since the next answer on the line is that one's: then the line is closed.
Whatever media type is accepted, the body is plain JSON, as nothing is known of the head. A method is told from other
nonsense where it begins what was received (501, else 400).

Nobody is upgraded here. The parser takes what follows an offer to upgrade for another protocol's bytes, and a client
that offers h2c with each first request (Java's does) would lose its body: such a head is read again without the offer,
which RFC 9110 §7.8 lets a server ignore.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, cast
from urllib.parse import unquote

import httptools
import msgspec
from starlette.datastructures import MutableHeaders
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.errors import Code, HttpProblem
from gateway.server.answers import body_of, stamp
from gateway.server.cycle import Bell, Cycle
from gateway.server.media import JSON

METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40} ")

MOST_APART = 64 * 1024 - 1
"""Bytes of an address that httptools takes apart."""

TOO_LARGE = HttpProblem(431, "The request line and its headers are too long, or are too many.", code=Code.LIMIT)
TOO_LONG = HttpProblem(414, "The address is too long.", code=Code.LIMIT)
TOO_LATE = HttpProblem(408, "The request line and its headers did not arrive in time.")
UNKNOWN = HttpProblem(501, "There is no such method here: use GET or POST.")
MALFORMED = HttpProblem(400, "This cannot be read: it is no HTTP request, or its body is not what its head says.")


class Staying:
    """httptools' parser, which stays with HTTP/1.1 whatever else is offered."""

    def __init__(self, protocol: Guarded) -> None:
        self._protocol = protocol
        self._parser = self._fresh()

    def feed_data(self, data: bytes) -> None:
        while True:
            try:
                return self._parser.feed_data(data)
            except httptools.HttpParserInvalidMethodError:
                self._protocol.wrong = UNKNOWN if METHOD.match(data) else MALFORMED
                raise
            except httptools.HttpParserUpgrade as offer:
                data = self._protocol.without_offer() + data[offer.args[0] :]
                self._parser = self._fresh()

    def get_http_version(self) -> str:
        return self._parser.get_http_version()

    def get_method(self) -> bytes:
        return self._parser.get_method()

    def should_keep_alive(self) -> bool:
        return self._parser.should_keep_alive()

    def should_upgrade(self) -> bool:
        return self._parser.should_upgrade()

    def _fresh(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self._protocol)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn sets it for its own
        return parser


class Guarded(HttpToolsProtocol):
    """`uvicorn.Config(http=Guarded)`.

    most:      bytes of request line and headers together; a GET carries its question there
    many:      headers
    patience:  seconds from the first byte of a head, or from the connection's start, to the head's last; and from an
               answer given early to the end of the body that it did not wait for
    stuck:     seconds that an answer may lie here because nobody takes it
    """

    most: ClassVar[int] = 128 * 1024
    many: ClassVar[int] = 100
    patience: ClassVar[float] = 10.0
    stuck: ClassVar[float] = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser = Staying(self)  # type: ignore[assignment]  # it does all that uvicorn asks of a parser
        self.wrong = MALFORMED
        self._in_head = True
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None
        self._giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._untimed()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._taken += len(data)
        super().data_received(data)
        if self._in_head and self._taken:  # most heads come whole, and need no timer
            self._timed()
            if self._taken > self.most:
                self._end(TOO_LARGE)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.many:
            self.wrong = TOO_LARGE
            raise httptools.HttpParserError("too many headers")

    def on_headers_complete(self) -> None:
        version, method = self.parser.get_http_version(), self.parser.get_method()
        if flaw := _flaw(version, method, self.headers):
            self.wrong = HttpProblem(400, f"This request cannot be served: {flaw}.")
            raise httptools.HttpParserError(flaw)
        if self.parser.should_upgrade():
            return  # read again at once, without the offer
        self._in_head = False
        self._untimed()
        self.scope["method"], self.scope["http_version"] = method.decode("ascii"), version
        self._addressed()
        before, self.cycle = self.cycle, self._cycle(keep=version != "1.0" and self.parser.should_keep_alive())
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:  # one after the other
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._in_head, self._taken = True, 0
        self._untimed()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head and self.cycle.response_complete:
            self._timed(self._close)  # what is left of the body is read for a while, so that the answer arrives

    def pause_writing(self) -> None:
        super().pause_writing()
        self._giving_up = self._giving_up or self.loop.call_later(self.stuck, self.transport.abort)

    def resume_writing(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def send_400_response(self, msg: str) -> None:
        self._end(self.wrong)

    def without_offer(self) -> bytes:
        """The head just read, as it would be had nothing been offered."""
        version = self.parser.get_http_version().encode()
        kept = (name + b": " + value + b"\r\n" for name, value in self.headers if name != b"upgrade")
        return b"%s %s HTTP/%s\r\n%s\r\n" % (self.parser.get_method(), self.url, version, b"".join(kept))

    def _addressed(self) -> None:
        """Nearly all give a path and a query (RFC 9112 §3.2.1), of any length that a head may have; httptools takes
        others apart, of up to 64 kB."""
        if self.url.startswith(b"/"):
            raw, _, query = self.url.partition(b"#")[0].partition(b"?")
        elif len(self.url) < MOST_APART:
            url = httptools.parse_url(self.url)
            raw, query = url.path, url.query or b""
        else:
            self.wrong = TOO_LONG
            raise httptools.HttpParserError("too long an address")
        path = raw.decode("ascii")
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"], self.scope["query_string"] = raw, query

    def _cycle(self, *, keep: bool) -> Cycle:
        return Cycle(
            self.scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            cast(asyncio.Event, Bell()),
            self.expect_100_continue,
            keep,
            self.on_response_complete,
        )

    def _timed(self, end: Callable[[], None] | None = None) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.patience, end or partial(self._end, TOO_LATE))

    def _untimed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, problem: HttpProblem) -> None:
        self._untimed()
        if not self.transport.is_closing():
            if self._in_turn():
                self.transport.write(_told(problem))
            self.transport.close()

    def _in_turn(self) -> bool:
        """Whether what is written now is read as the answer to what was received last."""
        if self.cycle is None or self.cycle.response_complete:
            return True
        return not (self._in_head or self.pipeline or self.cycle.response_started)

    def _close(self) -> None:
        """Hang up; at once, when somebody has not taken what they were sent, and will not."""
        self._untimed()
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()


def _told(problem: HttpProblem) -> bytes:
    """The whole answer."""
    body = msgspec.json.encode(body_of(problem))
    headers = MutableHeaders({"Content-Type": f"{JSON}; charset=utf-8", "Content-Length": str(len(body))})
    headers["Connection"] = "close"
    stamp(headers, secrets.token_hex(12))
    lines = [b"%s: %s\r\n" % pair for pair in headers.raw]
    return b"%s%s\r\n%s" % (STATUS_LINE[problem.status], b"".join(lines), body)


def _flaw(version: str, method: bytes, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    hosts, codings = 0, []
    for name, value in headers:
        if name == b"host":
            hosts += 1
        elif name == b"transfer-encoding":
            codings.append(value.strip().lower())
    if hosts != 1 and (hosts or version != "1.0"):
        return "one Host is needed"
    if codings and (codings != [b"chunked"] or version == "1.0"):
        return "the only transfer coding is chunked"
    return "there is nobody to connect to" if method == b"CONNECT" else None
