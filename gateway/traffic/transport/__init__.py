"""The bottom of every call: one HTTP request to one system, over a pool that is that system's alone.

direct      our own lines, read by llhttp: what is used unless the settings say otherwise
over_httpx  the same over httpx
in_process  apps in this process
common      what both do alike

    TimeoutError         no complete answer in time
    ConnectionError      the line broke, or what came back is not HTTP
    └─ Unheard           no connection, or none of an answer
    Unreadable           an answer that cannot be taken
    └─ TooLarge          …because it is larger than we accept, once unpacked

No redirect is followed and no cookie kept (adapters see them in `Reply.cookies`); no proxy or authority that the
environment names counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.catalogue import SettingsError
from gateway.traffic.transport.direct import DirectTransport
from gateway.traffic.transport.in_process import InProcess
from gateway.traffic.transport.over_httpx import HttpxTransport
from resolvers.backends.base import Connection, Tls

__all__ = ["DirectTransport", "HttpxTransport", "InProcess", "Transport", "close_transports", "open_transports"]

DIRECT, HTTPX = "direct", "httpx"
Transport = DirectTransport | HttpxTransport | InProcess


def open_transports(
    connections: Mapping[str, Connection], mount: Mapping[str, Any] | None = None, way: str = DIRECT
) -> dict[str, Transport]:
    """A transport per system. Systems named in `mount` are ASGI apps in this process. `way`: "direct" or "httpx". Close
    with `close_transports`.

    Raises `SettingsError` for certificates that cannot be used."""
    return {name: _opened(name, connection, (mount or {}).get(name), way) for name, connection in connections.items()}


async def close_transports(transports: Mapping[str, Transport]) -> None:
    for transport in transports.values():
        await transport.aclose()


def _opened(name: str, known: Connection, app: Any, way: str) -> Transport:
    how: dict[str, Any] = {
        "concurrency": known.concurrency,
        "connect": known.connect_timeout,
        "largest": known.largest,
        "longest": known.attempt_timeout,
        "delegated": known.identity == "caller",
        "tls": known.tls if known.tls != Tls() else None,
    }
    try:
        if app is not None:
            return InProcess(known.base_url, app, **how)
        return (HttpxTransport if way == HTTPX else DirectTransport)(known.base_url, **how)
    except OSError as error:
        raise SettingsError(f"backends.{name}.tls: a certificate or key cannot be used: {error}") from error
