"""A text of the company as the hub delivers it: a tree of nodes, each with `nodeType`, `data` and `content`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mocks.world.content import Block, Document, Link, Words

Node = dict[str, Any]
NODES: Mapping[str, str] = MappingProxyType(
    {
        "paragraph": "paragraph",
        "bullets": "unordered-list",
        "numbers": "ordered-list",
        "item": "list-item",
        "quote": "blockquote",
        "rule": "hr",
        "table": "table",
        "row": "table-row",
        "head": "table-header-cell",
        "cell": "table-cell",
    }
)


def document(blocks: Document) -> Node:
    return {"nodeType": "document", "data": {}, "content": [_block(block) for block in blocks]}


def link(to: Link) -> Node:
    return {"sys": {"type": "Link", "linkType": to.to, "id": to.id}}


def words(blocks: Sequence[Block | Words]) -> list[str]:
    """All running text of a document, for full-text search."""
    found = []
    for part in blocks:
        found += [part.text] if isinstance(part, Words) else words(part.inside)
    return found


def _block(block: Block) -> Node:
    if block.kind == "shown" and block.link is not None:
        kind = f"embedded-{block.link.to.lower()}-block"
        return {"nodeType": kind, "data": {"target": link(block.link)}, "content": []}
    kind = f"heading-{block.level}" if block.kind == "heading" else NODES[block.kind]
    return {"nodeType": kind, "data": {}, "content": [node for part in block.inside for node in _inside(part)]}


def _inside(part: Block | Words) -> list[Node]:
    """A link stands between two texts, if need be empty ones: so the editor writes it."""
    if isinstance(part, Block):
        return [_block(part)]
    text = _text(part.text, part.marks)
    if part.uri is not None:
        return [_text(""), {"nodeType": "hyperlink", "data": {"uri": part.uri}, "content": [text]}, _text("")]
    if part.link is not None:
        kind = f"{part.link.to.lower()}-hyperlink"
        return [_text(""), {"nodeType": kind, "data": {"target": link(part.link)}, "content": [text]}, _text("")]
    return [text]


def _text(value: str, marks: Sequence[str] = ()) -> Node:
    return {"nodeType": "text", "value": value, "marks": [{"type": mark} for mark in marks], "data": {}}
