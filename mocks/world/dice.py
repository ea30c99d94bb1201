"""Chance without memory: the same seed and the same name of a row always give the same row.

Every row is drawn from a hash of (seed, what it is, its number), so rows can be derived in any order and none is kept.
`Scramble` hands out keys that look arbitrary and can be turned back into the row's number, so no index is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from math import gcd
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
    """A permutation of the numbers below `size`: a factor that shares no divisor with it, and an offset."""

    __slots__ = ("_back", "_factor", "_offset", "_size")

    def __init__(self, size: int, *name: object) -> None:
        self._size = size
        self._factor = digest(*name, "factor") % size
        while gcd(self._factor, size) != 1:
            self._factor += 1
        self._offset = digest(*name, "offset") % size
        self._back = pow(self._factor, -1, size)

    def key(self, number: int) -> int:
        return (number * self._factor + self._offset) % self._size

    def number(self, key: int) -> int:
        """Undoes `key`; a key of nothing gives the number of nothing, so compare with how many there are."""
        return (key - self._offset) * self._back % self._size


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


def spread(names: Iterable[str], size: int, *purpose: object) -> dict[str, int]:
    """A number below `size` for each name, by hash and each its own: on a collision the later name takes the next free
    one, so names added at the end change nothing. Fewer names than numbers, or there is no end to it."""
    taken: set[int] = set()
    found: dict[str, int] = {}
    for name in names:
        number = digest(*purpose, name) % size
        while number in taken:
            number = (number + 1) % size
        taken.add(number)
        found[name] = number
    return found
