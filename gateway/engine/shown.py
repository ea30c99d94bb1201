"""What a plan shows of every place of an operation, and on which rows.

Read off the plan itself, so it is what would be done and no second opinion. A relation is one question here, though
each row on the way to a place is asked for itself. Of arguments that come by variables nothing is known: all that a
variable could name is told, and whether it may be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    EnumValueNode,
    GraphQLInputObjectType,
    GraphQLNamedType,
    ListValueNode,
    NonNullTypeNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from gateway.engine.graph import Graph
from gateway.engine.operation import Operation
from gateway.engine.plan import Blank, Branch, Edge, Inline, Leaf, Plan, Rows, Selection
from gateway.policy.grants import SEEN, WITHHELD, Decision, Sight, Verdict, subsets
from gateway.policy.rules import Relations

RANK = {Verdict.WITHHELD: 0, Verdict.MASKED: 1, Verdict.SEEN: 2}
Held = Mapping[str, bool]


class Place(NamedTuple):
    """A path in the answer, with `*` for a list position, and the coordinate that is shown there; or that of a type of
    rows; or of an argument, input field or choice by which a field at this path is asked for."""

    path: str
    coordinate: str


@dataclass(frozen=True, slots=True)
class Shown:
    """`found`: by place, what is seen of it under relations that hold and others that do not; nothing under any other.
    `in_vain`: arguments that the document itself names, and may not."""

    found: Mapping[Place, tuple[tuple[Held, Sight], ...]]
    in_vain: frozenset[str] = frozenset()

    def decisions(self, known: Mapping[str, str]) -> Mapping[Place, Decision]:
        """Relations by the names to tell them by; one without a name never holds."""
        return {place: _decision(cases, known) for place, cases in self.found.items()}


def shown(graph: Graph, operation: Operation, chosen: Plan) -> Shown:
    walk = _Walk(graph, frozenset(_always_given(operation)))
    for step in chosen.steps:
        walk.selection(step, {})
    return Shown({place: tuple(cases) for place, cases in walk.found.items()}, frozenset(walk.in_vain))


def _decision(cases: tuple[tuple[Held, Sight], ...], known: Mapping[str, str]) -> Decision:
    names = {name for held, _ in cases for name in held if name in known}
    return Decision.of({frozenset(known[one] for one in some): _sight(cases, some) for some in subsets(names)})


def _sight(cases: tuple[tuple[Held, Sight], ...], held: Relations) -> Sight:
    sights = [sight for when, sight in cases if all((name in held) is holds for name, holds in when.items())]
    return max(sights, key=lambda sight: (RANK[sight.verdict], sight.kind), default=WITHHELD)


def _always_given(operation: Operation) -> Iterator[str]:
    """Variables that a client cannot leave out."""
    for definition in operation.node.variable_definitions or ():
        if isinstance(definition.type, NonNullTypeNode):
            yield definition.variable.name.value


@dataclass(slots=True)
class _Walk:
    graph: Graph
    always: frozenset[str]
    found: dict[Place, list[tuple[Held, Sight]]] = field(default_factory=dict)
    in_vain: set[str] = field(default_factory=set)

    def note(self, path: str, coordinate: str, held: Held, sight: Sight) -> None:
        self.found.setdefault(Place(path, coordinate), []).append((held, sight))

    def rows(self, rows: Rows, held: Held) -> None:
        if isinstance(rows, Selection):
            self.selection(rows, held)
            return
        for case_of, case in rows.cases.items():
            further = _further(held, {one.name: one.name in case_of for one in rows.relations})
            if case and further is not None:
                self.selection(case.selection, further)

    def selection(self, selection: Selection, held: Held) -> None:
        if self.graph.row_category(selection.type):
            self.note(selection.path, selection.type, held, SEEN)
        for one in selection.fields:
            at = f"{selection.path}.{one.key}".lstrip(".")
            match one:
                case Blank():
                    self.note(at, one.coordinate, held, WITHHELD)
                case Leaf():
                    self.note(at, one.coordinate, held, _of(one))
                case Inline():
                    self.note(at, one.coordinate, held, SEEN)
                    self.selection(one.selection, held)
                case Branch():
                    self.branch(one, held)

    def branch(self, branch: Branch, held: Held) -> None:
        if branch.edge and self.forbidden(branch, branch.edge, held):
            self.note(branch.path, branch.coordinate, held, WITHHELD)
            return
        self.note(branch.path, branch.coordinate, held, _of(branch.leaf) if branch.leaf else SEEN)
        inside = _further(held, dict.fromkeys(branch.edge.pushed, True) if branch.edge else {})
        for rows in branch.below.values():
            if rows is not None and inside is not None:
                self.rows(rows, inside)

    def forbidden(self, branch: Branch, edge: Edge, held: Held) -> bool:
        """Whether the document itself names an argument that may not be given."""
        vain = False
        for node in edge.node.arguments or ():
            kind = edge.field.args[node.name.value].type
            at = f"{branch.coordinate}({node.name.value}:)"
            given = not isinstance(node.value, VariableNode) or node.value.name.value in self.always
            for coordinate, certain in ((at, given), *self.named(kind, node.value)):
                if coordinate in self.graph.categories:
                    self.note(branch.path, coordinate, held, WITHHELD if coordinate in edge.guarded else SEEN)
                    if certain and coordinate in edge.guarded:
                        self.in_vain.add(coordinate)
                        vain = True
        return vain

    def named(self, kind: object, value: ValueNode) -> Iterator[tuple[str, bool]]:
        """Input fields and choices in a value, and whether the document itself names them, or a variable could."""
        of: GraphQLNamedType = get_named_type(kind)  # type: ignore[call-overload]  # or one that is named already
        match value:
            case VariableNode():
                yield from ((at, False) for at in sorted(self.graph.inputs.get(of.name, ())))
            case ListValueNode():
                for item in value.values:
                    yield from self.named(of, item)
            case ObjectValueNode() if isinstance(of, GraphQLInputObjectType):
                for one in value.fields:
                    given = not isinstance(one.value, VariableNode) or one.value.name.value in self.always
                    yield f"{of.name}.{one.name.value}", given
                    yield from self.named(of.fields[one.name.value].type, one.value)
            case EnumValueNode():
                yield f"{of.name}.{value.value}", True


def _of(leaf: Leaf) -> Sight:
    return Sight(Verdict.MASKED, getattr(leaf.mask, "__name__", "mask")) if leaf.mask else SEEN


def _further(held: Held, more: Held) -> Held | None:
    """Both together; None when they contradict each other: there is no such row."""
    return None if any(held.get(name, holds) is not holds for name, holds in more.items()) else {**held, **more}
