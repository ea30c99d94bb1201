"""The space as it is delivered: published entries and assets, found by id and by SKU, their fields made when read.

What is a draft or was deleted is not here; a link to it leads nowhere. Deleted things are kept apart, for sync.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from mocks.contentful import model, richtext
from mocks.contentful.model import Type
from mocks.world.content import Asset, Content, Entry, Link
from mocks.world.model import World

SPACE = "c360"
ENVIRONMENT = "master"
Values = Mapping[str, Any]
Make = Callable[[str], Values]


class Row:
    """One entry or asset. `values(field)` gives a field by locale; an empty mapping when it has none."""

    __slots__ = ("_made", "_make", "_words", "of", "skus", "sys")

    def __init__(self, sys: dict[str, Any], of: Type, make: Make, skus: tuple[str, ...] = ()) -> None:
        self.sys = sys
        self.of = of
        self.skus = skus
        self._make = make
        self._made: dict[str, Values] = {}
        self._words: dict[str, list[str]] = {}

    @property
    def id(self) -> str:
        return str(self.sys["id"])

    def values(self, field: str) -> Values:
        if field not in self._made:
            self._made[field] = self._make(field)
        return self._made[field]

    def value(self, path: str, locale: str) -> Any:
        """What a filter or an order names, in a locale; None when it is not there."""
        root, _, rest = path.partition(".")
        if root == "sys":
            return _deep(self.sys, rest)
        name, _, below = rest.partition(".")
        found = model.in_locale(self.values(name), locale, self.of.fields[name].localized)
        return _deep(found, below) if below else found

    def words(self, locale: str) -> list[str]:
        """The words of all its text fields in a locale, internal ones included."""
        if locale not in self._words:
            texts = [self._text(name, locale) for name in self.of.fields]
            self._words[locale] = list(dict.fromkeys(word for text in texts for word in split(text)))
        return self._words[locale]

    def _text(self, name: str, locale: str) -> str:
        found = self.value(f"fields.{name}", locale)
        if isinstance(found, dict):
            return " ".join(_texts(found))
        return " ".join(found) if isinstance(found, list) else str(found or "")


class Store:
    """Rows by type and id. Everything is laid out when it is first asked for."""

    def __init__(self, world: World) -> None:
        self._content = world.part(Content)
        self.world = world

    @cached_property
    def entries(self) -> dict[str, Row]:
        return {one.id: self._entry(one) for one in self._content.entries if one.state == "published"}

    @cached_property
    def assets(self) -> dict[str, Row]:
        return {one.id: self._asset(one) for one in self._content.assets if one.state == "published"}

    @cached_property
    def deleted(self) -> list[dict[str, Any]]:
        """What sync says of things that are gone."""
        entries = [_gone("DeletedEntry", one) for one in self._content.entries if one.state == "deleted"]
        return entries + [_gone("DeletedAsset", one) for one in self._content.assets if one.state == "deleted"]

    def of(self, kind: str) -> dict[str, Row]:
        return self.entries if kind == "Entry" else self.assets

    def _entry(self, entry: Entry) -> Row:
        content = {"sys": {"type": "Link", "linkType": "ContentType", "id": entry.type}}
        sys = {**_sys("Entry", entry), "contentType": content}
        return Row(sys, model.TYPES[entry.type], lambda field: self._field(entry, field), entry.skus)

    def _field(self, entry: Entry, field: str) -> Values:
        match field:
            case "title":
                return self._content.titles(entry)
            case "text":
                return self._content.texts(entry)
            case "body":
                return {code: richtext.document(body) for code, body in self._content.bodies(entry).items()}
            case "slug":
                return {model.DEFAULT: self._content.slug(entry)}
            case "kind":
                return {model.DEFAULT: entry.kind}
            case "skus":
                return {model.DEFAULT: list(entry.skus)}
            case "image" if entry.image is not None:
                return {model.DEFAULT: richtext.link(Link("Asset", entry.image))}
            case "internalNotes":
                return {model.DEFAULT: self._content.notes(entry)}
            case _:
                return {}

    def _asset(self, asset: Asset) -> Row:
        image = {"image": {"width": asset.width, "height": asset.height}} if asset.width else {}
        file = {"url": asset.url, "details": {"size": asset.size, **image}, "fileName": asset.file_name}
        fields: dict[str, Values] = {
            "title": asset.titles,
            "description": asset.descriptions,
            "file": {model.DEFAULT: {**file, "contentType": asset.media}},
        }
        return Row(_sys("Asset", asset), model.ASSET, fields.__getitem__)


def split(text: str) -> list[str]:
    """Words as full-text search knows them, in lower case; a symbol beyond ASCII (an emoji) is a word by itself."""
    return re.findall(r"\w+|[^\w\s\x00-\x7f]", text.casefold())


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def place() -> dict[str, Any]:
    """The space and the environment that everything is in."""
    return {
        "space": {"sys": {"type": "Link", "linkType": "Space", "id": SPACE}},
        "environment": {"sys": {"id": ENVIRONMENT, "type": "Link", "linkType": "Environment"}},
    }


def _sys(kind: str, one: Entry | Asset) -> dict[str, Any]:
    where = place()
    return {
        "space": where["space"],
        "id": one.id,
        "type": kind,
        "createdAt": moment(one.created),
        "updatedAt": moment(one.updated),
        "environment": where["environment"],
        "revision": one.revision,
    }


def _gone(kind: str, one: Entry | Asset) -> dict[str, Any]:
    return {**_sys(kind, one), "deletedAt": moment(one.updated)}


def _deep(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _texts(node: dict[str, Any]) -> list[str]:
    own = [node["value"]] if isinstance(node.get("value"), str) else []
    return own + [text for child in node.get("content", ()) for text in _texts(child)]
