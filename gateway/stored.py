"""Stored operations: documents that a client's build has put into a folder, prepared before anybody asks.

One that would be refused stops the start and is named with line and column, as any other hole in what is deployed:
the release that is running goes on, instead of clients finding out one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.catalogue import SettingsError
from gateway.errors import Refusal

SETTING = "documents.warm"


def stored(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every `*.graphql` file in and below a folder, with its text. Raises `SettingsError`."""
    if not folder.is_dir():
        raise SettingsError(f"{SETTING}: {folder} is no folder")
    for file in sorted(folder.rglob("*.graphql")):
        try:
            yield file, file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{SETTING}: {file} cannot be read: {error}") from error


def unusable(file: Path, refusal: Refusal) -> SettingsError:
    """Why a stored operation stops the start, in a line for each error."""
    lines = []
    for error in refusal.errors:
        at = "".join(f":{place['line']}:{place['column']}" for place in error.get("locations", ())[:1])
        lines.append(f"{SETTING}: {file}{at}: {error['message']}")
    return SettingsError("\n".join(lines))
