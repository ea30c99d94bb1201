"""What all commands share: where settings come from on a command line, and how failures and data are printed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.catalogue import catalogue, nearest
from gateway.cli.commands import Failed
from gateway.cli.running import noted
from gateway.settings import Settings, SettingsError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Given:
    """The settings part of a command line: `--settings FILE` and each `--set NAME=VALUE`."""

    file: Path | None
    assigned: tuple[str, ...]

    def settings(self, more: Mapping[str, Any] | None = None, *, beside_demo: bool = False) -> Settings:
        """All sources together; `more` comes from a command's own flags and wins.

        beside_demo: what a demo that runs in this folder has set counts too, below the file and the environment; but
        the folder that its keys are in is the demo's to say.
        """
        overrides = {**dict(map(_assignment, self.assigned)), **(more or {})}
        settings = Settings.load(self.file, **overrides)
        note = noted(settings.state_dir) if beside_demo else {}
        return Settings.load(self.file, beneath=note, **overrides) if note else settings

    def arguments(self, more: Mapping[str, Any]) -> list[str]:
        """The same again, for another process."""
        file = [f"--settings={self.file}"] if self.file else []
        own = [f"{name}={_text(value)}" for name, value in more.items()]
        return [*file, *(f"--set={one}" for one in (*self.assigned, *own))]


def with_settings(command: F) -> F:
    """Add `--settings` and `--set`; the command takes them as `given`."""

    @click.option(
        "--settings", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
    )
    @click.option("--set", "assigned", multiple=True, metavar="NAME=VALUE", help="One setting; may be repeated.")
    @functools.wraps(command)
    def run(*args: Any, file: Path | None, assigned: tuple[str, ...], **kwargs: Any) -> Any:
        return command(*args, given=Given(file, assigned), **kwargs)

    return run  # type: ignore[return-value]  # click.option keeps what it decorates callable


def with_world(command: F) -> F:
    """Add what the mocks' company is made of; the command takes it as `world`, by names of settings."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    @click.option("--world", "world_file", type=file, help="Make the company from this sales file (CSV).")
    @click.option("--mapping", type=file, help="Mapping (TOML) from that file's columns.")
    @click.option("--customers", type=click.IntRange(1), help="Customers of the invented company.")
    @click.option("--seed", type=click.IntRange(0), help="Seed of the invented company.")
    @functools.wraps(command)
    def run(*args: Any, world_file: Any, mapping: Any, customers: Any, seed: Any, **kwargs: Any) -> Any:
        named = {"file": world_file, "mapping": mapping, "customers": customers, "seed": seed}
        world = {f"world.{name}": value for name, value in named.items() if value is not None}
        return command(*args, world=world, **kwargs)

    return run  # type: ignore[return-value]  # as above


def made_folder(folder: Path) -> None:
    """A folder for keys and customers' names, of which others on this machine see nothing. Raises `Failed`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f"state.dir: {folder} cannot be made: {error.strerror or error}") from error


def print_json(data: Any) -> None:
    """One line for machines; flushed, so that who waits for it sees it."""
    click.echo(json.dumps(data, ensure_ascii=False, default=str))


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    rows = catalogue((name,))
    if not equals or name not in rows:
        hint = nearest(name, rows) if equals else "; write NAME=VALUE"
        raise click.UsageError(f"--set {text!r}: no such setting{hint}. `customer360 settings` lists them.")
    try:
        return name, rows[name].parse(value, "--set")
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
