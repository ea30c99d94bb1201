"""Dev tokens: signed JWTs (RFC 7519, profile RFC 9068) for this machine only, minted and verified with one key.

Verification is stricter than the libraries': the algorithm is pinned, `typ` is exact, times are whole numbers, the
lifetime has a ceiling, nothing may be given twice, and whatever is wrong gives the same `Unauthenticated`.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.auth import SCOPE, Principal
from gateway.errors import Unauthenticated
from gateway.settings import Settings
from gateway.strict_json import NotJson, read_json

ALGORITHM = "HS256"
TYPE = "at+jwt"
LONGEST = 4096
LEEWAY = 30
"""Seconds that another machine's clock may be ahead of ours when it issues a token."""

MOST_KEYS = 20
SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
Verify = Callable[[str], Principal]


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
        for name in said.keys() - {"iat", "exp", "keys"}:
            _word(said, name)
        _keys(said)
        return self._sign(said)

    def verify(self, token: str) -> Principal:
        """Whom a token speaks for. Raises `Unauthenticated`, whatever is wrong with it."""
        try:
            return self._principal(self._claims(token))
        except (NotJson, JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise Unauthenticated from error

    def _sign(self, claims: dict[str, Any]) -> str:
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        header = {"alg": ALGORITHM, "typ": TYPE}
        return jws.serialize_compact(header, payload, OctKey.import_key(self.key), [ALGORITHM])

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise ValueError("too long")
        header, payload, signature = token.split(".")
        fields = _object(_decoded(header))
        if fields != {"alg": ALGORITHM, "typ": TYPE}:  # so `crit`, `b64`, `jku`, `jwk` and the like are refused unread
            raise ValueError("not our kind of token")
        _decoded(signature)
        jws.deserialize_compact(token, OctKey.import_key(self.key), [ALGORITHM])
        return _object(_decoded(payload))

    def _principal(self, claims: dict[str, Any]) -> Principal:
        self._check(claims)
        role = _word(claims, "role")
        if role not in self.roles:
            raise ValueError("unknown role")
        return Principal(
            subject=_word(claims, "sub"),
            role=role,
            client=_word(claims, "client_id"),
            purpose=_word(claims, "purpose") if "purpose" in claims else None,
            customer=_word(claims, "customer") if "customer" in claims else None,
            scopes=frozenset(_word(claims, "scope").split(" ")) if "scope" in claims else frozenset(),
            token_id=_word(claims, "jti"),
            keys=_keys(claims),
        )

    def _check(self, claims: dict[str, Any]) -> None:
        """Issuer, audience and times. An array of audiences is refused, though RFC 7519 allows it: ours has one."""
        issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
        now = self.clock()
        if claims["iss"] != self.issuer or claims["aud"] != self.audience:
            raise ValueError("not issued by us, or not for us")
        if issued > now + LEEWAY or expires <= now or not 0 < expires - issued <= self.max_ttl:
            raise ValueError("not valid now, or for too long")
        if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
            raise ValueError("not valid yet")


def _keys(claims: dict[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """What our systems call the caller, by relation: `{"own-region": ["EMEA"]}`."""
    keys = claims.get("keys", {})
    if not isinstance(keys, dict) or len(keys) > MOST_KEYS:
        raise ValueError("keys is no object, or too large a one")
    return {relation: _some(relation, some) for relation, some in keys.items()}


def _some(relation: str, some: Any) -> tuple[str, ...]:
    if not isinstance(some, list) or not 0 < len(some) <= MOST_KEYS:
        raise ValueError(f"the keys under {relation} are no list of texts")
    return tuple(_word({relation: one}, relation) for one in some)


def dev_tokens(settings: Settings, roles: Collection[str]) -> Tokens:
    """Tokens signed with the key that `token` and `serve` share through the settings."""
    return Tokens(
        key=settings.key("auth.dev_key"),
        issuer=settings.text("auth.issuer"),
        audience=settings.text("auth.audience"),
        max_ttl=settings.number("auth.max_ttl"),
        roles=frozenset(roles),
    )


def verifier(settings: Settings, roles: Collection[str]) -> Verify:
    """What checks the tokens of requests. Out of dev mode no dev token is good, whoever signed it."""
    return dev_tokens(settings, roles).verify if settings.dev else nobody


def nobody(token: str) -> Principal:
    """Refuses every token."""
    raise Unauthenticated


def _decoded(segment: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    if not SEGMENT.fullmatch(segment):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise ValueError("not in canonical form")
    return data


def _object(data: bytes) -> dict[str, Any]:
    value = read_json(data)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _word(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 256:
        raise ValueError(f"{name} is not a text of 1 to 256 printable characters")
    return value


def _moment(claims: dict[str, Any], name: str) -> int:
    value = claims[name]
    if type(value) is not int:  # a bool is an int, and 1e9 a float
        raise TypeError(f"{name} is not a whole number")
    return value
