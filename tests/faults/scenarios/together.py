"""The same question, many times at once: each system is asked once for all of them, and whoever hangs up, even the one
who came first, costs the others nothing.

The systems are so late that all callers are there before the first answer is. Everybody is given time and a place: how
fast this machine gets through five hundred questions, and how many a gateway lets in, is not what is asked here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from math import nan
from typing import Any

from tests.faults.figures import Figure, spread
from tests.faults.load import Volley, send
from tests.faults.proxy import Weather
from tests.faults.questions import WITHOUT_SAP
from tests.faults.stage import Gateway, Scale, Stage, judged

MANY = 500
ASKED = ("siebel", "oracle_om", "remedy")
ROOM = {
    "deadline.staff_ms": 30_000,
    "door.staff": 2 * MANY,
    **{f"backends.{name}.attempt_timeout_ms": 10_000 for name in ASKED},
}


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    async with stage.gateway(ASKED, settings=ROOM) as gateway:
        await gateway.ask(WITHOUT_SAP, key=stage.buyers[-1])  # logged in, connected, planned
        for line in gateway.lines.values():
            await line.set(Weather(latency=scale.of(5, 1)))
        return [
            *await _left_alone(stage, gateway, scale),
            *await _all_at_once(stage, gateway, scale),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


async def _left_alone(stage: Stage, gateway: Gateway, scale: Scale) -> list[Figure]:
    """The first caller hangs up before anything is answered; those who asked the same meanwhile have their answers."""
    await stage.forget(*ASKED)
    leader = replace(gateway.arrival(0, WITHOUT_SAP, "leader", key=stage.buyers[0]), leaves=0.3)
    moments = [0.1 + 0.005 * number for number in range(int(scale.of(20, 5)))]
    followers = [gateway.arrival(due, WITHOUT_SAP, "follower", key=stage.buyers[0]) for due in moments]
    volley = await send(gateway.url, [leader, *followers], judged)
    calls = await _calls(stage)
    more = f"{_words(volley, 'follower')}; {_again(calls)}; {spread(volley.latencies('follower'))}"
    return [
        Figure("the first of them hung up", volley.verdicts("leader")["left"], least=1, most=1),
        Figure("its followers answered in whole", len(volley.of("follower", "whole")), least=len(followers), more=more),
    ]


async def _all_at_once(stage: Stage, gateway: Gateway, scale: Scale) -> list[Figure]:
    count = int(scale.of(MANY, 50))
    await stage.forget(*ASKED)
    arrivals = [gateway.arrival(0, WITHOUT_SAP, key=stage.buyers[1]) for _ in range(count)]
    volley = await send(gateway.url, arrivals, judged)
    calls = await _calls(stage)
    share = calls.total() / len(calls) if calls else nan
    more = f"{_words(volley)}; {spread(volley.latencies())}"
    return [
        Figure(f"answered in whole, of {count} at once", len(volley.of(verdict="whole")), least=count, more=more),
        Figure("calls for each question to a system", share, least=1, most=1, more=_again(calls)),
    ]


async def _calls(stage: Stage) -> Counter[tuple[Any, ...]]:
    """How often each question was put to a system, logins aside."""
    await asyncio.sleep(0.3)
    asked = [(name, one) for name in ASKED for one in await stage.requests(name)]
    return Counter(
        (name, one["method"], one["path"], one["query"], str(one["operation"]), tuple(one["keys"]))
        for name, one in asked
        if "login" not in one["path"] and "token" not in one["path"]
    )


def _again(calls: Counter[tuple[Any, ...]]) -> str:
    return f"{len(calls)} questions to systems, in {calls.total()} calls"


def _words(volley: Volley, kind: str | None = None) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in volley.verdicts(kind).items())
