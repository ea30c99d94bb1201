"""How the hub says no: `application/problem+json` with a request id, whatever the call is modelled on."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse


class Problem(Exception):
    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def response(self, request: Request) -> JSONResponse:
        asked = request_id(request)
        body = {
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": request.url.path,
            "requestId": asked,
            "context": [],
        }
        headers = {**self.headers, "X-Request-ID": asked}
        return JSONResponse(body, self.status, headers, media_type="application/problem+json")


def request_id(request: Request) -> str:
    """The caller's own, given back; one of ours is made of nothing but the place it stands for."""
    return request.headers.get("x-request-id", "")[:100] or f"hub-{id(request):x}"
