"""An identity provider of somebody else's, as far as we see one: keys at an address, and tokens signed with them. It
also signs what no decent one would."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.auth.issuers import Issuer
from gateway.auth.jwks import Keys

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def public(kid: str, key: Private, **more: Any) -> dict[str, Any]:
    """As it is published (RFC 7517)."""
    numbers = key.public_key().public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        return {"kty": "RSA", "kid": kid, "n": number(numbers.n), "e": number(numbers.e), **more}
    x, y = (b64(one.to_bytes(32, "big")) for one in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y, **more}


def signed(claims: Any, header: Any, key: Private) -> str:
    """Any header and any claims, correctly signed with this key. Bytes are taken as they stand."""
    parts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in (header, claims)]
    text = ".".join(map(b64, parts))
    if isinstance(key, rsa.RSAPrivateKey):
        return f"{text}.{b64(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@dataclass(slots=True)
class Idp:
    """`keys`: those it signs with and publishes, by id; the last one is in use. `asked`: how often for its keys."""

    url: str = "https://id.example"
    audience: str = "customer360"
    algorithm: str = "RS256"
    keys: dict[str, Private] = field(default_factory=dict)
    down: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        if not self.keys:
            self.rotate("k1", 1)

    def rotate(self, kid: str, seed: int) -> None:
        self.keys[kid] = rsa_key(seed) if self.algorithm == "RS256" else ec_key(seed)

    def document(self) -> dict[str, Any]:
        return {"keys": [public(kid, key, use="sig", alg=self.algorithm) for kid, key in self.keys.items()]}

    async def __call__(self) -> bytes:
        """In place of the network (`jwks.Fetch`). Raises ConnectionError while it is down."""
        self.asked += 1
        if self.down:
            raise ConnectionError("down")
        return json.dumps(self.document()).encode()

    async def aclose(self) -> None:
        """Nothing is open."""

    def app(self) -> Starlette:
        async def jwks(request: Request) -> Response:
            self.asked += 1
            return Response(status_code=503) if self.down else JSONResponse(self.document())

        return Starlette(routes=[Route("/jwks", jwks)])

    def claims(self, now: float | None = None, **more: Any) -> dict[str, Any]:
        issued = int(time.time() if now is None else now)
        usual = {
            "iss": self.url,
            "aud": self.audience,
            "iat": issued,
            "exp": issued + 600,
            "sub": "claire",
            "client_id": "desk",
            "jti": "j1",
            "scope": "graphql",
            "role": "support_agent",
        }
        return {name: value for name, value in (usual | more).items() if value is not ...}

    def header(self, **more: Any) -> dict[str, Any]:
        usual = {"alg": self.algorithm, "typ": "at+jwt", "kid": next(reversed(self.keys))}
        return {name: value for name, value in (usual | more).items() if value is not ...}

    def token(self, claims: Any = None, header: Any = None, kid: str = "") -> str:
        return signed(
            self.claims() if claims is None else claims,
            self.header() if header is None else header,
            self.keys[kid or next(reversed(self.keys))],
        )

    def known(self, clock: Callable[[], float] = time.monotonic, **more: Any) -> Issuer:
        """This issuer, as a gateway in this process knows it."""
        return Issuer(
            "acme",
            self.url,
            self.algorithm,
            self.audience,
            3600,
            Keys(self.url, self.algorithm, self, clock=clock),
            **more,
        )

    def settings(self, name: str, port: int, **more: Any) -> Mapping[str, Any]:
        """This issuer, as a gateway knows it; its keys on a port of this machine."""
        at = f"issuers.{name}."
        own = {"url": self.url, "keys_url": f"http://127.0.0.1:{port}/jwks", "algorithm": self.algorithm}
        return {at + key: value for key, value in {**own, **more}.items()}
