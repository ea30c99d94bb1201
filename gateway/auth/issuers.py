"""Who may say who is calling: issuers of RFC 9068 access tokens, one table of settings each (`issuers.NAME.*`).

An issuer speaks in its own name only: with its own keys, in the one algorithm that is agreed with it, for one audience,
for the partners that are registered with it, and for those roles that the settings allow it. Whatever else a token
says is refused, with the same answer for everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from joserfc import jws

from gateway.auth import Principal
from gateway.auth.compact import TYPE, Compact, scopes, timely, word
from gateway.auth.jwks import Keys
from gateway.auth.tokens import principal_of
from gateway.catalogue import SettingsError
from gateway.settings import Settings, loopback
from gateway.traffic.transport import HttpxTransport
from resolvers.backends.base import Request, Tls

SECONDS = 2.0
LARGEST = 262_144
HEADER = frozenset({"alg", "typ", "kid"})
BOUND = frozenset({"cnf"})
"""Claims that tie a token to a key of its holder's (RFC 7800), of which a bearer token proves nothing."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """`roles`: those that its tokens may name in the claim `role_claim`; registered partners need none."""

    name: str
    url: str
    algorithm: str
    audience: str
    max_ttl: int
    keys: Keys = field(repr=False)
    roles: Collection[str] = ()
    role_claim: str = "role"
    clock: Callable[[], float] = time.time

    async def believed(self, token: Compact, partners: Mapping[str, Partnered]) -> Principal:
        """Raises one of `compact.WRONG`, or `Unreachable`."""
        header, claims = token.header, token.claims
        if header.keys() != HEADER or header["alg"] != self.algorithm or header["typ"] != TYPE:
            raise ValueError("not the kind of token that is agreed")
        if claims["iss"] != self.url or claims["aud"] != self.audience:
            raise ValueError("issued by somebody else, or not for us")
        if BOUND & claims.keys():
            raise ValueError("bound to a key of which nothing is proven")
        timely(claims, self.clock(), self.max_ttl)
        scopes(claims)
        principal = principal_of(claims, self._role(claims, partners), self.url)
        key = await self.keys.key(word(header, "kid"))
        if key is None:
            raise ValueError("signed with a key that its issuer does not have")
        if token.proven is not key:
            jws.deserialize_compact(token.text, key, [self.algorithm])
            token.proven = key
        return principal

    def _role(self, claims: Mapping[str, object], partners: Mapping[str, Partnered]) -> str:
        """A partner's is the register's to say, and another issuer's word for it counts for nothing."""
        client = word(claims, "client_id")
        if client in partners:
            if partners[client].issuer != self.name:
                raise ValueError("another issuer's client")
            return partners[client].role
        role = word(claims, self.role_claim)
        if role not in self.roles:
            raise ValueError("a role that this issuer may not give")
        return role


@dataclass(frozen=True, slots=True)
class Address:
    """Where an issuer publishes its keys."""

    line: HttpxTransport

    async def __call__(self) -> bytes:
        reply = await self.line(Request("GET", "", (("accept", "application/json"),)), SECONDS)
        if reply.status != 200:
            raise ConnectionError(f"answered {reply.status}")
        return reply.body

    async def aclose(self) -> None:
        await self.line.aclose()


class Partnered(Protocol):
    """What is asked of a registered partner here. `issuer`: the one that speaks for it, as the settings name it."""

    @property
    def role(self) -> str: ...

    @property
    def issuer(self) -> str: ...


def issuers(settings: Settings, roles: Collection[str]) -> tuple[Issuer, ...]:
    """Those in the settings. Raises `SettingsError` for one that cannot be used."""
    found = tuple(_issuer(settings, name, roles) for name in settings.issuers())
    urls = [one.url for one in found] + ([settings.text("auth.issuer")] if settings.dev else [])
    for one in found:
        if urls.count(one.url) > 1:
            raise SettingsError(f"issuers.{one.name}.url: another issuer has the same: {one.url}")
    return found


def _issuer(settings: Settings, name: str, roles: Collection[str]) -> Issuer:
    at = f"issuers.{name}."
    url, allowed = settings.text(at + "url"), settings.texts(at + "roles")
    if not url:
        raise SettingsError(f"{at}url: an issuer has a name that its tokens give as iss")
    if unknown := [role for role in allowed if role not in roles]:
        raise SettingsError(f"{at}roles: unknown role {unknown[0]!r}; known are {', '.join(sorted(roles))}")
    algorithm = settings.text(at + "algorithm")
    return Issuer(
        name,
        url,
        algorithm,
        settings.text(at + "audience") or settings.text("auth.audience"),
        settings.number(at + "max_ttl"),
        Keys(
            url,
            algorithm,
            Address(_line(settings, at)),
            settings.number("auth.keys_fresh_s"),
            settings.number("auth.keys_pause_s"),
            settings.number("auth.keys_stale_s"),
        ),
        allowed,
        settings.text(at + "role_claim"),
    )


def _line(settings: Settings, at: str) -> HttpxTransport:
    url = settings.address(at + "keys_url")
    if url.scheme != "https" and not loopback(url.host):
        raise SettingsError(f"{at}keys_url: keys are fetched over https, or from this machine")
    ca = settings.path(at + "ca")
    try:
        return HttpxTransport(str(url), concurrency=1, connect=SECONDS, largest=LARGEST, tls=Tls(str(ca or "")))
    except OSError as error:
        raise SettingsError(f"{at}ca: these authorities cannot be used: {error}") from error
