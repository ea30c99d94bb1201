"""How old the answer to one fetch of a plan may be: the strictest of the categories it is needed for.

Adapters know columns and the graph knows categories; the plan is where the two meet. So each fetch carries its bound
from here, and whoever keeps answers asks for no other reason. What is public by itself (ids, paging) bounds nothing,
and a fetch that nothing bounds is live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.engine.plan import Branch, Edge, Field, Gate, Inline, Leaf, Rows
from resolvers.freshness import LIVE, Freshness, strictest
from schema import Category

NEUTRAL = frozenset({Category.PUBLIC, Category.INHERITED})


@dataclass(frozen=True, slots=True)
class Ages:
    """What each category allows; what is not listed is live. `ownership`: of the fact that a row is the caller's."""

    by_category: Mapping[Category, Freshness] = field(default_factory=dict)
    ownership: Freshness = LIVE

    def of(self, category: Category) -> Freshness:
        return self.by_category.get(category, LIVE)

    def strictest(self, categories: Iterable[Category | None], gated: bool = False) -> Freshness:
        bounds = [self.of(one) for one in set(categories) if one is not None and one not in NEUTRAL]
        return strictest([*bounds, self.ownership] if gated else bounds)


ALL_LIVE = Ages()


@dataclass(frozen=True, slots=True)
class Needs:
    """The categories that fetched columns are needed for. `published`: an attribute of a type → the category of the
    field that shows it, None when no field does."""

    categories: Mapping[str, Category]
    published: Mapping[tuple[str, str], Category]

    def below(self, below: Mapping[str, Rows | None]) -> Iterator[Category | None]:
        for rows in below.values():
            if rows is not None:
                yield from self.rows(rows)

    def rows(self, rows: Rows) -> Iterator[Category | None]:
        """Behind a gate nothing is fetched but the facts of its rules; see `columns.columns_of`."""
        if isinstance(rows, Gate):
            return
        yield self.categories.get(rows.type)
        for one in rows.fields:
            yield from self.field(rows.type, one)

    def field(self, owner: str, one: Field) -> Iterator[Category | None]:
        match one:
            case Leaf():
                yield self.categories[one.coordinate]
            case Inline():
                yield self.categories[one.coordinate]
                yield from self.rows(one.selection)
            case Branch(edge=Edge() as edge):  # a link key is as good as what it leads to
                own = self.categories[one.coordinate]
                yield from (self.published.get((owner, need), own) for need in edge.binding.needs)
            case Branch():
                yield self.categories[one.coordinate]
                yield from self.below(one.below)


def gated(below: Mapping[str, Rows | None]) -> bool:
    """Whether a row rule's fact is among what is fetched with the rows."""
    return any(isinstance(rows, Gate) for rows in below.values())
