"""What can go wrong, sorted by who may read about it.

    GatewayError
    ├─ BadPolicy             the operator's doing, told before anything is served; so is `catalogue.SettingsError`
    ├─ CallerError           their doing: the message is made of their own input and is safe to return
    │  └─ Refusal            a whole request, refused before anything was executed: one or more errors, no data
    ├─ HttpProblem           answered in HTTP's own words: a status, one sentence, headers
    │  ├─ Unauthenticated    401: one fixed body, whatever was wrong with the token
    │  └─ OutOfScope         403: a good token, but not for this endpoint
    └─ InternalError         our doing: callers get a reference number, the log gets the rest

What a backend does to us is not here: it becomes an error of one field, see `resolvers.backends.base`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

HOW_TO_BE_LET_IN = (
    "A valid token is needed: send `Authorization: Bearer TOKEN`. "
    "In dev mode `customer360 token --role ROLE` prints one; otherwise ask the operator of this gateway."
)


class Code(StrEnum):
    """`errors[].extensions.code`: the published enum. README says what each means."""

    BAD_REQUEST = "BAD_REQUEST"
    SYNTAX = "SYNTAX"
    VALIDATION = "VALIDATION"
    BAD_VARIABLE = "BAD_VARIABLE"
    LIMIT = "LIMIT"
    COST = "COST"
    NOT_ALLOWED = "NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    AMBIGUOUS = "AMBIGUOUS"
    BACKEND_UNAVAILABLE = "BACKEND_UNAVAILABLE"
    BACKEND_TIMEOUT = "BACKEND_TIMEOUT"
    BACKEND_THROTTLED = "BACKEND_THROTTLED"
    BACKEND_REFUSED = "BACKEND_REFUSED"
    BACKEND_GARBLED = "BACKEND_GARBLED"
    SATURATED = "SATURATED"
    DEADLINE = "DEADLINE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    AUDIT_UNAVAILABLE = "AUDIT_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class GatewayError(Exception):
    """Everything this package raises on purpose."""


class BadPolicy(GatewayError, ValueError):
    """A policy file that says something we do not understand."""


class CallerError(GatewayError):
    """One GraphQL error that its reader has caused. `locations` are `{"line", "column"}`, `path` is a response path."""

    def __init__(
        self,
        message: str,
        code: Code | str,
        *,
        locations: Sequence[Mapping[str, int]] | None = None,
        path: Sequence[str | int] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = str(code)
        self.locations = locations
        self.path = path
        self.extensions = {"code": self.code, **(extensions or {})}

    def as_json(self) -> dict[str, Any]:
        """As it stands in `errors`: absent parts are left out, as the specification wants it."""
        error: dict[str, Any] = {"message": self.message}
        if self.locations:
            error["locations"] = [dict(location) for location in self.locations]
        if self.path is not None:
            error["path"] = list(self.path)
        return error | {"extensions": self.extensions}


class Refusal(CallerError):
    """A whole request refused before execution. `errors` is ready for JSON; the first one gives message and code."""

    def __init__(self, errors: Sequence[CallerError | Mapping[str, Any]]) -> None:
        self.errors = tuple(one.as_json() if isinstance(one, CallerError) else dict(one) for one in errors)
        first = self.errors[0]
        super().__init__(first["message"], first.get("extensions", {}).get("code", Code.VALIDATION))


class HttpProblem(GatewayError):
    """The request is answered by its HTTP status; `message` says what to send instead. Without a `code` the body is
    the message alone."""

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        code: Code | None = Code.BAD_REQUEST,
    ) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.code = code


class Unauthenticated(HttpProblem):
    """No token, or one that is not good here. Only the challenge tells them apart (RFC 6750 §3.1), never the body."""

    def __init__(self, *, presented: bool = True) -> None:
        challenge = 'Bearer realm="customer360"' + (', error="invalid_token"' if presented else "")
        super().__init__(401, HOW_TO_BE_LET_IN, {"WWW-Authenticate": challenge}, None)


class OutOfScope(HttpProblem):
    """A good token that was not issued for this endpoint (RFC 6750 §3.1)."""

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer realm="customer360", error="insufficient_scope", scope="{scope}"'
        super().__init__(
            403, f"This token lacks the scope {scope!r}.", {"WWW-Authenticate": challenge}, Code.NOT_ALLOWED
        )


class InternalError(GatewayError):
    """A bug of ours. `reference` is all a caller learns; the cause (`raise … from`) goes to the log."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"internal error {reference}")
        self.reference = reference
