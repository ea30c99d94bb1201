"""A plan: every fetch an operation will make and every value it will show, before anything is asked of anybody.

    Plan
    └─ Rows                what a position holds, per concrete type
       ├─ Selection        rows of one type: facets and branches to wait for, and a compiled `shape`
       │  ├─ Typename      a constant
       │  ├─ Blank         withheld: null, and nothing is fetched
       │  ├─ Leaf          read from the row (or from a facet's record), masked when the caller needs only a part
       │  ├─ Inline        an object inside the record, nothing to wait for below it
       │  └─ Branch        a column computed apart: an `Edge` (a resolver is asked) or an object with edges below it
       └─ Gate             a row rule: facts first, then one of two selections

Plans hold no values of any caller or variable; they are shared by all callers with equal grants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLField

from gateway.policy.masks import Mask
from resolvers.backends.base import Columns
from resolvers.binding import Binding, Relation
from resolvers.freshness import Freshness

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
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    key: str
    coordinate: str
    attribute: str
    origin: int
    slot: Slot
    kind: str
    coerce: Coerce
    mask: Mask | None


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
    """A field that a resolver answers. `guarded`: argument coordinates this caller may not use."""

    binding: Binding
    columns: Columns
    freshness: Freshness
    types: frozenset[str]
    relations: tuple[str, ...]
    field: GraphQLField
    node: FieldNode
    guarded: frozenset[str]
    constant: bool


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A column of a selection that is computed apart. `leaf` when the edge ends in scalars, else `below` by type."""

    key: str
    coordinate: str
    path: str
    slot: Slot
    edge: Edge | None
    attribute: str
    origin: int
    below: Mapping[str, Rows | None]
    leaf: Leaf | None = None


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
    type: str
    path: str
    fields: tuple[Field, ...]
    facets: tuple[Facet, ...]
    branches: tuple[Branch, ...]
    shape: Shape | None = None

    @property
    def waits(self) -> bool:
        return bool(self.facets or self.branches)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """Rows that pass the rule are shown by `passed`, the others by `failed`; without it they do not exist.
    `freshness` is that of the fact behind the rule."""

    relation: Relation
    freshness: Freshness
    coordinate: str
    path: str
    passed: Selection
    failed: Selection | None
    hidden: tuple[Gap, ...]


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


@dataclass(frozen=True, slots=True, eq=False)
class Introspection:
    """Root fields that graphql-core answers from the caller's schema. `constant`: without variables, so cacheable."""

    document: DocumentNode
    constant: bool
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    root: Selection
    order: tuple[str, ...]
    gaps: tuple[Gap, ...]
    introspection: Introspection | None
    edges: Sequence[Branch] = field(default=())
