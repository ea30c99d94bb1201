"""The bottom of every call: one HTTP request to one system, over a pool that is that system's alone.

Systems are told how long we wait, in milliseconds: `X-Deadline-Ms`, on every request. One that reads it can spare
itself an answer that nobody will hear.

It works on httpx's transport layer, below its client: so there is no cookie jar, no redirect to follow, no proxy from
the environment and no log line with an address in it, and a call costs a quarter less. Cookies are the adapters'
business, which see them in `Reply.cookies`.

    TimeoutError         no complete answer in time
    ConnectionError      the line broke, or what came back is not HTTP
    └─ Unheard           no connection, or none of an answer
    Unreadable           an answer that cannot be taken
    └─ TooLarge          …because it is larger than we accept, once unpacked
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from typing import Any

import httpx

from gateway.catalogue import SettingsError
from resolvers.backends.base import (
    ON_BEHALF,
    TRACEPARENT,
    Connection,
    Reply,
    Request,
    Tls,
    TooLarge,
    Unheard,
    Unreadable,
)

LARGEST = 5_000_000
CONNECT = 0.3
IDLE = 4.0
"""Seconds an idle line is kept: less than the 5 after which most servers close it, perhaps just as we use it."""

NOTHING = "Server disconnected without sending a response."
"""httpcore's words for a connection that was closed before a byte came back; it has no type of its own for it."""

GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
OURS = (("accept-encoding", "gzip"), ("user-agent", "customer360"))


class HttpxTransport:
    """`resolvers.backends.base.Send` over httpx. `mount` serves an ASGI app in this process instead of the network."""

    def __init__(
        self,
        base_url: str,
        *,
        concurrency: int = 8,
        connect: float = CONNECT,
        largest: int = LARGEST,
        longest: float = 0.0,
        delegated: bool = False,
        tls: Tls | None = None,
        mount: Any = None,
    ) -> None:
        """`longest`: seconds that reading may take though the time-out of a call is shorter, since others may join it
        who have more. `delegated`: the system hears on whose behalf it is asked. Raises OSError (ssl.SSLError is one)
        for certificates that cannot be used."""
        lines = httpx.Limits(max_connections=None, max_keepalive_connections=concurrency, keepalive_expiry=IDLE)
        self._left: set[asyncio.Task[httpx.Response]] = set()
        self._closing: set[asyncio.Future[None]] = set()
        self._base = base_url.rstrip("/")
        self._connect = connect
        self._largest = largest
        self._longest = longest
        self._delegated = delegated
        self._line: httpx.AsyncBaseTransport = (
            httpx.AsyncHTTPTransport(verify=_trusted(tls or Tls()), limits=lines, trust_env=False)
            if mount is None
            else httpx.ASGITransport(mount)
        )

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        try:
            response = await self._begun(self._outgoing(request, timeout))
            try:
                return _reply(response, await self._body(response))
            finally:
                await response.aclose()
        except httpx.ConnectTimeout as error:
            if timeout <= self._connect:
                raise TimeoutError(type(error).__name__) from error
            raise Unheard(type(error).__name__) from error
        except httpx.TimeoutException as error:
            raise TimeoutError(type(error).__name__) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    async def aclose(self) -> None:
        for task in self._left:
            task.cancel()
        await self._line.aclose()

    async def _begun(self, request: httpx.Request) -> httpx.Response:
        """Until the head of the reply is there. httpcore loses a connection for good when it is cancelled while it
        connects, so who leaves now leaves a task behind for as long as connecting (TCP, then TLS) can take; then that
        is hung up."""
        task = asyncio.ensure_future(self._line.handle_async_request(request))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._left.add(task)
            task.add_done_callback(self._hung_up)
            asyncio.get_running_loop().call_later(2 * self._connect, task.cancel)
            raise
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            if isinstance(error, httpx.NetworkError) or str(error) == NOTHING:
                raise Unheard(type(error).__name__) from error
            raise

    def _hung_up(self, task: asyncio.Task[httpx.Response]) -> None:
        self._left.discard(task)
        if not task.cancelled() and task.exception() is None:
            closing = asyncio.ensure_future(task.result().aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _outgoing(self, request: Request, seconds: float) -> httpx.Request:
        named = {name.lower() for name, _ in request.headers}
        headers = [*request.headers, *((name, value) for name, value in OURS if name not in named)]
        if trace := TRACEPARENT.get():
            headers.append(("traceparent", trace))
        if self._delegated and (statement := ON_BEHALF.get()):
            headers.append(("txn-token", statement(self._base)))
        headers.append(("x-deadline-ms", str(int(seconds * 1000))))
        longest = max(seconds, self._longest)
        waits = {"connect": min(self._connect, seconds), "read": longest, "write": longest, "pool": longest}
        return httpx.Request(
            request.method,
            self._base + request.target,
            headers=headers,
            content=request.body or None,
            extensions={"timeout": waits},
        )

    async def _body(self, response: httpx.Response) -> bytes:
        """The whole body, unpacked no further than `largest`: a small archive of a large nothing stops here too."""
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("identity", "gzip", "x-gzip", "deflate"):
            raise Unreadable(f"packed as {packed[:40]!r}, which we did not ask for")
        unpack = None if packed == "identity" else zlib.decompressobj(GZIP_OR_ZLIB)
        parts: list[bytes] = []
        left = self._largest
        async for chunk in response.aiter_raw():
            part = _unpacked(unpack, chunk, left + 1) if unpack else chunk
            left -= len(part)
            if left < 0:
                raise TooLarge(f"more than {self._largest} bytes")
            parts.append(part)
        if unpack and parts and not unpack.eof:
            raise Unreadable(f"its {packed} body ends too early")
        return b"".join(parts)


def open_transports(
    connections: Mapping[str, Connection], mount: Mapping[str, Any] | None = None
) -> dict[str, HttpxTransport]:
    """A transport per system. Systems named in `mount` are ASGI apps in this process. Close with `close_transports`.

    Raises `SettingsError` for certificates that cannot be used."""
    return {name: _opened(name, connection, (mount or {}).get(name)) for name, connection in connections.items()}


async def close_transports(transports: Mapping[str, HttpxTransport]) -> None:
    for transport in transports.values():
        await transport.aclose()


def _opened(name: str, known: Connection, app: Any) -> HttpxTransport:
    try:
        return HttpxTransport(
            known.base_url,
            concurrency=known.concurrency,
            connect=known.connect_timeout,
            largest=known.largest,
            longest=known.attempt_timeout,
            delegated=known.identity == "caller",
            tls=known.tls,
            mount=app,
        )
    except OSError as error:
        raise SettingsError(f"backends.{name}.tls: a certificate or key cannot be used: {error}") from error


def _trusted(tls: Tls) -> ssl.SSLContext:
    """Whom we believe to be who they say, and who we say we are; never what the environment names."""
    trusted = ssl.create_default_context(cafile=tls.ca) if tls.ca else httpx.create_ssl_context(trust_env=False)
    if tls.cert:
        trusted.load_cert_chain(tls.cert, tls.key or None)
    return trusted


def _unpacked(unpack: Any, chunk: bytes, most: int) -> bytes:
    try:
        return bytes(unpack.decompress(chunk, most))
    except zlib.error as error:
        raise Unreadable(f"its body cannot be unpacked: {error}") from error


def _reply(response: httpx.Response, body: bytes) -> Reply:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in response.headers.multi_items():
        if name == "set-cookie":
            cookies.append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Reply(response.status_code, headers, body, tuple(cookies))
