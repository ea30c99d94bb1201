"""What one class of callers may see, compiled: hashable, compared by value, and asked once per coordinate and plan.

Rules become a truth table per category: one `Sight` for every set of relations that can hold between a row and the
caller. Plans are cached by `Grants`, never by the person, so a hundred agents share a plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import combinations

from gateway.policy.rules import Relations, Rule, deciding
from schema import Category

BITS = {category: 1 << place for place, category in enumerate(Category)}
NONE: Relations = frozenset()


class Verdict(Enum):
    SEEN = "seen"
    MASKED = "masked"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row shows of one category. `kind` of mask when masked."""

    verdict: Verdict
    kind: str = ""


SEEN = Sight(Verdict.SEEN)
WITHHELD = Sight(Verdict.WITHHELD)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one category. `table`: a sight for each set of the `relations`, which are those that matter."""

    relations: tuple[str, ...]
    table: tuple[Sight, ...]

    def on(self, held: Relations) -> Sight:
        """What rows show with which exactly these relations hold."""
        place = 0
        for bit, relation in enumerate(self.relations):
            if relation in held:
                place |= 1 << bit
        return self.table[place]

    def sees(self, held: Relations = NONE) -> bool:
        return self.on(held).verdict is Verdict.SEEN

    @classmethod
    def of(cls, sights: Mapping[Relations, Sight]) -> Decision:
        """From a sight for every set of some relations; those that make no difference are left out."""
        named = sorted(frozenset[str]().union(*sights))
        mattering = tuple(name for name in named if any(sights[held] != sights[held ^ {name}] for held in sights))
        table = [WITHHELD] * (1 << len(mattering))
        for held, sight in sights.items():
            table[sum(1 << bit for bit, name in enumerate(mattering) if name in held)] = sight
        return cls(mattering, tuple(table))

    @property
    def ever(self) -> bool:
        """Whether there are rows that show any of it."""
        return any(sight.verdict is not Verdict.WITHHELD for sight in self.table)


ALWAYS = Decision((), (SEEN,))


def bits(categories: Iterable[Category]) -> int:
    """A set of categories as one number."""
    mask = 0
    for category in categories:
        mask |= BITS[category]
    return mask


EVERY = bits(Category)


@dataclass(frozen=True, slots=True, repr=False)
class Grants:
    """Rules for one purpose, compiled; equal when they decide alike, however it was said. The first three say the
    usual things shortly: categories seen on any row, on rows under one relation, only in part. `rules` says others.
    `ever`: the categories of which at least some rows show something. `acts`: those under which something may be done,
    where they are seen."""

    seen: int = field(default=0, compare=False)
    under: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    masked: tuple[tuple[Category, str], ...] = field(default=(), compare=False)
    rules: tuple[Rule, ...] = field(default=(), compare=False)
    acts: int = EVERY
    decisions: Mapping[Category, Decision] = field(init=False, compare=False, repr=False)
    identity: tuple[Decision, ...] = field(init=False, repr=False)
    hashed: int = field(init=False, compare=False, repr=False)
    digest: str = field(init=False, compare=False, repr=False)
    ever: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        rules = (*self._short(), *self.rules)
        decisions = {category: _compiled(rules, category) for category in Category}
        decisions[Category.INHERITED] = ALWAYS
        identity = tuple(decisions[category] for category in Category)
        digest = hashlib.blake2b(repr((identity, self.acts)).encode(), digest_size=16).hexdigest()
        ever = bits(category for category, decision in decisions.items() if decision.ever)
        hashed = hash((identity, self.acts))
        made = {"decisions": decisions, "identity": identity, "hashed": hashed, "digest": digest, "ever": ever}
        for name, value in made.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "rules", rules)

    @classmethod
    def compiled(cls, rules: Iterable[Rule]) -> Grants:
        return cls(rules=tuple(rules))

    def _short(self) -> Iterator[Rule]:
        yield Rule("seen", allow=_categories(self.seen))
        for relation, mask in self.under:
            yield Rule(f"under {relation}", when=frozenset({relation}), allow=_categories(mask))
        if self.masked:
            yield Rule("masked", mask=dict(self.masked))

    def __hash__(self) -> int:
        return self.hashed

    def __repr__(self) -> str:
        return f"Grants({self.digest[:12]})"

    def decide(self, category: Category) -> Decision:
        return self.decisions[category]

    @property
    def relations(self) -> Relations:
        """All relations that decide anything."""
        return frozenset(relation for decision in self.identity for relation in decision.relations)

    @property
    def categories(self) -> tuple[Category, ...]:
        """Every category of which at least some rows show something, the published ones only."""
        return tuple(c for c in Category if c is not Category.INHERITED and self.ever & BITS[c])


def subsets(relations: Iterable[str]) -> Iterator[Relations]:
    """Every set that can be made of them, the empty one first."""
    listed = sorted(relations)
    for size in range(len(listed) + 1):
        yield from map(frozenset, combinations(listed, size))


def _compiled(rules: Iterable[Rule], category: Category) -> Decision:
    speaking = tuple(rule for rule in rules if rule.speaks_of(category))
    named = sorted({relation for rule in speaking for relation in rule.relations})
    return Decision.of({held: _sight(speaking, category, held) for held in subsets(named)})


def _sight(rules: Iterable[Rule], category: Category, held: Relations) -> Sight:
    effect, kind, _ = deciding(rules, category, held)
    return SEEN if effect == "allow" else Sight(Verdict.MASKED, kind) if effect == "mask" else WITHHELD


def _categories(mask: int) -> frozenset[Category]:
    return frozenset(category for category, bit in BITS.items() if bit & mask)


NOTHING = Grants()
