"""A line of policy: what some rows show, for which purposes, and under which relations to the caller.

The rule of all rules: nothing is shown that no line allows; where one line forbids, no other line helps; and a line
whose relations do not all hold for a row says nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schema import Category

Relations = frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """For these purposes (None: any), on rows of which `when` holds and nothing of `unless` does.

    where:  the place in the file, for messages and for the reasons given
    mask:   category → kind of mask, for values of which only a part is shown
    """

    where: str
    purposes: frozenset[str] | None = None
    when: Relations = frozenset()
    unless: Relations = frozenset()
    allow: frozenset[Category] = frozenset()
    mask: Mapping[Category, str] = field(default_factory=dict)
    forbid: frozenset[Category] = frozenset()

    def serves(self, purpose: str | None) -> bool:
        return self.purposes is None or purpose in self.purposes

    def applies(self, held: Relations) -> bool:
        return self.when <= held and self.unless.isdisjoint(held)

    @property
    def relations(self) -> Relations:
        return self.when | self.unless

    @property
    def categories(self) -> frozenset[Category]:
        return self.allow | self.mask.keys() | self.forbid

    def speaks_of(self, category: Category) -> bool:
        return category in self.allow or category in self.mask or category in self.forbid


def deciding(rules: Iterable[Rule], category: Category, held: Relations) -> tuple[str, str, str]:
    """The effect on one category for rows with these relations: "forbid", "allow", "mask" or "" (nobody speaks of it);
    the kind of mask; and the place of the line that decides."""
    speaking = [rule for rule in rules if rule.speaks_of(category) and rule.applies(held)]
    for rule in speaking:
        if category in rule.forbid:
            return "forbid", "", rule.where
    for rule in speaking:
        if category in rule.allow:
            return "allow", "", rule.where
    for rule in speaking:
        return "mask", rule.mask[category], rule.where
    return "", "", ""
