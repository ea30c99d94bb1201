"""Whatever somebody sends: it is answered soon, with a reason, and nobody else notices.

The bounds here are on hanging, many times what an idle machine needs (`python -m tests.bench.hostile` tells).
"""

from __future__ import annotations

import json
from asyncio import ensure_future, gather, sleep
from collections import Counter

import pytest

from gateway.auth.tokens import dev_tokens
from gateway.errors import Code
from tests.company import Company
from tests.gateway.held import ALIVE, Answer, Caller
from tests.gateway.hostile import BODIES, DOCUMENTS, MOST, REFUSED, SERVED

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

ANSWERED = 5.0
HELD = 1.0
COMPUTED = 0.9
"""Seconds; what is computed takes the longer, the more others compute."""


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
    if answer.watch.cpu > COMPUTED:
        return f"made the process compute for {answer.watch.cpu:.3f} s"
    if len(answer.body) > 2 * MOST and "data" not in json.loads(answer.body):
        return f"was refused in {len(answer.body)} bytes"
    return None


def test_there_are_enough_of_them() -> None:
    assert len(DOCUMENTS) + len(BODIES) > 150
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


async def test_who_asks_much_about_the_schema_waits_behind_themself_and_nobody_else_does(company: Company) -> None:
    """Eighty long questions at once, each a new one: more than are kept waiting for one caller. Another's new document
    waits for the one that is being answered."""
    tokens = dev_tokens(company.app.settings, company.app.policy.roles)
    curious = Caller(company.app.asgi, tokens.mint("support_agent", subject="curious"))
    other = Caller(company.app.asgi, tokens.mint("support_agent", subject="other"))
    await gather(curious.asked(ALIVE), other.asked(ALIVE))
    order: list[str] = []

    async def sent(caller: Caller, name: str, query: str) -> str | None:
        _, body = await caller.asked(json.dumps({"query": query}).encode())
        order.append(name)
        errors = json.loads(body).get("errors") or [{"extensions": {"code": None}}]
        return str(errors[0]["extensions"]["code"] or "answered")

    tool = SERVED["introspection by every client's tool"].query.partition("{")[2]
    questions = [f"query Q{i} {{ {tool}" for i in range(80)]
    async with other.watching() as watch:
        many = [ensure_future(sent(curious, "curious", one)) for one in questions]
        await sleep(0.005)
        assert await sent(other, "other", "query New { viewer { role } }") == "answered"
        codes = Counter(await gather(*many))
    assert set(codes) <= {"answered", "SATURATED", "DEADLINE"}
    assert codes["SATURATED"] >= 10
    assert order[codes["SATURATED"] :].index("other") <= 6
    assert max(watch.held, watch.alive) < HELD


async def test_a_text_that_makes_an_address_too_long_shuts_a_system_for_nobody(
    company: Company, caller: Caller
) -> None:
    find = "query($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }"
    for i in range(40):
        given = {"f": {"sku": f"{i}" + " %" * 25_000}}
        status, body = await caller.asked(json.dumps({"query": find, "variables": given}).encode())
        assert status == 200
        assert json.loads(body)["errors"][0]["extensions"]["code"] == "BACKEND_REFUSED"

    _, body = await caller.asked(json.dumps({"query": find, "variables": {"f": {"sku": "no such product"}}}).encode())
    assert json.loads(body) == {"data": {"tickets": {"nodes": []}}}
    assert not [one for one in await company.asked("remedy") if "HPD" in one["path"]][1:]


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
