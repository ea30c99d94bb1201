"""Chance without memory: the same seed and the same name of a row always give the same row.

Every row is drawn from a hash of (seed, what it is, its number), so rows can be derived in any order and none is kept.
`Scramble` hands out keys that look arbitrary and can be turned back into the row's number, so no index is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

LEAST = 1 << 64  # below this little of the pool is left, and small draws would lean towards zero
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digest(*name: object, size: int = 8) -> int:
    """A whole number of `size` bytes from a name; stable over versions and machines (unlike `hash`)."""
    return int.from_bytes(blake2b(repr(name).encode(), digest_size=size).digest(), "big")


class Dice:
    """A stream of draws that belongs to one row. 64 bytes of hash give some thirty draws; then it hashes on."""

    __slots__ = ("_name", "_pool", "_round")

    def __init__(self, *name: object) -> None:
        self._name = repr(name).encode()
        self._round = 0
        self._pool = 0
        self._refill()

    def _refill(self) -> None:
        self._pool = int.from_bytes(blake2b(b"%d%b" % (self._round, self._name)).digest(), "big")
        self._round += 1

    def below(self, bound: int) -> int:
        """0 … bound - 1, evenly (bound up to 2³²)."""
        if self._pool < LEAST:
            self._refill()
        self._pool, drawn = divmod(self._pool, bound)
        return drawn

    def between(self, least: int, most: int) -> int:
        """least … most, evenly, both ends included."""
        return least + self.below(most - least + 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def share(self) -> float:
        """At least 0, less than 1."""
        return self.below(1 << 32) / (1 << 32)

    def junk(self, size: int) -> bytes:
        """Bytes that are not UTF-8: the first one never is."""
        blocks = (blake2b(b"%d%b" % (at, self._name)).digest() for at in range(1 + size // 64))
        return (b"\xff" + b"".join(blocks))[:size]


class Scramble:
    """A permutation of the numbers below 2^bits: an odd factor and an offset, undone by the factor's inverse."""

    __slots__ = ("_back", "_factor", "_mask", "_offset")

    def __init__(self, bits: int, *name: object) -> None:
        self._mask = (1 << bits) - 1
        self._factor = digest(*name, "factor") & self._mask | 1
        self._offset = digest(*name, "offset") & self._mask
        self._back = pow(self._factor, -1, self._mask + 1)

    def key(self, number: int) -> int:
        return (number * self._factor + self._offset) & self._mask

    def number(self, key: int) -> int:
        return ((key - self._offset) * self._back) & self._mask


def base36(number: int) -> str:
    """Upper case, as Siebel writes its row ids."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if not number:
            return text


def unbase36(text: str) -> int | None:
    """The number, when the text is exactly what `base36` writes for it."""
    if not text or len(text) > 12 or text.strip(DIGITS) or (text[0] == "0" and len(text) > 1):
        return None
    return int(text, 36)
