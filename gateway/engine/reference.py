"""The same graph, run by graphql-core one field at a time. Slow, obvious, and never wrong: the tests' yardstick.

Same bindings, same collector, same answer; but every decision is taken anew for every field of every row, and nothing
is planned: each edge is asked for one parent, each facet for one field, and always for every column. What the plan
engine works out from the document, this one finds on the way: the two can only agree when both are right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    execute,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import DocumentNode
from graphql.pyutils import is_collection

from gateway.engine.collect import Beside, Collector
from gateway.engine.foresee import Foreseen, coordinates_used, everything_below, foreseen, levels, onward, sighted
from gateway.engine.frame import Frame, Path, field_of, pattern_of
from gateway.engine.gating import concealing, doubted
from gateway.engine.graph import Graph, possible_types
from gateway.engine.in_order import InOrder
from gateway.engine.judging import Carried, Judge
from gateway.engine.masking import UNFIT, Masked, masked
from gateway.engine.missing import Spot
from gateway.engine.operation import Operation
from gateway.engine.plan import Gap
from gateway.engine.viewer import Viewer
from gateway.engine.witness import SAME, Noting
from gateway.policy.grants import NONE, Grants, Verdict, subsets
from gateway.policy.masks import MASKS
from gateway.policy.rules import Relations
from resolvers.backends.base import Columns, Deadline, Holes, Outcome, Unusable
from resolvers.backends.base import Gap as BackendGap
from resolvers.binding import Ask, Binding, Cursors, Relation
from resolvers.context import Context
from schema import Category
from schema.coverage import core

VANISHED: Any = object()
Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A value on its way through graphql-core: the row it belongs to, and how that row stands to the caller."""

    value: Any
    row: bool = False
    relations: Relations = NONE
    fresh: bool = False
    pushed: Relations = NONE
    carried: Carried = ()
    mask: Masked | None = None
    way: str = ""
    category: Category = Category.PUBLIC
    covered: bool = False


@dataclass(slots=True)
class Reference:
    """One execution. `declared` is a Strawberry schema of its own: its resolvers are replaced. `depth`: how far values
    go inside values; columns further down are not asked for."""

    graph: Graph
    declared: strawberry.Schema
    grants: Grants
    viewer: Viewer
    context: Context
    deadline: Deadline
    collector: Collector
    cursors: Callable[[str, Mapping[str, Any]], Cursors]
    seen: Foreseen = field(init=False)
    depth: int = 6
    noting: Noting = field(default_factory=Noting)
    about: dict[str, None] = field(default_factory=dict)
    coordinates: dict[Path, str] = field(default_factory=dict)
    below: dict[object, Columns] = field(default_factory=dict)
    failed: set[Path] = field(default_factory=set)
    beside: Beside = field(init=False)
    hiding: dict[Spot, list[Frame]] = field(default_factory=lambda: defaultdict(list))

    async def __call__(
        self, document: DocumentNode, operation: Operation, values: VariableValues, raw: Mapping[str, Any]
    ) -> tuple[Any, list[Gap]]:
        self.seen = foreseen(self.judge, operation, values)
        self.beside = lambda gone: foreseen(self.judge, operation, values, gone).spots
        schema = core(self.declared)
        for named in schema.type_map.values():
            if isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
                self._attach(named)
            elif isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
                named.resolve_type = lambda held, *_: held.value.graph_type
        executed = execute(
            schema,
            document,
            Held(None),
            self,
            dict(raw),
            operation.name,
            executor_class=InOrder,
        )
        result = executed if isinstance(executed, ExecutionResult) else await executed
        for error in result.errors or ():
            self._broken(error)
        if result.data is None and result.errors:
            root = self.graph.root(operation.node.operation).name
            self.collector.lost(root, Frame(*(result.errors[-1].path or ())))
        self.collector.data = result.data
        return result.data, self.seen.certain

    @property
    def judge(self) -> Judge:
        return Judge(self.graph, self.grants)

    def _attach(self, named: GraphQLObjectType) -> None:
        named.is_type_of = None
        for definition in named.fields.values():
            definition.resolve = self._resolve

    def enters(self, owner: GraphQLObjectType, name: str, path: Path) -> None:
        """A field is about to be looked at; one of a mutation finds what the one before it has left behind."""
        self.coordinates[path] = f"{owner.name}.{name}"
        if self._is_mutation(owner):
            self.context.forget()

    def _is_mutation(self, owner: GraphQLObjectType) -> bool:
        return self.graph.mutation is not None and owner.name == self.graph.mutation.name

    # -- what graphql-core has to say -----------------------------------------------------------------------------

    def _broken(self, error: GraphQLError) -> None:
        path = tuple(error.path or ())
        coordinate = self.coordinates.get(field_of(path), "")
        about_schema = "__" in coordinate and isinstance(error.original_error, GraphQLError | None)
        if about_schema:  # one of its arguments is no good
            self.collector.ask(pattern_of(path), coordinate, Frame(*path), 1)
            self._fail(path, coordinate, Unusable(error.message))
        elif path not in self.failed:  # then it is what came of a failure that is told already
            self.collector.defect(pattern_of(path), self.coordinates[field_of(path)], error, Frame(*path))

    def lands(self, path: Path, cause: Path) -> None:
        self.collector.land(self.coordinates[field_of(path)], Frame(*path), Frame(*cause))

    def drops(self, path: Path, later: Sequence[str | int]) -> None:
        for step in later:
            self.collector.drop(Frame(*path, step))

    def _fail(self, path: Path, coordinate: str, gap: BackendGap) -> None:
        self.failed.add(path)
        self.collector.fail(pattern_of(path), coordinate, gap, Frame(*path))

    # -- one field of one row -------------------------------------------------------------------------------------

    async def _resolve(self, held: Held, info: Info) -> Any:
        owner, name, path = info.parent_type, info.field_name, tuple(info.path.as_list())
        coordinate = f"{owner.name}.{name}"
        category = self.graph.categories[coordinate]
        around = held.category if category is Category.INHERITED else category
        definition, node = self.graph.holder(owner.name).fields[name], info.field_nodes[0]
        named = get_named_type(definition.type)
        sight, carried = sighted(self.judge, self.graph.holder(owner.name), node, held.row, held.relations)
        mask = masked(self.graph, named, sight, category, held.mask if category is Category.INHERITED else None)
        if sight.verdict is Verdict.WITHHELD or mask is UNFIT:
            return self._withheld(path, coordinate, around)
        binding = self.graph.binding(owner.name, name)
        told = owner.name in self.graph.bindings.about
        parent = replace(held, carried=carried, mask=mask, way=onward(held.way, owner.name, str(info.path.key)))
        parent = replace(parent, category=around, covered=told or held.covered)
        blamed, forbidden = None, ""
        if binding and not binding.facet:
            parent = replace(parent, covered=told and SAME in binding.passes_on)
            pushed = self.judge.settled(self.graph.holder(owner.name), node, binding, held.relations, carried)
            parent = replace(parent, pushed=pushed)
            blamed = self.judge.unfit_to_wrap(named, pushed, carried)
            forbidden = self._forbidden(parent, info, coordinate)
        if blamed or not (is_leaf_type(named) or self._types(parent, named)):
            return self._withheld(path, coordinate, around)
        if forbidden:
            return self._withheld(path, coordinate, around, forbidden)
        hidden = mask is not None and is_leaf_type(named)
        self.noting.note(coordinate, around, Verdict.MASKED if hidden else Verdict.SEEN)
        for one in (coordinate,) if hidden else self._unseen(parent, named):
            self._hides(path, one, "" if hidden else ".*" * levels(definition.type))
        value = await self._value(parent, info, coordinate, binding, path)
        if is_leaf_type(named):
            return _masked(mask[0], value, definition.type) if mask else value
        fresh = parent.fresh and (binding is None or binding.facet)  # what it leads to is fetched after it is judged
        found = await self._held(replace(parent, fresh=fresh), value, owner.fields[name].type, path)
        return None if found is VANISHED else found

    def _withheld(self, path: Path, coordinate: str, around: Category, argument: str = "") -> None:
        self.noting.note(coordinate, around, Verdict.WITHHELD)
        self._hides(path, argument or coordinate)

    def _hides(self, path: Path, coordinate: str, items: str = "") -> None:
        self.hiding[pattern_of(path) + items, coordinate].append(Frame(*path[:-1]))

    async def _value(self, held: Held, info: Info, coordinate: str, binding: Binding | None, path: Path) -> Any:
        attribute = self.graph.attribute(info.parent_type, info.field_name)
        if binding is None:
            return getattr(held.value, attribute)
        self.collector.ask(pattern_of(path), coordinate, Frame(*path), 1)
        if binding.carried:
            carried = None if held.fresh else getattr(held.value, binding.carried, None)
            if carried is not None:
                return getattr(carried, attribute)
        outcome = await self._asked(binding, held, info, coordinate, path)
        return getattr(outcome.value, attribute) if binding.carried and outcome.value is not None else outcome.value

    async def _asked(self, binding: Binding, held: Held, info: Info, coordinate: str, path: Path) -> Outcome[Any]:
        owner = self.graph.holder(info.parent_type.name)
        try:
            arguments = get_argument_values(owner.fields[info.field_name], info.field_nodes[0], info.variable_values)
        except GraphQLError as error:
            self._fail(path, coordinate, Unusable(error.message))
            return Outcome(None)
        target = owner if binding.facet else get_named_type(owner.fields[info.field_name].type)
        ask = Ask(
            (coordinate,),
            self._below(held, binding, target),
            self.context,
            self.deadline,
            arguments,
            {relation: self.viewer.known_as(relation) for relation in held.pushed & binding.pushes},
            self._types(held, target),
            self.viewer.purpose,
            self.viewer.subject,
            self.cursors(coordinate, arguments),
            askable=frozenset(filter(self._usable(held, info), binding.asks)),
            judged=self._judged_below(held, target),
        )
        outcome = await self._one(binding.batch, held.value, ask)
        if isinstance(outcome.error, Holes):
            self.collector.holes(pattern_of(path), coordinate, outcome.error, outcome.value or (), Frame(*path))
            return Outcome(outcome.value)
        if outcome.error is None:
            return outcome
        self._fail(path, coordinate, outcome.error)
        return Outcome(None)

    def _below(self, held: Held, binding: Binding, target: Any) -> Columns:
        """All that a field may be asked for, worked out once for all rows of a place."""
        at = (held.way, held.pushed, binding.facet, target.name)
        if at not in self.below:
            gates = frozenset[str]() if binding.facet else self.seen.gates(held.way, held.pushed, self.graph)
            self.below[at] = everything_below(self.graph, target, self.depth, gates)
        return self.below[at]

    async def _one(self, batch: Any, parent: Any, ask: Ask) -> Outcome[Any]:
        try:
            found: list[Outcome[Any]] = await batch([parent], ask)
            (outcome,) = found
            if not isinstance(found, list | tuple) or not isinstance(outcome, Outcome):
                raise TypeError(f"{found!r} is no list of outcomes")
            if not isinstance(outcome.error, BackendGap | None):
                raise TypeError(f"{outcome.error!r} is no Gap")
        except BackendGap as gap:
            return Outcome(error=gap)
        except Exception as error:
            return Outcome(error=self.collector.bug(ask.coordinates[0], error))
        return outcome

    # -- rows -----------------------------------------------------------------------------------------------------

    async def _held(self, parent: Held, value: Any, kind: Any, path: Path) -> Any:
        """The row, or the rows one by one; VANISHED when it does not exist for the caller."""
        if value is None:
            return None
        if is_non_null_type(kind):
            return await self._held(parent, value, kind.of_type, path)
        if is_list_type(kind):
            return self._items(parent, value, kind.of_type, path) if is_collection(value) else value
        return await self._row(parent, value, kind, path)

    async def _items(self, parent: Held, values: Any, kind: Any, path: Path) -> AsyncIterator[Any]:
        index = 0
        for value in values:
            item = await self._held(parent, value, kind, (*path, index))
            if item is not VANISHED or not is_non_null_type(kind):
                yield index, None if item is VANISHED else item
                index += 1

    async def _row(self, parent: Held, value: Any, kind: Any, path: Path) -> Any:
        name = kind.name if isinstance(kind, GraphQLObjectType) else getattr(value, "graph_type", None)
        if name not in {one.name for one in possible_types(self.graph.schema, self.graph.schema.type_map[kind.name])}:
            return Held(value)  # graphql-core will say so
        if self.graph.row_category(name) is None:
            self._counts(parent, name, value)
            return replace(parent, value=value)
        return await self._judged(parent, value, name, path)

    async def _judged(self, parent: Held, value: Any, name: str, path: Path) -> Any:
        """The row with every relation that holds, and a word for what it therefore does not show."""
        carried, position = parent.carried, (parent.way, name, parent.pushed)
        asked = sorted(self.seen.asked.get(position, ()))
        facts = {one: await self._fact(self.graph.bindings.relations[name, one], value) for one in asked}
        relations = parent.pushed | {one for one, fact in facts.items() if self.viewer.holds(one, fact)}
        if not self.judge.always_exists(name, parent.pushed, carried):
            self.collector.ask(pattern_of(path), name, Frame(*path), 1)
        if not self.judge.exists(name, relations, carried):
            unknown = sorted(one for one in self.judge.deciding(name, carried) & facts.keys() if facts[one].error)
            if not any(self.judge.exists(name, relations | some, carried) for some in subsets(unknown)):
                self.noting.note(name, self.graph.row_category(name) or parent.category, Verdict.WITHHELD)
                return VANISHED
            self._fail(path, name, facts[unknown[0]].error or Unusable(""))
            return None
        untold = {one for one, fact in facts.items() if fact.error is not None and one not in relations}
        if one := concealing(self.seen.rows[position].get, self.seen.looks[position].__getitem__, relations, untold):
            self._fail(path, name, facts[one].error or Unusable(""))
            return None
        doubts = doubted(self.seen.rows[position].get, relations, untold)
        for gap in self.seen.rows[position][relations] or ():
            told = [facts[doubts[gap]].error or Unusable("")] if gap in doubts else ()
            self.collector.hide(gap, Frame(*path), told)
        self._counts(parent, name, value)
        gated = self.seen.gated(position)
        return Held(value, True, relations, gated, way=parent.way, category=parent.category, covered=parent.covered)

    def _counts(self, parent: Held, name: str, row: Any) -> None:
        """Whom the answer is about, unless they count already."""
        about = self.graph.bindings.about.get(name)
        if about and not (parent.covered and about.follows):
            self.about[about(row) or row.id] = None

    async def _fact(self, rule: Relation, row: Any) -> Outcome[Any]:
        mine = {rule.name: self.viewer.known_as(rule.name)}
        ask = Ask((rule.type,), frozenset(rule.needs), self.context, self.deadline, predicates=mine)
        return await self._one(rule.batch, row, ask)

    def _forbidden(self, held: Held, info: Info, coordinate: str) -> str:
        """An argument that was given and is not for this row's caller."""
        definition, node = self.graph.holder(info.parent_type.name).fields[info.field_name], info.field_nodes[0]
        usable = self._usable(held, info)
        used = coordinates_used(self.graph, coordinate, definition, node, info.variable_values)
        return min((at for at, category in used.items() if not usable(category)), default="")

    def _usable(self, held: Held, info: Info) -> Callable[[Category], bool]:
        owner = self.graph.holder(info.parent_type.name)
        return self.judge.usable(owner, owner.fields[info.field_name].type, held.pushed, held.relations, held.carried)

    def _types(self, held: Held, target: Any) -> frozenset[str]:
        if is_leaf_type(target):
            return frozenset()
        kinds = possible_types(self.graph.schema, self.graph.schema.type_map[target.name])
        return frozenset(kind.name for kind in kinds if self._reachable(kind.name, held))

    def _unseen(self, held: Held, target: Any) -> Set[str]:
        return {kind.name for kind in possible_types(self.graph.schema, target)} - self._types(held, target)

    def _judged_below(self, held: Held, target: Any) -> frozenset[str]:
        named = self._types(held, target)
        return frozenset(one for one in named if self.judge.must_be_judged(one, held.pushed, held.carried))

    def _reachable(self, name: str, held: Held) -> bool:
        return self.graph.row_category(name) is None or self.judge.may_exist(name, held.pushed, held.carried)


def _masked(mask: str, value: Any, kind: Any) -> Any:
    """A value that cannot be masked is handed on as the error it is: graphql-core puts it where the value belongs."""
    if is_non_null_type(kind):
        return _masked(mask, value, kind.of_type)
    if is_list_type(kind):
        return [_masked(mask, item, kind.of_type) for item in value] if is_collection(value) else value
    try:
        return None if value is None else MASKS[mask](value)
    except Exception as error:
        return error
