"""How one gateway is set up: frozen, each value checked against the catalogue (`settings.toml`) before anything starts.

Later sources win: defaults, dev mode's defaults, a settings file, the environment, the caller's overrides (the command
line's `--set NAME=VALUE`). A name that is not in the catalogue stops the start, wherever it stands.

    customer360.toml      listen.port = 9000          also `[listen]` with `port = 9000`
    environment           CUSTOMER360_LISTEN__PORT=9000
    Settings.load         Settings.load(listen__port=9000), or **{"listen.port": 9000}
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.auth.keys import given_key, kept_key
from gateway.catalogue import PREFIX, Row, SettingsError, Value, catalogue, flatten, name_of, nearest
from resolvers.backends.base import Connection, Tls

__all__ = ["Settings", "SettingsError"]

FILE = "customer360.toml"
FILE_VARIABLE = PREFIX + "SETTINGS"
OPTIONS = "options."
ADDRESS = re.compile(r"https?://[^\s/\\]+(/[!-~]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """Values by dotted name; `origins` says which source each comes from. Secrets never show in its `repr`."""

    values: Mapping[str, Value] = field(repr=False)
    origins: Mapping[str, str] = field(repr=False)
    rows: Mapping[str, Row] = field(repr=False)

    @classmethod
    def load(
        cls,
        file: str | Path | None = None,
        environ: Mapping[str, str] = os.environ,
        beneath: Mapping[str, Any] | None = None,
        **overrides: Any,
    ) -> Settings:
        """Read all sources. `beneath` lies between the defaults and the file: what a running `demo` has set. Only its
        `state.dir` wins over all others: those led to the demo, whose keys lie in a folder of its own."""
        path = _file(file, environ)
        tables = _tables(path) if path else {}
        named = {name.replace("__", "."): value for name, value in overrides.items()}
        rows = catalogue((*_names(beneath or {}, tables, named), *map(name_of, filter(_ours, environ))))
        noted = {name: (value, "running demo") for name, value in _given(rows, beneath or {}, "running demo")}
        found = noted | {name: (value, str(path)) for name, value in _given(rows, tables, str(path))}
        found |= _from_environment(rows, environ)
        found |= {name: (value, "command line") for name, value in _given(rows, named, "command line")}
        found |= {name: value for name, value in noted.items() if name == "state.dir"}
        dev = bool(found.get("dev.mode", (rows["dev.mode"].default, ""))[0])
        return cls(*_complete(rows, found, dev), rows)._checked()

    def text(self, name: str) -> str:
        value = self.values[name]
        return value if isinstance(value, str) else self._wrong(name, "text")

    def number(self, name: str) -> int:
        value = self.values[name]
        return value if isinstance(value, int) else self._wrong(name, "a number")

    def flag(self, name: str) -> bool:
        value = self.values[name]
        return value if isinstance(value, bool) else self._wrong(name, "a flag")

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values[name]
        return value if isinstance(value, tuple) else self._wrong(name, "a list")

    def path(self, name: str) -> Path | None:
        value = self.values[name]
        return value if value is None or isinstance(value, Path) else self._wrong(name, "a path")

    def moment(self, name: str) -> datetime | None:
        value = self.values[name]
        return value if value is None or isinstance(value, datetime) else self._wrong(name, "a moment")

    def seconds(self, name: str) -> float:
        """A setting in milliseconds, as seconds."""
        return self.number(name) / 1000

    @property
    def state_dir(self) -> Path:
        return self.path("state.dir") or Path()

    @property
    def dev(self) -> bool:
        """Whether dev tokens count: in dev mode, and only while nobody but this machine can reach us."""
        return self.flag("dev.mode") and loopback(self.text("listen.host"))

    def key(self, name: str) -> bytes:
        """A signing key: as set, else the one generated into the state folder at first use."""
        given = self.text(name)
        file = name.removeprefix("auth.").replace(".", "-").replace("_", "-")
        return given_key(name, given) if given else kept_key(self.state_dir / file)

    def clock(self) -> Callable[[], datetime]:
        """What time it is in the world we serve: `world.now` when set, else the machine's clock. Aware, UTC."""
        fixed = self.moment("world.now")
        return (lambda: fixed.astimezone(UTC)) if fixed else (lambda: datetime.now(UTC))

    def backends(self) -> tuple[str, ...]:
        """Every backend the catalogue knows, enabled or not."""
        return tuple(dict.fromkeys(name.split(".")[1] for name in self.rows if name.startswith("backends.")))

    def issuers(self) -> tuple[str, ...]:
        """Every issuer of tokens that the settings name."""
        return tuple(dict.fromkeys(name.split(".")[1] for name in self.rows if name.startswith("issuers.")))

    def enabled(self, backend: str) -> bool:
        return self.flag(f"backends.{backend}.enabled")

    def base_url(self, backend: str) -> str:
        """Where a backend is, without a slash at its end. Raises `SettingsError` when that is no address of a system:
        a login or a query in it would go astray, and into logs."""
        name = f"backends.{backend}.base_url"
        url = self.text(name).rstrip("/")
        if "@" in url or "?" in url or "#" in url:
            raise SettingsError(f"{name}: an address has no login (set username and password), no ? and no # in it")
        if not ADDRESS.fullmatch(url) or not _sound(url):
            raise SettingsError(f"{name}: {url!r} is not an http(s) address")
        return url

    def address(self, name: str) -> httpx.URL:
        """An address of one document; a query may belong to it. Raises `SettingsError` for what is none."""
        text = self.text(name)
        if not ADDRESS.fullmatch(text) or not _sound(text) or "@" in text or "#" in text:
            raise SettingsError(f"{name}: {text!r} is not an http(s) address without a login and without #")
        return httpx.URL(text)

    def connections(self) -> dict[str, Connection]:
        """How to reach each enabled backend. Raises `SettingsError` when one lacks its address or its login."""
        enabled = [backend for backend in self.backends() if self.enabled(backend)]
        if missing := [name for backend in enabled for name in self._missing(backend)]:
            names = ", ".join(missing)
            raise SettingsError(
                f"not set: {names}. Set them, or switch the backend off (backends.NAME.enabled = false)"
            )
        return {backend: self._connection(backend) for backend in enabled}

    def _checked(self) -> Settings:
        if self.flag("dev.mode") and not self.dev:
            host = self.text("listen.host")
            raise SettingsError(f"dev.mode needs a loopback address to listen on, and listen.host is {host!r}")
        return self

    def _connection(self, backend: str) -> Connection:
        at = f"backends.{backend}."
        options = [name for name in self.rows if name.startswith(at + OPTIONS) and self.values[name]]
        return Connection(
            base_url=self.base_url(backend),
            username=self.text(at + "username"),
            password=self.text(at + "password"),
            concurrency=self.number(at + "concurrency"),
            attempt_timeout=self.seconds(at + "attempt_timeout_ms"),
            identity=self.text(at + "identity"),
            options={name.removeprefix(at + OPTIONS): self.text(name) for name in options},
            per_second=self.number(at + "per_second"),
            connect_timeout=self.seconds(at + "connect_timeout_ms"),
            floor=self.seconds("deadline.floor_ms"),
            largest=self.number("traffic.largest_bytes"),
            tls=Tls(*(str(self.path(f"{at}tls.{file}") or "") for file in ("ca", "cert", "key"))),
        )

    def _missing(self, backend: str) -> Iterator[str]:
        """Names of needed settings that are empty. A login by OAuth needs no user name and password."""
        at = f"backends.{backend}."
        oauth = bool(self.values.get(at + OPTIONS + "token_url"))
        login = ("client_id", "client_secret") if oauth else ("username", "password")
        wanted = (at + "base_url", *(at + (OPTIONS if oauth else "") + word for word in login))
        return (name for name in wanted if not self.values[name])

    def _wrong(self, name: str, kind: str) -> Any:
        raise TypeError(f"the setting {name} is not {kind} but {self.rows[name].type}")


def loopback(host: str) -> bool:
    """Whether an address to listen on is out of everybody else's reach. A name other than localhost is not trusted."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _sound(url: str) -> bool:
    """Of the right shape already: whether the port is one from 1 to 65535, and the host one that can be asked."""
    try:
        httpx.URL(url)
        return bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except (ValueError, httpx.InvalidURL):
        return False


def _given(rows: Mapping[str, Row], tables: Mapping[str, Any], origin: str) -> Iterator[tuple[str, Value]]:
    for name, value in flatten(tables):
        if name not in rows:
            raise SettingsError(f"unknown setting {name!r} ({origin}){nearest(name, rows)}")
        yield name, rows[name].value(value, origin)


def _file(file: str | Path | None, environ: Mapping[str, str]) -> Path | None:
    if named := file or environ.get(FILE_VARIABLE):
        return Path(named)
    return Path(FILE) if Path(FILE).is_file() else None


def _ours(variable: str) -> bool:
    return variable.startswith(PREFIX) and variable != FILE_VARIABLE


def _names(*given: Mapping[str, Any]) -> Iterator[str]:
    for tables in given:
        yield from (name for name, _ in flatten(tables))


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {file} cannot be read: {error}") from error


def _from_environment(rows: Mapping[str, Row], environ: Mapping[str, str]) -> dict[str, tuple[Value, str]]:
    by_variable = {row.env: row for row in rows.values()}
    found: dict[str, tuple[Value, str]] = {}
    for variable in sorted(filter(_ours, environ)):
        row = by_variable.get(variable)
        if row is None:
            raise SettingsError(f"unknown environment variable {variable}{nearest(variable, by_variable)}")
        found[row.name] = (row.parse(environ[variable], f"environment {variable}"), "environment")
    return found


def _complete(
    rows: Mapping[str, Row], found: Mapping[str, tuple[Value, str]], dev: bool
) -> tuple[dict[str, Value], dict[str, str]]:
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for name, row in rows.items():
        usual = row.dev if dev and row.dev is not None else row.default
        values[name], origins[name] = found.get(name) or (row.value(usual, "default"), "default")
    return values, origins
