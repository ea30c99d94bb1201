"""`customer360 index`: which orders are where, kept up with what the systems say has changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast

import click

from gateway.app import App
from gateway.cli.commands import Failed
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.opening import opened
from gateway.settings import Settings
from resolvers.crossref import Crossref
from resolvers.order_to_cash_feed import Fed
from resolvers.order_to_cash_feed import sync as feed
from resolvers.order_to_cash_index import Busy, Index

LOG = logging.getLogger("gateway.index")


@click.group()
def index() -> None:
    """Build and inspect the index of orders: keys, states and times, by which sets of orders are found."""


@index.command(epilog="Example:  customer360 index build")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@with_settings
def build(as_json: bool, given: Given) -> None:
    """Forget what is there and take in everything anew. Exit code 1 when a system could not be read to its end."""
    _told(asyncio.run(_fed(given.settings(beside_demo=True), anew=True)), as_json)


@index.command(epilog="Example:  customer360 index sync")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@with_settings
def sync(as_json: bool, given: Given) -> None:
    """Take in what changed in the systems since the last time. Exit code 1 when one of them could not be asked."""
    _told(asyncio.run(_fed(given.settings(beside_demo=True), anew=False)), as_json)


@index.command(epilog="Example:  customer360 index show --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def show(as_json: bool, given: Given) -> None:
    """Say how many rows there are, how large it is, and up to when each system is in. Exit code 1 when it is empty."""
    told = asyncio.run(_shown(given.settings(beside_demo=True)))
    if as_json:
        print_json(told)
    else:
        rows, systems = told["rows"], told["systems"]
        click.echo(f"{rows['way']:,} orders in {told['bytes']:,} bytes")
        click.echo(
            "\n".join(
                f"  {name:10} up to {one['until'] or '-'}; "
                + (f"asked {one['asked']}" if one["asked"] else "not read to its end yet")
                for name, one in systems.items()
            )
        )
    if not told["rows"]["way"]:
        raise Failed("no order is in it yet: run `customer360 index build`")


async def keep_up(app: App) -> None:
    """Take in what changes, every `index.sync_s` seconds, for as long as it is let; 0: never."""
    seconds = app.settings.number("index.sync_s")
    while seconds:
        await asyncio.sleep(seconds)
        try:
            fed = await _take_in(app)
        except Busy:  # one process does it for all
            continue
        except Exception:  # the next turn may do better, and answers do not wait for it
            LOG.exception("the index of orders could not be kept up")
        else:
            for one in fed:
                if one.failed:
                    LOG.warning("the index of orders could not be kept up with %s: %s", one.system, one.failed)


async def _take_in(app: App, *, anew: bool = False) -> list[Fed]:
    """Raises Busy."""
    known, orders = cast(Crossref, app.pipeline.facts["crossref"]), cast(Index, app.pipeline.facts["orders"])
    return await feed(orders, known, app.backends, lambda name: not app.pipeline.traffic.lines[name].enabled, anew=anew)


async def _fed(settings: Settings, *, anew: bool) -> tuple[list[Fed], float]:
    async with _opened(settings) as (app, _):
        begun = time.monotonic()
        try:
            return await _take_in(app, anew=anew), time.monotonic() - begun
        except Busy as error:
            raise Failed(f"{error}, perhaps a running gateway: wait for it, and try again") from error


def _told(fed: tuple[list[Fed], float], as_json: bool) -> None:
    rows, seconds = fed
    failed = {one.system: one.failed for one in rows if one.failed}
    if as_json:
        print_json({"fed": [asdict(one) for one in rows], "failed": failed, "seconds": round(seconds, 3)})
    else:
        click.echo("\n".join(f"{one.system:10} {one.rows:>9,} rows read; up to {one.until or '-'}" for one in rows))
    if failed:
        why = "; ".join(failed.values())
        raise Failed(f"{why}. What was taken in before stays, and the next sync goes on from there")


async def _shown(settings: Settings) -> dict[str, Any]:
    async with _opened(settings) as (_, orders):
        systems = {
            name: {"until": one.until, "asked": _asked(one.asked), "whole": one.whole}
            for name, one in orders.progress().items()
        }
        return {"rows": dict(orders.count()), "bytes": orders.size(), "systems": systems}


def _asked(second: float) -> str | None:
    """None: it was never read to its end."""
    return datetime.fromtimestamp(second, UTC).isoformat() if second else None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[App, Index]]:
    app = opened(settings)
    try:
        yield app, cast(Index, app.pipeline.facts["orders"])
    finally:
        await app.stop()
