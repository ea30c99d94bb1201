"""What a class of callers can reach: every output coordinate their grants show them, and some ways there.

Read off the schema, the categories and the row rules alone; neither engine has a part in it. What is not in here is
null for these callers wherever it is asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, NameNode, get_named_type, is_leaf_type

from gateway.engine.foresee import sighted
from gateway.engine.graph import possible_types
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

ASIDE = frozenset(
    {
        *("Customer.timeline", "Order.orderToCash", "Query.orderToCash", "Query.accessLog"),
        *("Query.purchaseOrder", "Query.supportQueue", "PurchaseOrder"),
    }
)
"""What asks every system at once, and which of them hangs on what is asked of it, so that on a bad day in one system nearly
all such questions fail; and rows that the harvest does not gather, whose secrets the nets would not know. Both engines
are held to these by their own journeys (`tests/journeys`), which are not generated."""


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
            yield target, stand
            continue
        held = judge.bound(target.name) | stand.pushed
        if judge.exists(target.name, held, stand.carried):
            yield target, Stand(True, held)
