"""A system that is down is written about once in a while, with how often it failed."""

from __future__ import annotations

import logging

import pytest

from gateway.watch.sparing import Sparing
from tests.company import Company

pytestmark = pytest.mark.anyio

LOG = logging.getLogger("tests.sparing")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_written_at_once_and_the_others_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    warn = Sparing(LOG, 60, clock)
    for _ in range(5):
        warn("sap", "SAP is down")
    warn("remedy", "Remedy is down")
    clock.now += 61
    warn("sap", "SAP is down")
    clock.now += 61
    warn("sap", "SAP is down")

    assert caplog.messages == [
        "SAP is down",
        "Remedy is down",
        "SAP is down, and 4 more like it in the 61 s before",
        "SAP is down",
    ]


def test_without_an_interval_all_are_written(caplog: pytest.LogCaptureFixture) -> None:
    warn = Sparing(LOG, 0, Clock())
    for _ in range(3):
        warn("sap", "SAP is down")

    assert caplog.messages == ["SAP is down"] * 3


async def test_a_failing_system_is_one_line_however_many_ask(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    sku = company.world.product(0).sku
    await company.break_("sap", "status", value=500)
    for _ in range(5):
        answer = await company.ask("query($s: [String!]!) { productsBySku(skus: $s) { name } }", s=[sku])
        assert answer["errors"]

    lines = [one for one in caplog.records if one.name == "gateway.engine" and one.levelno == logging.WARNING]
    assert len(lines) == 1
    assert "reference test-request" in lines[0].getMessage()
