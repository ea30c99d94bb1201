"""What a document will not show to a caller, told from the document alone: the reference engine's own, naive reading.

A second opinion on the planner: it walks selections type by type and asks the grants at each field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from gateway.engine.graph import Graph, possible_types
from gateway.engine.guard import given
from gateway.engine.operation import Operation
from gateway.engine.plan import Gap
from gateway.policy.grants import Decision, Grants, Verdict
from resolvers.backends.base import Columns


def foreseen(graph: Graph, operation: Operation, grants: Grants, values: VariableValues) -> list[Gap]:
    """Every null and mask that is certain before anything is fetched; topmost only, each once."""
    root = graph.root(operation.node.operation)
    fields = collect_fields(graph.schema, operation.fragments, values, root, operation.node).grouped_field_set
    walk = _Walk(graph, operation, grants, values)
    return list(dict.fromkeys(walk.fields(root, fields, "", _Stand())))


@dataclass(frozen=True, slots=True)
class _Stand:
    """Of the rows here: rules that hold for all of them, rules still open, decided row by row; and those that the
    resolver we came through applies itself."""

    passed: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    pushed: frozenset[str] = frozenset()
    rows: str = "ALL"


class _Walk:
    def __init__(self, graph: Graph, operation: Operation, grants: Grants, values: VariableValues) -> None:
        self.graph, self.operation, self.grants, self.values = graph, operation, grants, values

    def fields(
        self,
        owner: GraphQLObjectType,
        fields: Mapping[str, list[FieldDetails]],
        above: str,
        stand: _Stand,
    ) -> Iterator[Gap]:
        for key, group in fields.items():
            name = group[0].node.name.value
            if not name.startswith("__"):
                path = f"{above}.{key}" if above else key
                yield from self.field(owner, name, group, path, stand)

    def field(
        self,
        owner: GraphQLObjectType,
        name: str,
        group: list[FieldDetails],
        path: str,
        stand: _Stand,
    ) -> Iterator[Gap]:
        coordinate = f"{owner.name}.{name}"
        category = self.graph.categories[coordinate]
        decision = self.grants.decide(category)
        named = get_named_type(owner.fields[name].type)
        row_by_row = decision.verdict is Verdict.CONDITIONAL and decision.relation in stand.open
        shown = row_by_row or self._shown(decision, owner, named.name, stand.passed)
        if not (self._done(decision, owner, name) and shown):
            yield Gap(path, coordinate, "WITHHELD", category.value, rows=stand.rows)
        elif is_leaf_type(named):
            if decision.kind:
                yield Gap(path, coordinate, "MASKED", category.value, decision.kind, stand.rows)
            yield from self._forbidden(coordinate, owner, group, path)
        elif decision.kind:
            yield Gap(path, coordinate, "WITHHELD", category.value, rows=stand.rows)
        else:
            yield from self._composite(owner, name, group, path, stand)

    def _composite(
        self,
        owner: GraphQLObjectType,
        name: str,
        group: list[FieldDetails],
        path: str,
        stand: _Stand,
    ) -> Iterator[Gap]:
        coordinate = f"{owner.name}.{name}"
        types = possible_types(self.graph.schema, get_named_type(owner.fields[name].type))
        hidden = [kind for kind in types if not self._may_exist(kind.name)]
        if len(hidden) == len(types):
            row = self.graph.row_category(hidden[0].name)
            yield Gap(path, coordinate, "WITHHELD", row.value if row else "", rows=stand.rows)
            return
        if forbidden := list(self._forbidden(coordinate, owner, group, path)):
            yield from forbidden
            return
        below = path + ".*" * _depth(owner.fields[name].type)
        for kind in types:
            row = self.graph.row_category(kind.name)
            if kind in hidden:
                yield Gap(below, kind.name, "WITHHELD", category=row.value if row else "", rows="SOME")
            else:
                now = replace(self._stand(kind.name, stand, owner, name), rows="SOME" if len(types) > 1 else stand.rows)
                fields = collect_subfields(
                    self.graph.schema, self.operation.fragments, self.values, self.operation.node, kind, group
                ).grouped_field_set
                yield from self.fields(kind, fields, below, now)

    def _stand(self, kind: str, stand: _Stand, owner: GraphQLObjectType, name: str) -> _Stand:
        binding = self.graph.binding(owner.name, name)
        pushed = binding.pushes if binding and not binding.facet else stand.pushed
        row = self.graph.row_category(kind)
        if row is None:
            return _Stand(stand.passed, stand.open, pushed)
        bound = frozenset(rule for rule, _ in self.grants.under if (kind, rule) in self.graph.bindings.relations)
        if self.grants.decide(row).verdict is Verdict.CONDITIONAL or bound & pushed:
            return _Stand(passed=bound)
        return _Stand(open=bound)

    def _done(self, decision: Decision, owner: GraphQLObjectType, name: str) -> bool:
        """Nothing is written for a caller who may do so only in part, or only to some rows, unless the resolver
        makes sure that they are the right ones."""
        if owner is not self.graph.mutation or decision.verdict is Verdict.SEEN:
            return True
        return decision.verdict is Verdict.CONDITIONAL and decision.relation in self._pushes(owner, name)

    def _shown(self, decision: Decision, owner: GraphQLObjectType, target: str, passed: frozenset[str]) -> bool:
        if decision.verdict is not Verdict.CONDITIONAL:
            return decision.verdict is not Verdict.WITHHELD
        if decision.relation in passed or owner is self.graph.mutation:
            return True
        return owner is self.graph.query and (target, decision.relation) in self.graph.bindings.relations

    def _pushes(self, owner: GraphQLObjectType, name: str) -> frozenset[str]:
        binding = self.graph.binding(owner.name, name)
        return binding.pushes if binding and not binding.facet else frozenset()

    def _may_exist(self, kind: str) -> bool:
        row = self.graph.row_category(kind)
        decision = self.grants.decide(row) if row else None
        if decision is None or decision.verdict is Verdict.SEEN:
            return True
        return bool(decision.relation) and (kind, decision.relation) in self.graph.bindings.relations

    def _forbidden(
        self, coordinate: str, owner: GraphQLObjectType, group: list[FieldDetails], path: str
    ) -> Iterator[Gap]:
        """Arguments this caller may not use, found by looking at every value that was given."""
        node = group[0].node
        definition = owner.fields[node.name.value]
        try:
            get_argument_values(definition, node, self.values)
        except GraphQLError:
            return
        wanted = {one.name.value: given(one.value, self.values) for one in node.arguments or ()}
        used = [
            at
            for name, value in wanted.items()
            if value is not Undefined
            for at in (f"{coordinate}({name}:)", *_named(get_named_type(definition.args[name].type), value))
        ]
        decisions = [(at, self.grants.decide(self.graph.categories[at])) for at in used]
        refused = sorted(at for at, decision in decisions if not self._usable(decision, owner, node.name.value))
        if refused:
            yield Gap(path, refused[0], "WITHHELD")

    def _usable(self, decision: Decision, owner: GraphQLObjectType, name: str) -> bool:
        return decision.verdict in (Verdict.SEEN, Verdict.CONDITIONAL) and self._done(decision, owner, name)


def _named(kind: Any, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named(kind, item)
    elif isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        for name, inner in value.items():
            yield f"{kind.name}.{name}"
            yield from _named(get_named_type(kind.fields[name].type), inner)


def _depth(kind: Any) -> int:
    if is_non_null_type(kind):
        return _depth(kind.of_type)
    return 1 + _depth(kind.of_type) if is_list_type(kind) else 0


def everything_below(graph: Graph, target: Any, depth: int) -> Columns:
    """Every attribute a value of this type can be asked for, with what its own edges and rules need."""
    if is_leaf_type(target):
        return frozenset()
    types = possible_types(graph.schema, target)
    return frozenset(
        f"{kind.name}.{column}" if len(types) > 1 else column
        for kind in types
        for column in _attributes(graph, kind, depth)
    )


def _attributes(graph: Graph, kind: GraphQLObjectType, depth: int) -> Iterator[str]:
    for relation in graph.bindings.relations.values():
        if relation.type == kind.name:
            yield from relation.needs
    for name, definition in kind.fields.items():
        binding = graph.binding(kind.name, name)
        if binding and not binding.facet:
            yield from binding.needs
            continue
        attribute = graph.attribute(kind, name)
        yield attribute
        if depth and not is_leaf_type(get_named_type(definition.type)):
            below = everything_below(graph, get_named_type(definition.type), depth - 1)
            yield from (f"{attribute}.{column}" for column in below)
