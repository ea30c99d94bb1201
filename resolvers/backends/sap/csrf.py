"""SAP's token against forged requests: anything but a read needs it, `$batch` of mere reads included.

A GET on the service root with `X-CSRF-Token: Fetch` gives the token and the session cookies it is tied to; both go
along from then on. When they are no longer good the answer is 403 with `x-csrf-token: Required`, which is worth one
new token; any other 403 is about what we may do (KBA 3048103).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from resolvers.backends.base import Flow, Garbled, Pass, Refused, Reply, Request, Throttled, Unavailable
from resolvers.backends.sap.odata import Root, accepted

HEADER = "x-csrf-token"
PLAIN = re.compile(r"[\x21-\x7e]{1,4096}")
COOKIE = re.compile(r"\s*([^\s=;]+)=([\x21-\x3a\x3c-\x7e]+)")


def fetch(system: str, root: Root, service: str) -> Flow[Pass]:
    """The conversation that gets a token: one question. What the answer's body says does not matter."""
    asked = root.get(f"{service}/", {})
    reply = yield Request(asked.method, asked.target, (*asked.headers, (HEADER, "Fetch")))
    if reply.status != 200:
        _refuse(system, reply)
    token = reply.headers.get(HEADER, "").strip()
    if not PLAIN.fullmatch(token) or token.lower() in ("required", "fetch"):
        raise Garbled(system, "a token was asked for and none was given")
    cookies = "; ".join(f"{name}={value}" for name, value in dict(_pairs(reply.cookies)).items())
    return Pass(((HEADER, token), *((("Cookie", cookies),) if cookies else ())))


def worn_out(reply: Reply) -> bool:
    """Whether a new token may help."""
    return reply.status == 403 and reply.headers.get(HEADER, "").strip().lower() == "required"


def _refuse(system: str, reply: Reply) -> None:
    try:
        accepted(system, reply)
    except (Refused, Throttled, Unavailable):
        raise
    raise Garbled(system, f"status {reply.status} where a token was asked for")


def _pairs(cookies: Iterable[str]) -> Iterator[tuple[str, str]]:
    found = (COOKIE.match(cookie) for cookie in cookies)
    return ((one[1], one[2]) for one in found if one)
