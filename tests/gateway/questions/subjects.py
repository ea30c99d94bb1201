"""Who the generated questions are asked as: every role for every purpose it has, and roles that nobody has yet.

Any policy may be written tomorrow. So some roles are drawn: lines under any relations the graph has, with masks and with
what is forbidden, for clients that are shown nulls and for clients that are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from gateway.engine.consistent import problems
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.policy import Policy, Role
from gateway.policy.grants import Grants, bits
from gateway.policy.masks import FITS
from gateway.policy.rules import Rule
from schema import Category
from tests.gateway.questions.ways import ways

WRITTEN = Policy.read()
INVENTED = 5
"""Roles that are drawn for one run."""
WORTHWHILE = 50
"""Coordinates that a drawn role has to be shown: who sees next to nothing is asked next to nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    role: str
    purpose: str

    def __str__(self) -> str:
        return f"{self.role} for {self.purpose}"

    @property
    def invented(self) -> bool:
        return self.role not in WRITTEN.roles


def subjects(invented: int = INVENTED) -> list[Subject]:
    known = [Subject(role.name, purpose) for role in WRITTEN.roles.values() for purpose in role.purposes]
    return [*known, *(Subject(f"invented_{number}", "something") for number in range(invented))]


def policy_with(subject: Subject, graph: Graph, seed: int = 0) -> Policy:
    """The company's policy, and the role of this subject, whoever invented it."""
    if not subject.invented:
        return WRITTEN
    role = invented(subject.role, graph, Random(f"{subject.role} {seed}"))
    return replace(WRITTEN, roles={**WRITTEN.roles, role.name: role})


def invented(name: str, graph: Graph, dice: Random) -> Role:
    """A role that fits the graph, and that is shown enough of it for questions to be about something."""
    while True:
        grants = Grants.compiled(_lines(graph, dice))
        clients = dice.choice(("redact", "redact", "reject"))
        disclosure = dice.choice(("full", "category", "reference"))
        role = Role(name, "Drawn.", "staff", ("something",), {"something": grants}, clients, disclosure)
        fits = not any(problems(graph, Policy({name: role})))
        if fits and len(ways(Judge(graph, grants))) >= WORTHWHILE:
            return role


def _lines(graph: Graph, dice: Random) -> Iterator[Rule]:
    relations = sorted({name for _, name in graph.bindings.relations})
    some = sorted(set(Category) - {Category.PUBLIC, Category.INHERITED})
    everywhere = dice.sample(some, dice.randint(len(some) // 3, len(some) * 2 // 3))
    yield Rule("drawn: any", allow=frozenset({Category.PUBLIC, *everywhere}))
    for number in range(dice.randint(1, 4)):
        when = frozenset(dice.sample(relations, dice.choice((0, 1, 1, 2))))
        unless = frozenset(dice.sample(relations, dice.choice((0, 0, 0, 1)))) - when
        masked = {category: dice.choice(sorted(FITS)) for category in dice.sample(some, dice.choice((0, 1, 3)))}
        forbidden = frozenset(dice.sample(some, 1)) if dice.random() < 0.25 else frozenset[Category]()
        allowed = frozenset(dice.sample(some, dice.randint(2, 6)))
        yield Rule(f"drawn: line {number}", None, when, unless, allowed, masked, forbidden)


EVERYTHING = Role(
    "everything", "Everything there is.", "staff", ("everything",), {"everything": Grants(bits(Category))}
)
