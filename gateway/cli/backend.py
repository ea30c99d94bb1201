"""`customer360 backend`: take a system off while the gateway runs, and put it back."""

from __future__ import annotations

import click

from gateway.cli.lines import Failed, Given, made_folder, print_json, with_settings
from gateway.settings import Settings
from gateway.traffic.switch import switched_off, turn

NAME = click.argument("name", metavar="NAME")


@click.group()
def backend() -> None:
    """Switch systems off and on. A gateway with the same state folder follows within two seconds, and needs no
    restart: what comes from a system that is off is reported unavailable, and it is not asked."""


@backend.command(epilog="Example:  customer360 backend off siebel")
@NAME
@with_settings
def off(name: str, given: Given) -> None:
    """Ask this system nothing from now on."""
    _turn(given.settings(beside_demo=True), name, off=True)


@backend.command(epilog="Example:  customer360 backend on siebel")
@NAME
@with_settings
def on(name: str, given: Given) -> None:
    """Ask it again. One that a setting has off stays off."""
    settings = given.settings(beside_demo=True)
    _turn(settings, name, off=False)
    if not settings.enabled(name):
        raise Failed(f"{name} stays off by the setting backends.{name}.enabled")


@backend.command(epilog="Example:  customer360 backend status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def status(as_json: bool, given: Given) -> None:
    """Say which systems are on, and what has those off that are not."""
    settings = given.settings(beside_demo=True)
    told = {name: _told(settings, name, _off(settings)) for name in settings.backends()}
    if as_json:
        print_json(told)
    else:
        click.echo("\n".join(f"{name:12} {word}" for name, word in told.items()))


def _told(settings: Settings, name: str, off: frozenset[str]) -> str:
    if not settings.enabled(name):
        return "off, by a setting"
    return "off, by this command" if name in off else "on"


def _off(settings: Settings) -> frozenset[str]:
    try:
        return switched_off(settings.state_dir)
    except FileNotFoundError:
        return frozenset()


def _turn(settings: Settings, name: str, *, off: bool) -> None:
    if name not in settings.backends():
        raise click.UsageError(f"there is no system {name!r}; there are {', '.join(settings.backends())}")
    made_folder(settings.state_dir)
    turn(settings.state_dir, name, off=off)
