"""A memory bounded in entries and in weight: the entry that was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """`weight` is whatever the weights given to `put` add up to. What is heavier than all of it is not kept, and pushes
    nothing out.

    What is pinned counts for nothing and stays: its number is the owner's to bound, not a caller's.
    """

    def __init__(self, size: int, weight: int = 1_000_000) -> None:
        self._size = size
        self._weight = weight
        self._held = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._pinned: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return self._pinned.get(key)
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, weight: int = 1) -> V:
        if weight > self._weight:
            return value
        self._held += weight - self._entries.pop(key, (value, 0))[1]
        self._entries[key] = (value, weight)
        while len(self._entries) > self._size or self._held > self._weight:
            _, (_, gone) = self._entries.popitem(last=False)
            self._held -= gone
        return value

    def pin(self, key: K, value: V) -> V:
        self._pinned[key] = value
        return value

    def __len__(self) -> int:
        return len(self._entries) + len(self._pinned)
