"""Both engines on a graph that is made to go wrong: whatever happens, they say the same, byte for byte."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from typing import Any

import pytest

from gateway.engine.limits import Limits
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from gateway.traffic import Traffic
from schema import Category
from tests.gateway.agree import Bench, Told
from tests.gateway.engine import torture
from tests.gateway.engine.torture_documents import Asked, document

ALL = Grants(bits(Category))
CALLERS = 4
USED = [
    Category.PUBLIC,
    Category.PRESENCE,
    Category.IDENTITY,
    Category.CONTACT,
    Category.COMMERCIAL,
    Category.CATALOGUE,
    Category.FINANCIAL,
]


def some_grants(draw: random.Random) -> Grants:
    """Each category seen, seen on own rows, seen in part, or not at all; now and then everything."""
    if draw.randrange(4) == 0:
        return ALL
    how = {category: draw.choices(("seen", "own", "masked", ""), (6, 2, 1, 1))[0] for category in USED}
    own = bits(category for category, way in how.items() if way == "own")
    return Grants(
        bits(category for category, way in how.items() if way == "seen"),
        (("own", own),) if own else (),
        tuple((category, draw.choice(("initial", "domain"))) for category, way in how.items() if way == "masked"),
    )


async def agreed(
    asked: Asked, grants: Grants, seed: int, key: str | None, admitted: dict[Any, Any] | None = None
) -> Told | None:
    """What both say; None when the question is refused."""
    admitted = {} if admitted is None else admitted
    planned, referred = (
        Bench(
            torture.graph(),
            torture.for_reference,
            lambda: Traffic.over({}),
            {"world": torture.World(seed)},
            Limits(fields=100_000, aliases=10_000, depth=100),
            depth=1,
            admitted=admitted,
        )
        for _ in range(2)
    )
    keys = {"own": key} if key and grants.under else {}
    try:
        told = await planned.planned(asked.text, grants, asked.variables, keys)
    except Refusal:
        with pytest.raises(Refusal):
            await referred.referred(asked.text, grants, asked.variables, keys)
        return None
    expected = await referred.referred(asked.text, grants, asked.variables, keys)
    assert told.data == expected.data
    assert told.failed == expected.failed
    assert told.errors == expected.errors
    assert told.absent == expected.absent
    assert told.bytes == expected.bytes
    return told


def run(seeds: range) -> Counter[str]:
    """A document per seed, asked by three kinds of callers in a world each. Says what was met on the way."""
    met: Counter[str] = Counter()
    loop = asyncio.new_event_loop()
    logging.getLogger("gateway.engine").setLevel(logging.CRITICAL)
    try:
        for seed in seeds:
            asked, admitted = document(torture.declared().schema, seed), {}
            for case in range(seed * CALLERS, seed * CALLERS + CALLERS):
                grants, key = caller(case)
                try:
                    told = loop.run_until_complete(agreed(asked, grants, case, key, admitted))
                except BaseException:
                    print(f"\nseed {seed}, case {case}: {grants} as {key}\n{asked.text}\n{asked.variables}")
                    raise
                met.update(kinds(asked, told))
    finally:
        logging.getLogger("gateway.engine").setLevel(logging.NOTSET)
        loop.close()
    return met


def caller(case: int) -> tuple[Grants, str | None]:
    draw = random.Random(case)  # noqa: S311 - nothing secret
    return some_grants(draw), draw.choice(["me", "me", "other", None])


def kinds(asked: Asked, told: Told | None) -> list[str]:
    if told is None:
        return ["refused"]
    found = ["answered", asked.text.split()[0]]
    found += ["all lost"] * (told.data is None)
    found += ["rich"] * (len(str(told.data)) > 300)
    found += [error["extensions"]["code"] for error in told.errors]
    found += [f"{gap['reason']} {gap['rows']}" for gap in told.absent]
    found += ["landed"] * any("*" in gap["path"] or gap["path"] for gap in told.absent if "code" in gap)
    return found


@pytest.mark.parametrize("part", range(4))
def test_both_engines_say_the_same_whatever_happens(part: int) -> None:
    met = run(range(part * 100, part * 100 + 100))

    print(sorted(met.items()))
    assert met["answered"] > 350
    assert met["rich"] > 50
    assert min(met["query"], met["mutation"], met["all lost"]) > 5
    for code in ("INTERNAL", "BACKEND_UNAVAILABLE", "BACKEND_GARBLED", "AMBIGUOUS", "BAD_VARIABLE"):
        assert met[code] > 3, code
    for gap in (
        "WITHHELD ALL",
        "WITHHELD SOME",
        "MASKED ALL",
        "UNAVAILABLE SOME",
        "UNAVAILABLE ALL",
        "NOT_LOADED SOME",
    ):
        assert met[gap] > 3, gap


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_both_engines_say_the_same_for_as_long_as_one_cares_to_wait(part: int) -> None:
    run(range(1_000 + part * 500, 1_500 + part * 500))
