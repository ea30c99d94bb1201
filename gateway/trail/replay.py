"""Deciding once more: what a recorded question was shown by the policy of then, and what it would be shown by today's.

Taken from the record alone: the document without its values, which variables were given, the role, purpose, scopes and
entry in the register of then, and the texts of the policy files. The graph and its categories are today's.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.auth import Principal
from gateway.engine.decisions import decisions
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.operation import admit, variables
from gateway.policy import Grants, Policy
from gateway.policy.partners import partner
from gateway.trail.reading import referred
from gateway.trail.record import DOCUMENT, PARTNER, POLICY

UNLIMITED = Limits(*[10**6] * 9)
Decided = Mapping[tuple[str, str], str]
"""By coordinate and category: SEEN, MASKED, WITHHELD or CONDITIONAL, and by which line."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One coordinate. `recorded`: what the record says was done, of seen, masked and withheld."""

    coordinate: str
    category: str
    recorded: tuple[str, ...]
    then: str
    now: str

    @property
    def changed(self) -> bool:
        return self.then != self.now


def replayed(db: sqlite3.Connection, told: Mapping[str, Any], graph: Graph, today: Policy) -> list[Replayed]:
    """Raises LookupError when what the record refers to is gone, `Refusal` when the graph no longer has it."""
    then = decided(db, told, graph, policy_of(db, told))
    now = decided(db, told, graph, today)
    recorded: dict[str, set[str]] = {}
    for what in ("read", "masked", "withheld"):
        for some in told[what].values():
            for coordinate in some:
                recorded.setdefault(coordinate, set()).add("seen" if what == "read" else what)
    return [
        Replayed(*at, tuple(sorted(recorded.get(at[0], ()))), then.get(at, "-"), now.get(at, "-"))
        for at in sorted({*then, *now})
    ]


def decided(db: sqlite3.Connection, told: Mapping[str, Any], graph: Graph, policy: Policy) -> Decided:
    text = referred(db, DOCUMENT, told["document"])["text"]
    operation = admit(graph.schema, text, UNLIMITED).operation(told["operation"])
    values = variables(graph.schema, operation, told["given"])
    found = decisions(graph, operation, grants_of(told, policy), values, told["purpose"])
    return {(one["coordinate"], one["category"]): _sentence(one) for one in found}


def grants_of(told: Mapping[str, Any], policy: Policy) -> Grants:
    """What whoever asked is granted by a policy, for the purpose they had."""
    who = Principal(
        told["who"] or "",
        told["role"],
        told["client"],
        customer="themself" if "caller" in told else None,
        scopes=frozenset(told["scopes"]),
    )
    return policy.grants(who, told["purpose"]) if policy.role(who) else Grants()


def policy_of(db: sqlite3.Connection, told: Mapping[str, Any]) -> Policy:
    """The policy a record was decided by. Raises LookupError."""
    texts = referred(db, POLICY, told["policy"])
    with tempfile.TemporaryDirectory() as folder:
        for name in ("roles", "scopes"):
            Path(folder, f"{name}.toml").write_text(texts[name], encoding="utf-8")
        policy = Policy.read(Path(folder, "roles.toml"), None, Path(folder, "scopes.toml"))
    if not told["partner"]:
        return policy
    entry = referred(db, PARTNER, told["partner"])
    known = partner("register", entry["client"], entry["entry"], policy.roles, policy.scopes)
    return replace(policy, partners={known.client: known})


def _sentence(entry: Mapping[str, Any]) -> str:
    mask = f" ({entry['mask']})" if "mask" in entry else ""
    return f"{entry['decision']}{mask}, {entry['rule']}"
