"""Rows as OData v2 writes them: JSON inside `d`, or Atom, which is what a request gets that does not ask for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import msgspec

from mocks.sap.filters import Row
from mocks.sap.literals import Value
from mocks.sap.model import EntitySet, Navigation, Property, Service
from mocks.sap.options import Shape

DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
METADATA = f"{DATA}/metadata"
SCHEME = f"{DATA}/scheme"
RELATED = f"{DATA}/related"
XMLNS = f'xmlns="http://www.w3.org/2005/Atom" xmlns:m="{METADATA}" xmlns:d="{DATA}"'
Related = Callable[[Row, EntitySet, Navigation], list[Row]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a set, how many there are in all (when asked), and where they go on (when they do)."""

    rows: Sequence[Row]
    count: int | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes entities of one service; `root` is the service's absolute URL."""

    service: Service
    root: str
    related: Related

    def uri(self, row: Row, of: EntitySet) -> str:
        parts = [f"'{quote(str(row[name]).replace(chr(39), chr(39) * 2), safe=chr(39))}'" for name in of.keys]
        named = ",".join(f"{name}={part}" for name, part in zip(of.keys, parts, strict=True))
        return f"{self.root}/{of.name}({parts[0] if len(parts) == 1 else named})"

    def json_page(self, page: Page, of: EntitySet, shape: Shape) -> bytes:
        body: dict[str, Any] = {} if page.count is None else {"__count": str(page.count)}
        body["results"] = [self.entity(row, of, shape) for row in page.rows]
        if page.next:
            body["__next"] = page.next
        return wrapped(body)

    def json_entity(self, row: Row, of: EntitySet, shape: Shape) -> bytes:
        return wrapped(self.entity(row, of, shape))

    def entity(self, row: Row, of: EntitySet, shape: Shape) -> dict[str, Any]:
        uri = self.uri(row, of)
        body: dict[str, Any] = {"__metadata": {"id": uri, "uri": uri, "type": f"{self.service.name}.{of.type}"}}
        body |= {one.name: json_value(row[one.name], one) for one in shape.properties}
        for name, below in shape.expanded.items():
            body[name] = self._expanded(row, of, name, below)
        for navigation in shape.deferred:
            body[navigation.name] = {"__deferred": {"uri": f"{uri}/{navigation.name}"}}
        return body

    def _expanded(self, row: Row, of: EntitySet, name: str, shape: Shape) -> dict[str, Any] | None:
        target, many, rows = self._follow(row, of, name)
        entities = [self.entity(one, target, shape) for one in rows]
        return {"results": entities} if many else next(iter(entities), None)

    def _follow(self, row: Row, of: EntitySet, name: str) -> tuple[EntitySet, bool, list[Row]]:
        navigation = of.navigation(name)
        assert navigation is not None, name  # noqa: S101 - a shape names only navigations of its set
        return self.service.sets[navigation.target], navigation.many, self.related(row, of, navigation)

    def atom_page(self, page: Page, of: EntitySet, shape: Shape) -> bytes:
        return document(self._feed(page, of, shape, f"{self.root}/{of.name}", XMLNS))

    def atom_entity(self, row: Row, of: EntitySet, shape: Shape) -> bytes:
        return document(self._entry(row, of, shape, XMLNS))

    def _feed(self, page: Page, of: EntitySet, shape: Shape, uri: str, namespaces: str = "") -> str:
        count = "" if page.count is None else f"<m:count>{page.count}</m:count>"
        following = f'<link rel="next" href={quoteattr(page.next)}/>' if page.next else ""
        entries = "".join(self._entry(row, of, shape) for row in page.rows)
        head = f'<id>{escape(uri)}</id><title type="text">{of.name}</title>'
        return f"<feed {namespaces}>{head}{count}{entries}{following}</feed>"

    def _entry(self, row: Row, of: EntitySet, shape: Shape, namespaces: str = "") -> str:
        uri = self.uri(row, of)
        links = "".join(
            f'<link rel="{RELATED}/{name}" title="{name}" href={quoteattr(f"{uri}/{name}")}>{inline}</link>'
            for name, inline in self._links(row, of, shape)
        )
        return (
            f'<entry {namespaces}><id>{escape(uri)}</id><category term="{self.service.name}.{of.type}" '
            f'scheme="{SCHEME}"/>{links}<content type="application/xml"><m:properties>'
            f"{xml_properties(row, shape.properties)}</m:properties></content></entry>"
        )

    def _links(self, row: Row, of: EntitySet, shape: Shape) -> Iterator[tuple[str, str]]:
        for name, below in shape.expanded.items():
            target, many, rows = self._follow(row, of, name)
            inner = (
                self._feed(Page(rows), target, below, f"{self.uri(row, of)}/{name}")
                if many
                else "".join(self._entry(one, target, below) for one in rows)
            )
            yield name, f"<m:inline>{inner}</m:inline>"
        yield from ((navigation.name, "") for navigation in shape.deferred)


def wrapped(body: Any) -> bytes:
    return msgspec.json.encode({"d": body})


def document(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{inner}'.encode()


def json_record(row: Row, properties: Iterable[Property]) -> dict[str, Any]:
    return {one.name: json_value(row[one.name], one) for one in properties}


def xml_properties(row: Row, properties: Iterable[Property]) -> str:
    return "".join(f"<d:{one.name}>{escape(_xml_value(row[one.name], one))}</d:{one.name}>" for one in properties)


def json_value(value: Value, of: Property) -> str | bool | None:
    """Decimals are strings; moments are milliseconds since 1970 in UTC, with a zone only for DateTimeOffset."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"/Date({_milliseconds(value)}{'+0000' if of.type == 'Edm.DateTimeOffset' else ''})/"
    return value


def _xml_value(value: Value, of: Property) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            moment = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
            return moment + ("Z" if of.type == "Edm.DateTimeOffset" else "")
        case _:
            return str(json_value(value, of))


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def media(accept: str, options: Mapping[str, str]) -> str | None:
    """`json` or `atom`; None when `$format` wants something we do not have. `$format` wins over Accept."""
    wanted = options.get("$format")
    if wanted is not None:
        return {"json": "json", "atom": "atom", "xml": "atom"}.get(wanted)
    return "json" if "application/json" in accept else "atom"
