"""Which language stands in for which: the locales of the space, read once in a while.

Asked for one language, the hub fills in what is missing from the language's fallback, and does not say so. Who wants
to know asks for all languages at once, and picks along the same chain.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Raw

from resolvers.backends.base import Garbled, Unusable, Wire
from resolvers.backends.contentful.line import NO_LOCALE, Line
from resolvers.backends.contentful.records import LocaleRow, LocaleRows

T = TypeVar("T")

EVERY = "*"
LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
FRESH = 600.0
"""Seconds. Editors add a language now and then."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A locale and those that stand in for it, in their order; and the space's default."""

    codes: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the fields of one answer: each is a value or, in an answer in all languages (`chain`), a value for each.

    Raises msgspec's errors for what has another shape."""

    chain: Chain | None = None

    def read(self, fields: Mapping[str, Raw], name: str, shape: type[T]) -> tuple[T | None, str | None]:
        """A text that is kept in several languages; and which one it is in, where the answer tells."""
        if name not in fields:
            return None, None
        if self.chain is None:
            return _decoded(fields[name], shape), None
        return _along(fields[name], shape, self.chain.codes)

    def same(self, fields: Mapping[str, Raw], name: str, shape: type[T]) -> T | None:
        """A field that is the same in all languages: it is kept in the default one."""
        if name not in fields:
            return None
        if self.chain is None:
            return _decoded(fields[name], shape)
        return _along(fields[name], shape, (*self.chain.codes, self.chain.default))[0]


@dataclass(frozen=True, slots=True)
class Language:
    """How answers come: `parameter` is the locale asked of the hub ("" for its default one), `named` whether the
    caller chose it. `plain`: the one language to ask for instead, by those who need an answer in one."""

    parameter: str
    reader: Reader = field(default_factory=Reader)
    named: bool = False
    plain: str = ""


class Languages:
    """The locales of one space. `usual`: the one for callers who name none; None for the space's own."""

    def __init__(self, line: Line, usual: str | None) -> None:
        self._line = line
        self._usual = usual
        self._lock = asyncio.Lock()
        self._read_at = -FRESH
        self._rows: Mapping[str, LocaleRow] = {}

    async def language(self, wire: Wire, locale: str | None, *, traced: bool) -> Language:
        """`traced`: so that each text tells which language it is in; one that nothing stands in for needs no more than
        itself. Raises Unusable for what is no locale here."""
        if locale is not None and not LOCALE.fullmatch(locale):
            raise Unusable("A locale is written like `en-US`.")
        asked = locale or self._usual
        if not traced:
            return Language(asked or "", named=locale is not None)
        chain = await self._chain(wire, asked)
        if len(chain.codes) == 1:
            return Language(asked or "", named=locale is not None)
        return Language(EVERY, Reader(chain), plain=chain.codes[0])

    async def _chain(self, wire: Wire, asked: str | None) -> Chain:
        rows = await self._known(wire)
        default = next((code for code, row in rows.items() if row.default), None)
        if default is None:
            raise Garbled(wire.system, "a space without a default locale")
        if asked is not None and asked not in rows:
            raise Unusable(NO_LOCALE)
        return Chain(_standing_in(rows, asked or default), default)

    async def _known(self, wire: Wire) -> Mapping[str, LocaleRow]:
        async with self._lock:
            if time.monotonic() - self._read_at >= FRESH:
                found = await self._line.read(wire, f"{self._line.root}/locales", LocaleRows)
                self._rows = {row.code: row for row in found.items}
                self._read_at = time.monotonic()
            return self._rows


def _standing_in(rows: Mapping[str, LocaleRow], code: str) -> tuple[str, ...]:
    found: list[str] = []
    at: str | None = code
    while at is not None and at in rows and at not in found:
        found.append(at)
        at = rows[at].fallback
    return tuple(found)


def _along(raw: Raw, shape: type[T], codes: tuple[str, ...]) -> tuple[T | None, str | None]:
    values = msgspec.json.decode(raw, type=dict[str, Raw])
    for code in codes:
        if code in values and (value := _decoded(values[code], shape)) is not None:
            return value, code
    return None, None


def _decoded(raw: Raw, shape: type[T]) -> T | None:
    """A field without a value is not there; null, as older answers have it, means the same."""
    either: Any = shape | None
    return cast("T | None", msgspec.json.decode(raw, type=either))
