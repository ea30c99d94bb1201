"""`make faults`: plays the scenarios against a gateway process and prints what was found, as a table. Exit code 1 when a
figure does not keep its bound. The tables are kept in build/faults, with the logs of the last run."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import uvloop

from tests.faults.figures import Figure, saved, table, yes
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.stage import Scale, Stage, stage

FOLDER = Path(__file__).resolve().parents[2] / "build" / "faults"


def main(
    arguments: Sequence[str] | None = None,
    scenarios: Mapping[int, Scenario] = SCENARIOS,
    opened: Callable[[Path], AbstractContextManager[Stage]] = stage,
) -> int:
    asked = _parser(scenarios).parse_args(arguments)
    _may_open_many_files()
    shutil.rmtree(asked.out / "work", ignore_errors=True)
    found: list[tuple[str, Figure]] = []
    with opened(asked.out / "work") as played:
        for number in asked.only or scenarios:
            title = f"{number} {scenarios[number].title}"
            found += [(title, figure) for figure in _played(title, scenarios[number], played, Scale(asked.short))]
    told = f"{_about()}\n\n{table([figure.cells(title) for title, figure in found])}"
    print(told)
    _say(f"kept as {saved(asked.out, told)}")
    return int(not all(figure.good for _, figure in found if figure.judged))


def _played(title: str, scenario: Scenario, played: Stage, scale: Scale) -> list[Figure]:
    """A scenario that breaks is a failure in the table, and the next one is played all the same."""
    _say(f"{title} …")
    begun = time.perf_counter()
    try:
        figures: list[Figure] = uvloop.run(scenario.play(played, scale))
    except Exception as error:
        traceback.print_exc()
        figures = [yes("played to its end", False, f"{type(error).__name__}: {error}")]
    failed = sum(not one.good for one in figures if one.judged)
    _say(
        f"  {time.perf_counter() - begun:.0f} s, {failed} failed"
        if failed
        else f"  {time.perf_counter() - begun:.0f} s"
    )
    return figures


def _parser(scenarios: Mapping[int, Scenario]) -> argparse.ArgumentParser:
    titles = "\n".join(f"  {number}  {scenario.title}" for number, scenario in scenarios.items())
    parser = argparse.ArgumentParser(
        prog="make faults", description=__doc__, epilog=titles, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=int, nargs="+", choices=scenarios, metavar="N", help="scenarios to play")
    parser.add_argument("--short", action="store_true", help="the short forms: seconds each, with loose bounds")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for tables and logs")
    return parser


def _may_open_many_files() -> None:
    """A connection is a file, and callers who do not wait for each other have many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _about() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
