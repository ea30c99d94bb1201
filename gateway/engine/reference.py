"""The same graph, run by graphql-core one field at a time. Slow, obvious, and never wrong: the tests' yardstick.

Same bindings, same collector, same answer; but every decision is taken anew for every field of every row, and nothing
is planned: each edge is asked for one parent, each facet for one field, and always for every column. What the plan
engine works out from the document, this one finds on the way: the two can only agree when both are right.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInputObjectType,
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

from gateway.engine.collect import Collector
from gateway.engine.foresee import everything_below, foreseen
from gateway.engine.frame import Frame, Path
from gateway.engine.graph import Graph, possible_types
from gateway.engine.in_order import InOrder
from gateway.engine.operation import Operation
from gateway.engine.plan import Gap
from gateway.engine.run import Viewer
from gateway.policy.grants import SEEN, WITHHELD, Decision, Grants, Verdict
from gateway.policy.masks import MASKS
from resolvers.backends.base import Deadline, Outcome, Unusable
from resolvers.backends.base import Gap as BackendGap
from resolvers.binding import Ask, Binding, Cursors, Relation
from resolvers.context import Context
from schema.coverage import core

VANISHED: Any = object()
Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A value on its way through graphql-core: the row it belongs to, and how that row stands to the caller."""

    value: Any
    row: Any = None
    at: Path = ()
    rule: Relation | None = None
    passed: frozenset[str] = frozenset()
    fresh: bool = False
    pushed: frozenset[str] = frozenset()


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
    depth: int = 6
    blanks: frozenset[tuple[str, str]] = frozenset()
    coordinates: dict[Path, str] = field(default_factory=dict)
    failed: set[Path] = field(default_factory=set)

    async def __call__(
        self, document: DocumentNode, operation: Operation, values: VariableValues, raw: Mapping[str, Any]
    ) -> tuple[Any, list[Gap]]:
        gaps = foreseen(self.graph, operation, self.grants, values)
        self.blanks = frozenset(self._blanked(gap) for gap in gaps if gap.reason == "WITHHELD")
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
        return result.data, gaps

    def _attach(self, named: GraphQLObjectType) -> None:
        named.is_type_of = None
        for definition in named.fields.values():
            definition.resolve = self._resolve
            definition.args = {}  # read once it is settled that the field is asked for at all

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
        if path not in self.failed:  # then it is what came of a failure that is told already
            self.collector.defect(_pattern(path), self.coordinates[_field(path)], error, Frame(*path))

    def lands(self, path: Path, cause: Path) -> None:
        self.collector.land(self.coordinates[_field(path)], Frame(*path), Frame(*cause))

    def drops(self, path: Path, later: Sequence[str | int]) -> None:
        for step in later:
            self.collector.drop(Frame(*path, step))

    def _fail(self, path: Path, coordinate: str, gap: BackendGap) -> None:
        self.failed.add(path)
        self.collector.fail(_pattern(path), coordinate, gap, Frame(*path))

    def _blanked(self, gap: Gap) -> tuple[str, str]:
        """Where a null is certain, and on rows of which type. A forbidden argument names itself, not its field."""
        owner = gap.coordinate.partition(".")[0]
        is_argument = "(" in gap.coordinate or isinstance(self.graph.schema.type_map[owner], GraphQLInputObjectType)
        return gap.path, "" if is_argument else owner

    # -- one field of one row -------------------------------------------------------------------------------------

    async def _resolve(self, held: Held, info: Info) -> Any:
        owner, name, path = info.parent_type, info.field_name, tuple(info.path.as_list())
        coordinate = f"{owner.name}.{name}"
        decision = await self._decide(held, owner, name, path)
        blank = {(_pattern(path), owner.name), (_pattern(path), "")}
        if decision.verdict is Verdict.WITHHELD or not self.blanks.isdisjoint(blank):
            return None
        binding = self.graph.binding(owner.name, name)
        value = await self._value(held, info, coordinate, binding, path)
        definition = owner.fields[name]
        if is_leaf_type(get_named_type(definition.type)):
            return _masked(decision.kind, value, definition.type) if decision.kind else value
        parent = replace(held, pushed=binding.pushes) if binding and not binding.facet else held
        found = await self._held(parent, value, definition.type, path)
        return None if found is VANISHED else found

    async def _decide(self, held: Held, owner: GraphQLObjectType, name: str, path: Path) -> Decision:
        category = self.graph.categories[f"{owner.name}.{name}"]
        decision = self.grants.decide(category)
        if decision.verdict is not Verdict.CONDITIONAL or decision.relation in held.passed:
            return replace(decision, verdict=Verdict.SEEN) if decision.relation in held.passed else decision
        if owner.name == self.graph.query.name:  # the rows it leads to are judged one by one
            return SEEN
        if self._is_mutation(owner):  # its resolver judges; those that do not are blank already
            return SEEN
        if held.rule and held.rule.name == decision.relation:
            fact = await self._fact(held.rule, held.row)
            if self._holds(held.rule, fact):
                return SEEN
            gap = Gap(_pattern(path), f"{owner.name}.{name}", "WITHHELD", category=category.value, rows="SOME")
            self.collector.hide(gap, _pattern(path[:-1]), Frame(*path[:-1]))
        return WITHHELD

    async def _value(
        self,
        held: Held,
        info: Info,
        coordinate: str,
        binding: Binding | None,
        path: Path,
    ) -> Any:
        attribute = self.graph.attribute(info.parent_type, info.field_name)
        if binding is None:
            return getattr(held.value, attribute)
        self.collector.ask(_pattern(path), coordinate, Frame(*path), 1)
        if binding.carried:
            carried = None if held.fresh else getattr(held.value, binding.carried, None)
            if carried is not None:
                return getattr(carried, attribute)
        outcome = await self._asked(binding, held, info, coordinate, path)
        return getattr(outcome.value, attribute) if binding.carried and outcome.value is not None else outcome.value

    async def _asked(
        self,
        binding: Binding,
        held: Held,
        info: Info,
        coordinate: str,
        path: Path,
    ) -> Outcome[Any]:
        owner = info.parent_type
        ours = cast(GraphQLObjectType, self.graph.schema.type_map[owner.name])
        try:
            arguments = get_argument_values(ours.fields[info.field_name], info.field_nodes[0], info.variable_values)
        except GraphQLError as error:
            self._fail(path, coordinate, Unusable(error.message))
            return Outcome(None)
        target = owner if binding.facet else get_named_type(owner.fields[info.field_name].type)
        ask = Ask(
            (coordinate,),
            everything_below(self.graph, target, self.depth),
            self.context,
            self.deadline,
            arguments,
            {name: self.viewer.keys.get(name, "") for name, _ in self.grants.under},
            self._types(target),
            self.viewer.purpose,
            self.viewer.subject,
            self.cursors(coordinate, arguments),
        )
        outcome = await self._one(binding.batch, held.value, ask)
        if outcome.error is None:
            return outcome
        self._fail(path, coordinate, outcome.error)
        return Outcome(None)

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
        row = self.graph.row_category(name)
        if row is None:
            return replace(parent, value=value)
        decision = self.grants.decide(row)
        rule = self._rule(name, decision)
        if decision.verdict in (Verdict.WITHHELD, Verdict.MASKED) or (decision.relation and rule is None):
            return VANISHED
        if rule is None:
            return Held(value, value, path)
        if rule.name in parent.pushed:
            return Held(value, value, path, passed=frozenset({rule.name}))
        if decision.verdict is not Verdict.CONDITIONAL:
            return Held(value, value, path, rule)
        return await self._judged(rule, value, name, path)

    async def _judged(self, rule: Relation, value: Any, name: str, path: Path) -> Any:
        self.collector.ask(_pattern(path), name, Frame(*path), 1)
        fact = await self._fact(rule, value)
        if fact.error:
            self._fail(path, name, fact.error)
            return None
        if not self._holds(rule, fact):
            return VANISHED
        return Held(value, value, path, passed=frozenset({rule.name}), fresh=True)

    def _holds(self, rule: Relation, fact: Outcome[Any]) -> bool:
        key = self.viewer.keys.get(rule.name)
        return key is not None and fact.error is None and fact.value == key

    async def _fact(self, rule: Relation, row: Any) -> Outcome[Any]:
        ask = Ask((rule.type,), frozenset(rule.needs), self.context, self.deadline)
        return await self._one(rule.batch, row, ask)

    def _rule(self, name: str, decision: Decision) -> Relation | None:
        names: Sequence[str] = [decision.relation] if decision.relation else [name for name, _ in self.grants.under]
        bound = (self.graph.bindings.relations.get((name, relation)) for relation in names)
        return next((relation for relation in bound if relation), None)

    def _types(self, target: Any) -> frozenset[str]:
        if is_leaf_type(target):
            return frozenset()
        kinds = [target] if isinstance(target, GraphQLObjectType) else self.graph.schema.get_possible_types(target)
        return frozenset(kind.name for kind in kinds if self._reachable(kind.name))

    def _reachable(self, name: str) -> bool:
        row = self.graph.row_category(name)
        if row is None:
            return True
        decision = self.grants.decide(row)
        if decision.relation:
            return (name, decision.relation) in self.graph.bindings.relations
        return decision.verdict is Verdict.SEEN


def _pattern(path: Path) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in path)


def _field(path: Path) -> Path:
    """The field that a position in its lists belongs to."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


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
