"""The plan engine and graphql-core, given the same question, give the same answer: the same bytes, under every role."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import strawberry

import schema
from gateway.policy import Policy
from mocks.world import open_world
from resolvers.query import SourceState
from tests.company import Company, Founding
from tests.gateway.questions.trial import Trial
from tests.gateway.questions.weather import FAIR, FOUL

pytestmark = pytest.mark.anyio

ROLES = sorted(Policy.read().roles)
CASES = 72
"""Of each role, in fair weather and in foul: 2,000 with fourteen roles."""
LONG = 250
"""Of each role and seed: 70,000 with fourteen roles and twenty seeds."""
RICH = {"support_agent": 0.8, "partner_carrier": 0.2}
"""Of the answers of a role, at least the share that has ten values or more; who sees less has less to show."""
USUALLY_RICH = 0.55

NEVER = {"account_manager": {"Party.address"}, "marketer": {"CustomerConnection.totalCount"}}
"""Shown, but never there: of the parties to an order the one sees the buyer, for whom no address is recorded; lists of
who agreed to marketing nobody counts."""

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCES = [
    SourceState(
        "siebel", "Oracle Siebel CRM", True, True, NOW.timestamp(), NOW.timestamp() - 60, 0, 2, "closed", 0.01, 0.2
    ),
    SourceState("sap", "SAP S/4HANA", True, False, None, NOW.timestamp(), 3, 0, "open", None, None),
    SourceState("remedy", "BMC Remedy", False, None, None, None, 0, 0, "half_open", None, None),
]


PATIENT = {"traffic__queue": 10_000, "traffic__queue_wait_ms": 30_000}
"""The reference asks very many small questions."""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """A company whose clock stands still: what is asked twice is answered alike."""
    return Founding.of(open_world(customers=200, now=NOW), tmp_path_factory.mktemp("frozen"))


@pytest.fixture(scope="module")
def declared() -> strawberry.Schema:
    return schema.build()


@pytest.fixture
async def company(frozen: Founding, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Company]:
    caplog.set_level(logging.CRITICAL, "gateway")
    opened = frozen.open(tmp_path, **PATIENT)
    opened.app.pipeline.facts = {**opened.app.pipeline.facts, "sources": lambda: SOURCES}
    yield opened
    await opened.app.stop()


@pytest.mark.parametrize("role", ROLES)
async def test_generated_questions_get_the_same_bytes_from_both_engines(
    company: Company, declared: strawberry.Schema, role: str
) -> None:
    trial = Trial(company, declared, role)

    await trial.run(trial.cases(CASES, [FAIR]))
    unmet = await trial.reach(sorted(trial.ways.keys() - trial.tally.reached))

    print(f"\n{role}: {trial.tally}; {len(trial.ways) - len(unmet)} of {len(trial.ways)} coordinates reached")
    assert set(unmet) == NEVER.get(role, set())
    assert trial.tally.share >= RICH.get(role, USUALLY_RICH)


@pytest.mark.parametrize("role", ROLES)
async def test_they_say_the_same_when_systems_fail(company: Company, declared: strawberry.Schema, role: str) -> None:
    trial = Trial(company, declared, role)

    await trial.run(trial.cases(CASES, FOUL, seed=1))

    print(f"\n{role}, in foul weather: {trial.tally}")
    assert trial.tally.failed > trial.tally.answers / 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
@pytest.mark.parametrize("role", ROLES)
async def test_a_lot_of_generated_questions(
    company: Company, declared: strawberry.Schema, role: str, seed: int
) -> None:
    trial = Trial(company, declared, role)

    await trial.run(trial.cases(LONG, [FAIR, *FOUL], seed))

    print(f"\n{role}: {trial.tally}")
