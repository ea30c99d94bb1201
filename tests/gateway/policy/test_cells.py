"""Every cell of the policy, asked of the gateway over all its systems: who, for which purpose, of which category, on a row
that stands to them in which way. The answer holds exactly what the policy shows, as Cedar reads it.

Nothing here names a role, a purpose, a category, a field or a mask. What is new is asked for as well, or these tests say
what they lack to do so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import schema
from gateway.engine.graph import Graph
from gateway.policy import Grants, Policy, Role, Rule
from gateway.policy.grants import subsets
from mocks.serve import MOCKS
from mocks.world import open_world
from resolvers.whole import bindings
from schema import Category
from tests.company import Company, Founding
from tests.gateway import library
from tests.gateway.policy.asking import LOGGED, Selections
from tests.gateway.policy.cells import ALL_SEEING, Cells
from tests.gateway.policy.second_opinion import PUBLISHED, Cedar
from tests.gateway.policy.standing import FACTS, ROWS, unsaid
from tests.gateway.questions.company import rows_of
from tests.gateway.questions.shared import shared

pytestmark = pytest.mark.anyio

POLICY = Policy.read()
CLASSES = [(role.name, purpose) for role in POLICY.roles.values() for purpose in role.purposes]
CLASSES += [(f"client:{one.client}", purpose) for one in POLICY.partners.values() for purpose in one.purposes]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = {
    "world__now": NOW.isoformat(),
    "deadline__staff_ms": 60_000,
    "deadline__partner_ms": 60_000,
    "traffic__queue_wait_ms": 60_000,
    **{f"backends__{name}__attempt_timeout_ms": 60_000 for name in MOCKS},
}
"""With time enough on a busy machine: what is shown is the question here, not how soon."""
EVERYTHING = Grants.compiled([Rule("all", allow=frozenset(PUBLISHED))])


@pytest.fixture(scope="module")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """A company whose clock stands still: what is asked twice is answered alike. All processes call its rows alike."""
    world, folder = open_world(customers=200, now=NOW), tmp_path_factory.mktemp("cells")
    return Founding(world, shared(tmp_path_factory, "cells-company", lambda: Founding.of(world, folder).crossref))


@pytest.fixture(scope="module")
def chosen(founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The rows that are asked about, chosen once for all processes."""
    folder = tmp_path_factory.mktemp("choosing")
    return shared(
        tmp_path_factory,
        "cells-chosen",
        lambda: asyncio.run(choosing(founding.open(folder, **ASKED))),
    )


async def choosing(company: Company) -> Any:
    made = over(company)
    await made.choose()
    await company.app.stop()
    return made.chosen


def over(company: Company) -> Cells:
    pipeline, graph = company.app.pipeline, company.app.graph
    seer = Role(ALL_SEEING, "Sees everything.", "staff", ("any",), {"any": EVERYTHING})
    pipeline.callers.policy = replace(pipeline.policy, roles={**pipeline.policy.roles, ALL_SEEING: seer})
    selections = Selections(graph, rows_of(company))
    return Cells(company, POLICY, Cedar.of(POLICY), {kind: selections.of(graph.holder(kind)) for kind in ROWS})


@pytest.fixture
async def cells(founding: Founding, chosen: Any, tmp_path: Path) -> AsyncIterator[Cells]:
    company = founding.open(tmp_path, **ASKED)
    made = over(company)
    made.rows, made.canaries = chosen
    yield made
    await company.app.stop()


@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.long)], ids=["by turns", "both ways"])
async def test_every_cell_of_every_class_of_callers_shows_what_cedar_says(cells: Cells, both: bool) -> None:
    cells.both = both
    for who, purpose in CLASSES:
        await cells.put(who, purpose)
        await cells.put_at_the_root(who, purpose)

    print(f"\n{cells.tally}")
    assert not cells.tally.differences, "\n".join(cells.tally.differences[:20])
    assert not missing(cells), "\n".join(missing(cells))


def missing(cells: Cells) -> list[str]:
    """Sets of relations that matter to a class of callers, and that no row of a type was found in; only what a partner
    is called can hold for it."""
    asked = {(who, purpose, kind, held & cells.mattering(who)) for who, purpose, kind, _, held in cells.tally.cells}
    return [
        f"no {kind} that is {sorted(held) or 'nothing'} to {who}: see tests/gateway/policy/standing.py"
        for who, purpose in CLASSES
        for kind in ROWS
        for held in subsets(cells.mattering(who) & cells.bound(kind) & possible(who))
        if (who, purpose, kind, held) not in asked
    ]


def possible(who: str) -> frozenset[str]:
    partner = POLICY.partners.get(who.removeprefix("client:"))
    relations = [name for name, keys in partner.keys.items() if keys] if partner else [name for _, name in FACTS]
    return frozenset({*relations, "consenting"})


async def test_every_coordinate_of_a_row_and_every_category_is_among_them(cells: Cells) -> None:
    for who, purpose in CLASSES[:1]:
        await cells.put(who, purpose)
        await cells.put_at_the_root(who, purpose)
    asked = {category for _, _, _, category, _ in cells.tally.cells}

    assert cells.unreached() == set(), "no row among those looked at shows these: see tests/gateway/policy/standing.py"
    assert set(PUBLISHED) - asked == LOGGED, "no coordinate of a row, and none that can be asked for without one"


def test_the_world_has_a_word_for_every_type_and_every_relation() -> None:
    assert unsaid(Graph.build(schema.build(), bindings())) == []


def test_a_new_type_and_a_new_relation_are_asked_for_by_name() -> None:
    graph = Graph.build(library.build(), library.bindings())

    assert unsaid(graph) == [
        "say in tests/gateway/policy/standing.py which rows of Author there are",
        "say in tests/gateway/policy/standing.py which rows of Book there are",
        "say in tests/gateway/policy/standing.py how a row of Author stands to a caller: own",
    ]


@pytest.mark.parametrize(
    ("changed", "noticed"),
    [
        (Rule("slip", allow=frozenset({Category.FINANCIAL})), "partner_carrier for fulfilment, Order"),
        (Rule("slip", forbid=frozenset({Category.DELIVERY})), "partner_carrier for fulfilment, Order"),
        (
            Rule("slip", allow=frozenset({Category.LOGISTICS, Category.DELIVERY})),
            "partner_carrier for fulfilment, Order",
        ),
    ],
    ids=["shows more", "shows less", "forgets the relation"],
)
async def test_a_gateway_that_decides_otherwise_is_noticed(cells: Cells, changed: Rule, noticed: str) -> None:
    role = POLICY.roles["partner_carrier"]
    slipped = Grants.compiled((*role.by_purpose["fulfilment"].rules, changed))
    wrong = replace(role, by_purpose={"fulfilment": slipped})
    pipeline = cells.company.app.pipeline
    pipeline.callers.policy = replace(pipeline.policy, roles={**pipeline.policy.roles, "partner_carrier": wrong})

    await cells.put("partner_carrier", "fulfilment")

    assert any(told.startswith(noticed) for told in cells.tally.differences)
