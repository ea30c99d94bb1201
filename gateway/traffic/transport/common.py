"""What every transport does alike: what goes along with a request, whom it believes, how a reply is unpacked.

Systems are told how long we wait, in milliseconds: `X-Deadline-Ms`, on every request. One that reads it can spare
itself an answer that nobody will hear.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterable
from typing import Any, TypedDict

import httpx

from resolvers.backends.base import ON_BEHALF, TRACEPARENT, Reply, Request, Tls, TooLarge, Unreadable

LARGEST = 5_000_000
CONNECT = 0.3
IDLE = 4.0
"""Seconds an idle line is kept: less than the 5 after which most servers close it, perhaps just as we use it."""

GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
PACKED = ("gzip", "x-gzip", "deflate")
OURS = (("accept-encoding", "gzip"), ("user-agent", "customer360"))


class How(TypedDict, total=False):
    """What a transport is made with, besides its address."""

    concurrency: int
    connect: float
    largest: int
    longest: float
    delegated: bool
    tls: Tls | None


class Reaching:
    """What every transport knows of its system.

    longest:    seconds that reading may take though the time-out of a call is shorter, since others may join it who
                have more
    delegated:  the system hears on whose behalf it is asked
    """

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
    ) -> None:
        self._base = base_url.rstrip("/")
        self._concurrency = concurrency
        self._connect = connect
        self._largest = largest
        self._longest = longest
        self._delegated = self._base if delegated else ""
        self._trusts = tls


def told(request: Request, seconds: float, delegated: str = "") -> list[tuple[str, str]]:
    """The headers that go out. delegated: the address of a system that hears on whose behalf it is asked."""
    return [*lasting(request.headers), *passing(seconds, delegated)]


def lasting(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that an adapter sends, mostly the same each time, and our own."""
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return [*given, *((name, value) for name, value in OURS if name not in named)]


def passing(seconds: float, delegated: str) -> list[tuple[str, str]]:
    """Those that no other request has: for which operation, for whom, for how long."""
    headers = []
    if trace := TRACEPARENT.get():
        headers.append(("traceparent", trace))
    if delegated and (statement := ON_BEHALF.get()):
        headers.append(("txn-token", statement(delegated)))
    headers.append(("x-deadline-ms", str(int(seconds * 1000))))
    return headers


def trusted(tls: Tls) -> ssl.SSLContext:
    """Whom we believe to be who they say, and who we say we are; never what the environment names. Raises OSError."""
    context = ssl.create_default_context(cafile=tls.ca) if tls.ca else httpx.create_ssl_context(trust_env=False)
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key or None)
    return context


def packing(encoding: str) -> Any:
    """What unpacks such a body; None when it is not packed. Raises Unreadable."""
    packed = encoding.strip().lower()
    if packed in ("", "identity"):
        return None
    if packed not in PACKED:
        raise Unreadable(f"packed as {packed[:40]!r}, which we did not ask for")
    return zlib.decompressobj(GZIP_OR_ZLIB)


def unpacked(unpack: Any, chunk: bytes, most: int) -> bytes:
    """No more than `most` bytes of it: a small archive of a large nothing stops there."""
    try:
        return bytes(unpack.decompress(chunk, most))
    except zlib.error as error:
        raise Unreadable(f"its body cannot be unpacked: {error}") from error


def too_large(largest: int) -> TooLarge:
    return TooLarge(f"more than {largest} bytes")


def reply_of(status: int, fields: Iterable[tuple[str, str]], body: bytes) -> Reply:
    """`fields`: headers as they came, their names in lower case."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in fields:
        if name == "set-cookie":
            cookies.append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Reply(status, headers, body, tuple(cookies))
