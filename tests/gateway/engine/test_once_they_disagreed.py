"""Questions that the plan engine and graphql-core once answered differently, each by the reason why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from resolvers.backends.base import Outcome, Throttled
from tests.gateway.engine.test_on_bad_days import ALL, bench

pytestmark = pytest.mark.anyio

WAITS = {"a0": None, "a1": 1.5, "a2": 30.0, "a3": 2.0}


async def later(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(error=Throttled("shelves", "busy", WAITS[one.id])) for one in parents]


@pytest.mark.parametrize("ids", [["a0", "a1", "a2", "a3"], ["a3", "a2", "a1", "a0"]])
async def test_the_longest_of_several_waits_is_told_whichever_row_comes_first(ids: list[str]) -> None:
    spelled = ", ".join(f'"{one}"' for one in ids)

    told = await bench(Author_books=later).agreed(f"{{ authors(ids: [{spelled}]) {{ books {{ id }} }} }}", ALL)

    assert [error["extensions"]["retryAfterMs"] for error in told.errors] == [30_000]
    assert [(gap["retryAfterMs"], gap["rows"]) for gap in told.absent] == [(30_000, "ALL")]
