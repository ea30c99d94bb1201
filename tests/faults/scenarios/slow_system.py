"""SAP answers, two seconds late. Questions that do not touch it notice nothing, and no pile of calls builds up at it.

What is asked of SAP is whether a quantity can be had, each time another quantity: nobody can have kept the answer.
"""

from __future__ import annotations

import asyncio
from itertools import count, cycle

from tests.faults.figures import Figure, percentile, spread
from tests.faults.load import Arrival, Volley, at_random, send
from tests.faults.proxy import CALM, Weather
from tests.faults.questions import AVAILABILITY, WITHOUT_SAP
from tests.faults.stage import Gateway, Scale, Stage, judged

MOST = 8
"""Calls to SAP at the same time, by its setting."""

DAY = "2030-01-31"
RATE = 8
"""Questions of each kind a second: a fraction of what two busy cores carry, mocks included."""


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    settings = {"backends.sap.concurrency": MOST, "deadline.staff_ms": int(scale.of(5000, 2500))}
    async with stage.gateway(["sap"], settings=settings) as gateway:
        sap = gateway.lines["sap"]
        await send(gateway.url, _mix(stage, gateway, scale.of(5, 1), 0), judged)
        before = await send(gateway.url, _mix(stage, gateway, scale.of(30, 2), 1), judged)
        sap.forget()
        await sap.set(Weather(latency=2.0))
        slow = await send(gateway.url, _mix(stage, gateway, scale.of(60, 3), 2), judged)
        most = sap.most_waiting
        await sap.set(CALM)
        await asyncio.sleep(scale.of(8, 0))
        after = await send(gateway.url, _mix(stage, gateway, scale.of(30, 1), 3), judged)
        return [*_figures(before, slow, after, scale), *_at_sap(most, slow, gateway, scale)]


def _figures(before: Volley, slow: Volley, after: Volley, scale: Scale) -> list[Figure]:
    """The baseline is measured on both sides of the trouble: this machine has other work, which comes and goes."""
    baseline = before.latencies("other") + after.latencies("other")
    meanwhile = slow.latencies("other")
    ratio = percentile(meanwhile, 0.99) / percentile(baseline, 0.99)
    missed = 1 - len(slow.of("other", "whole")) / len(meanwhile)
    told = f"baseline: {spread(baseline)}; meanwhile: {spread(meanwhile)}"
    late = f"the sender itself was late by {spread(slow.lateness)}"
    return [
        Figure("p99 of what does not touch SAP, over its baseline", ratio, most=scale.of(1.2, 10), more=told),
        Figure("…share of them not whole", missed, most=scale.of(0.01, 0.1), more=late),
    ]


def _at_sap(most: int, slow: Volley, gateway: Gateway, scale: Scale) -> list[Figure]:
    told = ", ".join(f"{count} {verdict}" for verdict, count in slow.verdicts("sap").items())
    return [
        Figure(
            "most calls to SAP at one moment",
            most,
            least=1,
            most=scale.of(MOST, 1.5 * MOST),
            more=f"SAP's questions: {told}",
        ),
        Figure("defects logged", len(gateway.started.defects), most=0),
    ]


def _mix(stage: Stage, gateway: Gateway, seconds: float, seed: int) -> list[Arrival]:
    keys = cycle(stage.buyers)
    skus, quantities = _baskets(stage), count(1 + 100_000 * seed)
    other = [gateway.arrival(due, WITHOUT_SAP, "other", key=next(keys)) for due in at_random(RATE, seconds, 2 * seed)]
    touching = at_random(RATE, seconds, 2 * seed + 1)
    return other + [
        gateway.arrival(due, AVAILABILITY, "sap", skus=next(skus), quantity=str(next(quantities)), on=DAY)
        for due in touching
    ]


def _baskets(stage: Stage) -> cycle[list[str]]:
    """Three products at a time."""
    skus = [stage.world.product(index).sku for index in stage.world.products()]
    return cycle([skus[at : at + 3] for at in range(0, len(skus), 3)])
