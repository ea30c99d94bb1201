"""How UPS says no: a list of errors inside a response."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response


class UpsError(Exception):
    """An error to be answered with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self._status = status
        self._error = {"code": code, "message": message}

    def response(self) -> Response:
        return JSONResponse({"response": {"errors": [self._error]}}, self._status)
