"""Relay pages, whatever is on them. Cursors are sealed only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from resolvers.backends.base import Columns, Outcome, Unusable
from resolvers.binding import Ask

LONGEST_PAGE = 100
CURSORS = frozenset({"edges.cursor", "page_info.start_cursor", "page_info.end_cursor"})


class Edge(NamedTuple):
    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one parent, in order, and whether there are more. `cursor` seals a row's position."""

    nodes: Sequence[Any]
    has_next_page: bool
    has_previous_page: bool
    cursor: Callable[[Any], str]

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
        return self.cursor(self.nodes[-1]) if self.nodes else None


def refused(ask: Ask, parents: int) -> list[Outcome[Any]]:
    """One outcome per parent when the page length cannot be served; else nothing."""
    first = ask.arguments["first"]
    if 1 <= first <= LONGEST_PAGE:
        return []
    return [Outcome(error=Unusable(f"`first` is 1 to {LONGEST_PAGE}, not {first}"))] * parents


def rows_of(ask: Ask) -> Columns:
    """Columns below the rows of the page that is asked for."""
    return ask.below("nodes", "edges.node")


def reads_cursors(ask: Ask) -> bool:
    return not ask.columns.isdisjoint(CURSORS)


def opened(ask: Ask, parent: str) -> tuple[str, str] | None:
    """The (moment, number) that `after` continues behind. Raises Unusable for a cursor of another list."""
    after = ask.arguments.get("after")
    if after is None or ask.cursors is None:
        return None
    moment, number = ask.cursors.open(parent, after)
    return str(moment), str(number)


def sealed(ask: Ask, parent: str, position: tuple[str, str]) -> str:
    return ask.cursors.seal(parent, position) if ask.cursors else ""
