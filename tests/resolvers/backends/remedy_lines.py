"""Transports for the tests of the help desk's adapter: to its mock, and to a script of canned replies."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.types import ASGIApp

from mocks.remedy import PASSWORD, USERNAME
from resolvers.backends.base import Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.remedy import Remedy


def token(**claims: Any) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)] + [b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


HOUR = token(iat=int(time.time()), exp=int(time.time()) + 3600)


class ToMock:
    """Speaks HTTP with a mock in this process, and keeps what was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://itsm.example")
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        found = await self._client.request(
            request.method, request.target, headers=list(request.headers), content=request.body
        )
        return Reply(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.content)

    @property
    def asked(self) -> list[dict[str, str]]:
        return [parameters(request) for request in self.requests if request.method == "GET"]

    @property
    def logins(self) -> int:
        return sum(request.target.endswith("/login") for request in self.requests)


Answer = Reply | bytes | Exception


class Canned:
    """Gives the replies of a script to queries, one after the other; the last one again and again when `endless`.
    Logins are answered with `logins`, in the same way."""

    def __init__(self, *script: Answer, endless: bool = False, logins: Sequence[Answer] = (HOUR.encode(),)) -> None:
        self._script = list(script)
        self._endless = endless
        self._logins = list(logins)
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        assert len(self.requests) < 100, "asks without end"
        if request.target.startswith("/api/jwt/"):
            return _reply(self._logins.pop(0) if len(self._logins) > 1 else self._logins[0])
        return _reply(self._script[0] if self._endless and len(self._script) == 1 else self._script.pop(0))

    @property
    def asked(self) -> list[dict[str, str]]:
        return [parameters(request) for request in self.requests if request.method == "GET"]

    @property
    def logins(self) -> int:
        return sum(request.target.endswith("/login") for request in self.requests)


def _reply(answer: Answer) -> Reply:
    if isinstance(answer, Exception):
        raise answer
    return answer if isinstance(answer, Reply) else Reply(200, {"content-type": "application/json"}, answer)


def parameters(request: Request) -> dict[str, str]:
    query = parse_qs(urlsplit(request.target).query, keep_blank_values=True, strict_parsing=True)
    return {name: value for name, (value,) in query.items()}


def adapter(send: Any, **options: str) -> Remedy:
    return Remedy(Connection("http://itsm.example", USERNAME, PASSWORD, options=options), send)


async def ask(
    remedy: Remedy, operation: str, keys: Sequence[Any], columns: Sequence[str] | None = None, **args: Any
) -> dict[Any, Outcome[Any]]:
    known = getattr(Remedy, operation).columns
    asked = frozenset(known if columns is None else columns)
    return await remedy.perform(Call("remedy", operation, tuple(keys), asked, tuple(sorted(args.items()))), Deadline(5))


async def values(
    remedy: Remedy, operation: str, keys: Sequence[Any], columns: Sequence[str] | None = None, **args: Any
) -> dict[Any, Any]:
    """Answers by key; errors are raised."""
    found = await ask(remedy, operation, keys, columns, **args)
    for outcome in found.values():
        if outcome.error:
            raise outcome.error
    return {key: outcome.value for key, outcome in found.items()}


def page(*rows: Any, more: bool = False, matches: int | None = None) -> bytes:
    """A page as the server would send it; rows are the values of entries."""
    links: dict[str, Any] = {"self": [{"href": "x"}]}
    links |= {"next": [{"href": "http://elsewhere.example/do-not-follow"}]} if more else {}
    entries = [{"values": row, "_links": {}} for row in rows]
    return json.dumps({"entries": entries, "numMatches": matches, "_links": links}).encode()


def error(status: int, number: int | None = None, **headers: str) -> Reply:
    said = [{"messageType": "ERROR", "messageText": "x", "messageAppendedText": "SECRET", "messageNumber": number}]
    return Reply(status, headers, b"" if number is None else json.dumps(said).encode())
