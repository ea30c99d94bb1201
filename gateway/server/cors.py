"""Pages of other origins (Fetch, CORS): those that are listed may call, with a token of their own and nothing else.

Nothing a browser sends by itself lets anybody in here, no cookie and no login, so credentials are never allowed, and
listing `*` opens the gateway to pages without lending them anything. For the same reason another site's page cannot ask
in a visitor's name (CSRF): an answer takes an Authorization header, which only a script may set, and only after a
preflight has let it; and a POST takes a content type that no form can send.
"""

from __future__ import annotations

import re

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from gateway.catalogue import SettingsError
from gateway.settings import Settings

SETTING = "cors.origins"
ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")

ASKING = ("authorization", "content-type", "x-include", "x-purpose", "x-deadline-ms", "x-on-withheld")
TRACING = ("idempotency-key", "x-request-id", "traceparent", "tracestate", "baggage")
CLIENTS = (
    "apollographql-client-name",
    "apollographql-client-version",
    "apollo-require-preflight",
    "graphql-require-preflight",
    "x-apollo-operation-name",
)
"""What well-known clients send along by themselves; it is not read here, and would otherwise fail their preflight."""

TELLING = ("x-request-id", "retry-after", "www-authenticate", "allow", "ratelimit", "ratelimit-policy", "x-absent")
REMEMBERED = 600
"""Seconds that a browser may go by one preflight."""


def cors(settings: Settings) -> list[Middleware]:
    """The layer that lets listed origins in; none when none is listed. Raises `SettingsError` for what is no origin."""
    origins = settings.texts(SETTING)
    for origin in origins:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            hint = "an origin is scheme://host or scheme://host:port, in small letters, with nothing behind it"
            raise SettingsError(f"{SETTING}: {origin!r} is no origin that a browser would name: {hint}")
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=ASKING + TRACING + CLIENTS,
            expose_headers=TELLING,
            max_age=REMEMBERED,
        )
    ]
