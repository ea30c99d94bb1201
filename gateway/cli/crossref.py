"""`customer360 crossref`: who is who across the systems, learned from the systems themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import cast

import click

from gateway.app import App
from gateway.cli.commands import Failed
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.opening import opened
from gateway.cli.processes import end_with_parent
from gateway.settings import Settings
from resolvers.crosslink import Taken
from resolvers.crosslink import sync as synchronise
from resolvers.crossref import Crossref


@click.group()
def crossref() -> None:
    """Build and inspect the cross-reference: one customer, and what each system calls them."""


@crossref.command(epilog="Example:  customer360 crossref sync")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--with-parent", is_flag=True, hidden=True)
@with_settings
def sync(as_json: bool, with_parent: bool, given: Given) -> None:
    """Take in what changed in the systems since the last time. Exit code 1 when one of them could not be asked."""
    settings = given.settings(beside_demo=True)
    if with_parent:
        end_with_parent()
    taken = asyncio.run(_synced(settings))
    failed = {one.system: one.failed for one in taken if one.failed}
    if as_json:
        print_json({"taken": [asdict(one) for one in taken], "failed": failed})
    else:
        for one in taken:
            told = f"{one.rows:>8,} rows read, {one.new:>8,} customers new; up to {one.until or '-'}"
            click.echo(f"{one.system:18} {told}")
    if failed:
        why = "; ".join(failed.values())
        raise Failed(f"{why}. What was taken in before stays, and the next sync goes on from there")


@crossref.command(epilog="Example:  customer360 crossref status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def status(as_json: bool, given: Given) -> None:
    """Say how many customers are known, and how many keys of each system. Exit code 1 when there are none."""
    customers, systems = asyncio.run(_counted(given.settings(beside_demo=True)))
    if as_json:
        print_json({"customers": customers, "keys": systems})
    else:
        click.echo("\n".join((f"{customers:,} customers", *(f"  {name:18} {n:,} keys" for name, n in systems.items()))))
    if not customers:
        raise Failed("nobody is known yet: run `customer360 crossref sync`")


async def _synced(settings: Settings) -> list[Taken]:
    async with _opened(settings) as (app, known):
        return await synchronise(known, app.backends, lambda name: not app.pipeline.traffic.lines[name].enabled)


async def _counted(settings: Settings) -> tuple[int, dict[str, int]]:
    async with _opened(settings) as (_, known):
        return known.count(), dict(known.systems())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[App, Crossref]]:
    app = opened(settings)
    try:
        yield app, cast(Crossref, app.pipeline.facts["crossref"])
    finally:
        await app.stop()
