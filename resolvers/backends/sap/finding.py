"""Finding products by a text, a product group, or both; in the order SAP has of their SKUs.

The parent of a description cannot be filtered by it, so a text is looked for in two sets: in the descriptions of our
language, and, for who types a SKU, among the products. What both find goes back to the products, in windows between
two SKUs: there the group is judged, and there, not here, is decided in which window a product found by its SKU lies.

A total is known where SAP has counted exactly what is found: products of a group, all products, or a text of up to
six letters (`wording`). Text and group together nobody there counts; and no count stands when rows had to be dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from resolvers.backends.base import Columns, Unusable, Wire
from resolvers.backends.sap import reading
from resolvers.backends.sap.listing import Listing, Part, both, together
from resolvers.backends.sap.materials import LONGEST, alike, askable, printable
from resolvers.backends.sap.odata import Query, Root, any_of, literal, rows, selection
from resolvers.backends.sap.records import (
    DESCRIBED_ROWS,
    PRODUCT_ROWS,
    DescribedRow,
    DescriptionRow,
    FoundProducts,
    ProductRow,
)
from resolvers.backends.sap.wording import contains, narrowed

PRODUCTS = "API_PRODUCT_SRV/A_Product"
DESCRIPTIONS = "API_PRODUCT_SRV/A_ProductDescription"
NAMES = ("to_Description.Language", "to_Description.ProductDescription")
LONGEST_GROUP = 9
MOST_READ = 2000
"""Rows read for one page in vain, when those that fit are few among those that SAP can be asked for."""
AT_ONCE = 200
WIDEST = "\U0001f4e6" * LONGEST
"""No SKU takes more room in an address."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One search: what is wanted of each product (`select` on the wire), in which group, and how many to a page."""

    wire: Wire
    root: Root
    language: str
    columns: Columns
    select: Sequence[str]
    group: str | None
    first: int

    async def find(self, text: str | None, after: str | None) -> FoundProducts:
        """One page. Raises Gap."""
        if self.first < 0 or (after is not None and not (after and _possible(after, LONGEST))):
            raise Unusable("there is no such page of products")
        if not _possible(text or "", LONGEST) or not _possible(self.group or "", LONGEST_GROUP):
            return FoundProducts([], False, 0 if self._counting else None)
        return await (self._named(text, after) if text else self._listed(after))

    @property
    def _counting(self) -> bool:
        return "total" in self.columns

    async def _listed(self, after: str | None) -> FoundProducts:
        """All products, or those of the group: one call."""
        listing = Listing(PRODUCTS, PRODUCT_ROWS, self._options(), self._group_test(), self._of_group)
        part = await listing.first_part(self.wire, self.root, after, self.first + 1, self._counting)
        found, total, read = part.rows, part.total, part.read
        while len(found) <= self.first and part.last is not None:
            _bound(read - len(found))
            part = await listing.part(self.wire, self.root, part.last, self.first + 1)
            found, read = found + part.rows, read + part.read
            total = total if part.sound else None
        return self._page(found, total)

    async def _named(self, text: str, after: str | None) -> FoundProducts:
        """Products with the text for a SKU or in their name: three calls, more while the group lets few through."""
        test = narrowed("ProductDescription", text)
        tests = (f"Language eq {literal(self.language)}", test.test)
        options = selection(("Product", "Language", "ProductDescription"))
        listing = Listing(DESCRIPTIONS, DESCRIBED_ROWS, options, tests, lambda row: self._says(row, text))
        exact = test.exact and self.group is None
        most = self.first + 1 if exact else max(self.first + 1, AT_ONCE)
        begun = listing.first_part(self.wire, self.root, after, most, exact and self._counting)
        numbered, part = await both(self._numbered(text), begun)
        found = await self._through(listing, part, [row.number for row in numbered], after, most)
        others = sum(not self._named_so(row, text) for row in numbered)
        return self._page(found, None if part.total is None else part.total + others)

    async def _through(
        self,
        listing: Listing[DescribedRow],
        part: Part[DescribedRow],
        numbered: list[str],
        after: str | None,
        most: int,
    ) -> list[ProductRow]:
        """The products behind the names, part by part until the page is full."""
        found: list[ProductRow] = []
        read = 0
        while True:
            skus = [row.number for row in part.rows if row.number not in numbered]
            found += await self._between(skus, numbered, after, part.last is None)
            if len(found) > self.first or part.last is None:
                return found
            read = read + part.read
            _bound(read - len(found))
            after = skus[-1] if skus else after
            part = await listing.part(self.wire, self.root, part.last, most)

    async def _between(
        self, skus: Sequence[str], numbered: Sequence[str], after: str | None, to_the_end: bool
    ) -> list[ProductRow]:
        """Those of the group, from behind one SKU to the last of these, or to the end of all."""
        widest = (any_of("Product", [*numbered, WIDEST, WIDEST]), *self._group_test())
        query = Query(self.root, PRODUCTS, "Product", PRODUCT_ROWS, self._options(), " and ".join(widest))
        portions = list(query.portions(skus)) or ([[]] if numbered and to_the_end else [])
        windows = []
        for place, portion in enumerate(portions, 1):
            until = None if to_the_end and place == len(portions) else portion[-1]
            windows.append(self._window([*numbered, *portion], after, until))
            after = until
        return list(chain.from_iterable(await together(windows)))

    async def _window(self, skus: Sequence[str], after: str | None, until: str | None) -> list[ProductRow]:
        tests = (
            f"({any_of('Product', skus)})",
            *((f"Product gt {literal(after)}",) if after is not None else ()),
            *((f"Product le {literal(until)}",) if until is not None else ()),
            *self._group_test(),
        )
        request = self.root.get(PRODUCTS, {"$filter": " and ".join(tests), **self._options(), "$orderby": "Product"})
        found = await rows(self.wire, self.root, request, PRODUCT_ROWS)
        return [row for row in found if row.number in skus and self._of_group(row)]

    async def _numbered(self, text: str) -> list[ProductRow]:
        """The product with the text for its SKU; where there is none, those that differ from it by leading zeros."""
        if not askable([text]):
            return []
        query = Query(self.root, PRODUCTS, "Product", PRODUCT_ROWS, selection(("Product", *NAMES)))
        found = await rows(self.wire, self.root, query.request([text]), query.shape)
        return [row for row in found if row.number == text] or [row for row in found if alike(row.number, text)]

    def _page(self, found: Sequence[ProductRow], total: int | None) -> FoundProducts:
        products = [
            reading.product(self.wire, row.number, [row], self.columns, self.language) for row in found[: self.first]
        ]
        return FoundProducts(products, len(found) > self.first, total if self._counting else None)

    def _options(self) -> dict[str, str]:
        judged = ("ProductGroup",) if self.group is not None else ()
        return selection(("Product", *self.select, *judged))

    def _group_test(self) -> tuple[str, ...]:
        return () if self.group is None else (f"ProductGroup eq {literal(self.group)}",)

    def _of_group(self, row: ProductRow) -> bool:
        return self.group is None or (reading.given(self.wire, row.product_group, "ProductGroup") or "") == self.group

    def _named_so(self, row: ProductRow, text: str) -> bool:
        return any(self._says(name, text) for name in reading.whole(self.wire, row.descriptions, "to_Description"))

    def _says(self, row: DescriptionRow, text: str) -> bool:
        return row.language.upper() == self.language.upper() and contains(row.product_description, text)


def _possible(text: str, longest: int) -> bool:
    """Whether SAP can have it: what cannot be anywhere is never sent there."""
    return len(text) <= longest and printable(text)


def _bound(misses: int) -> None:
    if misses >= MOST_READ:
        raise Unusable("too many products are nearly like this, and too few of them fit: a longer text may find them")
