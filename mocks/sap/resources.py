"""One question in, one answer out: finds the resource a path names and lets the options shape it.

    /                                  service document          /A_Product('TG11')             one entity
    /$metadata                         EDMX                      /A_Product('TG11')/to_Plant    what hangs on it
    /A_Product, /A_Product/$count      a set, its size           /DetermineAvailabilityAt       a function import

Used for requests of their own and for the parts of a `$batch` alike. Server paging cuts a set after the set's page
size; `__next` is the absolute URL of the same question with a `$skiptoken`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from mocks.sap import edmx, errors, filters, functions, options, render
from mocks.sap.errors import INVALID, ODataError, not_found
from mocks.sap.filters import Node, Row
from mocks.sap.literals import FAMILIES
from mocks.sap.model import AVAILABILITY_RECORD, SERVICES, EntitySet, Function, Service
from mocks.sap.options import Shape
from mocks.sap.rows import Company

MEDIA = {"json": "application/json", "atom": "application/atom+xml;charset=utf-8"}
VERSION = re.compile(r"(?P<name>[^;]+)(;v=0*1)?")
SEGMENT = re.compile(r"(?P<name>[A-Za-z_$]\w*)(\((?P<key>.*)\))?", re.DOTALL)
RETURNED = tuple(one.name for one in AVAILABILITY_RECORD)


@dataclass(frozen=True, slots=True)
class Question:
    """A GET below the OData root. `path` and `query` are still percent-encoded; `root` is the root's absolute URL."""

    path: str
    query: str
    accept: str
    root: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, and, for the request log, what was asked."""

    status: int
    media: str
    body: bytes
    operation: str = ""
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def answer(company: Company, question: Question) -> Answer:
    name, _, rest = question.path.partition("/")
    try:
        service = _service(name)
        return _Reading(company, service, question, options.parse(question.query)).answer(rest)
    except ODataError as error:
        json = "json" in question.accept or "$format=json" in question.query
        return refusal(error, name, json, unquote(rest.partition("(")[0]))


def refusal(error: ODataError, service: str, json: bool, operation: str = "") -> Answer:
    body = errors.json(error, service) if json else errors.xml(error)
    return Answer(error.status, "application/json" if json else "application/xml", body, operation)


def _service(text: str) -> Service:
    found = VERSION.fullmatch(unquote(text))
    service = SERVICES.get(found["name"]) if found else None
    if service is None:
        raise ODataError(404, "/IWFND/MED/170", f"No service found for namespace '', name '{unquote(text)}'.")
    return service


@dataclass(frozen=True, slots=True)
class _Reading:
    company: Company
    service: Service
    question: Question
    options: Mapping[str, str]

    def answer(self, path: str) -> Answer:
        segments = [unquote(segment) for segment in path.split("/") if segment]
        match segments:
            case []:
                return self._document()
            case ["$metadata"]:
                return Answer(200, "application/xml", edmx.metadata(self.service), "$metadata")
            case [name] if name in self.service.functions:
                return self._function(self.service.functions[name])
            case [first, *rest]:
                return self._set(first, rest)
        raise not_found(path)

    def _document(self) -> Answer:
        options.only(self.options, {"$format"})
        if self._media() == "json":
            return Answer(200, MEDIA["json"], edmx.service_json(self.service), "service")
        return Answer(200, "application/atomsvc+xml", edmx.service_atom(self.service, self._root), "service")

    def _set(self, segment: str, rest: list[str]) -> Answer:
        found = SEGMENT.fullmatch(segment)
        on = self.service.sets.get(found["name"]) if found else None
        if found is None or on is None:
            raise not_found(segment)
        if found["key"] is None:
            return self._collection(on, self.company.rows(on), rest)
        row = self._entity(on, found["key"])
        return self._below(on, row, rest) if rest else self._one(on, row, (str(row[on.material]),))

    def _entity(self, on: EntitySet, predicate: str) -> Row:
        key = {
            name: filters.literal_of(literal, FAMILIES[_type(on, name)]).value
            for name, literal in options.key_predicate(predicate, on).items()
        }
        material = str(key.pop(on.material))
        for row in sorted(self.company.rows(on, [material]), key=lambda row: row[on.material] != material):
            if all(row[name] == value for name, value in key.items()):
                return row
        raise not_found(on.type)

    def _below(self, on: EntitySet, row: Row, rest: list[str]) -> Answer:
        navigation = on.navigation(rest[0])
        if navigation is None:
            raise not_found(rest[0])
        target = self.service.sets[navigation.target]
        rows = self.company.related(self.service, row, on, navigation)
        keys = (str(row[on.material]),)
        if navigation.many:
            return replace(self._collection(target, rows, rest[1:], narrow=False), keys=keys)
        if rest[1:] or not rows:
            raise not_found(rest[-1])
        return self._one(target, rows[0], keys)

    def _collection(self, on: EntitySet, rows: Iterable[Row], rest: list[str], narrow: bool = True) -> Answer:
        if rest not in ([], ["$count"]):
            raise not_found(rest[0])
        options.only(self.options, options.COUNT if rest else options.QUERY)
        window = options.window(self.options, on)
        shape = options.shape(self.options, on, self.service)
        asked = filters.materials(window.test)
        found = window.arrange(self.company.rows(on, asked) if narrow and asked is not None else rows)
        cut = found[window.skip :][: window.top]
        if rest:
            return Answer(200, "text/plain", str(len(cut)).encode(), f"{on.name}.count", (), _keys(window.test))
        page = cut[window.token :][: on.page]
        end = window.token + len(page)
        following = self._next(end) if page and end < len(cut) else None
        return self._page(on, render.Page(page, len(found) if window.counted else None, following), shape, window.test)

    def _page(self, on: EntitySet, page: render.Page, shape: Shape, test: Node | None) -> Answer:
        media, writer = self._media(), self._writer
        body = (writer.json_page if media == "json" else writer.atom_page)(page, on, shape)
        return Answer(200, MEDIA[media], body, f"{on.name}.query", tuple(shape.columns()), _keys(test))

    def _one(self, on: EntitySet, row: Row, keys: tuple[str, ...]) -> Answer:
        options.only(self.options, options.SHAPE)
        shape = options.shape(self.options, on, self.service)
        media, writer = self._media(), self._writer
        body = (writer.json_entity if media == "json" else writer.atom_entity)(row, on, shape)
        return Answer(200, MEDIA[media], body, f"{on.name}.read", tuple(shape.columns()), keys)

    def _function(self, function: Function) -> Answer:
        options.only(self.options, {"$format"})
        given = functions.arguments(function, self.options)
        records = functions.answer(self.company, function, given)
        media = self._media()
        body = self._records_json(function, records) if media == "json" else _records_xml(function, records)
        kind = "application/json" if media == "json" else "application/xml"
        return Answer(200, kind, body, function.name, RETURNED, (str(given["Material"]),))

    def _records_json(self, function: Function, records: list[Row]) -> bytes:
        kind = {"type": f"{self.service.name}.AvailabilityRecord"}
        bodies = [{"__metadata": kind} | render.json_record(one, AVAILABILITY_RECORD) for one in records]
        return render.wrapped({"results": bodies} if function.many else {function.name: bodies[0]})

    def _media(self) -> str:
        media = render.media(self.question.accept, self.options)
        if media is None:
            raise ODataError(400, INVALID, f"Invalid value '{self.options['$format']}' for $format.")
        return media

    @property
    def _root(self) -> str:
        return f"{self.question.root}/{self.service.name}"

    @property
    def _writer(self) -> render.Writer:
        return render.Writer(
            self.service, self._root, lambda row, on, by: self.company.related(self.service, row, on, by)
        )

    def _next(self, token: int) -> str:
        kept = {name: value for name, value in self.options.items() if name != "$skiptoken"}
        kept["$skiptoken"] = str(token)
        query = "&".join(f"{quote(name, safe='$-')}={quote(value, safe=QUERY_SAFE)}" for name, value in kept.items())
        return f"{self.question.root}/{self.question.path}?{query}"


QUERY_SAFE = "'(),/$:"


def _keys(test: Node | None) -> tuple[str, ...]:
    return tuple(filters.materials(test) or ())


def _type(on: EntitySet, name: str) -> str:
    declared = on.property(name)
    if declared is None:
        raise not_found(name)
    return declared.type


def _records_xml(function: Function, records: list[Row]) -> bytes:
    names = f'xmlns:d="{render.DATA}" xmlns:m="{render.METADATA}"'
    elements = [render.xml_properties(one, AVAILABILITY_RECORD) for one in records]
    inner = "".join(f"<d:element>{one}</d:element>" for one in elements) if function.many else elements[0]
    return render.document(f"<d:{function.name} {names}>{inner}</d:{function.name}>")
