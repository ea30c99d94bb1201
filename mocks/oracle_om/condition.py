"""Conditions on attributes, and whether a row meets them. A comparison with null is neither true nor false (None).

A comparison with a child's attribute (`lines.ProductNumber`) is true when it is for any row of the child.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mocks.oracle_om.catalogue import Value

Read = Callable[[str], Iterable[Value]]
"""What a row holds under the path of an attribute: one value, or one for each row of a child."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compare:
    attribute: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    attribute: str
    values: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Like:
    attribute: str
    pattern: str
    any_one: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    attribute: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Condition, ...]


Condition = Compare | OneOf | Like | Missing | Not | All | Some


def met(condition: Condition, read: Read) -> bool | None:
    match condition:
        case Missing(attribute):
            return any(held is None for held in read(attribute))
        case Not(part):
            answer = met(part, read)
            return None if answer is None else not answer
        case All(parts):
            return _whole(parts, read, decides=False)
        case Some(parts):
            return _whole(parts, read, decides=True)
        case _:
            answers = [None if held is None else _leaf(condition, held) for held in read(condition.attribute)]
            return True if True in answers else None if None in answers else False


def _leaf(condition: Compare | OneOf | Like, held: Any) -> bool:
    match condition:
        case Compare(_, sign, value):
            return OPERATORS[sign](held, value)
        case OneOf(_, values):
            return held in values
        case Like(_, pattern, any_one):
            return like(held, pattern, any_one)


def _whole(parts: Iterable[Condition], read: Read, *, decides: bool) -> bool | None:
    """SQL's and (decided by a false) and or (decided by a true)."""
    answer: bool | None = not decides
    for part in parts:
        found = met(part, read)
        if found is decides:
            return decides
        if found is None:
            answer = None
    return answer


def like(held: str, pattern: str, any_one: bool) -> bool:
    """SQL's LIKE with `%` and, unless it is literal, `_`; linear retries only, whatever the pattern."""
    at = here = 0
    star = mark = -1
    while at < len(held):
        if here < len(pattern) and pattern[here] == "%":
            star, mark, here = here, at, here + 1
        elif here < len(pattern) and (pattern[here] == held[at] or (any_one and pattern[here] == "_")):
            at, here = at + 1, here + 1
        elif star >= 0:
            mark += 1
            at, here = mark, star + 1
        else:
            return False
    return not pattern[here:].strip("%")


def named(condition: Condition | None, attributes: Iterable[str]) -> Iterator[Value]:
    """The values these attributes are compared with for equality, anywhere: what a reader would call the keys."""
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from named(part, attributes)
        case Compare(attribute, "=", value) if attribute in attributes:
            yield value
        case OneOf(attribute, values) if attribute in attributes:
            yield from sorted(values, key=str)
        case _:
            return
