"""Contentful: the Content Delivery API of one space, read-only, over what the company has written.

    /spaces/c360[/environments/master]            space (without environment)
        /entries[/{id}]  /assets[/{id}]           search parameters, links, languages
        /content_types[/{id}]  /locales  /sync

Where the facts are silent this server chooses: an unknown space or environment is 404 with its type in the details, a
request URI beyond 7,600 characters (path and query) is 414, HEAD and OPTIONS are answered and all else is 405. Both
`Authorization: Bearer` and `access_token` are tokens; the header wins. One entry or asset by id takes no parameter but
`locale`, and comes without what it links to. The tokens are not given out here, so `expire-login` does nothing.

`create(world)` has no rate limit, as behind a CDN that knows every answer; `per_second=PER_SECOND` is the real one.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.contentful import edge, model, query, render, sync
from mocks.contentful.edge import Edge
from mocks.contentful.errors import Refusal, no_token, not_found, unknown
from mocks.contentful.rows import ENVIRONMENT, SPACE, Store
from mocks.control import note
from mocks.world.model import World

__all__ = ["ENVIRONMENT", "PER_SECOND", "SPACE", "TITLE", "TOKEN", "create"]

TITLE = "Contentful content hub (delivery API)"
TOKEN = "contentful-demo-delivery-token"  # noqa: S105 - opens this mock and nothing else
PER_SECOND = 55
LONGEST_TARGET = 7_600
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
Pairs = list[tuple[str, str]]
Answer = Callable[[Request, Pairs], dict[str, Any]]


def create(world: World, per_second: int | None = None) -> Starlette:
    """The space of a world. `per_second`: requests the origin takes in a second; None for as many as come."""
    hub = _Hub(world.part(Store), Edge(per_second))
    below = {
        "entries": hub.entries,
        "entries/{id}": hub.entry,
        "assets": hub.assets,
        "assets/{id}": hub.asset,
        "content_types": hub.content_types,
        "content_types/{id}": hub.content_type,
        "locales": hub.locales,
        "sync": hub.sync,
    }
    roots = ("/spaces/{space}", "/spaces/{space}/environments/{environment}")
    routes = [
        Route(f"{root}/{path}", hub.serve(made), methods=METHODS) for root in roots for path, made in below.items()
    ]
    space = Route("/spaces/{space}", hub.serve(hub.space), methods=METHODS)
    nothing = Route("/{rest:path}", hub.serve(hub.nothing), methods=METHODS)
    return Starlette(routes=[*routes, space, nothing])


class _Hub:
    """The resources of the space."""

    def __init__(self, store: Store, edge: Edge) -> None:
        self._store = store
        self._edge = edge

    def serve(self, made: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(None, 204, {"access-control-allow-methods": "GET,HEAD,OPTIONS"})
            try:
                pairs = _admitted(request)
                headers = self._edge.admit(request)
                return edge.answer(request, made(request, pairs), headers)
            except Refusal as error:
                if "mock.asked" in request.scope and not request.scope["mock.asked"]:
                    note(request, made.__name__)
                return edge.refusal(error)

        return endpoint

    def entries(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        return self._collection(request, pairs, "Entry", "entries")

    def assets(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        return self._collection(request, pairs, "Asset", "assets")

    def _collection(self, request: Request, pairs: Pairs, kind: str, operation: str) -> dict[str, Any]:
        asked = query.parse(pairs, kind)
        note(request, operation, asked.columns, asked.keys)
        return render.collection(self._store, kind, asked)

    def entry(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        return self._one(request, pairs, "Entry", "entry")

    def asset(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        return self._one(request, pairs, "Asset", "asset")

    def _one(self, request: Request, pairs: Pairs, kind: str, operation: str) -> dict[str, Any]:
        name = request.path_params["id"]
        note(request, operation, ["sys", "fields"], [name])
        locale = model.locale(_only(pairs, "locale").get("locale", model.DEFAULT))
        row = self._store.of(kind).get(name)
        if row is None:
            raise not_found(kind, name, ENVIRONMENT, SPACE)
        return render.item(row, locale)

    def content_types(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        note(request, "content_types")
        given = _only(pairs, "sys.id[in]", "sys.id", "limit", "skip", "order")
        wanted = given.get("sys.id[in]", given.get("sys.id"))
        found = [one for one in render.content_types() if wanted is None or one["sys"]["id"] in wanted.split(",")]
        return render.array(found, len(found), 0, query.USUAL_PAGE)

    def content_type(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        name = request.path_params["id"]
        note(request, "content_type", (), [name])
        _only(pairs)
        for one in render.content_types():
            if one["sys"]["id"] == name:
                return one
        raise not_found("ContentType", name, ENVIRONMENT, SPACE)

    def locales(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        note(request, "locales")
        _only(pairs, "limit", "skip")
        codes = model.locales()
        found = [{**one, "sys": {"id": f"locale-{one['code']}", "type": "Locale", "version": 1}} for one in codes]
        return render.array(found, len(found), 0, query.LONGEST_PAGE)

    def sync(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        note(request, "sync", ["sys", "fields"])
        return sync.page(self._store, pairs, request.url.netloc)

    def space(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        note(request, "space")
        _only(pairs)
        return {"sys": {"type": "Space", "id": SPACE}, "name": "Customer graph", "locales": model.locales()}

    def nothing(self, request: Request, pairs: Pairs) -> dict[str, Any]:
        raise Refusal(404, "NotFound", "The resource could not be found.")


def _admitted(request: Request) -> Pairs:
    """The parameters of a request that may be answered: it reads, knows the token, and asks here."""
    pairs = request.query_params.multi_items()
    if request.method not in ("GET", "HEAD"):
        raise Refusal(405, "MethodNotAllowed", "The delivery API is read-only.")
    if len(request.url.path) + 1 + len(request.scope["query_string"]) > LONGEST_TARGET:
        raise Refusal(414, "BadRequest", f"The request URI has more than {LONGEST_TARGET} characters.")
    if not hmac.compare_digest(_token(request).encode(), TOKEN.encode()):
        raise no_token()
    space, environment = request.path_params.get("space", SPACE), request.path_params.get("environment", ENVIRONMENT)
    if space != SPACE:
        raise not_found("Space", space, environment, space)
    if environment != ENVIRONMENT:
        raise not_found("Environment", environment, environment, space)
    return pairs


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return token.strip() if scheme.lower() == "bearer" else ""
    return request.query_params.get("access_token", "")


def _only(pairs: Pairs, *known: str) -> dict[str, str]:
    """The parameters of a resource that knows just a few."""
    given = query.once(pairs)
    for name in given:
        if name not in (*known, "access_token"):
            raise unknown(name)
    return given
