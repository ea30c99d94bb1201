"""How FedEx says no: an envelope with the transaction's id and a list of codes."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class FedexError(Exception):
    """An error to be answered with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self._status = status
        self._error = {"code": code, "message": message}

    def response(self, request: Request) -> Response:
        return JSONResponse(transaction(request) | {"errors": [self._error]}, self._status)


def transaction(request: Request) -> dict[str, Any]:
    """What every answer begins with."""
    theirs = request.headers.get("x-customer-transaction-id")
    return {"transactionId": str(uuid.uuid4())} | ({"customerTransactionId": theirs} if theirs else {})


def unauthorized(why: str) -> FedexError:
    return FedexError(401, "NOT.AUTHORIZED.ERROR", f"{why} Please modify your request and try again.")
