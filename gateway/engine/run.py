"""Plan × variables → rows. The only step that waits for anybody.

Each edge is asked once per level for all its parents, and starts as soon as *its* parents are there: a slow branch
delays only what hangs on it. Lists are flattened, shaped once, and sliced back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues, get_argument_values

from gateway.engine.collect import Collector
from gateway.engine.frame import Frame, Level, Places, Records
from gateway.engine.guard import violated
from gateway.engine.introspection import introspected
from gateway.engine.mend import leaf_column, mended
from gateway.engine.plan import OWN, Branch, Edge, Facet, Gap, Gate, Plan, Rows, Selection, Slot
from gateway.engine.shape import BROKEN
from gateway.engine.sources import Place
from gateway.errors import GatewayError
from resolvers.backends.base import Deadline, Holes, Outcome, Unusable
from resolvers.backends.base import Gap as BackendGap
from resolvers.binding import Ask, Cursors, Origin
from resolvers.context import Context
from resolvers.freshness import Freshness

T = TypeVar("T")
VANISHED: Any = type("VANISHED", (), {"__repr__": lambda _: "VANISHED"})()
"""A row that does not exist for this caller: null where that is allowed, left out of a list where it is not."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Of the caller, what resolvers and row rules may depend on."""

    keys: Mapping[str, str]
    purpose: str | None = None
    subject: str | None = None


@dataclass(slots=True)
class Run:
    """One execution of a plan. Made for one operation and thrown away with it."""

    schema: GraphQLSchema
    plan: Plan
    values: VariableValues
    context: Context
    deadline: Deadline
    viewer: Viewer
    collector: Collector
    cursors: Callable[[Branch, Mapping[str, Any]], Cursors]
    arguments: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    refused: dict[int, BackendGap] = field(default_factory=dict)
    guarded: dict[int, Gap] = field(default_factory=dict)
    places: list[Place] | None = None

    async def __call__(self) -> dict[str, Any]:
        told = introspected(self.schema, self.plan.introspection, self.values)  # may refuse: before any call
        (data,) = await self.rows(self.plan.root, [None], Frame())
        return {key: told[key] if key in told else data[key] for key in self.plan.order}

    @property
    def gaps(self) -> list[Gap]:
        """What was known to be missing before anything was fetched."""
        return list(dict.fromkeys((*self.plan.gaps, *self.guarded.values())))

    def prepare(self) -> None:
        """Arguments of every edge, and every guard, before any call."""
        for branch in self.plan.edges:
            if branch.edge is None:
                continue
            try:
                arguments = get_argument_values(branch.edge.field, branch.edge.node, self.values)
            except GraphQLError as error:
                self.refused[id(branch.edge)] = Unusable(error.message)
                continue
            self.arguments[id(branch.edge)] = arguments
            if gap := violated(branch, arguments, self.values):
                self.guarded[id(branch.edge)] = gap

    # -- rows -----------------------------------------------------------------------------------------------------

    async def rows(self, rows: Rows, parents: Sequence[Any], frame: Frame) -> list[Any]:
        """One shaped row per parent; or VANISHED, or BROKEN."""
        if isinstance(rows, Gate):
            return await self.gated(rows, parents, frame)
        if not parents:
            return []
        if not rows.waits:
            return self.shaped(rows, parents, (), (), frame)
        facets = [self.start(self.facet(one, rows.path, parents, frame)) for one in rows.facets]
        branches = [self.start(self.branch(one, parents, facets, frame)) for one in rows.branches]
        try:
            columns = [await one for one in branches]
            records = [await one for one in facets]
        except BaseException:
            await _abandon([*facets, *branches])
            raise
        return self.shaped(rows, parents, [one.records for one in records], columns, frame)

    def start(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.ensure_future(work)

    def shaped(
        self,
        selection: Selection,
        parents: Sequence[Any],
        facets: Sequence[Sequence[Any]],
        columns: Sequence[Sequence[Any]],
        frame: Frame,
    ) -> list[Any]:
        assert selection.shape is not None  # noqa: S101 - only inlined selections have none, and they come not here
        try:
            return selection.shape(parents, *facets, *columns)
        except Exception:  # whatever it is, the slow way finds the values it comes from, and says so
            return mended(selection, parents, facets, columns, frame, self.collector)

    async def gated(self, gate: Gate, parents: Sequence[Any], frame: Frame) -> list[Any]:
        """Facts first; then each row by the selection its rule leads to."""
        key = self.viewer.keys.get(gate.relation.name)
        ask = self.ask((gate.coordinate,), frozenset(gate.relation.needs), gate.freshness, frame)
        facts = await self.facts(gate, parents, ask, frame)
        stands = [key is not None and fact.error is None and fact.value == key for fact in facts]
        passed = [i for i, passes in enumerate(stands) if passes]
        failed = [i for i, passes in enumerate(stands) if not passes]
        parts: list[tuple[Rows, Sequence[int]]] = [(gate.passed, passed)]
        if gate.failed is not None:  # the row is there for everybody; what hangs on the rule is not
            where = frame.only(failed)
            for gap in gate.hidden if failed else ():
                self.collector.hide(gap, gate.path, lambda: where.paths)
            parts.append((gate.failed, failed))
        answers: list[Any] = [VANISHED if fact.error is None else BROKEN for fact in facts]
        await self.parts(parts, parents, frame, answers)
        return answers

    async def facts(self, gate: Gate, parents: Sequence[Any], ask: Ask, frame: Frame) -> Sequence[Outcome[Any]]:
        """What the rule compares. Not knowing whether a row may exist for the caller is a failure; not knowing
        whether it may show more than it does is a no."""
        if gate.failed is not None:
            return await self.answered(gate.relation.batch, parents, ask)
        return await self.outcomes(gate.relation.batch, parents, ask, gate.path, gate.coordinate, frame)

    async def parts(
        self, parts: Sequence[tuple[Rows, Sequence[int]]], parents: Sequence[Any], frame: Frame, answers: list[Any]
    ) -> None:
        """Several selections over parts of the rows, at the same time; results go to their places in `answers`."""
        whole = [
            self.start(self.rows(rows, [parents[i] for i in picks], frame.only(picks)))
            for rows, picks in parts
            if picks
        ]
        try:
            shaped = [await one for one in whole]
        except BaseException:
            await _abandon(whole)
            raise
        for (_, picks), found in zip([part for part in parts if part[1]], shaped, strict=True):
            for i, row in zip(picks, found, strict=True):
                answers[i] = row

    # -- facets and branches --------------------------------------------------------------------------------------

    async def facet(self, facet: Facet, path: str, parents: Sequence[Any], frame: Frame) -> Records:
        """A record per parent: the one it carries, or the one the facet's resolver finds."""
        carried = facet.binding.carried or ""
        records = [None if facet.fresh else getattr(parent, carried, None) for parent in parents]
        missing = [i for i, record in enumerate(records) if record is None]
        if not missing:
            self.place((_join(path, key) for key, _ in facet.fields), frame.calls)
            return Records(records, frame.calls)
        where = frame.only(missing) if len(missing) < len(parents) else frame
        coordinates = tuple(sorted({coordinate for _, coordinate in facet.fields}))
        ask = self.ask(coordinates, facet.columns, facet.freshness, frame)
        found = await self.answered(facet.binding.batch, [parents[i] for i in missing], ask)
        for key, coordinate in facet.fields:
            self.collector.ask(_join(path, key), coordinate, len(parents))
            self.failures(found, _join(path, key), coordinate, where, key)
        for i, outcome in zip(missing, found, strict=True):
            records[i] = outcome.value
        calls = ask.origin.calls or frame.calls
        self.place((_join(path, key) for key, _ in facet.fields), calls)
        return Records(records, calls)

    async def branch(
        self, branch: Branch, parents: Sequence[Any], facets: Sequence[asyncio.Task[Records]], frame: Frame
    ) -> list[Any]:
        """One column: a value per parent, completed. A defect in it costs the column and nothing else."""
        try:
            return await self.column(branch, parents, facets, frame)
        except GatewayError:
            raise
        except Exception as error:
            places = Places(frame, range(len(parents)), branch.key)
            self.collector.defect(branch.path, branch.coordinate, error, places)
            return [BROKEN if branch.slot.non_null else None] * len(parents)

    async def column(
        self, branch: Branch, parents: Sequence[Any], facets: Sequence[asyncio.Task[Records]], frame: Frame
    ) -> list[Any]:
        if branch.edge is not None:
            values, calls = await self.edge(branch, branch.edge, parents, frame)
        else:
            source, calls = await self.source(branch, parents, facets, frame)
            values = [None if one is None else getattr(one, branch.attribute) for one in source]
        if branch.leaf is not None:
            return leaf_column(branch.leaf, branch.slot, values, frame, self.collector)
        return await self.complete(branch, branch.slot, values, Level(frame, branch.key, 0, calls))

    async def source(
        self, branch: Branch, parents: Sequence[Any], facets: Sequence[asyncio.Task[Records]], frame: Frame
    ) -> tuple[Sequence[Any], tuple[int, ...]]:
        if branch.origin == OWN:
            return parents, frame.calls
        records = await facets[branch.origin]
        return records.records, records.calls

    async def edge(
        self, branch: Branch, edge: Edge, parents: Sequence[Any], frame: Frame
    ) -> tuple[list[Any], tuple[int, ...]]:
        if id(edge) in self.guarded:
            return [None] * len(parents), frame.calls
        self.collector.ask(branch.path, branch.coordinate, len(parents))
        if gap := self.refused.get(id(edge)):
            self.collector.fail(
                branch.path, branch.coordinate, gap, lambda: [(*path, branch.key) for path in frame.paths]
            )
            return [None] * len(parents), frame.calls
        ask = self.ask((branch.coordinate,), edge.columns, edge.freshness, frame, branch)
        found = await self.answered(edge.binding.batch, parents, ask)
        self.failures(found, branch.path, branch.coordinate, frame, branch.key)
        self.place((branch.path,), ask.origin.calls, edge.binding.derived)
        return [outcome.value for outcome in found], ask.origin.calls or frame.calls

    def place(self, paths: Iterable[str], calls: tuple[int, ...], derived: bool = False) -> None:
        """Which calls stand behind these positions of the answer: noted when it was asked for."""
        if self.places is not None:
            self.places += [Place(path, calls, derived) for path in paths]

    async def outcomes(
        self, batch: Any, parents: Sequence[Any], ask: Ask, pattern: str, coordinate: str, frame: Frame
    ) -> Sequence[Outcome[Any]]:
        self.collector.ask(pattern, coordinate, len(parents))
        found = await self.answered(batch, parents, ask)
        self.failures(found, pattern, coordinate, frame, "")
        return found

    async def answered(self, batch: Any, parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        """One outcome per parent, whatever the resolver does: its bug costs its own field, not the answer."""
        try:
            found: Sequence[Outcome[Any]] = await batch(parents, ask)
            if len(found) != len(parents):
                raise TypeError(f"{batch.__qualname__} answered {len(found)} outcomes for {len(parents)} parents")
            if strange := next((one for one in found if not isinstance(one, Outcome)), None):
                raise TypeError(f"{batch.__qualname__} answered {type(strange).__name__}, which is no outcome")
        except BackendGap as gap:
            return [Outcome(error=gap)] * len(parents)
        except Exception as error:
            return [Outcome(error=self.collector.bug(ask.coordinates[0], error))] * len(parents)
        return found

    def failures(self, found: Sequence[Outcome[Any]], pattern: str, coordinate: str, frame: Frame, key: str) -> None:
        failed: dict[tuple[str | None, str], tuple[BackendGap, list[int]]] = {}
        for i, outcome in enumerate(found):
            if isinstance(outcome.error, Holes):
                self.collector.holes(pattern, coordinate, outcome.error, outcome.value, Places(frame, [i], key))
            elif outcome.error is not None:
                cause = (outcome.error.system, outcome.error.code)
                failed.setdefault(cause, (outcome.error, []))[1].append(i)
        for gap, places in failed.values():
            self.collector.fail(pattern, coordinate, gap, Places(frame, places, key))

    def ask(
        self,
        coordinates: tuple[str, ...],
        columns: frozenset[str],
        freshness: Freshness,
        frame: Frame,
        branch: Branch | None = None,
    ) -> Ask:
        edge = branch.edge if branch else None
        arguments = self.arguments[id(edge)] if edge else {}
        keys = self.viewer.keys
        return Ask(
            coordinates,
            columns,
            self.context,
            self.deadline,
            arguments,
            {relation: keys.get(relation, "") for relation in edge.relations} if edge else {},
            edge.types if edge else frozenset(),
            self.viewer.purpose,
            self.viewer.subject,
            self.cursors(branch, arguments) if branch and edge else None,
            Origin(frame.calls),
            freshness,
        )

    # -- completion -----------------------------------------------------------------------------------------------

    async def complete(self, branch: Branch, slot: Slot, values: Sequence[Any], level: Level) -> list[Any]:
        """Shape a column of composites; BROKEN where a value that was promised is missing."""
        if slot.item is not None:
            completed = await self.lists(branch, slot.item, values, level)
        else:
            completed = await self.objects(branch, values, level)
        if not slot.non_null:
            return [None if value is BROKEN or value is VANISHED else value for value in completed]
        return [self.promised(branch, value, level, i) for i, value in enumerate(completed)]

    def promised(self, branch: Branch, value: Any, level: Level, i: int) -> Any:
        if value is VANISHED:
            return BROKEN
        if value is not None:
            return value
        path = level.whole.paths[i] if level.depth else (*level.frame.paths[i], branch.key)
        self.collector.defect(
            branch.path, branch.coordinate, TypeError("null where a value was promised"), lambda: (path,)
        )
        return BROKEN

    async def lists(self, branch: Branch, item: Slot, values: Sequence[Any], level: Level) -> list[Any]:
        flat: list[Any] = []
        for value in values:
            if value is not None:
                flat += value
        below = iter(await self.complete_items(branch, item, flat, level.deeper(values)))
        return [None if value is None else _sliced(below, len(value), item) for value in values]

    async def complete_items(self, branch: Branch, item: Slot, flat: Sequence[Any], level: Level) -> list[Any]:
        if item.item is None and item.non_null:  # a row that vanished is left out, one that is broken breaks the list
            found = await self.objects(branch, flat, level)
            return [row if row is not None else self.promised(branch, row, level, i) for i, row in enumerate(found)]
        return await self.complete(branch, item, flat, level)

    async def objects(self, branch: Branch, values: Sequence[Any], level: Level) -> list[Any]:
        """Rows of one type together, rows of several types apart but at the same time."""
        picks = [i for i, value in enumerate(values) if value is not None]
        frame = level.frame_of(values)
        present = values if len(picks) == len(values) else [values[i] for i in picks]
        if len(branch.below) == 1:
            (rows,) = branch.below.values()
            shaped = await self.rows(rows, present, frame) if rows and present else [VANISHED] * len(present)
        else:
            shaped = await self.by_type(branch.below, present, frame)
        if len(picks) == len(values):
            return shaped
        completed: list[Any] = [None] * len(values)
        for i, row in zip(picks, shaped, strict=True):
            completed[i] = row
        return completed

    async def by_type(self, below: Mapping[str, Rows | None], present: Sequence[Any], frame: Frame) -> list[Any]:
        places: dict[str, list[int]] = {}
        for i, value in enumerate(present):
            places.setdefault(value.graph_type, []).append(i)
        answers: list[Any] = [VANISHED] * len(present)
        seen = [(rows, picks) for name, picks in places.items() if (rows := below[name]) is not None]
        await self.parts(seen, present, frame, answers)
        return answers


async def _abandon(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Nobody waits for these any more: cancel them, and leave none running behind the answer."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _sliced(below: Iterator[Any], count: int, item: Slot) -> Any:
    rows = [next(below) for _ in range(count)]
    if item.non_null:
        rows = [row for row in rows if row is not VANISHED]
        return BROKEN if any(row is BROKEN for row in rows) else rows
    return rows


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
