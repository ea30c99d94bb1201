"""`$filter`: a recursive-descent parser and the tests it builds.

    or    := and ("or" and)*                 unary   := "not" unary | operand
    and   := compare ("and" compare)*        operand := "(" or ")" | literal | function "(" or, or ")" | property
    compare := unary (("eq"|"ne"|"gt"|"ge"|"lt"|"le") unary)?

Operators, functions and properties are case sensitive; comparing different families is refused (400), and so are
arithmetic and every function but `substringof`, `startswith` and `endswith`. ALPHA conversion [unverified]: `eq` and
`ne` on a material number compare purely numeric numbers without their leading zeros.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mocks.sap import literals
from mocks.sap.errors import INVALID, ODataError
from mocks.sap.literals import FAMILIES, Literal, Value
from mocks.sap.model import EntitySet

Row = Mapping[str, Value]

WORD = re.compile(r"[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "substringof": lambda part, text: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
DEEPEST = 40  # parentheses and `not` within each other; a real system has its limit too


def alpha(material: str) -> str:
    """A purely numeric material number without its leading zeros; any other as it is."""
    return material.lstrip("0") or "0" if material.isascii() and material.isdecimal() else material


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    family: str
    material: bool

    def value(self, row: Row) -> Value:
        return row[self.name]

    def alike(self, value: Value) -> Value:
        """What a value is compared by."""
        return alpha(value) if self.material and isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Constant:
    family: str
    constant: Value

    def value(self, row: Row) -> Value:
        return self.constant


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Node
    right: Node
    family: str = "boolean"

    def value(self, row: Row) -> bool:
        left, right = self.left.value(row), self.right.value(row)
        if self.operator in ("eq", "ne") and isinstance(left, str) and isinstance(right, str) and self.on_material:
            left, right = alpha(left), alpha(right)
        if left is None or right is None:
            return self.operator in ("eq", "ne") and OPERATORS[self.operator](left, right)
        return OPERATORS[self.operator](left, right)

    @property
    def on_material(self) -> bool:
        return any(isinstance(side, Field) and side.material for side in (self.left, self.right))


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, Node]
    family: str = "boolean"

    def value(self, row: Row) -> bool:
        first, second = self.arguments
        return FUNCTIONS[self.function](str(first.value(row) or ""), str(second.value(row) or ""))


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Node, ...]
    family: str = "boolean"

    def value(self, row: Row) -> bool:
        for part in self.parts:  # noqa: SIM110 - a generator for each row of a set costs more than the tests
            if not part.value(row):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Node, ...]
    family: str = "boolean"

    def value(self, row: Row) -> bool:
        for part in self.parts:  # noqa: SIM110 - the same
            if part.value(row):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Among:
    """A property that is equal to one of several values: many `eq` with `or` between them."""

    column: Field
    values: tuple[Value, ...]
    alike: frozenset[Value]
    family: str = "boolean"

    @classmethod
    def of(cls, parts: Sequence[Node]) -> Among | None:
        """None for parts that are anything else."""
        first, found = None, list[Value]()
        for part in parts:
            match part:
                case Compare("eq", Field() as one, Constant(constant=value)) if one == (first or one):
                    first = one
                    found.append(value)
                case _:
                    return None
        return cls(first, tuple(found), frozenset(first.alike(value) for value in found)) if first else None

    def value(self, row: Row) -> bool:
        return self.column.alike(self.column.value(row)) in self.alike


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    family: str = "boolean"

    def value(self, row: Row) -> bool:
        return not self.part.value(row)


Node = Field | Constant | Compare | Call | Every | Some | Among | Not


def parse(text: str, on: EntitySet) -> Node:
    """A filter as one test of a row; 400 for whatever it cannot mean."""
    parser = _Parser(text, on)
    node = parser.boolean(parser.either)
    parser.end()
    return node


def materials(node: Node | None) -> list[str] | None:
    """The material numbers a filter confines its rows to, in its own order; None when it does not."""
    match node:
        case Compare("eq", Field(material=True), Constant(constant=str(number))):
            return [number]
        case Compare("eq", Constant(constant=str(number)), Field(material=True)):
            return [number]
        case Every(parts):
            return next((found for part in parts if (found := materials(part)) is not None), None)
        case Among(Field(material=True), values):
            return [value for value in values if isinstance(value, str)] if None not in values else None
        case Some(parts):
            each = [materials(part) for part in parts]
            return None if None in each else [number for found in each for number in found or ()]
        case _:
            return None


class _Parser:
    def __init__(self, text: str, on: EntitySet) -> None:
        self._text = text
        self._on = on
        self._at = 0
        self._depth = 0
        self._space()

    def boolean(self, rule: Callable[[], Node]) -> Node:
        node = rule()
        if node.family != "boolean":
            raise self._wrong("a condition is expected")
        return node

    def end(self) -> None:
        if self._at < len(self._text):
            raise self._wrong("an operator is expected")

    def either(self) -> Node:
        return self._chain("or", self._both, Some)

    def _both(self) -> Node:
        return self._chain("and", self._compare, Every)

    def _chain(self, word: str, rule: Callable[[], Node], join: type[Every] | type[Some]) -> Node:
        first = rule()
        if not self._word(word):
            return first
        parts = [self._condition(first), self._condition(rule())]
        while self._word(word):
            parts.append(self._condition(rule()))
        return (Among.of(parts) if join is Some else None) or join(tuple(parts))

    def _compare(self) -> Node:
        left = self._unary()
        for name in OPERATORS:
            if self._word(name):
                right = self._unary()
                if "null" not in (left.family, right.family) and left.family != right.family:
                    raise self._wrong(f"{left.family} cannot be compared with {right.family}")
                return Compare(name, left, right)
        return left

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong("the expression is nested too deeply")
        node: Node = Not(self.boolean(self._unary)) if self._word("not") else self._operand()
        self._depth -= 1
        return node

    def _operand(self) -> Node:
        if self._mark("("):
            node = self.either()
            self._expect(")")
            return node
        if found := literals.at(self._text, self._at):
            literal, self._at = found
            self._space()
            return Constant(literal.family, literal.value)
        return self._named()

    def _named(self) -> Node:
        found = WORD.match(self._text, self._at)
        if found is None:
            raise self._wrong("a value is expected")
        self._at = found.end()
        if self._text.startswith("(", self._at):
            return self._call(found[0])
        self._space()
        return self._field(found[0])

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise self._wrong(f"function '{name}' is not supported")
        self._expect("(")
        first = self.either()
        self._expect(",")
        second = self.either()
        self._expect(")")
        if (first.family, second.family) != ("text", "text"):
            raise self._wrong(f"'{name}' takes two texts")
        return Call(name, (first, second))

    def _field(self, name: str) -> Field:
        declared = self._on.property(name)
        if declared is None:
            raise ODataError(400, INVALID, f"Property '{name}' not found in type '{self._on.type}'.")
        return Field(name, FAMILIES[declared.type], name == self._on.material)

    def _condition(self, node: Node) -> Node:
        return self.boolean(lambda: node)

    def _word(self, word: str) -> bool:
        after = self._at + len(word)
        apart = self._at == 0 or self._text[self._at - 1] in " ()"
        if not apart or not self._text.startswith(word, self._at) or self._text[after : after + 1] not in (" ", "("):
            return False
        self._at = after
        self._space()
        return True

    def _mark(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        self._space()
        return True

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise self._wrong(f"'{mark}' is expected")

    def _space(self) -> None:
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def _wrong(self, why: str) -> ODataError:
        return ODataError(400, INVALID, f"Invalid $filter at position {self._at}: {why}.")


def literal_of(text: str, family: str) -> Literal:
    """One literal of a family, for keys and parameters."""
    literal = literals.whole(text)
    if literal.family != family:
        raise ODataError(400, INVALID, f"Invalid value {text}: {family} is expected.")
    return literal
