"""`customer360 mocks`: the outside world on this machine, one server per system."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import click
import uvloop

from gateway.cli.commands import Failed
from gateway.cli.lines import Given, print_json, with_settings, with_world
from gateway.cli.listening import not_bound
from gateway.cli.processes import end_with_parent, ending, log_to_stderr, until_either
from gateway.settings import Settings, loopback
from mocks.serve import MOCKS, serve
from mocks.world import BadWorld, World, open_world


class Names(click.ParamType[tuple[str, ...]]):
    """Names of mocks, separated by commas."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        names = tuple(word.strip() for word in str(value).split(",") if word.strip())
        if strangers := [name for name in names if name not in MOCKS]:
            self.fail(f"there is no mock called {strangers[0]!r}; there are {', '.join(MOCKS)}", param, ctx)
        if not names:
            self.fail(f"name at least one mock; there are {', '.join(MOCKS)}", param, ctx)
        return names


def ports(settings: Settings) -> dict[str, int]:
    """Where each mock listens: where its backend is looked for, else its usual port."""
    places = {name: mock.port for name, mock in MOCKS.items()}
    for name in places.keys() & set(settings.backends()):
        if settings.text(f"backends.{name}.base_url"):
            places[name] = urlsplit(settings.base_url(name)).port or places[name]
    return places


def only_mocks(settings: Settings, names: Collection[str]) -> None:
    """Raises `Failed` when one of these backends would be looked for elsewhere than its mock listens: an invented
    company's questions, and a login, would go to somebody else's system."""
    host = settings.text("mocks.host")
    for name in MOCKS.keys() & set(names) & set(settings.backends()):
        given = settings.text(f"backends.{name}.base_url")
        url = urlsplit(settings.base_url(name)) if given else None
        if url and (url.port is None or not _reaches(url.hostname or "", host)):
            raise Failed(
                f"backends.{name}.base_url: {given} is not where a mock listens, which is http://{host}:PORT "
                "(mocks.host). To ask real systems, use `customer360 serve`"
            )


def _reaches(host: str, listening: str) -> bool:
    """Whether an address leads to a mock that listens there."""
    everywhere = listening in ("0.0.0.0", "::")  # noqa: S104 - what somebody has set
    local = loopback(host) and (everywhere or (loopback(listening) and "localhost" in (host, listening)))
    return local or host == listening.strip("[]").lower()


@click.command(epilog="Example:  customer360 mocks --without sap --customers 200 --open-control")
@click.option("--only", type=Names(), multiple=True, help="Start only these (repeat, or separate by commas).")
@click.option("--without", type=Names(), multiple=True, help="Start all but these.")
@click.option("--open-control", is_flag=True, help="Control calls (/_mock/…) need no secret.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once all listen.")
@click.option("--with-parent", is_flag=True, hidden=True)
@with_world
@with_settings
def mocks(
    only: tuple[tuple[str, ...], ...],
    without: tuple[tuple[str, ...], ...],
    open_control: bool,
    as_json: bool,
    with_parent: bool,
    world: Mapping[str, Any],
    given: Given,
) -> None:
    """Run the mock systems until Ctrl-C or SIGTERM. They agree on one company: invented, or made from a sales file."""
    if only and without:
        raise click.UsageError("give --only or --without, not both")
    settings = given.settings(world)
    names = wanted(only, without)
    only_mocks(settings, names)
    log_to_stderr(settings.text("log.level"))
    if with_parent:
        end_with_parent()
    uvloop.run(_mocks(settings, names, open_control, as_json))


def wanted(only: tuple[tuple[str, ...], ...], without: tuple[tuple[str, ...], ...]) -> list[str]:
    """Which mocks to start, in their usual order. No choice means all of them; a choice that leaves none is refused."""
    named = {name for names in only or without for name in names}
    chosen = [name for name in MOCKS if (name in named) == bool(only)]
    if not chosen:
        raise click.UsageError("that leaves no mock to start")
    return chosen


async def _mocks(settings: Settings, names: list[str], open_control: bool, as_json: bool) -> None:
    asked = ending()
    world = _world(settings)
    secret = settings.text("mocks.secret") or secrets.token_urlsafe(12)
    host, places = settings.text("mocks.host"), ports(settings)

    def ready(urls: Mapping[str, str]) -> None:
        _announce(world, urls, None if open_control else secret, as_json)

    chosen = {name: places[name] for name in names}
    work = asyncio.create_task(serve(world, names, host, chosen, secret, open_control, ready))
    try:
        await until_either(work, asked)
    except OSError as error:
        raise _taken(error, host, chosen) from error
    except UnicodeError as error:
        raise Failed(f"mocks.host: {host!r} is no address to listen on") from error
    finally:
        work.cancel()
        await asyncio.wait((work,))


def _world(settings: Settings) -> World:
    try:
        return open_world(
            settings.path("world.file"),
            settings.path("world.mapping"),
            settings.number("world.customers"),
            settings.number("world.seed"),
            settings.moment("world.now"),
        )
    except BadWorld as error:
        raise Failed(str(error)) from error


def _announce(world: World, urls: Mapping[str, str], secret: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"urls": urls, "secret": secret, "customers": len(world), "now": world.now, "sample": sample(world)})
        return
    for name, url in urls.items():
        click.echo(f"{name:12} {url}   {MOCKS[name].title}")
    click.echo(f"control      X-Mock-Secret: {secret}" if secret else "control      open to all on this machine")


def sample(world: World) -> dict[str, str] | None:
    """Somebody to ask about first: known to all systems, with an address and several orders of their own."""
    for index in world.customers():
        one, orders = world.customer(index), world.orders_of(index)
        known = one.siebel_contact_id and one.party_id and one.duplicate_of is None
        if known and len(orders) > 1 and one.email and len(world.by_email(one.email)) == 1:
            return {"order": orders[-1].number, "name": f"{one.first_name} {one.last_name}".strip()}
    return None


def _taken(error: OSError, host: str, places: Mapping[str, int]) -> Failed:
    """Which of the mocks could not have its port: the error itself does not say."""
    for name, port in places.items():
        if f":{port}:" in str(error):
            return not_bound(error, host, port, f"the mock {name}", f"backends.{name}.base_url=http://{host}:PORT")
    return Failed(f"the mocks cannot listen on {host}: {error}")
