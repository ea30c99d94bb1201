"""What one class of callers may see, compiled: hashable, compared by value, and asked once per coordinate and plan.

Plans are cached by `Grants`, never by the person, so a hundred agents share a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from schema import Category

BITS = {category: 1 << place for place, category in enumerate(Category)}
ALWAYS = BITS[Category.INHERITED]


class Verdict(Enum):
    SEEN = "seen"
    MASKED = "masked"
    CONDITIONAL = "conditional"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one coordinate. `kind` of mask when masked, name of the `relation` when conditional."""

    verdict: Verdict
    kind: str = ""
    relation: str = ""


SEEN = Decision(Verdict.SEEN)
WITHHELD = Decision(Verdict.WITHHELD)


def bits(categories: Iterable[Category]) -> int:
    """A set of categories as one number."""
    mask = 0
    for category in categories:
        mask |= BITS[category]
    return mask


@dataclass(frozen=True, slots=True)
class Grants:
    """Categories seen on any row, on rows under a relation, and only in part. What is in none of them is withheld."""

    seen: int
    under: tuple[tuple[str, int], ...] = ()
    masked: tuple[tuple[Category, str], ...] = ()

    def decide(self, category: Category) -> Decision:
        bit = BITS[category]
        if bit & (self.seen | ALWAYS):
            return SEEN
        for held, kind in self.masked:
            if held is category:
                return Decision(Verdict.MASKED, kind=kind)
        for relation, mask in self.under:
            if bit & mask:
                return Decision(Verdict.CONDITIONAL, relation=relation)
        return WITHHELD

    def may_ask(self, category: Category) -> bool:
        """Whether an argument of this category may be used: a masked value is never a key to look up by."""
        return self.decide(category).verdict in (Verdict.SEEN, Verdict.CONDITIONAL)

    @property
    def askable(self) -> frozenset[Category]:
        """Every category whose values this caller may look up, filter and sort by."""
        return frozenset(category for category in Category if self.may_ask(category))

    @property
    def categories(self) -> tuple[Category, ...]:
        """Every category seen on at least some rows, the published ones only."""
        return tuple(c for c in Category if c is not Category.INHERITED and self.decide(c) is not WITHHELD)


NOTHING = Grants(0)
