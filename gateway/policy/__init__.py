"""Need to know: what each role sees. Read from `roles.toml`; what is not listed there is withheld."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.auth import Principal
from gateway.policy.grants import NOTHING, SEEN, WITHHELD, Decision, Grants, Verdict, bits
from gateway.policy.masks import MASKS
from schema import Category

__all__ = ["NOTHING", "SEEN", "WITHHELD", "BadPolicy", "Decision", "Grants", "Policy", "Role", "Verdict"]

ROLES = Path(__file__).with_name("roles.toml")
KEYS = frozenset({"title", "group", "purpose", "any", "own", "masked"})
GROUPS = frozenset({"staff", "partner"})


class BadPolicy(ValueError):
    """A policy file that says something we do not understand. The start is refused: guessing would disclose."""


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    title: str
    group: str
    purpose: str
    grants: Grants


@dataclass(frozen=True, slots=True)
class Policy:
    roles: Mapping[str, Role]

    @classmethod
    def read(cls, path: Path = ROLES) -> Policy:
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadPolicy(f"{path.name}: {error}") from error
        return cls({name: _role(f"{path.name}: [{name}]", name, table) for name, table in tables.items()})

    def grants(self, principal: Principal) -> Grants:
        """What this caller may see; nothing for a role nobody has written down."""
        role = self.roles.get(principal.role)
        return role.grants if role else NOTHING

    def key(self, principal: Principal, relation: str) -> str | None:
        """The caller's own key under a relation: what a row's fact must equal. None matches no row."""
        return principal.customer if relation == "own" else None


def _role(where: str, name: str, table: Any) -> Role:
    if not isinstance(table, dict):
        raise BadPolicy(f"{where} is not a table")
    if unknown := table.keys() - KEYS:
        raise BadPolicy(f"{where} has an unknown key {min(unknown)!r}; known are {', '.join(sorted(KEYS))}")
    if missing := {"title", "group", "purpose"} - table.keys():
        raise BadPolicy(f"{where} lacks {min(missing)!r}")
    if table["group"] not in GROUPS:
        raise BadPolicy(f"{where} is of group {table['group']!r}; known are {', '.join(sorted(GROUPS))}")
    return Role(name, table["title"], table["group"], table["purpose"], _grants(where, table))


def _grants(where: str, table: dict[str, Any]) -> Grants:
    own = bits(_category(where, word) for word in table.get("own", ()))
    return Grants(
        seen=bits(_category(where, word) for word in table.get("any", ())),
        under=(("own", own),) if own else (),
        masked=tuple((_category(where, word), _mask(where, kind)) for word, kind in table.get("masked", {}).items()),
    )


def _category(where: str, word: str) -> Category:
    if word not in Category.__members__.values() or word == Category.INHERITED:
        raise BadPolicy(f"{where} names an unknown category {word!r}; see schema/classification.py")
    return Category(word)


def _mask(where: str, kind: str) -> str:
    if kind not in MASKS:
        raise BadPolicy(f"{where} names an unknown mask {kind!r}; known are {', '.join(sorted(MASKS))}")
    return kind
