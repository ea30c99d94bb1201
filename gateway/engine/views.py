"""What each class of callers may name of one graph: made when the first asks, shared by all who may name the same.

Two sets per client: *nameable*, what the schema shows them, and *granted*, what they may read. Clients that are shown
nulls (`redact`) may name all there is, so that one document serves every role. Clients that are refused (`reject`) may
name their ceiling; what they name of it and are not granted, for the purpose they have, refuses the whole operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field

import strawberry
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from gateway.engine.graph import Graph
from gateway.engine.lru import Lru
from gateway.engine.nameable import nameable
from gateway.engine.operation import Operation, View
from gateway.engine.plan import Gap, Plan
from gateway.policy import Grants
from gateway.policy.grants import BITS
from schema import Category

KEPT = 128
"""Views; one takes some milliseconds to make and some hundred kilobytes to keep."""


@dataclass(frozen=True, slots=True)
class Views:
    graph: Graph
    whole: View
    made: Lru[int, View] = field(default_factory=lambda: Lru(KEPT))

    @classmethod
    def over(cls, graph: Graph) -> Views:
        return cls(graph, View("whole", graph.schema))

    def of(self, ceiling: int | None) -> View:
        """The view of callers who may name these categories; None: all there is."""
        if ceiling is None:
            return self.whole
        return self.made.get(ceiling) or self.made.put(ceiling, self._made(ceiling))

    def _made(self, ceiling: int) -> View:
        part = nameable(self.graph.schema, self.graph.categories, lambda category: bool(BITS[category] & ceiling))
        return View(f"{ceiling:x}", part, partial=True)


def printed(declared: strawberry.Schema, view: View) -> str:
    """As SDL, each coordinate with its category."""
    shown = copy(declared)
    shown._schema = view.schema
    return shown.as_str() + "\n"


def ungranted(graph: Graph, view: View, operation: Operation, grants: Grants, chosen: Plan) -> dict[str, str]:
    """Fields that an operation names, on whatever condition, and of which no row shows these callers anything; with
    their categories, by coordinate."""
    named = _Named(graph, view, operation, grants)
    named.below(graph.root(operation.node.operation).name, operation.node.selection_set)
    gaps = (gap for gap in chosen.gaps if gap.reason == "WITHHELD" and "." in gap.coordinate)
    certain = {gap.coordinate: gap.category for gap in gaps if view.names(gap.coordinate)}
    return dict(sorted((named.found | certain).items()))


def named_in_vain(ungranted: Mapping[str, str], guarded: Iterable[Gap]) -> dict[str, str]:
    """What refuses the whole for clients that are refused: fields, and arguments with the values they have now."""
    return {**ungranted, **{gap.coordinate: gap.category for gap in guarded}}


@dataclass(slots=True)
class _Named:
    graph: Graph
    view: View
    operation: Operation
    grants: Grants
    found: dict[str, str] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)

    def below(self, owner: str, selections: SelectionSetNode | None) -> None:
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    self.field(owner, node)
                case InlineFragmentNode():
                    self.below(node.type_condition.name.value if node.type_condition else owner, node.selection_set)
                case FragmentSpreadNode() if node.name.value not in self.spread:
                    self.spread.add(node.name.value)
                    fragment = self.operation.fragments[node.name.value].definition
                    self.below(fragment.type_condition.name.value, fragment.selection_set)

    def field(self, owner: str, node: FieldNode) -> None:
        kind, name = self.view.schema.type_map[owner], node.name.value
        category = self.graph.categories.get(f"{owner}.{name}", Category.INHERITED)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and name in kind.fields:  # not `__typename`
            if category is not Category.INHERITED and not BITS[category] & self.grants.ever:
                self.found[f"{owner}.{name}"] = category.value
            self.below(get_named_type(kind.fields[name].type).name, node.selection_set)
