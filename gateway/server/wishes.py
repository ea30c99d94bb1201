"""The request headers that say how a caller wants to be answered → `Options`. A wish we cannot read is a 400."""

from __future__ import annotations

import re

from gateway.errors import HttpProblem
from gateway.question import Options
from gateway.server.heads import Named

INCLUDABLE = ("sources", "plan", "policy", "cost")
ON_WITHHELD = ("null", "error")

PURPOSE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")
WISHES = frozenset({"x-include", "x-deadline-ms", "x-on-withheld", "x-purpose", "traceparent"})
DEADLINE = re.compile(r"[1-9][0-9]{0,8}")
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def options_of(headers: Named, request_id: str) -> Options:
    if WISHES.isdisjoint(headers):  # as most are asked
        return Options(request_id=request_id)
    deadline = _once(headers, "x-deadline-ms")
    purpose = _once(headers, "x-purpose")
    on_withheld = _once(headers, "x-on-withheld")
    if deadline is not None and not DEADLINE.fullmatch(deadline):
        raise HttpProblem(400, "X-Deadline-Ms is a whole number of milliseconds, at least 1.")
    if purpose is not None and not PURPOSE.fullmatch(purpose):
        raise HttpProblem(400, "X-Purpose is one word: letters, digits, and `_.:-` after the first letter.")
    if on_withheld is not None and on_withheld not in ON_WITHHELD:
        raise HttpProblem(400, "X-On-Withheld is `null` or `error`.")
    return Options(
        include=_include(headers),
        deadline_ms=int(deadline) if deadline else None,
        on_withheld=on_withheld or "null",
        purpose=purpose,
        request_id=request_id,
        traceparent=_traceparent(headers),
    )


def _include(headers: Named) -> frozenset[str]:
    words = frozenset(
        word.strip().lower() for word in ",".join(headers.getlist("x-include")).split(",") if word.strip()
    )
    if not words <= set(INCLUDABLE):
        raise HttpProblem(400, f"X-Include is a comma list of {', '.join(INCLUDABLE)}.")
    return words


def _traceparent(headers: Named) -> str | None:
    """A malformed one is ignored, as W3C Trace Context §3.2.2 wants it: tracing never fails a request."""
    given = headers.getlist("traceparent")
    return given[0] if len(given) == 1 and TRACEPARENT.fullmatch(given[0]) else None


def _once(headers: Named, name: str) -> str | None:
    given = headers.getlist(name)
    if len(given) > 1:
        raise HttpProblem(400, f"{name.title()} is given {len(given)} times: send it once.")
    return given[0].strip() if given else None
