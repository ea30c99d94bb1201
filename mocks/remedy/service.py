"""The endpoints below `/api/arsys/v1`, whatever the form.

Chosen: rows of an incident form are addressed by Entry ID, on the interface form also by Request ID; incidents are
created through the create form (or merged in), a plain POST to the other two is refused; `mergeEntry` answers 201 with
a Location for a row it made, 204 for one it changed; DUP_OVERWRITE is refused. A target beyond 8,192 bytes is 414.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note, wrote
from mocks.remedy import asked, qualification
from mocks.remedy.asked import Asked
from mocks.remedy.cases import Reference, Store
from mocks.remedy.errors import ARError, bad_body, no_entry, no_form
from mocks.remedy.forms import CREATE, FORMS, HELP_DESK, INTERFACE, WORK_LOG, Form
from mocks.remedy.login import USERNAME, Login
from mocks.remedy.search import Search
from mocks.remedy.values import wire
from mocks.remedy.writes import Writer

LONGEST_TARGET = 8_192
MERGES = ("DUP_ERROR", "DUP_NEW_ID", "DUP_MERGE", "GEN_NEW_ID")


class Service:
    def __init__(self, store: Store, login: Login) -> None:
        self._store = store
        self._login = login
        self._search = Search(store)
        self._writer = Writer(store)

    # endpoints

    async def entries(self, request: Request) -> Response:
        """GET, POST /entry/{form}"""
        form = self._form(request)
        return await (self._create(request, form) if request.method == "POST" else self._query(request, form))

    async def entry(self, request: Request) -> Response:
        """GET, PUT, DELETE /entry/{form}/{entryId}"""
        form, entry_id = self._form(request), request.path_params["entry_id"]
        match request.method:
            case "PUT":
                values = _values(await _body(request))
                note(request, f"{form.name}.modify", values, [entry_id])
                self._writer.change(form, self._found(form, entry_id), values)
                wrote(request, {"operation": f"{form.name}.modify", "key": entry_id, "values": values})
                return Response(status_code=204)
            case "DELETE":
                note(request, f"{form.name}.delete", (), [entry_id])
                self._writer.delete(form, self._found(form, entry_id))
                wrote(request, {"operation": f"{form.name}.delete", "key": entry_id})
                return Response(status_code=204)
        fields = asked.fields(form, request.query_params)
        note(request, f"{form.name}.get", [name for name, _ in fields], [entry_id])
        return JSONResponse(self._shown(request, form, self._found(form, entry_id), fields))

    async def merge(self, request: Request) -> Response:
        """POST /mergeEntry/{form}"""
        form = self._form(request)
        body = await _body(request)
        values = _values(body)
        note(request, f"{form.name}.merge", values, _literals(form, body))
        reference = await self._to_merge_with(form, body, values)
        if reference is None:
            made = self._writer.create(form, {k: v for k, v in values.items() if k not in _own_ids(form)}, USERNAME)
            return self._made(request, form, made, values, "merge")
        changed = {name: value for name, value in values.items() if name not in _own_ids(form)}
        self._writer.change(form, reference, changed)
        wrote(request, {"operation": f"{form.name}.merge", "key": self._entry_id(form, reference), "values": values})
        return Response(status_code=204)

    # reads

    async def _query(self, request: Request, form: Form) -> Response:
        question = asked.read(form, request.query_params)
        keys = qualification.literals(question.wanted) if question.wanted else ()
        note(request, f"{form.name}.query", [name for name, _ in question.fields], keys)
        found = await self._search.find(form, question.wanted, question.sort)
        page = found[question.offset : question.offset + question.limit]
        entries = [self._shown(request, form, one, question.fields) for one in page]
        links = _links(request, form, question, more=len(found) > question.offset + question.limit)
        return JSONResponse({"entries": entries, "numMatches": None, "_links": links})

    def _shown(
        self, request: Request, form: Form, reference: Reference, fields: Sequence[tuple[str, str]]
    ) -> dict[str, Any]:
        row = self._search.row(form, reference)
        href = f"{_address(request, form)}/{quote(self._entry_id(form, reference), safe='')}"
        return {"values": {name: wire(row(own)) for name, own in fields}, "_links": {"self": [{"href": href}]}}

    # writes

    async def _create(self, request: Request, form: Form) -> Response:
        body = _values(await _body(request))
        note(request, f"{form.name}.create", body)
        if form.name in (HELP_DESK, INTERFACE):
            raise ARError(403, 353, "You have no access to form", f"{form.name} : use {CREATE}")
        return self._made(request, form, self._writer.create(form, body, USERNAME), body, "create")

    def _made(self, request: Request, form: Form, made: Reference, values: Any, verb: str) -> Response:
        entry_id = self._entry_id(form, made)
        wrote(request, {"operation": f"{form.name}.{verb}", "key": entry_id, "values": values})
        headers = {"Location": f"{_address(request, form)}/{quote(entry_id, safe='')}"}
        if "fields" not in request.query_params:
            return Response(status_code=201, headers=headers)
        fields = asked.fields(form, request.query_params)
        return JSONResponse(self._shown(request, form, made, fields), 201, headers)

    async def _to_merge_with(self, form: Form, body: Any, values: dict[str, Any]) -> Reference | None:
        options = body.get("mergeOptions") or {}
        kind = options.get("mergeType", "DUP_ERROR") if isinstance(options, dict) else None
        if kind not in MERGES:
            raise bad_body(f"mergeType {kind}")
        wanted = qualification.parse(str(body.get("qualification") or ""), form.field)
        if wanted is not None:
            found = await self._search.find(form, wanted)
            if len(found) > 1 and options.get("multimatchOption", 0) != 1:
                raise ARError(400, 382, "Multiple entries match the qualification", form.name)
            return found[0] if found else None
        named = (self._reference(form, str(values.get(name, ""))) for name in _own_ids(form))
        same = next((one for one in named if one is not None), None)
        if same is not None and kind == "DUP_ERROR":
            raise ARError(400, 382, "The entry already exists", form.name)
        return same if kind == "DUP_MERGE" else None

    # what a request is about

    def _form(self, request: Request) -> Form:
        if len(request.scope["raw_path"]) + 1 + len(request.scope["query_string"]) > LONGEST_TARGET:
            raise ARError(414, 0, "Request-URI Too Long")
        self._login.check(request)
        name = request.path_params["form"]
        if name not in FORMS:
            note(request, "entry", (), [name])
            raise no_form(name)
        return FORMS[name]

    def _found(self, form: Form, entry_id: str) -> Reference:
        reference = self._reference(form, entry_id)
        if reference is None:
            raise no_entry(form.name, entry_id)
        return reference

    def _reference(self, form: Form, entry_id: str) -> Reference | None:
        if form.name == WORK_LOG:
            return self._store.worklogs.find(entry_id)
        return self._store.creations.find(entry_id) if form.name == CREATE else self._store.by_entry_id(entry_id)

    def _entry_id(self, form: Form, reference: Reference) -> str:
        if form.name not in (HELP_DESK, INTERFACE):
            return str(self._search.row(form, reference)(form.key))
        entry_id = self._store.incidents.row(reference).ticket.entry_id
        return f"{entry_id}|{entry_id}" if form.name == INTERFACE else entry_id


def _own_ids(form: Form) -> tuple[str, ...]:
    """Fields that name the row itself, when it is merged."""
    return ("Work Log ID",) if form.name == WORK_LOG else ("Entry ID", "Request ID", "Incident Number")


def _address(request: Request, form: Form) -> str:
    base = str(request.base_url.replace(path="/api/arsys/v1/entry"))
    return f"{base}/{quote(form.name, safe=':')}"


def _links(request: Request, form: Form, question: Asked, *, more: bool) -> dict[str, Any]:
    """`self`, and `next` unless this is the last page; both carry all parameters."""

    def link(offset: int) -> list[dict[str, str]]:
        page = {"limit": str(question.limit), "offset": str(offset)}
        params = urlencode(dict(request.query_params) | page, quote_via=quote)
        return [{"href": f"{_address(request, form)}?{params}"}]

    following = {"next": link(question.offset + question.limit)} if more else {}
    return {**following, "self": link(question.offset)}


def _literals(form: Form, body: Any) -> list[str]:
    wanted = qualification.parse(str(body.get("qualification") or ""), form.field)
    return list(qualification.literals(wanted)) if wanted else []


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise bad_body("it is not JSON") from error
    if not isinstance(body, dict):
        raise bad_body("it is no object")
    return body


def _values(body: dict[str, Any]) -> dict[str, Any]:
    values = body.get("values")
    if not isinstance(values, dict):
        raise bad_body("there are no values")
    return values
