"""Transports for the tests of the order system's adapter: to its mock, and to a script of canned replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from starlette.types import ASGIApp

from mocks.oracle_om import PASSWORD, USERNAME
from resolvers.backends.base import Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.oracle_om import OracleOM

ROOT = "/fscmRestApi/resources/11.13.18.05/salesOrdersForOrderHub"


class ToMock:
    """Speaks HTTP with a mock in this process, and keeps what was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.requests: list[Request] = []
        self.plug_into(app)

    def plug_into(self, app: ASGIApp) -> None:
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://oracle")

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        found = await self.client.request(
            request.method, request.target, headers=list(request.headers), content=request.body
        )
        return Reply(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.content)

    @property
    def asked(self) -> list[dict[str, str]]:
        return [parameters(request) for request in self.requests]


Answer = Reply | bytes | Exception


class Canned:
    """Gives the replies of a script, one after the other; the last one again and again when `endless`."""

    def __init__(self, *script: Answer, endless: bool = False) -> None:
        self._script = list(script)
        self._endless = endless
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        self.requests.append(request)
        assert len(self.requests) < 50, "asks without end"
        answer = self._script[0] if self._endless and len(self._script) == 1 else self._script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else Reply(200, {"content-type": "application/json"}, answer)

    @property
    def asked(self) -> list[dict[str, str]]:
        return [parameters(request) for request in self.requests]


def parameters(request: Request) -> dict[str, str]:
    query = parse_qs(
        urlsplit(request.target).query, keep_blank_values=True, strict_parsing=bool(request.target.count("?"))
    )
    return {name: value for name, (value,) in query.items()}


def adapter(send: Any, **options: str) -> OracleOM:
    return OracleOM(Connection("http://oracle", USERNAME, PASSWORD, options=options), send)


async def ask(
    oracle: OracleOM, operation: str, keys: Sequence[Any], columns: Sequence[str] = (), **args: Any
) -> dict[Any, Outcome[Any]]:
    call = Call("oracle_om", operation, tuple(keys), frozenset(columns), tuple(sorted(args.items())))
    return await oracle.perform(call, Deadline(5))


def page(*items: dict[str, Any] | str, more: bool = False) -> bytes:
    """A collection as the hub would send it. Items that are text go in as they are."""
    raw = [msgspec.Raw(item.encode()) if isinstance(item, str) else item for item in items]
    return msgspec.json.encode({"items": raw, "count": len(items), "hasMore": more, "limit": 500, "offset": 0})
