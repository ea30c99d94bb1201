"""The gateway's own pages, as `gateway.front.build` made them: GraphiQL at /graphiql, and what it loads at /assets.

A page is served with a policy (CSP) that lets it run and load what comes from here, and nothing else: no inline script,
no other origin to ask or to be framed by. What it loads has a name that changes with its content, so browsers may keep
it for good. All names are known at the start: nothing in a request becomes a path.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from gateway.errors import Code, HttpProblem

STATIC = Path(__file__).parent.parent / "static"
UNBUILT = "This page was not built: `make demo` builds it, and so does `python -m gateway.front.build`."
NO_SUCH = "No such file: the page that names it was replaced. Load it again."
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "no-cache"}
PACKED = {"br": ".br", "gzip": ".gz"}
"""How an asset may be packed, the smallest first, and the ending of the file that is."""


@dataclass(frozen=True, slots=True)
class Pages:
    """pages, assets: name → file. `dev`: whether pages are told that they may offer to be somebody else."""

    pages: Mapping[str, Path]
    assets: Mapping[str, Path]
    dev: bool = False

    @classmethod
    def of(cls, dev: bool, static: Path = STATIC) -> Pages:
        pages = {file.stem: file for file in static.glob("*.html")}
        return cls(pages, {file.name: file for file in _assets(static / "assets")}, dev)

    def routes(self) -> list[Route]:
        return [
            Route("/graphiql", self.page("graphiql"), methods=["GET"]),
            Route("/assets/{name}", self.asset, methods=["GET"]),
        ]

    def page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """What answers with the page of this name."""

        async def answer(request: Request) -> Response:
            if name not in self.pages:
                raise HttpProblem(404, UNBUILT, code=Code.NOT_FOUND)
            text = self.pages[name].read_bytes()
            if self.dev:
                text = text.replace(b'data-mode="production"', b'data-mode="dev"', 1)
            return Response(text, headers=GUARDS | ASK_AGAIN, media_type="text/html")

        return answer

    async def asset(self, request: Request) -> Response:
        file = self.assets.get(request.path_params["name"])
        if file is None or not file.is_file():
            raise HttpProblem(404, NO_SUCH, code=Code.NOT_FOUND)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = GUARDS | FOR_GOOD | {"Vary": "Accept-Encoding"}
        understood = _understood(request.headers.get("accept-encoding", ""))
        for coding, ending in PACKED.items():
            packed = file.with_name(file.name + ending)
            if coding in understood and packed.is_file():
                return FileResponse(packed, headers=headers | {"Content-Encoding": coding}, media_type=kind)
        return FileResponse(file, headers=headers, media_type=kind)


def _assets(folder: Path) -> Iterator[Path]:
    return (file for file in folder.glob("*") if file.suffix not in PACKED.values())


def _understood(header: str) -> set[str]:
    """Codings that `Accept-Encoding` names and does not refuse (`q=0`)."""
    named = (one.replace(" ", "").lower().partition(";q=") for one in header.split(","))
    return {coding for coding, _, weight in named if weight.strip("0.") or not weight}
