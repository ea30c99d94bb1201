"""A signed token (JWS compact, RFC 7515) taken apart without believing it, and its claims read to the letter.

Stricter than the libraries, which tidy up what they are given: base64url has one spelling, JSON no key twice and no
NaN, a header the fields that were agreed on and no others (so `crit`, `b64`, `jku`, `jwk`, `x5c` and the like are
refused unread), a time is a whole number, a scope a text. Whatever is wrong raises one of `WRONG`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError

from gateway.auth import Principal
from gateway.strict_json import NotJson, read_json

WRONG = (NotJson, JoseError, ValueError, TypeError, KeyError, RecursionError)
TYPE = "at+jwt"
LONGEST = 8192
LEEWAY = 30
"""Seconds that another machine's clock may be ahead of ours when it issues a token."""

MOST_KEYS = 20
SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True)
class Compact:
    """`text` is the token itself; `proven`: the key that its signature was found good with, None before; `principal`:
    whom its claims were found to speak for, likewise."""

    text: str = field(repr=False)
    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    proven: object = field(default=None, repr=False, compare=False)
    principal: Principal | None = field(default=None, repr=False, compare=False)


def opened(token: str) -> Compact:
    if len(token) > LONGEST:
        raise ValueError("too long")
    header, payload, signature = token.split(".")
    decoded(signature)
    return Compact(token, as_object(decoded(header)), as_object(decoded(payload)))


def decoded(segment: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    if not SEGMENT.fullmatch(segment):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise ValueError("not in canonical form")
    return data


def as_object(data: bytes) -> dict[str, Any]:
    value = read_json(data)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def word(claims: Mapping[str, Any], name: str, longest: int = 256) -> str:
    value = claims[name]
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= longest:
        raise ValueError(f"{name} is not a text of 1 to {longest} printable characters")
    return value


def moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims[name]
    if type(value) is not int:  # a bool is an int, and 1e9 a float
        raise TypeError(f"{name} is not a whole number")
    return value


def timely(claims: Mapping[str, Any], now: float, longest: int) -> None:
    """Raises for a token that is not good now, or for longer than `longest` seconds."""
    issued, expires = moment(claims, "iat"), moment(claims, "exp")
    if issued > now + LEEWAY or expires <= now or not 0 < expires - issued <= longest:
        raise ValueError("not valid now, or for too long")
    if "nbf" in claims and moment(claims, "nbf") > now + LEEWAY:
        raise ValueError("not valid yet")


def scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """`scope` is a text of words with one space between them (RFC 8693 §4.2), never a list."""
    words = word(claims, "scope", 2048).split(" ")
    if not all(words) or len(words) != len(set(words)):
        raise ValueError("scope is not a list of words")
    return frozenset(words)


def keys(claims: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """What our systems call the caller, by relation: `{"own-region": ["EMEA"]}`."""
    given = claims.get("keys", {})
    if not isinstance(given, dict) or len(given) > MOST_KEYS:
        raise ValueError("keys is no object, or too large a one")
    return {relation: _some(relation, some) for relation, some in given.items()}


def _some(relation: str, some: Any) -> tuple[str, ...]:
    if not isinstance(some, list) or not 0 < len(some) <= MOST_KEYS:
        raise ValueError(f"the keys under {relation} are no list of texts")
    return tuple(word({relation: one}, relation) for one in some)
