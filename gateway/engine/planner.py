"""Operation × grants → plan. What the grants do not cover becomes a `Blank` here, so nothing is there to mask later.

Selections are merged with graphql-core's own rules, per concrete type. The decision of every coordinate is taken
here, once: never per row. A category granted on a relation only becomes a `Gate` around the rows of the nearest type
whose rows stand on their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.language import DocumentNode

from gateway.engine.columns import columns_below, columns_of_field
from gateway.engine.fresh import gated
from gateway.engine.graph import Graph, possible_types
from gateway.engine.operation import Operation
from gateway.engine.plan import (
    OWN,
    Blank,
    Branch,
    Edge,
    Facet,
    Field,
    Gap,
    Gate,
    Inline,
    Introspection,
    Leaf,
    Plan,
    Rows,
    Selection,
    Slot,
    Typename,
)
from gateway.engine.shape import compiled
from gateway.policy.grants import SEEN, WITHHELD, Decision, Grants, Verdict
from gateway.policy.masks import MASKS
from resolvers.binding import Binding, Relation
from schema import Category

INLINE_DEPTH = 8  # the parser of Python itself nests only so far
GroupedFields = Mapping[str, list[FieldDetails]]


def plan(graph: Graph, operation: Operation, grants: Grants, conditions: Mapping[str, bool]) -> Plan:
    """Everything the operation will do for callers with these grants, given the values of its `@skip`/`@include`."""
    return _Planner(graph, operation, grants, VariableValues({}, dict(conditions))).plan()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the planner is: the path pattern, the row rules already settled one way or the other, those that the
    resolver of the edge we came through applies itself, and whether ALL rows at this path are of the type planned."""

    path: str
    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    pushed: frozenset[str] = frozenset()
    rows: str = "ALL"
    inline: int = 0

    def at(self, key: str, slot: Slot | None = None) -> _Place:
        path = f"{self.path}.{key}" if self.path else key
        return replace(self, path=path + ".*" * (slot.depth if slot else 0))


@dataclass(slots=True)
class _Planner:
    graph: Graph
    operation: Operation
    grants: Grants
    conditions: VariableValues
    gaps: list[Gap] = field(default_factory=list)
    edges: list[Branch] = field(default_factory=list)

    def plan(self) -> Plan:
        grouped = collect_fields(
            self.graph.schema, self.operation.fragments, self.conditions, self.graph.query, self.operation.node
        ).grouped_field_set
        ours = {key: group for key, group in grouped.items() if not group[0].node.name.value.startswith("__s")}
        ours = {key: group for key, group in ours.items() if group[0].node.name.value != "__type"}
        root = with_shape(self.selection(self.graph.query, ours, _Place("")))
        asked = [(key, group) for key, group in grouped.items() if key not in ours]
        return Plan(root, tuple(grouped), tuple(self.gaps), self.introspection(asked), tuple(self.edges))

    def introspection(self, asked: list[tuple[str, list[FieldDetails]]]) -> Introspection | None:
        if not asked:
            return None
        nodes = tuple(detail.node for _, group in asked for detail in group)
        whole = self.operation.node
        reduced = OperationDefinitionNode(
            operation=whole.operation,
            name=whole.name,
            variable_definitions=whole.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=nodes),
        )
        fragments = [detail.definition for detail in self.operation.fragments.values()]
        document = DocumentNode(definitions=(reduced, *fragments))
        return Introspection(document, not self.operation.has_variables)

    # -- rows -----------------------------------------------------------------------------------------------------

    def rows(self, owner: GraphQLObjectType, group: list[FieldDetails], place: _Place) -> Rows:
        """Rows of one concrete type; behind a gate when a row rule decides about them."""
        grouped = collect_subfields(
            self.graph.schema, self.operation.fragments, self.conditions, self.operation.node, owner, group
        ).grouped_field_set
        row = self.graph.row_category(owner.name)
        if row is None:
            return self.selection(owner, grouped, place)
        pushed = place.pushed
        place = replace(place, passed=frozenset(), failed=frozenset(), pushed=frozenset(), inline=0)
        decision = self.grants.decide(row)
        relation = self.relation(owner, decision)
        if relation is None:
            return self.selection(owner, grouped, place)
        if relation.name in pushed:
            return self.selection(owner, grouped, replace(place, passed=frozenset({relation.name})))
        return self.gate(owner, grouped, place, relation, vanishes=decision.verdict is Verdict.CONDITIONAL)

    def relation(self, owner: GraphQLObjectType, decision: Decision) -> Relation | None:
        names = [decision.relation] if decision.relation else [name for name, _ in self.grants.under]
        bound = (self.graph.bindings.relations.get((owner.name, name)) for name in names)
        return next((relation for relation in bound if relation), None)

    def gate(
        self, owner: GraphQLObjectType, grouped: GroupedFields, place: _Place, relation: Relation, *, vanishes: bool
    ) -> Rows:
        rule = frozenset({relation.name})
        passed = self.selection(owner, grouped, replace(place, passed=rule), fresh=True)
        own = self.graph.ages.ownership
        if vanishes:
            return Gate(relation, own, owner.name, place.path, passed, None, ())
        shown = len(self.gaps)
        failed = self.selection(owner, grouped, replace(place, failed=rule))
        hidden = tuple(replace(gap, rows="SOME") for gap in self.gaps[shown:] if gap not in self.gaps[:shown])
        del self.gaps[shown:]
        return Gate(relation, own, owner.name, place.path, passed, failed, hidden) if hidden else failed

    def selection(
        self, owner: GraphQLObjectType, grouped: GroupedFields, place: _Place, *, fresh: bool = False
    ) -> Selection:
        facets = _Facets(fresh)
        fields = tuple(self.field(owner, key, group, place, facets) for key, group in grouped.items())
        branches = tuple(one for one in fields if isinstance(one, Branch))
        return Selection(owner.name, place.path, fields, facets.planned(self.graph, owner.name, fields), branches)

    # -- one field ------------------------------------------------------------------------------------------------

    def field(
        self, owner: GraphQLObjectType, key: str, group: list[FieldDetails], place: _Place, facets: _Facets
    ) -> Field:
        name = group[0].node.name.value
        if name == "__typename":
            return Typename(key)
        coordinate = f"{owner.name}.{name}"
        category = self.graph.categories[coordinate]
        decision = self.settled(self.grants.decide(category), owner, name, place)
        if decision.verdict is Verdict.WITHHELD:
            return self.blank(key, place.at(key), coordinate, category)
        return self.visible(owner, key, group, place, facets, decision)

    def settled(self, decision: Decision, owner: GraphQLObjectType, name: str, place: _Place) -> Decision:
        """A condition is met by a gate above, or by the gate that will stand around the rows the field leads to."""
        if decision.verdict is not Verdict.CONDITIONAL:
            return decision
        if decision.relation in place.passed:
            return SEEN
        if decision.relation in place.failed or owner is not self.graph.query:
            return WITHHELD
        target = get_named_type(owner.fields[name].type).name
        return SEEN if (target, decision.relation) in self.graph.bindings.relations else WITHHELD

    def blank(self, key: str, place: _Place, coordinate: str, category: Category) -> Blank:
        self.gap(Gap(place.path, coordinate, "WITHHELD", category=category.value, rows=place.rows))
        return Blank(key)

    def gap(self, gap: Gap) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)

    def visible(
        self,
        owner: GraphQLObjectType,
        key: str,
        group: list[FieldDetails],
        place: _Place,
        facets: _Facets,
        decision: Decision,
    ) -> Field:
        node = group[0].node
        name = node.name.value
        definition = owner.fields[name]
        coordinate = f"{owner.name}.{name}"
        slot, named = slot_of(definition.type), get_named_type(definition.type)
        binding = self.graph.binding(owner.name, name)
        edge = binding if binding and not binding.facet else None
        origin = facets.origin(binding) if binding and binding.facet else OWN
        attribute = self.graph.attribute(owner, name)
        here = place.at(key)
        if is_leaf_type(named):
            mask = MASKS[decision.kind] if decision.verdict is Verdict.MASKED else None
            if mask:
                category = self.graph.categories[coordinate].value
                self.gap(Gap(here.path, coordinate, "MASKED", category, decision.kind, here.rows))
            leaf = Leaf(key, coordinate, attribute, origin, slot, named.name, named.coerce_output_value, mask)
            return self.branch(owner, leaf, here, edge, node, {}, slot) if edge else leaf
        if decision.verdict is Verdict.MASKED:  # a mask shows a part of one value; an object has no such part
            return self.blank(key, here, coordinate, self.graph.categories[coordinate])
        beneath = place.at(key, slot)
        below, withheld = self.below(named, group, replace(beneath, pushed=edge.pushes) if edge else beneath)
        if withheld:
            return self.blank(key, here, coordinate, self.graph.row_category(withheld) or Category.INHERITED)
        only = next(iter(below.values()), None)
        flat = edge is None and not is_abstract_type(named) and isinstance(only, Selection) and not only.waits
        if flat and isinstance(only, Selection) and place.inline < INLINE_DEPTH:
            return Inline(key, coordinate, attribute, origin, slot, only)
        stub = Leaf(key, coordinate, attribute, origin, slot, "", str, None)
        return self.branch(owner, stub, here, edge, node, below, slot)

    def below(self, named: object, group: list[FieldDetails], place: _Place) -> tuple[dict[str, Rows | None], str]:
        """What hangs below a composite position, by concrete type; and the type when nothing there may be seen."""
        below: dict[str, Rows | None] = {}
        place = replace(place, inline=place.inline + 1)
        types = possible_types(self.graph.schema, named)
        if len(types) > 1:
            place = replace(place, rows="SOME")
        for kind in types:
            row = self.graph.row_category(kind.name)
            if row is not None and not self.reachable(kind, row):
                below[kind.name] = None
            else:
                below[kind.name] = self.rows(kind, group, place)
        unseen = [name for name, rows in below.items() if rows is None]
        if len(unseen) == len(types):
            return below, unseen[0]
        for name in unseen:
            row = self.graph.row_category(name)
            category = row.value if row else ""
            self.gap(Gap(place.path, name, "WITHHELD", category=category, rows="SOME"))
        return below, ""

    def reachable(self, kind: GraphQLObjectType, row: Category) -> bool:
        decision = self.grants.decide(row)
        if decision.verdict is Verdict.CONDITIONAL:
            return (kind.name, decision.relation) in self.graph.bindings.relations
        return decision.verdict is Verdict.SEEN

    def branch(
        self,
        owner: GraphQLObjectType,
        leaf: Leaf,
        place: _Place,
        binding: Binding | None,
        node: FieldNode,
        below: Mapping[str, Rows | None],
        slot: Slot,
    ) -> Branch:
        edge = self.edge(owner, leaf.coordinate, binding, node, below) if binding else None
        branch = Branch(
            leaf.key,
            leaf.coordinate,
            place.path,
            slot,
            edge,
            leaf.attribute,
            leaf.origin,
            {name: rows and ready(rows) for name, rows in below.items()},
            None if below else leaf,
        )
        self.edges.append(branch)
        return branch

    def edge(
        self,
        owner: GraphQLObjectType,
        coordinate: str,
        binding: Binding,
        node: FieldNode,
        below: Mapping[str, Rows | None],
    ) -> Edge:
        definition = owner.fields[node.name.value]
        reachable = (
            at
            for name, argument in definition.args.items()
            for at in self.graph.argument_coordinates(coordinate, name, argument.type)
        )
        guarded = frozenset(at for at in reachable if not self.grants.may_ask(self.graph.categories[at]))
        needed_for = (self.graph.categories[coordinate], *self.graph.needs.below(below))
        return Edge(
            binding,
            columns_below(below),
            self.graph.ages.strictest(needed_for, gated(below)),
            frozenset(name for name, rows in below.items() if rows is not None),
            tuple(name for name, _ in self.grants.under),
            definition,
            node,
            guarded,
            not _mentions_variables(node),
        )


@dataclass(slots=True)
class _Facets:
    fresh: bool
    bindings: list[Binding] = field(default_factory=list)

    def origin(self, binding: Binding) -> int:
        for index, known in enumerate(self.bindings):
            if known is binding:
                return index
        self.bindings.append(binding)
        return len(self.bindings) - 1

    def planned(self, graph: Graph, owner: str, fields: Iterable[Field]) -> tuple[Facet, ...]:
        fields = list(fields)
        return tuple(self.facet(graph, owner, index, fields) for index in range(len(self.bindings)))

    def facet(self, graph: Graph, owner: str, index: int, fields: list[Field]) -> Facet:
        mine = [one for one in fields if isinstance(one, Leaf | Inline | Branch) and one.origin == index]
        columns = frozenset(column for one in mine for column in columns_of_field(one))
        freshness = graph.ages.strictest(category for one in mine for category in graph.needs.field(owner, one))
        names = tuple((one.key, one.coordinate) for one in mine)
        return Facet(self.bindings[index], columns, freshness, names, self.fresh)


def ready(rows: Rows) -> Rows:
    """Rows that will be shaped by themselves, not inside their parent's comprehension: with their function."""
    if isinstance(rows, Selection):
        return with_shape(rows)
    return replace(rows, passed=with_shape(rows.passed), failed=rows.failed and with_shape(rows.failed))


def with_shape(selection: Selection) -> Selection:
    shape = compiled(selection.type, selection.fields, len(selection.facets), selection.branches)
    return replace(selection, shape=shape)


def slot_of(kind: GraphQLOutputType) -> Slot:
    if isinstance(kind, GraphQLNonNull):
        return replace(slot_of(kind.of_type), non_null=True)
    if isinstance(kind, GraphQLList):
        return Slot(False, slot_of(kind.of_type))
    return Slot(False)


def _mentions_variables(node: FieldNode) -> bool:
    found: list[VariableNode] = []

    class Search(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.append(variable)

    for argument in node.arguments or ():
        visit(argument, Search())
    return bool(found)
