"""What somebody is told of themself: role, purpose, and of everything they may name whether they see it, and why.

It says what `viewer`, the SDL and `extensions.absent` say, at one go and before a question is asked: for pages that
show a schema and its locks. Of the reasons it tells as much as this caller's answers would (`disclosure`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.auth import Principal
from gateway.callers import Asking, Callers
from gateway.engine.graph import Graph
from gateway.examples import Example
from gateway.policy.grants import BITS, Decision, Verdict
from gateway.policy.reasons import needs, ref, rule, sentence
from gateway.question import Options
from schema import Category


def about(
    callers: Callers, graph: Graph, examples: Iterable[Example], who: Principal, options: Options
) -> Mapping[str, Any]:
    """Raises `Refusal` (NOT_ALLOWED) for a purpose that is not theirs."""
    asking = callers.asking(who, options)
    role, purposes = callers.policy.role(who), callers.policy.purposes(who)
    ceiling = callers.policy.ceiling(who)
    named = {at: category for at, category in graph.categories.items() if _nameable(asking, at, category, ceiling)}
    return {
        "subject": who.subject,
        "role": who.role,
        "title": role.title if role else "",
        "client": who.client,
        "customer": who.customer,
        "purpose": asking.viewer.purpose,
        "purposes": list(purposes),
        "refused": asking.view.partial,
        "informed": asking.informed,
        "categories": [_category(asking, category) for category in Category if category in set(named.values())],
        "coordinates": {at: category.value for at, category in sorted(named.items())},
        "references": dict(_references(callers, asking, named)),
        "examples": [_example(one) for one in examples if one.persona.role == who.role],
    }


def _nameable(asking: Asking, coordinate: str, category: Category, ceiling: int | None) -> bool:
    within = ceiling is None or bool(BITS[category] & ceiling)  # the view knows of fields, not of their arguments
    return within and category is not Category.INHERITED and asking.view.names(coordinate)


def _category(asking: Asking, category: Category) -> dict[str, Any]:
    decision = asking.grants.decide(category)
    told: dict[str, Any] = {"name": category.value, "why": category.why, "decision": _word(decision)}
    told["sentence"] = sentence(asking.grants, category, None)
    if kinds := sorted({sight.kind for sight in decision.table if sight.kind}):
        told["mask"] = kinds[0]
    if asking.disclosed == "full":
        told["rule"] = rule(asking.grants, category)
        told["needs"] = needs(category, asking.viewer.purpose, decision.relations)
        told["requestable"] = not decision.relations
    return told


def _word(decision: Decision) -> str:
    if len(set(decision.table)) > 1:
        return "CONDITIONAL"
    return {Verdict.SEEN: "SEEN", Verdict.MASKED: "MASKED", Verdict.WITHHELD: "WITHHELD"}[decision.table[0].verdict]


def _references(callers: Callers, asking: Asking, named: Mapping[str, Category]) -> Iterator[tuple[str, str]]:
    """What somebody may quote who asks for what they do not see; not for clients who are told a category alone."""
    if asking.disclosed != "category":
        for at, category in named.items():
            if not asking.grants.decide(category).ever:
                yield at, ref(at, category.value, asking.viewer.purpose, callers.label_key)


def _example(one: Example) -> dict[str, Any]:
    asked = {"name": one.name, "title": one.title, "query": one.query, "variables": one.variables, "see": one.see}
    return asked | {"purpose": one.persona.purpose, "client": one.persona.client}
