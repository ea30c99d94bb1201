"""Operation × grants → plan. What the grants do not cover becomes a `Blank` here, so nothing is there to mask later.

Selections are merged with graphql-core's own rules, per concrete type. The decision of every coordinate is taken
here, once: never per row. What is decided by a relation becomes a `Gate` around the rows of the nearest type whose
rows stand on their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_abstract_type,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from gateway.engine import fresh
from gateway.engine.columns import columns_below
from gateway.engine.conditions import Bits
from gateway.engine.facets import Facets
from gateway.engine.gating import Notes, gated
from gateway.engine.graph import Graph, possible_types
from gateway.engine.guard import constant
from gateway.engine.judging import Carried, Judge
from gateway.engine.masking import UNFIT, masked
from gateway.engine.operation import Operation, decided
from gateway.engine.plan import (
    OWN,
    Blank,
    Branch,
    Edge,
    Field,
    Gap,
    Inline,
    Introspection,
    Leaf,
    Plan,
    Rows,
    Selection,
    Slot,
    Typename,
)
from gateway.engine.shape import compiled_column, ready, with_shape
from gateway.policy.grants import NONE, SEEN, WITHHELD, Grants, Sight, Verdict, subsets
from gateway.policy.masks import MASKS
from gateway.policy.rules import Relations
from resolvers.binding import Binding
from schema import Category

INLINE_DEPTH = 8  # the parser of Python itself nests only so far
GroupedFields = Mapping[str, list[FieldDetails]]


def plan(graph: Graph, operation: Operation, grants: Grants, conditions: Bits) -> Plan:
    """Everything the operation will do for callers with these grants, given the values of its `@skip`/`@include`. Who
    writes is shown what holds from then on, not what was said a while ago. Raises `Refusal` for a null that decides."""
    decided(operation, conditions)
    if operation.node.operation is OperationType.MUTATION:
        graph = graph.live
    return _Planner(graph, operation, Judge(graph, grants), VariableValues({}, dict(conditions))).plan()


class _Place(NamedTuple):
    """Where the planner is.

    path:     the path pattern
    row:      whether a row stands above; `held`: relations known to hold between it and the caller
    pushed:   relations that the resolver of the edge we came through applies itself, and `carried`: the category that
              it leaves to the rows it leads to
    mask:     kind and category of a mask on the value we are inside of
    rows:     whether ALL rows at this path are of the type planned; below a row that stands on its own: of what lies
              at it below such rows
    """

    path: str
    row: bool = False
    held: Relations = NONE
    pushed: Relations = NONE
    carried: Carried = ()
    mask: tuple[str, Category] | None = None
    rows: str = "ALL"
    inline: int = 0

    def at(self, key: str, slot: Slot | None = None) -> _Place:
        path = (f"{self.path}.{key}" if self.path else key) + ".*" * (slot.depth if slot else 0)
        return self._replace(path=path)


@dataclass(slots=True)
class _Planner:
    graph: Graph
    operation: Operation
    judge: Judge
    conditions: VariableValues
    notes: Notes = field(default_factory=Notes)
    edges: list[Branch] = field(default_factory=list)
    known: dict[object, tuple[Rows, Notes]] = field(default_factory=dict)

    def plan(self) -> Plan:
        root = self.graph.root(self.operation.node.operation)
        grouped = collect_fields(
            self.graph.schema, self.operation.fragments, self.conditions, root, self.operation.node
        ).grouped_field_set
        told = {key: group for key, group in grouped.items() if group[0].node.name.value in ("__schema", "__type")}
        ours = {key: group for key, group in grouped.items() if key not in told}
        apart = [{key: group} for key, group in ours.items()] if root is self.graph.mutation else [ours]
        steps = tuple(with_shape(self.selection(root, fields, _Place("")), self.graph.codes) for fields in apart)
        introspection = self.introspection(list(told.items()))
        return Plan(steps, tuple(grouped), tuple(self.notes.gaps), introspection, tuple(self.edges))

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
        return Introspection(reduced, self.operation.fragments)

    # -- rows -----------------------------------------------------------------------------------------------------

    def rows(self, owner: GraphQLObjectType, group: list[FieldDetails], place: _Place) -> Rows:
        """Rows of one concrete type. What stands on its own is planned once for a place, whatever leads there."""
        grouped = collect_subfields(
            self.graph.schema, self.operation.fragments, self.conditions, self.operation.node, owner, group
        ).grouped_field_set
        if self.graph.row_category(owner.name) is None:
            return self.selection(owner, grouped, place)
        place = place._replace(row=True, held=NONE, mask=None, inline=0)
        key = (owner.name, place, tuple(id(detail.node) for detail in group))
        if key not in self.known:
            outer, self.notes = self.notes, Notes()
            rows = self.judged(owner, grouped, place)
            self.known[key], self.notes = (rows, self.notes), outer
        rows, notes = self.known[key]
        self.notes.take(notes)
        return rows

    def judged(self, owner: GraphQLObjectType, grouped: GroupedFields, place: _Place) -> Rows:
        """One selection for every set of relations that rows can differ by; one for all when they do not differ."""
        pushed, carried = place.pushed, place.carried
        inside, others = place._replace(pushed=NONE, carried=(), rows="ALL"), place.rows == "SOME"
        bound = self.judge.bound(owner.name) - pushed
        deciding = frozenset(self.judge.deciding(owner.name, carried)) & bound
        open_ = deciding
        while True:
            cases: dict[Relations, tuple[Selection, Notes] | None] = {}
            for held in subsets(open_):
                there = self.judge.exists(owner.name, held | pushed, carried)
                cases[held] = self.case(owner, grouped, inside._replace(held=held | pushed)) if there else None
            consulted = {name for case in cases.values() if case for name in case[1].consulted} & bound
            if consulted <= open_:
                return gated(self.graph, owner.name, place.path, cases, deciding, self.notes, others=others)
            open_ |= consulted

    def case(self, owner: GraphQLObjectType, grouped: GroupedFields, place: _Place) -> tuple[Selection, Notes]:
        outer, self.notes = self.notes, Notes()
        selection = self.selection(owner, grouped, place)
        notes, self.notes = self.notes, outer
        return selection, notes

    def selection(self, owner: GraphQLObjectType, grouped: GroupedFields, place: _Place) -> Selection:
        facets = Facets()
        fields = tuple(self.field(owner, key, group, place, facets) for key, group in grouped.items())
        branches = tuple(one for one in fields if isinstance(one, Branch))
        return Selection(owner.name, place.path, fields, facets.planned(self.graph, owner.name, fields), branches)

    # -- one field ------------------------------------------------------------------------------------------------

    def field(
        self, owner: GraphQLObjectType, key: str, group: list[FieldDetails], place: _Place, facets: Facets
    ) -> Field:
        name = group[0].node.name.value
        if name == "__typename":
            return Typename(key)
        sight, place = self.sight(owner, group[0].node, place)
        if sight.verdict is Verdict.WITHHELD:
            return self.blank(owner, key, place.at(key), name)
        return self.visible(owner, key, group, place, facets, sight)

    def sight(self, owner: GraphQLObjectType, node: FieldNode, place: _Place) -> tuple[Sight, _Place]:
        """What is seen of a field here; and the place to go on from: with what the rows it leads to have to decide."""
        at = self.graph.position(owner, node.name.value)
        category = at.category
        decision = self.judge.decide(category)
        self.notes.consulted.update(decision.relations)
        if place.carried:
            place = place._replace(carried=())
        if place.mask and category is not Category.INHERITED:
            place = place._replace(mask=None)
        sight = decision.on(place.held)
        if owner is self.graph.mutation and not self.judge.acts(category):
            return WITHHELD, place
        if owner is self.graph.mutation and sight is not SEEN:  # acting takes a grant that holds before the act
            return SEEN if decision.sees(self.pushed(owner, node, (category,))) else WITHHELD, place
        if sight.verdict is not Verdict.WITHHELD or place.row:
            return sight, place
        if decision.sees(self.pushed(owner, node, (category,))):
            return SEEN, place
        kinds = possible_types(self.graph.schema, at.named)
        return self.deferred(owner, kinds, category), place._replace(carried=(category,))

    def pushed(self, owner: GraphQLObjectType, node: FieldNode, carried: Carried) -> Relations:
        binding = self.graph.binding(owner.name, node.name.value)
        return self.judge.pushed(owner, node, binding, carried) if binding else NONE

    def deferred(self, owner: GraphQLObjectType, kinds: Sequence[GraphQLObjectType], category: Category) -> Sight:
        """At the root nothing is known of any row yet: the rows that the field leads to are judged one by one."""
        if owner is not self.graph.query or any(self.graph.row_category(kind.name) is None for kind in kinds):
            return WITHHELD
        possible = any(self.judge.may_exist(kind.name, NONE, (category,)) for kind in kinds)
        return SEEN if possible else WITHHELD

    def blank(
        self, owner: GraphQLObjectType, key: str, place: _Place, name: str, category: Category | None = None
    ) -> Blank:
        """`category`: what is to blame, when it is not the field's own."""
        at = self.graph.position(owner, name)
        withheld = (category or at.category).value
        gap = self.notes.gap(Gap(place.path, at.coordinate, "WITHHELD", withheld, rows=place.rows))
        return Blank(key, at.coordinate, at.slot.non_null, gap)

    def visible(
        self,
        owner: GraphQLObjectType,
        key: str,
        group: list[FieldDetails],
        place: _Place,
        facets: Facets,
        sight: Sight,
    ) -> Field:
        node = group[0].node
        name = node.name.value
        at = self.graph.position(owner, name)
        coordinate, slot, named, binding, attribute = at.coordinate, at.slot, at.named, at.binding, at.attribute
        edge = binding if binding and not binding.facet else None
        here = place.at(key)
        mask = masked(self.graph, named, sight, at.category, place.mask)
        if mask is UNFIT:
            return self.blank(owner, key, here, name)
        if at.leaf:
            origin = facets.origin(binding) if binding and binding.facet else OWN
            gap = mask and self.notes.gap(Gap(here.path, coordinate, "MASKED", mask[1].value, mask[0], here.rows))
            enumerated = isinstance(named, GraphQLEnumType)
            coerce, hide = named.coerce_output_value, MASKS[mask[0]] if mask else None
            leaf = Leaf(key, coordinate, attribute, origin, slot, named.name, enumerated, coerce, hide, gap)
            return self.branch(owner, leaf, here, edge, node, slot) if edge else leaf
        beneath = place.at(key, slot)._replace(mask=mask)
        if edge:
            beneath = beneath._replace(pushed=self.judge.settled(owner, node, edge, place.held, place.carried))
            if hidden := self.judge.unfit_to_wrap(named, beneath.pushed, beneath.carried):
                return self.blank(owner, key, here, name, hidden)
        below, unseen = self.below(named, group, beneath)
        if len(unseen) == len(below):
            return self.blank(owner, key, here, name, Category(unseen[0].category))
        for gap in unseen:
            self.notes.gap(gap)
        origin = facets.origin(binding) if binding and binding.facet else OWN
        only = next(iter(below.values()), None)
        flat = edge is None and not is_abstract_type(named) and isinstance(only, Selection) and not only.waits
        counted = named.name in self.graph.bindings.about  # rows that are counted are not hidden in others
        if flat and not counted and isinstance(only, Selection) and place.inline < INLINE_DEPTH:
            return Inline(key, coordinate, attribute, origin, slot, only)
        stub = Leaf(key, coordinate, attribute, origin, slot, "", False, str, None)
        return self.branch(owner, stub, here, edge, node, slot, below, unseen, beneath)

    def below(
        self, named: object, group: list[FieldDetails], place: _Place
    ) -> tuple[dict[str, Rows | None], list[Gap]]:
        """What hangs below a composite position, by concrete type; and a word for those of which no row may be seen."""
        below: dict[str, Rows | None] = {}
        unseen: list[Gap] = []
        place = place._replace(inline=place.inline + 1)
        types = possible_types(self.graph.schema, named)
        if len(types) > 1:
            place = place._replace(rows="SOME")
        for kind in types:
            row = self.graph.row_category(kind.name)
            if row is not None and not self.judge.may_exist(kind.name, place.pushed, place.carried):
                below[kind.name] = None
                unseen.append(Gap(place.path, kind.name, "WITHHELD", row.value, rows="SOME"))
            else:
                below[kind.name] = self.rows(kind, group, place)
        return below, unseen

    def branch(
        self,
        owner: GraphQLObjectType,
        leaf: Leaf,
        place: _Place,
        binding: Binding | None,
        node: FieldNode,
        slot: Slot,
        below: Mapping[str, Rows | None] = MappingProxyType({}),
        unseen: Sequence[Gap] = (),
        beneath: _Place | None = None,
    ) -> Branch:
        edge = self.edge(owner, binding, node, below, beneath or place) if binding else None
        branch = Branch(
            leaf.key,
            leaf.coordinate,
            place.path,
            slot,
            edge,
            leaf.attribute,
            leaf.origin,
            {name: rows and ready(rows, self.graph.codes) for name, rows in below.items()},
            unseen,
            is_abstract_type(self.graph.position(owner, node.name.value).named),
            None if below else leaf,
            None if below else compiled_column(leaf, self.graph.codes),
        )
        self.edges.append(branch)
        return branch

    def edge(
        self,
        owner: GraphQLObjectType,
        binding: Binding,
        node: FieldNode,
        below: Mapping[str, Rows | None],
        place: _Place,
    ) -> Edge:
        at = self.graph.position(owner, node.name.value)
        usable = self.judge.usable(owner, at.definition.type, place.pushed, place.held, place.carried)
        guarded = {one: category for one, category in at.reachable.items() if not usable(category)}
        self.notes.consulted.update(
            r for c in (*at.reachable.values(), *binding.asks) for r in self.judge.decide(c).relations
        )
        if guarded:
            self.notes.guards.append((place.path, frozenset(guarded)))
        askable = frozenset(filter(usable, binding.asks))
        if binding.asks:
            self.notes.asked.append((place.path, askable))
            self.notes.looks.update((place.path, one) for one in askable)
        needed_for = (at.category, *binding.asks, *self.graph.needs.below(below))
        pushed = place.pushed & binding.pushes
        return Edge(
            binding,
            columns_below(below),
            self.graph.ages.strictest(needed_for, bool(pushed) or fresh.gated(below)),
            frozenset(name for name, rows in below.items() if rows is not None),
            pushed,
            askable,
            at.definition,
            FieldNode(name=node.name, arguments=node.arguments),  # without what it selects: that is not kept
            constant(at.definition, node),
            guarded,
            frozenset(name for name in below if self.judge.must_be_judged(name, place.pushed, place.carried)),
            "after" in at.definition.args,
        )
