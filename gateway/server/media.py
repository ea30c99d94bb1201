"""Content negotiation, both ways: what the caller can read (`Accept`) and what they have sent (`Content-Type`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.errors import HttpProblem
from gateway.server.heads import Named

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
OFFERED = (JSON, GRAPHQL)

LONGEST = 1000
"""Characters of a header that is taken apart; a browser's Accept has some hundred."""

QUALITY = re.compile(r"0(\.[0-9]{0,3})?|\.[0-9]{1,3}|1(\.0{0,3})?")  # Java's own client writes `*; q=.2`


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header; `place` is where it stands in it."""

    media: str
    quality: float
    place: int

    def fits(self, offered: str) -> bool:
        return self.media in (offered, f"{offered.partition('/')[0]}/*", "*/*")

    @property
    def exactness(self) -> int:
        return 2 - self.media.count("*")


def acceptable(accept: list[str]) -> str:
    """The media type to answer in. By quality, then by the caller's order; whoever names none gets plain JSON."""
    given = ",".join(accept)
    if given in ("*/*", JSON) or not given.strip():  # most clients
        return JSON
    if given == GRAPHQL:
        return GRAPHQL
    if wanted := preferred(accept, OFFERED):
        return wanted
    raise HttpProblem(406, f"Nothing acceptable: this endpoint answers in {JSON} or {GRAPHQL}.")


def preferred(accept: list[str], offered: Sequence[str]) -> str | None:
    """The media type of these that is wanted most; None: none of them."""
    given = ",".join(accept)
    if len(given) > LONGEST:
        raise HttpProblem(431, f"The Accept header is longer than {LONGEST} characters: name the media types you read.")
    ranges = list(_ranges(given))
    choices = [(*_preference(one, ranges), one) for one in offered]
    wanted = [choice for choice in choices if choice[0] > 0]
    return max(wanted, key=lambda choice: choice[:2])[2] if wanted else None


def require_json(headers: Named) -> None:
    """A form cannot send this content type: requiring it also keeps other sites' pages from posting."""
    given = headers.getlist("content-type")
    if given != [JSON] and not _json(given[0][:LONGEST] if len(given) == 1 else ""):
        raise HttpProblem(415, f"Send the request as `Content-Type: {JSON}` in UTF-8.", {"Accept-Post": JSON})
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        told = "Send the request unpacked, without a Content-Encoding."
        raise HttpProblem(415, told, {"Accept-Encoding": "identity"})  # RFC 9110 §15.5.16


def _json(content_type: str) -> bool:
    media, parameters = _parsed(content_type)
    return media == JSON and parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _preference(offered: str, ranges: list[Range]) -> tuple[float, int]:
    """(quality, earliness) of one of our types; the most exact entry that fits decides (RFC 9110 §12.5.1)."""
    fitting = [one for one in ranges if one.fits(offered)]
    best = max(fitting, key=lambda one: (one.exactness, -one.place), default=None)
    return (best.quality, -best.place) if best else (0.0, 0)


def _ranges(accept: str) -> Iterator[Range]:
    for place, entry in enumerate(accept.split(",")):
        media, parameters = _parsed(entry)
        quality = parameters.pop("q", "1")
        readable = parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")
        if media and readable and QUALITY.fullmatch(quality):
            yield Range("*/*" if media == "*" else media, float(quality), place)


def _parsed(entry: str) -> tuple[str, dict[str, str]]:
    media, *rest = (part.strip() for part in entry.split(";"))
    pairs = (part.partition("=") for part in rest)
    return media.lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
