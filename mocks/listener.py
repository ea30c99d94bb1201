"""One mock on one port: a uvicorn server that can be closed and opened again on the same address.

Closing is what `refuse` asks for. The listener is shut when `close` returns, so new connections are refused from then
on; what is being answered has a second to finish, idle connections are closed. The mock's memory outlives its server.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 1
IDLE_S = 75  # longer than any client keeps an idle connection, or the two would race for it


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, and a dozen servers share it: whoever runs them cancels `serve`."""
        yield


class Listener:
    """Serves `app` on host and port (0: any free one, kept from then on)."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=IDLE_S,
        )
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Listen; when this returns, connections are accepted. Raises OSError when the address is taken."""
        async with self._turn:
            await self._ended()
            bound = _bind(self.host, self.port)
            self.port = bound.getsockname()[1]
            self._server = _Server(self._config)
            self._running = asyncio.create_task(self._server.serve([bound]))
            while not self._server.started and not self._running.done():  # noqa: ASYNC110 - uvicorn only sets a flag
                await asyncio.sleep(0.005)
            if self._running.done():  # it could not start, and its error says why
                await self._running

    def close(self) -> None:
        """Refuse new connections from this moment; the rest of the shutdown follows by itself."""
        if self._server is None:
            return
        self._server.should_exit = True
        for listening in self._server.servers if self._server.started else ():
            listening.close()

    async def closed(self) -> None:
        """Close, and wait until nothing is left."""
        async with self._turn:
            self.close()
            await self._ended()

    async def _ended(self) -> None:
        if self._running is not None:
            await self._running
        self._running = self._server = None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named: else asyncio leaves Nagle's delay on
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    bound.setblocking(False)
    return bound
