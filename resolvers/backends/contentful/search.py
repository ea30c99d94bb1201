"""Full-text search, of which only what readers see counts.

The hub searches all text of an article, internal notes included, and says neither where it found the words nor how
often. Each article it finds is looked at again: every word of the text has to stand in its title, body or SKUs, as
part of a word or whole, in any case. So neither a result nor a number tells what is in a field nobody may read.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from resolvers.backends.base import Columns, Gap, Unavailable, Wire
from resolvers.backends.contentful import reading
from resolvers.backends.contentful.languages import Reader
from resolvers.backends.contentful.line import READINGS, Line, Moved, Question
from resolvers.backends.contentful.records import Collection, ContentItem, ContentPage

MOST_FOUND = 100
LOOKED_THROUGH = 1_000
LONGEST_SEARCH = 500
SEEN = frozenset({"title", "body", "skus"})
"""What the words have to stand in."""


@dataclass(frozen=True, slots=True)
class Search:
    """One text, looked for in one language."""

    line: Line
    question: Question
    text: str

    async def page(self, wire: Wire, columns: Columns, first: int, skip: int) -> ContentPage:
        """`first` articles behind the first `skip`; a total when it is asked for and there is an end to the results."""
        for _ in range(READINGS):
            try:
                hits, whole = await self._hits(wire, columns, None if "total" in columns else skip + first)
            except Moved:
                continue
            total = len(hits) if whole and "total" in columns else None
            return ContentPage(hits[skip : skip + first], len(hits) > skip + first, total)
        raise Unavailable(wire.system, f"its results changed while they were read, {READINGS} times")

    async def _hits(self, wire: Wire, columns: Columns, enough: int | None) -> tuple[list[ContentItem], bool]:
        """Articles that count, more than `enough` of them if there are; and whether that is all of them."""
        hits: dict[str, ContentItem] = {}
        looked = 0
        async with aclosing(self.line.pages(wire, self.question)) as pages:
            async for page in pages:
                hits |= self._counting(wire, page, columns)
                looked += len(page.items)
                if looked >= LOOKED_THROUGH or (enough is not None and len(hits) > enough):
                    return list(hits.values()), looked >= page.total
        return list(hits.values()), True

    def _counting(self, wire: Wire, page: Collection, columns: Columns) -> dict[str, ContentItem]:
        wanted = self.text.casefold().split()
        reader = Reader()
        found = {}
        for row, linked in reading.rows([page], reader):
            seen = reading.words(wire, row, reader)
            if all(word in seen for word in wanted):
                article = reading.item(wire, row, linked, reader, columns)
                if isinstance(article, Gap):
                    raise article
                found[row.sys.id] = article
        return found
