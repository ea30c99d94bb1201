"""The HTTP side: addresses, headers, statuses and media types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks import control
from mocks.oracle_om.access import Access
from mocks.oracle_om.catalogue import Resource
from mocks.oracle_om.parameters import framework_version, query, rendering
from mocks.oracle_om.problem import Problem, not_found
from mocks.oracle_om.render import Page, address
from mocks.oracle_om.resources import ORDERS
from mocks.oracle_om.search import Orders, filtered
from mocks.oracle_om.selection import Selection, selection
from mocks.oracle_om.shipments import SHIPMENT_LINES, ShipmentLines
from mocks.world import World

TITLE = "Oracle Fusion Order Management"
RELEASE = "/fscmRestApi/resources/{release}"
ROOT = RELEASE + "/salesOrdersForOrderHub"
RELEASES = ("11.13.18.05", "latest")
LONGEST_TARGET = 8190
TOKEN_LIFETIME = 3600.0
COLLECTION = "application/vnd.oracle.adf.resourcecollection+json"
ITEM = "application/vnd.oracle.adf.resourceitem+json"


def create(world: World, token_lifetime: float = TOKEN_LIFETIME) -> Starlette:
    """The server over one world. `token_lifetime`: seconds a bearer token lasts."""
    access = Access(token_lifetime)
    hub = Hub(Orders(world), ShipmentLines(world), access)
    return Starlette(
        routes=[
            Route("/oauth2/v1/token", hub.token, methods=["POST"]),
            Route(ROOT, hub.orders),
            Route(ROOT + "/{key}", hub.order),
            Route(ROOT + "/{key}/child/{path:path}", hub.below),
            Route(RELEASE + "/shipmentLines", hub.shipment_lines),
        ],
        exception_handlers={Problem: _problem, HTTPException: _http_problem},
    )


class Hub:
    """The endpoints."""

    def __init__(self, orders: Orders, shipped: ShipmentLines, access: Access) -> None:
        self._orders = orders
        self._shipped = shipped
        self._access = access

    async def token(self, request: Request) -> Response:
        with _noted(request, "token"):
            return await self._access.token(request)

    async def orders(self, request: Request) -> Response:
        with _noted(request, "salesOrdersForOrderHub.list") as asked:
            self._admit(request)
            chosen = _chosen(request, ORDERS, asked)
            wanted = query(request.query_params, ORDERS, _version(request))
            asked.keys = [str(key) for key in wanted.looked_up()]
            return _collection(request, ORDERS, await self._orders.find(wanted), chosen)

    async def shipment_lines(self, request: Request) -> Response:
        with _noted(request, "shipmentLines.list") as asked:
            self._admit(request)
            chosen = _chosen(request, SHIPMENT_LINES, asked)
            wanted = query(request.query_params, SHIPMENT_LINES, _version(request))
            asked.keys = [str(key) for key in wanted.looked_up()]
            return _collection(request, SHIPMENT_LINES, await self._shipped.find(wanted), chosen)

    async def order(self, request: Request) -> Response:
        key = request.path_params["key"]
        with _noted(request, "salesOrdersForOrderHub.get", key) as asked:
            self._admit(request)
            chosen = _chosen(request, ORDERS, asked)
            return _item(request, ORDERS, self._found(key), chosen, None)

    async def below(self, request: Request) -> Response:
        """`lines`, `lines/{id}`, `lines/{id}/child/charges` … below one order."""
        path, key = request.path_params["path"].split("/"), request.path_params["key"]
        names = path[::3]
        with _noted(request, ".".join(("salesOrdersForOrderHub", *names)), key) as asked:
            self._admit(request)
            spot = descend(ORDERS, self._found(key), path)
            chosen = _chosen(request, spot.resource, asked, names)
            if spot.single:
                return _item(request, spot.resource, spot.rows[0], chosen, spot.parent)
            wanted = query(request.query_params, spot.resource, _version(request))
            return _collection(request, spot.resource, filtered(spot.resource, spot.rows, wanted), chosen)

    def _admit(self, request: Request) -> None:
        if len(request.url.path) + len(request.url.query) > LONGEST_TARGET:
            raise Problem(414, "Request-URI Too Long")
        if request.path_params["release"] not in RELEASES:
            raise not_found()
        self._access.admit(request)
        _version(request)

    def _found(self, key: str) -> Any:
        if (row := self._orders.by_key(key)) is None:
            raise not_found()
        return row


@dataclass(slots=True)
class Asked:
    """What the request log will say, as far as the request was understood."""

    columns: list[str]
    keys: list[str]


@contextmanager
def _noted(request: Request, operation: str, *keys: str) -> Iterator[Asked]:
    """One entry for each request, whatever becomes of it."""
    asked = Asked([], list(keys))
    try:
        yield asked
    finally:
        control.note(request, operation, asked.columns, asked.keys)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path below an order leads: a collection, or one row of it."""

    parent: Resource
    resource: Resource
    rows: Sequence[Any]
    single: bool


def descend(parent: Resource, row: Any, path: Sequence[str]) -> Spot:
    child = parent.children.get(path[0])
    if child is None:
        raise not_found()
    found = child.rows(row)
    match path[1:]:
        case []:
            return Spot(parent, child.resource, found, single=False)
        case [key]:
            return Spot(parent, child.resource, [_keyed(child.resource, found, key)], single=True)
        case [key, "child", *rest] if rest:
            return descend(child.resource, _keyed(child.resource, found, key), rest)
        case _:
            raise not_found()


def _keyed(resource: Resource, found: Sequence[Any], key: str) -> Any:
    row = next((row for row in found if resource.key and resource.key(row) == key), None)
    if row is None:
        raise not_found()
    return row


def _version(request: Request) -> int:
    return framework_version(request.headers.get("rest-framework-version"))


def _chosen(request: Request, resource: Resource, asked: Asked, path: Sequence[str] = ()) -> Selection:
    given = request.query_params
    chosen = selection(resource, given.get("fields"), given.get("expand"))
    asked.columns = list(chosen.columns("".join(f"{name}." for name in path)))
    return chosen


def _collection(request: Request, resource: Resource, page: Page, chosen: Selection) -> Response:
    media = _media(request, COLLECTION)
    body = rendering(request.query_params, _version(request)).collection(resource, page, chosen, _here(request))
    return _json(body, media, _version(request))


def _item(request: Request, resource: Resource, row: Any, chosen: Selection, parent: Resource | None) -> Response:
    """One row, with its ETag; `If-Match` and `If-None-Match` are heeded."""
    media, tag = _media(request, ITEM), f'"{resource.version(row)}"' if resource.version else ""
    headers = {"ETag": tag} if tag else {}
    if (expected := request.headers.get("if-match")) not in (None, "*", tag):
        raise Problem(412, f"The row has changed: its ETag is not {str(expected)[:60]}.", "27540")
    if tag and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    above = _here(request).rsplit("/", 1)[0]
    href = address(resource, row, above)
    up = (parent.name, above.rsplit("/child/", 1)[0]) if parent else None
    body = rendering(request.query_params, _version(request)).item(resource, row, chosen, href, up)
    return _json(body, media, _version(request), headers)


def _here(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.url.path}"


def _media(request: Request, preferred: str) -> str:
    """The framework's own media type, or plain JSON for who accepts only that."""
    ranges = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")]
    if any(accepted in (preferred, "*/*", "application/*") for accepted in ranges):
        return preferred
    if "application/json" in ranges:
        return "application/json"
    raise Problem(406, "None of the media types in Accept can be produced.", "27502")


def _json(body: dict[str, Any], media: str, version: int, headers: dict[str, str] | None = None) -> Response:
    encoded = msgspec.json.Encoder(decimal_format="number").encode(body)
    return Response(encoded, 200, (headers or {}) | {"REST-Framework-Version": str(version)}, media)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - registered for this class only; tells the type checker
    try:
        version = _version(request)
    except Problem:
        version = 1
    return problem.response(version)


async def _http_problem(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405, in the framework's words."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    headers = dict(error.headers or {})
    return await _problem(request, Problem(error.status_code, error.detail, headers=headers))
