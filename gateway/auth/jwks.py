"""The public keys of one issuer (JWKS, RFC 7517): fetched when they are needed, kept while it cannot be reached.

fresh   seconds that keys are used without asking again; after that they are asked for in the background
pause   seconds between two questions at the least, whatever callers send: a key id nobody knows causes no more
stale   seconds that keys are used though the issuer does not answer

So a rotation needs no restart, a flood of invented key ids one question per pause, and an issuer that is down costs
nothing for as long as its keys are known. A key that it no longer publishes is gone with the next answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.auth.compact import as_object, decoded
from gateway.strict_json import NotJson

LOG = logging.getLogger("gateway.auth")
PublicKey = RSAKey | ECKey
MOST = 100
SHORTEST_RSA = 2048
LONGEST_RSA = 8192
LONGEST_EXPONENT = 33
"""Bits: what is longer takes more time to check than a caller should be able to make us spend."""

PARTS = {"RS256": ("RSA", ("n", "e")), "ES256": ("EC", ("crv", "x", "y"))}
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Unreachable(Exception):
    """No keys are known, and the issuer cannot be asked now. `after`: seconds until it is asked again."""

    def __init__(self, after: float) -> None:
        super().__init__(f"asked again in {after:.0f} s")
        self.after = after


class Fetch(Protocol):
    """Gives the document's bytes, or raises OSError (TimeoutError and ConnectionError are) or ValueError."""

    async def __call__(self) -> bytes: ...

    async def aclose(self) -> None: ...


@dataclass(slots=True)
class Keys:
    """`known`: what the issuer published when it was last `heard`; `asked`: when it was last asked."""

    issuer: str
    algorithm: str
    fetch: Fetch = field(repr=False)
    fresh: float = 600.0
    pause: float = 30.0
    stale: float = 86_400.0
    clock: Callable[[], float] = time.monotonic
    known: Mapping[str, PublicKey] = field(default_factory=dict, repr=False)
    asked: float = float("-inf")
    heard: float = float("-inf")
    asking: asyncio.Task[None] | None = field(default=None, repr=False)

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id; None when the issuer has none. Raises `Unreachable`."""
        now = self.clock()
        if now - self.heard > self.stale:
            self.known = {}
        found = self.known.get(kid)
        if found is None and self._may_ask(now):
            await asyncio.shield(self._ask(now))
            found = self.known.get(kid)
        elif now - self.heard > self.fresh and self._may_ask(now):
            self._ask(now)
        if found is None and not self.known:
            raise Unreachable(max(1.0, self.asked + self.pause - self.clock()))
        return found

    def _may_ask(self, now: float) -> bool:
        return self.asking is not None or now - self.asked >= self.pause

    def _ask(self, now: float) -> asyncio.Task[None]:
        """One question at a time, for all who wait. It is nobody's own: who asked first may leave."""
        if self.asking is None:
            self.asked = now
            self.asking = asyncio.ensure_future(self._fetched(now))
            self.asking.add_done_callback(self._done)
        return self.asking

    def _done(self, _: asyncio.Task[None]) -> None:
        self.asking = None

    async def _fetched(self, now: float) -> None:
        try:
            self.known = read(await self.fetch(), self.algorithm)
            self.heard = now
        except (OSError, ValueError, TypeError) as error:
            LOG.warning("the keys of the issuer %s cannot be had: %s", self.issuer, type(error).__name__)

    async def aclose(self) -> None:
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.wait((self.asking,))
        await self.fetch.aclose()


def read(document: bytes, algorithm: str) -> Mapping[str, PublicKey]:
    """The keys that signatures of this algorithm can be checked with, by id. An id that two keys have is nobody's; a
    key of another kind, for another use, too short, or published with its private part is left out. Raises ValueError
    for what is no key set, or has no such key."""
    try:
        listed = as_object(document)["keys"]
    except (NotJson, KeyError, TypeError) as error:
        raise ValueError("no key set") from error
    if not isinstance(listed, list) or len(listed) > MOST:
        raise ValueError("no list of keys, or too long a one")
    ids = [one.get("kid") for one in listed if isinstance(one, dict)]
    usable = [one for one in listed if isinstance(one, dict) and _fits(one, algorithm) and ids.count(one["kid"]) == 1]
    found = {one["kid"]: key for one in usable if (key := _imported(one, algorithm))}
    if not found:
        raise ValueError(f"no key for {algorithm} in it")
    return found


def _fits(one: Mapping[str, Any], algorithm: str) -> bool:
    kind, parts = PARTS[algorithm]
    operations = one.get("key_ops", ["verify"])
    return (
        isinstance(one.get("kid"), str)
        and one.get("kty") == kind
        and all(isinstance(one.get(part), str) for part in parts)
        and one.get("use", "sig") == "sig"
        and one.get("alg", algorithm) == algorithm
        and isinstance(operations, list)
        and "verify" in operations
        and not PRIVATE & one.keys()
    )


def _imported(one: Mapping[str, Any], algorithm: str) -> PublicKey | None:
    kind, parts = PARTS[algorithm]
    bare = {part: one[part] for part in ("kty", *parts)}
    try:
        if kind == "EC":
            return ECKey.import_key(bare) if one["crv"] == "P-256" else None
        sound = SHORTEST_RSA <= _bits(one["n"]) <= LONGEST_RSA and _bits(one["e"]) <= LONGEST_EXPONENT
        return RSAKey.import_key(bare) if sound else None
    except (JoseError, ValueError, TypeError):
        return None


def _bits(number: str) -> int:
    return int.from_bytes(decoded(number), "big").bit_length()
