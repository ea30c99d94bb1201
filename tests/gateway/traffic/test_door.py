"""At the door: who is let in when many come, who is turned away and how, and what becomes of who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.auth import Principal
from gateway.auth.tokens import Tokens
from gateway.errors import HttpProblem
from gateway.question import Options, Question
from gateway.server import create_routes
from gateway.settings import Settings
from gateway.traffic.door import Places
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "i", "a", 3600, {"support_agent", "partner_carrier"})
SETTINGS = Settings.load(environ={}, door__staff=4, door__partner=2, door__export=1)


@dataclass
class Slow:
    """A pipeline that answers when it is told to, and knows who has left."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    left: int = 0

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        self.inside += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        finally:
            self.inside -= 1
        return b'{"data":{}}'


@dataclass
class House:
    app: Any
    pipeline: Slow
    places: Places

    async def ask(self, role: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKENS.mint(role)}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gateway") as client:
            return await client.post("/graphql", json={"query": "{a}"}, headers=headers)

    async def coming(self, role: str, many: int) -> list[asyncio.Task[httpx.Response]]:
        tasks = [asyncio.ensure_future(self.ask(role)) for _ in range(many)]
        await asyncio.sleep(0.05)
        return tasks


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    places, pipeline = Places.of(SETTINGS), Slow()
    group = {"support_agent": "staff", "partner_carrier": "partner"}
    app = create_routes(
        pipeline,
        TOKENS,
        SETTINGS,
        lambda _: "",
        lambda: True,
        lambda who: places.question(group[who.role]),
        full=places.shut,
    )
    yield House(app, pipeline, places)
    pipeline.go.set()


async def test_who_comes_when_all_places_are_taken_hears_503_and_when_to_come_back() -> None:
    async with house() as it:
        inside = await it.coming("support_agent", 4)
        refused = await it.ask("support_agent")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["errors"][0]["extensions"] == {"code": "SATURATED"}
        it.pipeline.go.set()
        assert [reply.status_code for reply in await asyncio.gather(*inside)] == [200] * 4
        assert it.places.taken == 0
        assert (await it.ask("support_agent")).status_code == 200


async def test_partners_never_take_the_places_that_staff_need() -> None:
    async with house() as it:
        await it.coming("partner_carrier", 5)
        assert it.pipeline.inside == 2
        await it.coming("support_agent", 5)
        assert it.pipeline.inside == 4
        assert it.places.turned_away == {"partner": 3, "anybody": 3}


async def test_while_nobody_gets_in_nobody_s_token_is_looked_at() -> None:
    async with house() as it:
        await it.coming("support_agent", 4)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(it.app), base_url="http://gateway") as client:
            for media in ("application/json", "application/graphql-response+json"):
                refused = await client.post("/graphql", json={"query": "{a}"}, headers={"Accept": media})
                assert refused.status_code == 503
                assert refused.headers["content-type"].startswith(media)
                assert refused.headers["cache-control"] == "no-store"
                assert refused.headers["x-request-id"]
                assert refused.headers["retry-after"] == "1"
            assert (await client.get("/health")).status_code == 200


async def test_it_is_decided_before_the_body_is_read() -> None:
    async with house() as it:
        await it.coming("support_agent", 4)
        sent: list[Any] = []

        async def receive() -> Any:
            raise AssertionError("nobody asked for the body")

        async def send(message: Any) -> None:
            sent.append(message)

        headers = {
            "authorization": f"Bearer {TOKENS.mint('support_agent')}",
            "content-type": "application/json",
            "content-length": "60000",
        }
        await it.app(scope("POST", headers), receive, send)
        assert sent[0]["status"] == 503


def scope(method: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"query=%7Ba%7D" if method == "GET" else b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_hangs_up_is_not_worked_for_any_more(method: str) -> None:
    async with house() as it:
        messages = [{"type": "http.request", "body": b'{"query":"{a}"}'}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            message = messages.pop(0)
            if message["type"] == "http.disconnect":
                await asyncio.sleep(0.1)
            return message

        async def send(message: Any) -> None:
            raise AssertionError("nobody is there to hear it")

        headers = {"authorization": f"Bearer {TOKENS.mint('support_agent')}", "content-type": "application/json"}
        await asyncio.wait_for(it.app(scope(method, headers), receive, send), 2)
        assert (it.pipeline.left, it.pipeline.inside, it.places.taken) == (1, 0, 0)


async def test_who_is_told_to_stop_by_somebody_else_stops() -> None:
    async with house() as it:
        (asking,) = await it.coming("support_agent", 1)
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert it.places.taken == 0


# -- exports ----------------------------------------------------------------------------------------------------------

MANY = "query($ids: [ID!]!) { customersById(ids: $ids) { orders(first: 100) { nodes { number } } } }"
FEW = "query($ids: [ID!]!) { customersById(ids: $ids) { orders(first: 2) { nodes { number } } } }"


async def test_a_question_of_very_many_rows_is_an_export_and_there_are_few_at_once(
    founding: Founding, tmp_path: Any
) -> None:
    company: Company = founding.open(tmp_path, door__export=1)
    ids = [company.id_of(index) for index in (0, 3, 6)] + ["nobody"] * 20
    await company.break_("oracle_om", "latency", value=500)
    first = asyncio.ensure_future(company.ask(MANY, ids=ids))
    async with asyncio.timeout(5):
        while not company.app.pipeline.places.inside["export"]:  # noqa: ASYNC110 - however long its plan takes
            await asyncio.sleep(0.005)
    await company.forget()

    with pytest.raises(HttpProblem) as refused:
        await company.ask(MANY, ids=ids)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    assert await company.asked() == []
    assert (await company.ask(FEW, ids=ids))["data"]
    assert (await first)["data"]
    assert company.app.pipeline.places.inside["export"] == 0
    await company.app.stop()
