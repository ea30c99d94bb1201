"""Who may ask UPS: a client of its token endpoint, which identifies itself by Basic."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import login_epoch, note
from mocks.ups.errors import UpsError

CLIENT_ID = "ups-demo-client"
CLIENT_SECRET = "ups-demo"  # noqa: S105 - of a fictional company


class Access:
    """Tokens last `token_seconds`, and no longer than the log-in epoch of the mock's control."""

    def __init__(self, token_seconds: float) -> None:
        self._seconds = token_seconds
        self._tokens: dict[str, tuple[float, int]] = {}

    async def token(self, request: Request) -> Response:
        """POST /security/v1/oauth/token"""
        note(request, "token")
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        client, secret = _pair(credentials) if scheme.lower() == "basic" else ("", "")
        known = hmac.compare_digest(client.encode(), CLIENT_ID.encode())
        if not known & hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
            raise UpsError(401, "10401", "ClientId is Invalid")
        if form.get("grant_type") != "client_credentials":
            raise UpsError(400, "10400", "Invalid/Missing Authorization Header")
        return JSONResponse(self._issue(login_epoch(request)))

    def check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until, epoch = self._tokens.get(token.strip(), (0.0, 0))
        if scheme.lower() != "bearer" or not until:
            raise UpsError(401, "250002", "Invalid Authentication Information.")
        if time.monotonic() >= until or epoch != login_epoch(request):
            raise UpsError(401, "250003", "Invalid Access License number")

    def _issue(self, epoch: int) -> dict[str, str]:
        now = time.monotonic()
        if len(self._tokens) > 10_000:
            self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(48)
        self._tokens[token] = (now + self._seconds, epoch)
        told = {"token_type": "Bearer", "issued_at": str(int(time.time() * 1000)), "client_id": CLIENT_ID}
        return told | {"access_token": token, "expires_in": str(int(self._seconds)), "status": "approved"}


def _pair(credentials: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return name, secret
