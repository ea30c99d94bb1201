"""`make bench` runs every benchmark there is."""

from __future__ import annotations

from pathlib import Path

from tests.bench import BENCHMARKS


def test_no_benchmark_is_left_out() -> None:
    here = {path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")}

    assert set(BENCHMARKS) == here
