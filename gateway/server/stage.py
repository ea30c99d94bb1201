"""What the demo's page can do to the systems behind it, in dev mode: stop one, start it, read what each was asked, and
have somebody change their mind. The mocks do it themselves, by their control calls (CONTRACTS §6).

GET  /dev/sources               each system: what the gateway thinks of it, and whether its mock runs
POST /dev/sources/NAME/stop     it takes no connection; answers the system as it is then
POST /dev/sources/NAME/start    it answers again
POST /dev/requests/mark         what systems said is forgotten, so that what is asked next is asked of them; answers
                                where the log of each stands
GET  /dev/requests?NAME=N…      what these were asked since: method, path, columns
GET  /dev/callers               people to try first, each with a telephone number that is theirs alone
POST /dev/consent               {"keys": {NAME: [KEY…]}, "agreed": false}: by their key there, for or against

Behind the threshold of all doors of dev mode (`threshold`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.errors import Code, HttpProblem
from gateway.server.asking import body_of
from gateway.server.media import require_json
from gateway.server.threshold import Threshold
from gateway.strict_json import NotJson, read_json
from gateway.traffic import Line
from gateway.traffic.controls import Controls, Disobeyed, Running

LARGEST = 16_384
SECONDS = 5.0
MOST_KEYS = 50
SHOWN = ("n", "at", "method", "path", "operation", "columns", "status")


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /dev/consent`."""

    keys: dict[str, list[str]]
    agreed: bool


@dataclass(frozen=True, slots=True)
class Stage:
    threshold: Threshold
    controls: Controls
    lines: Mapping[str, Line]

    def routes(self) -> list[Route]:
        return [
            Route("/dev/sources", self.sources, methods=["GET"]),
            Route("/dev/sources/{name}/stop", self.stop, methods=["POST"]),
            Route("/dev/sources/{name}/start", self.start, methods=["POST"]),
            Route("/dev/requests/mark", self.mark, methods=["POST"]),
            Route("/dev/requests", self.requests, methods=["GET"]),
            Route("/dev/consent", self.consent, methods=["POST"]),
            Route("/dev/callers", self.callers, methods=["GET"]),
        ]

    async def sources(self, request: Request) -> Response:
        await self.threshold.let_in(request)
        states = await self.controls.states()
        shown = [_shown(line, states.get(name, Running.ABSENT)) for name, line in sorted(self.lines.items())]
        return JSONResponse({"sources": shown})

    async def stop(self, request: Request) -> Response:
        """Not the last one: a mock that has stopped listening is told to start by another."""
        await self.threshold.let_in(request)
        name = self._known(request.path_params["name"])
        states = await self.controls.states()
        if not any(state is Running.RUNNING for other, state in states.items() if other != name):
            raise HttpProblem(409, "One system has to run, to tell the others to start again.", code=Code.BAD_REQUEST)
        await _obeyed(self.controls.stop(name))
        return await self._after(name)

    async def start(self, request: Request) -> Response:
        await self.threshold.let_in(request)
        name = self._known(request.path_params["name"])
        await _obeyed(self.controls.start(name))
        return await self._after(name)

    async def mark(self, request: Request) -> Response:
        await self.threshold.let_in(request)
        for line in self.lines.values():
            line.forget()
        return JSONResponse({"marks": await self.controls.marks()})

    async def requests(self, request: Request) -> Response:
        await self.threshold.let_in(request)
        marks = {self._known(name): _number(since) for name, since in request.query_params.items()}
        logs = await asyncio.gather(*(self._log(name, since) for name, since in marks.items()))
        asked = sorted((entry for log in logs for entry in log), key=lambda entry: (entry["at"], entry["n"]))
        return JSONResponse({"requests": asked})

    async def consent(self, request: Request) -> Response:
        require_json(request.headers)
        await self.threshold.let_in(request)
        said = _said(await body_of(request.stream(), LARGEST, SECONDS))
        pairs = [(self._known(name), key) for name, keys in said.keys.items() for key in keys]
        for name, key in pairs:
            await _obeyed(self.controls.consent(name, key, said.agreed))
            self.lines[name].forget()
        return JSONResponse({"agreed": said.agreed, "told": sorted(said.keys)})

    async def callers(self, request: Request) -> Response:
        await self.threshold.let_in(request)
        return JSONResponse({"callers": await self.controls.callers()})

    async def _after(self, name: str) -> Response:
        """What it said before is forgotten: it would be there still, and its absence not be seen."""
        self.lines[name].forget()
        return JSONResponse(_shown(self.lines[name], await self.controls.state(name)))

    async def _log(self, name: str, since: int) -> list[dict[str, Any]]:
        try:
            entries = await self.controls.asked(name, since)
        except Disobeyed:
            return []
        return [{"system": name} | {one: entry.get(one) for one in SHOWN} for entry in entries]

    def _known(self, name: str) -> str:
        if name not in self.controls.lines:
            told = f"No such system; there are {', '.join(sorted(self.controls.lines))}."
            raise HttpProblem(404, told, code=Code.NOT_FOUND)
        return name


async def _obeyed(call: Any) -> None:
    try:
        await call
    except Disobeyed as error:
        status = error.status if error.status in (400, 404) else 503
        raise HttpProblem(status, f"Not done: {error}.", code=Code.BACKEND_UNAVAILABLE) from error


def _shown(line: Line, state: Running) -> dict[str, Any]:
    seen = line.tally
    return {
        "name": line.name,
        "title": line.adapter.title,
        "mock": state,
        "enabled": line.enabled,
        "up": seen.up,
        "breaker": line.breaker.state.name,
        "lastSuccessAt": _moment(seen.last_success_at),
        "lastFailureAt": _moment(seen.last_failure_at),
        "p50Ms": None if (half := seen.percentile(0.5)) is None else round(half * 1000, 1),
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise HttpProblem(400, "After each system's name comes a number: that of its question seen last.")
    return int(text)


def _said(body: bytes) -> Said:
    try:
        said = msgspec.convert(read_json(body), Said)
    except (NotJson, msgspec.ValidationError) as error:
        raise HttpProblem(400, f'Send {{"keys": {{"SYSTEM": ["KEY"]}}, "agreed": false}}: {error}.') from error
    if not 0 < _count(said.keys.values()) <= MOST_KEYS:
        raise HttpProblem(400, f"Send one key at least, and {MOST_KEYS} at most.")
    return said


def _count(keys: Iterable[list[str]]) -> int:
    return sum(map(len, keys))
