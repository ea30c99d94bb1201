"""What a class of callers can reach: every output coordinate their grants show them, and some ways there.

Read off the schema, the categories and the row rules alone; neither engine has a part in it. What is not in here is
null for these callers wherever it is asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence

from graphql import GraphQLObjectType, GraphQLOutputType, get_named_type, is_leaf_type

from gateway.engine.graph import Graph, possible_types
from gateway.policy.grants import Grants, Verdict

Step = tuple[str, str]
"""A concrete type and one of its fields, as in `("Customer", "email")`."""
Way = tuple[Step, ...]
Rules = frozenset[str]

DEEPEST = 8
MOST = 5


def ways(graph: Graph, grants: Grants) -> Mapping[str, Sequence[Way]]:
    """Coordinate → up to `MOST` ways there, the shortest first; each is at most `DEEPEST` fields long."""
    found: dict[str, list[Way]] = defaultdict(list)
    visits: Counter[tuple[str, Rules]] = Counter()
    queue: deque[tuple[GraphQLObjectType, Rules, Way]] = deque([(graph.query, frozenset(), ())])
    while queue:
        owner, rules, way = queue.popleft()
        for name, definition in owner.fields.items():
            rows = list(_rows(graph, grants, definition.type, rules))
            if not _shown(graph, grants, owner, name, rules) or not (rows or is_leaf_type(named(definition.type))):
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


def _shown(graph: Graph, grants: Grants, owner: GraphQLObjectType, name: str, rules: Rules) -> bool:
    """Whether the field is more than null on at least some rows."""
    target = named(owner.fields[name].type)
    decision = grants.decide(graph.categories[f"{owner.name}.{name}"])
    match decision.verdict:
        case Verdict.SEEN:
            return True
        case Verdict.MASKED:
            return is_leaf_type(target)
        case Verdict.CONDITIONAL if owner is graph.query:
            return (str(target), decision.relation) in graph.bindings.relations
        case Verdict.CONDITIONAL:
            return decision.relation in rules
    return False


def _rows(
    graph: Graph, grants: Grants, kind: GraphQLOutputType, rules: Rules
) -> Iterator[tuple[GraphQLObjectType, Rules]]:
    """The concrete types a field can lead to, and the row rules that some of those rows pass."""
    if is_leaf_type(named(kind)):
        return
    for target in possible_types(graph.schema, named(kind)):
        category = graph.row_category(target.name)
        if category is None:
            yield target, rules
            continue
        bound = frozenset(rule for rule, _ in grants.under if (target.name, rule) in graph.bindings.relations)
        decision = grants.decide(category)
        if decision.verdict is Verdict.SEEN or decision.relation in bound:
            yield target, bound
