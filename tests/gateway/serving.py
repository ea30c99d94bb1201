"""An ASGI app behind a real socket, with the protocol the gateway is served with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from gateway.server.protocol import Guarded


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test run's."""
        yield


@asynccontextmanager
async def serving(app: Any, kind: type[Guarded] = Guarded) -> AsyncIterator[int]:
    """The port it listens on, on 127.0.0.1."""
    config = uvicorn.Config(
        app, port=0, http=kind, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=1
    )
    server = Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn only sets a flag
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running
