"""Row ids that look arbitrary and lead back to their row: whose it is, and which of theirs.

Nothing is kept: an id is a permuted number of customer and slot, so a hundred thousand customers cost no index.
"""

from __future__ import annotations

from mocks.world.dice import Scramble, base36, unbase36
from mocks.world.people import MOST_CUSTOMERS


class RowIds:
    """`PREFIX` and a number to the base of 36, for the slots 0 … `slots` - 1 of every customer."""

    __slots__ = ("_keys", "_prefix", "_slots")

    def __init__(self, prefix: str, slots: int, *name: object) -> None:
        self._prefix = prefix
        self._slots = slots
        self._keys = Scramble(MOST_CUSTOMERS * slots, *name)

    def text(self, customer: int, slot: int) -> str:
        return self._prefix + base36(self._keys.key(customer * self._slots + slot))

    def row(self, text: str) -> tuple[int, int] | None:
        """(customer, slot); None for what none of these ids looks like. Whether there is such a row is not known."""
        key = unbase36(text.removeprefix(self._prefix)) if text.startswith(self._prefix) else None
        if key is None or key >= MOST_CUSTOMERS * self._slots:
            return None
        return divmod(self._keys.number(key), self._slots)
