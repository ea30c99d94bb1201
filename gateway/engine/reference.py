"""The same graph, run by graphql-core one field at a time. Slow, obvious, and never wrong: the tests' yardstick.

Same bindings, same collector, same answer; but every decision is taken anew for every field of every row, and nothing
is planned: each edge is asked for one parent, each facet for one field, and always for every column. What the plan
engine works out from the document, this one finds on the way: the two can only agree when both are right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
from graphql.execution.values import VariableValues
from graphql.language import DocumentNode

from gateway.engine.collect import Collector
from gateway.engine.foresee import everything_below, foreseen
from gateway.engine.frame import Path
from gateway.engine.graph import Graph
from gateway.engine.operation import Operation
from gateway.engine.plan import Gap
from gateway.engine.run import Viewer
from gateway.policy.grants import SEEN, WITHHELD, Decision, Grants, Verdict
from gateway.policy.masks import MASKS
from resolvers.backends.base import Deadline, Holes, Outcome
from resolvers.backends.base import Gap as BackendGap
from resolvers.binding import Ask, Binding, Cursors, Relation
from resolvers.context import Context
from schema.coverage import DEFINITION, core

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
    """One execution. `declared` is a Strawberry schema of its own: its resolvers are replaced."""

    graph: Graph
    declared: strawberry.Schema
    grants: Grants
    viewer: Viewer
    context: Context
    deadline: Deadline
    collector: Collector
    cursors: Callable[[str, Mapping[str, Any]], Cursors]
    coordinates: dict[Path, str] = field(default_factory=dict)
    blanks: frozenset[tuple[str, str]] = frozenset()

    async def __call__(
        self, document: DocumentNode, operation: Operation, values: VariableValues, raw: Mapping[str, Any]
    ) -> tuple[Any, list[Gap]]:
        gaps = foreseen(self.graph, operation, self.grants, values)
        self.blanks = frozenset(self._blanked(gap) for gap in gaps if gap.reason == "WITHHELD")
        schema = core(self.declared)
        for named in schema.type_map.values():
            if isinstance(named, GraphQLObjectType) and DEFINITION in named.extensions:
                self._attach(named)
            elif isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
                named.resolve_type = lambda held, *_: str(held.value.graph_type)
        executed = execute(
            schema, document, variable_values=dict(raw), operation_name=operation.name, root_value=Held(None)
        )
        result = executed if isinstance(executed, ExecutionResult) else await executed
        for error in result.errors or ():
            self._broken(error)
        return result.data, gaps

    def _attach(self, named: GraphQLObjectType) -> None:
        named.is_type_of = None
        for definition in named.fields.values():
            definition.resolve = self._resolve

    def _broken(self, error: GraphQLError) -> None:
        path = tuple(error.path or ())
        known = next(at for at in (path[:end] for end in range(len(path), 0, -1)) if at in self.coordinates)
        self.collector.defect(_pattern(path), self.coordinates[known], error, lambda: (path,))

    def _blanked(self, gap: Gap) -> tuple[str, str]:
        """Where a null is certain, and on rows of which type. A forbidden argument names itself, not its field."""
        owner = gap.coordinate.partition(".")[0]
        is_argument = "(" in gap.coordinate or isinstance(self.graph.schema.type_map[owner], GraphQLInputObjectType)
        return gap.path, "" if is_argument else owner

    # -- one field of one row -------------------------------------------------------------------------------------

    async def _resolve(self, held: Held, info: Info, **arguments: Any) -> Any:
        owner, name, path = info.parent_type, info.field_name, tuple(info.path.as_list())
        coordinate = f"{owner.name}.{name}"
        self.coordinates[path] = coordinate
        if not self.blanks.isdisjoint({(_pattern(path), owner.name), (_pattern(path), "")}):
            return None
        decision = await self._decide(held, owner, name, path)
        if decision.verdict is Verdict.WITHHELD:
            return None
        binding = self.graph.binding(owner.name, name)
        value = await self._value(held, info, coordinate, binding, arguments, path)
        definition = owner.fields[name]
        if is_leaf_type(get_named_type(definition.type)):
            return MASKS[decision.kind](value) if decision.kind and value is not None else value
        parent = replace(held, pushed=binding.pushes) if binding and not binding.facet else held
        return await self._held(parent, value, definition.type, path)

    async def _decide(self, held: Held, owner: GraphQLObjectType, name: str, path: Path) -> Decision:
        category = self.graph.categories[f"{owner.name}.{name}"]
        decision = self.grants.decide(category)
        if decision.verdict is not Verdict.CONDITIONAL or decision.relation in held.passed:
            return replace(decision, verdict=Verdict.SEEN) if decision.relation in held.passed else decision
        if owner.name == self.graph.query.name:  # the rows it leads to are judged one by one
            return SEEN
        if held.rule and held.rule.name == decision.relation:
            fact = await self._fact(held.rule, held.row)
            if fact.error is None and fact.value == self.viewer.keys.get(held.rule.name):
                return SEEN
            gap = Gap(_pattern(path), f"{owner.name}.{name}", "WITHHELD", category=category.value, rows="SOME")
            self.collector.hide(gap, _pattern(held.at), lambda: [held.at])
        return WITHHELD

    async def _value(
        self,
        held: Held,
        info: Info,
        coordinate: str,
        binding: Binding | None,
        arguments: dict[str, Any],
        path: Path,
    ) -> Any:
        attribute = self.graph.attribute(info.parent_type, info.field_name)
        if binding is None:
            return getattr(held.value, attribute)
        if binding.carried:
            carried = None if held.fresh else getattr(held.value, binding.carried, None)
            if carried is not None:
                return getattr(carried, attribute)
        outcome = await self._asked(binding, held, info, coordinate, arguments, path)
        return getattr(outcome.value, attribute) if binding.carried and outcome.value is not None else outcome.value

    async def _asked(
        self,
        binding: Binding,
        held: Held,
        info: Info,
        coordinate: str,
        arguments: dict[str, Any],
        path: Path,
    ) -> Outcome[Any]:
        owner = info.parent_type
        target = owner if binding.facet else get_named_type(owner.fields[info.field_name].type)
        ask = Ask(
            (coordinate,),
            everything_below(self.graph, target),
            self.context,
            self.deadline,
            arguments,
            {name: self.viewer.keys.get(name, "") for name, _ in self.grants.under},
            self._types(target),
            self.viewer.purpose,
            self.viewer.subject,
            self.cursors(coordinate, arguments),
        )
        self.collector.ask(_pattern(path), coordinate, 1)
        outcome = await self._one(binding.batch, held.value, ask)
        if isinstance(outcome.error, Holes):
            self.collector.holes(_pattern(path), coordinate, outcome.error, outcome.value or (), lambda: (path,))
        elif outcome.error:
            self.collector.fail(_pattern(path), coordinate, outcome.error, lambda: (path,))
        return outcome

    async def _one(self, batch: Any, parent: Any, ask: Ask) -> Outcome[Any]:
        try:
            (outcome,) = await batch([parent], ask)
        except BackendGap as gap:
            return Outcome(error=gap)
        except Exception as error:
            return Outcome(error=self.collector.bug(ask.coordinates[0], error))
        found: Outcome[Any] = outcome
        return found

    # -- rows -----------------------------------------------------------------------------------------------------

    async def _held(self, parent: Held, value: Any, kind: Any, path: Path) -> Any:
        if value is None:
            return None
        if is_non_null_type(kind):
            return await self._held(parent, value, kind.of_type, path)
        if is_list_type(kind):
            items = [await self._held(parent, item, kind.of_type, (*path, i)) for i, item in enumerate(value)]
            if is_non_null_type(kind.of_type):
                return [item for item in items if item is not VANISHED]
            return [None if item is VANISHED else item for item in items]
        found = await self._row(parent, value, kind, path)
        return None if found is VANISHED and not _in_list(path) else found

    async def _row(self, parent: Held, value: Any, kind: Any, path: Path) -> Any:
        name = kind.name if isinstance(kind, GraphQLObjectType) else str(value.graph_type)
        row = self.graph.row_category(name)
        if row is None:
            return replace(parent, value=value)
        decision = self.grants.decide(row)
        rule = self._rule(name, decision)
        if decision.verdict is Verdict.WITHHELD or (decision.relation and rule is None):
            return VANISHED
        if rule is None:
            return Held(value, value, path)
        if rule.name in parent.pushed:
            return Held(value, value, path, passed=frozenset({rule.name}))
        if decision.verdict is not Verdict.CONDITIONAL:
            return Held(value, value, path, rule)
        return await self._judged(rule, value, name, path)

    async def _judged(self, rule: Relation, value: Any, name: str, path: Path) -> Any:
        self.collector.ask(_pattern(path), name, 1)
        fact = await self._fact(rule, value)
        if fact.error:
            self.collector.fail(_pattern(path), name, fact.error, lambda: (path,))
            return None
        key = self.viewer.keys.get(rule.name)
        if key is None or fact.value != key:
            return VANISHED
        return Held(value, value, path, passed=frozenset({rule.name}), fresh=True)

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


def _in_list(path: Path) -> bool:
    return isinstance(path[-1], int)
