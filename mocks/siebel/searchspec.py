"""Siebel's search language: `([First Name] LIKE 'J*' AND NOT [Email Address] IS NULL)` → a tree.

    expression = conjunction {OR conjunction}         operand = [Field] | 'text' | "text" | number
    conjunction = negation {AND negation}             op = = <> < > <= >= ~= LIKE ~LIKE NOT LIKE
    negation = NOT negation | ( expression ) | operand op operand | operand IS [NOT] NULL

A text ends at the next quote of its own kind: there is *no escape*, so whoever pastes a quote into a text writes the
rest of the search, as with the real one. Key words are not case-sensitive. A syntax error is SBL-DAT-00416, as a bad
field is (the facts give no other code). Functions (`Today()`, `LookupValue(..)`) and EXISTS are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mocks.siebel.refusal import bad_search

DEEPEST = 100  # brackets within brackets; the real limit is not documented

TOKEN = re.compile(
    r"""\s*(?:
      \[(?P<field>[^\[\]]+)\]
    | '(?P<single>[^']*)'
    | "(?P<double>[^"]*)"
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<sign>~=|<>|<=|>=|=|<|>|\(|\))
    | (?P<word>~?[A-Za-z]+)
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">=", "~=", "LIKE", "~LIKE"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


Operand = Field | Text


@dataclass(frozen=True, slots=True)
class Compare:
    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Empty:
    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Compare | Empty | Not | And | Or
Token = tuple[str, str]


def parse(text: str) -> Node:
    parser = _Parser(_tokens(text))
    found = parser.expression(0)
    parser.take("end")
    return found


def walk(node: Node) -> Iterator[Compare | Empty]:
    """Every comparison in the tree, left to right."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(inner):
            yield from walk(inner)
        case _:
            yield node


def fields(node: Node) -> set[str]:
    operands = (part for leaf in walk(node) for part in _operands(leaf))
    return {operand.name for operand in operands if isinstance(operand, Field)}


def literals(node: Node) -> list[str]:
    """Texts that rows were searched by, each once: those compared for likeness, not for order."""
    alike = (leaf for leaf in walk(node) if isinstance(leaf, Compare) and leaf.op in ("=", "~=", "LIKE", "~LIKE"))
    return list(dict.fromkeys(side.text for leaf in alike for side in _operands(leaf) if isinstance(side, Text)))


def _operands(leaf: Compare | Empty) -> tuple[Operand, ...]:
    return (leaf.left, leaf.right) if isinstance(leaf, Compare) else (leaf.operand,)


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1][0] != "end":
        found = TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise bad_search(f"not understood at character {at}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent, one method a rule."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def expression(self, depth: int) -> Node:
        parts = [self._conjunction(depth)]
        while self._word("OR"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self, depth: int) -> Node:
        parts = [self._negation(depth)]
        while self._word("AND"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise bad_search("nested too deeply")
        if self._word("NOT"):
            return Not(self._negation(depth + 1))
        if not self._sign("("):
            return self._comparison()
        inner = self.expression(depth + 1)
        if not self._sign(")"):
            raise bad_search("a bracket is not closed")
        return inner

    def _comparison(self) -> Node:
        left = self._operand()
        if self._word("IS"):
            negated = self._word("NOT")
            self._must("NULL")
            return Not(Empty(left)) if negated else Empty(left)
        if self._word("NOT"):
            self._must("LIKE")
            return Not(Compare(left, "LIKE", self._operand()))
        return Compare(left, self._comparator(), self._operand())

    def _comparator(self) -> str:
        _, text = self._next()
        if text.upper() not in COMPARISONS:
            raise bad_search(f"'{text}' is no operator")
        return text.upper()

    def _operand(self) -> Operand:
        kind, text = self._next()
        match kind:
            case "field":
                return Field(text)
            case "single" | "double" | "number":
                return Text(text)
        raise bad_search(f"a field or a value is missing before '{text}'")

    def take(self, kind: str) -> None:
        if self._tokens[self._at][0] != kind:
            raise bad_search(f"'{self._tokens[self._at][1]}' is not expected there")

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _word(self, word: str) -> bool:
        return self._skip("word", word)

    def _sign(self, sign: str) -> bool:
        return self._skip("sign", sign)

    def _must(self, word: str) -> None:
        if not self._word(word):
            raise bad_search(f"{word} is missing")

    def _skip(self, kind: str, text: str) -> bool:
        here = self._tokens[self._at]
        if here[0] == kind and here[1].upper() == text:
            self._at += 1
            return True
        return False
