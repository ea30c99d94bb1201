"""A marketing system and a community that say what they are told to say, and lines to those that play the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from resolvers.backends.base import Adapter, Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.discourse import Discourse
from resolvers.backends.hubspot import HubSpot

BASE = "https://systems.example"
KINDS = "1001=MARKETING,1002=NEWSLETTER,1003=SURVEY"
Answer = Callable[[Request], Reply]


def said(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, told, content)


def page(html: str, status: int, **headers: str) -> Reply:
    return said(html.encode(), status, content_type="text/html", **headers)


def asked_for(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True, strict_parsing=True))


def path(request: Request) -> str:
    return urlsplit(request.target).path


class Scripted:
    """A transport that answers as it is told: one answer after the other, the last one for ever."""

    def __init__(self, *answers: Reply | Answer) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Reply) else answer(request)


class Line:
    """`Send` into an ASGI app; keeps what was asked and how it was answered."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.asked: list[Request] = []
        self.statuses: list[int] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        self.asked.append(request)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=BASE) as one:
            reply = await one.request(request.method, request.target, headers=request.headers, content=request.body)
        self.statuses.append(reply.status_code)
        return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)


def hubspot(transport: Any, password: str = "word", concurrency: int = 8, **options: str) -> HubSpot:  # noqa: S107
    told = {"subscriptions": KINDS, **options}
    connection = Connection(BASE, password=password, attempt_timeout=20.0, concurrency=concurrency, options=told)
    return HubSpot(connection, transport)


def discourse(transport: Any, password: str = "word", concurrency: int = 4, **options: str) -> Discourse:  # noqa: S107
    connection = Connection(
        BASE, "system", password, attempt_timeout=20.0, concurrency=concurrency, options={"per_minute": "0", **options}
    )
    return Discourse(connection, transport)


async def put(
    one: Adapter,
    operation: str,
    keys: Iterable[Any],
    columns: Iterable[str] | None = None,
    seconds: float = 20.0,
    **args: Any,
) -> dict[Any, Outcome[Any]]:
    wanted = frozenset(getattr(type(one), operation).columns if columns is None else columns)
    call = Call(one.name, operation, tuple(keys), wanted, tuple(sorted(args.items())))
    return await one.perform(call, Deadline(seconds))
