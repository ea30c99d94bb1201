"""AR System's qualifications: `'Status' < "Resolved" AND ('Submitter' = "Mary" OR NOT 'Assignee' = $NULL$)` → a tree.

    expression = conjunction {OR conjunction}       operand = 'Field Name' | 'field id' | "text" | number | $NULL$
    conjunction = negation {AND negation}           op = = != <> < <= > >= LIKE
    negation = NOT negation | ( expression ) | operand op operand

A quote within a text is doubled (`""`); so is an apostrophe within a field's name. `||`, `&&` and `!` are OR, AND and
NOT; key words are not case-sensitive. Arithmetic, functions and key words other than $NULL$ are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from mocks.remedy.errors import bad_qualification

DEEPEST = 100  # brackets within brackets; the real limit is not documented
TOKEN = re.compile(
    r"""\s*(?:
      '(?P<field>(?:[^']|'')+)'
    | "(?P<text>(?:[^"]|"")*)"
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![\w.])
    | \$(?P<keyword>\w+)\$
    | (?P<op><=|>=|!=|<>|=|<|>)
    | (?P<word>[A-Za-z]+|&&|\|\||!)
    | (?P<bracket>[()])
    )""",
    re.VERBOSE,
)
WORDS = {"&&": "AND", "||": "OR", "!": "NOT"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Null:
    pass


Operand = Field | Text | Number | Null


@dataclass(frozen=True, slots=True)
class Compare:
    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Compare | Not | And | Or
Token = tuple[str, str]


def parse(text: str, named: Callable[[str], str] = str) -> Node | None:
    """None for a qualification that is empty. Raises `ARError`. `named`: what a field is called, by name or id."""
    if not text.strip():
        return None
    reader = _Reader(list(_tokens(text)), named)
    node = reader.expression(0)
    reader.end()
    return node


def fields(node: Node) -> Iterator[str]:
    match node:
        case Compare(left, _, right):
            yield from (side.name for side in (left, right) if isinstance(side, Field))
        case Not(inner):
            yield from fields(inner)
        case And(parts) | Or(parts):
            for part in parts:
                yield from fields(part)


def literals(node: Node) -> Iterator[str]:
    """Texts that fields are compared with: what the request log calls keys."""
    match node:
        case Compare(left, _, right):
            yield from (side.text for side in (left, right) if isinstance(side, Text))
        case Not(inner):
            yield from literals(inner)
        case And(parts) | Or(parts):
            for part in parts:
                yield from literals(part)


def _tokens(text: str) -> Iterator[Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = TOKEN.match(text, at)
        if found is None:
            raise bad_qualification(f"at position {at}: {text[at : at + 40]}")
        kind = str(found.lastgroup)
        value = found[kind]
        yield kind, WORDS.get(value, value.upper()) if kind == "word" else value
        at = found.end()


class _Reader:
    def __init__(self, tokens: list[Token], named: Callable[[str], str]) -> None:
        self._tokens = tokens
        self._named = named
        self._at = 0

    def expression(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise bad_qualification("too deep")
        parts = [self._conjunction(depth)]
        while self._taken("word", "OR"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise bad_qualification(f"nothing is expected at {self._tokens[self._at][1]}")

    def _conjunction(self, depth: int) -> Node:
        parts = [self._negation(depth)]
        while self._taken("word", "AND"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise bad_qualification("too deep")
        if self._taken("word", "NOT"):
            return Not(self._negation(depth + 1))
        if self._taken("bracket", "("):
            node = self.expression(depth + 1)
            if not self._taken("bracket", ")"):
                raise bad_qualification("a bracket is not closed")
            return node
        left = self._operand()
        op = self._operator()
        return Compare(left, op, self._operand())

    def _operand(self) -> Operand:
        kind, value = self._next()
        match kind:
            case "field":
                return Field(self._named(value.replace("''", "'")))
            case "text":
                return Text(value.replace('""', '"'))
            case "number":
                return Number(Decimal(value))
            case "keyword" if value.upper() == "NULL":
                return Null()
        raise bad_qualification(f"a field or a value is expected at {value}")

    def _operator(self) -> str:
        kind, value = self._next()
        if kind == "op" or (kind, value) == ("word", "LIKE"):
            return "!=" if value == "<>" else value
        raise bad_qualification(f"a comparison is expected at {value}")

    def _next(self) -> Token:
        if self._at == len(self._tokens):
            raise bad_qualification("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _taken(self, kind: str, value: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == (kind, value)
        self._at += found
        return found
