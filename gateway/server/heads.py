"""A request's headers, read once: `getlist` and `get` as Starlette's `Headers` has them, which goes through all of them
each time that it is asked for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Named(Protocol):
    """Headers by their names in lower case, which is all that is asked of them here."""

    def getlist(self, key: str) -> list[str]: ...

    def get(self, key: str, default: str) -> str: ...

    def __iter__(self) -> Iterator[str]: ...


class Heads:
    """`sent`: names in lower case and values, as ASGI has them."""

    __slots__ = ("_all",)

    def __init__(self, sent: Iterable[tuple[bytes, bytes]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in sent:
            self._all.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))

    def getlist(self, key: str) -> list[str]:
        return self._all.get(key, [])

    def get(self, key: str, default: str) -> str:
        """The first of that name."""
        return self._all[key][0] if key in self._all else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)
