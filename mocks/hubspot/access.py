"""Who is asking, what their token may do, and how much they have asked lately.

Private-app tokens do not expire. Limits: so many requests in any ten seconds and in a day of the account's own time
zone, all tokens together; searches have five a second of their own, and tell no headers of it. Facts give 100 and
250,000 for the smaller plans, up to 190 and 1,000,000 for the larger.
"""

from __future__ import annotations

import hmac
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from mocks.hubspot.errors import missing, no_token, too_many

TOKEN = "pat-na1-hubspot-demo"  # noqa: S105 - opens this mock and nothing else
NARROW_TOKEN = "pat-na1-hubspot-crm-only"  # noqa: S105 - likewise, for what it may not do
SCOPES = frozenset(
    {
        "marketing.campaigns.read",
        "marketing.campaigns.revenue.read",
        "marketing-email",
        "content",
        "crm.objects.contacts.read",
        "communication_preferences.read",
        "business-intelligence",
    }
)
TOKENS = {TOKEN: SCOPES, NARROW_TOKEN: frozenset({"crm.objects.contacts.read"})}
TEN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests in ten seconds, in a day, and searches in a second."""

    ten_seconds: int = 100
    day: int = 250_000
    searches: int = 5


LARGEST = Limits(190, 1_000_000)


class Access:
    """The account's counts. `limits` None: it never says too many."""

    def __init__(self, limits: Limits | None) -> None:
        self._limits = limits
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._day = datetime.now(UTC).date()
        self._today = 0

    def admit(self, request: Request, scope: str, search: bool = False) -> dict[str, str]:
        """The headers that tell of the limits. Raises a refusal for a stranger, a missing scope, or one too many."""
        scopes = _scopes(request)
        headers = self._searched() if search else self._counted()
        if scope not in scopes:
            raise missing(scope)
        return headers

    def _counted(self) -> dict[str, str]:
        limits = self._limits
        if limits is None:
            return {}
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - TEN_SECONDS:
            self._recent.popleft()
        self._count_day()
        told = self._told(limits)
        if self._today >= limits.day:
            raise too_many("DAILY", told)
        if len(self._recent) >= limits.ten_seconds:
            raise too_many("TEN_SECONDLY_ROLLING", told)
        self._recent.append(now)
        self._today += 1
        return self._told(limits)

    def _count_day(self) -> None:
        today = datetime.now(UTC).date()
        if today != self._day:
            self._day, self._today = today, 0

    def _told(self, limits: Limits) -> dict[str, str]:
        return {
            "x-hubspot-ratelimit-max": str(limits.ten_seconds),
            "x-hubspot-ratelimit-remaining": str(limits.ten_seconds - len(self._recent)),
            "x-hubspot-ratelimit-interval-milliseconds": "10000",
            "x-hubspot-ratelimit-daily": str(limits.day),
            "x-hubspot-ratelimit-daily-remaining": str(limits.day - self._today),
            "x-hubspot-ratelimit-secondly": str(limits.ten_seconds // 10),
            "x-hubspot-ratelimit-secondly-remaining": str(limits.ten_seconds // 10),
        }

    def _searched(self) -> dict[str, str]:
        if self._limits is None:
            return {}
        now = time.monotonic()
        while self._searches and self._searches[0] <= now - 1.0:
            self._searches.popleft()
        if len(self._searches) >= self._limits.searches:
            raise too_many("SECONDLY", {})
        self._searches.append(now)
        return {}


def _scopes(request: Request) -> frozenset[str]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    for known, scopes in TOKENS.items():
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), known.encode()):
            return scopes
    raise no_token()
