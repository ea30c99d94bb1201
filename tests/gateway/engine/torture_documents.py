"""Documents for the graph that is made to go wrong, drawn from a seed: fragments of every kind, merging, aliases,
conditions, variables with and without defaults. What does not validate is drawn again."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    parse,
    validate,
)

DEPTH = 5
FIELDS = 45


@dataclass(frozen=True)
class Asked:
    text: str
    variables: Mapping[str, Any]


def document(schema: GraphQLSchema, seed: int) -> Asked:
    """The first valid document of a seed."""
    draw = random.Random(seed)
    while True:
        asked = _Writer(schema, draw).document()
        if not validate(schema, parse(asked.text), max_errors=1):
            return asked


@dataclass
class _Writer:
    schema: GraphQLSchema
    draw: random.Random
    left: int = FIELDS
    declared: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)

    def one_in(self, n: int) -> bool:
        return self.draw.randrange(n) == 0

    def document(self) -> Asked:
        kind = "mutation" if self.one_in(3) else "query"
        root = self.schema.mutation_type if kind == "mutation" else self.schema.query_type
        body = self.selection(root, DEPTH)
        declared = ", ".join(f"${name}: {what}" for name, what in self.declared.items())
        fragments = " ".join(f"fragment {name} on {on} {text}" for name, (on, text) in self.fragments.items())
        return Asked(f"{kind} {f'({declared})' if declared else ''} {body} {fragments}", self.values)

    # -- selections -----------------------------------------------------------------------------------------------

    def selection(self, kind: Any, depth: int) -> str:
        parts = [self.part(kind, depth) for _ in range(self.draw.randint(1, 5))]
        kept = [part for part in parts if part]
        return "{ " + " ".join(kept or ["__typename"]) + " }"

    def part(self, kind: Any, depth: int) -> str:
        if self.left <= 0:
            return ""
        if self.one_in(12):
            return "__typename" if self.one_in(2) else "t: __typename"
        if isinstance(kind, GraphQLUnionType) or self.one_in(4):
            return self.fragment(kind, depth)
        return self.field(kind, depth)

    def field(self, kind: Any, depth: int) -> str:
        name = self.draw.choice(list(kind.fields))
        definition = kind.fields[name]
        composite = is_composite_type(get_named_type(definition.type))
        if composite and depth <= 1:
            return ""
        self.left -= 1
        arguments = self.arguments(definition)
        key = f"{name}_{zlib.crc32(arguments.encode()) % 1000}: " if arguments else ""
        if not key and self.one_in(6):
            key = f"{self.draw.choice('abc')}_{name}: "
        below = self.selection(get_named_type(definition.type), depth - 1) if composite else ""
        written = f"{key}{name}{arguments}{self.condition()} {below}"
        if composite and self.one_in(6):  # once more, with another selection: they are merged
            written += f" {key}{name}{arguments} {self.selection(get_named_type(definition.type), depth - 1)}"
        return written

    def fragment(self, kind: Any, depth: int) -> str:
        on = self.draw.choice(self.overlapping(kind))
        if self.one_in(3):
            return f"...{self.named(on, depth)}{self.condition()}"
        typed = f"on {on.name}" if on is not kind or self.one_in(2) else ""
        return f"... {typed}{self.condition()} {self.selection(on, depth)}"

    def named(self, on: Any, depth: int) -> str:
        known = [name for name, (kind, _) in self.fragments.items() if kind == on.name]
        if known and self.one_in(2):
            return self.draw.choice(known)
        text = self.selection(on, depth - 1)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (on.name, text)
        return name

    def overlapping(self, kind: Any) -> list[Any]:
        if isinstance(kind, GraphQLObjectType):
            return [kind, *kind.interfaces]
        possible = list(self.schema.get_possible_types(kind))
        around = [one for concrete in possible for one in concrete.interfaces]
        return [kind, *possible, *dict.fromkeys(around)]

    def condition(self) -> str:
        if not self.one_in(10):
            return ""
        choices = ["true", "false", self.switch(holds=True), self.switch(holds=False)]
        written = [f" @{name}(if: {self.draw.choice(choices)})" for name in ("skip", "include") if self.one_in(2)]
        return "".join(written)

    def switch(self, *, holds: bool) -> str:
        name = f"is{holds}"
        self.declared[name], self.values[name] = "Boolean!", holds
        return f"${name}"

    # -- arguments ------------------------------------------------------------------------------------------------

    def arguments(self, definition: Any) -> str:
        given = [
            f"{name}: {self.argument(argument.type)}"
            for name, argument in definition.args.items()
            if self.required(argument) or self.one_in(2)
        ]
        return f"({', '.join(given)})" if given else ""

    def required(self, argument: Any) -> bool:
        return isinstance(argument.type, GraphQLNonNull) and not (argument.default or argument.ast_node.default_value)

    def argument(self, kind: Any) -> str:
        value = self.value(kind, 2)
        if not self.one_in(3):
            return _written(value, kind)
        name = f"v{len(self.declared)}"
        self.declared[name] = str(kind)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if self.one_in(3):  # may be null, has a default, and may be sent, null or left out
            self.declared[name] = f"{inner} = {_written(self.value(GraphQLNonNull(inner), 1), inner)}"
        if not isinstance(kind, GraphQLNonNull) or "=" in self.declared[name]:
            if self.one_in(3):
                return f"${name}"
            value = None if self.one_in(5) else value
        self.values[name] = value
        return f"${name}"

    def value(self, kind: Any, depth: int) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self.some(kind.of_type, depth)
        return None if self.one_in(8) else self.some(kind, depth)

    def some(self, kind: Any, depth: int) -> Any:
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, depth - 1) for _ in range(self.draw.randint(0, 3))]
        if isinstance(kind, GraphQLEnumType):
            return self.draw.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self.object(kind, depth)
        assert is_leaf_type(kind)
        pools: dict[str, list[Any]] = {
            "ID": [f"{letter}{i}" for letter in "abg" for i in range(6)],
            "Int": [0, 1, 2, 5],
            "Float": [1.5, 2.0],
            "String": ["x", "y@z"],
            "Odd": [1, 5, 7],
            "Boolean": [True, False],
        }
        return self.draw.choice(pools[kind.name])

    def object(self, kind: GraphQLInputObjectType, depth: int) -> Any:
        names = [name for name in kind.fields if depth > 0 or is_leaf_type(get_named_type(kind.fields[name].type))]
        if kind.is_one_of:
            name = self.draw.choice(names)
            return {name: self.some(kind.fields[name].type, depth - 1)}
        chosen = [name for name in names if self.one_in(2)]
        return {name: self.value(kind.fields[name].type, depth - 1) for name in chosen}


def _written(value: Any, kind: Any) -> str:
    """As GraphQL writes it: names without quotes."""
    named = get_named_type(kind)
    if isinstance(value, dict):
        assert isinstance(named, GraphQLInputObjectType)
        return "{" + ", ".join(f"{name}: {_written(one, named.fields[name].type)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(one, named) for one in value) + "]"
    return value if isinstance(named, GraphQLEnumType) and value is not None else json.dumps(value)
