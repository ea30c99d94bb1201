"""Who is calling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCOPE = "graphql"
"""The scope that stands for all that its holder may have."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller we believe.

    subject:   for the audit trail; says nothing about what they may see
    client:    the application that asks on their behalf
    purpose:   why they ask, when their token is bound to one purpose
    scopes:    what their token was issued for: a ceiling, never a grant
    customer:  the customer they are, for tokens that see one person only
    keys:      what our systems call them, by relation (`own-region`, `assigned`, …), as the token's issuer says
    issuer:    who says all this, as their tokens name them
    """

    subject: str
    role: str
    client: str | None = None
    purpose: str | None = None
    customer: str | None = None
    scopes: frozenset[str] = frozenset({SCOPE})
    token_id: str | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    issuer: str | None = None
