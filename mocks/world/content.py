"""What the company has written about what it sells: product pages, how-to articles, recall notices, and their pictures.

Derived from the products and the seed alone, so every kind of world has content. Which entries there are, and which
SKUs they concern, is laid out once, when somebody first asks; texts are made when they are read. Rules:

* five products in six have a page (the first dozen always, published and with a picture: theirs are the hostile SKUs);
  one page in ten covers a second product. How-tos and recalls concern several SKUs, now and then one no longer sold;
* some entries are drafts and some were deleted; published entries link to both, and to deleted assets;
* en-US is the default language and has nearly every text (products without an English name have no English title);
  de-DE has gaps and falls back to it, de-AT falls back to de-DE, ar-EG (right to left) has few texts, and fr-FR was
  just opened: nothing is translated, and it falls back to nothing. SKUs, kinds and pictures are the same in all;
* texts contain what people paste into editors: script tags, `javascript:` and `data:` links, quotes in descriptions;
* every page, how-to and recall has internal notes with a canary of its own, `CANARY-content-<number>`;
* nothing is dated after midnight UTC of the world's day, nor a page before its product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from mocks.world.dice import Dice, digest
from mocks.world.model import Product, World

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ALWAYS = 12
SNIPPETS = 10
SHOP = "https://www.example.com/products/"
ENGLISH, GERMAN, AUSTRIAN, ARABIC, FRENCH = "en-US", "de-DE", "de-AT", "ar-EG", "fr-FR"
HOSTILE_LINKS = (
    "javascript:alert('CANARY-link')",
    "JaVaScRiPt:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "//evil.example/phish",
    'https://www.example.com/?q="><script>alert(1)</script>',
)
PASTED = '<script>alert("CANARY-script")</script><img src=x onerror=alert(1)> & "quotes" </p>'
TITLES = {
    "howTo": {ENGLISH: "How to care for {0}", GERMAN: "{0} richtig pflegen", ARABIC: "كيفية العناية بـ {0}"},
    "recall": {ENGLISH: "Recall notice: {0}", GERMAN: "Rückruf: {0}", ARABIC: "إشعار سحب: {0}"},
}
STEPS = {
    ENGLISH: ("Unpack it.", "Check all parts against the list.", "Keep the packaging for returns."),
    GERMAN: ("Auspacken.", "Alle Teile mit der Liste vergleichen.", "Verpackung für Rücksendungen aufbewahren."),
    AUSTRIAN: ("Auspacken.", "Alle Teile mit der Liste vergleichen.", "Karton für Retouren aufheben."),
    ARABIC: ("افتح العبوة.", "قارن جميع الأجزاء بالقائمة.", "احتفظ بالعبوة للإرجاع."),
}


@dataclass(frozen=True, slots=True)
class Locale:
    """A language content is kept in; where it has no text, `fallback` is asked, and so on. None: then there is none."""

    code: str
    name: str
    fallback: str | None


LOCALES = (
    Locale(ENGLISH, "English (United States)", None),
    Locale(GERMAN, "German (Germany)", ENGLISH),
    Locale(AUSTRIAN, "German (Austria)", GERMAN),
    Locale(ARABIC, "Arabic (Egypt)", ENGLISH),
    Locale(FRENCH, "French (France)", None),
)
"""The default one first."""


@dataclass(frozen=True, slots=True)
class Link:
    """Names another entry or asset, which may be a draft or gone."""

    to: str
    id: str


@dataclass(frozen=True, slots=True)
class Words:
    """Running text. `uri` or `link`: it leads somewhere; the uri is as somebody typed it."""

    text: str
    marks: tuple[str, ...] = ()
    uri: str | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text: paragraph, heading 1-6, bullets, numbers, item, quote, rule, table, row, head, cell, or shown
    (the entry or asset of `link` stands here)."""

    kind: str
    inside: tuple[Block | Words, ...] = ()
    level: int = 0
    link: Link | None = None


Document = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file. `url` has no scheme; width and height (pixels) are 0 for what is no picture."""

    id: str
    state: str
    created: datetime
    updated: datetime
    revision: int
    titles: dict[str, str]
    descriptions: dict[str, str]
    url: str
    file_name: str
    media: str
    size: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """type: article or snippet. kind: productPage, howTo, recall; "" for a snippet. state: published, draft, deleted.

    `updated` is when it was last published (deleted: when it went); `about` are indexes of the products it concerns.
    """

    number: int
    id: str
    type: str
    kind: str
    state: str
    created: datetime
    updated: datetime
    revision: int
    skus: tuple[str, ...]
    about: tuple[int, ...]
    image: str | None


class Content:
    """Everything written in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        self._anchor = world.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    # what there is

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in whatever state; snippets first."""
        outlines = (*self._snippets(), *self._pages(), *self._articles("howTo", 8), *self._articles("recall", 40))
        return tuple(self._entry(number, *outline) for number, outline in enumerate(outlines))

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """All assets, in whatever state: a picture for each entry that has one, and a few manuals."""
        pictures = (self._picture(entry) for entry in self.entries if entry.image is not None)
        return (*pictures, *(self._manual(number) for number in range(SNIPPETS)))

    def of_sku(self, sku: str) -> list[Entry]:
        """Published articles about a SKU, the one published last first."""
        found = [one for one in self.entries if sku in one.skus and one.state == "published"]
        return sorted(found, key=lambda one: (one.updated, one.id), reverse=True)

    # what is in it, by locale

    def titles(self, entry: Entry) -> dict[str, str]:
        dice = Dice(self._seed, "content titles", entry.id)
        if entry.type == "snippet":
            return {ENGLISH: f"Safety note {entry.number}", GERMAN: f"Sicherheitshinweis {entry.number}"}
        product = self._world.product(entry.about[0])
        found = self._page_titles(product) if entry.kind == "productPage" else _article_titles(entry.kind, product)
        kept = {GERMAN: 75, AUSTRIAN: 10, ARABIC: 30}
        return {code: title for code, title in found.items() if code not in kept or dice.chance(kept[code])}

    def _page_titles(self, product: Product) -> dict[str, str]:
        named = {ENGLISH: product.names.get("EN"), GERMAN: product.names.get("DE")}
        own = {code: name for code, name in named.items() if name}
        return {**own, AUSTRIAN: f"{product.sku} – Österreich-Edition", ARABIC: f"دليل المنتج {product.sku}"}

    def slug(self, entry: Entry) -> str:
        title = self.titles(entry).get(ENGLISH, entry.kind)
        return f"{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}-{entry.number}"

    def texts(self, entry: Entry) -> dict[str, str]:
        """The text of a snippet."""
        return {
            ENGLISH: f"Read sheet {entry.number} before use <b>& keep it</b>.",
            GERMAN: f"Vor Gebrauch Blatt {entry.number} lesen.",
        }

    def notes(self, entry: Entry) -> str:
        """What only editors are to read."""
        return f"CANARY-content-{entry.number}: margin and supplier complaints, not for publication."

    def bodies(self, entry: Entry) -> dict[str, Document]:
        dice = Dice(self._seed, "content body", entry.id)
        english = 100 if entry.about[0] < ALWAYS else 97
        shares = {ENGLISH: english, GERMAN: 60, AUSTRIAN: 6, ARABIC: 30}
        written = [code for code, share in shares.items() if dice.chance(share)]
        return {code: tuple(self._body(entry, code)) for code in written}

    def _body(self, entry: Entry, code: str) -> Iterator[Block]:
        dice = Dice(self._seed, "content parts", entry.id)
        product = self._world.product(entry.about[0])
        name = product.names.get("DE" if code in (GERMAN, AUSTRIAN) else "EN", product.sku)
        yield Block("heading", (Words(name),), level=dice.between(1, 3))
        for line in (product.text or product.sku).splitlines():
            yield _paragraph(Words(line))
        yield _paragraph(
            Words("SKU "), Words(product.sku, ("bold",)), Words(" – "), Words("shop", uri=SHOP + str(product.index))
        )
        yield Block("numbers", tuple(Block("item", (_paragraph(Words(step)),)) for step in STEPS[code]))
        yield _facts(product)
        yield from self._linked(dice, entry)
        if entry.number % 7 == 3:
            yield from _hostile()

    def _linked(self, dice: Dice, entry: Entry) -> Iterator[Block]:
        if entry.image is not None and dice.chance(50):
            yield Block("shown", link=Link("Asset", entry.image))
        if dice.chance(60):
            yield Block("shown", link=Link("Entry", self.entries[dice.below(SNIPPETS)].id))
        if dice.chance(40):
            other = self.entries[dice.between(SNIPPETS, len(self.entries) - 1)]
            yield _paragraph(Words("See also "), Words("this article", ("italic",), link=Link("Entry", other.id)))
        if dice.chance(25):
            manual = Link("Asset", _id(self._seed, "manual", dice.below(SNIPPETS)))
            yield _paragraph(Words("Manual: "), Words("PDF", link=manual))
        if dice.chance(3):
            yield Block("shown", link=Link("Asset", _id(self._seed, "never there", entry.number)))

    # how it is laid out

    def _snippets(self) -> Iterator[tuple[str, str, tuple[int, ...], tuple[str, ...]]]:
        yield from (("snippet", "", (), ()) for _ in range(SNIPPETS))

    def _pages(self) -> Iterator[tuple[str, str, tuple[int, ...], tuple[str, ...]]]:
        products = self._world.products()
        for index in products:
            dice = Dice(self._seed, "content page", index)
            if index >= ALWAYS and dice.below(6) == 0:
                continue
            beside = {index, (index + len(products) // 3) % len(products)} if dice.below(10) == 0 else {index}
            about = (index, *sorted(beside - {index}))
            yield "article", "productPage", about, self._skus(about)

    def _articles(self, kind: str, every: int) -> Iterator[tuple[str, str, tuple[int, ...], tuple[str, ...]]]:
        products = self._world.products()
        for number in range(max(3, len(products) // every)):
            dice = Dice(self._seed, "content article", kind, number)
            wanted = dice.between(2, 6 if kind == "howTo" else 30)
            about = tuple(dict.fromkeys(dice.pick(products) for _ in range(wanted)))
            gone = (f"RETIRED-{number:03}",) if dice.chance(10) else ()
            yield "article", kind, about, (*self._skus(about), *gone)

    def _skus(self, about: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self._world.product(index).sku for index in about)

    def _entry(self, number: int, form: str, kind: str, about: tuple[int, ...], skus: tuple[str, ...]) -> Entry:
        dice = Dice(self._seed, "content entry", number)
        always = form == "snippet" or (kind == "productPage" and about[0] < ALWAYS)
        lot = 99 if always else dice.below(100)
        state = "draft" if lot < 6 else "deleted" if lot < 9 else "published"
        name = _id(self._seed, "entry", number)
        pictured = form == "article" and (always or dice.chance(75))
        image = _id(self._seed, "picture", name) if pictured else None
        created, updated, revision = self._dates(dice, about)
        return Entry(number, name, form, kind, state, created, updated, revision, skus, about, image)

    def _dates(self, dice: Dice, about: tuple[int, ...]) -> tuple[datetime, datetime, int]:
        """Created, last published (to the millisecond), and how often that was done."""
        start = max((self._world.product(index).created for index in about), default=None)
        latest = self._anchor - timedelta(days=1)
        born = self._anchor - timedelta(days=1_500) if start is None else datetime.combine(start, time(8), UTC)
        span = max(int((latest - born).total_seconds()), 1) if born < latest else 1
        created = min(born, latest) + timedelta(seconds=dice.below(span), milliseconds=dice.below(1_000))
        age = int((self._anchor - created).total_seconds())
        revision = dice.between(1, 9)
        later = timedelta(seconds=dice.below(max(age - 1, 1))) if revision > 1 else timedelta(0)
        return created, created + later, revision

    def _picture(self, entry: Entry) -> Asset:
        dice = Dice(self._seed, "content picture", entry.id)
        name = str(entry.image)
        lot = 99 if entry.about[0] < ALWAYS else dice.below(100)
        state = "deleted" if lot < 5 else "draft" if lot < 7 else "published"
        media, ending = dice.pick((("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp")))
        file_name = f"{self.slug(entry)}.{ending}"
        url = f"//images.ctfassets.net/c360/{name}/{digest(name, size=16):032x}/{file_name}"
        created = entry.created - timedelta(seconds=dice.below(86_400))
        words = _descriptions(dice, self._world.product(entry.about[0]))
        size, width, height = dice.between(9_000, 900_000), dice.between(200, 4_000), dice.between(200, 3_000)
        return Asset(
            *(name, state, created, created, 1, {ENGLISH: file_name}, words, url, file_name, media, size),
            *(width, height),
        )

    def _manual(self, number: int) -> Asset:
        name = _id(self._seed, "manual", number)
        made = self._anchor - timedelta(days=400 + number)
        file_name = f"manual-{number}.pdf"
        url = f"//assets.ctfassets.net/c360/{name}/{digest(name, size=16):032x}/{file_name}"
        state = "deleted" if number == 0 else "published"
        titles = {ENGLISH: f"Manual {number}", GERMAN: f"Handbuch {number}"}
        return Asset(name, state, made, made, 1, titles, {}, url, file_name, "application/pdf", 120_000 + number)


def _article_titles(kind: str, product: Product) -> dict[str, str]:
    return {code: form.format(product.names.get("EN", product.sku)) for code, form in TITLES[kind].items()}


def _descriptions(dice: Dice, product: Product) -> dict[str, str]:
    lot = dice.below(100)
    if lot < 20:
        return {}
    if lot < 25:
        return {ENGLISH: f'{product.sku}"><img src=x onerror=alert("CANARY-alt")>'}
    english = f"{product.names.get('EN', product.sku)}, seen from the front"
    return {ENGLISH: english, GERMAN: f"{product.sku} von vorn"} if lot < 60 else {ENGLISH: english}


def _facts(product: Product) -> Block:
    rows = (("Weight", f"{product.gross_weight} {product.weight_unit}"), ("Unit", product.unit))
    return Block(
        "table",
        tuple(
            Block("row", (Block("head", (_paragraph(Words(name)),)), Block("cell", (_paragraph(Words(value)),))))
            for name, value in rows
        ),
    )


def _hostile() -> Iterator[Block]:
    yield Block("quote", (_paragraph(Words(PASTED, ("code",))),))
    items = tuple(Block("item", (_paragraph(Words(f"offer {n}", uri=uri)),)) for n, uri in enumerate(HOSTILE_LINKS))
    yield Block("bullets", items)
    yield Block("rule")
    yield _paragraph(Words("Write to us", ("underline",), uri="mailto:help@example.com"))


def _paragraph(*words: Words) -> Block:
    return Block("paragraph", words)


def _id(*name: object) -> str:
    """22 characters that look like the hub's own ids."""
    number, text = digest("content id", *name, size=16), ""
    for _ in range(22):
        number, digit = divmod(number, 62)
        text += BASE62[digit]
    return text
