"""SAP takes connections and answers nothing. The rest of an answer is unharmed, soon at its usual speed, and SAP's part
is back soon after SAP is.

Customers who are asked about while SAP is dark are asked about again after, so that the second answer tells whether the
first was all there but SAP's part. Each of them has bought something that nobody asked about before has: a gateway may
remember what SAP said lately, but not that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from tests.faults.figures import Figure, median, spread, yes
from tests.faults.proxy import CALM, Weather
from tests.faults.questions import WHOLE
from tests.faults.stage import Gateway, Reply, Scale, Stage

SAPS = {"Product.name", "Product.stock"}
REASONS = {"UNAVAILABLE", "STALE_SUPPRESSED"}
CAUSES = {"BACKEND_TIMEOUT", "BACKEND_UNAVAILABLE", "DEADLINE", "SATURATED"}


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    timeout = scale.of(2000, 500)
    async with stage.gateway(["sap"], settings={"backends.sap.attempt_timeout_ms": int(timeout)}) as gateway:
        count = int(scale.of(20, 6))
        buyers = _with_products_of_their_own(stage)
        usual, dark, after = (buyers[at : at + count] for at in (0, count, 2 * count))
        for key in usual:
            await gateway.ask(WHOLE, key=key)
        calm = [await gateway.ask(WHOLE, key=key) for key in usual]
        await gateway.lines["sap"].set(Weather(silent=True))
        first = await gateway.ask(WHOLE, key=dark[0])
        waves = await _learnt(gateway, dark, timeout / 2000, scale.of(15, 6))
        open_ = await _asked_in_turn(gateway, dark, scale.of(30, 6))
        await gateway.lines["sap"].set(CALM)
        back = await _until_whole(gateway, after, scale.of(20, 20))
        truth = await _settled(gateway, dark)
        calm += [await gateway.ask(WHOLE, key=key) for key in dark]
        return [
            *_first(first, truth.get(dark[0]), scale),
            Figure("waves of questions until that is known", waves, more=f"{count} at once"),
            *_others(open_, truth, calm, scale),
            Figure("first good answer after healing", back, most=scale.of(6, 15), unit="s"),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


def _with_products_of_their_own(stage: Stage) -> list[str]:
    """Buyers in whose newest orders is a product that is in none of those of the buyers before them."""
    seen: set[str] = set()
    chosen = []
    for key in stage.buyers:
        index = stage.world.by_party_number(key)
        orders = sorted(stage.world.orders_of(index or 0), key=lambda order: order.placed_at)
        skus = {line.sku for order in orders[-5:] for line in order.lines}
        if skus - seen:
            chosen.append(key)
        seen |= skus
    return chosen


def _first(reply: Reply, truth: Any, scale: Scale) -> list[Figure]:
    stated = {(one["coordinate"], one["reason"], one["code"], one["system"]) for one in reply.absent}
    causes = {code for _, _, code, _ in stated}
    named = all(where in SAPS and why in REASONS and who == "sap" for where, why, _, who in stated)
    return [
        Figure("first answer in the dark", reply.seconds, most=scale.of(5.25, 8), unit="s", more="deadline 5 s"),
        yes("…states SAP's part as missing, and why", bool(stated) and named and causes <= CAUSES, ", ".join(causes)),
        yes("…and has everything else", truth is not None and _without_sap(reply.body["data"]) == truth),
    ]


def _others(
    open_: Sequence[tuple[str, Reply]], truth: dict[str, Any], calm: Sequence[Reply], scale: Scale
) -> list[Figure]:
    """`calm`: before and after, as this machine has other work, which comes and goes."""
    extra = (median([reply.seconds for _, reply in open_]) - median([one.seconds for one in calm])) * 1000
    same = sum(_without_sap(reply.body["data"]) == truth.get(key) for key, reply in open_)
    told = f"calm: {spread([one.seconds for one in calm])}; dark: {spread([reply.seconds for _, reply in open_])}"
    return [
        Figure("extra at the median once that is known", extra, most=scale.of(50, 400), unit="ms", more=told),
        Figure("share of them with everything else", same / len(open_), least=1),
    ]


async def _learnt(gateway: Gateway, keys: Sequence[str], quick: float, seconds: float) -> int:
    """Ask until a question by itself is answered in less than `quick` seconds: the gateway has stopped waiting for SAP.
    Gives up after so many seconds, for a gateway that never does."""
    end, waves = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        waves += 1
        await asyncio.gather(*(gateway.ask(WHOLE, key=key) for key in keys))
        if (await gateway.ask(WHOLE, key=keys[0])).seconds < quick:
            break
    return waves


async def _asked_in_turn(gateway: Gateway, keys: Sequence[str], seconds: float) -> list[tuple[str, Reply]]:
    end = time.perf_counter() + seconds
    found = [(keys[0], await gateway.ask(WHOLE, key=keys[0]))]
    for key in keys[1:]:
        if time.perf_counter() < end:
            found.append((key, await gateway.ask(WHOLE, key=key)))
    return found


async def _until_whole(gateway: Gateway, keys: Sequence[str], seconds: float) -> float:
    """Seconds until a whole answer arrived, asking ten times a second; infinite when none did."""
    healed = time.perf_counter()
    whole = asyncio.Event()

    async def one(key: str) -> None:
        if (await gateway.ask(WHOLE, key=key)).whole:
            whole.set()

    asking: list[asyncio.Task[None]] = []
    while time.perf_counter() < healed + seconds and not whole.is_set():
        asking.append(asyncio.create_task(one(keys[len(asking) % len(keys)])))
        await asyncio.wait([asyncio.create_task(whole.wait())], timeout=0.1)
    took = time.perf_counter() - healed if whole.is_set() else float("inf")
    await asyncio.gather(*asking)
    return took


async def _settled(gateway: Gateway, keys: Sequence[str]) -> dict[str, Any]:
    """What is true of each, without SAP's part."""
    replies = {key: await gateway.ask(WHOLE, key=key) for key in keys}
    return {key: _without_sap(reply.body["data"]) for key, reply in replies.items() if reply.whole}


def _without_sap(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_sap(one) for one in data]
    if isinstance(data, dict):
        hidden = {"name", "stock"} if data.keys() >= {"name", "stock", "content"} else set()
        return {name: _without_sap(value) for name, value in data.items() if name not in hidden}
    return data
