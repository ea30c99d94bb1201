"""Opaque keys, for partners who have no issuer of tokens: `c360_`, an id that may be shown, `_`, a secret that may not.

The secret has 256 random bits and is kept as a hash: who reads the store has no key, and guessing is hopeless without a
slow hash. The id tells keys apart in lists and in the log; the prefix lets secret scanners find one that got out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

PREFIX = "c360_"
ISSUER = "customer360-keys"
"""In place of the `iss` of a token: we."""

SHAPE = re.compile(r"c360_([0-9a-f]{10})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """As it is kept. Times are epoch seconds."""

    id: str
    client: str
    digest: bytes = field(repr=False)
    made: int
    expires: int

    def opens(self, secret: str, now: float) -> bool:
        return hmac.compare_digest(_digest(secret), self.digest) and now < self.expires


@dataclass(frozen=True, slots=True)
class Presented:
    """A key that a caller shows, taken apart."""

    id: str
    secret: str = field(repr=False)


def made(client: str, now: int, expires: int) -> tuple[str, Key]:
    """A new key: the text, which is nowhere else, and what is kept of it."""
    name, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    return f"{PREFIX}{name}_{secret}", Key(name, client, _digest(secret), now, expires)


def presented(text: str) -> Presented:
    """Raises ValueError for what is no key."""
    found = SHAPE.fullmatch(text)
    if found is None:
        raise ValueError("not a key")
    return Presented(*found.groups())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
