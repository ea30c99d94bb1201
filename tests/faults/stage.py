"""What a scenario plays on: the mocks as processes, lines with weather in between, and a gateway process in front.

One stage serves many scenarios, each with a gateway of its own: what one gateway has learned about a system (breakers,
budgets, caches) is none of the next scenario's business. Nothing is known here of how a gateway does what it does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

from gateway.catalogue import catalogue
from mocks.serve import MOCKS
from mocks.world import World, open_world
from mocks.world.tickets import Tickets
from tests.faults.load import Arrival, post
from tests.faults.processes import Started, free_ports, output, started
from tests.faults.proxy import Proxy

ROLE = "support_agent"
CUSTOMERS = 400
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of a scenario is played. The short form shows that it holds at all, on a machine that has other work."""

    short: bool

    def of(self, long: float, short: float) -> float:
        return short if self.short else long


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the gateway, and the seconds it took."""

    status: int
    body: Any
    seconds: float

    @property
    def whole(self) -> bool:
        return self.status == 200 and "errors" not in self.body and bool(self.body.get("data"))

    @property
    def codes(self) -> list[str]:
        return sorted({error["extensions"]["code"] for error in self.body.get("errors", ())})

    @property
    def plan(self) -> list[dict[str, Any]]:
        return list(self.body.get("extensions", {}).get("plan", ()))

    @property
    def absent(self) -> list[dict[str, Any]]:
        return list(self.body.get("extensions", {}).get("absent", ()))


class _Said(msgspec.Struct, frozen=True):
    code: str = ""


class _Error(msgspec.Struct):
    extensions: _Said = _Said()


class _Shape(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_Error] = []


ANSWERED = frozenset({"whole", "partial", "saturated"})


def judged(status: int, body: bytes) -> str:
    """A gateway's answer in a word: "whole", "partial" (with errors), "saturated" (with that error and no other),
    "refused" (503), or its status."""
    if status != 200:
        return "refused" if status == 503 else str(status)
    answer = msgspec.json.decode(body, type=_Shape)
    if answer.errors:
        codes = {error.extensions.code for error in answer.errors}
        return "saturated" if codes == {"SATURATED"} else "partial"
    return "partial" if bytes(answer.data) == b"null" else "whole"


@dataclass(slots=True)
class Gateway:
    """A gateway process, and the lines it reaches its systems by."""

    url: str
    started: Started
    lines: Mapping[str, Proxy]
    client: httpx.AsyncClient
    headers: tuple[tuple[str, str], ...]

    async def ask(self, query: str, *, include: str = "", deadline_ms: int | None = None, **variables: Any) -> Reply:
        headers = dict(self.headers) | _wishes(include, deadline_ms)
        begun = time.perf_counter()
        reply = await self.client.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        return Reply(reply.status_code, reply.json(), time.perf_counter() - begun)

    def arrival(
        self, due: float, query: str, kind: str = "", deadline_ms: int | None = None, **variables: Any
    ) -> Arrival:
        body = json.dumps({"query": query, "variables": variables}).encode()
        wishes = _wishes("", deadline_ms).items()
        return Arrival(due, post(self.url, "/graphql", body, (*self.headers, *wishes)), kind)


@dataclass(slots=True)
class Stage:
    """`buyers`: party numbers of customers with orders whom the help desk knows by number too, most tickets first."""

    folder: Path
    mocks: Mapping[str, str]
    world: World
    token: str
    buyers: list[str]
    settings: tuple[str, ...]
    count: int = 0

    @asynccontextmanager
    async def gateway(
        self,
        through: Collection[str] = (),
        instead: Mapping[str, str] = NOTHING,
        settings: Mapping[str, int] = NOTHING,
    ) -> AsyncIterator[Gateway]:
        """A gateway that reaches the systems in `through` by a line with weather, those in `instead` somewhere else.
        A setting that it does not have yet is left out."""
        self.count += 1
        places = {**self.mocks, **instead}
        async with AsyncExitStack() as ended:
            lines = {name: await ended.enter_async_context(Proxy(places[name], seed=self.count)) for name in through}
            places |= {name: line.url for name, line in lines.items()}
            known = {name: value for name, value in settings.items() if name in catalogue()}
            given = {f"backends.{name}.base_url": url for name, url in places.items()} | known
            line = ("serve", "--dev", "--set=listen.port=0", *self.settings, *_sets(given))
            running = started(self.folder / f"gateway-{self.count}.log", *line)
            process = await asyncio.to_thread(running.__enter__)
            ended.push_async_callback(asyncio.to_thread, running.__exit__, None, None, None)
            client = await ended.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60))
            yield Gateway(process.told["url"], process, lines, client, (("Authorization", f"Bearer {self.token}"),))

    async def requests(self, system: str) -> list[dict[str, Any]]:
        """What a mock was asked since `forget`; the last 4,096 questions at most."""
        found = await self._control("GET", system, "requests")
        return [one for one in found["requests"] if not one["path"].startswith("/_mock")]

    async def forget(self, *systems: str) -> None:
        for system in systems or self.mocks:
            await self._control("DELETE", system, "requests")

    async def fault(self, system: str, **order: Any) -> None:
        """`kind`, `value`, `match`, `rate`, `times`; nothing clears it."""
        await self._control("POST", system, "faults", order)

    async def ledger(self, system: str) -> list[dict[str, Any]]:
        return list((await self._control("GET", system, "ledger"))["ledger"])

    async def _control(self, method: str, system: str, what: str, order: Any = None) -> Any:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            reply = await client.request(method, f"{self.mocks[system]}/_mock/{what}", json=order)
            reply.raise_for_status()
            return reply.json() if reply.content else None


@contextmanager
def stage(folder: Path, customers: int = CUSTOMERS) -> Iterator[Stage]:
    """Mocks of an invented company, and who is who in it learned; everything ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(MOCKS, free_ports(len(MOCKS)), strict=True)}
    places = _sets({f"backends.{name}.base_url": url for name, url in urls.items()})
    state = f"--set=state.dir={folder / 'state'}"
    with started(folder / "mocks.log", "mocks", f"--customers={customers}", "--open-control", *places):
        output("crossref", "sync", "--json", "--set=dev.mode=true", state, *places)
        token = output("token", "--dev", f"--role={ROLE}", "--ttl=43200", state)
        world = open_world(customers=customers)
        yield Stage(folder, urls, world, token, _buyers(world), (state,))


def _buyers(world: World) -> list[str]:
    desk = Tickets(world)

    def tickets(index: int) -> int:
        mine = desk.of_customer(index)
        return len(mine) if len(mine) and desk.ticket(mine[0]).customer_number else 0

    known = (world.customer(index) for index in world.customers())
    buyers = [one for one in known if one.party_number and one.siebel_contact_id and one.duplicate_of is None]
    ranked = sorted(buyers, key=lambda one: -tickets(one.index))
    return [str(one.party_number) for one in ranked if 0 < len(world.orders_of(one.index)) < 50]


def _sets(given: Mapping[str, Any]) -> list[str]:
    return [f"--set={name}={value}" for name, value in given.items()]


def _wishes(include: str, deadline_ms: int | None) -> dict[str, str]:
    wishes = {"X-Include": include, "X-Deadline-Ms": str(deadline_ms or "")}
    return {name: value for name, value in wishes.items() if value}
