"""`customer360 backend`: take a system off while the gateway runs, put it back, and have what it said forgotten."""

from __future__ import annotations

import click

from gateway.app import ADAPTERS
from gateway.cli.commands import Failed
from gateway.cli.lines import Given, made_folder, print_json, with_settings
from gateway.settings import Settings
from gateway.traffic.flush import Flushed, flush
from gateway.traffic.switch import switched_off, turn
from resolvers.backends.base import Operation

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


@backend.command("flush", epilog="Example:  customer360 backend flush sap --operation materials --key 0000080357")
@NAME
@click.option("--operation", metavar="OPERATION", help="Only what this operation said; see `customer360 sources`.")
@click.option("--key", metavar="KEY", help="Only what was said of this key, as the system spells it.")
@with_settings
def flush_(name: str, operation: str | None, key: str | None, given: Given) -> None:
    """Have every gateway with this state folder forget, within two seconds, what it keeps of this system's answers:
    after a change there that was made past the gateway. What is asked from then on is asked anew."""
    settings = given.settings(beside_demo=True)
    known = _operations(_known(settings, name))
    if operation is not None and operation not in known:
        raise click.UsageError(f"{name} has no operation {operation!r}; it has {', '.join(known)}")
    made_folder(settings.state_dir)
    flush(settings.state_dir, Flushed(name, operation, key))


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


def _operations(name: str) -> list[str]:
    (adapter,) = (kind for kind in ADAPTERS if kind.name == name)
    return sorted(one for one, what in vars(adapter).items() if isinstance(what, Operation))


def _known(settings: Settings, name: str) -> str:
    if name not in settings.backends():
        raise click.UsageError(f"there is no system {name!r}; there are {', '.join(settings.backends())}")
    return name


def _turn(settings: Settings, name: str, *, off: bool) -> None:
    _known(settings, name)
    made_folder(settings.state_dir)
    turn(settings.state_dir, name, off=off)
