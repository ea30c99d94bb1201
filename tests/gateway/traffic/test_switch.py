"""The kill switch: an operator takes a system off, and a running gateway follows."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.traffic.switch import FILE, Switch
from tests.company import Company

pytestmark = pytest.mark.anyio

QUESTION = '{ productsBySku(skus: ["x"]) { name } sources { name status } }'


def switch(*line: str, folder: Path) -> str:
    result = CliRunner().invoke(main, ["backend", *line, f"--set=state.dir={folder}", "--set=dev.mode=true"])
    assert result.exit_code == 0, result.output
    return result.stdout


async def until(company: Company, status: str) -> float:
    """Seconds until SAP is said to be that."""
    begun = time.monotonic()
    while time.monotonic() - begun < 5:
        answer = await company.ask(QUESTION)
        if {one["name"]: one["status"] for one in answer["data"]["sources"]}["sap"] == status:
            return time.monotonic() - begun
        await asyncio.sleep(0.02)
    raise AssertionError(status)


async def test_a_running_gateway_follows_within_two_seconds(company: Company, tmp_path: Path) -> None:
    await company.ask(QUESTION)
    switch("off", "sap", folder=tmp_path)
    assert await until(company, "OFF") < 2
    await company.forget()

    answer = await company.ask(QUESTION)

    assert answer["data"]["productsBySku"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BACKEND_UNAVAILABLE"
    assert error["extensions"]["retryable"] is False
    assert await company.asked("sap") == []
    switch("on", "sap", folder=tmp_path)
    assert await until(company, "UP") < 2


async def test_what_was_known_of_it_is_not_told_either(company: Company, tmp_path: Path) -> None:
    sku = company.world.product(0).sku
    question = "query($skus: [String!]!) { productsBySku(skus: $skus) { name } }"
    assert (await company.ask(question, skus=[sku]))["data"]["productsBySku"][0]["name"]
    switch("off", "sap", folder=tmp_path)
    await until(company, "OFF")
    assert (await company.ask(question, skus=[sku]))["data"]["productsBySku"] is None


def test_the_command_says_how_it_stands_and_knows_the_systems(tmp_path: Path) -> None:
    switch("off", "sap", folder=tmp_path)
    switch("off", "siebel", folder=tmp_path)
    told = switch("status", folder=tmp_path)
    assert "sap          off, by this command" in told
    assert "remedy       on" in told
    switch("on", "sap", folder=tmp_path)
    assert (tmp_path / FILE).read_text() == "siebel\n"
    wrong = CliRunner().invoke(main, ["backend", "off", "sep", f"--set=state.dir={tmp_path}"])
    assert wrong.exit_code == 2
    stays = CliRunner().invoke(
        main, ["backend", "on", "sap", f"--set=state.dir={tmp_path}", "--set=backends.sap.enabled=false"]
    )
    assert stays.exit_code == 1


async def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("sap\n")
    it = Switch((), tmp_path)
    assert it.off("sap")
    (tmp_path / FILE).write_bytes(b"\xff\xfe\xff")
    it._look_at = 0
    assert it.off("sap")
    (tmp_path / FILE).unlink()
    it._look_at = 0
    assert not it.off("sap")
