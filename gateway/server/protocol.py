"""uvicorn's HTTP protocol, which reads a request's head without limit, given one: in bytes and in seconds.

What is in the body is counted and timed where it is read (`asking`); this is for what comes before it.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Guarded(HttpToolsProtocol):
    """`uvicorn.Config(http=Guarded)`.

    most:      bytes of request line and headers together; a GET carries its question there
    patience:  seconds from the first byte of a head, or from the connection's start, to the head's last
    """

    most: ClassVar[int] = 128 * 1024
    patience: ClassVar[float] = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._untimed()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._taken += len(data)
            self._timed()
        super().data_received(data)
        if self._in_head and self._taken > self.most:
            self._end(TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._untimed()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._taken = True, 0
        super().on_message_complete()

    def _timed(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.patience, self._end, TOO_LATE)

    def _untimed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, answer: bytes) -> None:
        self._untimed()
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:  # else it would land in the middle of another answer
                self.transport.write(answer)
            self.transport.close()
