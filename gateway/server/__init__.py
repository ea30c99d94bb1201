"""The gateway's HTTP side: GraphQL over HTTP, and nothing that knows the graph.

POST, GET /graphql    one question → one answer (CONTRACTS §2); GET for queries only
GET /q/NAME           a stored operation, as JSON or CSV (see `saved`)
GET /schema.graphql   the schema as the caller may see it, as SDL
GET /viewer.json      who the caller is here, and what of that schema is shown to them
GET /health           the process lives
GET /ready            it takes requests; 503 before it is ready and while it drains
GET /metrics          its numbers, for Prometheus (see `metrics`)
POST /dev/token       in dev mode: a token of anybody (see `personas`)
GET /                 what this is and where to go: a page, or JSON for who does not read pages
GET /graphiql         GraphiQL, and its files at /assets (see `pages`)
GET /.well-known/oauth-protected-resource   whose tokens are taken here, and what for
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.auth import SCOPE, Principal
from gateway.auth.tokens import Verify
from gateway.errors import Code, HttpProblem, OutOfScope, Refusal, Unauthenticated
from gateway.question import Options, Question
from gateway.server.answers import Net, Stamp, answered, gone, refuse_http
from gateway.server.asking import question_of_url
from gateway.server.cors import cors
from gateway.server.heads import Named
from gateway.server.leaving import Leaving, Visits
from gateway.server.media import acceptable
from gateway.server.pages import Pages
from gateway.server.posted import Posted
from gateway.server.reference import Books, Reference
from gateway.server.resource import Resource
from gateway.server.saved import SavedQuestions, saved
from gateway.server.shut import Shut
from gateway.server.wishes import options_of
from gateway.settings import Settings
from gateway.stored import SETTING, stored

__all__ = ["Pipeline", "bearer", "create_routes"]

Door = Callable[[Principal], AbstractContextManager[Mapping[str, str] | None]]
"""A place for a caller's question, held while it is answered, and headers for the answer."""

About = Callable[[Principal, Options], Mapping[str, Any]]


class Pipeline(Protocol):
    """Executes one question. The body is complete JSON; raises `Refusal`, `InternalError` or `HttpProblem`."""

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Front:
    """What the routes need of the rest.

    sdl:    the schema that a caller may see
    about:  what a caller is told of themself; refused for a purpose that is not theirs
    ready:  False until the app has started and again from the moment it stops; says nothing about the backends
    door:   a place for this caller's question, or a 503; 429 for a partner who asks too much
    scopes: a token for any of these is for here
    """

    pipeline: Pipeline
    verify: Verify
    sdl: Callable[[Principal], str]
    ready: Callable[[], bool]
    body_bytes: int
    door: Door
    scopes: frozenset[str]
    about: About

    async def graphql(self, request: Request) -> Response:
        """By GET, which no link, image or form can send: see `cors` for what keeps other sites' pages out. What is
        posted does not come here: see `Posted`."""
        media = acceptable(request.headers.getlist("accept"))
        principal = await self.admit(request)
        options = options_of(request.headers, request.scope["request_id"])
        with self.door(principal) as told:
            question = question_of_url(request.scope["query_string"], self.body_bytes)
            answer = await answered(media, self.pipeline(question, principal, options))
            answer.headers.update(told or {})
            return answer

    async def schema(self, request: Request) -> Response:
        return Response(self.sdl(await self.admit(request)), media_type="text/plain")

    async def viewer(self, request: Request) -> Response:
        principal = await self.admit(request)
        try:
            return JSONResponse(self.about(principal, options_of(request.headers, request.scope["request_id"])))
        except Refusal as refusal:
            raise HttpProblem(403, refusal.message, code=Code.NOT_ALLOWED) from refusal

    async def readiness(self, request: Request) -> Response:
        if self.ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, 503, {"Retry-After": "1"})

    async def admit(self, request: Request) -> Principal:
        return await self.let_in(request.headers)

    async def let_in(self, headers: Named) -> Principal:
        if not self.ready():
            told = "Starting or stopping: try again in a moment."
            raise HttpProblem(503, told, {"Retry-After": "1"}, Code.SATURATED)
        principal = await self.verify(bearer(headers.getlist("authorization")))
        if principal.scopes.isdisjoint(self.scopes):
            raise OutOfScope(SCOPE)
        return principal


class Served(Starlette):
    """What is posted goes past the router and its layers."""

    posted: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql" and scope["method"] == "POST":
            await self.posted(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_routes(
    pipeline: Pipeline,
    verify: Verify,
    settings: Settings,
    sdl: Callable[[Principal], str],
    ready: Callable[[], bool],
    door: Door = lambda _: nullcontext(),
    scopes: frozenset[str] = frozenset({SCOPE}),
    full: Callable[[], bool] = bool,
    about: About = lambda who, options: {},
    books: Books | None = None,
    objects: Collection[str] = (),
) -> Starlette:
    """The ASGI app. `verify` raises `Unauthenticated`; `full`: see `Shut`; `books`: see `Reference`, None: there is no
    reference; `objects`: see `Saved`; and `Front` for the others."""
    most, patience = settings.number("limits.body_bytes"), settings.seconds("limits.body_ms")
    front, visits = Front(pipeline, verify, sdl, ready, most, door, scopes, about), Visits()
    folder = settings.path(SETTING)
    known = saved(stored(folder), objects) if folder else {}
    questions = SavedQuestions(known, front.admit, door, pipeline)
    resource, pages = Resource.of(settings, scopes), Pages.of(settings.dev)
    routes = [
        _route("/graphql", front.graphql, "GET", "POST"),
        _route("/schema.graphql", front.schema, "GET"),
        _route("/q/{name}", questions.answer, "GET"),
        _route("/viewer.json", front.viewer, "GET"),
        _route("/health", health, "GET", "HEAD"),
        _route("/ready", front.readiness, "GET", "HEAD"),
        _route("/", partial(index, pages), "GET", "HEAD"),
        resource.route(),
        *pages.routes(),
        *(Reference(books, front.admit).routes() if books else ()),
    ]
    refusals = {HttpProblem: resource.problem, HTTPException: refuse_http, ClientDisconnect: gone}
    app = Served(
        routes=routes,
        middleware=[
            Middleware(Stamp),
            *cors(settings),
            Middleware(Shut, full, "/graphql"),
            Middleware(Shut, full, "/q/"),
            Middleware(Leaving, visits),
            Middleware(Net),
        ],
        exception_handlers=refusals,
    )
    app.router.redirect_slashes = False
    app.posted = Posted(pipeline, front.let_in, door, full, resource.problem, visits, most, patience)
    for layer in cors(settings):
        app.posted = layer.cls(app.posted, *layer.args, **layer.kwargs)
    return app


async def health(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def index(pages: Pages, request: Request) -> Response:
    """The front page for who reads pages, once it is built; the same in JSON for programs."""
    if "door" in pages.pages and "text/html" in request.headers.get("accept", ""):
        answer = await pages.page("door")(request)
        answer.headers["Vary"] = "Accept"
        return answer
    links = {"graphql": "/graphql", "graphiql": "/graphiql", "schema": "/schema.graphql", "docs": "/docs"}
    told = {"name": "customer360", "what": "One graph over the systems a company already has.", **links}
    return JSONResponse({**told, "health": "/health", "ready": "/ready"})


def bearer(given: list[str]) -> str:
    """The token of the Authorization header. None, or another scheme, is no token; two headers are a bad one."""
    scheme, _, token = given[0].partition(" ") if given else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(presented=False)
    if len(given) > 1:
        raise Unauthenticated
    return token.strip()


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
    route = Route(path, endpoint, methods=methods)
    route.methods = set(methods)  # Starlette adds HEAD to GET, which would run a query for nothing
    return route
