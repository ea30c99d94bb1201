"""Apps in this process, asked by ASGI alone: what a server would make of the bytes is put before them as it is, with no
line and no HTTP client in between.

There is no line to break: whatever an app raises is raised here. Whoever leaves before it has answered leaves it
at work for a while, as a system at the other end of a line would be.
"""

from __future__ import annotations

import asyncio
from typing import Any, Unpack
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Scope

from gateway.traffic.transport.common import How, Reaching, packing, reply_of, told, too_large, unpacked
from gateway.traffic.transport.direct import LONGEST, METHOD, NAME, SENDABLE, VALUE
from resolvers.backends.base import Reply, Request, Unreadable

CLIENT = ("127.0.0.1", 123)


class InProcess(Reaching):
    """`resolvers.backends.base.Send` to an ASGI app."""

    def __init__(self, base_url: str, app: ASGIApp, **how: Unpack[How]) -> None:
        super().__init__(base_url, **how)
        at = urlsplit(self._base)
        self._app, self._path, self._scheme = app, at.path, at.scheme
        self._named, self._server = at.netloc.rpartition("@")[2], (at.hostname or "", at.port)
        self._left: set[asyncio.Task[None]] = set()

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        talk = _Talk(request.body)
        task = asyncio.ensure_future(self._asked(self._scope(request, timeout), talk))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            self._left.add(task)
            task.add_done_callback(self._over)
            asyncio.get_running_loop().call_later(2 * self._connect, task.cancel)
            raise
        return reply_of(talk.status, talk.fields, self._whole(talk))

    async def aclose(self) -> None:
        for task in self._left:
            task.cancel()

    async def _asked(self, scope: Scope, talk: _Talk) -> None:
        await self._app(scope, talk.receive, talk.send)
        if not talk.over.is_set():
            raise ConnectionError("RemoteProtocolError: an answer without an end")

    def _over(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # which nobody is there to hear

    def _scope(self, request: Request, seconds: float) -> Scope:
        target = self._path + request.target
        if not SENDABLE.fullmatch(target) or len(target) > LONGEST or not METHOD.fullmatch(request.method):
            raise ConnectionError("InvalidURL: a target that cannot be sent")
        path, _, query = target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": self._headers(request, seconds),
            "scheme": self._scheme,
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "server": self._server,
            "client": CLIENT,
            "root_path": "",
        }

    def _headers(self, request: Request, seconds: float) -> list[tuple[bytes, bytes]]:
        given = told(request, seconds, self._delegated)
        if not all(NAME.fullmatch(name) and VALUE.fullmatch(value) for name, value in given):
            raise ConnectionError("LocalProtocolError: a header that cannot be sent")
        given = [("host", self._named), *given]
        if request.body or request.method not in ("GET", "HEAD"):
            given.append(("content-length", str(len(request.body))))
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given]

    def _whole(self, talk: _Talk) -> bytes:
        """The body, unpacked no further than `largest`."""
        body = b"".join(talk.parts)
        unpack = packing(", ".join(value for name, value in talk.fields if name == "content-encoding"))
        if unpack and body:
            body = unpacked(unpack, body, self._largest + 1)
        if len(body) > self._largest:
            raise too_large(self._largest)
        if unpack and body and not unpack.eof:
            raise Unreadable("its packed body ends too early")
        return body


class _Talk:
    """One request to an app, and what it says to it."""

    __slots__ = ("asked", "body", "fields", "over", "parts", "status")

    def __init__(self, body: bytes) -> None:
        self.body, self.asked, self.over = body, False, asyncio.Event()
        self.status, self.fields, self.parts = 0, list[tuple[str, str]](), list[bytes]()

    async def receive(self) -> Message:
        if self.asked:
            await self.over.wait()
            return {"type": "http.disconnect"}
        self.asked = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs: Any = message.get("headers", ())
            self.fields = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs]
        elif message["type"] == "http.response.body":
            self.parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self.over.set()
