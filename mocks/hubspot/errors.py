"""How HubSpot says no: a status and a body with a correlation id and a category.

From the published schemas: `status`, `message`, `correlationId`, `category`, `errors[].context`. From its own clients:
the policy names and words of a 429. Which status a wrong number of ids gives (400, VALIDATION_ERROR) is chosen here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """An answer other than what was asked for."""

    def __init__(
        self, status: int, category: str, message: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {
            "status": "error",
            "message": message,
            "correlationId": str(uuid.uuid4()),
            "category": category,
            **more,
        }

    def response(self, headers: Mapping[str, str]) -> Response:
        return JSONResponse(self.body, self.status, {**headers, **self.headers})


def invalid(message: str) -> Refusal:
    return Refusal(400, "VALIDATION_ERROR", message)


def not_found(message: str) -> Refusal:
    return Refusal(404, "OBJECT_NOT_FOUND", message)


def no_token() -> Refusal:
    said = "Authentication credentials not found. This API supports OAuth 2.0 authentication"
    return Refusal(401, "INVALID_AUTHENTICATION", said, {"www-authenticate": "Bearer"})


def missing(scope: str) -> Refusal:
    said = "This app hasn't been granted all required scopes to make this call."
    errors = [{"message": "One or more of the following scopes are required.", "context": {"missingScopes": [scope]}}]
    return Refusal(
        403, "MISSING_SCOPES", said, errors=errors, links={"scopes": "https://developers.hubspot.com/scopes"}
    )


def too_many(policy: str, headers: Mapping[str, str]) -> Refusal:
    """`policy`: TEN_SECONDLY_ROLLING, SECONDLY or DAILY."""
    said = f"You have reached your {policy.lower()} limit."
    return Refusal(429, "RATE_LIMITS", said, headers, errorType="RATE_LIMIT", policyName=policy)
