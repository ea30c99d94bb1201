"""HTML in which every text is escaped, because there is no other way to put one in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

CODE = re.compile(r"`([^`]+)`")
VOID = frozenset({"meta", "link", "br"})


class Html(str):
    """Text that is HTML already. Made by `el` alone."""

    __slots__ = ()


Child = str | None | Sequence["Child"]
"""A text, or HTML; None and sequences are for callers who put things together."""


def el(name: str, /, *children: Child, **attributes: str | None) -> Html:
    """An element. Attributes that are None are left out; a trailing underscore is (`class_`)."""
    given = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value is not None)
    return Html(f"<{name}{given}>" if name in VOID else f"<{name}{given}>{inside(*children)}</{name}>")


def inside(*children: Child) -> Html:
    return Html("".join(_one(child) for child in children))


def _one(child: Child) -> str:
    match child:
        case None:
            return ""
        case Html():
            return child
        case str():
            return escape(child)
    return inside(*child)


def document(title: str, to_root: str, *body: Child) -> Html:
    """A whole page. `to_root`: the way to the folder with the style."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("link", rel="stylesheet", href=f"{to_root}style.css"),
    )
    return Html("<!doctype html>\n" + el("html", head, el("body", *body), lang="en-GB") + "\n")
