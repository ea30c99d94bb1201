"""What a class of callers can reach: every output coordinate their grants show them, and some ways there.

Read off the schema, the categories and the row rules alone; neither engine has a part in it. What is not in here is
null for these callers wherever it is asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    NameNode,
    get_named_type,
    is_leaf_type,
)

from gateway.engine.foresee import sighted
from gateway.engine.graph import Graph, possible_types
from gateway.engine.judging import Carried, Judge
from gateway.engine.masking import UNFIT, Masked, masked
from gateway.policy.grants import Verdict
from schema import Category

Step = tuple[str, str]
"""A concrete type and one of its fields, as in `("Customer", "email")`."""
Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Whether a row stands above, and what is known of it and of the rows that are led to."""

    row: bool = False
    held: frozenset[str] = frozenset()
    pushed: frozenset[str] = frozenset()
    carried: Carried = ()
    mask: Masked | None = None


DEEPEST = 8
MOST = 5

ASIDE = frozenset({"Query.accessLog"})
"""Who has seen whom: what it tells is what has been asked before, and nothing of these questions is recorded, for either
engine would tell of the other's. Both are held to it over a trail that stands still, and it to its policy, in
`tests/gateway/trail/test_reading.py`."""


def ways(judge: Judge) -> Mapping[str, Sequence[Way]]:
    """Coordinate → up to `MOST` ways there, the shortest first; each is at most `DEEPEST` fields long."""
    found: dict[str, list[Way]] = defaultdict(list)
    visits: Counter[tuple[str, Stand]] = Counter()
    queue: deque[tuple[GraphQLObjectType, Stand, Way]] = deque([(judge.graph.query, Stand(), ())])
    while queue:
        owner, stand, way = queue.popleft()
        for name, definition in owner.fields.items():
            if f"{owner.name}.{name}" in ASIDE:
                continue
            inside = _shown(judge, owner, name, stand)
            rows = list(_rows(judge, definition.type, inside)) if inside else []
            if not inside or not (rows or is_leaf_type(named(definition.type))):
                continue
            further = (*way, (owner.name, name))
            if len(found[f"{owner.name}.{name}"]) < MOST:
                found[f"{owner.name}.{name}"].append(further)
            for kind, now in rows:
                visits[kind.name, now] += 1
                if visits[kind.name, now] <= MOST and len(further) < DEEPEST:
                    queue.append((kind, now, further))
    return dict(found)


def named(kind: GraphQLOutputType) -> GraphQLOutputType:
    found: GraphQLOutputType = get_named_type(kind)
    return found


def _shown(judge: Judge, owner: GraphQLObjectType, name: str, stand: Stand) -> Stand | None:
    """How things stand inside a field that is more than null on at least some rows."""
    node, target = FieldNode(name=NameNode(value=name)), named(owner.fields[name].type)
    category = judge.graph.categories[f"{owner.name}.{name}"]
    sight, carried = sighted(judge, owner, node, stand.row, stand.held)
    mask = masked(judge.graph, target, sight, category, stand.mask if category is Category.INHERITED else None)
    if sight.verdict is Verdict.WITHHELD or mask is UNFIT:
        return None
    binding = judge.graph.binding(owner.name, name)
    pushed = judge.settled(owner, node, binding, stand.held, carried) if binding else frozenset[str]()
    if binding and judge.unfit_to_wrap(target, pushed, carried):
        return None
    return Stand(stand.row, stand.held, pushed if binding else stand.pushed, carried, mask)


def _rows(judge: Judge, kind: GraphQLOutputType, stand: Stand) -> Iterator[tuple[GraphQLObjectType, Stand]]:
    """The concrete types a field can lead to, with every relation that some of those rows have."""
    if is_leaf_type(named(kind)):
        return
    for target in possible_types(judge.graph.schema, named(kind)):
        if judge.graph.row_category(target.name) is None:
            made = making(judge.graph, named(kind), target)
            if made is None or judge.grants.decide(made).sees():
                yield target, stand
            continue
        held = judge.bound(target.name) | stand.pushed
        if judge.exists(target.name, held, stand.carried):
            yield target, Stand(True, held)


def making(graph: Graph, several: GraphQLOutputType, kind: GraphQLObjectType) -> Category | None:
    """Of a value of several kinds, what makes it one of this: the category of the first field that no other kind has. Under
    that it is told, whatever it shows beside."""
    if isinstance(several, GraphQLObjectType):
        return None
    common = several.fields if isinstance(several, GraphQLInterfaceType) else {}
    own = (graph.categories[f"{kind.name}.{name}"] for name in kind.fields if name not in common)
    return next((one for one in own if one is not Category.INHERITED), None)
