"""What a system that acts on behalf of our caller is told of them: a short-lived statement that we sign, in the header
`Txn-Token` of every request to it (draft-ietf-oauth-transaction-tokens). Never the caller's own token, which would be
good for all that the caller may do.

    typ  txntoken+jwt, ES256; the key is at /.well-known/jwks.json
    iss  this gateway          aud  that system's address, so that it is good nowhere else
    sub  who asks              act  { sub: the client that asks for them }
    purp what for              txn  the id of the request, as in our log and in X-Request-Id
    iat, exp                   a minute apart (auth.delegation_s)
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from gateway.auth import Principal
from gateway.settings import Settings

ALGORITHM = "ES256"
TYPE = "txntoken+jwt"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256: a private key is a number below it."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """`issuer`: this gateway's address. `ttl`: seconds."""

    key: ECKey = field(repr=False)
    kid: str
    issuer: str
    ttl: int
    clock: Callable[[], float] = time.time

    @classmethod
    def of(cls, settings: Settings, issuer: str) -> Delegation | None:
        """None when no system acts on behalf of callers."""
        acting = [name for name in settings.backends() if settings.text(f"backends.{name}.identity") == "caller"]
        if not acting:
            return None
        return cls(*private(settings.key("auth.delegation_key")), issuer, settings.number("auth.delegation_s"))

    def subject(self, principal: Principal, purpose: str | None) -> str:
        """All that a statement says of a caller but the request, in one word: results are shared no further."""
        said = [principal.issuer, principal.subject, principal.client, purpose]
        return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()

    def statement(self, principal: Principal, purpose: str | None, request_id: str) -> Callable[[str], str]:
        """Signs for one system, whose address is the audience."""

        def signed(audience: str) -> str:
            now = int(self.clock())
            claims = {
                "iss": self.issuer,
                "aud": audience,
                "iat": now,
                "exp": now + self.ttl,
                "txn": request_id,
                "sub": principal.subject,
                "act": {"sub": principal.client} if principal.client else None,
                "purp": purpose,
            }
            said = {name: value for name, value in claims.items() if value is not None}
            header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.kid}
            return jws.serialize_compact(header, json.dumps(said).encode(), self.key, [ALGORITHM])

        return signed

    def document(self) -> Mapping[str, Any]:
        """The public key, for systems that check what we say."""
        public = self.key.as_dict(private=False)
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": ALGORITHM}]}


def private(secret: bytes) -> tuple[ECKey, str]:
    """The key that all workers with this secret have, and its id."""
    number = int.from_bytes(hashlib.sha512(b"customer360 delegation" + secret).digest(), "big") % (ORDER - 1) + 1
    key = ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()))
    return key, key.thumbprint()
