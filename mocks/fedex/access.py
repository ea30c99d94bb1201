"""Who may ask FedEx: a client of its token endpoint, for as long as a token lasts."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import login_epoch, note
from mocks.fedex.errors import FedexError, unauthorized

CLIENT_ID = "l7fedexdemo"
CLIENT_SECRET = "fedex-demo"  # noqa: S105 - of a fictional company
GUEST_ID = "l7fedexguest"
WINDOW = 10.0
MOST_LOGINS = 100


class Pace:
    """At most so many in any ten seconds."""

    def __init__(self, most: int) -> None:
        self._times: deque[float] = deque(maxlen=most)

    def full(self) -> bool:
        """Whether there were as many already; if not, this is one more."""
        now = time.monotonic()
        if len(self._times) == self._times.maxlen and now - self._times[0] < WINDOW:
            return True
        self._times.append(now)
        return False


class Access:
    """Tokens last `token_seconds`, and no longer than the log-in epoch of the mock's control."""

    def __init__(self, token_seconds: float) -> None:
        self._seconds = token_seconds
        self._tokens: dict[str, tuple[float, int, str]] = {}
        self._logins = Pace(MOST_LOGINS)

    async def token(self, request: Request) -> Response:
        """POST /oauth/token"""
        note(request, "token")
        if self._logins.full():
            raise FedexError(403, "FORBIDDEN.ERROR", "We could not authorize your credentials. Please try again later.")
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        client = form.get("client_id", "")
        secret = hmac.compare_digest(form.get("client_secret", "").encode(), CLIENT_SECRET.encode())
        if client not in (CLIENT_ID, GUEST_ID) or not secret or form.get("grant_type") != "client_credentials":
            raise unauthorized("The given client credentials were not valid.")
        token = self._issue(client, login_epoch(request))
        body = {"access_token": token, "token_type": "bearer", "expires_in": int(self._seconds), "scope": "CXS"}
        return JSONResponse(body)

    def check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until, epoch, client = self._tokens.get(token.strip(), (0.0, 0, ""))
        if scheme.lower() != "bearer" or time.monotonic() >= until or epoch != login_epoch(request):
            raise unauthorized("Access token expired.")
        if client == GUEST_ID:
            raise unauthorized("Your project does not have this API.")

    def _issue(self, client: str, epoch: int) -> str:
        now = time.monotonic()
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        token = secrets.token_urlsafe(48)
        self._tokens[token] = (now + self._seconds, epoch, client)
        return token
