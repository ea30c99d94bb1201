"""The end of a gateway: it says so at once, finishes what runs, and is gone in time whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway.auth.tokens import dev_tokens
from gateway.policy import Policy
from tests.company import configured

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
QUESTION = {"query": '{ productsBySku(skus: ["x"]) { name } }'}
STUCK = """
import asyncio, sys
from gateway.cli.processes import ending, gone_after

async def main():
    ending()
    gone_after(0.5)
    print("ready", flush=True)
    while True:
        pass

{run}
"""


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """A system that takes every question and answers none."""
    open_lines = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_lines.append(writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for one in open_lines:
            one.close()


@asynccontextmanager
async def serving(folder: Path, **more: object) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A gateway in a process of its own, killed in the end if it is still there."""
    given = {"listen.port": 0, "state.dir": folder, **more}
    line = (sys.executable, "-P", "-m", "gateway.cli", "serve", "--dev", "--json")
    line = (*line, *(f"--set={name}={value}" for name, value in given.items()))
    pipe = asyncio.subprocess.PIPE
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(*line, stdout=pipe, stderr=pipe, env=environ, cwd=folder)
    assert process.stdout
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["url"], process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_who_is_being_answered_is_answered_and_everybody_else_hears_at_once_that_it_ends(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    headers = {"Authorization": f"Bearer {dev_tokens(settings, Policy.read().roles).mint('support_agent')}"}
    slow = {"backends.sap.attempt_timeout_ms": 1500}
    async with silent() as sap, serving(tmp_path, **{"backends.sap.base_url": sap}, **slow) as (url, process):
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client:
            assert (await client.get("/ready")).status_code == 200
            asking = asyncio.ensure_future(client.post("/graphql", json=QUESTION))
            await asyncio.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.2)
            async with httpx.AsyncClient(base_url=url, headers=headers) as newcomer:
                ready, refused = await newcomer.get("/ready"), await newcomer.post("/graphql", json=QUESTION)
            answered = await asking
        assert (ready.status_code, refused.status_code, refused.headers["retry-after"]) == (503, 503, "1")
        assert answered.status_code == 200
        assert answered.json()["errors"][0]["extensions"]["code"] == "BACKEND_TIMEOUT"
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_gateway_that_is_not_busy_still_says_for_a_while_that_it_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, **{"drain.notice_ms": 1500}) as (url, process):
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/ready")).status_code == 503
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_what_does_not_end_by_itself_is_ended(tmp_path: Path) -> None:
    """Questions are let go on for longer than the gateway may go on."""
    headers = {"Authorization": f"Bearer {dev_tokens(configured(tmp_path), Policy.read().roles).mint('support_agent')}"}
    patient = {"deadline.staff_ms": 60_000, "backends.sap.attempt_timeout_ms": 60_000, "drain.longest_ms": 1000}
    async with (
        silent() as sap,
        serving(tmp_path, **{"backends.sap.base_url": sap}, **patient) as (url, process),
        httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client,
    ):
        asking = asyncio.ensure_future(client.post("/graphql", json=QUESTION))
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert await asyncio.wait_for(process.wait(), 10) == 1
        assert time.monotonic() - begun < 5
        with pytest.raises(httpx.HTTPError):
            await asking


@pytest.mark.parametrize("run", ["asyncio.run(main())", "import uvloop; uvloop.run(main())"])
def test_even_a_loop_that_hears_nothing_any_more_ends_in_time(run: str) -> None:
    code = STUCK.format(run=run)
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    line = [sys.executable, "-P", "-c", code]
    with subprocess.Popen(line, stdout=pipe, stderr=pipe, env=environ) as process:  # noqa: S603 - our own
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        begun = time.monotonic()
        process.terminate()
        process.send_signal(signal.SIGINT)  # asked twice, it ends no later
        assert process.wait(10) == 1
        assert 0.4 < time.monotonic() - begun < 5
        assert b"in main" in process.stderr.read()  # where it was stuck
