"""Of the caller, what resolvers and row rules may depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from resolvers.backends.base import Outcome

Keys = Mapping[str, str | frozenset[str]]


class Viewer(msgspec.Struct, frozen=True):
    """`keys`: what our systems call them, by relation."""

    keys: Keys
    purpose: str | None = None
    subject: str | None = None

    @property
    def known(self) -> str:
        """All keys in one text, the same for the same keys."""
        return str([(relation, sorted(self.known_as(relation))) for relation in sorted(self.keys)])

    def known_as(self, relation: str) -> frozenset[str]:
        keys = self.keys.get(relation, frozenset())
        return frozenset({keys}) if isinstance(keys, str) else keys

    def holds(self, relation: str, fact: Outcome[Any]) -> bool:
        """Whether a relation holds between the caller and the row of a fact (see `Relation`); not knowing is no."""
        if fact.error is not None or fact.value is None:
            return False
        if isinstance(fact.value, bool):
            return fact.value
        keys = {fact.value} if isinstance(fact.value, str) else set(fact.value)
        return not keys.isdisjoint(self.known_as(relation))
