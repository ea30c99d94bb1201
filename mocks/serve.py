"""Which mocks there are, on which ports (CONTRACTS §1), and how they are started: served, or mounted in-process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.types import ASGIApp

from mocks import contentful, discourse, fedex, hubspot, netsuite, oracle_om, partner_hub, remedy, sap, siebel, ups
from mocks.control import Controlled, controlled
from mocks.listener import Listener
from mocks.world.model import World

Create = Callable[[World], Starlette]


@dataclass(frozen=True, slots=True)
class Mock:
    """A system we play: its port, what to call it, and how to make it from a world."""

    port: int
    title: str
    create: Create


MOCKS: Mapping[str, Mock] = {
    "siebel": Mock(8361, siebel.TITLE, siebel.create),
    "oracle_om": Mock(8362, oracle_om.TITLE, oracle_om.create),
    "sap": Mock(8363, sap.TITLE, sap.create),
    "remedy": Mock(8364, remedy.TITLE, remedy.create),
    "contentful": Mock(8365, contentful.TITLE, contentful.create),
    "netsuite": Mock(8366, netsuite.TITLE, netsuite.create),
    "fedex": Mock(8367, fedex.TITLE, fedex.create),
    "ups": Mock(8368, ups.TITLE, ups.create),
    "hubspot": Mock(8369, hubspot.TITLE, hubspot.create),
    "discourse": Mock(8370, discourse.TITLE, discourse.create),
    "partner_hub": Mock(8371, partner_hub.TITLE, partner_hub.create),
}


def mount(
    world: World,
    secret: str | None = None,
    open_control: bool = True,
    names: Collection[str] | None = None,
    mocks: Mapping[str, Mock] = MOCKS,
) -> dict[str, ASGIApp]:
    """The mocks as ASGI applications by name, control paths included, for `httpx.ASGITransport`.

    Pass one world; written rows, request logs and faults belong to the mounted set, not to the world.
    """
    return dict(_controlled(world, names, secret, open_control, mocks))


async def serve(
    world: World,
    names: Collection[str] | None = None,
    host: str = "127.0.0.1",
    ports: Mapping[str, int] | None = None,
    secret: str | None = None,
    open_control: bool = False,
    ready: Callable[[dict[str, str]], object] | None = None,
    mocks: Mapping[str, Mock] = MOCKS,
) -> None:
    """Serve the named mocks (all, when None) until cancelled; each then has a second to finish what it is answering.

    ports:  name → port in place of the usual one; 0 takes any free one
    secret: what control calls carry in `X-Mock-Secret`; needed unless `open_control`
    ready:  called once all accept connections, with name → base URL
    Raises OSError when an address is taken, ValueError for a name that is no mock.
    """
    apps = _controlled(world, names, secret, open_control, mocks)
    places = {name: mocks[name].port for name in apps} | dict(ports or {})
    listeners = {name: Listener(app, host, places[name]) for name, app in apps.items()}
    for name, app in apps.items():
        app.desk.door = listeners[name]
    try:
        for listener in listeners.values():
            await listener.open()
        if ready is not None:
            ready({name: listener.url for name, listener in listeners.items()})
        await asyncio.Event().wait()
    finally:
        await _stop(apps, listeners)


async def _stop(apps: Mapping[str, Controlled], listeners: Mapping[str, Listener]) -> None:
    for app in apps.values():
        app.desk.close()
    await asyncio.gather(*(listener.closed() for listener in listeners.values()))


def _controlled(
    world: World, names: Collection[str] | None, secret: str | None, open_control: bool, mocks: Mapping[str, Mock]
) -> dict[str, Controlled]:
    if strangers := set(names or ()) - mocks.keys():
        raise ValueError(f"no mock is called {', '.join(sorted(strangers))}; there are {', '.join(mocks)}")
    wanted = [name for name in mocks if names is None or name in names]
    apps = {name: mocks[name].create(world) for name in wanted}
    return controlled(apps, secret=secret, open_control=open_control, seed=world.seed)
