"""Rows that differ by how they stand to the caller: what is known of all of them, and what of each only at run time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, field, replace

from gateway.engine.graph import Graph
from gateway.engine.plan import Case, Gap, Gate, Rows, Selection
from gateway.policy.grants import subsets
from gateway.policy.rules import Relations
from schema import Category


@dataclass(slots=True)
class Notes:
    """What planning a part of the document has found: what is not shown, arguments that may not be used, what its
    resolvers may look at besides (`Binding.asks`), and the relations that anything in it was decided by. Of rows:
    `gaps` say which of these rows they are on, `looks` is what their own fields' resolvers may look at."""

    gaps: dict[Gap, None] = field(default_factory=dict)
    guards: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    asked: list[tuple[str, frozenset[Category]]] = field(default_factory=list)
    consulted: set[str] = field(default_factory=set)
    looks: set[tuple[str, Category]] = field(default_factory=set)

    def gap(self, gap: Gap) -> Gap:
        self.gaps.setdefault(gap)
        return gap

    def take(self, other: Notes) -> None:
        """All of it but the relations and looks, which belong to the rows of the other part."""
        self.gaps |= other.gaps
        self.guards += other.guards
        self.asked += other.asked

    @property
    def says(self) -> object:
        """Parts that say the same show the same."""
        return frozenset(self.gaps), frozenset(self.guards), frozenset(self.asked)


Cases = Mapping[Relations, tuple[Selection, Notes] | None]
"""What rows show by the relations that hold; None: they do not exist for the caller."""

Doubts = Mapping[Gap, str]
"""What is not shown, and the relation that nobody can tell of."""


def gated(graph: Graph, kind: str, path: str, cases: Cases, deciding: Relations, into: Notes, *, others: bool) -> Rows:
    """What is not shown in any case is known from the document, and noted; what is not shown in some, row by row.
    `others`: rows of other types may stand at this path."""
    shown = [case for case in cases.values() if case]
    certain = frozenset.intersection(*(frozenset(notes.gaps) for _, notes in shown))
    for _, notes in shown:
        gaps = (gap.on_some if others else gap for gap in notes.gaps if gap in certain)
        into.take(replace(notes, gaps=dict.fromkeys(gaps)))
    names = mattering({held: case and case[1].says for held, case in cases.items()})
    if not names:
        return shown[0][0]
    made = {held: case and _case(*case, certain) for held, case in cases.items() if held <= names}
    relations = tuple(graph.bindings.relations[kind, name] for name in sorted(names))
    return Gate(relations, graph.ages.ownership, kind, path, made, deciding & names)


def mattering(says: Mapping[Relations, object]) -> Relations:
    """Of the relations that rows can differ by, those that make a difference."""
    names = frozenset[str]().union(*says)
    return frozenset(name for name in names if any(says[held] != says[held ^ {name}] for held in says))


def _case(selection: Selection, notes: Notes, certain: frozenset[Gap]) -> Case:
    """What a row brought along was fetched before anything was known of it: its facets are asked anew."""
    facets = tuple(replace(facet, fresh=True) for facet in selection.facets)
    hidden = tuple(gap for gap in notes.gaps if gap not in certain)
    return Case(replace(selection, facets=facets), hidden, frozenset(notes.looks))


def doubted(hides: Callable[[Relations], Collection[Gap] | None], held: Relations, unknown: Collection[str]) -> Doubts:
    """What rows do not show only because nobody can tell whether some relations hold: each with the first of those that
    would make the difference. `hides`: what rows hide of which these relations hold; None: there are no such rows."""
    found: dict[Gap, str] = {}
    for gap in hides(held) or ():
        shown = [some for some in subsets(unknown) if (other := hides(held | some)) is not None and gap not in other]
        matter = {name for some in shown for name in some if some - {name} not in shown}
        if matter:
            found[gap] = min(matter)
    return found


def concealing(
    hides: Callable[[Relations], Collection[Gap] | None],
    looks: Callable[[Relations], Set[object]],
    held: Relations,
    unknown: Collection[str],
) -> str:
    """Of relations that nobody can tell of, one that would hide what the row shows, or what that is worked out of, if
    it held: then nothing of the row can be told. Empty: there is none, so at most more would be shown. `hides` as
    above, `looks`: what resolvers of its fields may look at."""
    hidden, looked_at = hides(held) or (), looks(held)
    for some in filter(None, subsets(unknown)):
        others = hides(held | some)
        if others is None or not _covers(hidden, others) or not looked_at <= looks(held | some):
            return min(some)
    return ""


def _covers(hidden: Collection[Gap], others: Collection[Gap]) -> bool:
    """Whether all that others do not show is hidden."""
    withheld = [gap for gap in hidden if gap.reason == "WITHHELD"]
    return all(gap in hidden or any(_lies_in(gap, whole) for whole in withheld) for gap in others)


def _lies_in(gap: Gap, whole: Gap) -> bool:
    """Whether who does not see the whole does not see this either. Where several types may stand, or rows are not
    there, what lies below may be another type's."""
    if "." in whole.coordinate:
        same = (gap.path, gap.coordinate) == (whole.path, whole.coordinate)
        return same or (whole.rows == "ALL" and gap.path.startswith(f"{whole.path}."))
    above, _, _ = gap.path.rpartition(".")
    return (above, gap.coordinate.partition(".")[0]) == (whole.path, whole.coordinate)
