"""The policy files as Cedar policies (cedarpolicy.com): a second engine may be asked what ours has compiled.

Made from the lines as they were read, not from the truth tables, so that the two can be compared cell by cell. A
question is put to Cedar like this:

    principal   Role::"marketer", or a partner's Client::"parcelline", which is in its role
    action      Action::"see", the whole value; Action::"mask:domain", a part of it; `see` counts when both are allowed
    resource    Category::"contact"
    context     { purpose: "marketing", relations: ["consenting"] }, all relations that hold for the row

Nothing is allowed that no line allows, and what one line forbids no other allows: in Cedar as here. Here the first of
several masks counts; there a mask says itself that none of those before it applies. Scopes of tokens are not in here,
only the most that a partner has of them in the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gateway.auth import SCOPE
from gateway.policy import Policy, Rule
from gateway.policy.masks import MASKS
from schema import Category

SEE = "see"


def masking(kind: str) -> str:
    """The action of seeing a value through a mask."""
    return f"mask:{kind}"


def policies(policy: Policy) -> str:
    """All of them; `@id` names the line each comes from."""
    return "\n".join(_policies(policy))


def vocabulary() -> str:
    """What may be asked: a schema for Cedar's validator."""
    actions = ", ".join(_text(action) for action in (SEE, *map(masking, sorted(MASKS))))
    return f"""entity Role;
entity Client in [Role];
entity Category;
action {actions} appliesTo {{
  principal: [Role, Client],
  resource: [Category],
  context: {{ purpose: String, relations: Set<String> }},
}};
"""


def entities(policy: Policy) -> list[dict[str, Any]]:
    """Partners' clients, each in its role, as Cedar takes them in JSON."""
    return [
        {
            "uid": {"type": "Client", "id": partner.client},
            "attrs": {},
            "parents": [{"type": "Role", "id": partner.role}],
        }
        for partner in policy.partners.values()
    ]


def _policies(policy: Policy) -> Iterator[str]:
    known = _set(f"Role::{_text(name)}" for name in policy.roles)
    yield _statement("roles", "forbid", "principal", "action", unless=[f"principal in {known}"])
    yield from _lines(policy.common, (), "principal")
    for role in policy.roles.values():
        who = f"principal in Role::{_text(role.name)}"
        yield _purposes(role.name, who, role.purposes)
        yield from _lines(role.rules, policy.common, who)
    for partner in policy.partners.values():
        who = f"principal == Client::{_text(partner.client)}"
        yield _purposes(partner.client, who, partner.purposes)
        if SCOPE not in partner.scopes:
            reached = {category for name in partner.scopes for category in policy.scopes[name].categories}
            about = _about({Category.PUBLIC, *reached})
            yield _statement(f"[{partner.client}] scopes", "forbid", who, "action", unless=[about])


def _purposes(name: str, who: str, purposes: Iterable[str]) -> str:
    """Nobody asks for a purpose that is not theirs."""
    return _statement(f"[{name}] purposes", "forbid", who, "action", unless=[_any_of(purposes, "context.purpose")])


def _lines(rules: Sequence[Rule], before: Sequence[Rule], who: str) -> Iterator[str]:
    for number, rule in enumerate(rules):
        if rule.allow:
            yield _statement(f"{rule.where} allow", "permit", who, _action(SEE), [_about(rule.allow), *_when(rule)])
        if rule.forbid:
            yield _statement(f"{rule.where} forbid", "forbid", who, "action", [_about(rule.forbid), *_when(rule)])
        for category, kind in rule.mask.items():
            earlier = [one for one in (*before, *rules[:number]) if one.mask.get(category, kind) != kind]
            yield _statement(
                f"{rule.where} mask {category.value}",
                "permit",
                who,
                _action(masking(kind)),
                [_about([category]), *_when(rule)],
                [" && ".join(_when(one)) or "true" for one in earlier],
            )


def _when(rule: Rule) -> Iterator[str]:
    """What has to hold for a line to say anything."""
    if rule.purposes is not None:
        yield _any_of(rule.purposes, "context.purpose")
    if rule.when:
        yield f"context.relations.containsAll({_set(map(_text, sorted(rule.when)))})"
    if rule.unless:
        yield f"!context.relations.containsAny({_set(map(_text, sorted(rule.unless)))})"


def _statement(
    name: str, effect: str, who: str, action: str, when: Iterable[str] = (), unless: Iterable[str] = ()
) -> str:
    head = f"@id({_text(name)})\n{effect} ({who}, {action}, resource)"
    conditions = [*(f"  when {{ {one} }}" for one in when), *(f"  unless {{ {one} }}" for one in unless)]
    return "\n".join((head, *conditions)) + ";\n"


def _action(name: str) -> str:
    return f"action == Action::{_text(name)}"


def _about(categories: Iterable[Category]) -> str:
    return f"{_set(f'Category::{_text(one.value)}' for one in sorted(categories))}.contains(resource)"


def _any_of(words: Iterable[str], value: str) -> str:
    listed = sorted(words)
    return f"{_set(map(_text, listed))}.contains({value})" if listed else "false"


def _set(members: Iterable[str]) -> str:
    return f"[{', '.join(members)}]"


def _text(word: str) -> str:
    """A string literal of Cedar."""
    safe = (mark if mark.isprintable() and mark not in '"\\' else f"\\u{{{ord(mark):x}}}" for mark in word)
    return f'"{"".join(safe)}"'
