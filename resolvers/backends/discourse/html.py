"""What members of the community wrote, made safe to show, and as plain text.

The community renders it itself, and its own protection is not ours: so a maintained sanitiser goes over it. Elements
come from the list that editors' texts are held to; what runs or frames things goes with all that is in it. Only
absolute http, https and mailto addresses stay in links, only https in pictures; a link or a picture that loses its
address, as mentions and the small signs of a community do, leaves its words behind.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from resolvers.backends.contentful.richtext import CONTROLS, SCHEMES, TAGS, address, file_address

EXTRA = frozenset({"pre", "del", "b", "i"})
DROPPED = frozenset({"script", "style", "form", "iframe", "object", "embed", "svg", "math", "noscript", "template"})
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
NOWHERE = re.compile(r"<a(?=[\s>])(?![^>]*\shref=)[^>]*>(.*?)</a>", re.DOTALL)
WORDLESS = re.compile(r"<img(?![^>]*\ssrc=)([^>]*)>")
ALT = re.compile(r'\salt="([^"]*)"')
BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "pre", "table", "tr", "aside", "hr"}
)
BYTE_ORDER_MARK = "\ufeff"  # readers of HTML drop one that a text begins with
LONGEST = 200_000


class TooLong(ValueError):
    """More than anybody writes."""


def html(cooked: str) -> str:
    """Raises TooLong."""
    if len(cooked) > LONGEST:
        raise TooLong(f"{len(cooked)} characters")
    clean = nh3.clean(
        CONTROLS.sub("", cooked),
        tags=set(TAGS | EXTRA),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(SCHEMES),
    )
    return WORDLESS.sub(_words, NOWHERE.sub(r"\1", clean)).lstrip(BYTE_ORDER_MARK)


def text(clean: str) -> str:
    """The words of sanitised HTML, paragraphs apart by blank lines."""
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    lines = "".join(reader.parts)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", lines)).strip()


def _attribute(element: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return address(value)
    return file_address(value) if attribute == "src" else value


def _words(picture: re.Match[str]) -> str:
    alt = ALT.search(picture.group(1))
    return alt.group(1).replace("&quot;", '"') if alt else ""


class _Reader(HTMLParser):
    """Gathers the words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
