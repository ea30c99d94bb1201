"""Percentiles are those of the textbook, and the table tells what holds and what does not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.faults.figures import Figure, median, percentile, saved, spread, table, yes

EXAMPLE = [15.0, 20.0, 35.0, 40.0, 50.0]


@pytest.mark.parametrize(
    ("share", "found"), [(0.05, 15), (0.2, 15), (0.3, 20), (0.4, 20), (0.5, 35), (0.99, 50), (1.0, 50)]
)
def test_a_percentile_is_a_value_that_occurred_by_nearest_rank(share: float, found: float) -> None:
    assert percentile(EXAMPLE[::-1], share) == found


def test_of_a_hundred_values_the_nth_percentile_is_the_nth() -> None:
    assert [percentile(list(range(1, 101)), number / 100) for number in range(1, 101)] == list(range(1, 101))


@given(some.lists(some.floats(0, 1e6), min_size=1), some.floats(0.001, 1))
def test_a_percentile_is_the_least_value_that_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert sum(one <= found for one in values) >= share * len(values) - 1e-6
    assert sum(one < found for one in values) < share * len(values)


def test_of_nothing_there_is_no_percentile_and_no_bound_is_kept() -> None:
    assert math.isnan(percentile([], 0.99))
    assert math.isnan(median([]))
    assert not Figure("p99", percentile([], 0.99), most=1e9).good
    assert spread([]) == "none"
    for share in (0, 1.1, -1):
        with pytest.raises(ValueError, match="share"):
            percentile(EXAMPLE, share)


def test_a_spread_is_told_in_milliseconds() -> None:
    assert spread([0.01, 0.02, 0.03, 1.0]) == "n 4, p50/95/99/max 20 / 1000 / 1000 / 1000 ms"


@pytest.mark.parametrize(
    ("figure", "good", "wanted"),
    [
        (Figure("x", 5, most=5), True, "≤ 5"),
        (Figure("x", 5.001, most=5), False, "≤ 5"),
        (Figure("x", 0.8, least=0.8, unit="s"), True, "≥ 0.8 s"),
        (Figure("x", 0.79, least=0.8), False, "≥ 0.8"),
        (Figure("x", 3, least=1, most=3), True, "≥ 1 and ≤ 3"),
        (Figure("x", 0, least=0, most=0), True, "= 0"),
        (Figure("x", math.nan), True, ""),
        (Figure("x", math.inf, most=5), False, "≤ 5"),
        (yes("x", True), True, "yes"),
        (yes("x", False), False, "yes"),
    ],
)
def test_a_figure_keeps_its_bounds_or_does_not(figure: Figure, good: bool, wanted: str) -> None:
    assert (figure.good, figure.wanted) == (good, wanted)


def test_the_table_is_markdown_and_says_what_failed() -> None:
    rows = [
        Figure("longest", 0.1234, most=1, unit="s", more="n 4 | a\nb").cells("1 SAP"),
        Figure("p99", math.nan, most=1.2).cells("2"),
        Figure("found", 12345.6).cells("2"),
        yes("held", False).cells("2"),
    ]
    assert table(rows).splitlines() == [
        "|          | scenario | figure  | found   | wanted | more       |",
        "| -------- | -------- | ------- | ------- | ------ | ---------- |",
        "| pass     | 1 SAP    | longest | 0.123 s | ≤ 1 s  | n 4 \\| a b |",
        "| **FAIL** | 2        | p99     | -       | ≤ 1.2  |            |",
        "|          | 2        | found   | 12346   |        |            |",
        "| **FAIL** | 2        | held    | no      | yes    |            |",
    ]


def test_tables_are_kept_in_a_folder_made_for_them(tmp_path: Path) -> None:
    path = saved(tmp_path / "build" / "faults", "| a |")
    assert (path.suffix, path.read_text()) == (".md", "| a |\n")
