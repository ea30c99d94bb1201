"""The line to one community: how a question is written, and what each answer means.

200                        taken
301, 302, 307, 308         asked once more at the address it names, when that is the same topic's; else Refused
404, 410                   not there, for one topic; Refused for all else
403, other 4xx             Refused: a wrong key, or a category that is not for us, looks like that
429 of the community       Throttled, for the seconds that it says (`wait_seconds`, or `Retry-After`)
429 of the proxy           an HTML page that says nothing: Throttled, for a second
5xx                        Unavailable
"""

from __future__ import annotations

import math
import re
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from resolvers.backends.base import (
    BackendError,
    Connection,
    Garbled,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Wire,
)
from resolvers.backends.discourse.records import Problem

R = TypeVar("R")

GONE = frozenset({404, 410})
SENT_ON = frozenset({301, 302, 307, 308})
PROXY_WAIT = 1.0
LONGEST_WAIT = 86_400.0


class Line:
    """Reads from one community, as one account of it."""

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._base = urlsplit(connection.base_url)
        self._headers = (
            ("api-key", connection.password),
            ("api-username", connection.username or "system"),
            ("accept", "application/json"),
        )

    async def get(self, wire: Wire, path: str, shape: type[R], **asked: str) -> R:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
        reply = await self._sent(wire, f"{path}?{query}" if query else path)
        if reply.status != 200:
            raise self._failure(reply, path)
        return wire.decode(reply.body, shape)

    async def topic(self, wire: Wire, number: int, shape: type[R]) -> R | None:
        """None: there is none."""
        path = f"/t/{number}.json"
        reply = await self._sent(wire, path)
        if reply.status in SENT_ON:
            reply = await self._sent(wire, self._moved(reply, number))
        if reply.status in GONE:
            return None
        if reply.status != 200:
            raise self._failure(reply, path)
        return wire.decode(reply.body, shape)

    async def _sent(self, wire: Wire, target: str) -> Reply:
        return await wire.send(Request("GET", target, self._headers))

    def _moved(self, reply: Reply, number: int) -> str:
        """Where a topic's answer sends us: to the same topic in the same place, or nowhere."""
        to = urlsplit(reply.headers.get("location", ""))
        here = to.netloc in ("", self._base.netloc) and to.scheme in ("", self._base.scheme)
        path = to.path.removeprefix(self._base.path.rstrip("/"))
        if not here or to.query or not re.fullmatch(rf"/t/[^/?#\s]{{1,300}}/{number}\.json", path):
            raise Refused(self._system, f"status {reply.status}, to somewhere else, for a topic")
        return quote(path, safe="/%-._~")

    def _failure(self, reply: Reply, path: str) -> BackendError:
        said = _problem(reply)
        why = f"status {reply.status}, {said.kind[:60] or 'no error body'} for GET {path}"
        if reply.status == 429:
            return Throttled(self._system, why, _wait(reply, said))
        if reply.status >= 500:
            return Unavailable(self._system, why)
        kind = Refused if reply.status >= 300 else Garbled
        return kind(self._system, why)


def _wait(reply: Reply, said: Problem) -> float:
    """The community says how long; the proxy in front does not, and counts by the second."""
    stated = said.extras.wait_seconds
    if stated is None:
        try:
            stated = float(reply.headers.get("retry-after", "").strip())
        except ValueError:
            return PROXY_WAIT
    return min(stated, LONGEST_WAIT) if math.isfinite(stated) and stated >= 0 else PROXY_WAIT


def _problem(reply: Reply) -> Problem:
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Problem()
