"""A plan: every fetch an operation will make and every value it will show, before anything is asked of anybody.

    Plan
    └─ Rows                what a position holds, per concrete type; at the root, one step after the other
       ├─ Selection        rows of one type: facets and branches to wait for, and a compiled `shape`
       │  ├─ Typename      a constant
       │  ├─ Blank         withheld: null, and nothing is fetched
       │  ├─ Leaf          read from the row (or from a facet's record), masked when the caller needs only a part
       │  ├─ Inline        an object inside the record, nothing to wait for below it
       │  └─ Branch        a column computed apart: an `Edge` (a resolver is asked) or an object with edges below it
       └─ Gate             row rules: facts first, then the selection of those that hold

Plans hold no values of any caller or variable; they are shared by all callers with equal grants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLField, OperationDefinitionNode
from graphql.execution.collect_fields import FragmentDetails

from gateway.policy.masks import Mask
from resolvers.backends.base import Columns
from resolvers.binding import Binding, Relation
from resolvers.freshness import Freshness
from schema import Category

OWN = -1
"""`origin` of a field that is read from the row itself; otherwise the index of the facet it is read from."""

Shape = Callable[..., list[dict[str, Any]]]
Coerce = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """A type position: nullable or not, a list of `item`, or else a named type."""

    non_null: bool
    item: Slot | None = None

    @property
    def depth(self) -> int:
        return 0 if self.item is None else 1 + self.item.depth


@dataclass(frozen=True, slots=True)
class Typename:
    key: str


@dataclass(frozen=True, slots=True)
class Blank:
    """`promised`: a schema that `schema.build()` would refuse says non-null here."""

    key: str
    coordinate: str
    promised: bool
    gap: Gap


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """`kind`: the name of its type; `enumerated`: whether that is an enum; `gap`: what is said of the mask."""

    key: str
    coordinate: str
    attribute: str
    origin: int
    slot: Slot
    kind: str
    enumerated: bool
    coerce: Coerce
    mask: Mask | None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inline:
    key: str
    coordinate: str
    attribute: str
    origin: int
    slot: Slot
    selection: Selection


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A field that a resolver answers.

    pushed:   relations it has to apply itself
    askable:  categories it may look up by
    constant: its arguments, where no variable decides them
    guarded:  argument coordinates this caller may not use, each with its category
    judged:   types whose rows are there only under a relation that is not known yet
    paged:    whether it can be continued behind a cursor
    """

    binding: Binding
    columns: Columns
    freshness: Freshness
    types: frozenset[str]
    pushed: frozenset[str]
    askable: frozenset[Category]
    field: GraphQLField
    node: FieldNode
    constant: Mapping[str, Any] | None
    guarded: Mapping[str, Category]
    judged: frozenset[str]
    paged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A column of a selection that is computed apart. When the edge ends in scalars: `leaf`, and its compiled `column`;
    else `below`, by concrete type, and `unseen`: what is said of types of which there are no rows. `abstract`: the
    records themselves say which."""

    key: str
    coordinate: str
    path: str
    slot: Slot
    edge: Edge | None
    attribute: str
    origin: int
    below: Mapping[str, Rows | None]
    unseen: Sequence[Gap] = ()
    abstract: bool = False
    leaf: Leaf | None = None
    column: Shape | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """One record per row from which several fields are read. `fresh`: what a row already carries is not to be used."""

    binding: Binding
    columns: Columns
    freshness: Freshness
    fields: tuple[tuple[str, str], ...]
    fresh: bool


Field = Typename | Blank | Leaf | Inline | Branch


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """`turn`: how many rows are shaped in one go, to begin with (see `mend`)."""

    type: str
    path: str
    fields: tuple[Field, ...]
    facets: tuple[Facet, ...]
    branches: tuple[Branch, ...]
    shape: Shape | None = None
    turn: int = 0

    @property
    def waits(self) -> bool:
        return bool(self.facets or self.branches)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What rows show of which the same relations hold.

    hidden:  what they do not, though others there do; its `rows` are those of these that it can be on
    looks:   what resolvers of their fields may look at besides (`Binding.asks`), and where
    """

    selection: Selection
    hidden: tuple[Gap, ...]
    looks: frozenset[tuple[str, Category]]


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """Rows by which relations hold between them and the caller; None: such rows do not exist for the caller.

    freshness:  that of the facts behind the rules
    deciding:   the relations that decide whether they exist
    """

    relations: tuple[Relation, ...]
    freshness: Freshness
    coordinate: str
    path: str
    cases: Mapping[frozenset[str], Case | None]
    deciding: frozenset[str]

    @property
    def needs(self) -> Columns:
        return frozenset(need for relation in self.relations for need in relation.needs)

    @property
    def vanishing(self) -> bool:
        return any(case is None for case in self.cases.values())

    def looks(self, held: frozenset[str]) -> frozenset[tuple[str, Category]]:
        """What resolvers of such rows' fields may look at besides."""
        case = self.cases[held]
        return case.looks if case else frozenset()

    @property
    def fullest(self) -> Selection:
        """What rows show of which the most relations hold: the most that can be asked for."""
        most = max((held for held, case in self.cases.items() if case), key=len)
        return next(case.selection for held, case in self.cases.items() if case and held == most)


Rows = Selection | Gate


@dataclass(frozen=True, slots=True)
class Gap:
    """A null or a partial value whose cause is known before anything is fetched."""

    path: str
    coordinate: str
    reason: str
    category: str = ""
    mask: str = ""
    rows: str = "ALL"

    @property
    def on_some(self) -> Gap:
        """The same, where not ALL rows are of the type that has it."""
        return self if self.rows == "SOME" else replace(self, rows="SOME")


class Wrong(NamedTuple):
    """A field with an argument that is no good: where, and in whose place the null stands that it left."""

    path: tuple[str | int, ...]
    coordinate: str
    message: str
    landed: tuple[str | int, ...]
    landed_at: str


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is told about the schema, by response key; None: a null was not allowed anywhere."""

    data: Mapping[str, Any] | None
    wrong: Sequence[Wrong] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Introspection:
    """Root fields that are answered from the caller's schema; `kept`: the answer, when it is known."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    kept: Told | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`steps` are taken one after the other: one for a query, one per root field for a mutation. `ungranted`: what is
    named and refuses the whole, for clients that are refused; by coordinate, with its category. `ways`: what answers
    showed, by how their rows turned out (see `Witness`)."""

    steps: tuple[Selection, ...]
    order: tuple[str, ...]
    gaps: tuple[Gap, ...]
    introspection: Introspection | None
    edges: Sequence[Branch] = field(default=())
    ungranted: Mapping[str, str] = field(default_factory=dict)
    ways: dict[Any, Any] = field(default_factory=dict, repr=False)
