"""A qualification → a test of one row. SQL's three answers: what is compared with nothing is neither true nor false.

The database below compares texts whatever their case, as SQL Server does unless told otherwise (the facts are silent;
on Oracle it would be the other way round). LIKE knows `%` (any run), `_` (any one character) and `[a-z]`, `[^a-z]` (one
of these); there is no escape for any of them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mocks.remedy.errors import bad_qualification, no_field
from mocks.remedy.qualification import And, Compare, Field, Node, Not, Null, Number, Or, Text
from mocks.remedy.values import Field as FormField
from mocks.remedy.values import comparable, literal

Row = Callable[[str], Any]
"""A row: field name → value as stored."""

Read = Callable[[Row], Any]
Verdict = bool | None
Test = Callable[[Row], Verdict]
Fields = Mapping[str, FormField[Any]]
Mark = Callable[[str], bool]
Part = str | list[Mark]
"""What lies between two `%`: a plain text, or a test for each character."""

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
ELEMENT = re.compile(r"\[(?P<not>\^?)(?P<set>[^\]]+)\]|(?P<one>.)", re.DOTALL)


def matcher(node: Node, form: str, fields: Fields) -> Test:
    match node:
        case Compare():
            return _Comparison(form, fields).test(node)
        case Not(inner):
            test = matcher(inner, form, fields)
            return lambda row: None if (verdict := test(row)) is None else not verdict
        case And(parts):
            return _every([matcher(part, form, fields) for part in parts])
        case Or(parts):
            return _any([matcher(part, form, fields) for part in parts])


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


class _Comparison:
    """One comparison on one form."""

    def __init__(self, form: str, fields: Fields) -> None:
        self._form = form
        self._fields = fields

    def test(self, node: Compare) -> Test:
        match node:
            case Compare(Field(name), op, Null()) | Compare(Null(), op, Field(name)):
                return self._empty(name, op)
            case Compare(Field(one), op, Field(other)) if op != "LIKE" and self._alike(one, other):
                return _held(ORDER[op], self._reader(one), self._reader(other))
            case Compare(Field(name), "LIKE", Text(pattern)):
                return self._like(name, pattern)
            case Compare(Field(name), op, (Text() | Number()) as given) if op != "LIKE":
                return self._with(name, op, given)
            case Compare((Text() | Number()) as given, op, Field(name)) if op != "LIKE":
                return self._with(name, FLIPPED[op], given)
            case Compare(Text(one), op, Text(other)) if op != "LIKE":
                return _constant(ORDER[op](one.lower(), other.lower()))
            case Compare(Number(first), op, Number(second)) if op != "LIKE":
                return _constant(ORDER[op](first, second))
        raise bad_qualification("these cannot be compared with each other")

    def _with(self, name: str, op: str, given: Text | Number) -> Test:
        value = literal(name, self._known(name), given)
        if value is None:
            return self._empty(name, op)
        return _held(ORDER[op], self._reader(name), lambda row: value)

    def _empty(self, name: str, op: str) -> Test:
        self._known(name)
        if op not in ("=", "!="):
            raise bad_qualification("nothing is neither more nor less than anything")
        wanted = op == "="
        return lambda row: (row(name) is None) == wanted

    def _like(self, name: str, pattern: str) -> Test:
        if self._known(name).kind not in ("text", "selection"):
            raise bad_qualification(f"'{name}' is no text")
        parts = [_part(run) for run in _runs(pattern.lower())]

        def verdict(row: Row) -> Verdict:
            value = row(name)
            return None if value is None else like(str(value).lower(), parts)

        return verdict

    def _reader(self, name: str) -> Read:
        known = self._known(name)
        return lambda row: comparable(known, row(name))

    def _alike(self, one: str, other: str) -> bool:
        numbers = {"integer", "selection"}
        kinds = {self._known(one).kind, self._known(other).kind}
        return len(kinds) == 1 or kinds <= numbers

    def _known(self, name: str) -> FormField[Any]:
        if name not in self._fields:
            raise no_field(self._form, name)
        return self._fields[name]


def _held(holds: Callable[[Any, Any], bool], one: Read, other: Read) -> Test:
    def verdict(row: Row) -> Verdict:
        left, right = one(row), other(row)
        if left is None or right is None:
            return None
        return holds(left, right)

    return verdict


def _constant(value: bool) -> Test:
    return lambda row: value


def like(text: str, parts: Sequence[Part]) -> bool:
    """Whether the whole text fits the parts between `%`. The leftmost fit of each will do: no backtracking."""
    first, *rest = parts
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


def _seek(text: str, at: int, end: int, part: Part) -> int:
    if isinstance(part, str):
        return text.find(part, at, end)
    return next((start for start in range(at, end - len(part) + 1) if _fits(text, start, part)), -1)


def _runs(pattern: str) -> list[str]:
    """The pattern, split at each `%` that is not within brackets."""
    runs = [""]
    for found in ELEMENT.finditer(pattern):
        if found[0] == "%":
            runs.append("")
        else:
            runs[-1] += found[0]
    return runs


def _part(run: str) -> Part:
    return [_mark(found) for found in ELEMENT.finditer(run)] if "_" in run or "[" in run else run


def _mark(found: re.Match[str]) -> Mark:
    if one := found["one"]:
        return (lambda mark: True) if one == "_" else (lambda mark: mark == one)
    members, negated = found["set"], bool(found["not"])
    spans = zip(members, members[1:], members[2:], strict=False)
    ranges = [(low, high) for low, dash, high in spans if dash == "-"]
    return lambda mark: (mark in members or any(low <= mark <= high for low, high in ranges)) != negated


def _fits(text: str, at: int, part: Part) -> bool:
    if isinstance(part, str):
        return text.startswith(part, at)
    return len(text) >= at + len(part) and all(mark(text[at + n]) for n, mark in enumerate(part))
