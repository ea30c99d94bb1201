"""Row-match expressions and addresses. Whatever a caller gave is a quoted literal here, and nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from resolvers.backends.base import Gap, Key, Unusable
from resolvers.backends.base.length import at_most
from resolvers.backends.base.quoting import query, quoted

LONGEST_KEY = 240
"""Characters; no attribute we look up by is wider. What is longer is not there."""

LIST_BUDGET = 4000
"""Bytes of an `IN` list in the address. Web servers take some 8 kB in all."""

QUERY_BUDGET = 6200
"""Bytes of a whole condition in the address: what the longest list of columns leaves of 8 kB."""


def text(value: str) -> str:
    """A string literal. A quote in it is doubled; control characters and half characters are refused (Unusable)."""
    if not value.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise Unusable("It has control characters in it, which no key of the order system has.")
    return "'" + value.replace("'", "''") + "'"


def moment(at: datetime) -> str:
    """A timestamp literal. Raises ValueError for a moment without an offset."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no offset")
    return f"'{at.isoformat()}'"


def among(attribute: str, values: Iterable[str]) -> str:
    return f"{attribute} IN ({','.join(map(text, values))})"


def together_short(*conditions: str) -> str:
    """All of these ("" is none). Raises Unusable when that is too long for an address."""
    whole = " and ".join(condition for condition in conditions if condition)
    if len(quoted(whole)) > QUERY_BUDGET:
        raise Unusable("Those are more words than the order system can be asked for at once.")
    return whole


def behind(placed_at: datetime | None, number: str) -> str:
    """Orders that come after this one, newest first. The database puts nulls first going down."""
    if placed_at is None:
        same, later = "TransactionOn is null", "TransactionOn is not null"
    else:
        same, later = f"TransactionOn = {moment(placed_at)}", f"TransactionOn < {moment(placed_at)}"
    return f"({later} or ({same} and OrderNumber < {text(number)}))"


def address(path: str, parameters: Mapping[str, str | int]) -> str:
    return f"{path}?{query(parameters)}"


def sendable(keys: Sequence[Key]) -> tuple[list[str], dict[Key, Gap]]:
    """Keys that can be asked for, each once, and those that can never be. What cannot exist is in neither."""
    fit: dict[str, None] = {}
    refused: dict[Key, Gap] = {}
    for key in keys:
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
            continue
        try:
            text(key)
            fit[key] = None
        except Unusable as error:
            refused[key] = error
    return list(fit), refused


def portions(keys: Sequence[str], most: int) -> Iterator[list[str]]:
    """Keys in lists of at most `most`, each short enough for an address."""
    if 0 < len(keys) <= most and sum(at_most(text(key)) + 3 for key in keys) <= LIST_BUDGET:
        yield list(keys)  # however much of them has to be encoded, so that nothing need be measured
        return
    portion: list[str] = []
    size = 0
    for key in keys:
        weight = len(quoted(text(key))) + 3
        if portion and (len(portion) == most or size + weight > LIST_BUDGET):
            yield portion
            portion, size = [], 0
        portion.append(key)
        size += weight
    if portion:
        yield portion
