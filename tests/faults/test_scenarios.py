"""The scenarios in their short forms: seconds each, judged by counts and orders of magnitude; `make faults` plays the
long ones. A figure that waits for its feature is named here, and has to be taken out once it holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scenarios import SCENARIOS
from tests.faults.stage import Scale, Stage, stage

NOT_YET: dict[int, set[str]] = {3: {"writes sent twice"}}
PLAYED = [1, 2, 3, 4, 6, 7, 8]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage"), customers=150) as opened:
        yield opened


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.mark.alone
@pytest.mark.anyio
@pytest.mark.parametrize("number", PLAYED, ids=lambda number: SCENARIOS[number].title)
async def test_a_bad_day_costs_no_more_than_it_must(played: Stage, number: int) -> None:
    figures = await SCENARIOS[number].play(played, Scale(short=True))

    judged = [figure for figure in figures if figure.judged and figure.name not in NOT_YET.get(number, set())]
    assert judged
    assert [figure for figure in judged if not figure.good] == []
