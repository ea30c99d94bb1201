"""Rich text as HTML and as plain text: everything editors write comes through, nothing that a browser would run does."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.backends.contentful import richtext
from resolvers.backends.contentful.richtext import DEEPEST, ELEMENTS, MARKS, TAGS, Node, Shown
from tests.resolvers.backends.contentful_wire import link, node, text

NOTE = Shown("Take <care>", "Hot & heavy")
PICTURE = Shown("chair.png", 'A "chair"', "//images.ctfassets.net/c.png", picture=True)
MANUAL = Shown("Manual <1>", "", "//assets.ctfassets.net/m.pdf")


class Shelf:
    """What documents may link to."""

    def __init__(self, **things: Shown) -> None:
        self._things = things

    def shown(self, kind: str, name: str) -> Shown | None:
        return self._things.get(f"{kind}_{name}")


SHELF = Shelf(Entry_note=NOTE, Asset_picture=PICTURE, Asset_manual=MANUAL)


def read(*blocks: Any) -> Node:
    return msgspec.convert(node("document", *blocks), Node)


def html(*blocks: Any) -> str:
    return richtext.html(read(*blocks), SHELF)


def plain(*blocks: Any) -> str:
    return richtext.text(read(*blocks), SHELF)


def paragraph(*parts: Any) -> dict[str, Any]:
    return node("paragraph", *parts)


# ---- what comes through


@pytest.mark.parametrize("level", range(1, 7))
def test_headings_keep_their_level(level: int) -> None:
    assert html(node(f"heading-{level}", text("Hi"))) == f"<h{level}>Hi</h{level}>"


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_marks_are_elements(mark: str) -> None:
    assert html(paragraph(text("x", mark))) == f"<p><{MARKS[mark]}>x</{MARKS[mark]}></p>"


def test_marks_combine_in_the_order_given() -> None:
    assert html(paragraph(text("x", "bold", "italic", "sparkling"))) == "<p><strong><em>x</em></strong></p>"


def test_lists_nest_in_both_forms() -> None:
    inner = node("ordered-list", node("list-item", paragraph(text("b"))), node("list-item", paragraph(text("c"))))
    outer = node(
        "unordered-list", node("list-item", paragraph(text("a")), inner), node("list-item", paragraph(text("d")))
    )
    assert html(outer) == "<ul><li><p>a</p><ol><li><p>b</p></li><li><p>c</p></li></ol></li><li><p>d</p></li></ul>"
    assert plain(outer) == "- a\n  1. b\n  2. c\n- d"


def test_quotes_rules_and_tables() -> None:
    row = node("table-row", node("table-header-cell", paragraph(text("a"))), node("table-cell", paragraph(text("b"))))
    document = (node("blockquote", paragraph(text("q"))), node("hr"), node("table", row, row))
    cells = "<tr><th><p>a</p></th><td><p>b</p></td></tr>"
    assert html(*document) == f"<blockquote><p>q</p></blockquote><hr><table><tbody>{cells}{cells}</tbody></table>"
    assert plain(*document) == "q\n\na\tb\na\tb"


def test_a_line_break_in_a_text_stays_one() -> None:
    assert html(paragraph(text("a\nb"))) == "<p>a<br>b</p>"
    assert plain(paragraph(text("a\nb")), paragraph(text("c"))) == "a\nb\n\nc"


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/a?b=c&d=e#f",
        "http://shop.example",
        "HTTPS://shop.example/",
        "mailto:help@shop.example?subject=x",
    ],
)
def test_links_that_lead_somewhere_stay_links(uri: str) -> None:
    href = uri.replace("&", "&amp;")
    expected = f'<p><a href="{href}" rel="noopener noreferrer">go</a></p>'
    assert html(paragraph(node("hyperlink", text("go"), uri=uri))) == expected
    assert plain(paragraph(text("Please "), node("hyperlink", text("go"), uri=uri))) == "Please go"


def test_an_embedded_picture_is_shown_and_another_file_linked() -> None:
    assert html(node("embedded-asset-block", target=link("Asset", "picture"))) == (
        '<img src="https://images.ctfassets.net/c.png" alt="A &quot;chair&quot;">'
    )
    assert html(node("embedded-asset-block", target=link("Asset", "manual"))) == (
        '<p><a href="https://assets.ctfassets.net/m.pdf" rel="noopener noreferrer">Manual &lt;1&gt;</a></p>'
    )
    assert html(paragraph(node("asset-hyperlink", text("here"), target=link("Asset", "manual")))) == (
        '<p><a href="https://assets.ctfassets.net/m.pdf" rel="noopener noreferrer">here</a></p>'
    )
    assert plain(node("embedded-asset-block", target=link("Asset", "picture"))) == 'A "chair"'


def test_an_embedded_entry_is_shown_with_title_and_text() -> None:
    block = node("embedded-entry-block", target=link("Entry", "note"))
    assert html(block) == "<aside><p><strong>Take &lt;care&gt;</strong></p><p>Hot &amp; heavy</p></aside>"
    assert plain(block) == "Take <care>\nHot & heavy"
    inline = paragraph(text("See "), node("embedded-entry-inline", target=link("Entry", "note")), text("."))
    assert html(inline) == "<p>See Take &lt;care&gt;.</p>"
    assert plain(inline) == "See Take <care>."
    assert html(paragraph(node("entry-hyperlink", text("there"), target=link("Entry", "note")))) == "<p>there</p>"


@pytest.mark.parametrize("kind", ["embedded-entry-block", "embedded-entry-inline", "embedded-asset-block"])
def test_what_cannot_be_resolved_is_left_out(kind: str) -> None:
    missing = (
        node(kind, target=link("Entry", "gone")),
        node(kind),
        node(kind, target={"sys": {"type": "ResourceLink"}}),
    )
    assert (html(*missing), plain(*missing)) == ("", "")
    words = paragraph(node("asset-hyperlink", text("words"), target=link("Asset", "gone")))
    assert html(words) == "<p>words</p>"


def test_nodes_from_the_future_leave_their_words() -> None:
    assert html(node("carousel", paragraph(text("a")), text("b"))) == "<p>a</p>b"
    assert plain(node("carousel", paragraph(text("a")), text("b"))) == "a\n\nb"


def test_control_characters_do_not_survive() -> None:
    assert html(paragraph(text("a\x00\x08\x1fb\x7f"))) == "<p>ab</p>"
    assert plain(paragraph(text("a\x00\x08\x1fb\x7f"))) == "ab"


# ---- what does not


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript&colon;alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "//evil.example/",
        "/relative",
        "#here",
        "?q",
        "",
        "https:",
        "https://",
        "https:evil.example",
        "https:///evil.example",
        "https:\\\\evil.example",
        "https://user:word@evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://sh op.example/",
        "https://shop.example/a b",
        "mailto:",
        "mailto:x",
        "blob:https://shop.example/x",
        "https\x00://shop.example/",
    ],
)
def test_links_that_lead_astray_leave_their_words(uri: str) -> None:
    assert html(paragraph(node("hyperlink", text("go"), uri=uri))) == "<p>go</p>"


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</p><svg/onload=alert(1)>",
        "<!--",
        "&lt;script&gt;",
        "<a href='javascript:alert(1)'>x</a>",
    ],
)
def test_markup_in_a_text_is_text(value: str) -> None:
    shown = html(paragraph(text(value)))
    assert tags(shown) == [("p", {})]
    assert words(shown) == value
    assert plain(paragraph(text(value))) == value


@pytest.mark.parametrize("field", ["title", "text", "url"])
def test_markup_in_what_is_embedded_is_text(field: str) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1) x="'
    for picture in (True, False):
        things: dict[str, Any] = {"url": "//images.ctfassets.net/x", "picture": picture}
        shelf = Shelf(Asset_x=Shown(**(things | {field: evil})), Entry_x=Shown(**{field: evil}))
        for kind, to in (("embedded-asset-block", "Asset"), ("embedded-entry-block", "Entry")):
            harmless(richtext.html(read(node(kind, target=link(to, "x"))), shelf))


def test_a_document_nested_deeper_than_anybody_writes_is_refused() -> None:
    deep: dict[str, Any] = paragraph(text("x"))
    for _ in range(DEEPEST - 2):
        deep = node("blockquote", deep)
    assert html(deep).count("<blockquote>") == DEEPEST - 2
    for render in (richtext.html, richtext.text):
        with pytest.raises(richtext.TooDeep):
            render(read(node("blockquote", node("blockquote", node("blockquote", deep)))), SHELF)


# ---- whatever it is


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    def handle_decl(self, decl: str) -> None:
        self.strange.append(decl)

    def handle_pi(self, data: str) -> None:
        self.strange.append(data)


def _parsed(shown: str) -> _Tags:
    parser = _Tags()
    parser.feed(shown)
    parser.close()
    return parser


def tags(shown: str) -> list[tuple[str, dict[str, str | None]]]:
    return _parsed(shown).tags


def words(shown: str) -> str:
    return _parsed(shown).words


def harmless(shown: str) -> None:
    """Only known elements, only their known attributes, only absolute http, https and mailto addresses."""
    assert not _parsed(shown).strange
    for tag, attributes in tags(shown):
        assert tag in TAGS
        assert attributes.keys() <= {"a": {"href", "rel"}, "img": {"src", "alt"}}.get(tag, set())
        for name in ("href", "src"):
            if name in attributes:
                uri = attributes[name] or ""
                assert uri.lower().startswith(("http://", "https://", "mailto:")), uri
                assert not set(uri) & set(" \n\t\"'<>\\") - {"'"}


EVIL = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        'https://shop.example/" onmouseover="alert(1)',
        "https://shop.example/'><script>alert(1)</script>",
        "//evil.example",
        "</a><iframe srcdoc='<script>alert(1)</script>'>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "&#106;avascript:alert(1)",
        'mailto:a@b?x="onclick=alert(1)',
    ]
)
STRINGS = EVIL | st.text(max_size=30)
KINDS = (
    st.sampled_from(
        [
            *ELEMENTS,
            *("hr", "hyperlink", "entry-hyperlink", "asset-hyperlink", "script", "style", "svg", "math", "document"),
            *("embedded-entry-block", "embedded-entry-inline", "embedded-asset-block", "embedded-resource-block"),
        ]
    )
    | STRINGS
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "uri": STRINGS,
        "target": st.builds(link, st.sampled_from(["Entry", "Asset"]), st.sampled_from(["evil", "note"])),
    },
)
TEXTS = st.builds(text, STRINGS, STRINGS | st.sampled_from(sorted(MARKS)))
NODES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda kind, content, data: {"nodeType": kind, "content": content, "data": data},
        KINDS,
        st.lists(inner, max_size=4),
        DATA,
    ),
    max_leaves=12,
)


@given(st.lists(NODES, max_size=5), STRINGS, STRINGS, STRINGS, st.booleans())
def test_no_document_becomes_something_a_browser_would_run(
    blocks: list[Any], title: str, words: str, url: str, picture: bool
) -> None:
    evil = Shown(title, words, url, picture)
    shelf = Shelf(Asset_evil=evil, Entry_evil=evil, Entry_note=NOTE, Asset_note=PICTURE)
    document = read(*blocks)
    harmless(richtext.html(document, shelf))
    assert isinstance(richtext.text(document, shelf), str)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), max_size=6))
def test_every_word_of_a_paragraph_comes_through_both_ways(texts: list[str]) -> None:
    kept = "".join(texts).replace("\ufffe", "").replace("\uffff", "")
    document = paragraph(*(text(value) for value in texts))
    assert words(html(document)) == kept
    assert plain(document) == kept.strip()
