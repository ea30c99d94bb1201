"""What the content hub holds, in business words; and its rows, in the hub's.

Fields are kept as raw JSON until they are read: an entry that nobody can use costs itself and not its whole page, and
what a linked entry has besides its title and text (it always comes whole) is never decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType, field


class Body(msgspec.Struct, frozen=True):
    """One text, twice: sanitised HTML, and plain with blank lines between its paragraphs. `locale`: its language."""

    html: str | None = None
    text: str | None = None
    locale: str | None = None


class Image(msgspec.Struct, frozen=True):
    """`url` is https; `alt` is its description for those who do not see it, None when the hub has none."""

    url: str
    alt: str | None = None


class ContentItem(msgspec.Struct, frozen=True):
    """One published article. An attribute that was not asked for is None.

    kind:             as the hub calls it: productPage, howTo, recall
    locale:           the language its title is served in: the one asked for or one that stands in for it
    requested_locale: the one asked for; the hub's default one, when none was
    published_at:     when this version was published
    skus:             products it concerns, in the editors' order; some may no longer be sold
    """

    id: str
    kind: str | None = None
    title: str | None = None
    body: Body | None = None
    image: Image | None = None
    locale: str | None = None
    requested_locale: str | None = None
    published_at: datetime | None = None
    skus: list[str] | None = None


class ContentPage(msgspec.Struct, frozen=True):
    """A page of what a search found. `total`: None when it was not asked for, or when there is too much to count."""

    items: list[ContentItem]
    has_next: bool
    total: int | None = None


ITEM: dict[str, tuple[str, ...]] = {
    "id": ("sys.id",),
    "kind": ("fields.kind",),
    "title": ("fields.title",),
    "body": ("fields.body",),
    "body.html": ("fields.body",),
    "body.text": ("fields.body",),
    "body.locale": ("sys.locale", "fields.body"),
    "image": ("fields.image",),
    "image.url": ("fields.image",),
    "image.alt": ("fields.image",),
    "locale": ("sys.locale", "fields.title"),
    "requested_locale": ("sys.locale",),
    "published_at": ("sys.updatedAt",),
    "skus": ("fields.skus",),
}
"""Attributes, and what is selected for them."""
TRACED = frozenset({"locale", "body.locale"})
"""What takes knowing which language a text was filled in from."""

PAGE: dict[str, tuple[str, ...]] = {**ITEM, "has_next": (), "total": ()}


class LinkSys(msgspec.Struct, frozen=True):
    id: str = ""
    link_type: str = field(name="linkType", default="")


class Link(msgspec.Struct, frozen=True):
    sys: LinkSys


class Sys(msgspec.Struct, frozen=True):
    id: str
    revision: int = 0
    updated_at: Annotated[datetime, Meta(tz=True)] | UnsetType = field(name="updatedAt", default=UNSET)
    locale: str | UnsetType = UNSET


class Row(msgspec.Struct, frozen=True):
    """An entry or asset. A field that is empty is not there."""

    sys: Sys
    fields: dict[str, Raw] = {}


class Includes(msgspec.Struct, frozen=True):
    entries: Sequence[Row] = field(name="Entry", default=())
    assets: Sequence[Row] = field(name="Asset", default=())


class Collection(msgspec.Struct, frozen=True):
    """A page of rows, `total` of them in all; and what they link to."""

    total: Annotated[int, Meta(ge=0)]
    items: list[Row]
    includes: Includes = Includes()


class File(msgspec.Struct, frozen=True):
    url: str = ""
    media: str = field(name="contentType", default="")


class LocaleRow(msgspec.Struct, frozen=True):
    code: str
    default: bool = False
    fallback: str | None = field(name="fallbackCode", default=None)


class LocaleRows(msgspec.Struct, frozen=True):
    items: list[LocaleRow]


class ErrorSys(msgspec.Struct, frozen=True):
    id: str = ""


class Problem(msgspec.Struct, frozen=True):
    sys: ErrorSys = ErrorSys()
    message: str = ""
