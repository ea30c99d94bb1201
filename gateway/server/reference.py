"""GET /docs/…: the reference of the graph (`gateway.docs`), as much of it as who reads may name.

Without a token that is what is public. A page has no script, and loads its style from here and nothing else. Names of
pages are looked up in the book: nothing in a request becomes a path.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.auth import Principal
from gateway.docs import STYLE, Book, contents
from gateway.errors import Code, HttpProblem

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
GUARDS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
NO_PAGE = "The reference has no such page, for you at least: begin at /docs."

Books = Callable[[Principal | None], Book]
"""The book of a caller; None: of whoever comes without a token."""


@dataclass(frozen=True, slots=True)
class Reference:
    """admit: who asks, by their token. public: pages of what is public, as far as anybody has read them."""

    books: Books
    admit: Callable[[Request], Awaitable[Principal]]
    public: dict[str, str] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        return [
            Route("/docs", self.first, methods=["GET"]),
            Route("/docs/style.css", self.style, methods=["GET"]),
            Route("/docs/{name:path}", self.page, methods=["GET"]),
        ]

    async def first(self, request: Request) -> Response:
        return RedirectResponse("/docs/index.html", 307)

    async def style(self, request: Request) -> Response:
        return Response(STYLE.read_bytes(), media_type="text/css", headers=GUARDS)

    async def page(self, request: Request) -> Response:
        who = await self.admit(request) if "authorization" in request.headers else None
        text = await asyncio.to_thread(self._text, who, request.path_params["name"])
        if text is None:
            raise HttpProblem(404, NO_PAGE, code=Code.NOT_FOUND)
        return Response(text, media_type="text/html", headers=GUARDS | {"Vary": "Authorization"})

    def _text(self, who: Principal | None, name: str) -> str | None:
        if who is None and name in self.public:
            return self.public[name]
        made = contents(self.books(who)).get(name)
        text = made() if made else None
        if who is None and text is not None:
            self.public[name] = text
        return text
