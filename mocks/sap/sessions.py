"""Who is asking, and the token that has to come with anything but a read.

Basic authentication on every request; a wrong one gets SAP's HTML page (401). `GET` or `HEAD` with
`X-CSRF-Token: Fetch` opens a session: the answer carries the token and the cookies it is tied to. Any other method
needs that token with that session's cookie, else 403, `x-csrf-token: Required`, `CSRF token validation failed`.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections import OrderedDict
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from mocks.control import login_epoch

USERNAME = "S4_COMM_USER"
PASSWORD = "sap-demo"  # noqa: S105 - the credentials of a fictional system, printed in the README
CLIENT = "100"
SESSION_COOKIE = f"SAP_SESSIONID_S4H_{CLIENT}"
XSRF_COOKIE = f"sap-XSRF_S4H_{CLIENT}"
MOST_SESSIONS = 1000
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Anmeldung fehlgeschlagen / Logon Error</title></head>"
    "<body><h1>401 Unauthorized</h1><p>Logon failed</p></body></html>"
)


class Sessions:
    """The sessions this server has open: id → (token, login epoch); the oldest make room for new ones."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def grant(self, request: Request, response: Response) -> None:
        """Give a token, and cookies when the caller has no session yet."""
        session = request.cookies.get(SESSION_COOKIE, "")
        if self._token(session, request) is None:
            session = self._begin(request)
            for name, value in ((SESSION_COOKIE, session), (XSRF_COOKIE, secrets.token_urlsafe(12))):
                response.headers.append("set-cookie", f"{name}={value}; path=/; HttpOnly")
            response.headers.append("set-cookie", f"sap-usercontext=sap-client={CLIENT}; path=/")
        response.headers["x-csrf-token"] = self._open[session][0]

    def trusts(self, request: Request) -> bool:
        token = self._token(request.cookies.get(SESSION_COOKIE, ""), request)
        given = request.headers.get("x-csrf-token", "")
        return token is not None and compare_digest(token.encode(), given.encode())

    def _begin(self, request: Request) -> str:
        session = secrets.token_urlsafe(24)
        self._open[session] = (secrets.token_urlsafe(16), login_epoch(request))
        if len(self._open) > MOST_SESSIONS:
            self._open.popitem(last=False)
        return session

    def _token(self, session: str, request: Request) -> str | None:
        token, epoch = self._open.get(session, (None, -1))
        return token if epoch == login_epoch(request) else None


def known(request: Request) -> bool:
    """Right user, right password, a client that exists."""
    client = request.query_params.get("sap-client") or request.headers.get("sap-client") or CLIENT
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    right = compare_digest(given, f"{USERNAME}:{PASSWORD}".encode())
    return scheme.lower() == "basic" and right and client == CLIENT


def stranger() -> Response:
    challenge = f'Basic realm="SAP NetWeaver Application Server [S4H/{CLIENT}]"'
    return HTMLResponse(LOGIN_PAGE, 401, {"www-authenticate": challenge})


def token_required() -> Response:
    return PlainTextResponse("CSRF token validation failed", 403, {"x-csrf-token": "Required"})
