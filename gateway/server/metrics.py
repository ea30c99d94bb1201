"""GET /metrics: the gateway's numbers, for a token of a role that holds `operations` or for the scraper's own key.

Not for whoever is on this machine: behind a proxy everybody would be.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth import Principal
from gateway.auth.tokens import Verify
from gateway.errors import Code, HttpProblem


@dataclass(frozen=True, slots=True)
class Metrics:
    """key: what a scraper sends as its bearer token; empty: there is none. informed: whether a role may read this."""

    registry: CollectorRegistry
    verify: Verify
    informed: Callable[[Principal], bool]
    bearer: Callable[[list[str]], str]
    key: bytes = b""

    async def answer(self, request: Request) -> Response:
        token = self.bearer(request.headers.getlist("authorization"))
        scraper = self.key and hmac.compare_digest(token.encode(), self.key)
        if not scraper and not self.informed(await self.verify(token)):
            raise HttpProblem(403, "These numbers are for roles that hold `operations`.", code=Code.NOT_ALLOWED)
        encode, media = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.registry), media_type=media)

    def route(self) -> Route:
        return Route("/metrics", self.answer, methods=["GET"])
