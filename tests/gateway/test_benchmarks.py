"""`make bench` runs every benchmark there is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.bench.__main__ import BENCHMARKS


def test_no_benchmark_is_left_out() -> None:
    modules = sorted(path.stem for path in (Path(__file__).parent.parent / "bench").glob("[a-z]*.py"))

    begun = [one for one in modules if hasattr(import_module(f"tests.bench.{one}"), "main")]

    assert begun == sorted((*BENCHMARKS, "upstream"))  # which is what one of them asks
