"""How much the hub takes: a bucket of requests that fills again at a steady rate, as its models publish it."""

from __future__ import annotations

import time

from mocks.partner_hub.problem import Problem

LIMIT = "x-amzn-RateLimit-Limit"


class Bucket:
    """`per_second` requests a second, and as many at once after a pause; 0: any number."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._left = per_second
        self._at = time.monotonic()

    @property
    def headers(self) -> dict[str, str]:
        return {LIMIT: f"{self._rate:.1f}"} if self._rate else {}

    def take(self) -> None:
        if not self._rate:
            return
        now = time.monotonic()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            raise Problem(429, "You exceeded your quota for the requested resource", self.headers)
        self._left -= 1
