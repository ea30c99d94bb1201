"""What a document will not show to a caller, told from the document alone: the reference engine's own, naive reading.

A second opinion on the planner: it walks selections type by type and asks the grants at each field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
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

from gateway.engine.gating import mattering
from gateway.engine.graph import Graph, possible_types
from gateway.engine.guard import given
from gateway.engine.judging import Carried, Judge
from gateway.engine.masking import UNFIT, Masked, masked
from gateway.engine.missing import Spot
from gateway.engine.operation import Operation
from gateway.engine.plan import Gap
from gateway.policy.grants import NONE, SEEN, WITHHELD, Sight, Verdict, subsets
from gateway.policy.rules import Relations
from resolvers.backends.base import Columns
from schema import Category

Position = tuple[str, str, Relations]
"""Types and keys on the way (`Query.orders/OrderConnection.nodes`), the type of the rows there, and the relations that
all rows have which are reached in the same way."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """certain:  every null and mask that is there whatever the rows are; topmost only, each once
    rows:     by place and type, what else rows do not show, by the relations that hold; None: they do not exist
    looks:    likewise, what resolvers may look at besides (`Binding.asks`), and for which field
    asked:    by place and type, the relations that make a difference between rows; further down others may
    spots:    of all that some row does not show
    """

    certain: list[Gap]
    rows: Mapping[Position, Mapping[Relations, tuple[Gap, ...] | None]]
    looks: Mapping[Position, Mapping[Relations, frozenset[tuple[str, Category]]]]
    asked: Mapping[Position, Relations]
    spots: Set[Spot]

    def gated(self, position: Position) -> bool:
        """Whether rows there differ by their relations."""
        return bool(self.asked.get(position))

    def gates(self, way: str, pushed: Relations, graph: Graph) -> frozenset[str]:
        """Types of which all rows differ so that a field leads to by itself, or through pages and the like."""
        found: dict[str, bool] = {}
        for position in self.rows:
            further, kind, known = position
            steps = further[len(way) + 1 :].split("/")
            here = f"{further}/".startswith(f"{way}/") and not any(_leaves_row(graph, step) for step in steps)
            if here and known == pushed:
                found[kind] = found.get(kind, True) and self.gated(position)
        return frozenset(kind for kind, every in found.items() if every)


def foreseen(judge: Judge, operation: Operation, values: VariableValues, gone: Set[Spot] = frozenset()) -> Foreseen:
    """`gone`: where there is nothing at all, nor anything below."""
    graph = judge.graph
    root = graph.root(operation.node.operation)
    fields = collect_fields(graph.schema, operation.fragments, values, root, operation.node).grouped_field_set
    walk = _Walk(judge, operation, values, gone)
    certain = list(dict.fromkeys(walk.fields(root, fields, "", _Stand())))
    return Foreseen(certain, walk.rows, walk.looks, walk.asked, walk.spots)


@dataclass(frozen=True, slots=True)
class _Stand:
    """Of the rows here: whether there are any, and which relations hold; what the resolver we came through applies
    itself, and what it leaves to the rows; the mask on the value we are in."""

    row: bool = False
    held: Relations = NONE
    pushed: Relations = NONE
    carried: Carried = ()
    mask: Masked | None = None
    some: str = "ALL"
    way: str = ""


class _Walk:
    def __init__(self, judge: Judge, operation: Operation, values: VariableValues, gone: Set[Spot]) -> None:
        self.judge, self.graph, self.operation, self.values = judge, judge.graph, operation, values
        self.gone, self.spots = gone, set[Spot]()
        self.rows: dict[Position, dict[Relations, tuple[Gap, ...] | None]] = {}
        self.looks: dict[Position, dict[Relations, frozenset[tuple[str, Category]]]] = {}
        self.looking: set[tuple[str, Category]] = set()
        self.barred: set[tuple[str, str]] = set()
        self.asked: dict[Position, Relations] = {}
        self.asking: set[str] = set()
        self.known: dict[object, list[Gap]] = {}

    def fields(
        self,
        owner: GraphQLObjectType,
        fields: Mapping[str, list[FieldDetails]],
        above: str,
        stand: _Stand,
    ) -> Iterator[Gap]:
        for key, group in fields.items() if (above, owner.name) not in self.gone else ():
            if not group[0].node.name.value.startswith("__"):
                for gap in self.field(owner, group, f"{above}.{key}" if above else key, stand):
                    self.spots.add((gap.path, gap.coordinate))
                    yield gap

    def field(self, owner: GraphQLObjectType, group: list[FieldDetails], path: str, stand: _Stand) -> Iterator[Gap]:
        node = group[0].node
        coordinate = f"{owner.name}.{node.name.value}"
        stand = replace(stand, way=onward(stand.way, owner.name, path.rpartition(".")[2]))
        category = self.graph.categories[coordinate]
        self._ask(category)
        named = get_named_type(owner.fields[node.name.value].type)
        sight, carried = sighted(self.judge, owner, node, stand.row, stand.held)
        around = stand.mask if category is Category.INHERITED else None
        mask = masked(self.graph, named, sight, category, around)
        if sight.verdict is Verdict.WITHHELD or mask is UNFIT:
            yield Gap(path, coordinate, "WITHHELD", category.value, rows=stand.some)
            return
        if not is_leaf_type(named):
            yield from self._composite(owner, group, path, replace(stand, carried=carried, mask=mask))
            return
        self._led(owner, node.name.value, path, replace(stand, carried=carried))
        if gap := self._forbidden(coordinate, owner, group, path, replace(stand, carried=carried)):
            yield gap
        elif mask and not self._gone(path, coordinate, owner.fields[node.name.value].type):
            yield Gap(path, coordinate, "MASKED", mask[1].value, mask[0], stand.some)

    def _gone(self, path: str, coordinate: str, kind: object) -> bool:
        return any((path + ".*" * depth, coordinate) in self.gone for depth in range(levels(kind) + 1))

    def _ask(self, *categories: Category) -> None:
        """Relations that decide whether something of these categories is shown."""
        self.asking.update(name for category in categories for name in self.judge.decide(category).relations)

    def _led(self, owner: GraphQLObjectType, name: str, path: str, stand: _Stand) -> None:
        """By a resolver of its own, which may look at something besides; some of its arguments may not be given."""
        at = self.graph.position(owner, name)
        if at.binding and not at.binding.facet:
            usable = self.judge.usable(owner, at.definition.type, stand.pushed, stand.held, stand.carried)
            self.looking |= {(path, one) for one in at.binding.asks if usable(one)}
            self.barred |= {(path, one) for one, category in at.reachable.items() if not usable(category)}
            self._ask(*at.reachable.values(), *at.binding.asks)

    def _composite(
        self, owner: GraphQLObjectType, group: list[FieldDetails], path: str, stand: _Stand
    ) -> Iterator[Gap]:
        node = group[0].node
        definition, coordinate = owner.fields[node.name.value], f"{owner.name}.{node.name.value}"
        named = get_named_type(definition.type)
        binding = self.graph.binding(owner.name, node.name.value)
        if binding and not binding.facet:
            stand = replace(stand, pushed=self.judge.settled(owner, node, binding, stand.held, stand.carried))
            if blamed := self.judge.unfit_to_wrap(named, stand.pushed, stand.carried):
                yield Gap(path, coordinate, "WITHHELD", blamed.value, rows=stand.some)
                return
        types = possible_types(self.graph.schema, named)
        hidden = [kind for kind in types if not self._may_exist(kind.name, stand)]
        if len(hidden) == len(types):
            row = self.graph.row_category(hidden[0].name)
            yield Gap(path, coordinate, "WITHHELD", row.value if row else "", rows=stand.some)
            return
        self._led(owner, node.name.value, path, stand)
        if gap := self._forbidden(coordinate, owner, group, path, stand):
            yield gap
            return
        below = path + ".*" * levels(definition.type)
        for kind in types if not self._gone(path, coordinate, definition.type) else ():
            now = replace(stand, some="SOME" if len(types) > 1 else stand.some)
            if kind in hidden:
                row = self.graph.row_category(kind.name)
                yield Gap(below, kind.name, "WITHHELD", category=row.value if row else "", rows="SOME")
            else:
                yield from self._kind(kind, group, below, now)

    def _kind(self, kind: GraphQLObjectType, group: list[FieldDetails], path: str, stand: _Stand) -> Iterator[Gap]:
        fields = collect_subfields(
            self.graph.schema, self.operation.fragments, self.values, self.operation.node, kind, group
        ).grouped_field_set
        if self.graph.row_category(kind.name) is None:
            yield from self.fields(kind, fields, path, stand)
            return
        key = (kind.name, stand.way, stand.pushed, stand.carried, stand.some)
        if key not in self.known:
            self.known[key] = self._rows(kind, fields, path, stand)
        yield from self.known[key]

    def _rows(
        self, kind: GraphQLObjectType, fields: Mapping[str, list[FieldDetails]], path: str, stand: _Stand
    ) -> list[Gap]:
        """What no row shows. Every way that rows can differ is gone through."""
        cases: dict[Relations, list[Gap] | None] = {}
        position = stand.way, kind.name, stand.pushed
        around, looks, barred = (self.looking, self.barred, self.asking), self.looks.setdefault(position, {}), {}
        self.asking = self.judge.deciding(kind.name, stand.carried)
        for held in subsets(self.judge.bound(kind.name) - stand.pushed):
            now = _Stand(row=True, held=held | stand.pushed, way=stand.way)
            there, self.looking, self.barred = self.judge.exists(kind.name, now.held, stand.carried), set(), set()
            cases[held | stand.pushed] = list(dict.fromkeys(self.fields(kind, fields, path, now))) if there else None
            looks[now.held], barred[now.held] = frozenset(self.looking), frozenset(self.barred)
        says = {held: (gaps and frozenset(gaps), looks[held], barred[held]) for held, gaps in cases.items()}
        asked = self.asking & self.judge.bound(kind.name) - stand.pushed
        self.asked[position] = mattering({held: says[held | stand.pushed] for held in subsets(asked)})
        self.looking, self.barred, self.asking = around
        shown = [gaps for gaps in cases.values() if gaps is not None]
        certain = [gap for gap in shown[0] if all(gap in gaps for gaps in shown)]
        self.rows[position] = {
            held: None if gaps is None else tuple(gap for gap in gaps if gap not in certain)
            for held, gaps in cases.items()
        }
        return [gap.on_some for gap in certain] if stand.some == "SOME" else certain

    def _may_exist(self, kind: str, stand: _Stand) -> bool:
        return self.graph.row_category(kind) is None or self.judge.may_exist(kind, stand.pushed, stand.carried)

    def _forbidden(
        self, coordinate: str, owner: GraphQLObjectType, group: list[FieldDetails], path: str, stand: _Stand
    ) -> Gap | None:
        """An argument this caller may not use, found by looking at every value that was given."""
        definition = owner.fields[group[0].node.name.value]
        usable = self.judge.usable(owner, definition.type, stand.pushed, stand.held, stand.carried)
        used = coordinates_used(self.graph, coordinate, definition, group[0].node, self.values)
        refused = min((at for at, category in used.items() if not usable(category)), default="")
        return Gap(path, refused, "WITHHELD", used[refused].value, rows=stand.some) if refused else None


def coordinates_used(
    graph: Graph, coordinate: str, definition: GraphQLField, node: FieldNode, values: VariableValues
) -> dict[str, Category]:
    """What the arguments of a field name by the values they are given: of each coordinate its category. Of values that
    cannot be used, nothing."""
    try:
        get_argument_values(definition, node, values)
    except GraphQLError:
        return {}
    wanted = {one.name.value: given(one.value, values) for one in node.arguments or ()}
    used = [
        at
        for name, value in wanted.items()
        if value is not Undefined
        for at in (f"{coordinate}({name}:)", *_named(get_named_type(definition.args[name].type), value))
    ]
    known = graph.categories  # an enum that fields answer with has none of its own
    return {at: known[at] for at in used if at in known}


def onward(way: str, owner: str, key: str) -> str:
    return f"{way}/{owner}.{key}"


def sighted(
    judge: Judge, owner: GraphQLObjectType, node: FieldNode, row: bool, held: Relations
) -> tuple[Sight, Carried]:
    """What is seen of a field of a row of which these relations hold, or of a field with no row above; and the category
    that the rows it leads to have to be seen under as well."""
    category = judge.graph.categories[f"{owner.name}.{node.name.value}"]
    decision = judge.decide(category)
    if owner is judge.graph.mutation and not judge.acts(category):
        return WITHHELD, ()
    sight = decision.on(held)
    if row or (sight.verdict is not Verdict.WITHHELD and owner is not judge.graph.mutation):
        return sight, ()
    binding = judge.graph.binding(owner.name, node.name.value)
    if sight == SEEN or (binding and decision.sees(judge.pushed(owner, node, binding, (category,)))):
        return SEEN, ()
    kinds = possible_types(judge.graph.schema, get_named_type(owner.fields[node.name.value].type))
    stand_alone = all(judge.graph.row_category(kind.name) is not None for kind in kinds)
    if owner is judge.graph.query and stand_alone and any(judge.may_exist(k.name, NONE, (category,)) for k in kinds):
        return SEEN, (category,)
    return WITHHELD, ()


def _named(kind: Any, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named(kind, item)
    elif isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        for name, inner in value.items():
            yield f"{kind.name}.{name}"
            yield from _named(get_named_type(kind.fields[name].type), inner)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"


def levels(kind: Any) -> int:
    if is_non_null_type(kind):
        return levels(kind.of_type)
    return 1 + levels(kind.of_type) if is_list_type(kind) else 0


def _leaves_row(graph: Graph, step: str) -> bool:
    """Whether a step of the way is a field of a row, which leads to other rows."""
    return graph.row_category(step.partition(".")[0]) is not None


def everything_below(graph: Graph, target: Any, depth: int, gates: frozenset[str] = frozenset()) -> Columns:
    """Every attribute a value of this type can be asked for, with what its own edges and rules need. Of rows of types
    in `gates` only what rules need: what they show is known of each by itself, and then asked for."""
    if is_leaf_type(target):
        return frozenset()
    types = possible_types(graph.schema, target)
    return frozenset(
        f"{kind.name}.{column}" if len(types) > 1 else column
        for kind in types
        for column in _attributes(graph, kind, depth, gates)
    )


def _attributes(graph: Graph, kind: GraphQLObjectType, depth: int, gates: frozenset[str]) -> Iterator[str]:
    for relation in graph.bindings.relations.values():
        if relation.type == kind.name:
            yield from relation.needs
    if kind.name in gates:
        return
    for name, definition in kind.fields.items():
        binding = graph.binding(kind.name, name)
        if binding and not binding.facet:
            yield from binding.needs
            continue
        attribute = graph.attribute(kind, name)
        yield attribute
        if depth and not is_leaf_type(get_named_type(definition.type)):
            below = everything_below(graph, get_named_type(definition.type), depth - 1, gates)
            yield from (f"{attribute}.{column}" for column in below)
