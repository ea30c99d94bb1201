"""Texts that contain a text, whatever its case, for a system that minds case.

`$filter` here has `substringof` and no `tolower`, so a short text is asked for in every way it can be capitalised:
that is exact. A longer one is cut into pieces that all have to be there, each in every way: that lets rows through
which `contains` has to drop. Wildcards there are none, and nothing but the quote to escape.

Two letters are the same when each is the other's other case. So ß is just ß (not SS), ſ no s, the Kelvin sign no K.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from resolvers.backends.base.quoting import quoted
from resolvers.backends.sap.odata import SAFE, literal

LONGEST_TEST = 3500
"""Percent-encoded characters of one test, of the 6000 that an address may have."""
MOST_LETTERS = 6
PIECE_LETTERS = 3
PIECE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A `$filter` term that every row passes which contains the text; `exact`: and no other row."""

    test: str
    exact: bool


def contains(whole: str | None, text: str) -> bool:
    return whole is not None and _folded(text) in _folded(whole)


def narrowed(name: str, text: str) -> Narrowed:
    """The test that property `name` contains the text, as nearly as it can be put."""
    if _letters(text) <= MOST_LETTERS and _length(test := _any_case(name, text)) <= LONGEST_TEST:
        return Narrowed(test, True)
    tests: list[str] = []
    for piece in _pieces(text):
        tests.append(_any_case(name, piece))
        if _length(" and ".join(tests)) > LONGEST_TEST:
            tests.pop()
            break
    return Narrowed(" and ".join(tests), False)


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for mark in text:
        if len(piece) == PIECE_LENGTH or _letters(piece + mark) > PIECE_LETTERS:
            yield piece
            piece = ""
        piece += mark
    yield piece


def _any_case(name: str, text: str) -> str:
    ways = product(*(dict.fromkeys((mark, _other(mark))) for mark in text))
    return "(" + " or ".join(f"substringof({literal(''.join(way))},{name})" for way in ways) + ")"


def _letters(text: str) -> int:
    return sum(_other(mark) != mark for mark in text)


def _length(test: str) -> int:
    return len(quoted(test, SAFE))


def _folded(text: str) -> str:
    return "".join(min(mark, _other(mark)) for mark in text)


def _other(mark: str) -> str:
    """The same letter in its other case; the mark itself where there is none, or none that leads back."""
    other = mark.swapcase()
    return other if len(other) == 1 and other.swapcase() == mark else mark
