"""What a token's scopes reach: a ceiling over categories, never a grant on rows. Read from `scopes.toml`.

A client's scopes are those of its token; a registered partner's are also among those that it has in the register.
Callers with equal reach and equal rules have equal `Grants`, and so share their plans.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import BadPolicy
from gateway.policy import reading
from gateway.policy.grants import BITS, Grants, bits
from gateway.policy.rules import Rule
from schema import Category

SCOPES = Path(__file__).with_name("scopes.toml")
NAME = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*:(read|write)")
ALWAYS = BITS[Category.PUBLIC] | BITS[Category.INHERITED]
"""What no scope is needed for: to use the graph at all."""

WHERE = "the scopes of the token"


@dataclass(frozen=True, slots=True)
class Scope:
    name: str
    title: str
    categories: frozenset[Category]

    @property
    def writes(self) -> bool:
        return self.name.endswith(":write")


@dataclass(frozen=True, slots=True)
class Reach:
    """Categories, as bits: those that may be read, and those under which something may be done."""

    reads: int
    acts: int

    def over(self, grants: Grants) -> Grants:
        """What is left of these grants."""
        beyond = frozenset(category for category, bit in BITS.items() if not bit & self.reads)
        return Grants(rules=(Rule(WHERE, forbid=beyond), *grants.rules), acts=grants.acts & self.acts)


ALL = Reach(bits(Category), bits(Category))


def read(path: Path) -> Mapping[str, Scope]:
    """Raises BadPolicy for anything that is not understood."""
    return {name: _scope(f"{path.name}: [{name}]", name, found) for name, found in reading.tables(path).items()}


def reach(scopes: Mapping[str, Scope], held: Collection[str]) -> Reach:
    """How far a set of scopes reaches. What we do not know reaches nothing."""
    known = [scopes[name] for name in held if name in scopes]
    reads = bits(category for scope in known for category in scope.categories)
    acts = bits(category for scope in known if scope.writes for category in scope.categories)
    return Reach(reads | ALWAYS, acts)


def _scope(where: str, name: str, found: object) -> Scope:
    if not NAME.fullmatch(name):
        raise BadPolicy(f"{where} is no name of a scope: DOMAIN.GROUP:read or DOMAIN.GROUP:write")
    table = reading.table(where, found, ("title", "categories"), ())
    categories = reading.categories(f"{where} categories", table["categories"])
    if not categories:
        raise BadPolicy(f"{where} reaches nothing: it has no categories")
    return Scope(name, reading.text(f"{where} title", table["title"]), categories)
