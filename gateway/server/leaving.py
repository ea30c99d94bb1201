"""Who hangs up before the answer is there is not worked for any more: the request's task is cancelled, and with it
whatever nobody else waits for.

Whether somebody is still there is only looked at for requests that take a while: most are over before.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

A_WHILE = 0.05
WITHOUT_BODY = frozenset({"GET", "HEAD"})


class Leaving:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return
        watch = _Watch(task, receive, send, read=scope["method"] in WITHOUT_BODY)
        try:
            await self._app(scope, watch.receive, watch.send)
        except asyncio.CancelledError:
            if not watch.left or task.uncancel() > 0:
                raise
        finally:
            watch.end()


class _Watch:
    """Over one request. `read`: its body has been read to the end, so that whatever comes next is the end."""

    def __init__(self, task: asyncio.Task[None], receive: Receive, send: Send, *, read: bool) -> None:
        self.left = False
        self._task = task
        self._receive = receive
        self._send = send
        self._read = read
        self._answered = False
        self._looking: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(A_WHILE, self._begin)

    async def receive(self) -> Message:
        message = await self._receive()
        self._read = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._answered = True
        await self._send(message)

    def end(self) -> None:
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        if self._read:
            self._looking = asyncio.ensure_future(self._look())
        else:
            self._timer = asyncio.get_running_loop().call_later(A_WHILE, self._begin)

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._answered:
            self.left = True
            self._task.cancel()
