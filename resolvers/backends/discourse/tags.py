"""The tag that names a product, and back.

Tags are lower case and hold letters, digits and dashes; every other mark of a SKU, small letters too, is spelled by its
code between underscores, so no two SKUs share a tag.
"""

from __future__ import annotations

import re

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
CODED = re.compile(r"_([0-9a-f]{1,6})_")
TAG = re.compile(r"(?:[a-z0-9-]|_[0-9a-f]{1,6}_)+")
LONGEST_SKU = 60


def tag(prefix: str, sku: str) -> str | None:
    """None: nobody would have a tag for it."""
    if not 0 < len(sku) <= LONGEST_SKU:
        return None
    return prefix + "".join(mark.lower() if mark in PLAIN else f"_{ord(mark):x}_" for mark in sku)


def sku(prefix: str, tag: str) -> str | None:
    """The SKU; None for a tag that names no product."""
    spelled = tag.removeprefix(prefix)
    if spelled == tag or not TAG.fullmatch(spelled):
        return None
    parts = CODED.split(spelled)
    try:
        return "".join(chr(int(part, 16)) if at % 2 else part.upper() for at, part in enumerate(parts))
    except (ValueError, OverflowError):
        return None
