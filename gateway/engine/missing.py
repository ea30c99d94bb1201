"""What a plan does not show: given arguments that may not be used, and nulls that have taken all that lies below them.

An absence is listed where a reader would look for it: below no other. What lies below one, though, is told by the way
there, not by the path alone: where rows of several types may stand, one path has several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from gateway.engine.plan import Blank, Branch, Case, Field, Gap, Gate, Inline, Leaf, Plan, Rows, Selection, Typename

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

    def _field(self, rows: Selection, one: Field) -> Iterator[Gap]:
        match one:
            case Blank():
                yield one.gap
            case Branch() if gap := self.guarded.get(id(one.edge)):
                yield gap
            case Typename():
                pass
            case _ if not self._gone(rows, one):
                yield from self._inside(one)

    def _gone(self, rows: Selection, one: Leaf | Inline | Branch) -> bool:
        path = f"{rows.path}.{one.key}" if rows.path else one.key
        return any((path + ".*" * depth, one.coordinate) in self.gone for depth in range(one.slot.depth + 1))

    def _inside(self, one: Leaf | Inline | Branch) -> Iterator[Gap]:
        match one:
            case Leaf(gap=Gap() as gap):
                yield gap
            case Inline():
                yield from self.below(one.selection)
            case Branch():
                if one not in self.known:  # rows that several ways lead to are looked at once
                    self.known[one] = list(self._branch(one))
                yield from self.known[one]

    def _branch(self, branch: Branch) -> Iterator[Gap]:
        if branch.leaf:
            yield from self._inside(branch.leaf)
        yield from branch.unseen
        found = [gap for rows in branch.below.values() if rows for gap in self.below(rows)]
        yield from found if len(branch.below) == 1 else (gap.on_some for gap in found)
