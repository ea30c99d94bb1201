"""The first look at the door. While every place is taken, whoever asks is told so at once, whoever they are: before
their token is checked and their body is read, because each no costs time that those inside are waiting for."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import Code
from gateway.server.media import GRAPHQL, JSON

TOLD = "Too many questions at once: try again in a moment."
BODY = msgspec.json.encode({"errors": [{"message": TOLD, "extensions": {"code": Code.SATURATED}}]})
START = {
    media: {
        "type": "http.response.start",
        "status": 503,
        "headers": [
            (b"content-type", f"{media}; charset=utf-8".encode()),
            (b"content-length", str(len(BODY)).encode()),
            (b"retry-after", b"1"),
        ],
    }
    for media in (JSON, GRAPHQL)
}


class Shut:
    """ASGI middleware. `full`: whether nobody gets in, whoever they are; asked once per question.

    path:  one address; or, with a slash at its end, all below it
    """

    def __init__(self, app: ASGIApp, full: Callable[[], bool], path: str) -> None:
        self._app = app
        self._full = full
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._leads_here(scope["path"]) and self._full():
            await turned_away(scope, send)
            return
        await self._app(scope, receive, send)

    def _leads_here(self, path: str) -> bool:
        return path == self._path or (self._path.endswith("/") and path.startswith(self._path))


async def turned_away(scope: Scope, send: Send) -> None:
    start = START[GRAPHQL if _wants_graphql(scope) else JSON]
    await send(start | {"headers": list(start["headers"])})  # type: ignore[call-overload]  # a list, by ASGI
    await send({"type": "http.response.body", "body": BODY})


def _wants_graphql(scope: Scope) -> bool:
    return any(name == b"accept" and GRAPHQL.encode() in value for name, value in scope["headers"])
