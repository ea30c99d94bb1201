"""Systems that are slow now and then, each by itself: an answer takes what the longest chain of its own calls takes.

The chain is the question's own dependency graph, as the gateway tells it with the answer (`X-Include: plan`): which call
came after which, and how long each took. A gateway that waits at barriers takes longer than the chain.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mocks.serve import MOCKS
from tests.faults.figures import Figure, median, percentile
from tests.faults.proxy import CALM, Weather
from tests.faults.questions import TICKETS_AND_ORDERS, WHOLE
from tests.faults.stage import Gateway, Reply, Scale, Stage

MEDIAN, P99 = 0.080, 0.900
SIGMA = math.log(P99 / MEDIAN) / 2.326347874
"""Of the normal distribution behind: 2.326… is its 99th percentile."""

PATIENT = {
    "deadline.staff_ms": 30_000,
    **{f"backends.{name}.attempt_timeout_ms": 10_000 for name in MOCKS},
}
SLOW = 1.5


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    async with stage.gateway(list(MOCKS), settings=PATIENT) as gateway:
        for key in stage.buyers[:3]:
            await gateway.ask(WHOLE, key=key)
        for number, line in enumerate(gateway.lines.values()):
            await line.set(Weather(drawn=lognormal(seed=number)))
        asked = stage.buyers[3 : 3 + int(scale.of(80, 5))]
        replies = [await gateway.ask(WHOLE, include="plan", key=key) for key in asked]
        for line in gateway.lines.values():
            await line.set(CALM)
        return [
            *_ratios(replies, scale),
            await _work_logs(stage, gateway),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


def lognormal(seed: int) -> Callable[[], float]:
    """Seconds with the median and the 99th percentile above."""
    dice = random.Random(seed)
    return lambda: dice.lognormvariate(math.log(MEDIAN), SIGMA)


def critical_path(plan: Sequence[Mapping[str, Any]]) -> float:
    """Milliseconds of the longest chain of calls, each after those it names; an unknown one counts for nothing."""
    calls = {call["id"]: call for call in plan}
    ends: dict[Any, float] = {}

    def end(name: Any) -> float:
        if name not in ends:
            before = [end(one) for one in calls[name]["after"] if one in calls]
            ends[name] = calls[name]["ms"] + max(before, default=0.0)
        return ends[name]

    return max((end(name) for name in calls), default=math.nan)


def _ratios(replies: Sequence[Reply], scale: Scale) -> list[Figure]:
    told = [reply for reply in replies if reply.plan]
    ratios = [reply.seconds * 1000 / critical_path(reply.plan) for reply in told]
    within = [max(call["startMs"] + call["ms"] for call in reply.plan) / critical_path(reply.plan) for reply in told]
    seconds = [reply.seconds for reply in told]
    more = (
        f"n {len(told)}, p95 {percentile(ratios, 0.95):.3f}; without the caller's side {median(within):.3f}; "
        f"answers take {median(seconds) * 1000:.0f} ms at the median, {percentile(seconds, 0.99) * 1000:.0f} at p99"
    )
    return [
        Figure("whole answers that told their plan", sum(reply.whole for reply in told), least=len(replies)),
        Figure("time over critical path, median", median(ratios), most=scale.of(1.05, 1.5), more=more),
    ]


async def _work_logs(stage: Stage, gateway: Gateway) -> Figure:
    """A ticket's work logs hang on the ticket, not on a slow order system."""
    await gateway.lines["oracle_om"].set(Weather(latency=SLOW))
    reply = await gateway.ask(TICKETS_AND_ORDERS, include="plan", key=stage.buyers[0])
    await gateway.lines["oracle_om"].set(CALM)
    began = [call["startMs"] for call in reply.plan if "Ticket.worklog" in call["coordinates"]]
    orders = [call["ms"] for call in reply.plan if "Customer.orders" in call["coordinates"]]
    return Figure(
        "a ticket's work logs are asked for after",
        min(began, default=math.nan),
        most=SLOW * 1000 - 100,
        unit="ms",
        more=f"the order system answered after {min(orders, default=math.nan):.0f} ms",
    )
