"""Siebel's search language, written so that a value can never become a part of it.

A text literal has no escape for its quote. So a character that could end it, or act as a wildcard, is searched as `?`
(any one character) with LIKE: that finds what was meant and perhaps more, and whoever asks compares the rows it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

UNSAFE = re.compile(r"['\"*?\x00-\x1f\x7f\ud800-\udfff]")
ROW_ID = re.compile(r"(?=.{3,15}\Z)[0-9A-Za-z]+-[0-9A-Za-z]+")
OR = " OR "


def equal(field: str, value: str, *, fold: bool = False) -> str:
    """Rows whose field is this value, and perhaps a few that only look like it. `fold`: whatever the case."""
    safe = UNSAFE.sub("?", value)
    operator = "=" if safe == value else " LIKE "
    return f"[{field}]{_folded(operator) if fold else operator}'{safe}'"


def _folded(operator: str) -> str:
    return operator.replace("LIKE", "~LIKE").replace("=", "~=")


def digits(field: str, number: str) -> str:
    """Rows whose field has these digits in this order, whatever is written between them."""
    return f"[{field}] ~LIKE '*{'*'.join(number)}*'"


def any_of(terms: Iterable[str]) -> str:
    return f"({OR.join(terms)})"


def packed(terms: Mapping[str, str], most: int, room: int) -> Iterator[list[str]]:
    """Keys in batches whose terms fit one request: at most so many, and so many characters once encoded."""
    batch: list[str] = []
    left = room
    for key, term in terms.items():
        size = len(quote(term + OR, safe=""))
        if batch and (len(batch) == most or size > left):
            yield batch
            batch, left = [], room
        batch.append(key)
        left -= size
    if batch:
        yield batch
