"""A small system for the tests of its line: a scripted wire, and an adapter with one read and one write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from gateway.traffic import Line, Traffic
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import (
    Adapter,
    Call,
    Connection,
    Deadline,
    Kind,
    Outcome,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
    Unusable,
    Wire,
    operation,
)
from resolvers.freshness import LIVE, Freshness

JSON = {"content-type": "application/json"}


class Thing(msgspec.Struct, frozen=True):
    key: str
    told: int = 0


class Things(Adapter):
    """Asks for all keys in one exchange; a status is what the real adapters take it for."""

    name = "things"
    title = "A system of things"

    @operation(Thing, limit=50, columns={"key": ("key",), "told": ("told",), "email": ("email",)})
    async def read(self, wire: Wire, keys: Sequence[str], columns: frozenset[str], of: str = "") -> Mapping[str, Any]:
        target = f"/{of}?{','.join(keys)}"
        try:
            return {one.key: one for one in wire.decode(await self._body(wire, Request("GET", target)), list[Thing])}
        except Unusable as error:  # of all that was asked together, as the real adapters find it
            return dict.fromkeys(keys, error)

    @operation(Thing, limit=50, columns={"key": ("key",)}, kind=Kind.WRITE)
    async def write(self, wire: Wire, keys: Sequence[str], columns: frozenset[str]) -> Mapping[str, Any]:
        await self._body(wire, Request("POST", f"/?{','.join(keys)}"))
        return {key: Thing(key) for key in keys}

    @operation(Thing, limit=50, columns={"key": ("key",)}, alone=True)
    async def apart(self, wire: Wire, keys: Sequence[str], columns: frozenset[str]) -> Mapping[str, Any]:
        """An exchange for each key; each fails for itself."""
        return dict(zip(keys, await asyncio.gather(*(self._one(wire, key) for key in keys)), strict=True))

    async def _one(self, wire: Wire, key: str) -> Any:
        try:
            await self._body(wire, Request("GET", f"/one?{key}"))
        except (Unavailable, Throttled, Refused) as error:
            return error
        return Thing(key)

    async def _body(self, wire: Wire, request: Request) -> bytes:
        reply = await wire.send(request)
        wait = float(reply.headers["retry-after"]) if "retry-after" in reply.headers else None
        if reply.status == 429:
            raise Throttled(self.name, "429", wait)
        if reply.status >= 500:
            raise Unavailable(self.name, str(reply.status), wait)
        if reply.status >= 300:
            raise Refused(self.name, str(reply.status))
        return reply.body


Say = Callable[[Request], Any]


@dataclass
class Wired:
    """The other end of the wire. `say` gives a status, a reply or an error for each request; `seconds` each takes.

    What is asked for is there, unless its key begins with `no`."""

    say: Say = lambda request: 200
    seconds: float = 0.0
    asked: list[Request] = field(default_factory=list)
    inside: int = 0
    most: int = 0

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam
        self.asked.append(request)
        number = len(self.asked)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.inside -= 1
        said = self.say(request)
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, Reply):
            return said
        keys = [key for key in request.target.partition("?")[2].split(",") if not key.startswith("no")]
        things = [Thing(key, number) for key in keys]
        return Reply(said, JSON, msgspec.json.encode(things) if said == 200 else b"")


@dataclass
class Setup:
    """One line over one wire; `ask` is a question put to it."""

    wired: Wired
    traffic: Traffic

    @classmethod
    def of(cls, wired: Wired | None = None, tuning: Tuning | None = None, **connection: Any) -> Setup:
        """`tuning` without a bulkhead of its own takes the connection's concurrency."""
        wired = wired or Wired()
        adapter = Things(Connection("http://things", **connection), wired)
        usual = Tuning.usual(adapter)
        tuning = replace(tuning, bulkhead=tuning.bulkhead) if tuning else usual
        return cls(wired, Traffic.over({"things": adapter}, tuned=lambda _: tuning))

    @property
    def line(self) -> Line:
        return self.traffic.lines["things"]

    async def ask(
        self,
        *keys: str,
        operation: str = "read",
        seconds: float = 5.0,
        allowed: Freshness = LIVE,
        subject: str | None = None,
        columns: Sequence[str] = ("key",),
    ) -> Mapping[Any, Outcome[Any]]:
        kind = Kind.WRITE if operation == "write" else Kind.READ
        call = Call("things", operation, keys, frozenset(columns), (), subject, kind=kind)
        return await self.traffic.perform(call, Deadline(seconds), allowed)

    async def code(self, *keys: str, **how: Any) -> str:
        """How one question ends, in a word."""
        found = await self.ask(*(keys or ("a",)), **how)
        error = next(iter(found.values())).error
        return "OK" if error is None else error.code
