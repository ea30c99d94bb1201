"""Siebel's search language, written so that a value can never become a part of it.

A text literal has no escape for its quote. So a character that could end it, or act as a wildcard, is searched as `?`
(any one character) with LIKE: that finds what was meant and perhaps more, and whoever asks compares the rows it gets.

Chosen where the facts are silent [mem]: texts are in the order of their code points and what is empty comes after all
others, as in an Oracle database set up for Siebel (NLS_SORT=BINARY). Only `behind` relies on it, and on the first half
of it only for values that no literal can hold.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from resolvers.backends.base.length import at_most
from resolvers.backends.base.quoting import quoted

UNSAFE = re.compile(r"['\"*?\x00-\x1f\x7f\ud800-\udfff]")
ROW_ID = re.compile(r"(?=.{3,15}\Z)[0-9A-Za-z]+-[0-9A-Za-z]+")
OR = " OR "
LONGEST_BOUND = 24  # characters of a value that rows are compared with, so that three of them fit a request


class Term(NamedTuple):
    """A condition. `exact`: it holds for nothing but what is meant."""

    spec: str
    exact: bool


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


def contains(field: str, text: str) -> str:
    """Rows whose field has this text in it, whatever its case, and perhaps a few that only look like it."""
    return f"[{field}] ~LIKE '*{UNSAFE.sub('?', text)}*'"


def literal(value: str) -> bool:
    """Whether a literal can hold it, so that it finds just what is meant."""
    return not UNSAFE.search(value)


def behind(place: Sequence[tuple[str, str]], *, descending: bool) -> Term:
    """Rows after one with these values, in the order of these fields; the last of them tells rows apart.

    Where a value cannot be a literal, rows after the last literal before it (going up) or before the first one after it
    (going down): then rows at and before the place are among them.
    """
    (field, value), *rest = place
    kept = UNSAFE.split(value, maxsplit=1)[0][:LONGEST_BOUND]
    if kept != value:
        return Term(any_of(_around(field, kept, value[len(kept)], descending)), exact=False)
    if not rest:
        return Term(f"[{field}] {'<' if descending else '>'} '{value}'", exact=True)
    same = f"[{field}] = '{value}'" if value else f"[{field}] IS NULL"
    deeper = behind(rest, descending=descending)
    further = [*_further(field, value, descending), f"({same} AND {deeper.spec})"]
    return Term(any_of(further), deeper.exact)


def _further(field: str, value: str, descending: bool) -> list[str]:
    """What is empty is greater than all else."""
    match value, descending:
        case "", True:
            return [f"[{field}] IS NOT NULL"]
        case "", False:
            return []
        case _, True:
            return [f"[{field}] < '{value}'"]
    return [f"[{field}] > '{value}'", f"[{field}] IS NULL"]


def _around(field: str, kept: str, mark: str, descending: bool) -> list[str]:
    next_to = _neighbour(mark, 1 if descending else -1)
    if (descending and not next_to) or not kept + next_to:
        return [f"[{field}] IS NOT NULL", *([] if descending else [f"[{field}] IS NULL"])]
    return _further(field, kept + next_to, descending)


def _neighbour(mark: str, step: int) -> str:
    """The nearest character below or above that a literal can hold; empty at the ends of Unicode."""
    code = ord(mark) + step
    while 0 <= code <= sys.maxunicode and UNSAFE.match(chr(code)):
        code += step
    return chr(code) if 0 <= code <= sys.maxunicode else ""


def all_of(terms: Iterable[str]) -> str:
    return " AND ".join(filter(None, terms))


def any_of(terms: Iterable[str]) -> str:
    return f"({OR.join(terms)})"


def packed(terms: Mapping[str, str], most: int, room: int) -> Iterator[list[str]]:
    """Keys in batches whose terms fit one request: at most so many, and so many characters once encoded."""
    if 0 < len(terms) <= most and at_most(OR.join(terms.values())) + at_most(OR) <= room:
        yield list(terms)  # however much of it has to be encoded, so that nothing need be measured
        return
    batch: list[str] = []
    left = room
    for key, term in terms.items():
        size = len(quoted(term + OR))
        if batch and (len(batch) == most or size > left):
            yield batch
            batch, left = [], room
        batch.append(key)
        left -= size
    if batch:
        yield batch
