"""Which answers belong to which key, when SAP may spell a material number in another way than the caller.

Purely numeric numbers are zero-padded inside and printed without zeros (ALPHA conversion, unverified), so `0012` may
be answered as `12`. A spelling that is exactly the key's wins; only where there is none, and only for digits, do
leading zeros not count; where two spellings other than the key's remain, they are two materials and we do not guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from resolvers.backends.base import Ambiguous, Key

LONGEST = 40


class Numbered(Protocol):
    @property
    def number(self) -> str: ...


N = TypeVar("N", bound=Numbered)


def askable(keys: Iterable[Key]) -> list[str]:
    """Keys that could be a material number, each once. Others exist nowhere in SAP and are never sent there."""
    return [
        key
        for key in dict.fromkeys(keys)
        if isinstance(key, str) and 0 < len(key) <= LONGEST and key == key.strip() and printable(key)
    ]


def printable(text: str) -> bool:
    """Whether it can stand in a field of SAP's at all: one line, and characters only."""
    return text.isprintable() or all(unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") for letter in text)


def alike(one: str, other: str) -> bool:
    """Whether two numbers are spellings of one, as far as ALPHA conversion goes."""
    return _alpha(one) == _alpha(other)


def belonging(keys: Sequence[str], rows: Iterable[N]) -> dict[str, list[N] | Ambiguous]:
    """The rows of each key, in their own order; none is an empty list. Rows that nobody asked for are left out."""
    spelled: dict[str, list[N]] = defaultdict(list)
    for row in rows:
        spelled[row.number].append(row)
    if spelled.keys() >= set(keys):
        return {key: spelled[key] for key in keys}
    alike: dict[str, list[str]] = defaultdict(list)
    for spelling in spelled:
        alike[_alpha(spelling)].append(spelling)
    return {key: _of(key, spelled, alike) for key in keys}


def _of(key: str, spelled: dict[str, list[N]], alike: dict[str, list[str]]) -> list[N] | Ambiguous:
    if key in spelled:
        return spelled[key]
    match alike.get(_alpha(key), []):
        case []:
            return []
        case [spelling]:
            return spelled[spelling]
        case several:
            return Ambiguous(f"{len(several)} materials differ from this number by leading zeros only")


def _alpha(number: str) -> str:
    return number.lstrip("0") or "0" if re.fullmatch("[0-9]+", number) else number
