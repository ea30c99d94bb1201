"""How the framework says no: plain text before version 4, problem objects from then on."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.responses import PlainTextResponse, Response

from mocks.oracle_om.catalogue import Resource

ERROR = "application/vnd.oracle.adf.error+json"


class Problem(Exception):
    """An answer other than the one hoped for. `path` names the offending parameter."""

    def __init__(self, status: int, detail: str, code: str = "", path: str = "", headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.path = path
        self.headers = headers

    def response(self, version: int) -> Response:
        if version < 4:
            return PlainTextResponse(self.detail, self.status, self.headers)
        parts = {"detail": self.detail, "o:errorCode": self.code, "o:errorPath": self.path}
        body = {
            "title": HTTPStatus(self.status).phrase,
            "status": str(self.status),
            "o:errorDetails": [{key: value for key, value in parts.items() if value}],
        }
        return Response(msgspec.json.encode(body), self.status, self.headers, ERROR)


def unparsable(text: str) -> Problem:
    return Problem(400, f"URL request parameter q cannot be parsed near {text[:60]}.", "27519", "/q")


def queryable(name: str, resource: Resource, path: str, below: bool = False) -> str:
    """The name of an attribute, if there is one: of the resource itself or, `below` it, of a child."""
    if resource.attribute(name) is None or ("." in name and not below):
        raise Problem(400, f"The attribute {name[:60]} is not a queryable attribute.", "27520", path)
    return name


def not_found() -> Problem:
    return Problem(404, "Not Found", "27510")
