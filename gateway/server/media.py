"""Content negotiation, both ways: what the caller can read (`Accept`) and what they have sent (`Content-Type`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import HttpProblem

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
OFFERED = (JSON, GRAPHQL)

QUALITY = re.compile(r"0(\.[0-9]{0,3})?|\.[0-9]{1,3}|1(\.0{0,3})?")  # Java's own client writes `*; q=.2`


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header; `place` is where it stands in it."""

    media: str
    quality: float
    place: int

    def fits(self, offered: str) -> bool:
        return self.media in (offered, "application/*", "*/*")

    @property
    def exactness(self) -> int:
        return 2 - self.media.count("*")


def acceptable(accept: list[str]) -> str:
    """The media type to answer in. By quality, then by the caller's order; whoever names none gets plain JSON."""
    ranges = list(_ranges(",".join(accept)))
    if not accept or not ",".join(accept).strip():
        return JSON
    choices = [(*_preference(offered, ranges), offered) for offered in OFFERED]
    wanted = [choice for choice in choices if choice[0] > 0]
    if not wanted:
        raise HttpProblem(406, f"Nothing acceptable: this endpoint answers in {JSON} or {GRAPHQL}.")
    return max(wanted, key=lambda choice: choice[:2])[2]


def require_json(headers: Mapping[str, str]) -> None:
    """A form cannot send this content type: requiring it also keeps other sites' pages from posting."""
    media, parameters = _parsed(headers.get("content-type", ""))
    if media != JSON or parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise HttpProblem(415, f"Send the request as `Content-Type: {JSON}` in UTF-8.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HttpProblem(415, "Send the request unpacked, without a Content-Encoding.")


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
