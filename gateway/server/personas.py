"""POST /dev/token, GET /dev/personas: on a developer's own machine, be somebody else with one click.

Behind the threshold of all doors of dev mode (`threshold`): its own address, a page of its own, the secret of this
start, and nothing but mocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.auth import SCOPE
from gateway.auth.tokens import Tokens
from gateway.errors import HttpProblem
from gateway.examples import Example
from gateway.policy import Policy
from gateway.server.asking import body_of
from gateway.server.media import require_json
from gateway.server.threshold import Threshold
from gateway.strict_json import NotJson, read_json

LARGEST = 4096
SECONDS = 5.0
LONGEST = 3600
TEXTS = ("role", "subject", "client", "purpose", "customer")
LISTS = ("scopes",)
KNOWN = {*TEXTS, *LISTS, "keys", "ttl"}


@dataclass(frozen=True, slots=True)
class Personas:
    """begin: questions to begin with, each by somebody one can be."""

    tokens: Tokens
    policy: Policy
    threshold: Threshold
    begin: Sequence[Example] = ()

    def routes(self) -> list[Route]:
        return [
            Route("/dev/token", self.mint, methods=["POST"]),
            Route("/dev/personas", self.personas, methods=["GET"]),
        ]

    async def mint(self, request: Request) -> Response:
        require_json(request.headers)
        await self.threshold.let_in(request)
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
        """Whom one can be: roles, partners' clients, and those who ask the examples."""
        await self.threshold.let_in(request)
        roles = [
            {
                "role": role.name,
                "title": role.title,
                "purposes": list(role.purposes),
                "group": role.group,
                "relations": sorted({name for rule in role.rules for name in rule.relations} - {"consenting"}),
            }
            for role in self.policy.roles.values()
        ]
        partners = [
            {"client": one.client, "role": one.role, "title": one.title, "purposes": list(one.purposes)}
            for one in self.policy.partners.values()
        ]
        return JSONResponse({"roles": roles, "partners": partners, "examples": list(map(_example, self.begin))})


def _example(one: Example) -> dict[str, Any]:
    by = one.persona
    told = {"role": by.role, "client": by.client, "purpose": by.purpose, "keys": by.keys}
    return {
        "name": one.name,
        "title": one.title,
        "persona": told | ({"by": dict([by.customer])} if by.customer else {}),
    }


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
