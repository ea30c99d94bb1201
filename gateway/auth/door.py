"""Whom a bearer token speaks for, whoever issued it: a dev token, one of an issuer in the settings, or a partner's key.

Everything that is wrong with one gets the same 401. Only an issuer whose keys nobody here has ever seen, and who cannot
be reached, is told apart (503): its tokens may be good, and are worth trying again.
"""

from __future__ import annotations

import hashlib
import logging
import math
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.auth import Principal
from gateway.auth.compact import WRONG, Compact, opened
from gateway.auth.issuers import Issuer, Partnered
from gateway.auth.jwks import Unreachable
from gateway.auth.tokens import Tokens
from gateway.engine.lru import Lru
from gateway.errors import Code, HttpProblem, Unauthenticated
from gateway.store.keys import PREFIX

LOG = logging.getLogger("gateway.auth")
SEEN = 1_000


class Kept(Protocol):
    """`gateway.store.register.Register`, as far as it is asked here."""

    def holder(self, text: str) -> Principal: ...

    def refuses(self, principal: Principal) -> bool: ...


@dataclass(frozen=True, slots=True)
class Believer:
    """`dev`: None out of dev mode, when no dev token is good, whoever signed it. `issuers`: by the `iss` of tokens.
    `kept`: keys, and what has been revoked; None when nothing is kept."""

    dev: Tokens | None
    issuers: Mapping[str, Issuer]
    partners: Mapping[str, Partnered]
    kept: Kept | None = None
    counted: Counter[str] = field(default_factory=Counter, repr=False)
    """How it ended: `good`, `refused`, `unreachable` (503)."""
    seen: Lru[bytes, Compact] = field(default_factory=lambda: Lru(SEEN), repr=False)
    """Tokens that were good, by their hash: what they say, and with which key their signature was checked. That is not
    done again while its issuer still has this key; their time, their holder's standing and what was revoked is."""

    async def __call__(self, token: str) -> Principal:
        """Raises `Unauthenticated`, or a 503."""
        try:
            principal = await self._believed(token)
            if self.kept is not None and self.kept.refuses(principal):
                raise ValueError("revoked")
            self.counted["good"] += 1
            return principal
        except sqlite3.Error as error:
            LOG.error("the store cannot be read: %s", error)
            raise HttpProblem(503, "Not possible just now: try again.", {"Retry-After": "1"}, Code.SATURATED) from error
        except Unreachable as error:
            self.counted["unreachable"] += 1
            later = {"Retry-After": str(math.ceil(error.after))}
            told = "The issuer of this token cannot be reached: try again later."
            raise HttpProblem(503, told, later, Code.BACKEND_UNAVAILABLE) from error
        except WRONG as error:
            self.counted["refused"] += 1
            raise Unauthenticated from error

    async def _believed(self, text: str) -> Principal:
        if self.kept is not None and text.startswith(PREFIX):
            return self.kept.holder(text)
        digest = hashlib.sha256(text.encode()).digest()
        known = self.seen.get(digest)
        token = Compact(text, known.header, known.claims, known.proven, known.principal) if known else opened(text)
        principal = await self._spoken_for(token)
        if known is None or known.proven is not token.proven or known.principal is not token.principal:
            self.seen.put(digest, Compact("", token.header, token.claims, token.proven, token.principal))
        return principal

    async def _spoken_for(self, token: Compact) -> Principal:
        issuer = token.claims["iss"]
        if self.dev is not None and issuer == self.dev.issuer:
            return self.dev.believed(token)
        return await self.issuers[issuer].believed(token, self.partners)

    async def aclose(self) -> None:
        for issuer in self.issuers.values():
            await issuer.keys.aclose()
