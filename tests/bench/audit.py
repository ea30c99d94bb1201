"""What recording who has seen whom costs: the same questions to the same gateway, in turns with the trail and without.

The medium question (one customer with orders, lines, products and stock, and tickets with their logs), in one process
with its systems, one question after another and sixteen at once. Pairs of short runs lie next to each other in time, so
that what else the machine does hits both; told is the median of the pairs' differences, with an interval of 95 % (the
ranks that hold the median of so many pairs). CPU is that of the process, the writer's thread and the systems included.
Twice: as it is by default, and with every commit signed and flushed to the disk (`audit.sign_ms = 0`). No call is turned
away for want of a place, however slow the machine is just now: all answers are whole.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.auth import Principal
from gateway.question import Options, Question
from gateway.trail.trail import Trail
from mocks.world import open_world
from tests.company import Company, Founding

MEDIUM = """query Card($id: ID!) { customer(by: {id: $id}) {
  name email phone tier
  orders(first: 10) { nodes { number status placedAt total { amount currency }
    lines { sku quantity product { name stock { plant } } } } }
  tickets(first: 10) { nodes { number subject status worklog { at text } } } } }"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one question: milliseconds of CPU, and of waiting at the median."""

    cpu: float
    p50: float


async def run(company: Company, trail: Trail | None, ids: list[str], count: int, at_once: int) -> Cost:
    pipeline, principal = company.app.pipeline, Principal("kim", "support_agent", "desk")
    pipeline.trail = trail
    waits: list[float] = []

    async def asker(numbers: range) -> None:
        for number in numbers:
            begun = time.perf_counter()
            question = Question(MEDIUM, None, {"id": ids[number % len(ids)]})
            answer = await pipeline(question, principal, Options(request_id="bench"))
            waits.append(time.perf_counter() - begun)
            assert b'"errors"' not in answer, answer[-400:]

    cpu = time.process_time()
    await asyncio.gather(*(asker(range(first, count, at_once)) for first in range(at_once)))
    return Cost((time.process_time() - cpu) * 1000 / count, statistics.median(waits) * 1000)


def interval(differences: list[float]) -> str:
    """The median, and the ranks that hold it nineteen times in twenty."""
    ordered, count = sorted(differences), len(differences)
    reach = round(0.98 * count**0.5)
    low, high = ordered[max(0, count // 2 - reach)], ordered[min(count - 1, count // 2 + reach)]
    return f"{statistics.median(ordered):+.3f} ({low:+.3f} … {high:+.3f})"


async def measured(company: Company, pairs: int, count: int, at_once: int) -> None:
    trail, ids = company.app.pipeline.trail, [company.id_of(number) for number in range(30)]
    await run(company, trail, ids, 60, at_once)
    found: list[tuple[Cost, Cost]] = []
    for pair in range(pairs):
        order = (trail, None) if pair % 2 else (None, trail)
        first, second = [await run(company, one, ids, count, at_once) for one in order]
        found.append((first, second) if pair % 2 else (second, first))
    cpu = [with_.cpu - without.cpu for with_, without in found]
    share = [100 * (with_.cpu - without.cpu) / without.cpu for with_, without in found]
    p50 = [with_.p50 - without.p50 for with_, without in found]
    plain = statistics.median(without.cpu for _, without in found)
    print(f"{at_once:>3} at once: {plain:.2f} ms of CPU without; {pairs} pairs of {count}")
    print(f"    CPU      {interval(cpu)} ms, {interval(share)} %")
    print(f"    latency  {interval(p50)} ms at the median", flush=True)


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--sign-ms", type=int, nargs="+", default=[1000, 0])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        founding = await asyncio.to_thread(Founding.of, open_world(customers=200), Path(folder, "founding"))
        for sign_ms in given.sign_ms:
            print(f"audit.sign_ms = {sign_ms}", flush=True)
            patient = {"traffic__queue_wait_ms": 60_000, "audit__sign_ms": sign_ms}
            company = founding.open(Path(folder, f"company-{sign_ms}"), **patient)
            trail = company.app.pipeline.trail
            for at_once in given.at_once:
                await measured(company, given.pairs, given.count, at_once)
                company.app.pipeline.trail = trail
            await company.app.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
