"""SAP S/4HANA: products, stock and availability as three released OData v2 services, read-only.

    /sap/opu/odata/sap/API_PRODUCT_SRV                A_Product, A_ProductDescription, …Plant, …BasicText
    /sap/opu/odata/sap/API_MATERIAL_STOCK_SRV         A_MaterialStock, A_MatlStkInAcctMod
    /sap/opu/odata/sap/API_PRODUCT_AVAILY_INFO_BASIC  DetermineAvailabilityAt, …Of, CalculateAvailabilityTimeseries

Where the facts are unverified this server chooses: `sap-client` comes as query parameter or header, must be 100 when
it comes, and a wrong one is a failed logon; a GET target beyond 8192 characters is 414; an unknown service is 404
with /IWFND/MED/170; writes are 405, inside changesets too. The request log has each part of a `$batch` as a question
of its own, with the operation it would have alone.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mocks.control import note
from mocks.sap import batch, sessions
from mocks.sap.batch import Part
from mocks.sap.errors import INVALID, ODataError
from mocks.sap.resources import Answer, Question, answer, refusal
from mocks.sap.rows import Company
from mocks.sap.sessions import PASSWORD, USERNAME, Sessions
from mocks.world.model import World

__all__ = ["PASSWORD", "TITLE", "USERNAME", "create"]

TITLE = "SAP S/4HANA inventory (OData v2)"
ROOT = "/sap/opu/odata/sap"
LONGEST_TARGET = 8192
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "MERGE"]
READ_ONLY = ODataError(405, INVALID, "The service is read-only: method not implemented.")


def create(world: World) -> Starlette:
    """The SAP of a world. Users: one, `USERNAME` with `PASSWORD`."""
    return Starlette(routes=[Route(f"{ROOT}/{{rest:path}}", _endpoint(world.part(Company)), methods=METHODS)])


def _endpoint(company: Company) -> Callable[[Request], object]:
    open_sessions = Sessions()

    async def endpoint(request: Request) -> Response:
        if len(_target(request)) > LONGEST_TARGET:
            return HTMLResponse("<html><body><h1>414 Request-URI Too Long</h1></body></html>", 414)
        if not sessions.known(request):
            return sessions.stranger()
        reading = request.method in ("GET", "HEAD")
        if not reading and not open_sessions.trusts(request):
            return sessions.token_required()
        response = _read(company, request) if reading else await _post(company, request)
        if reading and request.headers.get("x-csrf-token", "").lower() == "fetch":
            open_sessions.grant(request, response)
        return response

    return endpoint


def _read(company: Company, request: Request) -> Response:
    path, query = _path(request), request.scope["query_string"].decode("latin-1")
    question = Question(path, query, request.headers.get("accept", ""), _root(request))
    found = answer(company, question)
    note(request, found.operation, found.columns, found.keys)
    return _response(found)


async def _post(company: Company, request: Request) -> Response:
    service, _, resource = unquote(_path(request)).partition("/")
    json = "json" in request.headers.get("accept", "")
    if request.method != "POST" or resource != "$batch":
        note(request, f"{request.method} {resource}")
        return _response(refusal(READ_ONLY, service, json), {"allow": "GET, HEAD"})
    try:
        parts = batch.parts(request.headers.get("content-type", ""), await request.body())
    except ODataError as error:
        note(request, "$batch")
        return _response(refusal(error, service, json))
    answers = [_part(company, part, service, _root(request)) for part in parts]
    for one in answers:
        note(request, one.operation, one.columns, one.keys)
    media, body = batch.envelope(answers)
    return _response(Answer(202, media, body))


def _part(company: Company, part: Part, service: str, root: str) -> Answer:
    json = "json" in part.accept
    if part.method != "GET":
        return refusal(READ_ONLY, service, json, part.method)
    try:
        return answer(company, batch.question(part, service, root))
    except ODataError as error:
        return refusal(error, service, json)


def _response(found: Answer, headers: dict[str, str] | None = None) -> Response:
    response = Response(found.body, found.status, {"dataserviceversion": "2.0", **(headers or {})})
    response.headers["content-type"] = found.media
    return response


def _path(request: Request) -> str:
    """The path below the root, still percent-encoded: an encoded slash is part of a key."""
    return _raw_path(request).decode("latin-1")[len(ROOT) + 1 :]


def _target(request: Request) -> bytes:
    query: bytes = request.scope["query_string"]
    return _raw_path(request) + b"?" + query


def _raw_path(request: Request) -> bytes:
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return raw.partition(b"?")[0]


def _root(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{ROOT}"
