"""The line to one account: who we are, how a query is put, and what each status means to us.

OAuth 2.0 for machines: a statement about ourselves, signed with the private key whose certificate NetSuite knows, gives
a token for an hour. It is obtained by one of those who wait for all of them, before the old one ends. Everything is
asked with SuiteQL; concurrency counts for the whole account, so the connection says how much of it is ours.

    200             taken
    401             a new login and one more try (an account that is too busy may say so in this way); then Refused
    429, or 400 SSS_REQUEST_LIMIT_EXCEEDED      Throttled; how long for is not told
    5xx             Unavailable
    3xx, 4xx        Refused
    other 2xx       Garbled

Only NetSuite's error codes go into an error's text: its sentences may quote what was asked for.
"""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlencode

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from resolvers.backends.base import (
    BackendError,
    Connection,
    Flow,
    Garbled,
    Login,
    Pass,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Wire,
)

SUITEQL = "/services/rest/query/v1/suiteql"
TOKEN = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - an address
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
STATEMENT_S = 300  # how long what we sign is good for; an hour at most
USUAL_S = 3600.0
LIMITED = frozenset({"CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED", "WS_REQUEST_BLOCKED"})
CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
SECONDS = re.compile(r"[0-9]{1,6}")


class Detail(msgspec.Struct, frozen=True):
    code: str = msgspec.field(name="o:errorCode", default="")


class Problem(msgspec.Struct, frozen=True):
    details: list[Detail] = msgspec.field(name="o:errorDetails", default_factory=list)


class Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int | str = ""


class Session:
    """`username` is the client id, `password` the private key (PKCS #8): as PEM, or its lines of base64 alone.

    Raises ValueError for what is no such key.
    """

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._client = connection.username
        self._certificate = connection.options.get("certificate_id", "")
        self._audience = connection.options.get("audience") or connection.base_url.rstrip("/") + TOKEN
        self._signing = _key(system, connection.password) if connection.password else None
        self._login = Login(self._token)

    async def query(self, wire: Wire, sql: str, limit: int, offset: int) -> bytes:
        """One page of a query's answer."""
        held = await self._login.current(wire)
        reply = await wire.send(_asking(sql, limit, offset, held))
        if reply.status == 401:
            self._login.refused(held)
            held = await self._login.current(wire)
            reply = await wire.send(_asking(sql, limit, offset, held))
        if reply.status == 401:
            self._login.refused(held)
        if reply.status != 200:
            raise failure(self._system, reply)
        return reply.body

    def _token(self) -> Flow[Pass]:
        sent_at = time.monotonic()
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
        body = urlencode(form | {"client_assertion": self._statement()}).encode()
        headers = (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"))
        reply = yield Request("POST", TOKEN, headers, body)
        if reply.status != 200:
            raise failure(self._system, reply)
        try:
            token = msgspec.json.decode(reply.body, type=Token)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Garbled(self._system, f"what it gave for a login is no token: {type(error).__name__}") from error
        if not (token.access_token.isascii() and token.access_token.isprintable()):
            raise Garbled(self._system, "what it gave for a login is no token")
        return Pass((("Authorization", f"Bearer {token.access_token}"),), sent_at + lifetime(token.expires_in))

    def _statement(self) -> str:
        if self._signing is None:
            raise Refused(self._system, "there is no key to sign a login with")
        key, algorithm = self._signing
        now = int(time.time())
        claims = {"iss": self._client, "scope": ["rest_webservices"], "aud": self._audience, "iat": now}
        header = {"typ": "JWT", "alg": algorithm, "kid": self._certificate}
        return jwt.encode(header, claims | {"exp": now + STATEMENT_S}, key, [algorithm])


def _asking(sql: str, limit: int, offset: int, held: Pass) -> Request:
    headers = (("Accept", "application/json"), ("Content-Type", "application/json"), ("Prefer", "transient"))
    body = msgspec.json.encode({"q": sql})
    return Request("POST", f"{SUITEQL}?limit={limit}&offset={offset}", (*headers, *held.headers), body)


def _key(system: str, text: str) -> tuple[ECKey | RSAKey, str]:
    """A key to sign with, and the algorithm that goes with it: ES256, ES384 or ES512 by the curve, PS256 for RSA."""
    body = text.strip().replace("\\n", "\n")
    pem = body if body.startswith("-----") else f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    kinds: tuple[Any, ...] = (ECKey, RSAKey)
    for kind in kinds:
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        return key, ALGORITHMS.get(key.curve_name, "") if kind is ECKey else "PS256"
    raise ValueError(f"{system}: its password is a private key, PKCS #8 in PEM or base64")


def lifetime(stated: int | str) -> float:
    """Seconds a token holds. NetSuite states them as text; one that says nothing usable holds an hour."""
    text = str(stated).strip()
    return float(text) if SECONDS.fullmatch(text) else USUAL_S


def failure(system: str, reply: Reply) -> BackendError:
    code = _code(reply.body)
    why = f"{reply.status} {code}".strip()
    if reply.status == 429 or (reply.status == 400 and code in LIMITED):
        return Throttled(system, why, _retry_after(reply))
    if reply.status >= 500:
        return Unavailable(system, why, _retry_after(reply))
    return Refused(system, why) if reply.status >= 300 else Garbled(system, why)


def _code(body: bytes) -> str:
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return next((detail.code for detail in problem.details if CODE.fullmatch(detail.code)), "")


def _retry_after(reply: Reply) -> float | None:
    """None has ever been seen, but clients look for it."""
    text = reply.headers.get("retry-after", "").strip()
    return float(text) if SECONDS.fullmatch(text) else None
