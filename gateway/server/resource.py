"""What a client needs to know to get a token for here: protected-resource metadata (RFC 9728), for everybody to read.

The address is what the settings say, never what a request says its Host is: who could choose it could send clients to
an authorization server of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.catalogue import SettingsError
from gateway.errors import HttpProblem
from gateway.server.answers import problem
from gateway.settings import Settings

WELL_KNOWN = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True, slots=True)
class Resource:
    """`url`: this gateway, as its callers know it. `issuers`: whose tokens it takes. `scopes`: what they may be for."""

    url: str
    issuers: Collection[str]
    scopes: Collection[str]

    @classmethod
    def of(cls, settings: Settings, scopes: Collection[str]) -> Resource:
        host, port = settings.text("listen.host"), settings.number("listen.port")
        here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        url = str(settings.address("auth.resource")) if settings.text("auth.resource") else here
        if "?" in url:
            raise SettingsError("auth.resource: an address of a resource has no ?")
        issuers = [settings.text(f"issuers.{name}.url") for name in settings.issuers()]
        return cls(url.rstrip("/"), sorted(issuers), sorted(scopes))

    @property
    def path(self) -> str:
        """Where the metadata is: the well-known path goes between host and path of the resource (§3.1)."""
        return WELL_KNOWN + urlsplit(self.url).path

    def document(self) -> dict[str, Any]:
        told = {
            "resource": self.url,
            "resource_name": "customer360",
            "authorization_servers": list(self.issuers),
            "scopes_supported": list(self.scopes),
            "bearer_methods_supported": ["header"],
        }
        return {name: value for name, value in told.items() if value}

    def route(self) -> Route:
        async def answer(request: Request) -> Response:
            return JSONResponse(self.document())

        return Route(self.path, answer, methods=["GET"])

    async def problem(self, request: Request, error: Exception) -> Response:
        """A refusal; one that asks for a token says where to read what kind (§5.1)."""
        response = await problem(request, error)
        if isinstance(error, HttpProblem) and "WWW-Authenticate" in error.headers:
            at = urlsplit(self.url)
            challenge = f'{error.headers["WWW-Authenticate"]}, resource_metadata="{at.scheme}://{at.netloc}{self.path}"'
            response.headers["WWW-Authenticate"] = challenge
        return response


def published(document: Mapping[str, Any]) -> Route:
    """Our own public keys, for systems that check what we say of our callers (RFC 7517)."""

    async def answer(request: Request) -> Response:
        return JSONResponse(document)

    return Route("/.well-known/jwks.json", answer, methods=["GET"])
