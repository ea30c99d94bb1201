"""What callers give for days, moments and exact numbers: read as it is documented, or refused in words about them.

The library's own readers take more than they say (a choice `X` for a text, `1_000` and `NaN` for a number, a moment
without an offset), tell what Python says of the rest, and lose its place in the document. A moment must also be one
that every clock on earth can show: systems are asked in their own time of day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from graphql import (
    FloatValueNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    Undefined,
    ValueNode,
)
from graphql.language.printer import print_for_error
from graphql.pyutils import inspect
from strawberry.schema.types import base_scalars

LONGEST = 60
"""Characters of a value that are quoted back."""

DAY = re.compile(r"[0-9W-]+")
CLOCK = re.compile(r"[0-9:.,]+(?:[Zz]|[+-][0-9:]+)?")
MOMENT = re.compile(rf"{DAY.pattern}[Tt][0-9:.,]+(?:[Zz]|[+-][0-9:]+)")
NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,60}(?:\.[0-9]{0,60})?(?:[eE][+-]?[0-9]{1,2})?")

EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """`form`: what a text has to look like before it is read; `how`: the same for people; `numbers`: whether numbers
    will do, which are read as the text they are."""

    form: re.Pattern[str]
    read: Callable[[str], Any]
    how: str
    numbers: bool = False

    def into(self, kind: GraphQLScalarType) -> None:
        """Have it read what is given for that type."""

        def value(given: Any) -> Any:
            number = self.numbers and isinstance(given, int | float) and not isinstance(given, bool)
            return self.value_of(kind, str(given) if number else given, inspect, given)

        def literal(node: ValueNode) -> Any:
            if isinstance(node, ListValueNode | ObjectValueNode):
                return Undefined  # graphql-core says so: what it hands over here is a copy, which has no place
            fits = isinstance(node, StringValueNode) or (
                self.numbers and isinstance(node, IntValueNode | FloatValueNode)
            )
            return self.value_of(kind, getattr(node, "value", None) if fits else None, print_for_error, node)

        kind.coerce_input_value, kind.coerce_input_literal = value, literal

    def value_of(self, kind: GraphQLScalarType, text: Any, shown: Callable[[Any], str], given: Any) -> Any:
        try:
            if isinstance(text, str) and self.form.fullmatch(text):
                return self.read(text.upper())
        except (ValueError, OverflowError):  # it looks like one, and is none
            pass
        quoted = shown(given)
        quoted = quoted if len(quoted) <= LONGEST else f"{quoted[:LONGEST]}…"
        told = f"{kind.name} cannot represent value: {quoted}. Write {self.how}."
        raise GraphQLError(told, given if isinstance(given, ValueNode) else None)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if not EARLIEST <= at <= LATEST:
        raise ValueError(text)
    return at


READERS = (
    (base_scalars.DateDefinition, Reader(DAY, date.fromisoformat, 'a day, like "2026-11-26"')),
    (base_scalars.TimeDefinition, Reader(CLOCK, time.fromisoformat, 'a time of day, like "14:40:00"')),
    (
        base_scalars.DateTimeDefinition,
        Reader(MOMENT, _moment, 'a moment with its offset from UTC, like "2026-11-26T14:40:00+01:00"'),
    ),
    (
        base_scalars.DecimalDefinition,
        Reader(NUMBER, Decimal, 'a number of at most 60 digits, like "261.96"', numbers=True),
    ),
)
"""By the library's own definitions: whoever brings types of the same names reads them as they please."""


def read_as_documented(schema: GraphQLSchema, definition: str) -> None:
    """`definition`: the extension under which a type keeps what it was made from."""
    for made_from, reader in READERS:
        kind = schema.type_map.get(made_from.name)
        if isinstance(kind, GraphQLScalarType) and kind.extensions.get(definition) is made_from:
            reader.into(kind)
