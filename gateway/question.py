"""What a caller asks, and how they want it answered: the values the HTTP layer hands to the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Question(msgspec.Struct, frozen=True):
    """One GraphQL request, as sent. `safe`: it came by GET, so that nothing but a query may run."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict)
    safe: bool = False


class Options(msgspec.Struct, frozen=True):
    """What the request headers ask for.

    include:      of `sources`, `plan`, `policy`, `cost`; each is given only to those who are granted it
    deadline_ms:  may only shorten the deadline in force
    on_withheld:  "null" or "error"
    traceparent:  as sent, when it is well-formed (W3C Trace Context)
    """

    include: frozenset[str] = frozenset()
    deadline_ms: int | None = None
    on_withheld: str = "null"
    purpose: str | None = None
    request_id: str = ""
    traceparent: str | None = None
