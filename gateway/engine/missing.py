"""What a plan does not show: given arguments that may not be used, and nulls that have taken all that lies below them.

An absence is listed where a reader would look for it: below no other. What lies below one, though, is told by the way
there, not by the path alone: where rows of several types may stand, one path has several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from gateway.engine.plan import Blank, Branch, Case, Field, Gap, Gate, Inline, Leaf, Plan, Rows, Selection

Spot = tuple[str, str]
"""A path pattern, and the coordinate of the field there; or the type, where it is that of rows."""


@dataclass(slots=True)
class Missing:
    """Of a walk through a plan.

    guarded:  by edge (its `id`), what its arguments leave in its place
    gone:     where there is nothing at all: nor is there anything below
    hidden:   by case (its `id`), what its rows do not show though others do
    spots:    of all that some row does not show
    """

    guarded: Mapping[int, Gap]
    gone: Set[Spot] = frozenset()
    hidden: dict[int, tuple[Gap, ...]] = field(default_factory=dict)
    spots: set[Spot] = field(default_factory=set)
    known: dict[Branch, Sequence[Gap]] = field(default_factory=dict)

    def of(self, plan: Plan) -> tuple[Gap, ...]:
        """What no row shows."""
        return tuple(dict.fromkeys(gap for step in plan.steps for gap in self.below(step)))

    def below(self, rows: Rows) -> Sequence[Gap]:
        if isinstance(rows, Gate):
            return self._cases([case for case in rows.cases.values() if case])
        if (rows.path, rows.type) in self.gone:
            return ()
        found = dict.fromkeys(gap for one in rows.fields for gap in self._field(rows, one))
        self.spots.update((gap.path, gap.coordinate) for gap in found)
        return list(found)

    def _cases(self, cases: Sequence[Case]) -> Sequence[Gap]:
        found = [self.below(case.selection) for case in cases]
        certain = [gap for gap in found[0] if all(gap in gaps for gaps in found)]
        for case, gaps in zip(cases, found, strict=True):
            self.hidden[id(case)] = tuple(gap for gap in gaps if gap not in certain)
        return certain

    def own(self, rows: Selection) -> Iterator[Gap]:
        """What rows do not show themselves, or in values inside them."""
        for one in rows.fields:
            yield from self.at(one)
            if isinstance(one, Inline):
                yield from self.own(one.selection)

    def at(self, one: Field) -> Iterator[Gap]:
        """What is said of a field, and of rows that it does not lead to."""
        match one:
            case Blank():
                yield one.gap
            case Leaf(gap=Gap() as gap):
                yield gap
            case Branch() if id(one.edge) in self.guarded:
                yield self.guarded[id(one.edge)]
            case Branch():
                yield from self.at(one.leaf) if one.leaf else one.unseen

    def _field(self, rows: Selection, one: Field) -> Iterator[Gap]:
        if not self._gone(rows, one):
            yield from self.at(one)
            yield from self._within(one)

    def _gone(self, rows: Selection, one: Field) -> bool:
        if not isinstance(one, Leaf | Inline | Branch) or (isinstance(one, Branch) and id(one.edge) in self.guarded):
            return False  # then nothing was looked for
        path = f"{rows.path}.{one.key}" if rows.path else one.key
        return any((path + ".*" * depth, one.coordinate) in self.gone for depth in range(one.slot.depth + 1))

    def _within(self, one: Field) -> Sequence[Gap]:
        match one:
            case Inline():
                return self.below(one.selection)
            case Branch() if id(one.edge) not in self.guarded:
                if one not in self.known:  # rows that several ways lead to are looked at once
                    found = [gap for rows in one.below.values() if rows for gap in self.below(rows)]
                    self.known[one] = found if len(one.below) == 1 else [gap.on_some for gap in found]
                return self.known[one]
        return ()
