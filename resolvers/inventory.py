"""What we sell and how much of it there is: SAP, a list of products at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Holes, Outcome, Unusable
from resolvers.backends.sap import FoundProducts, Product, Sap
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.rows import Item

MOST_SKUS = 100


@resolves(schema.Query, "product", source=(Sap.products,))
async def product(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Item]]:
    return await by_skus([ask.arguments["sku"]], ask, ask.columns)


@resolves(schema.Query, "products", source=(Sap.find,))
async def found(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Page]]:
    if refused := paging.refused(ask, 1):
        return refused
    try:
        after = paging.opened(ask)
    except Gap as gap:
        return [Outcome(error=gap)]
    columns = paging.rows_of(ask) | {"sku"} | ({"total"} if paging.counts(ask) else set())
    (page,) = await ask.load(
        Sap.find,
        [""],
        columns,
        text=ask.arguments.get("search"),
        group=ask.arguments.get("category"),
        first=ask.arguments["first"],
        after=after[0] if after else None,
    )
    return [Outcome(_page(ask, page.value) if page.value else None, page.error)]


@resolves(schema.Query, "productsBySku", source=(Sap.products,))
async def products(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[list[Item | None]]]:
    skus = ask.arguments["skus"]
    if len(skus) > MOST_SKUS:
        return [Outcome(error=Unusable(f"At most {MOST_SKUS} SKUs at a time, not {len(skus)}"))]
    found = await by_skus(skus, ask, ask.columns)
    failed = {place: one.error for place, one in enumerate(found) if one.error}
    if failed and len(failed) == len(found):
        return [Outcome(error=failed[0])]
    return [Outcome([one.value for one in found], Holes(failed) if failed else None)]


@resolves(schema.Product, "name", "description", "unit", "category", carried="master", source=(Sap.products,))
async def master(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Product]]:
    return await ask.load(Sap.products, [item.sku for item in items])


@resolves(schema.Product, "stock", needs=("sku",), source=(Sap.stock,))
async def stock(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Any]]:
    return await ask.load(Sap.stock, [item.sku for item in items])


@resolves(schema.Product, "availability", needs=("sku",), source=(Sap.availability,))
async def availability(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Any]]:
    quantity = ask.arguments["quantity"]
    if not quantity.is_finite() or quantity < 0:
        return [Outcome(error=Unusable(f"`quantity` is a number of at least 0, not {quantity}"))] * len(items)
    return await ask.load(Sap.availability, [item.sku for item in items], quantity=quantity, on=ask.arguments["on"])


def _page(ask: Ask, page: FoundProducts) -> Page:
    items = [Item(product.sku, product) for product in page.products]
    behind = ask.arguments.get("after") is not None
    return Page(items, page.has_next, behind, lambda item: paging.sealed(ask, "", (item.sku,)), page.total)


async def by_skus(skus: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Item]]:
    """Products that exist, by SKU, carrying what was fetched to find them."""
    found = await ask.load(Sap.products, skus, columns)
    return [
        Outcome(Item(sku, one.value) if one.value else None, one.error) for sku, one in zip(skus, found, strict=True)
    ]
