"""Whether a policy and a graph fit each other. What does not fit stops the start: guessing would disclose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

from gateway.engine.graph import Graph
from gateway.engine.views import Views
from gateway.policy import Policy
from gateway.policy.grants import BITS, Grants, Verdict, subsets
from resolvers.binding import Binding
from schema import Category

RANK = {Verdict.WITHHELD: 0, Verdict.MASKED: 1, Verdict.SEEN: 2}
Readers = Callable[[tuple[Category, ...], tuple[Category, ...]], list[tuple[str, str]]]
"""`_readers` of one policy, which are asked for the same many times over."""


def problems(graph: Graph, policy: Policy) -> Iterator[str]:
    """Each in one sentence that names the place."""
    known = {name for _, name in graph.bindings.relations}
    for relation, where in policy.relations:
        if relation not in known:
            yield f"{where} names the relation {relation!r}, which no rows have; known are {', '.join(sorted(known))}"
    yield from _speechless(graph, policy)
    readers: Readers = cache(partial(_readers, policy))
    for binding in dict.fromkeys(graph.bindings.fields.values()):
        if binding.derived or binding.works_out:
            yield from _derived(graph, policy, binding, readers)


def _speechless(graph: Graph, policy: Policy) -> Iterator[str]:
    """Whoever may name something can at least be told who they are, or what there is."""
    refused = [role.name for role in policy.roles.values() if role.clients == "reject"]
    if refused and Views.over(graph).of(BITS[Category.PUBLIC]).schema.query_type is None:
        yield f"clients of the role {refused[0]} could name nothing: the graph has no public field to start at"


def _derived(graph: Graph, policy: Policy, binding: Binding, readers: Readers) -> Iterator[str]:
    """A value that we compute tells of what it is computed from: of all of it, but for what its resolver leaves out
    where the caller may not see it (`Binding.asks`)."""
    for name in filter(binding.derives, binding.fields):
        computed = f"{binding.type}.{name}"
        if not binding.inputs:
            yield f"{computed} is derived and does not say from what: name its inputs"
        for made_of in binding.inputs:
            if made_of not in graph.categories:
                yield f"{computed} is derived from {made_of}, which the graph does not have"
            elif graph.categories[made_of] is Category.INHERITED:
                yield f"{computed} is derived from {made_of}, which inherits: name the field that leads to it"
            elif not binding.aggregate:
                needed = tuple(one for one in _needed(graph, binding, made_of) if one not in binding.asks)
                for led in _led(graph, binding.type):
                    reached = (graph.categories[computed], *sorted(led))
                    for role, purpose in readers(reached, needed):
                        yield f"{role} for {purpose} would read from {computed} what {made_of} does not show them"
                    if graph.categories[made_of] in needed:
                        yield from _wider(policy, computed, reached, made_of, graph.categories[made_of])


def _needed(graph: Graph, binding: Binding, made_of: str) -> Iterator[Category]:
    """Why one would need to know an input; of another row, that there is such a row as well."""
    yield graph.categories[made_of]
    owner = made_of.partition(".")[0]
    row = graph.categories.get(owner)
    if row is not None and owner != binding.type:
        yield row


def _led(graph: Graph, kind: str, been: frozenset[str] = frozenset()) -> Iterator[frozenset[Category]]:
    """Why one would need to know what leads to a value, way by way: its row, and the fields in between. A row that
    stands on its own is told of by its category; who reads a value inside another has been let in there."""
    row = graph.categories.get(kind)
    if row is not None or kind == graph.query.name:
        yield frozenset({row} if row is not None and been else ())
        return
    for owner, name in graph.leading.get(kind, ()):
        if owner not in been | {kind}:
            category = graph.categories[f"{owner}.{name}"]
            own = frozenset() if category is Category.INHERITED else frozenset({category})
            yield from (own | led for led in _led(graph, owner, been | {kind}))


def _readers(policy: Policy, reached: tuple[Category, ...], needed: tuple[Category, ...]) -> list[tuple[str, str]]:
    """Who would be shown more by way of what they reach than by what they need for it: roles, and for which purpose."""
    return [
        (role.name, purpose)
        for role in policy.roles.values()
        for purpose, grants in role.by_purpose.items()
        if any(_shows_more(grants, reached, of) for of in needed)
    ]


def _wider(policy: Policy, computed: str, reached: Sequence[Category], made_of: str, of: Category) -> Iterator[str]:
    for scope in policy.scopes.values():
        ceiling = {*scope.categories, Category.PUBLIC, Category.INHERITED}
        if ceiling.issuperset(reached) and of not in ceiling:
            yield f"the scope {scope.name} reaches {computed} and not {made_of}, which it is derived from"


def _shows_more(grants: Grants, reached: tuple[Category, ...], of: Category) -> bool:
    ways, other = [grants.decide(category) for category in reached], grants.decide(of)
    every = subsets({relation for one in (*ways, other) for relation in one.relations})
    return any(min(RANK[one.on(held).verdict] for one in ways) > RANK[other.on(held).verdict] for held in every)
