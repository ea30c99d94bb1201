"""How old an answer may be before it is no longer one. What decides is why it is needed, never who asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Freshness(NamedTuple):
    """Ages in seconds, counted from when the system was asked. Nothing is kept of what may be 0 old.

    fresh:        up to here an answer is as good as a new one
    meanwhile:    up to here it is still given, while the system is asked anew
    when_failing: up to here it is given when the system fails
    """

    fresh: float = 0.0
    meanwhile: float = 0.0
    when_failing: float = 0.0

    @property
    def kept(self) -> float:
        """How long it is of any use."""
        return max(self)

    def __str__(self) -> str:
        if not self.kept:
            return "live"
        longer = {"while asked anew": self.meanwhile, "when failing": self.when_failing}
        told = (f"{seconds:g} s {when}" for when, seconds in longer.items() if seconds > self.fresh)
        return ", ".join((f"{self.fresh:g} s", *told))


LIVE = Freshness()


def strictest(several: Iterable[Freshness]) -> Freshness:
    """What pleases all of them; LIVE when there is none."""
    columns = list(zip(*several, strict=True))
    return Freshness(*map(min, columns)) if columns else LIVE
