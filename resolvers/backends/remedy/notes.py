"""Work log entries of several tickets: which of them are asked for, and how they become one page."""

from __future__ import annotations

from collections.abc import Sequence

from resolvers.backends.remedy import language, records
from resolvers.backends.remedy.records import Note, NotePage
from resolvers.backends.remedy.rows import Reading, Row


def access(internal: bool) -> str:
    view = language.equal(records.ACCESS, "Public")
    return f"(NOT {view} OR {language.field(records.ACCESS)} = $NULL$)" if internal else view


def together(reading: Reading, found: Sequence[tuple[Sequence[Row], bool]], internal: bool, first: int) -> NotePage:
    """Those of all portions together. What one portion has behind its last row is behind the page."""
    rows = [row for some, _ in found for row in some]
    numbered = zip(rows, reading.keys(rows, records.NUMBER), strict=True)
    notes = [
        Note(id, at, number, entry) for row, number in numbered for at, id, entry in reading.entries([row], internal)
    ]
    notes.sort(key=lambda one: (one.at, one.id), reverse=True)
    return NotePage(notes[:first], len(notes) > first or any(more for _, more in found))
