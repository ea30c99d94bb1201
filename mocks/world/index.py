"""From a text back to the rows it belongs to, in eight bytes an entry: a hundred thousand people fit in a megabyte.

An entry is 40 bits of the text's hash and 24 bits of the row's number, in one sorted array. Texts may share a hash, so
whoever asks looks at the rows again.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable

from mocks.world.dice import digest

ROW_BITS = 24
HASH_BYTES = 5
EXTENSION = re.compile(r"\s*(?:ext\.?|x)\s*\d+$")


class TextIndex:
    """Rows (numbers below 2²⁴) by text. `candidates` has every row of the text, in ascending order, and rarely more."""

    __slots__ = ("_entries",)

    def __init__(self, rows: Iterable[tuple[str, int]]) -> None:
        self._entries = array("Q", sorted({_prefix(text) | row for text, row in rows}))

    def __len__(self) -> int:
        return len(self._entries)

    def candidates(self, text: str) -> list[int]:
        prefix = _prefix(text)
        entries = self._entries
        at = bisect_left(entries, prefix)
        found = []
        while at < len(entries) and entries[at] >> ROW_BITS == prefix >> ROW_BITS:
            found.append(entries[at] & ((1 << ROW_BITS) - 1))
            at += 1
        return found


def _prefix(text: str) -> int:
    return digest(text, size=HASH_BYTES) << ROW_BITS


def spellings(phone: str) -> set[str]:
    """The digits of a telephone number: all of them as written, and internationally (no 00, no (0), no extension)."""
    bare = EXTENSION.sub("", phone).replace("(0)", "")
    return {_digits(phone), _digits(bare).removeprefix("00")} - {""}


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())
