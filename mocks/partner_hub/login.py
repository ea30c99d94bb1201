"""Who may speak to the hub: one OAuth 2 client, with tokens that end.

Tokens are void `token_seconds` after they were issued, and when the control desk expires logins.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse

from mocks.control import login_epoch, note
from mocks.partner_hub.problem import Problem

CLIENT = "customer360"
SECRET = "partner-hub-demo"  # noqa: S105 - of a fictional system
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Login:
    def __init__(self, token_seconds: float = 3600) -> None:
        self._seconds = token_seconds
        self._tokens: dict[str, tuple[float, int]] = {}

    def check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until, epoch = self._tokens.get(token.strip(), (0.0, 0)) if scheme.lower() == "bearer" else (0.0, 0)
        if time.monotonic() >= until or epoch != login_epoch(request):
            raise Problem(401, "The access token is missing, unknown or over", {"WWW-Authenticate": "Bearer"})

    async def token(self, request: Request) -> JSONResponse:
        """POST /oauth/token"""
        note(request, "login")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        if not _known(*_given(request.headers.get("authorization", ""), form)):
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": 'Basic realm="hub"'})
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400, NO_STORE)
        now = time.monotonic()
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (now + self._seconds, login_epoch(request))
        body = {"access_token": token, "token_type": "Bearer", "expires_in": self._seconds}
        return JSONResponse(body, headers=NO_STORE)


def _given(header: str, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, password = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return name, password


def _known(name: str, password: str) -> bool:
    return hmac.compare_digest(name.encode(), CLIENT.encode()) & hmac.compare_digest(password.encode(), SECRET.encode())
