"""Forgetting on request: an operator says that something has changed, and every gateway asks anew."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.app import open_app
from gateway.cli import main
from gateway.traffic import flush as flushing
from gateway.traffic.flush import FILE, Flushed, Flushes, flush
from mocks.serve import mount
from tests.company import Company, Founding, configured

pytestmark = pytest.mark.anyio

PRODUCTS = "query($skus: [String!]!) { productsBySku(skus: $skus) { name } }"


def run(*line: str, folder: Path) -> Any:
    return CliRunner().invoke(main, ["backend", "flush", *line, f"--set=state.dir={folder}", "--set=dev.mode=true"])


@pytest.fixture
async def workers(founding: Founding, tmp_path: Path) -> AsyncIterator[list[Company]]:
    """Two processes' worth of gateway, over the same systems and with one state folder."""
    shutil.copytree(founding.crossref, tmp_path, dirs_exist_ok=True)
    mocks = mount(founding.world)
    opened = [Company(founding.world, mocks, open_app(configured(tmp_path), mocks)) for _ in range(2)]
    yield opened
    for one in opened:
        await one.app.stop()


async def calls(worker: Company, sku: str) -> int:
    """How often SAP is asked when this worker is."""
    await worker.control("sap", "DELETE", "requests")
    answer = await worker.ask(PRODUCTS, skus=[sku])
    assert answer["data"]["productsBySku"][0]["name"]
    worker.app.pipeline.traffic.flushes._look_at = 0
    return len(await worker.asked("sap"))


async def test_every_worker_forgets_what_a_system_said(workers: list[Company], tmp_path: Path) -> None:
    sku = workers[0].world.product(0).sku
    assert [await calls(one, sku) for one in workers * 2] == [1, 1, 0, 0]

    assert run("sap", folder=tmp_path).exit_code == 0

    assert [await calls(one, sku) for one in workers * 2] == [1, 1, 0, 0]


async def test_one_key_can_be_forgotten_alone(workers: list[Company], tmp_path: Path) -> None:
    worker, skus = workers[0], [workers[0].world.product(i).sku for i in (0, 1)]
    operation = next(
        one for one in ("materials", "products") if one in run("sap", "--operation=x", folder=tmp_path).output
    )
    for sku in skus:
        await calls(worker, sku)

    assert run("sap", f"--operation={operation}", f"--key={skus[0]}", folder=tmp_path).exit_code == 0

    assert [await calls(worker, sku) for sku in skus] == [1, 0]
    assert run("siebel", folder=tmp_path).exit_code == 0
    assert await calls(worker, skus[1]) == 0


@pytest.mark.parametrize(
    ("line", "says"),
    [(("sep",), "there is no system 'sep'"), (("sap", "--operation=x"), "sap has no operation 'x'; it has ")],
)
def test_a_slip_of_the_pen_is_told(line: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = run(*line, folder=tmp_path)

    assert (result.exit_code, says in result.output) == (2, True)
    assert not (tmp_path / FILE).exists()


# -- the file ---------------------------------------------------------------------------------------------------------


def fresh(flushes: Flushes) -> list[Flushed]:
    flushes._look_at = 0
    return flushes.new()


def test_who_starts_later_has_nothing_to_forget(tmp_path: Path) -> None:
    first = Flushes(tmp_path)
    flush(tmp_path, Flushed("sap"))
    second = Flushes(tmp_path)
    flush(tmp_path, Flushed("sap", "products", "x\ny"))

    assert fresh(first) == [Flushed("sap"), Flushed("sap", "products", "x\ny")]
    assert fresh(second) == [Flushed("sap", "products", "x\ny")]
    assert fresh(first) == fresh(second) == []


def test_it_is_looked_at_once_a_second_only(tmp_path: Path) -> None:
    flushes = Flushes(tmp_path)
    assert flushes.new() == []
    flush(tmp_path, Flushed("sap"))
    assert flushes.new() == []


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    flushes = Flushes(tmp_path)
    flush(tmp_path, Flushed("sap"))
    with (tmp_path / FILE).open("ab") as lines:
        lines.write(b'{"backend":"rem')
    assert fresh(flushes) == [Flushed("sap")]
    with (tmp_path / FILE).open("ab") as lines:
        lines.write(b'edy"}\n')
    assert fresh(flushes) == [Flushed("remedy")]


def test_what_cannot_be_understood_forgets_everything(tmp_path: Path) -> None:
    flushes = Flushes(tmp_path)
    (tmp_path / FILE).write_bytes(b"sap\n")
    assert fresh(flushes) == [Flushed()]
    (tmp_path / FILE).unlink()
    (tmp_path / "other").write_bytes(b"")
    flush(tmp_path, Flushed("sap"))
    assert fresh(flushes) in ([Flushed()], [Flushed("sap")])  # another file, unless it got the old one's number


def test_a_file_that_has_grown_long_is_begun_anew(tmp_path: Path) -> None:
    flushes = Flushes(tmp_path)
    flush(tmp_path, Flushed("sap"))
    fresh(flushes)
    (tmp_path / FILE).write_bytes(b'{"backend":"sap"}\n' * (flushing.LONGEST // 10))
    fresh(flushes)

    flush(tmp_path, Flushed("remedy"))

    assert (tmp_path / FILE).read_bytes() == b'{"backend":"remedy"}\n'
    assert fresh(flushes) == [Flushed()]


def test_without_a_folder_nothing_is_forgotten() -> None:
    assert Flushes().new() == []
