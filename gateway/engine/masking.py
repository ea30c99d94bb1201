"""Where a mask fits: on values of its own kind, or on the one number of an object. Elsewhere nothing is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from gateway.engine.graph import Graph
from gateway.policy.grants import WITHHELD, Sight, Verdict
from gateway.policy.masks import FITS, WITHIN
from schema import Category

Masked = tuple[str, Category]
"""Kind of mask, and the category whose value it hides."""

UNFIT: Final[Any] = ("", Category.INHERITED)
"""The mask cannot show a part of such a value: it is withheld."""


def masked(graph: Graph, named: Any, sight: Sight, category: Category, around: Masked | None) -> Masked | None:
    """The mask on a field of this type: its own, or the one on the value it is inside of. For a leaf: whether it is
    shown through the mask; for an object: what goes on inside it."""
    mask = (sight.kind, category) if sight.verdict is Verdict.MASKED else around
    if mask is None:
        return None
    if is_leaf_type(named):
        if named.name in FITS[mask[0]]:
            return mask
        return UNFIT if sight.verdict is Verdict.MASKED else None
    return mask if fits_within(graph, named, mask[0]) else UNFIT


def fits_within(graph: Graph, named: Any, kind: str) -> bool:
    """Whether an object of this type has exactly one value that the mask can show a part of, and no object inside."""
    if kind not in WITHIN or not isinstance(named, GraphQLObjectType) or graph.row_category(named.name) is not None:
        return False
    types = [get_named_type(field.type) for field in named.fields.values()]
    return all(map(is_leaf_type, types)) and sum(one.name in FITS[kind] for one in types) == 1


def shown_at(graph: Graph, coordinate: str) -> Callable[[Sight], Sight]:
    """What becomes of a sight at a coordinate: a mask that does not fit there shows nothing, and by a part of a value
    nobody asks, nor is a row there for who sees a part."""
    owner, _, name = coordinate.partition(".")
    kind = graph.schema.type_map[owner]
    if not name or "(" in name or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return lambda sight: sight if sight.verdict is Verdict.SEEN else WITHHELD
    named, category = get_named_type(kind.fields[name].type), graph.categories[coordinate]
    return lambda sight: WITHHELD if masked(graph, named, sight, category, None) is UNFIT else sight
