"""The HTTP side: SuiteQL, records, their metadata; headers, pages and statuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mocks.control import note
from mocks.netsuite import records
from mocks.netsuite.database import MOST_ROWS, Database
from mocks.netsuite.errors import RESOURCE, Problem, bad_parameter, not_there
from mocks.netsuite.governance import Governance
from mocks.netsuite.login import Login
from mocks.netsuite.records import KINDS, Records
from mocks.netsuite.suiteql import Query, read
from mocks.netsuite.tables import TABLES
from mocks.world.billing import Billing

LONGEST_PAGE = 1_000
KINDS_OF_ROW = frozenset({"type", "linktype", "mainline", "taxline", "itemtype"})
SUITEQL = "/services/rest/query/v1/suiteql"
RECORD = "/services/rest/record/v1"


class Service:
    """The endpoints of one account."""

    def __init__(self, billing: Billing, login: Login, governance: Governance) -> None:
        self._database = Database(billing)
        self._records = Records(billing)
        self._login = login
        self._governance = governance

    async def suiteql(self, request: Request) -> Response:
        text = await _asked(request)
        query = read(text) if text is not None else None
        _noted(request, query)
        self._login.check(request)
        async with self._governance.place():
            limit, offset = _page(request)
            if "transient" not in request.headers.get("prefer", "").lower():
                raise Problem(400, "INVALID_HEADER", "Prefer: transient is required.", {"o:errorHeader": "Prefer"})
            if query is None:
                raise Problem(400, "INVALID_CONTENT", "The body is a JSON object with q.", {"o:errorPath": "q"})
            found, total = await self._database.answer(query, limit, offset)
            return _collection(request, [{"links": [], **row} for row in found], limit, offset, total)

    async def listing(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        note(request, f"{kind}.list")
        self._login.check(request)
        async with self._governance.place():
            if kind not in KINDS:
                raise not_there("record", kind)
            limit, offset = _page(request)
            found = self._records.listed(kind, request.query_params.get("q", ""))
            base = f"{_origin(request)}{RECORD}"
            items = [_pointer(base, kind, identity) for identity in found[offset : offset + limit]]
            return _collection(request, items, limit, offset, len(found))

    async def record(self, request: Request) -> Response:
        kind, key = request.path_params["kind"], request.path_params["key"]
        note(request, f"{kind}.get", filter(None, request.query_params.get("fields", "").split(",")), [key])
        self._login.check(request)
        async with self._governance.place():
            found = self._records.found(_known(kind), key)
            told = request.query_params
            whole, simple = (told.get(name) == "true" for name in ("expandSubResources", "simpleEnumFormat"))
            body = self._records.shown(kind, found, f"{_origin(request)}{RECORD}", whole=whole, simple=simple)
            return _json(records.chosen(body, told.get("fields")), "singular")

    async def sublist(self, request: Request) -> Response:
        kind, key, name = (request.path_params[part] for part in ("kind", "key", "name"))
        note(request, f"{kind}.{name}", (), [key])
        self._login.check(request)
        async with self._governance.place():
            found = self._records.found(_known(kind), key)
            return _json(self._records.sublist(found, name), "collection")

    async def metadata(self, request: Request) -> Response:
        """What fields a record has, as far as its own values say."""
        kind = request.path_params["kind"]
        note(request, f"{kind}.metadata")
        self._login.check(request)
        async with self._governance.place():
            if "application/schema+json" not in request.headers.get("accept", ""):
                raise Problem(400, "INVALID_HEADER", "Only schemas are given.", {"o:errorHeader": "Accept"})
            names = {name: {"type": "string"} for name in TABLES.get(_known(kind), TABLES["transaction"])}
            return _json({"type": "object", "properties": names}, "singular")


async def _asked(request: Request) -> str | None:
    """The query of the body; None when there is none."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    text = body.get("q") if isinstance(body, dict) else None
    return text if isinstance(text, str) else None


def _noted(request: Request, query: Query | None) -> None:
    if query is None:
        note(request, "suiteql")
        return
    columns = {f"{column.table}.{column.name}" for column in query.columns}
    keys = next((values for _, column, values in query.keys if column not in KINDS_OF_ROW), ())
    note(request, f"suiteql.{next(iter(query.tables.values()))}", columns, keys)


def _page(request: Request) -> tuple[int, int]:
    limit, offset = (_number(request, name, usual) for name, usual in (("limit", LONGEST_PAGE), ("offset", 0)))
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_parameter("limit", f"The limit is a number from 1 to {LONGEST_PAGE}.")
    if offset % limit or offset >= MOST_ROWS:
        raise bad_parameter("offset", f"The offset is divisible by the limit, and below {MOST_ROWS}.")
    return limit, offset


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad_parameter(name, f"Invalid value for {name}.")
    return int(text)


def _collection(request: Request, items: list[Any], limit: int, offset: int, total: int) -> Response:
    more = offset + len(items) < total
    places = {"self": offset, "first": 0, "last": (max(total - 1, 0) // limit) * limit}
    places |= ({"next": offset + limit} if more else {}) | ({"previous": offset - limit} if offset else {})
    here = f"{_origin(request)}{request.url.path}"
    links = [{"rel": rel, "href": f"{here}?limit={limit}&offset={at}"} for rel, at in sorted(places.items())]
    body = {
        "links": links,
        "count": len(items),
        "hasMore": more,
        "items": items,
        "offset": offset,
        "totalResults": total,
    }
    return _json(body, "collection")


def _pointer(base: str, kind: str, identity: int) -> Mapping[str, Any]:
    return {"links": [{"rel": "self", "href": f"{base}/{kind}/{identity}"}], "id": str(identity)}


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise not_there("record", kind)
    return kind


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _json(body: Mapping[str, Any] | Iterable[Any], kind: str) -> Response:
    return Response(json.dumps(body), 200, media_type=f"{RESOURCE}; type={kind}")
