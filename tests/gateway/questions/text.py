"""A question while it is being written: selections by response key, and how they look as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Pick:
    """A field. `kind` is its type as text; `items` is None for a leaf. Two picks may share a response key when their
    signatures are equal."""

    key: str
    name: str
    arguments: str
    kind: str
    items: Sequence[Item] | None = None
    directives: str = ""

    @property
    def signature(self) -> tuple[str, str, str]:
        return self.name, self.arguments, self.kind

    def __str__(self) -> str:
        alias = "" if self.key == self.name else f"{self.key}: "
        return f"{alias}{self.name}{self.arguments}{self.directives}{'' if self.items is None else block(self.items)}"


@dataclass(frozen=True, slots=True)
class Inline:
    """An inline fragment; without a `condition` it is there for its directives only."""

    condition: str
    items: Sequence[Item]
    directives: str = ""

    def __str__(self) -> str:
        on = f" on {self.condition}" if self.condition else ""
        return f"...{on}{self.directives}{block(self.items)}"


@dataclass(frozen=True, slots=True)
class Spread:
    fragment: Fragment
    directives: str = ""

    def __str__(self) -> str:
        return f"...{self.fragment.name}{self.directives}"


@dataclass(frozen=True, slots=True)
class Fragment:
    name: str
    condition: str
    items: Sequence[Item]

    def __str__(self) -> str:
        return f"fragment {self.name} on {self.condition}{block(self.items)}"


Item = Pick | Inline | Spread


def block(items: Iterable[Item]) -> str:
    return " { " + " ".join(map(str, items)) + " }"


@dataclass(slots=True)
class Scope:
    """What is selected at one response path, by any type or fragment: the specification wants it to fit together.

    Stricter than the specification: also rows of different types may not mean different things by one key.
    """

    taken: dict[str, tuple[tuple[str, str, str], Scope]] = field(default_factory=dict)

    def fits(self, pick: Pick) -> bool:
        known = self.taken.get(pick.key)
        return known is None or known[0] == pick.signature

    def take(self, pick: Pick) -> Scope:
        """The scope below that pick, which fits."""
        return self.taken.setdefault(pick.key, (pick.signature, Scope()))[1]

    def fits_all(self, items: Iterable[Item]) -> bool:
        for item in items:
            if not isinstance(item, Pick):
                if not self.fits_all(below(item)):
                    return False
            elif not self.fits(item) or (item.key in self.taken and not self.take(item).fits_all(below(item))):
                return False
        return True

    def take_all(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Pick):
                self.take(item).take_all(below(item))
            else:
                self.take_all(below(item))


def below(item: Item) -> Sequence[Item]:
    return item.fragment.items if isinstance(item, Spread) else item.items or ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is sent.

    operation:  the operationName; None when it is not said
    declared:   the type of every variable of the operation that is meant
    cursors:    variable → response path of the `endCursor` it continues behind; lists are passed through
    """

    text: str
    variables: Mapping[str, Any]
    operation: str | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    cursors: Mapping[str, Sequence[str]] = field(default_factory=dict)
