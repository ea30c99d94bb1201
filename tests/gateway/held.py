"""Asks a gateway something while somebody else asks for a sign of life all the time, and watches the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Asgi = Callable[..., Awaitable[None]]
ALIVE = b'{"query":"query Alive { viewer { name } }"}'
TICK, EVERY = 0.001, 0.01


@dataclass(slots=True)
class Watch:
    """Seconds: the longest that the loop was held in one piece, and the longest that a sign of life took. `cpu`: what
    this process computed meanwhile, all threads and signs of life together; other processes do not count in it."""

    held: float = 0.0
    alive: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    seconds: float
    watch: Watch

    @property
    def code(self) -> str | None:
        """The code of its first error."""
        errors = json.loads(self.body).get("errors") or [{}]
        code: str | None = errors[0].get("extensions", {}).get("code")
        return code


@dataclass(frozen=True, slots=True)
class Caller:
    asgi: Asgi
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    async def watched(self, body: bytes) -> Answer:
        """The answer to a body, and what it did to everybody else meanwhile."""
        async with self.watching() as watch:
            begun = time.perf_counter()
            status, told = await self.asked(body)
            took = time.perf_counter() - begun
        return Answer(status, told, took, watch)

    async def asked(self, body: bytes) -> tuple[int, bytes]:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json", **self.headers}
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        status, told = 0, b""
        coming = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            for message in coming:
                return message
            return await asyncio.Future()  # who asks stays until they have their answer

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, told
            status = message.get("status", status)
            told += message.get("body", b"")

        await self.asgi(scope, receive, send)
        return status, told

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Watch]:
        watch, computed = Watch(), time.process_time()
        tasks = [asyncio.create_task(_tick(watch)), asyncio.create_task(self._live(watch))]
        await asyncio.sleep(2 * TICK)
        try:
            yield watch
            watch.cpu = time.process_time() - computed
            await asyncio.sleep(2 * TICK)
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    async def _live(self, watch: Watch) -> None:
        """One question every so often, each timed from the moment it was due: a loop that is held makes it late."""
        due = time.perf_counter()
        while True:
            status, _ = await self.asked(ALIVE)
            assert status == 200
            now = time.perf_counter()
            watch.alive = max(watch.alive, now - due)
            due = max(due + EVERY, now)
            await asyncio.sleep(due - now)


async def _tick(watch: Watch) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TICK)
        watch.held = max(watch.held, time.perf_counter() - begun - TICK)
