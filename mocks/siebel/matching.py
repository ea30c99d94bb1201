"""A search tree → a test of one row. SQL's three answers: what is compared with nothing is neither true nor false.

`=`, `LIKE` and the order of texts are case-sensitive, `~=` and `~LIKE` are not. `*` (any run) and `?` (any one
character) are wildcards to LIKE alone; under `=` they are themselves (the facts leave it open). Dates compare as dates.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime

from mocks.siebel.clock import parsed
from mocks.siebel.searchspec import And, Compare, Empty, Field, Node, Not, Operand, Or, Text

Row = Callable[[str], str]
"""A row: field name → value as on the wire, "" for empty."""

Read = Callable[[Row], str]
Verdict = bool | None
Test = Callable[[Row], Verdict]
Value = str | datetime

ORDER: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def matcher(node: Node, kinds: dict[str, str]) -> Test:
    """`kinds`: field name → text, flag, date or datetime."""
    match node:
        case Compare(left, op, right):
            return _compare(left, op, right, kinds)
        case Empty(operand):
            read = _reader(operand)
            return lambda row: not read(row)
        case Not(inner):
            test = matcher(inner, kinds)
            return lambda row: None if (verdict := test(row)) is None else not verdict
        case And(parts):
            return _every([matcher(part, kinds) for part in parts])
        case Or(parts):
            return _any([matcher(part, kinds) for part in parts])


def _every(tests: list[Test]) -> Test:
    def verdict(row: Row) -> Verdict:
        sure: Verdict = True
        for test in tests:
            if not (one := test(row)):
                if one is False:
                    return False
                sure = None
        return sure

    return verdict


def _any(tests: list[Test]) -> Test:
    def verdict(row: Row) -> Verdict:
        sure: Verdict = False
        for test in tests:
            if one := test(row):
                return True
            if one is None:
                sure = None
        return sure

    return verdict


def _compare(left: Operand, op: str, right: Operand, kinds: dict[str, str]) -> Test:
    if op.endswith("LIKE"):
        return _like(_reader(left), _reader(right), fold=op.startswith("~"))
    if op == "~=":
        return _plain(_reader(left), _reader(right), lambda one, other: one.lower() == other.lower())
    if any(kinds.get(side.name, "").startswith("date") for side in (left, right) if isinstance(side, Field)):
        return _dated(left, ORDER[op], right)
    return _plain(_reader(left), _reader(right), ORDER[op])


def _plain(left: Read, right: Read, holds: Callable[[str, str], bool]) -> Test:
    def verdict(row: Row) -> Verdict:
        one, other = left(row), right(row)
        return holds(one, other) if one and other else None

    return verdict


def _dated(left: Operand, holds: Callable[[Value, Value], bool], right: Operand) -> Test:
    given = {side.text: parsed(side.text) for side in (left, right) if isinstance(side, Text)}

    def compared(one: str, other: str) -> bool:
        return holds(given.get(one) or parsed(one), given.get(other) or parsed(other))

    return _plain(_reader(left), _reader(right), compared)


def _like(left: Read, right: Read, *, fold: bool) -> Test:
    def alike(text: str, pattern: str) -> bool:
        return globbed(text.lower(), pattern.lower()) if fold else globbed(text, pattern)

    return _plain(left, right, alike)


def _reader(operand: Operand) -> Read:
    if isinstance(operand, Text):
        text = operand.text
        return lambda row: text
    name = operand.name
    return lambda row: row(name)


def globbed(text: str, pattern: str) -> bool:
    """Whether the whole text fits. Takes the leftmost fit of each part between stars: no backtracking, no blow-up."""
    first, *rest = pattern.split("*")
    if not rest:
        return len(text) == len(first) and _fits(text, 0, first)
    *middle, last = rest
    end = len(text) - len(last)
    if end < len(first) or not _fits(text, 0, first) or not _fits(text, end, last):
        return False
    at = len(first)
    for part in middle:
        at = _seek(text, at, end, part)
        if at < 0:
            return False
        at += len(part)
    return True


def _seek(text: str, at: int, end: int, part: str) -> int:
    if "?" not in part:
        return text.find(part, at, end)
    return next((start for start in range(at, end - len(part) + 1) if _fits(text, start, part)), -1)


def _fits(text: str, at: int, part: str) -> bool:
    if "?" not in part:
        return text.startswith(part, at)
    return len(text) >= at + len(part) and all(want in ("?", have) for want, have in zip(part, text[at:], strict=False))
