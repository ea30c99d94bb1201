"""What an answer showed: of which coordinates something, a part, or nothing; and rows that are about somebody.

A coordinate counts as shown where the selection it stands in was shown of at least one row, whether or not there was a
value: that there is none is told too. What was left out on all rows or on some counts as withheld. Categories are those
that decide: a value inside a value belongs to the category of the field that leads there.

Of rows, only those count that the graph's bindings say are about somebody (`resolvers.binding.about`), and not those
that hang from such a row and are about the same one: a customer's orders are about that customer, who counts already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.engine.frame import Frame
from gateway.engine.graph import Graph
from gateway.engine.guard import Prepared
from gateway.engine.missing import Missing, Spot
from gateway.engine.plan import Blank, Branch, Field, Gate, Inline, Leaf, Plan, Rows, Selection, Typename
from gateway.policy.grants import Verdict
from schema import Category

SAME = "own"
"""The relation between a row and whom it is about: an edge that passes it on leads to rows about the same one."""

MOST_WAYS = 64
"""Ways that the rows of one plan can turn out, each remembered."""

Coordinates = Mapping[Category, frozenset[str]]


class Shown(msgspec.Struct, frozen=True):
    """Coordinates by category. The same may be read on some rows and withheld on others."""

    read: Coordinates
    masked: Coordinates
    withheld: Coordinates

    @property
    def public(self) -> bool:
        """Whether anybody might know all of what is shown."""
        return {*self.read, *self.masked} <= {Category.PUBLIC}


@dataclass(slots=True)
class Noting:
    """Gathers coordinates."""

    read: defaultdict[Category, set[str]] = field(default_factory=lambda: defaultdict(set))
    masked: defaultdict[Category, set[str]] = field(default_factory=lambda: defaultdict(set))
    withheld: defaultdict[Category, set[str]] = field(default_factory=lambda: defaultdict(set))

    def note(self, coordinate: str, category: Category, verdict: Verdict) -> None:
        into = {Verdict.SEEN: self.read, Verdict.MASKED: self.masked, Verdict.WITHHELD: self.withheld}[verdict]
        into[category].add(coordinate)

    @property
    def shown(self) -> Shown:
        return Shown(*(_frozen(one) for one in (self.read, self.masked, self.withheld)))


def _frozen(found: Mapping[Category, set[str]]) -> Coordinates:
    return {category: frozenset(found[category]) for category in sorted(found)}


@dataclass(slots=True)
class Witness:
    """Of one execution of a plan. `used`: selections that rows were shown by, and gates that left some out."""

    used: set[Selection | Gate] = field(default_factory=set)
    rows: list[tuple[Selection, Sequence[Any], Frame]] = field(default_factory=list)

    def saw(self, selection: Selection, rows: Sequence[Any], frame: Frame) -> None:
        self.used.add(selection)
        self.rows.append((selection, rows, frame))

    def hiding(self, prepared: Prepared) -> Mapping[Spot, Sequence[Frame]]:
        """By what they do not show, rows that are there."""
        found, missing = defaultdict[Spot, list[Frame]](list), Missing(prepared.guarded)
        for selection, _, frame in self.rows:
            for gap in missing.own(selection):
                found[gap.path, gap.coordinate].append(frame)
        return found

    def shown(self, graph: Graph, plan: Plan, prepared: Prepared) -> Shown:
        """Worked out once for each way that the rows turned out."""
        way = (frozenset(self.used), frozenset(prepared.guarded))
        known: Shown | None = plan.ways.get(way)
        if known is None:
            if len(plan.ways) >= MOST_WAYS:
                plan.ways.clear()
            known = plan.ways[way] = shown(graph, plan, self.used, prepared)
        return known

    def about(self, graph: Graph, plan: Plan) -> tuple[str, ...]:
        """Ids of those the rows are about, each once; of a row of which that is not known, its own."""
        whom = graph.bindings.about
        apart: frozenset[Selection] | None = plan.ways.get("apart")
        if apart is None:
            apart = plan.ways["apart"] = frozenset(one for step in plan.steps for one in _apart(graph, step, False))
        found = (whom[one.type](row) or row.id for one, rows, _ in self.rows if one in apart for row in rows)
        return tuple(dict.fromkeys(found))


def shown(graph: Graph, plan: Plan, used: set[Selection | Gate] | None, prepared: Prepared | None) -> Shown:
    """What rows of these selections show; None: whatever could be shown."""
    noting = Noting()
    walk = _Walk(graph, used, prepared, noting)
    for step in plan.steps:
        walk.rows(step, step.type, Category.PUBLIC)
    return noting.shown


@dataclass(frozen=True, slots=True)
class _Walk:
    graph: Graph
    used: set[Selection | Gate] | None
    prepared: Prepared | None
    into: Noting

    def rows(self, rows: Rows | None, kind: str, around: Category) -> None:
        """`around`: the category that values inside inherit."""
        if rows is None or (isinstance(rows, Gate) and self.used is not None and rows in self.used):
            self.into.withheld[self.graph.row_category(kind) or around].add(kind)
        if isinstance(rows, Gate):
            for case in rows.cases.values():
                if case is not None:
                    self.rows(case.selection, kind, around)
        elif rows is not None and (self.used is None or rows in self.used):
            self.selection(rows, around)

    def selection(self, selection: Selection, around: Category) -> None:
        for one in selection.fields:
            if not isinstance(one, Typename):
                category = self.graph.categories[one.coordinate]
                self.field(one, around if category is Category.INHERITED else category)

    def field(self, one: Field, category: Category) -> None:
        match one:
            case Blank():
                self.into.withheld[category].add(one.coordinate)
            case Leaf():
                (self.into.masked if one.mask else self.into.read)[category].add(one.coordinate)
            case Inline():
                self.into.read[category].add(one.coordinate)
                self.selection(one.selection, category)
            case Branch():
                self.branch(one, category)

    def branch(self, branch: Branch, category: Category) -> None:
        edge = branch.edge
        if edge is not None and self.prepared is not None and id(edge) in self.prepared.guarded:
            self.into.withheld[category].add(branch.coordinate)
            return
        masked = branch.leaf is not None and branch.leaf.mask is not None
        (self.into.masked if masked else self.into.read)[category].add(branch.coordinate)
        for kind, rows in branch.below.items():
            self.rows(rows, kind, category)


def _apart(graph: Graph, rows: Rows | None, covered: bool) -> Iterator[Selection]:
    """Selections of rows about somebody who does not count already. `covered`: one they hang from does."""
    if isinstance(rows, Gate):
        for case in rows.cases.values():
            yield from _apart(graph, case.selection if case else None, covered)
    elif rows is not None:
        told = rows.type in graph.bindings.about
        if told and not (covered and graph.bindings.about[rows.type].follows):
            yield rows
        yield from _below(graph, rows.fields, told or covered, told)


def _below(graph: Graph, fields: Sequence[Field], covered: bool, told: bool) -> Iterator[Selection]:
    for one in fields:
        if isinstance(one, Inline):
            yield from _below(graph, one.selection.fields, covered, told)
        elif isinstance(one, Branch):
            same = covered if one.edge is None else told and SAME in one.edge.binding.passes_on
            for rows in one.below.values():
                yield from _apart(graph, rows, same)
