"""The graph as a reference to read: one page per type, and pages of categories, roles and systems.

book.py    what there is to tell of a schema, for whom
markup.py  HTML that cannot be anything but escaped
pages.py   the book as pages; they need no script and nothing from elsewhere, so they read from a folder as well
"""

from __future__ import annotations

from gateway.docs.book import Book
from gateway.docs.pages import MARK, STYLE, contents

__all__ = ["MARK", "STYLE", "Book", "contents"]
