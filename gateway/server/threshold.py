"""Who may use the doors of dev mode (`/dev/…`): whoever started this gateway, over mocks, and nobody else.

Who can mint a token can be anybody, and who can stop a system can spoil a day, so these doors are there in dev mode
alone, and open only for who

* comes to this machine's own address (`Host` exactly ours: a name that an attacker's DNS points here is refused),
* from a page of this gateway (`Origin` exactly ours; a script without a page says the same on purpose; a page that only
  reads sends none, and then it is the browser that says so, in `Sec-Fetch-Site`, which no script can set),
* with the secret of this start, which is printed where only who started it can read it,
* while every system behind it is one of our mocks: invented people, nobody's data.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from gateway.errors import Code, HttpProblem
from gateway.settings import loopback

SECRET = "x-dev-secret"  # noqa: S105 - the name of a header
SITE = "sec-fetch-site"


@dataclass(frozen=True, slots=True)
class Threshold:
    """stranger: the name of a system that is none of our mocks, or None when all are."""

    secret: str = field(repr=False)
    stranger: Callable[[], Awaitable[str | None]]

    async def let_in(self, request: Request) -> None:
        """Raises `HttpProblem` (403) with the reason for everybody else."""
        here = _here(request)
        if request.headers.getlist("host") != [here] or not _from_our_page(request, f"http://{here}"):
            raise closed("it is for pages of this gateway, at its own address (Host, Origin)")
        if request.headers.get(SITE, "same-origin") != "same-origin":
            raise closed("it is for pages of this gateway (Sec-Fetch-Site)")
        given = request.headers.getlist(SECRET)
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(), self.secret.encode()):
            raise closed("it needs the secret of this start (X-Dev-Secret)")
        if name := await self.stranger():
            raise closed(f"{name} is not known to be one of our mocks, and what is behind it may be real")


def _from_our_page(request: Request, ours: str) -> bool:
    given = request.headers.getlist("origin")
    reading = request.method == "GET" and request.headers.getlist(SITE) == ["same-origin"]
    return given == [ours] or (not given and reading)


def _here(request: Request) -> str:
    """This machine's address, as a browser that came to it names it; empty when it came to another."""
    host, port = request.scope.get("server") or ("", None)
    ours = {f"[{host}]:{port}" if ":" in host else f"{host}:{port}", f"localhost:{port}"}
    named = request.headers.get("host", "")
    return named if loopback(host) and named in ours else ""


def closed(why: str) -> HttpProblem:
    return HttpProblem(403, f"This door is closed: {why}.", code=Code.NOT_ALLOWED)
