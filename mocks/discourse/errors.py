"""How the community says no: `errors` and an `error_type`, and, when there is too much, how long to wait.

A wrong key is `invalid_access`, as is a topic in a category that the caller may not see. What the proxy in front says
is a page of its own, in HTML.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

PROXY_PAGE = (
    "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many Requests</h1>"
    "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Refusal(Exception):
    """An answer other than what was asked for."""

    def __init__(self, status: int, kind: str, message: str, **extras: Any) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.extras = extras

    def response(self) -> Response:
        body: dict[str, Any] = {"errors": [self.message], "error_type": self.kind}
        headers = {}
        if self.extras:
            body["extras"] = self.extras
        if "wait_seconds" in self.extras:
            headers["retry-after"] = str(self.extras["wait_seconds"])
        return JSONResponse(body, self.status, headers)


def no_access() -> Refusal:
    return Refusal(403, "invalid_access", "You are not permitted to view the requested resource.")


def not_found() -> Refusal:
    return Refusal(404, "not_found", "The requested URL or resource could not be found.")


def bad(parameter: str) -> Refusal:
    return Refusal(400, "invalid_parameters", f"You supplied invalid parameters to the request: {parameter}")


def too_many(seconds: int) -> Refusal:
    said = f"You've performed this action too many times. Please wait {seconds} seconds before trying again."
    return Refusal(429, "rate_limit", said, wait_seconds=seconds, time_left=f"{seconds} seconds")


def from_the_proxy() -> Response:
    return HTMLResponse(PROXY_PAGE, 429)
