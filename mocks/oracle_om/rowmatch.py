"""`q` as of framework version 2: row-match expressions.

    either     = both ("or" both)*
    both       = negation ("and" negation)*
    negation   = "not" negation | "(" either ")" | comparison
    comparison = NAME ("=" | "!=" | "<>" | "<" | ">" | "<=" | ">=") literal
               | NAME "is" ["not"] "null"
               | NAME ["not"] ("like" literal | "in" "(" literal ("," literal)* ")" | "between" literal "and" literal)

Keywords in any case, names exactly: of the resource's own attributes, or of a child's after its accessor
(`lines.ProductNumber`). Strings and timestamps stand in single quotes, numbers do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mocks.oracle_om.catalogue import Resource, Value
from mocks.oracle_om.condition import OPERATORS, All, Compare, Condition, Like, Missing, Not, OneOf, Some
from mocks.oracle_om.literal import Literal, typed
from mocks.oracle_om.problem import Problem, queryable, unparsable

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>[-+]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|<>|!=|[=<>(),]))",
)
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


def parse(q: str, resource: Resource) -> Condition:
    """Raises Problem (400) for whatever is not an expression on queryable attributes of the resource."""
    return _Parser(tokens(q), resource).whole()


def tokens(q: str) -> list[Token]:
    found, at, end = [], 0, len(q.rstrip())
    while at < end:
        match = TOKEN.match(q, at)
        if match is None or match.lastgroup is None:
            raise unparsable(q)
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, found: list[Token], resource: Resource) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._resource = resource

    def whole(self) -> Condition:
        condition = self._either()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._negation()]
        while self._word("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negation(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Problem(400, "URL request parameter q is nested too deeply.", "27519", "/q")
        condition = self._nested()
        self._depth -= 1
        return condition

    def _nested(self) -> Condition:
        if self._word("not"):
            return Not(self._negation())
        if not self._sign("("):
            return self._comparison()
        condition = self._either()
        self._expect(")")
        return condition

    def _comparison(self) -> Condition:
        name = self._name()
        if self._word("is"):
            return self._null(name)
        if self._word("not"):
            return Not(self._listed(name))
        if (token := self._peek()) and token.kind == "sign" and token.text in OPERATORS:
            self._at += 1
            return Compare(name, token.text, self._literal(name))
        return self._listed(name)

    def _null(self, name: str) -> Condition:
        absent = not self._word("not")
        if not self._word("null"):
            raise self._unexpected()
        return Missing(name) if absent else Not(Missing(name))

    def _listed(self, name: str) -> Condition:
        if self._word("like"):
            return Like(name, str(self._literal(name, pattern=True)))
        if self._word("between"):
            return self._between(name)
        if self._word("in"):
            return self._in(name)
        raise self._unexpected()

    def _between(self, name: str) -> Condition:
        low = self._literal(name)
        if not self._word("and"):
            raise self._unexpected()
        return All((Compare(name, ">=", low), Compare(name, "<=", self._literal(name))))

    def _in(self, name: str) -> Condition:
        self._expect("(")
        values = [self._literal(name)]
        while self._sign(","):
            values.append(self._literal(name))
        self._expect(")")
        return OneOf(name, frozenset(values))

    def _name(self) -> str:
        token = self._peek()
        if token is None or token.kind != "word":
            raise self._unexpected()
        self._at += 1
        return queryable(token.text, self._resource, "/q", below=True)

    def _literal(self, name: str, pattern: bool = False) -> Value:
        token = self._peek()
        if token is None or token.kind == "sign":
            raise self._unexpected()
        self._at += 1
        quoted = token.kind == "string"
        text = token.text[1:-1].replace("''", "'") if quoted else token.text
        attribute = self._resource.attribute(name)
        assert attribute is not None  # noqa: S101 - `_name` made sure; tells the type checker
        return typed(Literal(text, quoted), name, attribute.kind, pattern)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _word(self, keyword: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == "word" and token.text.lower() == keyword
        self._at += found
        return found

    def _sign(self, sign: str) -> bool:
        found = self._peek() == Token("sign", sign)
        self._at += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected()

    def _unexpected(self) -> Problem:
        token = self._peek()
        return unparsable(token.text if token else "the end")
