"""Who is asking, and how often: the key's own limit, and the proxy in front, which counts addresses.

Facts give 60 requests a minute for a key of the administrators. The proxy's dozen a second is what the community's own
installation comes with (from memory).
"""

from __future__ import annotations

import hmac
import math
import time
from collections import deque
from dataclasses import dataclass

from starlette.requests import Request

from mocks.discourse.errors import no_access, too_many

KEY = "discourse-demo-key"
USERNAME = "system"
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests in a minute of one key, and in a second through the proxy."""

    minute: int = 60
    second: int = 12


class Window:
    """At most so many in any stretch of so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def wait(self) -> float:
        """Takes one; or the seconds until there is room for one."""
        now = time.monotonic()
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return self._taken[0] + self._seconds - now
        self._taken.append(now)
        return 0.0


class Access:
    """`limits` None: neither says too many."""

    def __init__(self, limits: Limits | None) -> None:
        self._key = Window(limits.minute, MINUTE) if limits else None
        self._proxy = Window(limits.second, 1.0) if limits else None

    def crowded(self) -> bool:
        """Whether the proxy turns this one away."""
        return self._proxy is not None and self._proxy.wait() > 0

    def admit(self, request: Request) -> None:
        """Raises a refusal for a stranger, or for one too many."""
        key, user = request.headers.get("api-key", ""), request.headers.get("api-username", "")
        if not hmac.compare_digest(key.encode(), KEY.encode()) or not user:
            raise no_access()
        if self._key is not None and (wait := self._key.wait()):
            raise too_many(max(math.ceil(wait), 1))
