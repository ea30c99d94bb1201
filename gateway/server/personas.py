"""POST /dev/token, GET /dev/personas: on a developer's own machine, be somebody else with one click.

Who can mint a token can be anybody, so this door is there in dev mode alone, and opens only for who

* comes to this machine's own address (`Host` exactly ours: a name that an attacker's DNS points here is refused),
* from a page of this gateway (`Origin` exactly ours; a script without a page says the same on purpose),
* with the secret of this start, which is printed where only who started it can read it,
* while every system behind it is one of our mocks: invented people, nobody's data.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.auth import SCOPE
from gateway.auth.tokens import Tokens
from gateway.errors import Code, HttpProblem
from gateway.policy import Policy
from gateway.server.asking import body_of
from gateway.server.media import require_json
from gateway.settings import loopback
from gateway.strict_json import NotJson, read_json

SECRET = "x-dev-secret"  # noqa: S105 - the name of a header
LARGEST = 4096
SECONDS = 5.0
LONGEST = 3600
TEXTS = ("role", "subject", "client", "purpose", "customer")
LISTS = ("scopes",)
KNOWN = {*TEXTS, *LISTS, "keys", "ttl"}


@dataclass(frozen=True, slots=True)
class Personas:
    """stranger: the name of a system that is none of our mocks, or None when all are."""

    tokens: Tokens
    policy: Policy
    secret: str = field(repr=False)
    stranger: Callable[[], Awaitable[str | None]]

    def routes(self) -> list[Route]:
        return [
            Route("/dev/token", self.mint, methods=["POST"]),
            Route("/dev/personas", self.personas, methods=["GET"]),
        ]

    async def mint(self, request: Request) -> Response:
        require_json(request.headers)
        await self._let_in(request)
        said = _said(await body_of(request.stream(), LARGEST, SECONDS))
        ttl = said.get("ttl", LONGEST)
        try:
            if type(ttl) is not int or not 0 < ttl <= LONGEST:
                raise ValueError(f"ttl is a whole number of seconds, {LONGEST} at the most")
            token = self.tokens.mint(**{"ttl": ttl, "scopes": (SCOPE,), "client": "personas", **said})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise HttpProblem(400, f"No such token: {error}") from error
        return JSONResponse({"token": token, "expiresIn": ttl})

    async def personas(self, request: Request) -> Response:
        """Whom one can be: roles, and partners' clients."""
        await self._let_in(request)
        roles = [
            {"role": role.name, "title": role.title, "purposes": list(role.purposes), "group": role.group}
            for role in self.policy.roles.values()
        ]
        partners = [
            {"client": one.client, "role": one.role, "title": one.title, "purposes": list(one.purposes)}
            for one in self.policy.partners.values()
        ]
        return JSONResponse({"roles": roles, "partners": partners})

    async def _let_in(self, request: Request) -> None:
        here = _here(request)
        if request.headers.getlist("host") != [here] or request.headers.getlist("origin") != [f"http://{here}"]:
            raise _closed("it is for pages of this gateway, at its own address (Host, Origin)")
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise _closed("it is for pages of this gateway (Sec-Fetch-Site)")
        given = request.headers.getlist(SECRET)
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(), self.secret.encode()):
            raise _closed("it needs the secret of this start (X-Dev-Secret)")
        if name := await self.stranger():
            raise _closed(f"{name} is not known to be one of our mocks, and what is behind it may be real")


def _here(request: Request) -> str:
    """This machine's address, as a browser that came to it names it; empty when it came to another."""
    host, port = request.scope.get("server") or ("", None)
    ours = {f"[{host}]:{port}" if ":" in host else f"{host}:{port}", f"localhost:{port}"}
    named = request.headers.get("host", "")
    return named if loopback(host) and named in ours else ""


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = read_json(body)
    except NotJson as error:
        raise HttpProblem(400, f"The body cannot be read: {error}.") from error
    if not isinstance(said, dict) or not said.keys() <= KNOWN or "role" not in said:
        raise HttpProblem(400, f"Send an object with `role`, and what you like of {', '.join(sorted(KNOWN))}.")
    if not all(isinstance(said[name], str) for name in TEXTS if name in said):
        raise HttpProblem(400, f"{', '.join(TEXTS)} are texts.")
    if not all(_words(said[name]) for name in LISTS if name in said) or not _keys(said.get("keys", {})):
        raise HttpProblem(400, "scopes is a list of texts, keys an object of such lists.")
    return said


def _words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _keys(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_words, value.values()))


def _closed(why: str) -> HttpProblem:
    return HttpProblem(403, f"This door is closed: {why}.", code=Code.NOT_ALLOWED)
