"""The line to one HubSpot account: how a question is written, and what each answer means.

200, 207                    taken; in a 207 some inputs have an error each, beside the results of the others
401, 403, other 4xx, 3xx    Refused: token, scopes, or our request
423                         Throttled, for the two seconds it asks for at the least: something is locked
429                         Throttled: ten seconds (TEN_SECONDLY_ROLLING), one (SECONDLY), or until midnight of the
                            account's own time zone (DAILY); `Retry-After` counts when there is one
477, 5xx                    Unavailable: the account is being moved, or worse
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from resolvers.backends.base import (
    BackendError,
    Connection,
    Garbled,
    Pace,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Wire,
)
from resolvers.backends.hubspot.records import Problem, Trouble

R = TypeVar("R")

LOCKED = 2.0
ROLLING = 10.0
SECOND = 1.0
MOVED = 477
RETRYABLE = frozenset({"INTERNAL_ERROR", "SERVICE_UNAVAILABLE"})
MISSING = frozenset({"OBJECT_NOT_FOUND", "RESOURCE_NOT_FOUND", "NOT_FOUND"})


class Line:
    """Reads from one account. `searches`: the pace of searches, which have a limit of their own."""

    def __init__(self, system: str, connection: Connection, searches: Pace) -> None:
        self._system = system
        self._searches = searches
        self._headers = (("authorization", f"Bearer {connection.password}"), ("accept", "application/json"))
        self._zone = _zone(system, connection.options.get("timezone") or "UTC")

    async def get(self, wire: Wire, path: str, shape: type[R], asked: Mapping[str, str] | None = None) -> R:
        target = f"{path}?{_query(asked)}" if asked else path
        return await self._taken(wire, Request("GET", target, self._headers), shape)

    async def post(self, wire: Wire, path: str, shape: type[R], body: Any, asked: Mapping[str, str] | None = None) -> R:
        target = f"{path}?{_query(asked)}" if asked else path
        headers = (*self._headers, ("content-type", "application/json"))
        return await self._taken(wire, Request("POST", target, headers, msgspec.json.encode(body)), shape)

    async def search(self, wire: Wire, path: str, shape: type[R], body: Any) -> R:
        return await self.post(msgspec.structs.replace(wire, pace=self._searches), path, shape, body)

    async def _taken(self, wire: Wire, request: Request, shape: type[R]) -> R:
        reply = await wire.send(request)
        if reply.status not in (200, 207):
            raise self._failure(reply, request)
        return wire.decode(reply.body, shape)

    def _failure(self, reply: Reply, request: Request) -> BackendError:
        said = _problem(reply)
        why = f"status {reply.status}, {said.category[:60] or said.kind[:60] or 'no error body'} for {request.asked}"
        if reply.status == 429:
            return Throttled(self._system, why, self._wait(reply, said.policy))
        if reply.status == 423:
            return Throttled(self._system, why, max(_stated(reply) or 0.0, LOCKED))
        if reply.status >= 500 or reply.status == MOVED:
            return Unavailable(self._system, why, _stated(reply))
        kind = Refused if reply.status >= 300 else Garbled
        return kind(self._system, why)

    def _wait(self, reply: Reply, policy: str) -> float:
        if (stated := _stated(reply)) is not None:
            return stated
        match policy.upper():
            case "SECONDLY":
                return SECOND
            case "DAILY":
                return self._until_midnight()
            case _:
                return ROLLING

    def _until_midnight(self) -> float:
        now = datetime.now(self._zone)
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), self._zone)
        return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


def failed(system: str, errors: Iterable[Trouble], asked: Iterable[str]) -> dict[str, BackendError]:
    """The inputs of a batch that have an error, each with it; what just is not there is left out. An error that does
    not say which inputs it is about is every one's. `asked`: those that have no result."""
    left, found = set(asked), dict[str, BackendError]()
    for error in errors:
        if error.category in MISSING:
            continue
        named = error.context.get("ids", error.context.get("id", ()))
        names = {one for one in ([named] if isinstance(named, str) else named) if isinstance(one, str)}
        kind: type[BackendError] = Unavailable if error.category in RETRYABLE else Refused
        if error.category.startswith("RATE_LIMIT"):
            kind = Throttled
        found |= dict.fromkeys((names or left) & left, kind(system, f"{error.category[:60]} for a part of a batch"))
    return found


def _query(asked: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in asked.items())


def _stated(reply: Reply) -> float | None:
    """Seconds to wait, when the answer says so."""
    try:
        seconds = float(reply.headers.get("retry-after", "").strip())
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _problem(reply: Reply) -> Problem:
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Problem()


def _zone(system: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{system}: there is no time zone {name!r}") from error
