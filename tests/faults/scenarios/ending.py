"""Told to end (SIGTERM) while questions are being answered: those in flight get their answers, and it is soon gone."""

from __future__ import annotations

import asyncio
import subprocess
import time
from itertools import cycle

from tests.faults.figures import Figure
from tests.faults.load import Told, Volley, at_random, send
from tests.faults.proxy import Weather
from tests.faults.questions import WHOLE
from tests.faults.stage import ANSWERED, Gateway, Scale, Stage, judged

RATE = 8
LATENCY = 0.7
PATIENCE = 30.0


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    before, behind = scale.of(6, 1.5), scale.of(4, 1)
    async with stage.gateway(["sap", "remedy"], settings={"backends.sap.concurrency": 64}) as gateway:
        for key in stage.buyers[:5]:
            await gateway.ask(WHOLE, key=key)
        for line in gateway.lines.values():
            await line.set(Weather(latency=LATENCY))
        keys = cycle(stage.buyers)
        moments = at_random(RATE, before + behind)
        arrivals = [gateway.arrival(due, WHOLE, key=next(keys)) for due in moments]
        told_to_end = asyncio.create_task(_end(gateway, before))
        volley = await send(gateway.url, arrivals, judged)
        at, took, code = await told_to_end
        return [
            *_in_flight(volley, at - volley.began),
            Figure("exit after", took, most=15, unit="s"),
            Figure("exit code", code, least=0, most=0),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


async def _end(gateway: Gateway, after: float) -> tuple[float, float, float]:
    """When it was told to end, the seconds until it had, and its exit code; infinite when it did not."""
    await asyncio.sleep(after)
    at = time.perf_counter()
    gateway.started.terminate()
    try:
        code = await asyncio.to_thread(gateway.started.process.wait, PATIENCE)
    except subprocess.TimeoutExpired:
        return at, float("inf"), float("inf")
    return at, time.perf_counter() - at, code


def _in_flight(volley: Volley, at: float) -> list[Figure]:
    flying = [one for one in volley.told if one.sent < at <= one.done]
    later = [one for one in volley.told if one.sent >= at]
    dropped = [one for one in flying if one.verdict not in ANSWERED]
    return [
        Figure("in flight when told to end", len(flying), least=1, more=_words(flying)),
        Figure("…of them dropped", len(dropped), most=0, more=_words(dropped)),
        Figure("questions that came later", len(later), more=_words(later)),
    ]


def _words(told: list[Told]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in Volley(told).verdicts().items())
