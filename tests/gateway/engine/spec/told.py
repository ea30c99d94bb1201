"""One question put three ways, with the same values: to graphql-core and plain resolvers, to the plan engine over
bindings, and to the reference. All three must give the same data, and have failed at the same positions.

A graph is its SDL and its root values; every coordinate is public, so that nothing but the specification is at work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from gateway.engine.graph import Graph
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from gateway.traffic import Traffic
from resolvers.backends.base import Gap, Outcome
from resolvers.binding import Binding, Bindings
from schema import Category
from tests.gateway.agree import Bench, Told

ALL = Grants(bits(Category))
REFUSED = "refused"


class Failure(Gap):
    """What a resolver that raises comes to."""


class Row:
    """A record. A value that is an exception is raised, a function is called with the arguments of its field."""

    def __init__(self, graph_type: str | None = None, **values: Any) -> None:
        self.graph_type = graph_type
        self.values = values

    def read(self, name: str, arguments: Mapping[str, Any]) -> Any:
        value = self.values.get(name)
        if callable(value):
            value = value(**arguments)
        if isinstance(value, Exception):
            raise value
        return value

    def __getattr__(self, name: str) -> Any:
        return self.read(name, {})


@dataclass
class Spec:
    """`roots`: operation type → its root value, or a function that makes one for each run (for mutations).

    scalars:  name → how its values go out and come in
    enums:    name → the values its names stand for inside
    """

    sdl: str
    roots: Mapping[str, Any]
    scalars: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = field(default_factory=dict)
    enums: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def schema(self) -> GraphQLSchema:
        return self.built()

    @cached_property
    def declared(self) -> SimpleNamespace:
        """What the reference may put its own resolvers into."""
        return SimpleNamespace(_schema=self.built())

    def built(self) -> GraphQLSchema:
        schema = build_schema(self.sdl)
        for name, (out, into) in self.scalars.items():
            named = schema.type_map[name]
            assert isinstance(named, GraphQLScalarType)
            named.coerce_output_value, named.coerce_input_value = out, into  # type: ignore[method-assign]
        for name, values in self.enums.items():
            enum = schema.type_map[name]
            assert isinstance(enum, GraphQLEnumType)
            for spelled, value in values.items():
                enum.values[spelled].value = value
        return schema

    def root(self, kind: str) -> Row:
        root: Any = self.roots[kind]
        return root() if callable(root) and not isinstance(root, Row) else root

    async def told(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        edges: bool = False,
        name: str | None = None,
    ) -> Any:
        """`REFUSED`, or the data and every failed position; the same from all three, or this fails.

        edges:  every field is asked of a resolver; otherwise only the root fields and those with arguments are
        """
        expected = self.of_core(document, variables or {}, name)
        try:
            answers = await self.of_engines(document, variables or {}, name, edges)
        except Refusal:
            assert expected == REFUSED
            return REFUSED
        assert expected != REFUSED
        for answer in answers:
            assert (answer.data, sorted(answer.failed, key=str)) == expected
            _must_be_consistent(answer)
        assert answers[0].bytes == answers[1].bytes
        return expected

    def of_core(self, document: str, variables: Mapping[str, Any], name: str | None) -> Any:
        schema, parsed = self.schema, parse(document)
        operation = get_operation_ast(parsed, name)
        if operation is None or validate(schema, parsed):
            return REFUSED
        for named in schema.type_map.values():
            if isinstance(named, GraphQLInterfaceType) or hasattr(named, "types"):
                named.resolve_type = lambda row, *_: row.graph_type  # type: ignore[attr-defined]
        result = execute_sync(
            schema,
            parsed,
            self.root(operation.operation.value),
            variable_values=dict(variables),
            operation_name=name,
            field_resolver=lambda row, info, **arguments: row.read(info.field_name, arguments),
        )
        if result.errors and any(error.path is None for error in result.errors):
            return REFUSED
        return result.data, sorted((tuple(error.path or ()) for error in result.errors or ()), key=str)

    async def of_engines(
        self, document: str, variables: Mapping[str, Any], name: str | None, edges: bool
    ) -> tuple[Told, Told]:
        planned, referred = (
            Bench(self.graph(edges), lambda: self.declared, lambda: Traffic.over({}), depth=1)  # type: ignore[arg-type, return-value]
            for _ in range(2)
        )
        return (
            await planned.planned(document, ALL, variables, name=name),
            await referred.referred(document, ALL, variables, name=name),
        )

    def graph(self, edges: bool) -> Graph:
        """Anew for each run: the root values of a mutation are written to."""
        schema = self.schema
        roots = {
            kind: (self.root(kind), named)
            for kind, named in (("query", schema.query_type), ("mutation", schema.mutation_type))
            if named is not None and kind in self.roots
        }
        owners = {named.name: root for root, named in roots.values()}
        bound = [
            Binding(named.name, (name,), _resolver(owners.get(named.name), name))
            for named in schema.type_map.values()
            if isinstance(named, GraphQLObjectType) and not named.name.startswith("__")
            for name, definition in named.fields.items()
            if edges or named.name in owners or definition.args
        ]
        return Graph(schema, _all_public(schema), Bindings(bound))


def _resolver(root: Row | None, name: str) -> Any:
    async def resolve(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        return [_outcome(root if parent is None else parent, name, ask.arguments) for parent in parents]

    return resolve


def _outcome(row: Any, name: str, arguments: Mapping[str, Any]) -> Outcome[Any]:
    try:
        return Outcome(row.read(name, arguments))
    except Exception:
        return Outcome(error=Failure())


def _all_public(schema: GraphQLSchema) -> Mapping[str, Category]:
    coordinates = set()
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, definition in named.fields.items():
                coordinates.add(f"{named.name}.{name}")
                coordinates |= {f"{named.name}.{name}({spelled}:)" for spelled in getattr(definition, "args", {})}
    return dict.fromkeys(coordinates, Category.PUBLIC)


def _must_be_consistent(told: Told) -> None:
    """Every failure leads to a null, every absence stands at one, and no null of a failure goes unlisted."""
    listed = set()
    for entry in told.absent:
        for path in entry.get("at", ()):
            assert _at(told.data, path) == (None, len(path)), entry
            listed.add(tuple(path))
    whole = {entry["path"] for entry in told.absent if entry["rows"] == "ALL"}
    for path in told.failed:
        found, steps = _at(told.data, path)
        pattern = ".".join("*" if isinstance(step, int) else step for step in path[:steps])
        assert found is None, path
        assert path[:steps] in listed or pattern in whole, (path, told.absent)


def _at(data: Any, path: Sequence[Any]) -> tuple[Any, int]:
    """What stands at a path, or the null on the way there; and how many steps that took."""
    for number, step in enumerate(path):
        if data is None:
            return None, number
        data = data[step]
    return data, len(path)
