"""Dev tokens: signed JWTs (RFC 7519, profile RFC 9068) for this machine only, minted and verified with one key.

They carry what a company's own identity provider would say of its people: role, purpose, keys. `compact.py` says how
strictly they are read.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import OctKey

from gateway.auth import SCOPE, Principal
from gateway.auth.compact import TYPE, WRONG, Compact, keys, opened, scopes, timely, word
from gateway.errors import Unauthenticated
from gateway.settings import Settings

ALGORITHM = "HS256"
Verify = Callable[[str], Awaitable[Principal]]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Mints and verifies. `roles` are the names a token may carry; times are epoch seconds."""

    key: bytes = field(repr=False)
    issuer: str
    audience: str
    max_ttl: int
    roles: Collection[str]
    clock: Callable[[], float] = time.time

    def mint(
        self,
        role: str,
        *,
        subject: str | None = None,
        client: str = "customer360-cli",
        purpose: str | None = None,
        customer: str | None = None,
        keys: Mapping[str, Collection[str]] | None = None,
        scopes: Collection[str] = (SCOPE,),
        ttl: int = 3600,
    ) -> str:
        """A token for `ttl` seconds. Raises ValueError for what `verify` would not believe."""
        if role not in self.roles:
            raise ValueError(f"unknown role {role!r}; known are {', '.join(sorted(self.roles))}")
        if not 0 < ttl <= self.max_ttl:
            raise ValueError(f"a token lives 1 to {self.max_ttl} seconds (auth.max_ttl), not {ttl}")
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": now + ttl,
            "sub": subject or customer or f"dev-{role}",
            "client_id": client,
            "jti": secrets.token_hex(8),
            "scope": " ".join(sorted(scopes)),
            "role": role,
            "purpose": purpose,
            "customer": customer,
            "keys": {relation: list(some) for relation, some in (keys or {}).items()} or None,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        principal_of(said, role, self.issuer)
        return self._sign(said)

    async def __call__(self, token: str) -> Principal:
        return self.verify(token)

    def verify(self, token: str) -> Principal:
        """Whom a token speaks for. Raises `Unauthenticated`, whatever is wrong with it."""
        try:
            return self.believed(opened(token))
        except WRONG as error:
            raise Unauthenticated from error

    def believed(self, token: Compact) -> Principal:
        """Raises one of `WRONG`."""
        if token.header != {"alg": ALGORITHM, "typ": TYPE}:
            raise ValueError("not our kind of token")
        if token.proven is not self.key:
            jws.deserialize_compact(token.text, OctKey.import_key(self.key), [ALGORITHM])
            token.proven = self.key
        claims = token.claims
        if claims["iss"] != self.issuer or claims["aud"] != self.audience:
            raise ValueError("not issued by us, or not for us")
        timely(claims, self.clock(), self.max_ttl)
        role = word(claims, "role")
        if role not in self.roles:
            raise ValueError("unknown role")
        return spoken_for(token, role, self.issuer)

    def _sign(self, claims: dict[str, Any]) -> str:
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        header = {"alg": ALGORITHM, "typ": TYPE}
        return jws.serialize_compact(header, payload, OctKey.import_key(self.key), [ALGORITHM])


def spoken_for(token: Compact, role: str, issuer: str) -> Principal:
    """The same as `principal_of` its claims, which do not change: made once for a token in this role."""
    known = token.principal
    if known is None or known.role != role or known.issuer != issuer:
        known = token.principal = principal_of(token.claims, role, issuer)
    return known


def principal_of(claims: Mapping[str, Any], role: str, issuer: str) -> Principal:
    """Whom verified claims speak for. Raises one of `WRONG` for claims of the wrong shape."""
    return Principal(
        subject=word(claims, "sub"),
        role=role,
        client=word(claims, "client_id"),
        purpose=word(claims, "purpose") if "purpose" in claims else None,
        customer=word(claims, "customer") if "customer" in claims else None,
        scopes=scopes(claims) if "scope" in claims else frozenset(),
        token_id=word(claims, "jti"),
        keys=keys(claims),
        issuer=issuer,
    )


def dev_tokens(settings: Settings, roles: Collection[str]) -> Tokens:
    """Tokens signed with the key that `token` and `serve` share through the settings."""
    return Tokens(
        key=settings.key("auth.dev_key"),
        issuer=settings.text("auth.issuer"),
        audience=settings.text("auth.audience"),
        max_ttl=settings.number("auth.max_ttl"),
        roles=frozenset(roles),
    )
