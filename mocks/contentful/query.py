"""A query string as what it asks for: which rows, in which order and language, and how much of each.

Parameters that are given twice are refused (unverified). Without an order, what was published last comes first, and
the id decides between equals (unverified). A filter sees a field in the language asked for, fallbacks included; with
`locale=*` it sees the default language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mocks.contentful import model
from mocks.contentful.errors import bad, inapplicable, invalid, needs_type, unknown
from mocks.contentful.model import Type
from mocks.contentful.rows import Row, moment, split

LONGEST_PAGE = 1_000
USUAL_PAGE = 100
DEEPEST = 10
MOST_SELECTED = 100
FILTER = re.compile(r"([A-Za-z][\w.-]*)(?:\[([a-z]+)\])?")
PLAIN = frozenset({"access_token", "content_type", "select", "order", "limit", "skip", "include", "locale", "query"})
LINKING = {"links_to_entry": "Entry", "links_to_asset": "Asset"}
MEDIA = {
    "image": ("image/",),
    "pdfdocument": ("application/pdf",),
    "plaintext": ("text/plain",),
    "video": ("video/",),
    "audio": ("audio/",),
    "attachment": ("application/",),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one field. `kind`: its type; `given`: the value as sent."""

    path: str
    operator: str
    kind: str
    given: str

    @property
    def values(self) -> list[str]:
        """A list is parted at its commas: a value with a comma cannot be in one."""
        return self.given.split(",") if self.operator in ("in", "nin", "all") else [self.given]

    def holds(self, row: Row, locale: str) -> bool:
        found = row.value(self.path, locale)
        match self.operator:
            case "exists":
                return (found is not None) == (self.given == "true")
            case "match":
                return found is not None and self._matches(str(found))
            case "lt" | "lte" | "gt" | "gte":
                return found is not None and self._compares(found)
        has = set(found) if isinstance(found, list) else {str(found)} if found is not None else set()
        match self.operator:
            case "ne" | "nin":
                return has.isdisjoint(self.values)
            case "all":
                return has.issuperset(self.values)
            case _:
                return not has.isdisjoint(self.values)

    def _matches(self, found: str) -> bool:
        """On short text a search that is anchored at its beginning, whatever the reference calls it."""
        if self.kind == "Symbol":
            return found.casefold().startswith(self.given.casefold())
        return matches(split(found), self.given)

    def _compares(self, found: Any) -> bool:
        mine, other = (found, int(self.given)) if self.kind == "Integer" else (found, self.given)
        below, equal = bool(mine < other), bool(mine == other)
        return {"lt": below, "lte": below or equal, "gt": not below and not equal, "gte": not below}[self.operator]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of all entries or all assets. `select`: None for everything; `text`: full text."""

    of: Type | None
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    select: tuple[str, ...] | None
    text: str | None
    locale: str
    skip: int
    limit: int
    include: int
    linking: tuple[tuple[str, str], ...]
    media: str | None

    def arrange(self, rows: Mapping[str, Row]) -> list[Row]:
        """All rows that pass, in order, before any is skipped."""
        sees = model.DEFAULT if self.locale == model.EVERY else self.locale
        passing = [row for row in rows.values() if self._passes(row, sees)]
        passing.sort(key=lambda row: row.id)
        for path, descending in reversed(self.order or (("sys.updatedAt", True),)):
            passing.sort(key=partial(_sortable, path, sees), reverse=descending)
        return passing

    def _passes(self, row: Row, locale: str) -> bool:
        if self.of is not None and row.of is not self.of:
            return False
        if not all(condition.holds(row, locale) for condition in self.conditions):
            return False
        if self.media is not None and not str(row.value("fields.file.contentType", locale)).startswith(
            MEDIA[self.media]
        ):
            return False
        if not all(_links(row, kind, to) for kind, to in self.linking):
            return False
        return self.text is None or matches(row.words(locale), self.text)

    @property
    def columns(self) -> list[str]:
        """What is selected, for the request log."""
        if self.select is not None and not {"fields", "sys"} & set(self.select):
            return list(self.select)
        fields = [f"fields.{name}" for name in self.of.fields] if self.of is not None else ["fields"]
        wanted = self.select or ("sys", "fields")
        return [column for one in wanted for column in (fields if one == "fields" else [one])]

    @property
    def keys(self) -> list[str]:
        """The ids, SKUs or words that are asked for."""
        named = ("sys.id", "fields.skus")
        asked = [value for one in self.conditions if one.path in named for value in one.values]
        return asked + ([self.text] if self.text is not None else [])


def parse(pairs: Sequence[tuple[str, str]], kind: str) -> Query:
    """A query of entries (`Entry`) or assets (`Asset`)."""
    given = once(pairs)
    of = _type(given, kind)
    filters = {name: text for name, text in given.items() if name not in PLAIN and name not in LINKING}
    media = filters.pop("mimetype_group", None) if kind == "Asset" else None
    if media is not None and media not in MEDIA:
        raise invalid(name="in", path=["mimetype_group"], value=media, expected=sorted(MEDIA))
    return Query(
        of,
        tuple(_condition(name, text, of) for name, text in filters.items()),
        tuple(_order(one, of) for one in given["order"].split(",")) if "order" in given else (),
        _selection(given["select"], of) if "select" in given else None,
        given.get("query"),
        model.locale(given.get("locale", model.DEFAULT)),
        number(given, "skip", 0, None),
        number(given, "limit", USUAL_PAGE, LONGEST_PAGE),
        number(given, "include", 1, DEEPEST),
        tuple((LINKING[name], given[name]) for name in LINKING if name in given),
        media,
    )


def _type(given: Mapping[str, str], kind: str) -> Type | None:
    if kind == "Entry":
        return model.content_type(given["content_type"]) if "content_type" in given else None
    if "content_type" in given:
        raise unknown("content_type")
    return model.ASSET


def once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name."""
    given: dict[str, str] = {}
    for name, text in pairs:
        if name in given:
            raise bad(f"The parameter {name} is given twice")
        given[name] = text
    return given


def number(given: Mapping[str, str], name: str, usual: int, most: int | None) -> int:
    text = given.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad(f"{name} has to be a whole number")
    if most is not None and int(text) > most:
        raise bad(f"{name} has to be at most {most}")
    return int(text)


def matches(words: Sequence[str], text: str) -> bool:
    """Every word of the text begins some word; a text without words is nowhere."""
    wanted = split(text)
    return bool(wanted) and all(any(word.startswith(one) for word in words) for one in wanted)


def _condition(name: str, text: str, of: Type | None) -> Condition:
    found = FILTER.fullmatch(name)
    if found is None:
        raise unknown(name)
    path, operator = found[1], found[2] or ""
    kind = model.kind_of(path, of)
    if operator not in model.OPERATORS[kind]:
        raise inapplicable(path, operator or "eq", kind)
    if operator == "exists" and text not in ("true", "false"):
        raise invalid(name="type", path=path.split("."), details="exists takes true or false")
    if kind == "Integer" and operator != "exists" and not re.fullmatch(r"-?[0-9]{1,18}(,-?[0-9]{1,18})*", text):
        raise invalid(name="type", path=path.split("."), value=text, type="Integer")
    if kind == "Date" and operator != "exists":
        text = ",".join(_date(path, one) for one in text.split(","))
    return Condition(path, operator, kind, text)


def _date(path: str, text: str) -> str:
    """A date, with or without time, as rows have it: UTC, unless it says otherwise."""
    try:
        at = datetime.fromisoformat(text)
        return moment(at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise invalid(name="type", path=path.split("."), value=text, type="Date") from error


def _order(text: str, of: Type | None) -> tuple[str, bool]:
    path = text.removeprefix("-")
    kind = model.kind_of(path, of)
    if kind not in model.SORTABLE:
        raise inapplicable(path, "order", kind)
    return path, text.startswith("-")


def _selection(text: str, of: Type | None) -> tuple[str, ...]:
    paths = tuple(dict.fromkeys(text.split(",")))
    if len(paths) > MOST_SELECTED:
        raise bad(f"select takes at most {MOST_SELECTED} properties")
    for path in paths:
        root, _, rest = path.partition(".")
        if root not in ("sys", "fields", "metadata") or "" in path.split("."):
            raise unknown(path)
        if root == "fields" and of is None:
            raise needs_type()
        if root == "fields" and of is not None and rest and rest not in of.fields:
            raise unknown(path)
    return paths


def _sortable(path: str, locale: str, row: Row) -> tuple[bool, Any]:
    value = row.value(path, locale)
    return value is not None, value if value is not None else 0


def _links(row: Row, kind: str, to: str) -> bool:
    wanted = {"type": "Link", "linkType": kind, "id": to}
    return any(wanted in links(row.values(name)) for name in row.of.fields)


def links(value: Any) -> list[dict[str, Any]]:
    """Every link below a value, in the order of the text."""
    if isinstance(value, list):
        return [link for one in value for link in links(one)]
    if not isinstance(value, Mapping):
        return []
    sys = value.get("sys")
    if isinstance(sys, Mapping) and sys.get("type") == "Link":
        return [dict(sys)]
    return [link for one in value.values() for link in links(one)]
