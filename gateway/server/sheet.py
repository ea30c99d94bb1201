"""An answer as CSV (RFC 4180), for spreadsheets.

The rows are those of the first list of objects on the way down; without one, the whole answer is one row. Columns are
paths below a row, in the order of the first rows that have them: `customer.name`. A list of plain values is one cell,
`a; b`; what else is nested is one cell of JSON.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and runs it. So such a cell gets an
apostrophe in front, which spreadsheets show nothing of; a plain number is left as it is. Where semicolons or tabs part
columns, as in half of Europe, what follows one begins a cell: it gets its apostrophe as well.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BEHIND_A_BREAK = re.compile(r"([;\t])(?=[=+\-@＝＋－＠])")
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)


def sheet(data: Mapping[str, Any] | None) -> bytes:
    """UTF-8, with a line of names first."""
    rows = [dict(_cells(row)) for row in _rows(data)]
    names = _columns(list(dict.fromkeys(name for row in rows for name in row)))
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([_safe(name) for name in names])
    writer.writerows([_safe(row.get(name)) for name in names] for row in rows)
    return written.getvalue().encode()


def _columns(names: Sequence[str]) -> list[str]:
    """Without those that stand for a whole of others: where the whole is missing, so are its parts."""
    wholes = {name.rpartition(".")[0] for name in names}
    wholes |= {".".join(whole.split(".")[:end]) for whole in wholes for end in range(1, whole.count(".") + 1)}
    return [name for name in names if name not in wholes]


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    found = _list(value)
    rows = [value] if found is None else found
    return [row for row in rows if isinstance(row, dict)]


def _list(value: Any) -> list[Any] | None:
    """The first list of objects, level by level."""
    level = [value]
    while level:
        for one in level:
            if isinstance(one, list) and (not one or any(isinstance(item, dict) for item in one)):
                return one
        level = [inner for one in level if isinstance(one, dict) for inner in one.values()]
    return None


def _cells(row: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        at = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _cells(value, at)
        else:
            yield at, value


def _safe(value: Any) -> str:
    text = BEHIND_A_BREAK.sub(r"\1'", _text(value))
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case list() if not any(isinstance(item, dict | list) for item in value):
            return "; ".join(_text(item) for item in value)
        case _:
            return msgspec.json.encode(value).decode()
