"""`kill -9`, at any moment: what somebody was given is on record, and the chain is whole."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.auth.tokens import dev_tokens
from gateway.policy import Policy
from gateway.trail import store
from gateway.trail.chain import Signer
from gateway.trail.verify import verified
from tests.company import Company, Founding, configured
from tests.gateway.serving import serving as listening
from tests.gateway.traffic.test_drain import serving

pytestmark = pytest.mark.anyio

QUESTION = "query Card($id: ID!) { customer(by: {id: $id}) { name email orders(first: 2) { nodes { number } } } }"


@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=pytest.mark.long)])
async def test_every_answer_somebody_got_is_on_record_after_a_kill(
    founding: Founding, tmp_path: Path, kills: int
) -> None:
    dice, received = random.Random(360), set[str]()
    company = founding.open(tmp_path / "company")
    state = tmp_path / "state"
    founding_copy = founding.open(state)
    await founding_copy.app.stop()
    async with systems(company) as addresses:
        for kill in range(kills):
            async with serving(state, **addresses, **{"audit.segment_records": 50}) as (url, process):
                asking = [asyncio.create_task(client(url, company, state, f"{kill}-{n}", received)) for n in range(4)]
                await answered(received, 3 * kill + 1)
                await asyncio.sleep(dice.uniform(0, 0.5))
                process.kill()
                await asyncio.gather(*asking)
    await company.app.stop()
    with store.reading(state) as db:
        assert verified(db, Signer.kept(state).public).problems == []
        rows = db.execute("SELECT record FROM entry WHERE kind = 'access'").fetchall()
    assert received <= {json.loads(row[0])["request"] for row in rows}


async def answered(received: set[str], least: int) -> None:
    """Until so many answers have come in; the first takes a moment."""
    async with asyncio.timeout(60):
        while len(received) < least:  # noqa: ASYNC110 - nobody else is to know that somebody waits
            await asyncio.sleep(0.01)


async def client(url: str, company: Company, state: Path, name: str, received: set[str]) -> None:
    """Asks one question after another until the gateway is gone; whole answers count, and their first bytes too."""
    token = dev_tokens(configured(state), Policy.read().roles).mint("support_agent")
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10) as http:
        for turn in range(10_000):
            request = f"{name}-{turn}"
            body = {"query": QUESTION, "variables": {"id": company.id_of(turn % 20)}}
            try:
                async with http.stream("POST", "/graphql", json=body, headers={"X-Request-Id": request}) as reply:
                    async for some in reply.aiter_bytes():
                        if reply.status_code == 200 and some:
                            received.add(request)
            except httpx.HTTPError:
                return


@asynccontextmanager
async def systems(company: Company) -> AsyncIterator[dict[str, Any]]:
    """The company's systems behind real sockets: the settings that lead there."""
    async with listening(_of(company, "siebel")) as siebel, listening(_of(company, "oracle_om")) as oracle:
        ports = {"siebel": siebel, "oracle_om": oracle}
        yield {f"backends.{name}.base_url": f"http://127.0.0.1:{port}" for name, port in ports.items()}


def _of(company: Company, system: str) -> ASGIApp:
    return company.mocks[system]
