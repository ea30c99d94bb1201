"""`customer360 serve`: the gateway as a process, from its first open port to its last answer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import click
import uvicorn
import uvloop

from gateway.app import App, registered
from gateway.cli.commands import Failed
from gateway.cli.index import keep_up
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.listening import bound
from gateway.cli.opening import opened
from gateway.cli.processes import end_with_parent, ending, gone_after, log_to_stderr, until_either
from gateway.cli.settings import listed
from gateway.cli.tour import opening
from gateway.server.protocol import Guarded
from gateway.settings import Settings

EPILOG = f"\b\nExample:  customer360 serve --dev --set listen.port=9000\n\n\b\nSettings:\n{listed()}"


GARBAGE = (50_000, 5, 50)
"""An answer of ten thousand values is no garbage: by the usual 700 new things it is looked through while it is made."""


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the command's: it lets the server finish, then stops the app."""
        yield


@click.command(epilog=EPILOG)
@click.option("--dev", is_flag=True, help="Dev mode: the same as --set dev.mode=true.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once requests are taken.")
@click.option("--with-parent", is_flag=True, hidden=True)
@with_settings
def serve(dev: bool, as_json: bool, with_parent: bool, given: Given) -> None:
    """Run the gateway until Ctrl-C or SIGTERM. It then takes no new request and finishes those it has; after
    drain.longest_ms it is gone, whatever it was doing."""
    settings = given.settings({"dev.mode": True} if dev else None)
    if not settings.dev and not settings.issuers() and not _partners(settings):
        told = "name an issuer of tokens (issuers.NAME.url), add a partner (customer360 partner add), or give --dev"
        raise Failed(f"nobody could log in: {told}")
    log_to_stderr(settings.text("log.level"))
    if with_parent:
        end_with_parent()
    uvloop.run(_serve(settings, as_json))


def _partners(settings: Settings) -> int:
    _, register = registered(settings)
    with closing(register.store):
        return len(register)


async def _serve(settings: Settings, as_json: bool) -> None:
    asked = ending()
    gone_after(settings.seconds("drain.longest_ms"))
    host = settings.text("listen.host")
    with bound(host, settings.number("listen.port")) as listening:
        app = opened(settings)
        gc.collect()
        gc.freeze()  # schema, stored operations and libraries stay: no collection need ever look at them again
        gc.set_threshold(*GARBAGE)
        await _served(app, listening, asked, as_json)


async def _served(app: App, listening: socket.socket, asked: asyncio.Event, as_json: bool) -> None:
    settings = app.settings
    server = Server(_config(app, settings))
    work = asyncio.create_task(server.serve([listening]))
    keeping = asyncio.create_task(keep_up(app))
    try:
        host = settings.text("listen.host")
        url = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        _announce(url, app.secret, as_json)
        await until_either(work, asked)
    finally:
        app.ready = False  # who asks hears 503 from here on; what is being answered is finished
        if not work.done():
            await _drained(app)
        server.should_exit = True
        await work
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await app.stop()


async def _drained(app: App) -> None:
    """Until nothing is being answered, still there to say that this gateway is not ready. What takes longer than any
    question may is left to the server, which gives it up; and what the server cannot end, to `gone_after`."""
    begun = time.monotonic()
    notice, longest = app.settings.seconds("drain.notice_ms"), _longest(app.settings)

    def waits() -> bool:
        taken = time.monotonic() - begun
        return taken < notice or (app.pipeline.places.taken > 0 and taken < longest)

    while waits():  # noqa: ASYNC110 - once in a life
        await asyncio.sleep(0.02)


def _config(app: App, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app.asgi,
        interface="asgi3",
        http=Guarded,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(_longest(settings)) + 1,
    )


def _longest(settings: Settings) -> float:
    """Seconds that a question may take."""
    return max(settings.seconds("deadline.staff_ms"), settings.seconds("deadline.partner_ms"))


def _announce(url: str, secret: str, as_json: bool) -> None:
    if as_json:
        print_json({"url": url} | ({"devSecret": secret} if secret else {}))
        return
    click.echo(f"The gateway listens on {url}/graphql. Ctrl-C ends it.")
    if secret:
        click.echo(f"Over mocks, the page that can be anybody:  {opening(url, secret)}")
        click.echo(f"Who sends this to {url}/dev/token can be anybody:  X-Dev-Secret: {secret}")
