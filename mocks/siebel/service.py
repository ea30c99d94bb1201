"""The data service: each path of `/siebel/v1.0/data`, whatever the method."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note, wrote
from mocks.siebel import asked, shapes
from mocks.siebel.asked import Asked
from mocks.siebel.components import ACCOUNT, BUSINESS_ADDRESS, CONTACT, EXPOSED, HIDDEN, Component
from mocks.siebel.login import Login
from mocks.siebel.matching import matcher
from mocks.siebel.refusal import Refusal, nothing_found
from mocks.siebel.search import Search
from mocks.siebel.searchspec import And, Compare, Field, Text, literals
from mocks.siebel.shelves import Shelves, Spot
from mocks.siebel.store import Reference, Store
from mocks.siebel.writes import MOST, Writer, Written

LONGEST_TARGET = 8192  # the web tier's bound, 4 to 8 kB from memory
COUNT = "Total-Record-Count"
ACCOUNT_CHILDREN = {"Business Address": BUSINESS_ADDRESS, "Contact": CONTACT}
JSON_TYPES = frozenset({"*/*", "application/*", "application/json"})


@dataclass(frozen=True, slots=True)
class Place:
    """The collection a request is about: its component, its absolute address, and the account it hangs below."""

    component: Component
    address: str
    parent: Reference | None = None

    @property
    def name(self) -> str:
        return self.component.name


class Service:
    def __init__(self, store: Store, login: Login) -> None:
        self._store = store
        self._login = login
        self._search = Search(store)
        self._writer = Writer(store, self._search)
        self._shelves = Shelves(store.world, store.clock)

    # paths

    async def rows(self, request: Request) -> Response:
        if spot := self._spot(request):
            return await self._shelves.rows(request, spot)
        place = self._place(request)
        match request.method:
            case "POST":
                return await self._insert(request, place)
            case "PUT":
                return await self._upsert(request, place)
            case "DELETE":
                return await self._delete(request, place, [_id_of(one) for one in _several(await _body(request))])
        return await self._query(request, place)

    async def row(self, request: Request) -> Response:
        if spot := self._spot(request):
            return await self._shelves.row(request, spot, request.path_params["row_id"])
        place = self._place(request)
        row_id = request.path_params["row_id"]
        match request.method:
            case "PUT":
                return await self._upsert(request, place, row_id)
            case "DELETE":
                return await self._delete(request, place, [row_id])
        view = asked.read(place.component, request.query_params)
        note(request, f"{place.name}.read", view.fields, [row_id])
        return self._one(place, view, self._store.reference(place.component, row_id))

    async def children(self, request: Request) -> Response:
        if spot := self._spot(request):
            return await self._shelves.rows(request, self._spot_below(request, spot))
        place = self._below(request)
        if request.method == "GET":
            return await self._query(request, place)
        if place.component is not CONTACT:
            raise Refusal(405, "Method Not Allowed", headers={"Allow": "GET"})
        return await self._insert_below(request, place)

    async def child(self, request: Request) -> Response:
        if spot := self._spot(request):
            below = self._spot_below(request, spot)
            return await self._shelves.row(request, below, request.path_params["child_id"])
        place = self._below(request)
        view = asked.read(place.component, request.query_params)
        note(request, f"{ACCOUNT.name}.{place.name}.read", view.fields, [request.path_params["child_id"]])
        key = Compare(Field("Id"), "=", Text(request.path_params["child_id"]))
        found = await self._found(place, replace(view, search=key))
        return self._one(place, view, found[0] if found else None)

    # reads

    async def _query(self, request: Request, place: Place) -> Response:
        view = asked.read(place.component, request.query_params)
        below = "" if place.parent is None else f"{ACCOUNT.name}."
        note(request, f"{below}{place.name}.query", view.fields, literals(view.search) if view.search else ())
        found = await self._found(place, view) if view.sees else []
        page = [self._record(place, view, one) for one in found[view.start : view.start + view.size]]
        if not page:
            raise nothing_found()
        headers = {COUNT: str(len(found))} if view.counted else None
        return JSONResponse(shapes.collection(page, view, place.address, place.name), headers=headers)

    def _one(self, place: Place, view: Asked, found: Reference | None) -> Response:
        if found is None or not view.sees:
            raise nothing_found()
        record = self._record(place, view, found)
        return JSONResponse(
            shapes.single(record, view, record["Link"][0]["href"], place.name),
            headers={COUNT: "1"} if view.counted else None,
        )

    async def _found(self, place: Place, view: Asked) -> list[Reference]:
        if place.parent is None:
            return await self._search.find(place.component, view.search, view.sort)
        if place.component is CONTACT:
            account = self._store.row(ACCOUNT, place.parent)("Id")
            mine = Compare(Field("Account Id"), "=", Text(account))
            wanted = And((mine, view.search)) if view.search else mine
            return await self._search.find(CONTACT, wanted, view.sort)
        address = self._store.row(BUSINESS_ADDRESS, place.parent)
        fits = view.search is None or matcher(view.search, place.component.kinds)(address)
        return [place.parent] if address("Id") and fits else []

    def _record(self, place: Place, view: Asked, reference: Reference) -> shapes.Record:
        return shapes.record(self._store.row(place.component, reference), view, place.address, place.name)

    # writes

    async def _insert(self, request: Request, place: Place) -> Response:
        body = await _body(request)
        note(request, f"{place.name}.insert", _names(body))
        written = await self._writer.insert(place.component, _several(body) if isinstance(body, list) else [body])
        return self._stored(request, place, written, "insert", listed=isinstance(body, list))

    async def _upsert(self, request: Request, place: Place, row_id: str | None = None) -> Response:
        body = await _body(request)
        bodies = _several(body) if isinstance(body, list) else [body]
        if row_id is not None:
            bodies = [_with_id(body, row_id)]
        note(request, f"{place.name}.upsert", _names(body), [] if row_id is None else [row_id])
        written = await self._writer.upsert(place.component, bodies)
        return self._stored(request, place, written, "upsert", listed=row_id is None and isinstance(body, list))

    async def _insert_below(self, request: Request, place: Place) -> Response:
        body = await _body(request)
        rows = _several(body.get(place.name) if isinstance(body, dict) else None)
        note(request, f"{ACCOUNT.name}.{place.name}.insert", _names(rows), [request.path_params["row_id"]])
        account = {"Account Id": request.path_params["row_id"]}
        bodies = [one | account if isinstance(one, dict) else one for one in rows]
        return self._stored(request, place, await self._writer.insert(CONTACT, bodies), "insert", listed=True)

    async def _delete(self, request: Request, place: Place, row_ids: list[str]) -> Response:
        note(request, f"{place.name}.delete", (), row_ids)
        self._writer.delete(place.component, row_ids)
        for row_id in row_ids:
            wrote(request, {"operation": f"{place.name}.delete", "key": row_id})
        return Response(status_code=204)

    def _stored(self, request: Request, place: Place, rows: list[Written], verb: str, *, listed: bool) -> Response:
        changed = [row for row in rows if row.changed]
        for row in changed:
            wrote(request, {"operation": f"{place.name}.{verb}", "key": row.row_id, "values": row.sent})
        if not changed:
            return Response(status_code=304)
        answers = [shapes.stored(row.row_id, row.sent, place.address, place.name) for row in rows]
        return JSONResponse(answers if listed else {"items": answers[0]})

    # what a request is about

    def _spot(self, request: Request) -> Spot | None:
        self._admit(request)
        return self._shelves.spot(request.path_params["bo"], request.path_params["bc"], _base(request))

    def _spot_below(self, request: Request, spot: Spot) -> Spot:
        bo, row_id, child = (request.path_params[name] for name in ("bo", "row_id", "child"))
        found = self._shelves.below(spot, bo, row_id, child)
        if found is None:
            raise Refusal(404, f"Unable to find the object '{spot.shelf.component.name}/{child}'", "SBL-EAI-50257")
        return found

    def _place(self, request: Request) -> Place:
        self._admit(request)
        bo, bc = request.path_params["bo"], request.path_params["bc"]
        if bo in HIDDEN:
            raise Refusal(404, f"The business object '{bo}' is not exposed", "SBL-EAI-50297")
        if bo not in EXPOSED or bc != bo:
            raise Refusal(404, f"Unable to find the object '{bo}/{bc}'", "SBL-EAI-50257")
        return Place(EXPOSED[bo], shapes.address(_base(request), [bo, bc]))

    def _below(self, request: Request) -> Place:
        above = self._place(request)
        row_id, child = request.path_params["row_id"], request.path_params["child"]
        if above.component is not ACCOUNT or child not in ACCOUNT_CHILDREN:
            raise Refusal(404, f"Unable to find the object '{above.name}/{child}'", "SBL-EAI-50257")
        parent = self._store.reference(ACCOUNT, row_id)
        if parent is None:
            note(request, f"{ACCOUNT.name}.{child}.query", (), [row_id])
            raise nothing_found()
        return Place(ACCOUNT_CHILDREN[child], f"{above.address}/{row_id}/{quote(child)}", parent)

    def _admit(self, request: Request) -> None:
        if len(request.scope["raw_path"]) + 1 + len(request.scope["query_string"]) > LONGEST_TARGET:
            raise Refusal(414, "Request-URI Too Long")
        self._login.check(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "Unsupported Media Type")
        accepted = {part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")}
        if not accepted & JSON_TYPES:
            raise Refusal(406, "Not Acceptable")


def _base(request: Request) -> str:
    return str(request.base_url.replace(path="/siebel/v1.0/data"))


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is not JSON") from error


def _several(body: Any) -> list[Any]:
    if not isinstance(body, list) or not 0 < len(body) <= MOST:
        raise Refusal(400, f"A list of 1 to {MOST} records is expected")
    return body


def _names(body: Any) -> set[str]:
    rows = body if isinstance(body, list) else [body]
    return {field for row in rows if isinstance(row, dict) for field in row}


def _with_id(body: Any, row_id: str) -> Any:
    if not isinstance(body, dict) or body.get("Id", row_id) != row_id:
        raise Refusal(400, "The record does not belong to this address")
    return body | {"Id": row_id}


def _id_of(body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("Id"), str):
        raise Refusal(400, 'A list of {"Id": …} is expected')
    return str(body["Id"])
