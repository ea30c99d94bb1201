"""What the HTTP side costs: microseconds of CPU per request, ASGI in and out, without a socket.

    .venv/bin/python -m tests.bench.http

`front` is everything before and after the pipeline; `whole` is the customer graph answering from its own memory.
Best of several rounds, so that what else the machine does counts least. Not a test: nothing fails here.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gateway.app import open_app
from gateway.auth import Principal
from gateway.auth.tokens import dev_tokens
from gateway.question import Options, Question
from gateway.server import create_routes
from gateway.settings import Settings

BODY = b'{"query":"query Who($id: ID!) { viewer { name role purpose } node(id: $id) { id } }","operationName":"Who","variables":{"id":"x"}}'
ROUNDS, REQUESTS = 12, 1000


def scope(token: str, method: str = "POST") -> dict[str, Any]:
    headers = [
        (b"host", b"127.0.0.1:8360"),
        (b"user-agent", b"bench"),
        (b"accept", b"application/graphql-response+json, application/json;q=0.9"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
        (b"authorization", b"Bearer " + token.encode()),
        (b"x-request-id", b"0af7651916cd43dd"),
    ]
    return {"type": "http", "method": method, "path": "/graphql", "headers": headers, "query_string": b""}


async def ask(asgi: Callable[..., Awaitable[None]], template: dict[str, Any]) -> int:
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await asgi(dict(template), receive, send)
    return status


async def measured(asgi: Callable[..., Awaitable[None]], token: str) -> float:
    """Microseconds of CPU per request, in the best round."""
    template, best = scope(token), float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(REQUESTS):
            assert await ask(asgi, template) == 200
        best = min(best, (time.process_time() - begun) / REQUESTS)
    return best * 1e6


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(environ={}, dev__mode=True, state__dir=str(Path(folder)))
        app = open_app(settings)
        tokens = dev_tokens(settings, app.policy.roles)
        token = tokens.mint("support_agent")

        async def pipeline(question: Question, principal: Principal, options: Options) -> bytes:
            return b'{"data":{"a":1}}'

        front = create_routes(pipeline, tokens, settings, lambda _: "", lambda: True)
        print(f"front  {await measured(front, token):6.1f} µs")
        print(f"whole  {await measured(app.asgi, token):6.1f} µs")
        await app.stop()


if __name__ == "__main__":
    asyncio.run(main())
