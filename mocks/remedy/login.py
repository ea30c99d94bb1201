"""Log in, log out, and who may speak to this server: tokens that are signed JWTs, sent as `AR-JWT`, never as Bearer.

The body of a successful login is the bare token, as plain text. Claims are sub, iss, iat, nbf (two minutes before iat),
exp and _cacheId. A missing, unknown or expired token is answered like a wrong login (401 with error 623; the facts do
not pin it down). Tokens are void after logout, and when the control desk expires logins. The clock is the real one: a
world that stands still does not keep a token alive.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mocks.control import login_epoch, note
from mocks.remedy.errors import unauthenticated

USERNAME = "remedy.gateway"
PASSWORD = "remedy-demo"  # noqa: S105 - of a fictional system
SKEW = 120


class Login:
    """Tokens last `token_seconds`."""

    def __init__(self, token_seconds: float = 3600) -> None:
        self._seconds = token_seconds
        self._key = secrets.token_bytes(32)
        self._issued: dict[str, tuple[float, int]] = {}

    async def log_in(self, request: Request) -> Response:
        """POST /api/jwt/login"""
        note(request, "login")
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (form.get(field, [""])[0] for field in ("username", "password"))
        known = hmac.compare_digest(name.encode(), USERNAME.encode())
        if not known & hmac.compare_digest(password.encode(), PASSWORD.encode()):
            raise unauthenticated(name)
        return PlainTextResponse(self._issue(login_epoch(request)))

    async def log_out(self, request: Request) -> Response:
        """POST /api/jwt/logout"""
        note(request, "logout")
        del self._issued[self._held(request)]
        return Response(status_code=204)

    def check(self, request: Request) -> None:
        """Raises the error for who is not logged in."""
        self._held(request)

    def _held(self, request: Request) -> str:
        """The token's own id."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        identity = self._identity(token.strip()) if scheme == "AR-JWT" else ""
        until, epoch = self._issued.get(identity, (0.0, 0))
        if time.time() >= until or epoch != login_epoch(request):
            raise unauthenticated()
        return identity

    def _issue(self, epoch: int) -> str:
        now = time.time()
        self._issued = {identity: held for identity, held in self._issued.items() if held[0] > now}
        identity = secrets.token_hex(12)
        self._issued[identity] = (now + self._seconds, epoch)
        moments = {"iat": int(now), "nbf": int(now) - SKEW, "exp": int(now + self._seconds)}
        claims = {"sub": USERNAME, "iss": "ars.example", "_cacheId": identity, **moments}
        signed = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
        return f"{signed}.{_text(self._signature(signed))}"

    def _identity(self, token: str) -> str:
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(_text(self._signature(signed)).encode(), signature.encode()):
            return ""
        payload = signed.partition(".")[2]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["_cacheId"])

    def _signature(self, signed: str) -> bytes:
        return hmac.digest(self._key, signed.encode("utf-8", "replace"), hashlib.sha256)


def _part(claims: Mapping[str, object]) -> str:
    return _text(json.dumps(claims).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
