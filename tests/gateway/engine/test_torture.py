"""Both engines on a graph that is made to go wrong: whatever happens, they say the same, byte for byte."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections import Counter
from typing import Any

import pytest

from gateway.engine.limits import Limits
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from gateway.policy.rules import Rule
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


MASKS = ["initial", "domain", "domain", "amount_band"]
KEYS = {"me": {"own": "me"}, "red": {"own": "me", "team": frozenset({"red"})}, "blue": {"team": "blue"}, "nobody": {}}


def some_grants(draw: random.Random) -> Grants:
    """Everything; or each category seen, seen on own rows, seen in part, or not at all; or lines of every kind."""
    how = draw.randrange(4)
    if how == 0:
        return ALL
    return by_lines(draw) if how == 1 else by_category(draw)


def by_category(draw: random.Random) -> Grants:
    how = {category: draw.choices(("seen", "own", "masked", ""), (5, 2, 1, 1))[0] for category in USED}
    if draw.randrange(6):
        how[Category.PUBLIC] = "seen"
    own = bits(category for category, way in how.items() if way == "own")
    return Grants(
        bits(category for category, way in how.items() if way == "seen"),
        (("own", own),) if own else (),
        tuple((category, draw.choice(MASKS)) for category, way in how.items() if way == "masked"),
    )


def by_lines(draw: random.Random) -> Grants:
    relations = ["own", "team"]
    rules = [Rule("base", allow=frozenset([*draw.sample(USED[1:], 3), USED[0] if draw.randrange(6) else USED[1]]))]
    for number in range(draw.randint(1, 4)):
        when = frozenset(one for one in relations if draw.randrange(2))
        some = draw.sample(USED, 3)
        rules.append(
            Rule(
                f"line {number}",
                when=when,
                unless=frozenset(relations[:1]) - when if draw.randrange(4) == 0 else frozenset(),
                allow=frozenset(some[:2]),
                mask={draw.choice((some[2], Category.IDENTITY, Category.CONTACT)): draw.choice(MASKS)},
                forbid=frozenset(draw.sample(USED, 1) if draw.randrange(4) == 0 else ()),
            )
        )
    return Grants.compiled(rules)


async def agreed(
    asked: Asked, grants: Grants, seed: int, key: str, admitted: dict[Any, Any] | None = None
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
    keys: Any = KEYS[key]
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


def caller(case: int) -> tuple[Grants, str]:
    draw = random.Random(case)
    return some_grants(draw), draw.choice(list(KEYS))


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


@pytest.mark.parametrize(
    "part", [0, 1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
def test_both_engines_say_the_same_whatever_happens(part: int) -> None:
    met = run(range(part * 100, part * 100 + 100))

    print(sorted(met.items()))
    assert met["answered"] > 350
    assert met["rich"] > 40
    assert min(met["query"], met["mutation"], met["all lost"]) > 5
    for code in ("INTERNAL", "BACKEND_UNAVAILABLE", "BACKEND_GARBLED", "AMBIGUOUS", "BAD_VARIABLE"):
        assert met[code] > 2, code
    for gap in (
        "WITHHELD ALL",
        "WITHHELD SOME",
        "MASKED ALL",
        "UNAVAILABLE SOME",
        "UNAVAILABLE ALL",
        "NOT_LOADED SOME",
    ):
        assert met[gap] > 2, gap


def test_an_argument_that_may_not_be_used_hides_nothing_on_rows_that_do_not_show_the_field_anyway() -> None:
    asked = '{ node(id: "g4") { ... on Beta { alphas { betas(by: {email: "y@z"}) { id } } } } }'
    grants = Grants(bits(set(USED) - {Category.CONTACT, Category.CATALOGUE}), (("own", bits([Category.CATALOGUE])),))
    for seed, key in itertools.product(range(8), KEYS):
        asyncio.run(agreed(Asked(asked, {}), grants, seed, key))
    run(range(2383, 2384))


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_both_engines_say_the_same_for_as_long_as_one_cares_to_wait(part: int) -> None:
    run(range(1_000 + part * 500, 1_500 + part * 500))
