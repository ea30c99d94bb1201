"""From the hub's rows to our records: what was asked for, links resolved within the page they came with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from resolvers.backends.base import Columns, Garbled, Wire
from resolvers.backends.contentful import richtext
from resolvers.backends.contentful.languages import Reader
from resolvers.backends.contentful.records import Body, Collection, ContentItem, File, Image, Link, Row
from resolvers.backends.contentful.richtext import Node, Shown

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, richtext.TooDeep)


class Linked:
    """What the rows of one page link to, by type and id. Of two revisions of one thing the newer counts."""

    def __init__(self, page: Collection, reader: Reader) -> None:
        self._reader = reader
        self._rows: dict[tuple[str, str], Row] = {}
        self._add("Entry", page.items)
        self._add("Entry", page.includes.entries)
        self._add("Asset", page.includes.assets)

    def _add(self, kind: str, rows: Iterable[Row]) -> None:
        for row in rows:
            known = self._rows.get((kind, row.sys.id))
            if known is None or known.sys.revision < row.sys.revision:
                self._rows[kind, row.sys.id] = row

    def shown(self, kind: str, name: str) -> Shown | None:
        """An entry's title and text, or an asset's title, description and address."""
        row = self._rows.get((kind, name))
        if row is None:
            return None
        title = self._text(row.fields, "title")
        if kind == "Entry":
            return Shown(title, self._text(row.fields, "text"))
        file = self._reader.same(row.fields, "file", File) or File()
        return Shown(title, self._text(row.fields, "description"), file.url, file.media.startswith("image/"))

    def _text(self, fields: Mapping[str, Raw], name: str) -> str:
        """Text, if it is one: a linked entry can be of any type."""
        found: Any = self._reader.read(fields, name, object)[0]
        return found if isinstance(found, str) else ""


class Nothing:
    """Leads nowhere: for who wants a text without what is shown in it."""

    def shown(self, kind: str, name: str) -> None:
        return None


def rows(pages: Sequence[Collection], reader: Reader) -> Iterator[tuple[Row, Linked]]:
    """All rows, each with what its page has to say about its links."""
    for page in pages:
        linked = Linked(page, reader)
        yield from ((row, linked) for row in page.items)


def item(wire: Wire, row: Row, linked: Linked, reader: Reader, columns: Columns) -> ContentItem | Garbled:
    """One article, only what was asked for; or why it cannot be read."""
    try:
        return _item(row, linked, reader, columns)
    except UNREADABLE as error:
        return _garbled(wire, row, error)


def skus(wire: Wire, row: Row, reader: Reader) -> list[str]:
    """The products an article concerns. Raises Garbled."""
    try:
        return reader.same(row.fields, "skus", list[str]) or []
    except UNREADABLE as error:
        raise _garbled(wire, row, error) from error


def words(wire: Wire, row: Row, reader: Reader) -> str:
    """All text of an article that readers see, in lower case, to look for words in. Raises Garbled."""
    try:
        title, _ = reader.read(row.fields, "title", str)
        body, _ = reader.read(row.fields, "body", Node)
        text = richtext.text(body, Nothing()) if body else ""
    except UNREADABLE as error:
        raise _garbled(wire, row, error) from error
    return "\n".join((title or "", text, *skus(wire, row, reader))).casefold()


def _garbled(wire: Wire, row: Row, error: BaseException) -> Garbled:
    return Garbled(wire.system, f"entry {row.sys.id[:64]!r}: {type(error).__name__}: {error}")


def _item(row: Row, linked: Linked, reader: Reader, columns: Columns) -> ContentItem:
    title, title_from = reader.read(row.fields, "title", str)
    body, body_from = reader.read(row.fields, "body", Node) if _wants(columns, "body") else (None, None)
    requested = _requested(row, reader) if columns & {"locale", "requested_locale", "body.locale"} else None
    return ContentItem(
        row.sys.id,
        kind=reader.same(row.fields, "kind", str) if "kind" in columns else None,
        title=title if "title" in columns else None,
        body=_body(body, linked, columns, body_from or requested) if body else None,
        image=_image(reader.same(row.fields, "image", Link), linked) if _wants(columns, "image") else None,
        locale=title_from or requested if "locale" in columns else None,
        requested_locale=requested if "requested_locale" in columns else None,
        published_at=_published_at(row) if "published_at" in columns else None,
        skus=(reader.same(row.fields, "skus", list[str]) or []) if "skus" in columns else None,
    )


def _wants(columns: Columns, part: str) -> bool:
    return part in columns or any(column.startswith(f"{part}.") for column in columns)


def _requested(row: Row, reader: Reader) -> str:
    found = reader.chain.codes[0] if reader.chain else row.sys.locale
    if found is UNSET:
        raise msgspec.ValidationError("asked for sys.locale and was not given it")
    return str(found)


def _published_at(row: Row) -> Any:
    if row.sys.updated_at is UNSET:
        raise msgspec.ValidationError("asked for sys.updatedAt and was not given it")
    return row.sys.updated_at


def _body(document: Node, linked: Linked, columns: Columns, locale: str | None) -> Body:
    """Both, when the body is asked for and no part of it is named."""
    whole = not any(column.startswith("body.") for column in columns)
    return Body(
        html=richtext.html(document, linked) if whole or "body.html" in columns else None,
        text=richtext.text(document, linked) if whole or "body.text" in columns else None,
        locale=locale if "body.locale" in columns else None,
    )


def _image(link: Link | None, linked: Linked) -> Image | None:
    """None, too, for a picture that was deleted, and for a file that is none."""
    found = linked.shown("Asset", link.sys.id) if link else None
    url = richtext.file_address(found.url) if found and found.picture else None
    return Image(url, found.text or None) if found and url else None
