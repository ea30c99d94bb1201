"""How much one partner may ask: requests in a minute, and at the same time. So one that asks too much is turned away
itself (429), and neither staff nor another partner notices.

A bucket of a minute's requests that fills up steadily: who has been quiet may ask all of them at once. The answer
says how many are left (draft-ietf-httpapi-ratelimit-headers):

    RateLimit-Policy: "minute";q=600;w=60
    RateLimit: "minute";r=599;t=1           599 are left; the bucket is full again in a second
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

import msgspec

from gateway.auth import Principal
from gateway.errors import Code, HttpProblem
from gateway.policy import Partner
from gateway.settings import Settings

MINUTE = 60.0


@dataclass(slots=True)
class Bucket:
    """`left`: requests, as of `at`."""

    most: int
    left: float
    at: float
    inside: int = 0

    def fill(self, now: float) -> None:
        self.left = min(self.most, self.left + (now - self.at) * self.most / MINUTE)
        self.at = now

    def wait(self) -> int:
        """Whole seconds until there is one more."""
        return max(1, math.ceil((1 - self.left) * MINUTE / self.most))

    def headers(self) -> dict[str, str]:
        full = math.ceil((self.most - self.left) * MINUTE / self.most)
        return {
            "RateLimit-Policy": f'"minute";q={self.most};w={MINUTE:.0f}',
            "RateLimit": f'"minute";r={math.floor(self.left)};t={full}',
        }


class Turn(msgspec.Struct, frozen=True):
    """Held while a request is answered; gives what its answer says of those that are left, nothing without a bucket."""

    bucket: Bucket | None

    def __enter__(self) -> Mapping[str, str]:
        if self.bucket is None:
            return {}
        self.bucket.inside += 1
        return self.bucket.headers()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.bucket is not None:
            self.bucket.inside -= 1


@dataclass(slots=True)
class Quotas:
    """Of registered partners; nobody else has one. What the register says of them counts from the next request."""

    partners: Mapping[str, Partner]
    per_minute: int
    at_once: int
    clock: Callable[[], float] = time.monotonic
    buckets: dict[str, Bucket] = field(default_factory=dict)
    turned_away: int = 0

    @classmethod
    def of(cls, settings: Settings, partners: Mapping[str, Partner]) -> Quotas:
        per_minute, at_once = settings.number("limits.partner_per_minute"), settings.number("limits.partner_at_once")
        return cls(partners, per_minute, at_once)

    def request(self, principal: Principal) -> Turn:
        """A turn of this caller's: `with quotas.request(…) as told`. Raises HttpProblem (429)."""
        partner = self.partners.get(principal.client or "")
        return Turn(None if partner is None else self._spent(partner))

    def _spent(self, partner: Partner) -> Bucket:
        agreed = dict(partner.limits)
        most, at_once = agreed.get("per_minute", self.per_minute), agreed.get("at_once", self.at_once)
        bucket = self.buckets.get(partner.client)
        if bucket is None or bucket.most != most:
            inside = bucket.inside if bucket else 0
            bucket = self.buckets[partner.client] = Bucket(most, most, self.clock(), inside)
        bucket.fill(self.clock())
        if bucket.left < 1:
            self._refuse(bucket, f"More than {most} requests a minute", bucket.wait())
        if bucket.inside >= at_once:
            self._refuse(bucket, f"More than {at_once} requests at the same time", 1)
        bucket.left -= 1
        return bucket

    def _refuse(self, bucket: Bucket, told: str, after: int) -> None:
        self.turned_away += 1
        headers = {"Retry-After": str(after), **bucket.headers()}
        raise HttpProblem(429, f"{told}: come back after Retry-After seconds.", headers, Code.SATURATED)
