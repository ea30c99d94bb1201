"""Relay pages, whatever is on them. Cursors are sealed only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from resolvers.backends.base import Columns, Gap, Key, Operation, Outcome, Unusable
from resolvers.binding import Ask

LONGEST_PAGE = 100
CURSORS = frozenset({"edges.cursor", "page_info.start_cursor", "page_info.end_cursor"})


class Edge(NamedTuple):
    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one parent, in order, and whether there are more.

    cursor:       seals a row's position
    total_count:  rows on all pages, when the owning system counts them
    end:          seals where the page ends, when that is not at its last row
    """

    nodes: Sequence[Any]
    has_next_page: bool
    has_previous_page: bool
    cursor: Callable[[Any], str]
    total_count: int | None = None
    end: Callable[[], str] | None = None

    @property
    def edges(self) -> list[Edge]:
        return [Edge(self.cursor(node), node) for node in self.nodes]

    @property
    def page_info(self) -> Page:
        return self

    @property
    def start_cursor(self) -> str | None:
        return self.cursor(self.nodes[0]) if self.nodes else None

    @property
    def end_cursor(self) -> str | None:
        if self.end:
            return self.end()
        return self.cursor(self.nodes[-1]) if self.nodes else None


def none(ask: Ask) -> Page:
    """A page of nothing, for who can be told so without asking anybody."""
    return Page([], False, ask.arguments.get("after") is not None, str, 0)


def whole(ask: Ask, rows: Sequence[Any], more: bool) -> int | None:
    """How many rows there are, when this page is the first and the last."""
    return None if more or ask.arguments.get("after") is not None else len(rows)


def given(ask: Ask, name: str = "filter") -> dict[str, Any]:
    """The conditions of a filter that say something."""
    return {key: value for key, value in (ask.arguments.get(name) or {}).items() if value is not None}


def fits_nothing(wanted: Mapping[str, Any]) -> bool:
    """Whether a filter wants one of no values at all, which no row has."""
    return any(value == [] for value in wanted.values())


def out_of_range(name: str, value: int, most: int) -> Unusable:
    return Unusable(f"`{name}` is 1 to {most}, not {value}")


def refused(ask: Ask, parents: int) -> list[Outcome[Any]]:
    """One outcome per parent when the page length cannot be served; else nothing."""
    first = ask.arguments["first"]
    if 1 <= first <= LONGEST_PAGE:
        return []
    return [Outcome(error=Unusable(f"`first` is 1 to {LONGEST_PAGE}, not {first}"))] * parents


def rows_of(ask: Ask) -> Columns:
    """Columns below the rows of the page that is asked for."""
    return ask.below("nodes", "edges.node")


def counts(ask: Ask) -> bool:
    return "total_count" in ask.columns


def reads_cursors(ask: Ask) -> bool:
    return not ask.columns.isdisjoint(CURSORS)


async def merged(
    parents: Sequence[Any],
    keys: Sequence[Sequence[Key]],
    ask: Ask,
    operation: Operation[Any],
    columns: Columns,
    merge: Callable[[Any, list[Any]], Page],
) -> list[Outcome[Page]]:
    """A page for each parent: of what its keys are answered, which `merge` makes one page of. A first page for many is
    one question; a later page belongs to one parent, and the cursor is none of the others'."""
    told: list[Outcome[Page]] = [Outcome()] * len(parents)
    behind: dict[tuple[str, ...] | None, list[int]] = {}
    for i, parent in enumerate(parents):
        try:
            behind.setdefault(opened(ask, parent.id), []).append(i)
        except Gap as gap:
            told[i] = Outcome(error=gap)
    for after, picks in behind.items():
        wanted = [key for i in picks for key in keys[i]]
        answers = iter(await ask.load(operation, wanted, columns, first=ask.arguments["first"], after=after))
        for i in picks:
            told[i] = _merged(parents[i], [next(answers) for _ in keys[i]], merge)
    return told


def _merged(parent: Any, pages: Sequence[Outcome[Any]], merge: Callable[[Any, list[Any]], Page]) -> Outcome[Page]:
    for page in pages:
        if page.error:
            return Outcome(error=page.error)
    return Outcome(merge(parent, [page.value for page in pages if page.value]))


def opened(ask: Ask, parent: str = "") -> tuple[str, ...] | None:
    """The position that `after` continues behind. Raises Unusable for a cursor of another list."""
    after = ask.arguments.get("after")
    if after is None or ask.cursors is None:
        return None
    return tuple(map(str, ask.cursors.open(parent, after)))


def sealed(ask: Ask, parent: str, position: Sequence[str]) -> str:
    return ask.cursors.seal(parent, position) if ask.cursors else ""
