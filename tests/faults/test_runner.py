"""`make faults` itself: which scenarios it plays, what it prints, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.__main__ import main
from tests.faults.figures import Figure
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.stage import Scale, Stage

GOOD = Figure("calls", 3, most=3)
BAD = Figure("calls", 4, most=3)


@contextmanager
def bare(folder: Path) -> Iterator[Any]:
    """A stage nobody needs."""
    folder.mkdir(parents=True)
    (folder / "log").touch()
    yield None


def finding(*figures: Figure) -> Scenario:
    async def play(stage: Stage, scale: Scale) -> list[Figure]:
        return [*figures, Figure("seconds", scale.of(60, 3))]

    return Scenario("a scenario", play)


async def broken(stage: Stage, scale: Scale) -> list[Figure]:
    raise RuntimeError("the stage fell down")


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(*scenarios: Scenario, line: tuple[str, ...] = ()) -> tuple[int, str]:
        code = main(["--out", str(tmp_path), *line], dict(enumerate(scenarios, 1)), bare)
        return code, capsys.readouterr().out

    return ran


def test_the_table_is_printed_and_kept(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        code, told = run(finding(GOOD))
        assert code == 0
        assert "| pass | 1 a scenario | calls   | 3     | ≤ 3    |" in told
        assert "| seconds | 60 " in told
    assert told in [path.read_text() for path in tmp_path.glob("*.md")]
    assert (tmp_path / "work" / "log").exists()


def test_a_figure_out_of_its_bounds_is_exit_code_one(run: Run) -> None:
    code, told = run(finding(GOOD), finding(BAD))
    assert code == 1
    assert told.count("**FAIL**") == 1


def test_a_scenario_that_breaks_fails_and_the_next_is_played(run: Run) -> None:
    code, told = run(Scenario("breaks", broken), finding(GOOD))
    assert code == 1
    assert "RuntimeError: the stage fell down" in told
    assert "2 a scenario" in told


def test_one_may_choose_scenarios_and_the_short_forms(run: Run) -> None:
    _, told = run(finding(), finding(), finding(), line=("--only", "3", "1", "--short"))
    assert [row.split("|")[2].strip() for row in told.splitlines()[4:]] == ["3 a scenario", "1 a scenario"]
    assert "| seconds | 3 " in told


def test_a_scenario_nobody_knows_is_a_usage_error(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(finding(), line=("--only", "9"))
    assert ended.value.code == 2
    assert "invalid choice: 9" in capsys.readouterr().err


def test_help_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"{number}  {scenario.title}" in told for number, scenario in SCENARIOS.items())
