"""The tests notice when the engine or the policy is wrong: every patch is applied to a copy of the tree, and some test must fail.

An edit that cannot be applied, or that leaves nothing to run, is no proof of anything, and fails as well; daily.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mutants.patches import ENGINE, PATCHES, Patch
from tests.mutants.policy import POLICY

ROOT = Path(__file__).parent.parent.parent
PARTS = ("gateway", "schema", "resolvers", "mocks", "tests")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.sqlite", "node_modules", "static")
PASSED, FAILED = 0, 1
AT_ONCE = 2
ALL = [*PATCHES, *POLICY]
EVERY_TEST = tuple(sorted({*ENGINE, *(test for patch in ALL for test in patch.tests)}))


def run(patch: Patch | None, tree: Path) -> tuple[int, str]:
    """What pytest says about the patched tree: its exit code and the end of its output."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tree / part, ignore=LEFT_OUT)
    shutil.copy(ROOT / "pyproject.toml", tree)
    if patch:
        file = tree / patch.file
        file.write_text(file.read_text(encoding="utf-8").replace(patch.old, patch.new), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *(patch.tests if patch else EVERY_TEST)],
        cwd=tree,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    shutil.rmtree(tree)
    return done.returncode, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[tuple[int, str]]]]:
    """All of them, some at once; started before the first is asked for."""
    base = tmp_path_factory.mktemp("mutants")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {"": pool.submit(run, None, base / "unpatched")}
        started |= {
            patch.name: pool.submit(run, patch, base / str(number))
            for number, patch in enumerate(ALL)
            if occurrences(patch) == 1
        }
        yield started
        pool.shutdown(cancel_futures=True)


def occurrences(patch: Patch) -> int:
    return (ROOT / patch.file).read_text(encoding="utf-8").count(patch.old)


@pytest.mark.long
def test_the_tree_as_it_is_passes(runs: dict[str, Future[tuple[int, str]]]) -> None:
    code, said = runs[""].result()

    assert code == PASSED, said


@pytest.mark.long
@pytest.mark.parametrize("patch", ALL, ids=lambda patch: patch.name)
def test_somebody_notices(patch: Patch, runs: dict[str, Future[tuple[int, str]]]) -> None:
    assert occurrences(patch) == 1, "it cannot be applied"
    code, said = runs[patch.name].result()

    assert code == FAILED, said


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len({patch.name for patch in ALL}) == len(ALL)
    assert min(len(PATCHES), len(POLICY)) >= 30


@pytest.mark.parametrize("patch", ALL, ids=lambda patch: patch.name)
def test_each_can_be_applied_and_has_tests_to_notice_it(patch: Patch) -> None:
    assert occurrences(patch) == 1, f"{patch.file} no longer holds this once: {patch.old!r}"
    assert patch.old != patch.new
    assert [test for test in patch.tests if not (ROOT / test.partition("::")[0]).exists()] == []
