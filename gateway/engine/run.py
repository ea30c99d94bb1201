"""Plan × variables → rows. The only step that waits for anybody.

Each edge is asked once per level for all its parents, and starts as soon as *its* parents are there: a slow branch
delays only what hangs on it. Lists are flattened, shaped once, and sliced back. The root fields of a mutation are
taken one after the other, and each finds what the one before it has left behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues
from msgspec import structs

from gateway.engine.collect import Collector, joined
from gateway.engine.complete import VANISHED, Completion, Part, all_of, in_parts
from gateway.engine.frame import Frame
from gateway.engine.gating import concealing, doubted
from gateway.engine.guard import Prepared, prepared
from gateway.engine.introspection import introspected
from gateway.engine.mend import Records, leaf_column, shaped, shaped_in_turns
from gateway.engine.outcomes import by_cause, must_fit
from gateway.engine.plan import OWN, Branch, Edge, Facet, Gap, Gate, Plan, Rows, Selection
from gateway.engine.shape import Broken
from gateway.engine.sources import Place
from gateway.engine.viewer import Viewer
from gateway.engine.witness import Witness
from gateway.errors import GatewayError
from gateway.policy.grants import subsets
from gateway.policy.rules import Relations
from resolvers.backends.base import Deadline, Holes, Outcome
from resolvers.backends.base import Gap as BackendGap
from resolvers.binding import Ask, Cursors, Origin, Relation
from resolvers.context import Context
from resolvers.freshness import Freshness

NOTHING: Mapping[str, Any] = {}

Found = Records | asyncio.Future[Records]
"""Of a facet: there, or asked for."""


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
    places: list[Place] | None = None
    witness: Witness = field(default_factory=Witness)
    prepared: Prepared = field(init=False)

    def prepare(self) -> None:
        """Arguments of every edge, and every guard, before any call."""
        self.prepared = prepared(self.plan, self.values)

    @property
    def arguments(self) -> Mapping[int, Mapping[str, Any]]:
        return self.prepared.arguments

    async def __call__(self) -> dict[str, Any] | None:
        """The data; None when a null reached the root."""
        asked = introspected(self.schema, self.plan.introspection, self.values)  # may refuse: before any call
        self.collector.wrong(asked)
        told = asked.data
        if told is None:
            return None
        data: dict[str, Any] = {}
        for number, step in enumerate(self.plan.steps):
            if number:
                self.context.forget()
            (row,) = await self.rows(step, [None], Frame())
            if row.__class__ is Broken:
                self.collector.lost(step.type, row.cause)
                return None
            data |= row
        self.collector.data = data = {key: told[key] if key in told else data[key] for key in self.plan.order}
        return data

    # -- rows -----------------------------------------------------------------------------------------------------

    async def rows(self, rows: Rows, parents: Sequence[Any], frame: Frame) -> list[Any]:
        """One shaped row per parent; or VANISHED, or `Broken`."""
        if isinstance(rows, Gate):
            return await self.gated(rows, parents, frame)
        self.witness.saw(rows, parents, frame)
        facets, columns = await self.columns(rows, parents, frame) if rows.waits else ((), ())
        if len(parents) > rows.turn:
            return await shaped_in_turns(rows, parents, facets, columns, frame, self.collector)
        return shaped(rows, parents, facets, columns, frame, self.collector)

    async def columns(
        self, rows: Selection, parents: Sequence[Any], frame: Frame
    ) -> tuple[Sequence[Records], Sequence[Sequence[Any]]]:
        """The records of its facets, and the columns of its branches: one of each for every parent."""
        facets: list[Any] = [self.carried(one, rows.path, parents, frame) for one in rows.facets]
        asked = [i for i, found in enumerate(facets) if found is None]
        waiting: list[Any] = [self.facet(rows.facets[i], rows.path, parents, frame) for i in asked]
        if waiting and any(one.origin != OWN for one in rows.branches):  # several may wait for the same one
            waiting = [asyncio.ensure_future(one) for one in waiting]
            for i, one in zip(asked, waiting, strict=True):
                facets[i] = one
        found = await all_of([*waiting, *(self.branch(one, parents, facets, frame) for one in rows.branches)])
        for i, records in zip(asked, found, strict=False):
            facets[i] = records
        return facets, found[len(asked) :]

    async def gated(self, gate: Gate, parents: Sequence[Any], frame: Frame) -> list[Any]:
        """Facts first; then each row by the selection that the relations which hold lead to."""
        facts, alike = await self.facts(gate, parents, frame), dict[Relations, list[int]]()
        for i in range(len(parents)):
            held = frozenset(name for name, told in facts.items() if self.viewer.holds(name, told[i]))
            alike.setdefault(held, []).append(i)
        answers: list[Any] = [VANISHED] * len(parents)
        if gate.vanishing:
            self.unjudged(gate, facts, alike, frame, answers)
        parts: list[Part] = []
        for held, picks in alike.items():
            if (case := gate.cases[held]) is None:
                self.witness.used.add(gate)
            elif told := self.told(gate, held, facts, picks, frame, answers):
                parts.append((case.selection, told))
        await in_parts(self.rows, parts, parents, frame, answers)
        return answers

    def told(
        self,
        gate: Gate,
        held: Relations,
        facts: Mapping[str, Sequence[Outcome[Any]]],
        picks: Sequence[int],
        frame: Frame,
        answers: list[Any],
    ) -> Sequence[int]:
        """The rows are there; what hangs on relations that do not hold is not, nor on those that nobody can tell. Where
        nobody can tell whether something has to be hidden, the row is left out: that is a failure."""
        alike, left_out = dict[frozenset[str], list[int]](), set[int]()
        for i in picks:
            unknown = frozenset(name for name, told in facts.items() if name not in held and told[i].error is not None)
            alike.setdefault(unknown, []).append(i)
        for unknown, rows in alike.items():
            if name := concealing(partial(self.hidden, gate), gate.looks, held, unknown) if unknown else "":
                self.untold(gate, facts[name], rows, frame, answers)
                left_out.update(rows)
            else:
                self.hide(gate, held, unknown, facts, rows, frame)
        return [i for i in picks if i not in left_out] if left_out else picks

    def hide(
        self,
        gate: Gate,
        held: Relations,
        unknown: Relations,
        facts: Mapping[str, Sequence[Outcome[Any]]],
        rows: Sequence[int],
        frame: Frame,
    ) -> None:
        doubts = doubted(partial(self.hidden, gate), held, unknown)
        for gap in self.hidden(gate, held) or ():
            name = doubts.get(gap)
            told = [self.gap(facts[name][i].error, gate.coordinate) for i in rows] if name else ()
            self.collector.hide(gap, frame.only(rows), told)

    def untold(
        self, gate: Gate, facts: Sequence[Outcome[Any]], rows: Sequence[int], frame: Frame, answers: list[Any]
    ) -> None:
        for i in rows:
            gap = self.gap(facts[i].error, gate.coordinate)
            self.collector.fail(gate.path, gate.coordinate, gap, frame.only((i,)))
            answers[i] = Broken(frame.only((i,)))

    def hidden(self, gate: Gate, held: Relations) -> Sequence[Gap] | None:
        """What rows of which these relations hold do not show, though others do; None: there are no such rows."""
        case = gate.cases[held]
        return self.prepared.hidden.get(id(case), case.hidden) if case else None

    async def facts(self, gate: Gate, parents: Sequence[Any], frame: Frame) -> Mapping[str, Sequence[Outcome[Any]]]:
        """By relation, a fact for each row."""
        found = await all_of([self.answered(one.batch, parents, self.fact(gate, one, frame)) for one in gate.relations])
        return {one.name: outcomes for one, outcomes in zip(gate.relations, found, strict=True)}

    def fact(self, gate: Gate, relation: Relation, frame: Frame) -> Ask:
        mine = {relation.name: self.viewer.known_as(relation.name)}
        asked = self.ask((gate.coordinate,), frozenset(relation.needs), gate.freshness, frame)
        return structs.replace(asked, predicates=mine)

    def unjudged(
        self,
        gate: Gate,
        facts: Mapping[str, Sequence[Outcome[Any]]],
        alike: Mapping[Relations, Sequence[int]],
        frame: Frame,
        answers: list[Any],
    ) -> None:
        """Not knowing whether a row may exist for the caller is a failure; not knowing whether it may show more than
        it does is a no."""
        self.collector.ask(gate.path, gate.coordinate, frame, len(answers))
        for held, picks in alike.items():
            for i in picks if gate.cases[held] is None else ():
                unknown = sorted(name for name in gate.deciding if facts[name][i].error is not None)
                if any(gate.cases[held | some] is not None for some in subsets(unknown)):
                    self.untold(gate, facts[unknown[0]], (i,), frame, answers)

    # -- facets and branches --------------------------------------------------------------------------------------

    def carried(self, facet: Facet, path: str, parents: Sequence[Any], frame: Frame) -> Records | None:
        """A record per parent when each of them has its own with it."""
        self.collector.ask_fields(path, facet.fields, frame, len(parents))
        if facet.fresh:
            return None
        carried = facet.binding.carried or ""
        try:
            records = [getattr(parent, carried, None) for parent in parents]
        except Exception:  # the long way meets it too, and says whose it is
            return None
        if None in records:
            return None
        self.place_facet(facet, path, frame.calls)
        return Records(records, frame.calls)

    async def facet(self, facet: Facet, path: str, parents: Sequence[Any], frame: Frame) -> Records:
        """The same where some have to be asked for. A defect costs the fields that are read from it, nothing else."""
        try:
            return await self.records(facet, path, parents, frame)
        except GatewayError:
            raise
        except Exception as error:
            for key, coordinate in facet.fields:
                self.collector.defect(joined(path, key), coordinate, error, frame.under(key))
            return Records([None] * len(parents), frame.calls, frozenset(range(len(parents))))

    async def records(self, facet: Facet, path: str, parents: Sequence[Any], frame: Frame) -> Records:
        """The one that a parent carries, or the one the facet's resolver finds."""
        carried = facet.binding.carried or ""
        records = [None if facet.fresh else getattr(parent, carried, None) for parent in parents]
        missing = [i for i, record in enumerate(records) if record is None]
        coordinates = tuple(sorted({coordinate for _, coordinate in facet.fields}))
        ask = self.ask(coordinates, facet.columns, facet.freshness, frame)
        found = await self.answered(facet.binding.batch, [parents[i] for i in missing], ask)
        for i, outcome in zip(missing, found, strict=True):
            records[i] = outcome.value
        failed: set[int] = set()
        for gap, picks in by_cause(found, partial(self.gap, coordinate=ask.coordinates[0])):
            rows = [missing[i] for i in picks]
            failed.update(rows)
            for i in rows:
                records[i] = None
            for key, coordinate in facet.fields:
                self.collector.fail(joined(path, key), coordinate, gap, frame.under(key).only(rows))
        calls = ask.origin.calls or frame.calls
        self.place_facet(facet, path, calls)
        return Records(records, calls, frozenset(failed))

    async def branch(self, branch: Branch, parents: Sequence[Any], facets: Sequence[Found], frame: Frame) -> list[Any]:
        """One column: a value per parent, completed. A defect in it costs the column and nothing else."""
        try:
            if branch.edge is not None:
                values, places = await self.edge(branch, branch.edge, parents, frame)
            else:
                found = Records(parents, frame.calls) if branch.origin == OWN else facets[branch.origin]
                values, places = self.read(branch, found if isinstance(found, Records) else await found, frame)
            if branch.leaf is not None:
                return leaf_column(branch, branch.leaf, values, places, self.collector)
            return await Completion(branch, self.collector, self.rows)(values, places)
        except GatewayError:
            raise
        except Exception as error:
            places = frame.under(branch.key)
            self.collector.defect(branch.path, branch.coordinate, error, places)
            return self.nulls(branch, places, range(len(parents)))

    def read(self, branch: Branch, found: Records, frame: Frame) -> tuple[list[Any], Frame]:
        """Values that the rows, or the records of a facet, have already."""
        places = frame.under(branch.key, calls=found.calls)
        try:
            values = [None if one is None else getattr(one, branch.attribute) for one in found.records]
        except Exception:
            values = [self.attribute(branch, one, places, i) for i, one in enumerate(found.records)]
        if branch.slot.non_null:
            for i in found.failed:
                values[i] = Broken(places.only((i,)))
        return values, places

    def attribute(self, branch: Branch, record: Any, places: Frame, i: int) -> Any:
        try:
            return None if record is None else getattr(record, branch.attribute)
        except Exception as error:  # a record without the attribute, or one that cannot compute it
            self.collector.defect(branch.path, branch.coordinate, error, places.only((i,)))
            return self.nulls(branch, places, (i,))[0]

    async def edge(self, branch: Branch, edge: Edge, parents: Sequence[Any], frame: Frame) -> tuple[list[Any], Frame]:
        places = frame.under(branch.key)
        if id(edge) in self.prepared.guarded:
            return [None] * len(parents), places
        self.collector.ask(branch.path, branch.coordinate, places, len(parents))
        if gap := self.prepared.refused.get(id(edge)):
            self.collector.fail(branch.path, branch.coordinate, gap, places)
            return self.nulls(branch, places, range(len(parents))), places
        ask = self.ask((branch.coordinate,), edge.columns, edge.freshness, frame, branch)
        found = await self.answered(edge.binding.batch, parents, ask)
        self.place((branch.path,), ask.origin.calls, edge.binding.derived)
        values = [outcome.value for outcome in found]
        if any([outcome.error for outcome in found]):
            self.wanting(branch, found, values, places)
        places.calls = ask.origin.calls or frame.calls
        return values, places

    def wanting(self, branch: Branch, found: Sequence[Outcome[Any]], values: list[Any], places: Frame) -> None:
        """Lists with holes, and values that are missing: each is told of, and the latter leave a null."""
        for i, outcome in enumerate(found):
            if isinstance(outcome.error, Holes):
                one = places.only((i,))
                self.collector.holes(branch.path, branch.coordinate, outcome.error, outcome.value or (), one)
        for gap, picks in by_cause(found, partial(self.gap, coordinate=branch.coordinate)):
            self.collector.fail(branch.path, branch.coordinate, gap, places.only(picks))
            for i, null in zip(picks, self.nulls(branch, places, picks), strict=True):
                values[i] = null

    def place_facet(self, facet: Facet, path: str, calls: tuple[int, ...]) -> None:
        for key, coordinate in facet.fields if self.places is not None else ():
            self.place((joined(path, key),), calls, facet.binding.derives(coordinate.partition(".")[2]))

    def place(self, paths: Iterable[str], calls: tuple[int, ...], derived: bool = False) -> None:
        """Which calls stand behind these positions of the answer: noted when it was asked for."""
        if self.places is not None:
            self.places += [Place(path, calls, derived) for path in paths]

    def nulls(self, branch: Branch, places: Frame, picks: Sequence[int]) -> list[Any]:
        """What stands where there is no value and the reason is listed already."""
        return [Broken(places.only((i,))) if branch.slot.non_null else None for i in picks]

    # -- asking ---------------------------------------------------------------------------------------------------

    async def answered(self, batch: Any, parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        """One outcome per parent, whatever the resolver does: its bug costs its own field, not the answer."""
        try:
            found: Sequence[Outcome[Any]] = await batch(parents, ask)
            must_fit(found, len(parents), batch)
        except BackendGap as gap:
            return [Outcome(error=gap)] * len(parents)
        except Exception as error:
            return [Outcome(error=self.collector.bug(ask.coordinates[0], error))] * len(parents)
        return found

    def gap(self, error: object, coordinate: str) -> BackendGap:
        """What a resolver says kept it from knowing; a bug of ours when it is nothing of the kind."""
        if isinstance(error, BackendGap):
            return error
        return self.collector.bug(coordinate, TypeError(f"{error!r} is no Gap"))

    def ask(
        self,
        coordinates: tuple[str, ...],
        columns: frozenset[str],
        freshness: Freshness,
        frame: Frame,
        branch: Branch | None = None,
    ) -> Ask:
        edge = branch.edge if branch else None
        arguments = self.arguments[id(edge)] if edge else NOTHING
        return Ask(
            coordinates,
            columns,
            self.context,
            self.deadline,
            arguments,
            {relation: self.viewer.known_as(relation) for relation in edge.pushed} if edge and edge.pushed else NOTHING,
            edge.types if edge else frozenset(),
            self.viewer.purpose,
            self.viewer.subject,
            self.cursors(branch, arguments) if branch and edge and edge.paged else None,
            Origin(frame.calls),
            edge.askable if edge else frozenset(),
            freshness,
            edge.judged if edge else frozenset(),
        )
