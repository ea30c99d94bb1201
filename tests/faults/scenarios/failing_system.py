"""Every other answer of Remedy is a 503. Asking again helps a little and must not double its load; what is written is
written once.

Each question is one that nobody has asked before (a customer, and a page length), so whatever Remedy is asked twice in
the same words was asked again by the gateway.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import product
from math import nan
from typing import Any

from tests.faults.figures import Figure, spread
from tests.faults.load import Arrival, at_random, send
from tests.faults.questions import TICKETS, WRITES
from tests.faults.stage import ANSWERED, Gateway, Scale, Stage, judged

ENTRIES = "/api/arsys/v1/entry"
RATE = 15


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    async with stage.gateway() as gateway:
        await stage.forget("remedy")
        await gateway.ask(TICKETS, key=stage.buyers[-1], first=1)  # logged in before the trouble begins
        await stage.fault("remedy", kind="status", value=503, rate=0.5, match=ENTRIES)
        try:
            volley = await send(gateway.url, _questions(stage, gateway, scale.of(30, 3)), judged)
            await asyncio.sleep(0.2)
            asked = [one for one in await stage.requests("remedy") if one["path"].startswith(ENTRIES)]
        finally:
            await stage.fault("remedy")
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in volley.verdicts().items())
        answered = sum(one.verdict in ANSWERED for one in volley.told)
        told = f"{verdicts}; {spread(volley.latencies())}"
        return [
            *_again(asked, scale),
            Figure("questions answered, in whole or in part", answered / len(volley.told), least=1, more=told),
            await _writes(stage, gateway),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


def _again(asked: list[dict[str, Any]], scale: Scale) -> list[Figure]:
    reads = Counter((one["path"], one["query"]) for one in asked if one["method"] == "GET")
    total, extra = reads.total(), reads.total() - len(reads)
    failed = sum(one["status"] == 503 for one in asked)
    told = f"{total} calls, {failed} of them answered 503, {extra} asked again"
    return [
        Figure("calls to Remedy", total, least=1),
        Figure("extra calls", extra / len(reads) if reads else nan, most=scale.of(0.10, 0.25), more=told),
    ]


async def _writes(stage: Stage, gateway: Gateway) -> Figure:
    """Writes that were sent twice. While the graph has nothing that writes, only the unit tests can tell."""
    schema = (await gateway.ask(WRITES)).body["data"]["__schema"]
    name = "writes sent twice"
    if schema["mutationType"] is None:
        return Figure(name, nan, more="the graph has no mutation; see tests/gateway/traffic/test_retry.py")
    writes = Counter(
        (one["path"], one["query"], tuple(one["keys"]))
        for one in await stage.requests("remedy")
        if one["method"] != "GET"
    )
    return Figure(name, writes.total() - len(writes) if writes else nan, most=0, more=f"{writes.total()} writes")


def _questions(stage: Stage, gateway: Gateway, seconds: float) -> list[Arrival]:
    """Customers by turns, each time with another page length."""
    own = ((first, key) for first, key in product(range(1, 100), stage.buyers[:60]))
    moments = at_random(RATE, seconds)
    return [
        gateway.arrival(due, TICKETS, key=key, first=first) for due, (first, key) in zip(moments, own, strict=False)
    ]
