"""What we publish about what we sell: the content hub, one question for a whole level of products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import schema
from resolvers.backends.base import Outcome
from resolvers.backends.contentful import Contentful, ContentItem
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.rows import Article, Item

LINK = frozenset({"skus"})


@resolves(schema.Query, "content", source=(Contentful.entries,))
async def content(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Article]]:
    asked = parsed(ask.arguments["id"])
    if asked is None or asked[0] != "ContentItem":
        return [Outcome()]
    return await by_keys([asked[1]], ask, ask.columns, ask.arguments.get("locale"))


@resolves(schema.Product, "content", needs=("sku",), source=(Contentful.content_of,))
async def content_of(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[list[Article]]]:
    locale = ask.arguments.get("locale")
    found = await ask.load(Contentful.content_of, [item.sku for item in items], _asked(ask.columns), locale=locale)
    return [Outcome(None if one.error else _articles(one.value, locale, ask.columns), one.error) for one in found]


@resolves(
    schema.ContentItem,
    *("kind", "title", "body", "image", "locale", "publishedAt"),
    carried="entry",
    source=(Contentful.entries,),
)
async def record(articles: Sequence[Article], ask: Ask) -> Sequence[Outcome[ContentItem]]:
    locales = {article.key: article.asked_locale for article in articles}
    found: dict[str, Outcome[ContentItem]] = {}
    for locale in sorted(set(locales.values()), key=str):
        keys = [key for key, wanted in locales.items() if wanted == locale]
        found |= zip(keys, await ask.load(Contentful.entries, keys, locale=locale), strict=True)
    return [found[article.key] for article in articles]


@resolves(schema.ContentItem, "products", needs=("skus",), source=(Contentful.entries,))
async def products(articles: Sequence[Article], ask: Ask) -> Sequence[Outcome[list[Item]]]:
    unknown = [article.key for article in articles if not article.linked]
    found = dict(zip(unknown, await ask.load(Contentful.entries, unknown, LINK), strict=True))
    entries = [found[one.key] if one.key in found else Outcome(one.entry) for one in articles]
    return [Outcome(_items(one.value) if not one.error else None, one.error) for one in entries]


async def by_keys(keys: Sequence[str], ask: Ask, columns: frozenset[str], locale: str | None) -> list[Outcome[Article]]:
    """Articles that exist, by the hub's own id, carrying what was fetched to find them."""
    found = await ask.load(Contentful.entries, keys, _asked(columns), locale=locale)
    return [
        Outcome(Article(key, one.value, locale, "skus" in columns) if one.value else None, one.error)
        for key, one in zip(keys, found, strict=True)
    ]


def _asked(columns: frozenset[str]) -> frozenset[str]:
    return columns | LINK if "skus" in columns else columns


def _articles(entries: Sequence[ContentItem] | None, locale: str | None, columns: frozenset[str]) -> list[Article]:
    return [Article(entry.id, entry, locale, "skus" in columns) for entry in entries or ()]


def _items(entry: Any) -> list[Item]:
    return [Item(sku) for sku in (entry.skus or ())] if entry else []
