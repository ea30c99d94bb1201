"""Reads of the components of `dealings`. By a field that leads to rows a search looks at those, else at everybody.

As everywhere: what is not there is 404. These components are read-only here: any other method is 405.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note
from mocks.siebel import asked, searchspec, shapes
from mocks.siebel.asked import Asked
from mocks.siebel.clock import Clock, parsed
from mocks.siebel.columns import Recent, politely
from mocks.siebel.dealings import Shelf, shelves
from mocks.siebel.matching import Row, matcher
from mocks.siebel.refusal import Refusal, nothing_found
from mocks.siebel.searchspec import And, Compare, Field, Node, Or, Text
from mocks.world.model import World

COUNT = "Total-Record-Count"
ANSWERS_KEPT = 12
CHILDREN = {"Opportunity Product": "Opportunity Id"}
"""A child collection, and the field by which its rows name what they hang below."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A collection a request is about: its rows, its absolute address, and the row it hangs below."""

    shelf: Shelf
    address: str
    below: Compare | None = None


class Shelves:
    def __init__(self, world: World, clock: Clock) -> None:
        self._shelves = shelves(world)
        self._clock = clock
        self._answers: Recent[list[Any]] = Recent(ANSWERS_KEPT)

    def spot(self, bo: str, bc: str, base: str) -> Spot | None:
        shelf = self._shelves.get((bo, bc))
        return Spot(shelf, shapes.address(base, [bo, bc])) if shelf else None

    def below(self, spot: Spot, bo: str, row_id: str, child: str) -> Spot | None:
        """The child collection of a row; None when there is no such collection."""
        if child not in spot.shelf.component.children:
            return None
        own = Compare(Field(CHILDREN[child]), "=", Text(row_id))
        return Spot(self._shelves[bo, child], shapes.address(spot.address, [row_id, child]), own)

    async def rows(self, request: Request, spot: Spot) -> Response:
        _readable(request)
        component = spot.shelf.component
        view = asked.read(component, request.query_params)
        note(request, f"{component.name}.query", view.fields, searchspec.literals(view.search) if view.search else ())
        found = await self._found(spot, view) if view.sees else []
        page = [self._record(spot, view, one) for one in found[view.start : view.start + view.size]]
        if not page:
            raise nothing_found()
        headers = {COUNT: str(len(found))} if view.counted else None
        return JSONResponse(shapes.collection(page, view, spot.address, component.name), headers=headers)

    async def row(self, request: Request, spot: Spot, row_id: str) -> Response:
        _readable(request)
        component = spot.shelf.component
        view = asked.read(component, request.query_params)
        note(request, f"{component.name}.read", view.fields, [row_id])
        own = Compare(Field("Id"), "=", Text(row_id))
        found = self._candidates(spot.shelf, own) or []
        if not found or not view.sees:
            raise nothing_found()
        record = self._record(spot, view, found[0])
        return JSONResponse(shapes.single(record, view, record["Link"][0]["href"], component.name))

    async def _found(self, spot: Spot, view: Asked) -> list[Any]:
        wanted = view.search if spot.below is None else And((spot.below, view.search)) if view.search else spot.below
        question = (spot.shelf.component.name, wanted, view.sort)
        if question in self._answers:
            return self._answers[question]
        return self._answers.keep(question, self._sorted(spot.shelf, view, await self._fitting(spot.shelf, wanted)))

    async def _fitting(self, shelf: Shelf, wanted: Node | None) -> list[Any]:
        test = matcher(wanted, shelf.component.kinds) if wanted else lambda row: True
        candidates = self._candidates(shelf, wanted) if wanted else None
        rows: Iterable[Any] = shelf.everything() if candidates is None else candidates
        return [one async for one in politely(rows) if test(self._row(shelf, one))]

    def _candidates(self, shelf: Shelf, wanted: Node) -> list[Any] | None:
        """Rows that may fit, each once; None: all may."""
        match wanted:
            case And(parts):
                known = (self._candidates(shelf, part) for part in parts)
                return next((one for one in known if one is not None), None)
            case Or(parts):
                either = [self._candidates(shelf, part) for part in parts]
                if any(one is None for one in either):
                    return None
                return list({self._row(shelf, row)("Id"): row for one in either for row in one or ()}.values())
            case Compare(Field(name), "=", Text(text)) if name in shelf.known:
                return list(shelf.known[name](text))
        return None

    def _sorted(self, shelf: Shelf, view: Asked, found: list[Any]) -> list[Any]:
        """Empty last when ascending, first when descending, as an Oracle database has it."""
        for field, descending in reversed(view.sort):
            dated = shelf.component.kinds[field].startswith("date")
            found.sort(key=lambda one: _sortable(self._row(shelf, one)(field), dated=dated), reverse=descending)
        return found

    def _record(self, spot: Spot, view: Asked, one: Any) -> shapes.Record:
        return shapes.record(self._row(spot.shelf, one), view, spot.address, spot.shelf.component.name)

    def _row(self, shelf: Shelf, one: Any) -> Row:
        fields, clock = shelf.component.fields, self._clock
        return lambda field: fields[field].read(one, clock)


def _readable(request: Request) -> None:
    if request.method != "GET":
        raise Refusal(405, "Method Not Allowed", headers={"Allow": "GET"})


def _sortable(value: str, *, dated: bool) -> tuple[bool, Any]:
    return (not value, parsed(value) if dated and value else value)
