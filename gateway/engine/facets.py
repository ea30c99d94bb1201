"""The facets of one selection: one record per row, from which several fields are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.engine.columns import columns_of_field
from gateway.engine.graph import Graph
from gateway.engine.plan import Branch, Facet, Field, Inline, Leaf
from resolvers.binding import Binding


@dataclass(slots=True)
class Facets:
    """Gathers them while the fields of a selection are planned."""

    bindings: list[Binding] = field(default_factory=list)

    def origin(self, binding: Binding) -> int:
        """Which of them a field of this binding is read from."""
        for index, known in enumerate(self.bindings):
            if known is binding:
                return index
        self.bindings.append(binding)
        return len(self.bindings) - 1

    def planned(self, graph: Graph, owner: str, fields: Iterable[Field]) -> tuple[Facet, ...]:
        fields = list(fields)
        return tuple(_facet(graph, owner, index, binding, fields) for index, binding in enumerate(self.bindings))


def _facet(graph: Graph, owner: str, index: int, binding: Binding, fields: list[Field]) -> Facet:
    mine = [one for one in fields if isinstance(one, Leaf | Inline | Branch) and one.origin == index]
    columns = frozenset(column for one in mine for column in columns_of_field(one))
    freshness = graph.ages.strictest(category for one in mine for category in graph.needs.field(owner, one))
    return Facet(binding, columns, freshness, tuple((one.key, one.coordinate) for one in mine), fresh=False)
