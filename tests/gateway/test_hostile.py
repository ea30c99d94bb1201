"""Whatever somebody sends: it is answered soon, with a reason, and nobody else notices.

The bounds here are on hanging, many times what an idle machine needs (`python -m tests.gateway.bench_hostile` tells).
"""

from __future__ import annotations

import json
from asyncio import gather, sleep

import pytest

from gateway.auth.tokens import dev_tokens
from gateway.errors import Code
from tests.company import Company
from tests.gateway.held import ALIVE, Answer, Caller
from tests.gateway.hostile import BODIES, DOCUMENTS, MOST, REFUSED, SERVED

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

ANSWERED = 5.0
HELD = 1.0
"""Seconds."""


@pytest.fixture
async def caller(company: Company) -> Caller:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent")
    caller = Caller(company.app.asgi, token)
    await caller.asked(ALIVE)
    return caller


def wrong(answer: Answer) -> str | None:
    """What is wrong with how something was answered, whatever it was."""
    if answer.seconds > ANSWERED or max(answer.watch.held, answer.watch.alive) > HELD:
        return f"took {answer.seconds:.3f} s, and held the loop for {answer.watch.held:.3f} s"
    if len(answer.body) > 2 * MOST and "data" not in json.loads(answer.body):
        return f"was refused in {len(answer.body)} bytes"
    return None


def test_there_are_enough_of_them() -> None:
    assert len(DOCUMENTS) + len(BODIES) > 100
    assert all(len(hostile.body) <= MOST for hostile in DOCUMENTS.values())


async def test_a_hostile_document_is_refused_with_a_published_reason_and_nobody_else_notices(caller: Caller) -> None:
    failed = {}
    for name, hostile in REFUSED.items():
        answer = await caller.watched(hostile.body)
        if problem := wrong(answer):
            failed[name] = problem
        elif answer.status != 200 or answer.code not in list(Code) or answer.code == Code.INTERNAL:
            failed[name] = f"{answer.status} {answer.code}"
    assert failed == {}


async def test_a_document_that_is_only_large_is_answered_and_nobody_else_notices(caller: Caller) -> None:
    failed = {}
    for name, hostile in SERVED.items():
        answer = await caller.watched(hostile.body)
        if problem := wrong(answer):
            failed[name] = problem
        elif answer.status != 200 or answer.code == Code.INTERNAL:
            failed[name] = f"{answer.status} {answer.code}"
    assert failed == {}


async def test_a_hostile_body_is_refused_by_its_status_and_nobody_else_notices(caller: Caller) -> None:
    failed = {}
    for name, body in BODIES.items():
        answer = await caller.watched(body)
        if problem := wrong(answer):
            failed[name] = problem
        elif answer.status not in (400, 413):
            failed[name] = f"{answer.status} {answer.code}"
    assert failed == {}


async def test_two_hundred_hostile_documents_at_once_leave_room_for_a_question(caller: Caller) -> None:
    """More wait than are let in: those beyond are told to come back."""
    hostile = REFUSED["overlapping fields, 2 wide and 6 deep"].query

    async def sent(i: int) -> tuple[int, bytes]:
        await sleep(0.005 * i)  # each takes its own time to arrive, as requests do
        return await caller.asked(json.dumps({"query": f"query Q{i} {hostile}"}).encode())

    async with caller.watching() as watch:
        answers = await gather(*(sent(i) for i in range(200)))
    codes = [json.loads(body)["errors"][0]["extensions"]["code"] for _, body in answers]
    assert {status for status, _ in answers} == {200, 503}
    assert set(codes) <= {"LIMIT", "SATURATED", "DEADLINE"}
    assert max(watch.held, watch.alive) < HELD
