"""Questions made from questions: spoiled, turned round, continued."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tests.gateway.questions.text import Asked

WRONG: Sequence[Any] = ({"no": "such field"}, [[[]]], 1e400, "no such value", None, 2**40, ["x", None])


def spoiled(asked: Asked, dice: Random) -> Asked:
    """The same with a variable that most often has a value of another type, or with the name of another operation."""
    if not asked.declared or dice.random() < 0.2:
        return replace(asked, operation=dice.choice(("Nobody", "Other", "asked")))
    name = dice.choice(sorted(asked.declared))
    others = {known: value for known, value in asked.variables.items() if known != name}
    if dice.random() < 0.2:
        return replace(asked, variables=others)
    return replace(asked, variables={**others, name: dice.choice(WRONG)})


def flipped(asked: Asked) -> Asked:
    """The same with every truth value that it gives the other way round."""
    other = {name: not value for name, value in asked.variables.items() if isinstance(value, bool)}
    return replace(asked, variables={**asked.variables, **other})


def unsaid(asked: Asked, value: str) -> Asked:
    """With another text in the place of this one, wherever it stands: of the same length, and nobody's."""
    plain, spelled = re.sub(r"[^\W_]", "x", value), json.dumps(value, ensure_ascii=False)[1:-1]
    other = json.dumps(plain, ensure_ascii=False)[1:-1]
    variables = json.loads(json.dumps(asked.variables, ensure_ascii=False).replace(spelled, other))
    return replace(asked, text=asked.text.replace(spelled, other).replace(value, plain), variables=variables)


def continued(asked: Asked, data: Any) -> Asked | None:
    """The question for the page behind the one in `data`; None where no cursor came back."""
    found = {name: cursor for name, path in asked.cursors.items() if (cursor := first_at(data, path)) is not None}
    return replace(asked, variables={**asked.variables, **found}, cursors={}) if found else None


def first_at(value: Any, path: Sequence[str]) -> Any:
    """The first value at a response path, whatever lists are on the way."""
    if isinstance(value, list):
        return next((found for item in value if (found := first_at(item, path)) is not None), None)
    if not path or not isinstance(value, dict):
        return value if not path else None
    return first_at(value.get(path[0]), path[1:])
