"""`customer360 index`: built, kept up and shown over real sockets; what goes wrong says so, and leaves it usable."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.catalogue import PREFIX
from gateway.cli import main
from mocks.serve import mount
from mocks.world import open_world
from resolvers.order_to_cash_index import Index
from tests.company import NO_LIMITS, UNHURRIED
from tests.gateway.serving import serving
from tests.half_a_million import NOW, Lean, Scale, systems

pytestmark = pytest.mark.anyio

PACKAGES = Path(__file__).parents[2]
SYSTEMS = ("oracle_om", "netsuite", "remedy", "siebel")
ORDERS = 1_250
PATIENT = {f"backends__{name}__attempt_timeout_ms": 60_000 for name in SYSTEMS}
"""All systems share one process here: nobody is slow but this machine."""


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """Four systems that listen, and a command line that looks for them there."""

    folder: Path
    scale: Scale
    lean: dict[str, Lean]
    places: list[str] = field(default_factory=list)

    def line(self, *line: str) -> list[str]:
        told = [f"--set={name.replace('__', '.')}={value}" for name, value in (NO_LIMITS | PATIENT).items()]
        return ["index", *line, "--set=dev.mode=true", f"--set=world.now={NOW.isoformat()}", *told, *self.places]

    async def run(self, *line: str) -> Ran:
        told = await asyncio.to_thread(CliRunner().invoke, main, self.line(*line))
        return Ran(told.exit_code, told.stdout, told.stderr)

    async def start(self, *line: str) -> asyncio.subprocess.Process:
        """In a process of its own, that can be killed."""
        command = (sys.executable, "-m", "gateway.cli", *self.line(*line))
        nowhere = asyncio.subprocess.DEVNULL
        path = os.environ | {"PYTHONPATH": str(PACKAGES)}
        return await asyncio.create_subprocess_exec(*command, env=path, stdout=nowhere, stderr=nowhere)

    @property
    def file(self) -> Path:
        return self.folder / ".customer360" / "orders.sqlite"


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    scale = Scale(ORDERS)
    lean = systems(scale, mount(open_world(customers=1, now=NOW), mocks=UNHURRIED))
    async with AsyncExitStack() as stack:
        ports = {name: await stack.enter_async_context(serving(lean[name])) for name in SYSTEMS}
        places = [f"--set=backends.{name}.base_url=http://127.0.0.1:{port}" for name, port in ports.items()]
        yield Desk(tmp_path, scale, lean, places)


async def test_it_is_built_shown_and_kept_up(desk: Desk) -> None:
    nothing = await desk.run("show", "--json")
    built = await desk.run("build", "--json")
    shown = await desk.run("show", "--json")
    desk.scale.again += [5, 55, 105]
    synced = await desk.run("sync")
    said = await desk.run("show")

    assert (nothing.code, nothing.told["rows"]["way"], nothing.told["systems"]) == (1, 0, {})
    assert nothing.err == "Error: no order is in it yet: run `customer360 index build`\n"
    assert (built.code, built.told["failed"], built.err) == (0, {}, "")
    read = {one["system"]: one["rows"] for one in built.told["fed"]}
    assert (
        ORDERS <= read.pop("oracle_om") < ORDERS + 5
    )  # where a page begins in the midst of a moment, it is read again
    assert read == {"netsuite": ORDERS * 4 // 5, "remedy": ORDERS // 25, "siebel": ORDERS // 5}
    rows = shown.told["rows"]
    assert (shown.code, rows["way"], rows["bill"], rows["touched"]) == (0, ORDERS, ORDERS * 4 // 5, 0)
    assert shown.told["bytes"] > 50_000
    assert {name: one["whole"] for name, one in shown.told["systems"].items()} == dict.fromkeys(SYSTEMS, True)
    assert (synced.code, synced.err) == (0, "")
    assert "oracle_om" in synced.out
    assert said.out.startswith(f"{ORDERS:,} orders in ")
    assert said.out.count("asked 20") == len(SYSTEMS)


async def test_a_system_down_in_the_midst_is_named_and_the_next_sync_goes_on_from_there(desk: Desk) -> None:
    oracle = desk.lean["oracle_om"].answer
    assert oracle

    def ill(path: str, query: str, body: str) -> Any:
        return {"status": 503} if "LastUpdateDate >=" in query else oracle(path, query, body)

    desk.lean["oracle_om"].answer = ill
    built = await desk.run("build", "--json")
    midst = await desk.run("show")
    desk.lean["oracle_om"].answer = oracle
    synced = await desk.run("sync", "--json")

    assert (built.code, list(built.told["failed"])) == (1, ["oracle_om"])
    assert built.err.startswith("Error: oracle_om: ")
    assert built.err.endswith("the next sync goes on from there\n")
    assert built.err.count("\n") == 1
    assert midst.out.startswith("500 orders in ")
    assert midst.out.count("not read to its end yet") == 1
    assert (synced.code, synced.told["failed"]) == (0, {})
    read = {one["system"]: one["rows"] for one in synced.told["fed"]}
    assert ORDERS - 500 <= read["oracle_om"] < ORDERS - 490
    assert (await desk.run("show", "--json")).told["rows"]["way"] == ORDERS


async def test_a_build_that_is_killed_is_taken_up_by_the_next_and_another_beside_it_is_refused(desk: Desk) -> None:
    oracle, asked, on = desk.lean["oracle_om"].answer, asyncio.Event(), asyncio.Event()
    assert oracle

    class Slow(Lean):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if b"LastUpdateDate+" in scope["query_string"] or b"LastUpdateDate%20" in scope["query_string"]:
                asked.set()
                await on.wait()
            await super().__call__(scope, receive, send)

    slow = Slow(desk.lean["oracle_om"].real, oracle)
    async with serving(slow) as port:
        desk.places.append(f"--set=backends.oracle_om.base_url=http://127.0.0.1:{port}")
        process = await desk.start("build")
        await asyncio.wait_for(asked.wait(), 60)
        beside = [await desk.run(command, "--json") for command in ("build", "sync")]
        there = (await desk.run("show", "--json")).told["rows"]["way"]
        process.kill()
        await process.wait()
        on.set()
        synced = await desk.run("sync", "--json")

    for one in beside:
        assert (one.code, one.out) == (1, "")
        told = "another process is taking in changes of orders, perhaps a running gateway: wait for it, and try again"
        assert one.err == f"Error: {told}\n"
    assert there == 500
    assert synced.code == 0
    assert (await desk.run("show", "--json")).told["rows"]["way"] == ORDERS


async def test_what_is_no_index_and_a_folder_that_cannot_be_are_one_line_of_error(desk: Desk) -> None:
    desk.file.parent.mkdir()
    desk.file.write_text("this is no database, whatever its name says" * 100)
    for command in ("build", "sync", "show"):
        none = await desk.run(command)
        nowhere = await desk.run(command, "--set=state.dir=/proc/nowhere")
        for told in (none, nowhere):
            assert (told.code, told.out) == (1, "")
            assert told.err.startswith("Error: ")
            assert told.err.count("\n") == 1


async def test_a_file_that_another_release_laid_out_is_begun_anew(desk: Desk) -> None:
    desk.file.parent.mkdir()
    Index(desk.file).close()
    db = sqlite3.connect(desk.file)
    db.executescript("PRAGMA user_version = 1; DROP TABLE way; CREATE TABLE way (number TEXT PRIMARY KEY, stage TEXT)")
    db.execute("INSERT INTO progress VALUES ('oracle_om', '2026-01-01T00:00:00+00:00', 1, 1)")
    db.commit()
    db.close()

    assert (await desk.run("sync")).code == 0
    assert (await desk.run("show", "--json")).told["rows"]["way"] == ORDERS
