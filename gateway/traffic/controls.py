"""Control of the mocks behind a gateway in dev mode (CONTRACTS §6): stop one, start it, read its log, change a mind.

A mock that is stopped has closed its listener and hears nothing, so each control call goes to the mock itself and, when
nobody is there, to the others, which answer for it (`?mock=NAME`). They stand beside the traffic: nothing here is
retried, counted or remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from gateway.strict_json import NotJson, read_json
from resolvers.backends.base import Reply, Request, Send, Unreadable

SECONDS = 2.0
FAULTS, REQUESTS, CONSENT, CALLERS = "/_mock/faults", "/_mock/requests", "/_mock/consent", "/_mock/callers"
BEYOND = 10**15
"""A number that no log reaches: what is asked since then is nothing, and the answer says where the log stands."""


class Running(StrEnum):
    """What a mock is doing: answering, stopped on request, or not there at all (left out, or its process is gone)."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    ABSENT = "ABSENT"


class Disobeyed(Exception):
    """A control call that came to nothing. `status` is the mock's; None when no mock answered."""

    def __init__(self, told: str, status: int | None = None) -> None:
        super().__init__(told)
        self.status = status


@dataclass(frozen=True, slots=True)
class Controls:
    """`lines`: the way to each mock, by name."""

    lines: Mapping[str, Send]
    secret: str = field(repr=False)

    async def states(self) -> dict[str, Running]:
        found = await asyncio.gather(*map(self.state, self.lines))
        return dict(zip(self.lines, found, strict=True))

    async def state(self, name: str) -> Running:
        try:
            fault = (await self._told(name, "GET", FAULTS)).get("fault")
        except Disobeyed:
            return Running.ABSENT
        return Running.STOPPED if isinstance(fault, dict) and fault.get("kind") == "refuse" else Running.RUNNING

    async def stop(self, name: str) -> None:
        """It takes no connection from now on."""
        await self._told(name, "POST", FAULTS, {"kind": "refuse"})

    async def start(self, name: str) -> None:
        """It answers again, without any trouble that was ordered."""
        await self._told(name, "POST", FAULTS, {})

    async def asked(self, name: str, since: int) -> list[dict[str, Any]]:
        """What it was asked after its question of this number, oldest first; the last 4,096 are known."""
        told = (await self._told(name, "GET", f"{REQUESTS}?since={since}")).get("requests")
        return told if isinstance(told, list) else []

    async def marks(self) -> dict[str, int]:
        """The number of the question that each was asked last; nothing of one that is absent."""
        found = await asyncio.gather(*map(self._mark, self.lines))
        return {name: mark for name, mark in zip(self.lines, found, strict=True) if mark is not None}

    async def consent(self, name: str, key: str, agreed: bool) -> None:
        """Somebody has told the staff of this system whether they want to hear from us."""
        await self._told(name, "POST", CONSENT, {"key": key, "agreed": agreed})

    async def callers(self) -> list[dict[str, Any]]:
        """People to try first, as the first system tells that knows some."""
        for name in self.lines:
            with suppress(Disobeyed):
                told = (await self._told(name, "GET", CALLERS)).get("callers")
                return told if isinstance(told, list) else []
        return []

    async def _mark(self, name: str) -> int | None:
        try:
            last = (await self._told(name, "GET", f"{REQUESTS}?since={BEYOND}")).get("last")
        except Disobeyed:
            return None
        return last if isinstance(last, int) else None

    async def _told(self, name: str, method: str, target: str, body: Any = None) -> dict[str, Any]:
        """Raises `Disobeyed`."""
        sign = "&" if "?" in target else "?"
        for through in (name, *(one for one in self.lines if one != name)):
            reply = await self._sent(through, method, f"{target}{sign}mock={name}", body)
            if reply is not None:
                return _read(name, reply)
        raise Disobeyed(f"{name} does not listen, and no other mock is there to answer for it")

    async def _sent(self, through: str, method: str, target: str, body: Any) -> Reply | None:
        """None: nobody is there."""
        content = b"" if body is None else msgspec.json.encode(body)
        headers = tuple(_headers(self.secret, content))
        try:
            return await self.lines[through](Request(method, target, headers, content), SECONDS)
        except (TimeoutError, ConnectionError, Unreadable):
            return None


def _headers(secret: str, content: bytes) -> Iterable[tuple[str, str]]:
    if secret:
        yield "x-mock-secret", secret
    if content:
        yield "content-type", "application/json"


def _read(name: str, reply: Reply) -> dict[str, Any]:
    try:
        told = read_json(reply.body)
    except NotJson as error:
        raise Disobeyed(f"{name} does not speak of control") from error
    if reply.status != 200 or not isinstance(told, dict):
        raise Disobeyed(f"{name}: {told.get('error') if isinstance(told, dict) else reply.status}", reply.status)
    return told
