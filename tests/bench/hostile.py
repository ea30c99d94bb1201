"""What each hostile document and body costs: milliseconds until its answer, the loop's longest hold meanwhile, the longest
that somebody else's smallest question took, and what this process computed for all of it (on a busy machine, the one
figure to go by).

    .venv/bin/python -m tests.bench.hostile

Not a test: nothing fails here. `test_hostile.py` asks the same, and leaves room for a busy machine.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from pathlib import Path

from gateway.auth.tokens import dev_tokens
from mocks.world import open_world
from tests.company import Founding
from tests.gateway.held import ALIVE, Caller
from tests.gateway.hostile import BODIES, DOCUMENTS


async def main(founding: Founding, folder: Path) -> None:
    company = founding.open(folder)
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent")
    caller = Caller(company.app.asgi, token)
    await caller.asked(ALIVE)
    gc.collect()
    gc.freeze()
    bodies = {name: hostile.body for name, hostile in DOCUMENTS.items()} | BODIES
    rows = []
    for name, body in bodies.items():
        answer = await caller.watched(body)
        figures = (answer.seconds, answer.watch.held, answer.watch.alive, answer.watch.cpu)
        rows.append(([1000 * one for one in figures], f"{answer.status} {answer.code or '':13} {name}"))
    for figures, told in sorted(rows, reverse=True):
        print(" ".join(f"{one:7.1f}" for one in figures), told)
    worst = [max(figures[i] for figures, _ in rows) for i in range(4)]
    print(" ".join(f"{one:7.1f}" for one in worst), f"worst of {len(rows)}: answer, hold, sign of life, computed (ms)")
    await company.app.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        founded = Founding.of(open_world(customers=20), Path(first))
        asyncio.run(main(founded, Path(second)))
