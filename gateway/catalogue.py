"""The catalogue of settings, and how a value becomes one: from TOML, from a word of text, always checked.

SettingsError    stops the start; its text names the setting, where the value came from, and what is accepted
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError

ROWS = Path(__file__).with_name("settings.toml")
PREFIX = "CUSTOMER360_"
ISSUER = re.compile(r"issuers\.([a-z][a-z0-9-]*)\.")

Value = str | int | bool | tuple[str, ...] | Path | datetime | None


class SettingsError(GatewayError):
    """A setting that cannot be used."""


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. `dev` replaces `default` in dev mode."""

    name: str
    type: str
    default: Any
    help: str
    dev: Any = None
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()
    env: str = ""

    def value(self, given: Any, origin: str) -> Value:
        """The checked value of what a TOML file or an override gives."""
        try:
            value: Value = READ[self.type](given)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:  # the last: ~NAME of nobody known
            raise SettingsError(f"{self.name} ({origin}): {self._shown(given)} is not {ACCEPTED[self.type]}") from error
        self._check(value, origin)
        return value

    def parse(self, text: str, origin: str) -> Value:
        """The checked value of a word of text: an environment variable, a command line."""
        try:
            given: Any = FROM_TEXT.get(self.type, str)(text)
        except (KeyError, ValueError) as error:
            raise SettingsError(f"{self.name} ({origin}): {self._shown(text)} is not {ACCEPTED[self.type]}") from error
        return self.value(given, origin)

    def _check(self, value: Value, origin: str) -> None:
        if self.one_of and value not in self.one_of:
            raise SettingsError(f"{self.name} ({origin}): {value!r} is not one of {', '.join(self.one_of)}")
        if self.least is not None and isinstance(value, int) and value < self.least:
            raise SettingsError(f"{self.name} ({origin}): {value} is less than {self.least}")
        if self.most is not None and isinstance(value, int) and value > self.most:
            raise SettingsError(f"{self.name} ({origin}): {value} is more than {self.most}")

    def _shown(self, given: Any) -> str:
        return "what is given" if self.type == "secret" else repr(given)


def catalogue(named: Iterable[str] = ()) -> dict[str, Row]:
    """Every setting by its dotted name, in the order of the file. A row of `backends.*` is one of every backend, but
    for those that have a row of their own for it; one of `issuers.*` is one of every issuer among the names in use."""
    tables = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    backends = dict.fromkeys(name.split(".")[1] for name in tables if name.startswith("backends."))
    issuers = sorted({found[1] for name in named if (found := ISSUER.match(name))})
    rows: dict[str, Row] = {}
    for name, table in tables.items():
        stars = issuers if name.startswith("issuers.") else [backend for backend in backends if backend != "*"]
        names = [name.replace("*", star) for star in stars] if "*" in name else [name]
        rows |= {one: _row(one, table) for one in names if one == name or one not in tables}
    return rows


def name_of(variable: str) -> str:
    """The setting that an environment variable may be of: `CUSTOMER360_ISSUERS__ACME__URL` → `issuers.acme.url`."""
    return variable.removeprefix(PREFIX).lower().replace("__", ".").replace("_", "-")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known: `; did you mean …?`, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def flatten(tables: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """`[listen] port = 1`, `listen.port = 1` and `"listen.port" = 1` are the same setting."""
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _row(name: str, table: Mapping[str, Any]) -> Row:
    one_of = tuple(table.get("one_of", ()))
    env = table.get("env") or PREFIX + name.upper().replace(".", "__").replace("-", "_")
    return Row(name, **{**table, "one_of": one_of, "env": env})


def _text(given: Any) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise TypeError
    return given


def _int(given: Any) -> int:
    if type(given) is not int:
        raise TypeError
    return given


def _bool(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError
    return given


def _list(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise TypeError
    return tuple(_text(one) for one in given)


def _path(given: Any) -> Path | None:
    path = str(given) if isinstance(given, Path) else _text(given)
    return Path(path).expanduser() if path else None


def _moment(given: Any) -> datetime | None:
    if isinstance(given, str):
        given = datetime.fromisoformat(given) if given else None
    if given is not None and not isinstance(given, datetime):
        raise TypeError
    return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def _int_of(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
        raise ValueError
    return int(text)


def _bool_of(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}[
        text.strip().lower()
    ]


def _list_of(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


READ: Mapping[str, Callable[[Any], Value]] = {
    "text": _text,
    "secret": _text,
    "int": _int,
    "bool": _bool,
    "list": _list,
    "path": _path,
    "moment": _moment,
}
FROM_TEXT: Mapping[str, Callable[[str], Any]] = {"int": _int_of, "bool": _bool_of, "list": _list_of}
ACCEPTED: Mapping[str, str] = {
    "text": "text",
    "secret": "text",
    "int": "a whole number",
    "bool": "true or false",
    "list": "a list of texts",
    "path": "a path",
    "moment": "a moment such as 2017-12-31T09:00:00+00:00",
}
