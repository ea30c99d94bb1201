"""What it costs to decide who may see what, when everything is prepared; and what many differently scoped partners take.

    .venv/bin/python -m tests.bench.deciding

First: the same questions through the whole pipeline, and through it with the decisions made beforehand (purpose, grants,
what may be named, the caller's own keys), in turns: CPU of this process per question, in pairs of rounds, with the
interval that the mean of their ratios is in. Answers come from the gateway's own memory, so no system's work is in it.
Then: 500 partners of whom no two may have the same categories, which is more than any real register will differ.

Not a test: nothing fails here.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.auth import Principal
from gateway.callers import Asking, Callers
from gateway.errors import Refusal
from gateway.pipeline import Pipeline
from gateway.policy import Partner, Policy
from gateway.question import Options, Question
from mocks.world import open_world
from tests.bench.memory import resident
from tests.company import Company, Founding

PAIRS, REQUESTS = 40, 40
PARTNERS = 500
SMALL = "{ viewer { name role purpose } }"
PRODUCTS = "query($skus: [String!]!) { productsBySku(skus: $skus) { id sku name description unit content { title } } }"
OPTIONS = Options(request_id="bench")


class Decided:
    """Stands where `Callers` does, and has decided already: always for the same caller."""

    def __init__(self, callers: Callers, principal: Principal) -> None:
        self._callers = callers
        self._asking = callers.asking(principal, OPTIONS)

    def asking(self, principal: Principal, options: Options) -> Asking:
        return self._asking

    def __getattr__(self, name: str) -> Any:
        return getattr(self._callers, name)


async def cpu(ask: Callable[[], Awaitable[bytes]]) -> float:
    begun = time.process_time()
    for _ in range(REQUESTS):
        await ask()
    return (time.process_time() - begun) / REQUESTS


async def compared(pipeline: Pipeline, question: Question, principal: Principal) -> tuple[float, float, float]:
    """Microseconds per question with the decisions made beforehand; what deciding adds, in percent, and the half of the
    interval that this is in with 95 % (normal approximation over the pairs)."""
    decided: Any = Decided(pipeline.callers, principal)
    given, dice = replace(pipeline, callers=decided), random.Random(3)
    ways: list[Callable[[], Awaitable[bytes]]] = [
        lambda: pipeline(question, principal, OPTIONS),
        lambda: given(question, principal, OPTIONS),
    ]
    assert await ways[0]() == await ways[1]()
    took: tuple[list[float], list[float]] = [], []
    for _ in range(PAIRS):
        for which in dice.sample((0, 1), 2):
            took[which].append(await cpu(ways[which]))
    ratios = [whole / decided - 1 for whole, decided in zip(*took, strict=True)]
    half = 1.96 * statistics.stdev(ratios) / PAIRS**0.5
    return statistics.median(took[1]) * 1e6, statistics.mean(ratios) * 100, half * 100


async def deciding(company: Company) -> None:
    skus = [company.world.product(i).sku for i in range(60)]
    asked = [("small", Question(SMALL, None, {})), ("20 products", Question(PRODUCTS, None, {"skus": skus[:20]}))]
    asked.append(("60 products", Question(PRODUCTS, None, {"skus": skus})))
    callers = [
        ("agent", Principal("bench", "support_agent")),
        ("reseller", Principal("bench", "partner_reseller", client="northwind")),
        ("customer", Principal("bench", "customer", customer=company.id_of(0))),
    ]
    print(f"{'':26} decided before     deciding adds")
    for said, question in asked:
        for who, principal in callers:
            base, more, half = await compared(company.app.pipeline, question, principal)
            print(f"{said:14} {who:10} {base:10.0f} µs   {more:6.1f} % ± {half:.1f}")


# -- 500 partners -----------------------------------------------------------------------------------------------------

ROLES = """
[everything]
title = "All there is"
group = "partner"
purposes = ["fulfilment"]
clients = "reject"
any = ["public", "presence", "identity", "contact", "commercial", "linkage", "logistics", "delivery", "financial",
       "credit", "catalogue", "inventory", "content", "service", "internal"]
"""
PLAIN = '{ viewer { name role } node(id: "x") { id } }'
ORDER = """query($n: String!) { order(number: $n) { id number status placedAt channel total { amount currency }
    lines { number sku quantity status unitPrice { amount } product { name description unit stock { plant quantity } } }
    parties { shipTo { name address { city } } } customer { id name email phone tier } holds { name } } }"""


def register(folder: Path, shipped: Policy) -> Policy:
    """500 partners, each with scopes of its own: some eight of those there are."""
    (folder / "roles.toml").write_text(ROLES)
    made, dice = Policy.read(folder / "roles.toml", None), random.Random(11)
    reading = sorted(name for name in shipped.scopes if name.endswith(":read"))
    sets = set[frozenset[str]]()
    while len(sets) < PARTNERS:
        sets.add(frozenset(dice.sample(reading, dice.randint(2, min(12, len(reading))))))
    partners = {
        f"partner-{number}": Partner(f"partner-{number}", "x", "everything", {}, ("fulfilment",), scopes)
        for number, scopes in enumerate(sorted(sets, key=sorted))
    }
    return replace(made, partners=partners, scopes=shipped.scopes)


async def partners(company: Company, folder: Path) -> None:
    pipeline = company.app.pipeline
    pipeline.callers.policy = register(folder, pipeline.policy)
    everybody = [Principal("bench", "everything", client=name) for name in pipeline.policy.partners]
    grants = {pipeline.policy.grants(one) for one in everybody}
    ceilings = {pipeline.policy.ceiling(one) for one in everybody}
    print(f"\n{PARTNERS} partners: {len(grants)} different grants, {len(ceilings)} schemas to name things in")
    gc.collect()
    before = resident()
    for said, query, given in (("public fields", PLAIN, {}), ("an order, 40 fields", ORDER, {"n": "1"})):
        refused, begun = 0, time.process_time()
        for one in everybody:
            refused += await turned_down(pipeline, Question(query, None, given), one)
        cold = (time.process_time() - begun) / PARTNERS
        begun = time.process_time()
        for one in everybody[-50:]:
            await turned_down(pipeline, Question(query, None, given), one)
        warm = (time.process_time() - begun) / 50
        gc.collect()
        print(
            f"{said:22} {refused:4} refused; first {cold * 1e3:6.1f} ms, again {warm * 1e3:5.2f} ms CPU; "
            f"{resident() - before} MB more, {len(pipeline.callers.views.made)} views kept"
        )


async def turned_down(pipeline: Pipeline, question: Question, principal: Principal) -> bool:
    try:
        await pipeline(question, principal, OPTIONS)
    except Refusal:
        return True
    return False


async def main(founding: Founding, folder: Path) -> None:
    settings: dict[str, Any] = {"log__level": "error"}
    company = founding.open(folder, **settings)
    gc.collect()
    gc.freeze()
    await deciding(company)
    await partners(company, folder)
    await company.app.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        founded = Founding.of(open_world(customers=20), Path(first))
        asyncio.run(main(founded, Path(second)))
