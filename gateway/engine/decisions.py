"""`extensions.policy`: what an operation names, and what of it these callers are shown, by which line of the policy.

Told of coordinates, not of places in the answer: what holds for a coordinate wherever it stands in an operation. Why a
place shows less than that (a page whose rows cannot be left out one by one, an argument that tells too much) stands in
`extensions.absent`. Shared by both engines: a fact of document, graph and grants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, Undefined, get_named_type, is_leaf_type
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from gateway.engine.graph import Graph, possible_types
from gateway.engine.guard import given
from gateway.engine.masking import UNFIT, Masked, masked
from gateway.engine.operation import Operation
from gateway.policy import Grants
from gateway.policy.grants import BITS, SEEN, WITHHELD, Sight, Verdict, subsets
from gateway.policy.reasons import needs, rule
from gateway.policy.rules import Relations
from schema import Category

Shown = Callable[[Relations], Masked | None]
"""What rows of which these relations hold show of a value: a mask, all of it (None), or nothing (`UNFIT`)."""

NOTHING: Masked = UNFIT
FULLEST = {Verdict.WITHHELD: 0, Verdict.MASKED: 1, Verdict.SEEN: 2}


def decisions(
    graph: Graph, operation: Operation, grants: Grants, values: VariableValues, purpose: str | None
) -> list[dict[str, Any]]:
    """One entry for every coordinate, and category where it inherits several, sorted."""
    walk = _Walk(graph, operation, grants, values)
    root = graph.root(operation.node.operation)
    walk.fields(
        root, collect_fields(graph.schema, operation.fragments, values, root, operation.node).grouped_field_set, None
    )
    told = (_entry(grants, at, category, sights, purpose) for (at, category), sights in walk.found.items())
    return sorted(told, key=lambda entry: (entry["coordinate"], entry["category"]))


class _Case(NamedTuple):
    """What rows show of which these relations hold. `blamed`: the category that decides; the row's own, where there is
    no such row for these callers."""

    held: Relations
    sight: Sight
    blamed: Category


@dataclass(frozen=True, slots=True)
class _Inside:
    """The value we are in: its row's category, its own, and what is shown of it."""

    row: Category | None
    category: Category
    shown: Shown


@dataclass(slots=True)
class _Walk:
    """Every coordinate with its category: what is seen by the relations that hold, for rows that are there."""

    graph: Graph
    operation: Operation
    grants: Grants
    values: VariableValues
    found: dict[tuple[str, Category], set[_Case]] = field(default_factory=dict)
    been: set[object] = field(default_factory=set)

    def fields(
        self, owner: GraphQLObjectType, fields: Mapping[str, list[FieldDetails]], inside: _Inside | None
    ) -> None:
        for group in fields.values():
            if not group[0].node.name.value.startswith("__"):
                self.field(owner, group, inside)

    def field(self, owner: GraphQLObjectType, group: list[FieldDetails], inside: _Inside | None) -> None:
        name = group[0].node.name.value
        definition, category = owner.fields[name], self.graph.categories[f"{owner.name}.{name}"]
        named = get_named_type(definition.type)
        row = self.graph.row_category(owner.name) or (inside.row if inside else None)
        around = inside.shown if inside and category is Category.INHERITED else None
        effective = inside.category if inside and category is Category.INHERITED else category
        shown = self.acting(category) if owner is self.graph.mutation else self.shown(named, category, around)
        self.note(f"{owner.name}.{name}", effective, row, shown)
        for detail in group:
            self.arguments(f"{owner.name}.{name}", detail, definition.args)
        if not is_leaf_type(named):
            self.below(named, group, _Inside(row, effective, shown))

    def shown(self, named: Any, category: Category, around: Shown | None) -> Shown:
        decision = self.grants.decide(category)

        def show(held: Relations) -> Masked | None:
            outer = around(held) if around else None
            sight = decision.on(held)
            if outer is UNFIT or sight.verdict is Verdict.WITHHELD:
                return NOTHING
            return masked(self.graph, named, sight, category, outer)

        return show

    def acting(self, category: Category) -> Shown:
        """Who does something may do such things, and sees it whole: a part is not enough."""
        decision, acts = self.grants.decide(category), self.grants.acts & BITS[category]
        return lambda held: None if acts and decision.sees(held) else UNFIT

    def asking(self, category: Category) -> Shown:
        """Nobody looks up by a part of a value."""
        decision = self.grants.decide(category)
        return lambda held: None if decision.sees(held) else UNFIT

    def note(self, coordinate: str, category: Category, row: Category | None, shown: Shown) -> None:
        relations = {name for one in (category, row) if one for name in self.grants.decide(one).relations}
        for held in subsets(relations):
            blamed = row if row and not self.grants.decide(row).sees(held) else category
            mask = shown(held) if blamed is category else UNFIT
            sight = WITHHELD if mask is UNFIT else Sight(Verdict.MASKED, mask[0]) if mask else SEEN
            self.found.setdefault((coordinate, category), set()).add(_Case(held, sight, blamed))

    def below(self, named: Any, group: list[FieldDetails], inside: _Inside) -> None:
        for kind in possible_types(self.graph.schema, named):
            if row := self.graph.row_category(kind.name):
                self.note(kind.name, row, None, self.asking(row))
            place = (kind.name, inside.row, inside.category, tuple(id(detail.node) for detail in group))
            if place not in self.been:
                self.been.add(place)
                fields = collect_subfields(
                    self.graph.schema, self.operation.fragments, self.values, self.operation.node, kind, group
                ).grouped_field_set
                self.fields(kind, fields, None if row else inside)

    def arguments(self, coordinate: str, detail: FieldDetails, definitions: Mapping[str, Any]) -> None:
        for node in detail.node.arguments or ():
            value = given(node.value, self.values)
            if value is Undefined:
                continue
            kind = get_named_type(definitions[node.name.value].type)
            for at in (f"{coordinate}({node.name.value}:)", *_named(kind, value)):
                category = self.graph.categories.get(at, Category.INHERITED)
                if category is not Category.INHERITED:
                    self.note(at, category, None, self.asking(category))


def _named(kind: Any, value: Any) -> Iterator[str]:
    """Input fields and choices that a value names."""
    if isinstance(value, list):
        for item in value:
            yield from _named(kind, item)
    elif isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        for name, inner in value.items():
            yield f"{kind.name}.{name}"
            yield from _named(get_named_type(kind.fields[name].type), inner)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"


def _entry(
    grants: Grants, coordinate: str, category: Category, cases: Collection[_Case], purpose: str | None
) -> dict[str, Any]:
    """`rule`: the line by which most is seen, under the fewest relations; else the one that says no."""
    sights = {case.sight for case in cases}
    best = max(cases, key=lambda case: (FULLEST[case.sight.verdict], -len(case.held), sorted(case.held)))
    decision = "CONDITIONAL" if len(sights) > 1 else best.sight.verdict.value.upper()
    entry: dict[str, Any] = {"coordinate": coordinate, "decision": decision, "category": category.value}
    if masks := sorted({sight.kind for sight in sights if sight.kind}):
        entry["mask"] = ", ".join(masks)
    entry["rule"] = rule(grants, best.blamed, best.held)
    if decision == "CONDITIONAL":
        entry["needs"] = needs(category, purpose, {name for case in cases for name in case.held})
    elif decision == "WITHHELD":
        entry["needs"] = needs(best.blamed, purpose, ())
    return entry
