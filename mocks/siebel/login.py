"""Who may speak to this Siebel, and the identity provider that hands out tokens for it (Siebel itself issues none).

Which of Basic and Bearer is taken is one setting for the whole server, as with the real one; `either` is ours, so that
one running mock serves both configurations. The provider is an OAuth 2 token endpoint: client credentials only, the
client authenticated by Basic or by form fields. It knows one client, with the name and secret of the Siebel login.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from typing import Literal
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse

from mocks.control import login_epoch, note
from mocks.siebel.refusal import Refusal

USERNAME = "SADMIN"
PASSWORD = "siebel-demo"  # noqa: S105 - of a fictional system
Scheme = Literal["basic", "bearer", "either"]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Login:
    """Tokens are void `token_seconds` after they were issued, and when the control desk expires logins."""

    def __init__(self, scheme: Scheme = "either", token_seconds: float = 3600) -> None:
        self._schemes = ("basic", "bearer") if scheme == "either" else (scheme,)
        self._seconds = token_seconds
        self._tokens: dict[str, tuple[float, int]] = {}

    def check(self, request: Request) -> None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in self._schemes or not self._holds(scheme.lower(), credentials.strip(), request):
            challenge = ", ".join(f'{scheme.title()} realm="siebel"' for scheme in self._schemes)
            raise Refusal(401, "The login name or password is not valid", headers={"WWW-Authenticate": challenge})

    def _holds(self, scheme: str, credentials: str, request: Request) -> bool:
        if scheme == "basic":
            return _known(*_basic(credentials))
        until, epoch = self._tokens.get(credentials, (0.0, 0))
        return time.monotonic() < until and epoch == login_epoch(request)

    async def token(self, request: Request) -> JSONResponse:
        """POST /oauth2/v1/token"""
        note(request, "login")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        inline = form.get("client_id", ""), form.get("client_secret", "")
        if not _known(*(_basic(credentials.strip()) if scheme.lower() == "basic" else inline)):
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": 'Basic realm="idp"'})
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400, NO_STORE)
        return JSONResponse(self._issue(login_epoch(request)), headers=NO_STORE)

    def _issue(self, epoch: int) -> dict[str, object]:
        now = time.monotonic()
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (now + self._seconds, epoch)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self._seconds}


def _basic(credentials: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return name, password


def _known(name: str, password: str) -> bool:
    return hmac.compare_digest(name.encode(), USERNAME.encode()) & hmac.compare_digest(
        password.encode(), PASSWORD.encode()
    )
