"""What was decided of a caller a moment ago: it holds for their next question as well, as long as nothing it was
decided by has changed. An answer takes a thousand microseconds, and deciding this anew some thirty.

Kept for a second, for a thousand callers: so long at most, a customer whose id has changed (two turned out to be one)
is known by the old one. Another policy, or another entry in the register of partners, counts at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from gateway.auth import Principal
from gateway.engine.lru import Lru
from gateway.engine.operation import View
from gateway.policy import Grants, Partner, Policy

SECONDS = 1.0
CALLERS = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may name and see, for which purpose, and what our systems call them; made under this policy, and
    this entry of the register when they are a partner. `called`, `alike`: see `Asking`. `at`: when, in seconds of a
    clock that never goes back."""

    policy: Policy
    partner: Partner | None
    purpose: str | None
    grants: Grants
    view: View
    keys: Mapping[str, frozenset[str]]
    disclosed: str
    informed: bool
    categories: list[str]
    called: Mapping[str, frozenset[str]]
    alike: str
    at: float

    def holds(self, policy: Policy, partner: Partner | None, now: float) -> bool:
        return self.policy is policy and self.partner is partner and now - self.at < SECONDS


Standings = Lru[Hashable, Standing]


def remembered(most: int = CALLERS) -> Standings:
    return Lru(most)


def who(principal: Principal, purpose: str | None) -> Hashable:
    """All that anything is decided by. Who they are besides, and which token they showed, is not."""
    keys = tuple(sorted((relation, tuple(some)) for relation, some in principal.keys.items()))
    known = principal.role, principal.client, principal.purpose, principal.scopes, principal.customer, principal.issuer
    return known, keys, purpose
