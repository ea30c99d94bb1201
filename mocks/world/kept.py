"""What is worked out of one world alone, such as its parcels: worked out once, whichever systems need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

P = TypeVar("P")


class Kept:
    """A world's own parts, by how they are made. None of them can be written to."""

    def __init__(self) -> None:
        self._parts: dict[Callable[..., Any], Any] = {}

    def part(self, make: Callable[[Any], P]) -> P:
        if make not in self._parts:
            self._parts[make] = make(self)
        found: P = self._parts[make]
        return found
