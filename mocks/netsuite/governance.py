"""Concurrency governance: an account takes so many requests at the same time, whoever sends them.

What comes beyond that is blocked with 429; every fourth of these is told that its login is invalid instead (401), as
the real one does now and then. No `Retry-After` is ever given. Requests for tokens are not counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mocks.netsuite.errors import not_logged_in, too_many
from mocks.netsuite.login import ACCOUNT

DISGUISED = 4


class Governance:
    """`most`: requests at once. `seconds`: how long each one keeps its place at least, as real queries do.

    peak, blocked: what it has come to so far
    """

    def __init__(self, most: int, seconds: float = 0.0) -> None:
        self._most = most
        self._seconds = seconds
        self._inside = 0
        self.peak = 0
        self.blocked = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        if self._inside >= self._most:
            self.blocked += 1
            raise not_logged_in(ACCOUNT) if self.blocked % DISGUISED == 0 else too_many()
        self._inside += 1
        self.peak = max(self.peak, self._inside)
        try:
            await asyncio.sleep(self._seconds)
            yield
        finally:
            self._inside -= 1
