"""How `customer360` finds its commands: a table of where each is. A command's module, and all that it needs, is only
imported when that command is given; what the graph is made of takes seconds, and `--help` has no use for it.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from gateway.catalogue import SettingsError
from gateway.errors import BadPolicy


class Failed(click.ClickException):
    """The command did what it could, and the answer is no. Exit code 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """A module of this package, the name of the command in it, and the first sentence of its help."""

    module: str
    name: str
    told: str

    def command(self) -> click.Command:
        found = getattr(import_module(f"gateway.cli.{self.module}"), self.name)
        if not isinstance(found, click.Command):
            raise TypeError(f"gateway.cli.{self.module}.{self.name} is no command")
        return found


class Commands(click.Group):
    """Says in one line what stops a command, when it is nothing of ours."""

    places: Mapping[str, Place]

    def __init__(self, *args: Any, places: Mapping[str, Place], **more: Any) -> None:
        super().__init__(*args, **more)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.places.get(cmd_name)
        return place.command() if place else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.told) for name, place in self.places.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, BadPolicy) as error:
            raise Failed(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # who reads our output has seen enough; click knows what to do then
                raise
            raise Failed(str(error)) from error
