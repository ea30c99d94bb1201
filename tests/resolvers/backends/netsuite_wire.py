"""Transports for the tests of the ledger's adapter: to its mock, and to a script of canned replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
from starlette.types import ASGIApp

from mocks.netsuite import CERTIFICATE_ID, CLIENT_ID, PRIVATE_KEY
from resolvers.backends.base import Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.netsuite import NetSuite

BASE = "https://1234567-sb1.suitetalk.api.netsuite.com"
TOKEN = b'{"access_token":"aaa.bbb","expires_in":"3600","token_type":"bearer"}'


class ToMock:
    """Speaks HTTP with a mock in this process, and keeps what was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        found = await self._client.request(
            request.method, request.target, headers=list(request.headers), content=request.body
        )
        return Reply(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.content)

    @property
    def queries(self) -> list[str]:
        return queries(self.requests)


Answer = Reply | bytes | Exception


class Canned:
    """Gives the replies of a script to queries, one after the other; logins are answered with `logins` in the same way,
    the last one again and again."""

    def __init__(self, *script: Answer, logins: Sequence[Answer] = (TOKEN,)) -> None:
        self._script = list(script)
        self._logins = list(logins)
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        assert len(self.requests) < 300, "asks without end"
        if request.target.endswith("/token"):
            return _reply(self._logins.pop(0) if len(self._logins) > 1 else self._logins[0])
        return _reply(self._script.pop(0))

    @property
    def queries(self) -> list[str]:
        return queries(self.requests)

    @property
    def logins(self) -> int:
        return sum(request.target.endswith("/token") for request in self.requests)


def queries(requests: Sequence[Request]) -> list[str]:
    return [msgspec.json.decode(one.body)["q"] for one in requests if one.target.partition("?")[0].endswith("/suiteql")]


def _reply(answer: Answer) -> Reply:
    if isinstance(answer, Exception):
        raise answer
    return answer if isinstance(answer, Reply) else Reply(200, {"content-type": "application/json"}, answer)


def adapter(send: Any, *, concurrency: int = 5, password: str = PRIVATE_KEY, **options: str) -> NetSuite:
    told = {"certificate_id": CERTIFICATE_ID} | options
    return NetSuite(Connection(BASE, CLIENT_ID, password, concurrency=concurrency, options=told), send)


async def ask(
    netsuite: NetSuite, operation: str, keys: Sequence[Any], columns: Sequence[str] | None = None, **args: Any
) -> dict[Any, Outcome[Any]]:
    known = getattr(NetSuite, operation).columns
    asked = frozenset(known if columns is None else columns)
    call = Call("netsuite", operation, tuple(keys), asked, tuple(sorted(args.items())))
    return await netsuite.perform(call, Deadline(10))


async def values(
    netsuite: NetSuite, operation: str, keys: Sequence[Any], columns: Sequence[str] | None = None, **args: Any
) -> dict[Any, Any]:
    """Answers by key; errors are raised."""
    found = await ask(netsuite, operation, keys, columns, **args)
    for outcome in found.values():
        if outcome.error:
            raise outcome.error
    return {key: outcome.value for key, outcome in found.items()}


def page(*rows: Any, more: bool = False, count: int | None = None) -> bytes:
    """A page as SuiteQL gives it."""
    items = [{"links": [], **row} if isinstance(row, dict) else row for row in rows]
    told = {"links": [], "count": len(items) if count is None else count, "hasMore": more, "items": items, "offset": 0}
    return json.dumps(told | {"totalResults": len(items)}).encode()


def error(status: int, code: str = "", **headers: str) -> Reply:
    details = [{"detail": "CANARY: what was asked for", "o:errorCode": code}]
    body = {"type": "https://elsewhere.example", "title": "CANARY", "status": status, "o:errorDetails": details}
    return Reply(status, headers, json.dumps(body).encode())
