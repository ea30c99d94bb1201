"""A content hub that says what it is told to say, and a line to the one that plays the real thing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from resolvers.backends.base import Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.contentful import Contentful

BASE = "https://cdn.example"
JSON = {"content-type": "application/vnd.contentful.delivery.v1+json"}
EVERYTHING = frozenset(Contentful.entries.columns)
ONE_LANGUAGE = EVERYTHING - {"locale", "body.locale"}
Answer = Callable[[Request], Reply]


def said(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, content)


def array(*items: Any, total: int | None = None, **more: Any) -> Reply:
    return said({"sys": {"type": "Array"}, "total": len(items) if total is None else total, "items": items, **more})


def entry(name: str, *skus: str, **fields: Any) -> dict[str, Any]:
    sys = {"id": name, "type": "Entry", "updatedAt": "2024-01-02T03:04:05.678Z", "locale": "en-US"}
    return {"sys": sys, "fields": {"kind": "howTo", "title": f"Title of {name}", "skus": list(skus), **fields}}


def asset(name: str, url: str = "//images.ctfassets.net/x.png", revision: int = 1, **fields: Any) -> dict[str, Any]:
    file = {"url": url, "contentType": "image/png", "fileName": "x.png"}
    return {"sys": {"id": name, "type": "Asset", "revision": revision}, "fields": {"file": file, **fields}}


def link(kind: str, name: str) -> dict[str, Any]:
    return {"sys": {"type": "Link", "linkType": kind, "id": name}}


def node(kind: str, *content: Any, **data: Any) -> dict[str, Any]:
    return {"nodeType": kind, "data": data, "content": list(content)}


def text(value: str, *marks: str) -> dict[str, Any]:
    return {"nodeType": "text", "value": value, "marks": [{"type": mark} for mark in marks], "data": {}}


def problem(status: int, name: str, message: str = "", **headers: str) -> Reply:
    return said({"sys": {"type": "Error", "id": name}, "message": message, "requestId": "1"}, status, **headers)


def asked_for(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True, strict_parsing=True))


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
    """`Send` into an ASGI app; keeps what was asked."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.asked: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        self.asked.append(request)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=BASE) as one:
            reply = await one.request(request.method, request.target, headers=request.headers)
        return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)


def adapter(transport: Any, password: str = "word", **options: str) -> Contentful:  # noqa: S107 - made up
    return Contentful(Connection(BASE, password=password, attempt_timeout=20.0, options=options), transport)


async def put(
    one: Contentful, operation: str, keys: list[Any], columns: frozenset[str] = ONE_LANGUAGE, **args: Any
) -> dict[Any, Outcome[Any]]:
    call = Call("contentful", operation, tuple(keys), columns, tuple(sorted(args.items())))
    return await one.perform(call, Deadline(20))


async def ask(
    operation: str, keys: list[Any], *answers: Reply | Answer, columns: frozenset[str] = ONE_LANGUAGE, **args: Any
) -> tuple[dict[Any, Outcome[Any]], list[Request]]:
    line = Scripted(*answers)
    return await put(adapter(line), operation, keys, columns, **args), line.asked
