"""How the delivery API says no: a status and an error body that carries its own request id.

From the recordings: AccessTokenInvalid, BadRequest (unknown locale), InvalidQuery (unknown path), NotFound,
RateLimitExceeded. Known from clients in the open: `Response size too big…` (BadRequest), `unknownContentType`, and the
words about `content_type`. The names of the other details, and which of BadRequest and InvalidQuery a number out of
range is, are chosen here (BadRequest); so are 414 for a URI that is too long and 405 for anything but reading.
"""

from __future__ import annotations

from typing import Any

INVALID = (
    "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a "
    "field."
)
NEEDS_TYPE = (
    "When querying for entries and involving fields you need to limit your query to a specific content type. Please "
    "send a 'content_type' parameter with the ID of the content type you are querying for."
)
LARGEST = 7_340_032


class Refusal(Exception):
    """An answer other than what was asked for; `id` is the hub's word for it."""

    def __init__(self, status: int, name: str, message: str, details: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.id = name
        self.message = message
        self.details = details

    def body(self, request_id: str) -> dict[str, Any]:
        said: dict[str, Any] = {"sys": {"type": "Error", "id": self.id}, "message": self.message}
        if self.details is not None:
            said["details"] = self.details
        return {**said, "requestId": request_id}


def bad(message: str) -> Refusal:
    return Refusal(400, "BadRequest", message)


def invalid(**error: object) -> Refusal:
    return Refusal(400, "InvalidQuery", INVALID, {"errors": [error]})


def unknown(path: str) -> Refusal:
    """A filter, order or selection by something that is not there."""
    return invalid(name="unknown", path=path.split("."), details=f'The path "{path}" is not recognized')


def inapplicable(path: str, operator: str, kind: str) -> Refusal:
    said = f'The operator "{operator}" is not applicable to "{path}" of type {kind}'
    return invalid(name="operator", path=path.split("."), details=said)


def needs_type() -> Refusal:
    return invalid(name="contentTypeRequired", details=NEEDS_TYPE)


def not_found(kind: str, name: str, environment: str, space: str) -> Refusal:
    details = {"type": kind, "id": name, "environment": environment, "space": space}
    return Refusal(404, "NotFound", "The resource could not be found.", details)


def no_token() -> Refusal:
    return Refusal(401, "AccessTokenInvalid", "The access token you sent could not be found or is invalid.")


def too_fast() -> Refusal:
    return Refusal(
        429,
        "RateLimitExceeded",
        "You have exceeded the rate limit of the Organization this Space belongs to by making too many API requests "
        "within a short timespan. Please wait a moment before trying the request again.",
    )


def too_big() -> Refusal:
    return bad(f"Response size too big. Maximum allowed response size: {LARGEST}B.")
