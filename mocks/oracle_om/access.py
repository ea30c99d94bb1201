"""Who may ask: Basic, or a bearer token of the identity domain (`POST /oauth2/v1/token`, client credentials)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse

from mocks import control
from mocks.oracle_om.problem import Problem

USERNAME = "OPS.INTEGRATION"
PASSWORD = "oracle-demo"  # noqa: S105 - the fictional company's demo password, no secret
GUEST = "OPS.GUEST"
CLIENT_ID = "customer360"
CLIENT_SECRET = "oracle-demo"  # noqa: S105 - as above
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Oracle Fusion"'}
MOST_TOKENS = 10_000


class Access:
    """Tokens live `lifetime` seconds, and no longer than the log-in epoch of the mock's control."""

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._tokens: dict[str, tuple[float, int]] = {}

    def admit(self, request: Request) -> None:
        """Raises Problem 401 for who is unknown, 403 for who lacks the privilege."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                self._basic(credentials.strip())
            case "bearer" if self._valid(credentials.strip(), request):
                return
            case _:
                raise unauthorized()

    async def token(self, request: Request) -> JSONResponse:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        given = {name: values[-1] for name, values in form.items()}
        client = _pair(request.headers.get("authorization", "").removeprefix("Basic ")) or (
            given.get("client_id", ""),
            given.get("client_secret", ""),
        )
        if not (_same(client[0], CLIENT_ID) and _same(client[1], CLIENT_SECRET)):
            return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed."}, 401)
        if given.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        return JSONResponse(
            {"access_token": self._issue(request), "token_type": "Bearer", "expires_in": int(self._lifetime)},
            headers={"Cache-Control": "no-store"},
        )

    def _issue(self, request: Request) -> str:
        now = time.monotonic()
        if len(self._tokens) >= MOST_TOKENS:
            self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (now + self._lifetime, control.login_epoch(request))
        return token

    def _valid(self, token: str, request: Request) -> bool:
        held = self._tokens.get(token)
        return held is not None and held[0] > time.monotonic() and held[1] == control.login_epoch(request)

    @staticmethod
    def _basic(credentials: str) -> None:
        name, password = _pair(credentials) or ("", "")
        if not _same(password, PASSWORD) or name.upper() not in (USERNAME, GUEST):
            raise unauthorized()
        if name.upper() == GUEST:
            raise Problem(403, "You don't have the privilege to view sales orders.", "27530")


def unauthorized() -> Problem:
    return Problem(401, "Unauthorized", "27531", headers=CHALLENGE)


def _pair(credentials: str) -> tuple[str, str] | None:
    try:
        name, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
