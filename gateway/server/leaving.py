"""Who hangs up before the answer is there is not worked for any more: the request's task is cancelled, and with it
whatever nobody else waits for. Nor is anybody who does not get to the end of their question.

Whether somebody is still there is only looked at for requests that take a while: most are over before. One timer goes
round for all of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

A_WHILE = 0.2
FOREVER = float("inf")
WITHOUT_BODY = frozenset({"GET", "HEAD"})


@dataclass(slots=True, eq=False)
class Visit:
    """One request, from its first byte until its answer is on its way.

    patience:  seconds that its body may take to arrive
    read:      the body is here to its end, so that whatever comes next is that they leave
    late:      it took too long, and the task was cancelled for that
    left:      they are gone, and it was cancelled for that
    """

    task: asyncio.Task[None] | None
    receive: Receive | None
    begun: float
    patience: float = FOREVER
    read: bool = False
    late: bool = False
    left: bool = False
    over: bool = False
    _looking: asyncio.Task[None] | None = None

    def forgiven(self) -> bool:
        """Whether a cancellation is ours, and nobody else's: the task goes on, to say so."""
        return (self.late or self.left) and self.task is not None and self.task.uncancel() == 0

    def end(self) -> None:
        self.over, self.task, self.receive = True, None, None
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None  # it knows the visit, and what it was cancelled by: no ring of all this is left behind

    def look(self, now: float) -> bool:
        """Whether to come again: what is not read yet cannot be waited behind."""
        if self.over or self.task is None:
            return False
        if self.read:
            self._looking = asyncio.ensure_future(self._look())
            return False
        if now - self.begun < self.patience:
            return True
        self.late = True
        self.task.cancel()
        return False

    async def _look(self) -> None:
        while self.receive is not None and (await self.receive())["type"] != "http.disconnect":
            pass
        if self.task is not None:
            self.left = True
            self.task.cancel()


@dataclass(slots=True)
class Visits:
    """All of one app, in the order in which they are to be looked at."""

    _next: deque[tuple[float, Visit]] = field(default_factory=deque)
    _loop: asyncio.AbstractEventLoop | None = None

    def begin(self, receive: Receive, patience: float = FOREVER, *, read: bool = False) -> Visit:
        loop = asyncio.get_running_loop()
        now = loop.time()
        visit = Visit(asyncio.current_task(loop), receive, now, patience, read)
        self._next.append((now + A_WHILE, visit))
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(A_WHILE, self._round, loop)
        return visit

    def _round(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._next and (self._next[0][1].over or self._next[0][0] <= now + 0.001):
            _, visit = self._next.popleft()
            if visit.look(now):
                self._next.append((now + A_WHILE, visit))
        if self._next:
            loop.call_at(self._next[0][0], self._round, loop)
        else:
            self._loop = None


class Leaving:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, visits: Visits) -> None:
        self._app = app
        self._visits = visits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = self._visits.begin(receive, read=scope["method"] in WITHOUT_BODY)

        async def listened() -> Message:
            message = await receive()
            visit.read = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                visit.end()
            await send(message)

        try:
            await self._app(scope, listened, watched)
        except asyncio.CancelledError:
            if not visit.forgiven():
                raise
        finally:
            visit.end()
