"""What ten thousand different documents leave behind: resident memory, and how long a full garbage collection takes.

.venv/bin/python -m tests.bench.memory
"""

from __future__ import annotations

import asyncio
import gc
import resource
import tempfile
import time
from pathlib import Path

from gateway.app import open_app
from gateway.auth.tokens import dev_tokens
from gateway.settings import Settings
from tests.gateway.held import Caller

DOCUMENTS = 10_000


def document(i: int) -> str:
    """An order with customer, lines and tickets: 60 fields in 700 characters, and a name of its own."""
    return f"""query Order{i}($number: String!, $first: Int = 5) {{
  order(number: $number) {{
    ...Head
    customer {{ id name email phone tier tickets(first: $first) {{ nodes {{ id number subject status }} }} }}
    lines {{ number sku quantity status unitPrice {{ ...Amount }} amount {{ ...Amount }}
      product {{ id sku name description unit stock {{ plant type quantity unit }} }} }}
    tickets(first: $first) {{ nodes {{ id number status priority openedAt }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}
fragment Amount on Money {{ amount currency }}
fragment Head on Order {{ id number status placedAt requestedOn channel total {{ ...Amount }}
  parties {{ soldTo {{ name }} shipTo {{ name address {{ lines city country }} }} }} holds {{ name reason }} }}
"""


def resident() -> int:
    """MB of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(environ={}, dev__mode=True, state__dir=folder)
        app = open_app(settings)
        caller = Caller(app.asgi, dev_tokens(settings, app.policy.roles).mint("integrator"))
        gc.collect()
        gc.freeze()
        print(f"before {resident()} MB")
        for i in range(DOCUMENTS):
            body = document(i).replace("$number: String!", '$number: String! = "1"')
            status, _ = await caller.asked(_json(body))
            assert status == 200
            if i + 1 in (100, 500, 1000, 2000, 5000, DOCUMENTS):
                begun = time.perf_counter()
                gc.collect()
                print(
                    f"{i + 1:6} {resident()} MB, a full collection takes {(time.perf_counter() - begun) * 1e3:.0f} ms"
                )
        await app.stop()


def _json(query: str) -> bytes:
    text = query.replace("\n", "\\n").replace('"', '\\"')
    return f'{{"query":"{text}"}}'.encode()


if __name__ == "__main__":
    asyncio.run(main())
