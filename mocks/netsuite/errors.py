"""Refusals, as NetSuite's REST services write them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

RESOURCE = "application/vnd.oracle.resource+json"
RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-"
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
SECTIONS = {400: "15.5.1", 401: "15.5.2", 403: "15.5.4", 404: "15.5.5", 405: "15.5.6"}
LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)


class Problem(Exception):
    """One refusal. `where`: `o:errorPath`, `o:errorQueryParam`, `o:errorHeader` or `o:errorUrlPath`, with its value."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        where: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self._detail = {"detail": detail, **(where or {}), "o:errorCode": code}
        self._headers = dict(headers or {})

    def response(self) -> Response:
        body = {
            "type": RFC + SECTIONS.get(self.status, "15.5.1"),
            "title": TITLES.get(self.status, "Bad Request"),
            "status": self.status,
            "o:errorDetails": [self._detail],
        }
        return Response(json.dumps(body), self.status, self._headers, f"{RESOURCE}; type=error")


def not_logged_in(account: str) -> Problem:
    challenge = f'Bearer realm="{account}", error="invalid_token", error_description="Invalid login attempt."'
    return Problem(401, "INVALID_LOGIN", LOGIN, headers={"WWW-Authenticate": challenge})


def too_many() -> Problem:
    return Problem(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")


def bad_search(why: str) -> Problem:
    return Problem(400, "INVALID_PARAMETER", f"Invalid search query. Search error occurred: {why}.")


def bad_parameter(name: str, why: str) -> Problem:
    return Problem(400, "INVALID_PARAMETER", why, {"o:errorQueryParam": name})


def not_there(kind: str, key: str) -> Problem:
    detail = f"The record instance does not exist. Provide a valid record instance ID: {kind} {key[:40]}."
    return Problem(404, "NONEXISTENT_ID", detail, {"o:errorUrlPath": key[:40]})
