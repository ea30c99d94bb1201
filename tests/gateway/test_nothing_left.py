"""What an answer took is gone with it, of itself. What hangs together in a ring waits until garbage is looked for; then
whatever was being answered while it was, and has ended since, waits for the next look but many."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.auth.tokens import dev_tokens
from tests.company import Company
from tests.gateway.held import Caller

pytestmark = pytest.mark.anyio

MANY = 10
WHOLE = """query($ids: [ID!]!) { customersById(ids: $ids) { name email tier
  orders(first: 5) { nodes { number status lines { sku product { name stock { plant quantity } } } } }
  tickets(first: 5) { nodes { number subject status } } } }"""


@contextmanager
def unswept() -> Iterator[Counter[str]]:
    """Told afterwards: what of ours has been left to the garbage collector, by kinds."""
    left: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    try:
        yield left
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kinds = (f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage)
        left.update(kind for kind in kinds if kind.startswith(("gateway.", "resolvers.")))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def asked(company: Company) -> None:
    """Over HTTP, as a service agent would, and some of it at the same time."""
    caller = Caller(company.app.asgi, dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent"))
    bodies = [
        json.dumps({"query": WHOLE, "variables": {"ids": [company.id_of(3 * turn + one) for one in range(3)]}}).encode()
        for turn in range(MANY)
    ]
    for status, body in await asyncio.gather(*map(caller.asked, bodies)):
        assert status == 200, body


@pytest.mark.parametrize("slow_ms", [0, 120])
async def test_an_answer_leaves_no_garbage(company: Company, slow_ms: int) -> None:
    """Also one that took a while, so that it was looked whether its reader is still there."""
    await asked(company)
    await company.break_("oracle_om", "latency", value=slow_ms)
    await company.forget()
    with unswept() as left:
        await asked(company)
    assert not left


async def test_nor_does_one_without_what_a_system_does_not_answer(company: Company) -> None:
    await asked(company)
    await company.break_("oracle_om", "status", value=503)
    await company.forget()
    with unswept() as left:
        await asked(company)
    assert not left
