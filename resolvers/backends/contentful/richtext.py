"""A rich text document as HTML that is safe to show, and as plain text.

First line of defence: every text is escaped, elements come from a fixed list, and only absolute http, https and mailto
addresses become links. Second line: a maintained sanitiser goes over the result with the same lists. Whatever is
neither known nor safe leaves its words behind, without a link or an element around them.

An embedded picture is an `img` (https only), another file a link to it, an embedded entry an `aside` with its title
and text. What an entry's own address is only the caller's site knows, so a link to an entry is just its words; what
cannot be resolved is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Protocol
from urllib.parse import quote

import msgspec
import nh3

from resolvers.backends.contentful.records import Link

DEEPEST = 60
ELEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "paragraph": "p",
        "blockquote": "blockquote",
        "unordered-list": "ul",
        "ordered-list": "ol",
        "list-item": "li",
        "table": "table",
        "table-row": "tr",
        "table-cell": "td",
        "table-header-cell": "th",
        **{f"heading-{level}": f"h{level}" for level in range(1, 7)},
    }
)
MARKS: Mapping[str, str] = MappingProxyType(
    {
        "bold": "strong",
        "italic": "em",
        "underline": "u",
        "code": "code",
        "superscript": "sup",
        "subscript": "sub",
        "strikethrough": "s",
    }
)
TAGS = frozenset({*ELEMENTS.values(), *MARKS.values(), "a", "aside", "br", "hr", "img", "tbody"})
SCHEMES = frozenset({"http", "https", "mailto"})
WEB = re.compile(r"https?://[^\s\x00-\x20\x7f/?#\\@\"<>]+(?:[/?#]\S*)?", re.IGNORECASE)
MAIL = re.compile(r"mailto:[^\s\x00-\x20\x7f?\\@\"<>]+@[^\s\x00-\x20\x7f?\\@\"<>]+(?:\?\S*)?", re.IGNORECASE)
URI_SAFE = "!#$%&'()*+,/:;=?@[]~"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


class Mark(msgspec.Struct, frozen=True):
    type: str = ""


class Data(msgspec.Struct, frozen=True):
    uri: str = ""
    target: Link | None = None


class Node(msgspec.Struct, frozen=True):
    """A part of a document: `text` has a value and marks, all others have content."""

    kind: str = msgspec.field(name="nodeType")
    content: list[Node] = []
    value: str = ""
    marks: list[Mark] = []
    data: Data = Data()


class Shown(msgspec.Struct, frozen=True):
    """What a link leads to: an asset's address and whether it is a picture, an entry's title and text."""

    title: str = ""
    text: str = ""
    url: str = ""
    picture: bool = False


class Linked(Protocol):
    def shown(self, kind: str, name: str) -> Shown | None:
        """What `Entry` or `Asset` of this id is; None when it is not there."""


class TooDeep(ValueError):
    """A document that is nested deeper than anybody writes."""


def html(document: Node, linked: Linked) -> str:
    """Raises TooDeep."""
    raw = _inside(document, linked, 0)
    attributes = {"a": {"href"}, "img": {"src", "alt"}}
    return nh3.clean(raw, tags=set(TAGS), attributes=attributes, url_schemes=set(SCHEMES))


def text(document: Node, linked: Linked) -> str:
    """Raises TooDeep."""
    return re.sub(r"\n{3,}", "\n\n", _words(document, linked, 0)).strip()


def address(uri: str) -> str | None:
    """An address as it may stand in a link; None for anything but absolute http, https and mailto."""
    uri = uri.strip()
    return quote(uri, safe=URI_SAFE) if WEB.fullmatch(uri) or MAIL.fullmatch(uri) else None


def file_address(url: str) -> str | None:
    """The address of an asset: the hub gives it without a scheme, and http is never meant."""
    whole = f"https:{url}" if url.startswith("//") else re.sub(r"(?i)\Ahttp:", "https:", url)
    return address(whole) if whole.lower().startswith("https:") else None


# HTML


def _inside(node: Node, linked: Linked, depth: int) -> str:
    if depth > DEEPEST:
        raise TooDeep(f"a document nested deeper than {DEEPEST}")
    return "".join(_html(child, linked, depth + 1) for child in node.content)


def _html(node: Node, linked: Linked, depth: int) -> str:
    match node.kind:
        case "text":
            return _marked(node)
        case "hr":
            return "<hr>"
        case "hyperlink":
            return _anchor(address(node.data.uri), _inside(node, linked, depth))
        case "asset-hyperlink":
            found = _target(node, linked)
            return _anchor(file_address(found.url) if found else None, _inside(node, linked, depth))
        case "embedded-asset-block":
            return _file(_target(node, linked))
        case "embedded-entry-block" | "embedded-entry-inline":
            return _entry(_target(node, linked), node.kind.endswith("block"))
    element = ELEMENTS.get(node.kind)
    inside = _inside(node, linked, depth)
    return f"<{element}>{inside}</{element}>" if element else inside


def _marked(node: Node) -> str:
    found = _escaped(node.value)
    for mark in reversed(node.marks):
        if element := MARKS.get(mark.type):
            found = f"<{element}>{found}</{element}>"
    return found


def _anchor(href: str | None, inside: str) -> str:
    return f'<a href="{escape(href)}">{inside}</a>' if href else inside


def _file(found: Shown | None) -> str:
    url = file_address(found.url) if found else None
    if found is None or url is None:
        return ""
    if found.picture:
        return f'<img src="{escape(url)}" alt="{escape(_clean(found.text))}">'
    return f"<p>{_anchor(url, _escaped(found.title or url))}</p>"


def _entry(found: Shown | None, block: bool) -> str:
    if found is None:
        return ""
    if not block:
        return _escaped(found.title)
    title = f"<p><strong>{_escaped(found.title)}</strong></p>" if found.title else ""
    return f"<aside>{title}<p>{_escaped(found.text)}</p></aside>" if found.text else f"<aside>{title}</aside>"


def _escaped(value: str) -> str:
    return escape(_clean(value)).replace("\n", "<br>")


def _clean(value: str) -> str:
    return CONTROLS.sub("", value)


def _target(node: Node, linked: Linked) -> Shown | None:
    to = node.data.target
    return linked.shown(to.sys.link_type, to.sys.id) if to is not None and to.sys.id else None


# plain text


def _words(node: Node, linked: Linked, depth: int) -> str:
    if depth > DEEPEST:
        raise TooDeep(f"a document nested deeper than {DEEPEST}")
    match node.kind:
        case "text":
            return _clean(node.value)
        case "unordered-list" | "ordered-list":
            return _items(node, linked, depth)
        case "table-row":
            cells = (_words(child, linked, depth + 1).strip() for child in node.content)
            return "\t".join(cells) + "\n"
        case "embedded-entry-block" | "embedded-entry-inline" | "embedded-asset-block":
            return _shown_words(_target(node, linked), node.kind.endswith("block"))
    inside = "".join(_words(child, linked, depth + 1) for child in node.content)
    return f"{inside}\n\n" if node.kind in ELEMENTS else inside


def _items(node: Node, linked: Linked, depth: int) -> str:
    lines = []
    for number, child in enumerate(node.content, 1):
        sign = f"{number}. " if node.kind == "ordered-list" else "- "
        inside = re.sub(r"\n{2,}", "\n", _words(child, linked, depth + 1).strip())
        lines.append(sign + inside.replace("\n", "\n" + " " * len(sign)))
    return "\n".join(lines) + "\n\n"


def _shown_words(found: Shown | None, block: bool) -> str:
    if found is None:
        return ""
    said = "\n".join(filter(None, (found.title if not found.picture else "", found.text)))
    return f"{_clean(said)}\n\n" if block else _clean(found.title)
