"""The stage: processes as a user would start them, none of which is left behind; and what scenarios make of answers."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.faults.figures import percentile
from tests.faults.processes import PACKAGES, NotStarted, started
from tests.faults.scenarios.independence import critical_path, lognormal
from tests.faults.stage import judged


def gone(pid: int, seconds: float = 15) -> bool:
    """Ended; whether somebody has buried it is not our affair."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - the system's own
        if told.stdout.strip()[:1] in ("", "Z"):
            return True
        time.sleep(0.05)
    return False


def test_a_command_that_is_started_is_ready_and_ends_with_its_block(tmp_path: Path) -> None:
    with started(tmp_path / "log", "serve", "--dev", "--set=listen.port=0", f"--set=state.dir={tmp_path}") as gateway:
        url = gateway.told["url"]
        assert httpx.get(f"{url}/ready").status_code == 200
        assert 10 < gateway.resident() <= gateway.resident("VmHWM") < 1000
        assert gateway.defects == []
    assert gateway.process.returncode == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_command_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="nobody could log in"), started(tmp_path / "log", "serve"):
        pass


def test_nothing_outlives_a_runner_that_is_killed(tmp_path: Path) -> None:
    line = f"""
import time
from pathlib import Path
from tests.faults.processes import started
with started(Path({str(tmp_path / "log")!r}), "serve", "--dev", "--set=listen.port=0", "--set=state.dir={tmp_path}") as one:
    print(one.process.pid, flush=True)
    time.sleep(60)
"""
    runner = subprocess.Popen([sys.executable, "-c", line], cwd=PACKAGES, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert runner.stdout
        child = int(runner.stdout.readline())
    finally:
        os.kill(runner.pid, signal.SIGKILL)
        runner.communicate()
    assert gone(child)


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (200, {"data": {"a": 1}}, "whole"),
        (200, {"data": {"a": None}, "extensions": {"absent": []}}, "whole"),
        (200, {"data": {"a": None}, "errors": [{"message": "x"}]}, "partial"),
        (200, {"errors": [{"message": "x"}]}, "partial"),
        (200, {"data": None}, "partial"),
        (200, {"data": {}, "errors": [{"extensions": {"code": "SATURATED"}}] * 2}, "saturated"),
        (200, {"data": {}, "errors": [{"extensions": {"code": code}} for code in ("SATURATED", "X")]}, "partial"),
        (503, {"errors": []}, "refused"),
        (429, {}, "429"),
        (500, {}, "500"),
    ],
)
def test_an_answer_is_judged_by_what_is_in_it(status: int, body: object, word: str) -> None:
    assert judged(status, json.dumps(body).encode()) == word


def call(name: int, ms: float, *after: int) -> dict[str, object]:
    return {"id": name, "after": list(after), "ms": ms}


def test_the_critical_path_is_the_longest_chain_of_calls() -> None:
    assert critical_path([call(1, 10), call(2, 30), call(3, 5, 1)]) == 30
    assert critical_path([call(3, 25, 1), call(1, 10), call(2, 30)]) == 35
    assert critical_path([call(1, 10), call(2, 30), call(3, 25, 1, 2), call(4, 1, 3)]) == 56
    assert critical_path([call(1, 10, 99)]) == 10
    assert math.isnan(critical_path([]))


def test_the_latency_of_slow_systems_has_the_median_and_the_tail_it_says() -> None:
    draw = lognormal(seed=1)
    drawn = [draw() for _ in range(20_000)]
    assert 0.075 < percentile(drawn, 0.5) < 0.085
    assert 0.8 < percentile(drawn, 0.99) < 1.0
