"""OAuth 2.0 for machines: a client signs a statement about itself with a key whose certificate NetSuite knows.

`POST /services/rest/auth/oauth2/v1/token` takes `client_credentials` with a JWT as `client_assertion`: PS256 … ES512,
never RS256; `kid` names the certificate, `iss` the client, `scope` has `rest_webservices`, `aud` is this endpoint, and
`exp` is at most an hour after `iat`. The answer's `expires_in` is text. There is no refresh token: sign again.

A mock is reached at many addresses (another port, a proxy in front), so of `aud` only the path has to be right. The
clock for all this is the real one: a world that stands still does not keep a token alive. Token-based authentication
(OAuth 1.0a), which the real one takes as well, is not played.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import login_epoch, note
from mocks.netsuite.errors import not_logged_in

ACCOUNT = "1234567_SB1"
CLIENT_ID = "d3b0a1customer360netsuite"
CERTIFICATE_ID = "custcertificate_c360_demo"
# Key and certificate of the fictional company's demo, no secret: PKCS #8 in base64, as PEM has it between its dashes.
PRIVATE_KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXvSpc3wYk+rYnd0W3AS14CrP96vRXq1rOQd+TrYpIiKhRANC"
    "AASesuPor1klOyoBYE5jggSUw5HcbuTCtsrSkJ43sW2ktRV8TRQYs4qJ7gCdZ4C9U/1O+TL/kuQXb2zV27u6kPpd"
)
PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnrLj6K9ZJTsqAWBOY4IElMOR3G7kwrbK0pCeN7FtpLUVfE0UGLOKie4AnWeA"
    "vVP9Tvky/5LkF29s1du7upD6XQ=="
)
ALGORITHMS = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - an address
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 3600
SCOPE = "rest_webservices"


class Login:
    """Tokens are void `seconds` after they were issued, and when the control desk expires logins."""

    def __init__(self, seconds: float = 3600) -> None:
        self._seconds = seconds
        pem = f"-----BEGIN PUBLIC KEY-----\n{PUBLIC_KEY}\n-----END PUBLIC KEY-----"
        self._certificate = ECKey.import_key(pem)
        self._tokens: dict[str, tuple[float, int]] = {}

    def check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until, epoch = self._tokens.get(token.strip() if scheme.lower() == "bearer" else "", (0.0, 0))
        if time.monotonic() >= until or epoch != login_epoch(request):
            raise not_logged_in(ACCOUNT)

    async def token(self, request: Request) -> Response:
        note(request, "login")
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        if given.get("grant_type") != "client_credentials" or given.get("client_assertion_type") != JWT_BEARER:
            return _refused("invalid_request", "The grant type or the client assertion type is not supported.")
        if why := self._wrong(given.get("client_assertion", "")):
            return _refused("invalid_client", why)
        return JSONResponse(
            {"access_token": self._issue(request), "expires_in": str(int(self._seconds)), "token_type": "bearer"},
            headers={"Cache-Control": "no-store"},
        )

    def _wrong(self, assertion: str) -> str:
        """Why a client is not believed; "" for one who is."""
        try:
            token = jwt.decode(assertion, self._certificate, ALGORITHMS)
        except (JoseError, ValueError):
            return "The signature of the client assertion cannot be verified."
        if token.header.get("kid") != CERTIFICATE_ID or token.claims.get("iss") != CLIENT_ID:
            return "There is no mapping of this client and certificate."
        return _stale(token.claims) or _elsewhere(token.claims)

    def _issue(self, request: Request) -> str:
        now = time.monotonic()
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (now + self._seconds, login_epoch(request))
        return token


def _stale(claims: dict[str, Any]) -> str:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int) or not issued < expires <= issued + LONGEST:
        return "The client assertion has to expire within an hour of its issue."
    return "" if issued - 60 <= time.time() < expires else "The client assertion is not valid now."


def _elsewhere(claims: dict[str, Any]) -> str:
    scopes, audience = claims.get("scope"), claims.get("aud")
    if SCOPE not in ([scopes] if isinstance(scopes, str) else scopes or ()):
        return "The scope of the client assertion is not permitted."
    aimed = audience[0] if isinstance(audience, list) and len(audience) == 1 else audience
    right = isinstance(aimed, str) and urlsplit(aimed).path == TOKEN_PATH
    return "" if right else "The audience of the client assertion is somebody else."


def _refused(error: str, why: str) -> Response:
    challenge = f'Bearer realm="{ACCOUNT}", error="{error}", error_description="{why}"'
    headers = {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}
    return Response(json.dumps({"error": error, "error_description": why}), 400, headers, "application/json")
