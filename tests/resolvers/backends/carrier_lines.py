"""Transports for the tests of the carriers' adapters: to their mocks, and to scripts of canned replies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
from starlette.types import ASGIApp

from resolvers.backends.base import Adapter, Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.fedex import Fedex
from resolvers.backends.ups import Ups

Answer = Reply | bytes | Exception


class ToMock:
    """Speaks HTTP with a mock in this process; keeps what was asked, and how many asked at the same time at most."""

    def __init__(self, app: ASGIApp, slow: float = 0.0) -> None:
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://carrier.example")
        self._slow = slow
        self._inside = 0
        self.most_at_once = 0
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        self._inside += 1
        self.most_at_once = max(self.most_at_once, self._inside)
        await asyncio.sleep(self._slow)
        found = await self._client.request(
            request.method, request.target, headers=list(request.headers), content=request.body
        )
        self._inside -= 1
        return Reply(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.content)


class Canned:
    """Gives the replies of a script, one after the other, the last again and again; log-ins have a script of their
    own."""

    def __init__(self, *script: Answer, logins: Sequence[Answer]) -> None:
        self._scripts = {True: list(logins), False: list(script)}
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        await asyncio.sleep(0)
        script = self._scripts["oauth" in request.target]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else reply(answer)


def logins(line: Any) -> int:
    return sum("oauth" in request.target for request in line.requests)


def asked(line: Any) -> list[Request]:
    """The questions, without log-ins."""
    return [request for request in line.requests if "oauth" not in request.target]


def reply(body: bytes | Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {"content-type": "application/json"} | headers, content)


def fedex(send: Any, user: str = "", secret: str = "", **options: Any) -> Fedex:
    return Fedex(Connection("http://fedex.example", user, secret, **options), send)


def ups(send: Any, user: str = "", secret: str = "", **options: Any) -> Ups:
    return Ups(Connection("http://ups.example", user, secret, **options), send)


async def ask(
    adapter: Adapter, numbers: Sequence[Any], columns: Sequence[str] | None = None, operation: str = "tracks"
) -> dict[Any, Outcome[Any]]:
    known = getattr(type(adapter), operation).columns
    wanted = frozenset(known if columns is None else columns)
    return await adapter.perform(Call(adapter.name, operation, tuple(numbers), wanted), Deadline(5))
