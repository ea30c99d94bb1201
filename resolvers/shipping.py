"""Where the parcels are: their carriers know. Which there are, and what is in them: the order system."""

from __future__ import annotations

import re

LONGEST = 34
SEPARATORS = re.compile(r"[\s.-]+")
PLAIN = re.compile(r"[A-Z0-9]{4,34}", re.ASCII)
SHAPES = {
    "ups": re.compile(r"1Z[A-Z0-9]{16}|T[0-9]{10}", re.ASCII),
    "fedex": re.compile(r"[0-9]{12}|[0-9]{15}|[0-9]{20}|96[0-9]{20}", re.ASCII),
}
NAMES = {"ups": "ups", "united parcel service": "ups", "fedex": "fedex", "federal express": "fedex"}


def tracking_number(text: str) -> str | None:
    """One spelling: capitals, no spaces, dots or dashes. None for what is no tracking number."""
    bare = SEPARATORS.sub("", text[: LONGEST * 2]).upper()
    return bare if PLAIN.fullmatch(bare) else None


def carriers_of(number: str, name: str | None = None) -> tuple[str, ...]:
    """Which of our carriers to ask: the one that the order system names, else the one whose numbers look like that,
    else each of them. None for the parcel of a carrier we are not connected to."""
    if name:
        known = NAMES.get(name.casefold().split(" ground")[0].strip())
        return (known,) if known else ()
    return tuple(carrier for carrier, shape in SHAPES.items() if shape.fullmatch(number)) or tuple(SHAPES)
