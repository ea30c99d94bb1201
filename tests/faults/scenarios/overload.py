"""Three times the questions it can carry, from callers who do not wait for each other. It goes on answering as many as
it can, says no to the rest at once, and is itself again soon after.

What it can carry is found first, by a ramp, on this machine and beside this sender. The one system that is asked is a
canned one, which costs next to nothing: so it is the gateway itself that is short of time, and its own door that has to
say no. A question counts as carried when its answer is whole and inside its own deadline.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count

from tests.faults.canned import canned
from tests.faults.figures import Figure, percentile, spread
from tests.faults.load import Arrival, Volley, at_random, send
from tests.faults.stage import ANSWERED, Gateway, Scale, Stage, judged
from tests.faults.wire import ORDER, of_oracle

DEADLINE = 1.0
QUICK = 0.1
BEYOND = 0.85
"""A step of the ramp that carries less than this share of what it is offered is past the peak."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Sends at a rate for some seconds, each time other arrivals."""

    gateway: Gateway
    numbers: count[int]

    async def rest(self, seconds: float) -> None:
        """Until a question is answered at once again, ten times in a row: what was left of the last rush is over."""
        end, quick = time.perf_counter() + seconds, 0
        while quick < 10 and time.perf_counter() < end:
            reply = await self.gateway.ask(ORDER, key=f"GOOD-{next(self.numbers)}")
            quick = quick + 1 if reply.seconds < QUICK else 0
            await asyncio.sleep(0.05)

    async def come(self, rate: float, seconds: float) -> Volley:
        arrivals = [self._ask(due) for due in at_random(rate, seconds, seed=round(rate))]
        return await send(self.gateway.url, arrivals, judged, patience=20)

    def _ask(self, due: float) -> Arrival:
        return self.gateway.arrival(due, ORDER, deadline_ms=int(DEADLINE * 1000), key=f"GOOD-{next(self.numbers)}")


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    async with (
        canned(lambda asked: [of_oracle(asked)]) as oracle,
        stage.gateway(instead={"oracle_om": oracle.url}) as gateway,
    ):
        crowd = Crowd(gateway, count())
        await crowd.come(30, scale.of(5, 1))
        peak, ramp = await _ramp(crowd, scale)
        await crowd.rest(20)
        calm = await crowd.come(peak / 2, scale.of(10, 2))
        seconds = scale.of(60, 2)
        crowded = await crowd.come(3 * peak, seconds)
        after = await crowd.come(peak / 2, scale.of(12, 3))
        return [
            Figure("what it carries", peak, least=1, unit="questions/s", more=ramp),
            *_carried(crowded, peak, seconds, scale),
            *_refused(crowded, scale),
            _normal(calm, after, scale),
            Figure("defects logged", len(gateway.started.defects), most=0),
        ]


async def _ramp(crowd: Crowd, scale: Scale) -> tuple[float, str]:
    """The most it carried at any step, and the steps; each offers more than the one before by the same factor."""
    offered, steps = scale.of(40, 60), []
    while True:
        carried = await _step(crowd, offered, scale.of(6, 1.5))
        steps.append((offered, carried))
        if carried < BEYOND * offered:
            told = ", ".join(f"{rate:.0f}→{good:.0f}" for rate, good in steps)
            return max(good for _, good in steps), f"offered→carried: {told}"
        offered *= scale.of(1.5, 2)


async def _step(crowd: Crowd, offered: float, seconds: float) -> float:
    """What is carried of it; tried again when it falls short, as something else may have had the machine just then."""
    carried = 0.0
    for _ in range(2):
        carried = max(carried, _goodput(await crowd.come(offered, seconds)))
        await crowd.rest(10)
        if carried >= BEYOND * offered:
            break
    return carried


def _carried(crowded: Volley, peak: float, seconds: float, scale: Scale) -> list[Figure]:
    share = _goodput(crowded) / peak
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in crowded.verdicts().most_common())
    lost = sum(one.verdict not in ANSWERED | {"refused"} for one in crowded.told)
    told = (
        f"{len(crowded.told) / seconds:.0f}/s offered: {verdicts}; whole: {spread(crowded.latencies(verdict='whole'))}"
    )
    late = f"the sender itself was late by {spread(crowded.lateness)}"
    return [
        Figure("goodput at three times that, over the peak", share, least=scale.of(0.8, 0.3), more=told),
        Figure("share of questions left without a word", lost / len(crowded.told), most=0, more=late),
    ]


def _refused(crowded: Volley, scale: Scale) -> list[Figure]:
    """From a 503's own sending on: what its caller waits for when the sender is late is not the gateway's doing."""
    took = [one.done - one.sent for one in crowded.of(verdict="refused")]
    others = [one.done - one.sent for one in crowded.of(verdict="saturated")]
    more = spread(took) if took else "nothing was refused"
    more += f"; answers that say SATURATED: {spread(others)}" if others else ""
    slow = percentile(took, 0.95) * 1000
    return [Figure("a 503 takes, at the 95th percentile", slow, most=scale.of(20, 1000), unit="ms", more=more)]


def _normal(calm: Volley, after: Volley, scale: Scale) -> Figure:
    """Seconds until the last question that went worse than usual."""
    usual = max(3 * percentile(calm.latencies(verdict="whole"), 0.99), 0.25)
    worse = [one.due for one in after.told if one.verdict != "whole" or one.latency > usual]
    more = f"calm: {spread(calm.latencies())}; after: {spread(after.latencies())}; usual is up to {usual * 1000:.0f} ms"
    return Figure("normal again after", max(worse, default=0.0), most=5, unit="s", more=more)


def _goodput(volley: Volley) -> float:
    """Whole answers in time, a second; counted until the last question was due or the last of them came: a queue that
    is worked off afterwards was not carried meanwhile."""
    good = [one for one in volley.of(verdict="whole") if one.latency <= DEADLINE]
    last = max([one.due for one in volley.told] + [one.done for one in good])
    return len(good) / last
