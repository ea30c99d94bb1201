"""The content model of the space: its types, what their fields are, and which language stands in for which.

`article` is the one type that concerns products; its field `kind` says whether it is a product page, a how-to or a
recall. `snippet` is embedded in articles. Operators by field type follow the API's reference; that RichText knows only
`exists`, Text only `match` and `exists`, and that ranges are for dates and numbers, is from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mocks.contentful.errors import bad, invalid, needs_type, unknown
from mocks.world.content import LOCALES

DEFAULT = LOCALES[0].code
FALLBACKS: Mapping[str, str | None] = MappingProxyType({one.code: one.fallback for one in LOCALES})
EVERY = "*"
EQUALITY = frozenset({"", "ne", "in", "nin", "exists"})
RANGE = EQUALITY | {"lt", "lte", "gt", "gte"}
OPERATORS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Symbol": EQUALITY | {"match"},
        "Text": frozenset({"match", "exists"}),
        "RichText": frozenset({"exists"}),
        "Array": EQUALITY | {"all"},
        "Integer": RANGE,
        "Date": RANGE,
        "Link": frozenset({"exists"}),
        "Object": frozenset({"exists"}),
    }
)
SORTABLE = frozenset({"Symbol", "Integer", "Date"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    title: str
    kind: str
    localized: bool = False
    required: bool = False
    link_type: str = ""

    def shown(self) -> dict[str, Any]:
        flags = {"localized": self.localized, "required": self.required, "disabled": False, "omitted": False}
        shown: dict[str, Any] = {"id": self.name, "name": self.title, "type": self.kind, **flags}
        if self.kind == "Array":
            shown["items"] = {"type": "Symbol", "validations": []}
        if self.link_type:
            shown["linkType"] = self.link_type
        return shown


@dataclass(frozen=True, slots=True)
class Type:
    """A content type; `fields` by their ids."""

    id: str
    name: str
    description: str
    fields: Mapping[str, Field]


def _type(name: str, title: str, description: str, *fields: Field) -> Type:
    return Type(name, title, description, MappingProxyType({field.name: field for field in fields}))


TYPES: Mapping[str, Type] = MappingProxyType(
    {
        "article": _type(
            "article",
            "Article",
            "Product pages, how-to articles and recall notices.",
            Field("title", "Title", "Symbol", localized=True, required=True),
            Field("slug", "Slug", "Symbol", required=True),
            Field("kind", "Kind", "Symbol", required=True),
            Field("skus", "SKUs", "Array"),
            Field("body", "Body", "RichText", localized=True),
            Field("image", "Image", "Link", link_type="Asset"),
            Field("internalNotes", "Internal notes", "Text"),
        ),
        "snippet": _type(
            "snippet",
            "Snippet",
            "A note that several articles show.",
            Field("title", "Title", "Symbol", localized=True, required=True),
            Field("text", "Text", "Text", localized=True),
        ),
    }
)
ASSET = _type(
    "",
    "Asset",
    "",
    Field("title", "Title", "Symbol", localized=True),
    Field("description", "Description", "Text", localized=True),
    Field("file", "File", "Object"),
)
SYS = MappingProxyType(
    {
        "sys.id": "Symbol",
        "sys.type": "Symbol",
        "sys.createdAt": "Date",
        "sys.updatedAt": "Date",
        "sys.revision": "Integer",
        "sys.contentType.sys.id": "Symbol",
    }
)
FILE = MappingProxyType({"contentType": "Symbol", "fileName": "Symbol", "url": "Symbol", "details.size": "Integer"})


def content_type(name: str) -> Type:
    if name not in TYPES:
        raise invalid(name="unknownContentType", value=name)
    return TYPES[name]


def kind_of(path: str, of: Type | None) -> str:
    """The type of what a filter or an order names. `of`: None when no content type was given."""
    if path in SYS:
        return SYS[path]
    root, _, rest = path.partition(".")
    if root != "fields" or not rest:
        raise unknown(path)
    if of is None:
        raise needs_type()
    name, _, below = rest.partition(".")
    field = of.fields.get(name)
    if field is None:
        raise unknown(path)
    return _below(field, below, path)


def _below(field: Field, below: str, path: str) -> str:
    if not below:
        return field.kind
    if field.kind == "Link" and below == "sys.id":
        return "Symbol"
    if field.kind == "Object" and below in FILE:
        return FILE[below]
    raise unknown(path)


def chain(locale: str) -> list[str]:
    """The languages to look for a text in, one after the other."""
    found: list[str] = []
    at: str | None = locale
    while at is not None and at not in found:
        found.append(at)
        at = FALLBACKS[at]
    return found


def locale(text: str) -> str:
    """A locale as asked for. Raises a refusal for one that the space does not have."""
    if text != EVERY and text not in FALLBACKS:
        raise bad(f"Unknown locale: {text}")
    return text


def in_locale(values: Mapping[str, Any], locale: str, localized: bool) -> Any:
    """The value in a language or in what stands in for it; what is not localized is the same in all."""
    places = chain(locale) if localized else [DEFAULT]
    return next((values[code] for code in places if code in values), None)


def locales() -> list[dict[str, Any]]:
    return [
        {"code": one.code, "name": one.name, "default": one.code == DEFAULT, "fallbackCode": one.fallback}
        for one in LOCALES
    ]
