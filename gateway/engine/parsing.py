"""Text → tree, as graphql-core parses it, and nothing left behind that only the garbage collector can free.

graphql-core's tokens know the one after them and the one before: thousands of circles for each document, and nobody is
answered while the collector walks through them.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import (
    DocumentNode,
    GraphQLSyntaxError,
    Lexer,
    Location,
    Source,
    Token,
    TokenKind,
    VariableDefinitionNode,
)
from graphql.language.parser import Parser, nested_too_deeply_error

NUMBERS = frozenset({TokenKind.INT, TokenKind.FLOAT})
LONGEST = 1000
"""Digits of a number. Python converts no more than some thousands, and says so in words that are not for callers."""


class TooDeep(GraphQLSyntaxError):
    """The text nests deeper than anything is read."""


class Onward(Lexer):
    """Its tokens do not know what came before them; the parser never looks back. Numbers have an end."""

    def lookahead(self) -> Token:
        token = super().lookahead()
        token.prev = None
        if token.kind in NUMBERS and token.end - token.start > LONGEST:
            told = f"A number of {token.end - token.start} characters; at most {LONGEST} are read."
            raise GraphQLSyntaxError(self.source, token.start, told)
        return token


class Place(Location):
    """One of its own: rules hash nodes, and thereby places, so often that it takes half of the time to validate."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class Placing(Parser):
    def loc(self, start_token: Token) -> Place:
        return Place(start_token, self._lexer.last_token, self._lexer.source)


class Sparing(Parser):
    """Variables know their place: it is told of values that do not fit, long after all else of the tree is gone."""

    def parse_variable_definition(self) -> VariableDefinitionNode:
        first = self._lexer.token
        start = Token(first.kind, first.start, first.end, first.line, first.column)  # which knows of no other
        return replace(super().parse_variable_definition(), loc=Location(start, start, self._lexer.source))


def parsed(text: str, most: int | None = None, *, located: bool = False) -> DocumentNode:
    """A document of at most `most` tokens; `located`: every node knows its place. Raises `GraphQLSyntaxError`."""
    source = Source(text)
    made = Placing if located else Sparing
    parser = made(source, no_location=not located, max_tokens=most, lexer=Onward(source))
    try:
        return parser.parse_document()
    except RecursionError:
        pass
    told = nested_too_deeply_error(parser)
    (place,) = told.positions or (0,)
    raise TooDeep(source, place, told.message.removeprefix("Syntax Error: "))
