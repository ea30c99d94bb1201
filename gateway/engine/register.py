"""Tables made from the bindings themselves: where each field comes from, and who sees it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from gateway.auth import Principal
from gateway.engine.graph import Graph, possible_types
from gateway.engine.masking import shown_at
from gateway.policy import Grants, Policy
from gateway.policy.reasons import sentence
from resolvers.backends.base import Operation
from resolvers.binding import Binding
from schema import Category
from schema.coverage import DEFINITION


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One field as reached from the row it belongs to: system, operation, wire columns and how fresh it is.

    mode: LIVE, as the system says it; DERIVED, computed by the gateway
    freshness: how old it may be where it is all that is asked for; beside others, the strictest decides
    """

    field: str
    coordinate: str
    category: str
    system: str
    operation: str
    columns: tuple[str, ...]
    mode: str
    freshness: str = "live"


def source_rows(graph: Graph) -> list[SourceRow]:
    """One row per field and way to it; every coordinate of the graph is in it."""
    owners = [
        kind
        for kind in graph.schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and DEFINITION in kind.extensions
    ]
    starts = [kind for kind in owners if graph.row_category(kind.name) or kind in (graph.query, graph.mutation)]
    rows = [
        row
        for kind in starts
        for name in kind.fields
        for row in _field(graph, kind, name, kind.name, None, "", Category.PUBLIC)
    ]
    return sorted(rows, key=lambda row: row.field)


def _field(
    graph: Graph,
    owner: GraphQLObjectType,
    name: str,
    way: str,
    above: Binding | None,
    prefix: str,
    inherited: Category,
) -> Iterator[SourceRow]:
    own = graph.binding(owner.name, name)
    binding = own or above or _keeper(graph, owner, name)
    attribute = graph.attribute(owner, name)
    at = ("" if own and not own.facet else f"{prefix}.{attribute}" if prefix and not own else attribute).strip(".")
    coordinate = f"{owner.name}.{name}"
    named = get_named_type(owner.fields[name].type)
    whole = not at and not is_leaf_type(named) and not (binding and binding.derived)
    category = graph.categories[coordinate]
    category = inherited if category is Category.INHERITED else category
    yield _row(graph, f"{way}.{name}", coordinate, binding, at, whole, str(graph.ages.strictest([category])))
    kinds = [] if is_leaf_type(named) else possible_types(graph.schema, named)
    for kind in kinds if way.split(".").count(name) < 2 else ():
        here = f"{way}.{name}" if len(kinds) == 1 else f"{way}.{name}.{kind.name}"
        for inner in kind.fields if graph.row_category(kind.name) is None else ():
            yield from _field(graph, kind, inner, here, binding, at, category)


def _keeper(graph: Graph, owner: GraphQLObjectType, name: str) -> Binding | None:
    """For a key that rows carry by themselves: the facet whose system has it on record."""
    attribute = graph.attribute(owner, name)
    facets = [one for (kind, _), one in graph.bindings.fields.items() if kind == owner.name and one.facet]
    return next((one for one in facets if any(attribute in operation.columns for operation in one.source)), None)


def _row(graph: Graph, way: str, coordinate: str, binding: Binding | None, at: str, whole: bool, age: str) -> SourceRow:
    """`whole`: a field that leads to rows or pages, whose own fields have the columns."""
    category = graph.categories[coordinate].value
    for operation in binding.source if binding else ():
        columns = () if whole else _columns(operation, at)
        if columns is not None:
            mode = "DERIVED" if binding and binding.derives(coordinate.partition(".")[2]) else "LIVE"
            return SourceRow(way, coordinate, category, operation.backend, operation.name, columns, mode, age)
    return SourceRow(way, coordinate, category, "gateway", "", (), "DERIVED")


def _columns(operation: Operation[object], at: str) -> tuple[str, ...] | None:
    """Wire columns behind an attribute: its own, or those of the whole it is a part of, or of all its parts."""
    if not at:
        return tuple(dict.fromkeys(wire for wires in operation.columns.values() for wire in wires))
    steps = at.split(".")
    for end in range(len(steps), 0, -1):
        name = ".".join(steps[:end])
        below = [w for known, wires in operation.columns.items() if known.startswith(f"{name}.") for w in wires]
        own = operation.columns.get(name)
        if own or below:
            return tuple(dict.fromkeys((*(own or ()), *(below if end == len(steps) else ()))))
    return None


def who_sees(graph: Graph, policy: Policy, coordinate: str, purpose: str | None = None) -> Mapping[str, str]:
    """Role (and purpose, where they differ) → a sentence. Raises KeyError for a coordinate the graph does not have."""
    told: dict[str, str] = {}
    for role in policy.roles.values():
        told |= _by_purpose(graph, coordinate, role.by_purpose, purpose, role.name, None)
    return told


def which_partners_see(graph: Graph, policy: Policy, coordinate: str, purpose: str | None = None) -> Mapping[str, str]:
    """The same for partners' clients: as their role, for their purposes and scopes, on the rows of their keys."""
    told: dict[str, str] = {}
    for one in policy.partners.values():
        possible = {*(relation for relation, keys in one.keys.items() if keys), "consenting"}
        asking = Principal("", one.role, client=one.client)
        granted = {purpose: policy.grants(asking, purpose) for purpose in policy.purposes(asking)}
        told |= _by_purpose(graph, coordinate, granted, purpose, one.client, possible)
    return told


def _by_purpose(
    graph: Graph,
    coordinate: str,
    granted: Mapping[str, Grants],
    wanted: str | None,
    name: str,
    possible: Container[str] | None,
) -> dict[str, str]:
    category, row = graph.categories[coordinate], graph.row_category(coordinate.partition(".")[0])
    asked = {one: grants for one, grants in granted.items() if wanted in (None, one)}
    shown = shown_at(graph, coordinate)
    said = {one: sentence(grants, category, row, possible, shown) for one, grants in asked.items()}
    if len(set(said.values())) == 1 and wanted is None:
        return {name: next(iter(said.values()))}
    return {f"{name} for {one}": text for one, text in said.items()}
