"""`customer360 demo`: the mocks and the gateway over them, with all that is needed to ask the first question."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from gateway.cli.commands import Failed
from gateway.cli.lines import Given, made_folder, print_json, with_settings, with_world
from gateway.cli.listening import bound, not_bound
from gateway.cli.mocks import Names, only_mocks, ports, wanted
from gateway.cli.processes import Child, ending
from gateway.cli.running import AlreadyRunning, running
from gateway.cli.tour import Tour, prepared
from gateway.settings import Settings

MOCKS_S = 180.0
SYNC_S = 600.0
GATEWAY_S = 60.0
"""Seconds each part may take to be ready; a hundred thousand customers take their time."""


@click.command(epilog="Example:  customer360 demo --customers 200 --without sap")
@click.option("--without", type=Names(), multiple=True, help="Leave this system out, as if it were down.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON instead of the tour.")
@with_world
@with_settings
def demo(without: tuple[tuple[str, ...], ...], as_json: bool, world: Mapping[str, Any], given: Given) -> None:
    """Start the mock systems and the gateway, and print addresses, tokens and a first question to ask.

    Ctrl-C ends all of it. While it runs, `customer360 token` and the other commands in this folder use its settings.
    """
    settings = given.settings({**world, "dev.mode": True})
    names = wanted((), without)
    only_mocks(settings, {*names, *filter(settings.enabled, settings.backends())})
    own = _own(settings, world)
    _all_free(settings, names)
    made_folder(settings.state_dir)
    try:
        with running(settings.state_dir, own):
            asyncio.run(_demo(given, own, names, as_json))
    except AlreadyRunning as error:
        raise Failed(f"a demo already runs with the state folder {error}: end it, or --set state.dir=OTHER") from error


def _own(settings: Settings, world: Mapping[str, Any]) -> dict[str, Any]:
    """What a demo sets by itself: dev mode, one secret for its mocks, and a state folder for each company, so that
    nobody is looked for under the keys of another company's customers."""
    secret = settings.text("mocks.secret") or secrets.token_urlsafe(12)
    folder = settings.state_dir.absolute() / f"demo-{_fingerprint(settings)}"
    return {**world, "dev.mode": True, "mocks.secret": secret, "state.dir": folder}


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.blake2b(digest_size=4)
    for name in ("world.file", "world.mapping"):
        path = settings.path(name)
        digest.update(_bytes(path) if path else b"-")
    digest.update(f"{settings.number('world.customers')} {settings.number('world.seed')}".encode())
    return digest.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}") from error


def _all_free(settings: Settings, names: list[str]) -> None:
    """Find out before anything is started which port is taken, and say how to choose another."""
    bound(settings.text("listen.host"), settings.number("listen.port")).close()
    host, places = settings.text("mocks.host"), ports(settings)
    for name in names:
        try:
            bound(host, places[name]).close()
        except Failed as error:
            cause = error.__cause__
            if not isinstance(cause, OSError):
                raise
            hint = f"backends.{name}.base_url=http://{host}:PORT"
            raise not_bound(cause, host, places[name], f"the mock {name}", hint) from cause


async def _demo(given: Given, own: Mapping[str, Any], names: list[str], as_json: bool) -> None:
    asked = asyncio.create_task(ending().wait())
    work = asyncio.create_task(_run(given, own, names, as_json))
    await asyncio.wait((asked, work), return_when=asyncio.FIRST_COMPLETED)
    if asked.done():
        _say("\nEnding…")
    asked.cancel()
    work.cancel()
    await asyncio.wait((work,))
    if not work.cancelled():
        work.result()


async def _run(given: Given, own: Mapping[str, Any], names: list[str], as_json: bool) -> None:
    """Start the parts in order, then wait until one of them ends, which none should. Ends all, whatever happens."""
    private = {"CUSTOMER360_MOCKS__SECRET": str(own["mocks.secret"])}  # other users may read a command line
    shared = {name: value for name, value in own.items() if name != "mocks.secret"}
    async with AsyncExitStack() as ended:
        _say(f"Starting {len(names)} systems …")
        mocks = await Child.start("mocks", [*_child(given, shared), f"--only={','.join(names)}"], private)
        ended.push_async_callback(mocks.end)
        world = await mocks.told(MOCKS_S)
        if own.get("world.file"):
            shared["world.now"] = world["now"]
        _say(f"Learning who is who among {world['customers']:,} customers …")
        await _synced(given, shared)
        gateway = await Child.start("serve", _child(given, shared), private)
        ended.push_async_callback(gateway.end)
        told = await gateway.told(GATEWAY_S)
        tour = await prepared(given.settings({**own, **shared}), str(told["url"]), world, str(told["devSecret"]))
        _present(tour, as_json)
        await _first_to_end(mocks, gateway)


def _child(given: Given, shared: Mapping[str, Any]) -> list[str]:
    return [*given.arguments(shared), "--json", "--with-parent"]


async def _synced(given: Given, shared: Mapping[str, Any]) -> None:
    sync = await Child.start("crossref", ["sync", *_child(given, shared)])
    try:
        told = await sync.told(SYNC_S)
    finally:
        await sync.end()
    for system, why in told.get("failed", {}).items():
        _say(f"  {system} did not say who its customers are: {why}")


async def _first_to_end(*children: Child) -> None:
    lives = {asyncio.create_task(child.process.wait()): child for child in children}
    done, _ = await asyncio.wait(lives, return_when=asyncio.FIRST_COMPLETED)
    raise Failed(f"`customer360 {lives[done.pop()].name}` ended by itself; so everything is ended")


def _present(tour: Tour, as_json: bool) -> None:
    if as_json:
        print_json(tour.as_json())
    else:
        click.echo(tour.as_text())
        sys.stdout.flush()


def _say(text: str) -> None:
    click.echo(text, err=True)
