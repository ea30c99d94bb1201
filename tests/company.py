"""The customer graph over in-process mocks: what journeys and graph tests ask their questions of."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import strawberry
from starlette.types import ASGIApp

import schema
from gateway.app import App, open_app
from gateway.auth import Principal
from gateway.policy import Policy
from gateway.question import Options, Question
from gateway.settings import Settings
from mocks import discourse, fedex, hubspot, partner_hub, ups
from mocks.control import Controlled, Desk
from mocks.serve import MOCKS, mount
from mocks.world import World
from resolvers.crosslink import sync
from resolvers.crossref import Crossref
from resolvers.ids import global_id
from resolvers.order_to_cash_feed import sync as feed

UNHURRIED = {
    **MOCKS,
    "hubspot": replace(MOCKS["hubspot"], create=partial(hubspot.create, limits=None)),
    "discourse": replace(MOCKS["discourse"], create=partial(discourse.create, limits=None)),
    "partner_hub": replace(MOCKS["partner_hub"], create=partial(partner_hub.create, per_second=0)),
    "ups": replace(MOCKS["ups"], create=partial(ups.create, most=1_000_000)),
    "fedex": replace(MOCKS["fedex"], create=partial(fedex.create, most=1_000_000)),
}
"""Systems that take as many requests as there are: tests ask for more in a second than a day has use for."""
NO_LIMITS = {
    "backends__hubspot__options__per_ten_seconds": "0",
    "backends__hubspot__options__searches_per_second": "0",
    "backends__discourse__options__per_minute": "0",
    "backends__partner_hub__per_second": 10_000,
}


@dataclass(slots=True)
class Company:
    """One gateway over one set of mocks. Ask it as somebody; look at what the systems were asked for it."""

    world: World
    mocks: Mapping[str, ASGIApp]
    app: App
    customers: dict[int, str] = field(default_factory=dict)

    async def ask(
        self,
        query: str,
        role: str = "support_agent",
        *,
        customer: str | None = None,
        include: str = "",
        on_withheld: str = "null",
        **variables: Any,
    ) -> dict[str, Any]:
        principal = Principal("tester", role, customer=customer)
        options = Options(
            include=frozenset(filter(None, include.split(","))), on_withheld=on_withheld, request_id="test-request"
        )
        body = await self.app.pipeline(Question(query, None, variables), principal, options)
        answer: dict[str, Any] = json.loads(body)
        return answer

    async def control(self, system: str, method: str, path: str, **body: Any) -> Any:
        transport = httpx.ASGITransport(app=self.mocks[system])
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{system}") as client:
            reply = await client.request(method, f"/_mock/{path}", json=body or ({} if method == "POST" else None))
            return reply.json() if reply.content else None

    async def forget(self) -> None:
        """Empty every request log, and what the gateway remembers of the answers."""
        for line in self.app.pipeline.traffic.lines.values():
            line.forget()
        for system in self.mocks:
            self.desk(system).requests.clear()

    async def asked(self, *systems: str) -> list[dict[str, Any]]:
        """What these systems (all, when none is named) were asked since `forget`, each with its `system`."""
        found = []
        for system in systems or self.mocks:
            found += [entry | {"system": system} for entry in self.desk(system).requests]
        return found

    def desk(self, system: str) -> Desk:
        """What a mock remembers: what its control paths tell, without the way there."""
        mock = self.mocks[system]
        assert isinstance(mock, Controlled)
        return mock.desk

    async def break_(self, system: str, kind: str, **more: Any) -> None:
        await self.control(system, "POST", "faults", kind=kind, **more)

    def id_of(self, index: int) -> str:
        """The graph's id of a customer of the world, as the cross-reference knows them."""
        crossref: Crossref = self.app.pipeline.facts["crossref"]
        person = self.world.customer(index)
        native = ("siebel.contact", person.siebel_contact_id) if person.siebel_contact_id else None
        system, key = native or ("oracle_om.party", person.party_number)
        return global_id("Customer", crossref.customers(system, [str(key)])[str(key)])


@dataclass(frozen=True, slots=True)
class Founding:
    """A world, and its cross-reference as synced once; companies are opened over copies of it. Their schema is
    built once, and their policy read. A customer has the same id each time, so that a test asks the same each time."""

    world: World
    crossref: Path
    declared: strawberry.Schema = field(default_factory=schema.build)
    written: Policy = field(default_factory=partial(Policy.read, partners=None))

    @classmethod
    def of(cls, world: World, folder: Path) -> Founding:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cursors-key").write_text("of tests, as ids are made of it " * 2)
        asyncio.run(_synced(world, folder))
        return cls(world, folder)

    def open(self, folder: Path, **settings: Any) -> Company:
        shutil.copytree(self.crossref, folder, dirs_exist_ok=True)
        mocks = mount(self.world, mocks=UNHURRIED)
        return Company(self.world, mocks, open_app(configured(folder, **settings), mocks, self.declared, self.written))


def configured(folder: Path, **settings: Any) -> Settings:
    """All systems share one process here: on a busy machine each waits for the others, so an attempt has more time, and
    that this process is short of it turns nobody away."""
    patience: dict[str, Any] = {f"backends__{name}__attempt_timeout_ms": 4000 for name in MOCKS}
    patience["door__late_ms"] = 0
    return Settings.load(
        environ={}, **{"dev__mode": True, "state__dir": str(folder), **NO_LIMITS, **patience, **settings}
    )


async def _synced(world: World, folder: Path) -> None:
    app = open_app(configured(folder), mount(world, mocks=UNHURRIED))
    crossref: Any = app.pipeline.facts["crossref"]
    await sync(crossref, app.backends)
    await feed(app.pipeline.facts["orders"], crossref, app.backends)
    await app.stop()
