"""The questions we put to the content hub. What was chosen on the way is in the package's docstring."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from resolvers.backends.base import (
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Gap,
    Garbled,
    Key,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.contentful import reading
from resolvers.backends.contentful.languages import Language, Languages
from resolvers.backends.contentful.line import ALL_LANGUAGES, LONG_TEXTS, LONGEST_PAGE, LONGEST_TARGET, Line, Question
from resolvers.backends.contentful.records import ITEM, PAGE, TRACED, Collection, ContentItem, ContentPage
from resolvers.backends.contentful.search import LONGEST_SEARCH, LOOKED_THROUGH, MOST_FOUND, SEEN, Search

A = TypeVar("A")

MOST_KEYS = 200
LONGEST_SKU = 255
ENTRY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SENDABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
NEWEST = "-sys.updatedAt,sys.id"
COMMA = len("%2C")


class Contentful(Adapter):
    """Answers are `ContentItem`s: published articles. Drafts are not there."""

    name = "contentful"
    title = "Contentful"
    bears = Bears(at_once=8, per_second=55)  # its delivery API, for what its cache does not have

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._line = Line(self.name, connection)
        self._languages = Languages(self._line, connection.options.get("default_locale") or None)
        self._type = connection.options.get("content_type") or "article"

    @operation(ContentItem, limit=MOST_KEYS, columns=ITEM)
    async def entries(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, *, locale: str | None = None
    ) -> Mapping[Key, ContentItem | Gap]:
        """Articles by entry id. What is no id, a draft, or an entry of another type is not there."""
        ids = [key for key in dict.fromkeys(keys) if isinstance(key, str) and ENTRY_ID.fullmatch(key)]

        async def ask(portion: Sequence[str], language: Language) -> Mapping[str, ContentItem | Gap]:
            asked = {"sys.id[in]": ",".join(portion), "order": "sys.id"}
            pages = await self._line.every(wire, self._question(columns, language, **asked))
            if strange := {row.sys.id for page in pages for row in page.items} - set(portion):
                raise Garbled(self.name, f"{len(strange)} entries nobody asked for")
            rows = reading.rows(pages, language.reader)
            return {row.sys.id: reading.item(wire, row, linked, language.reader, columns) for row, linked in rows}

        return await self._answers(wire, self._portions(ids, columns), ask, columns, locale)

    @operation(list[ContentItem], limit=MOST_KEYS, columns=ITEM)
    async def content_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, *, locale: str | None = None
    ) -> Mapping[Key, list[ContentItem] | Gap]:
        """Articles about a SKU, the one published last first; an empty list when there are none. One question for 200
        SKUs, as far as their lengths and the size of the answer allow; one for each SKU with a comma in it."""
        skus = [key for key in dict.fromkeys(keys) if isinstance(key, str) and _is_sku(key)]
        alone = [sku for sku in skus if "," in sku or sku != sku.strip()]
        listed = [sku for sku in skus if sku not in set(alone)]

        async def ask(portion: Sequence[str], language: Language) -> Mapping[str, list[ContentItem] | Gap]:
            among = {"fields.skus[in]": ",".join(portion)} if portion[0] not in alone else {"fields.skus": portion[0]}
            question = self._question(columns | {"skus"}, language, **among, order=NEWEST)
            pages = await self._line.every(wire, question)
            return _by_sku(wire, portion, pages, language, columns)

        portions = [*self._portions(listed, columns | {"skus"}), *([sku] for sku in alone)]
        found = await self._answers(wire, portions, ask, columns, locale)
        return {key: found.get(key, []) for key in keys}

    @operation(ContentPage, limit=1, columns=PAGE)
    async def search(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        locale: str | None = None,
        first: int = 20,
        skip: int = 0,
    ) -> Mapping[Key, ContentPage | Gap]:
        """Articles in which every word of a text (the key) stands somewhere, whatever its case, the one published last
        first. One question for every 250 articles the hub finds, until the page is full; to their end for a total."""
        if not 1 <= first <= MOST_FOUND or not 0 <= skip <= LOOKED_THROUGH:
            return dict.fromkeys(
                keys, Unusable(f"A search gives 1 to {MOST_FOUND} of the first {LOOKED_THROUGH} results.")
            )
        texts = [key for key in dict.fromkeys(keys) if isinstance(key, str) and _is_searchable(key)]

        async def ask(portion: Sequence[str], language: Language) -> Mapping[str, ContentPage | Gap]:
            one = Language(language.plain) if language.plain else language
            question = self._question(columns | SEEN, one, query=portion[0], order=NEWEST)
            page = await Search(self._line, question, portion[0]).page(wire, columns, first, skip)
            return {portion[0]: await self._traced(wire, page, columns, locale) if language.plain else page}

        found = await self._answers(wire, [[text] for text in texts], ask, columns, locale)
        hopeless = Unusable(f"A search is for 1 to {LONGEST_SEARCH} characters of text.")
        return {key: found.get(key, hopeless) for key in keys}

    async def _traced(self, wire: Wire, page: ContentPage, columns: Columns, locale: str | None) -> ContentPage:
        """The hub searches in one language; which language each text is really in takes a second question."""
        ids = [item.id for item in page.items]
        again = await Contentful.entries.run(self, wire, ids, columns, locale=locale)
        for found in again.values():
            if isinstance(found, Gap):
                raise found
        return msgspec.structs.replace(page, items=[again[name] for name in ids if name in again])

    def _question(self, columns: Columns, language: Language, **asked: str) -> Question:
        """`include` only where there is something to link to: included things come whole."""
        selected = dict.fromkeys(("sys.id", *Contentful.search.wire_columns(columns)))
        links = "fields.body" in selected or "fields.image" in selected
        parameters = {
            "content_type": self._type,
            **asked,
            "select": ",".join(selected),
            "include": "1" if links else "0",
            **({"locale": language.parameter} if language.parameter else {}),
        }
        long = ALL_LANGUAGES if language.reader.chain else LONG_TEXTS
        return Question(parameters, long if "fields.body" in selected else LONGEST_PAGE, language.named)

    def _portions(self, values: Sequence[str], columns: Columns) -> Iterator[list[str]]:
        """Values in as few questions as their number and their length allow."""
        bare = self._question(columns, Language("x" * 40), **{"fields.skus[in]": "", "order": NEWEST})
        room = LONGEST_TARGET - len(self._line.target(bare))
        portion: list[str] = []
        used = 0
        for value in values:
            size = len(quote(value, safe="")) + COMMA
            if portion and (used + size > room or len(portion) == MOST_KEYS):
                yield portion
                portion, used = [], 0
            portion.append(value)
            used += size
        if portion:
            yield portion

    async def _answers(
        self,
        wire: Wire,
        portions: Iterable[Sequence[str]],
        ask: Callable[[Sequence[str], Language], Awaitable[Mapping[str, A | Gap]]],
        columns: Columns,
        locale: str | None,
    ) -> dict[Key, Any]:
        """All portions side by side; one that fails costs its own keys."""

        async def one(portion: Sequence[str]) -> Mapping[str, A | Gap]:
            try:
                language = await self._languages.language(wire, locale, traced=bool(columns & TRACED))
                return await ask(portion, language)
            except (BackendError, Unusable) as error:
                return dict.fromkeys(portion, error)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(portion)) for portion in portions]
        return {key: answer for task in tasks for key, answer in task.result().items()}


def _by_sku(
    wire: Wire, skus: Sequence[str], pages: Sequence[Collection], language: Language, columns: Columns
) -> dict[str, list[ContentItem] | Gap]:
    """Whose an article is only its own SKUs tell, exactly as they are spelled. One that cannot be read is an error of
    the SKUs it concerns: a list without it would be wrong."""
    found: dict[str, list[ContentItem]] = {sku: [] for sku in skus}
    broken: dict[str, Gap] = {}
    for row, linked in reading.rows(pages, language.reader):
        about = reading.skus(wire, row, language.reader)
        article = reading.item(wire, row, linked, language.reader, columns)
        for sku in found.keys() & about:
            if isinstance(article, Gap):
                broken[sku] = article
            else:
                found[sku].append(article)
    return found | broken


def _is_sku(text: str) -> bool:
    """Short text has at most 255 characters; what cannot be one exists nowhere and is never sent."""
    return len(text) <= LONGEST_SKU and SENDABLE.fullmatch(text) is not None


def _is_searchable(text: str) -> bool:
    return len(text) <= LONGEST_SEARCH and bool(text.strip()) and SENDABLE.fullmatch(text) is not None
