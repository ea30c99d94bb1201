"""What is recorded of an answer, before it leaves: who, as what, for what, which categories, of whom; and no value."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse

import schema
from gateway.auth import Principal
from gateway.auth.tokens import dev_tokens
from gateway.engine.collect import Collector
from gateway.engine.once import Asker
from gateway.engine.operation import admit, variables
from gateway.engine.reference import Reference
from gateway.engine.trace import Trace
from gateway.engine.witness import Shown
from gateway.errors import HttpProblem, Refusal
from gateway.question import Options, Question
from gateway.trail import store
from gateway.trail.chain import Signer
from gateway.trail.vault import opened
from gateway.trail.verify import verified
from resolvers.backends.base import Deadline
from resolvers.context import Context
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

CARD = "query Card($id: ID!) { customer(by: {id: $id}) { name email orders(first: 2) { nodes { number total { amount } } } } }"


def records(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """What was recorded, in order; with `people`: whom it is about, opened."""
    with store.reading(folder) as db:
        rows = db.execute("SELECT record FROM entry ORDER BY chain, seq").fetchall()
        found = [json.loads(row[0]) for row in rows]
        return [
            one | {"people": {opened(db, named) for named in one.get("subjects", ())}}
            for one in found
            if one["kind"] in (kinds or ("access", "denied"))
        ]


def problems(folder: Path) -> list[str]:
    with store.reading(folder) as db:
        return verified(db, Signer.kept(folder).public).problems


async def test_an_answer_is_on_record_before_it_is_there(company: Company, tmp_path: Path) -> None:
    ada = company.id_of(0)
    await company.ask(CARD, id=ada)
    (told,) = records(tmp_path)
    assert {name: told[name] for name in ("kind", "who", "role", "purpose", "operation", "request")} == {
        "kind": "access",
        "who": "tester",
        "role": "support_agent",
        "purpose": "service",
        "operation": "Card",
        "request": "test-request",
    }
    assert told["people"] == {ada}
    assert told["sources"] == ["oracle_om", "siebel"]
    assert told["read"]["contact"] == ["Customer.email"]
    assert told["read"]["financial"] == ["Money.amount", "Order.total"]
    assert told["given"] == {"id": ""}
    assert problems(tmp_path) == []


async def test_what_is_public_is_nobody_s_business(company: Company, tmp_path: Path) -> None:
    await company.ask("{ viewer { name role } __schema { queryType { name } } }")
    assert not (tmp_path / store.FILE).exists()


async def test_the_same_question_of_two_roles_says_what_each_was_shown(company: Company, tmp_path: Path) -> None:
    question = "{ orders(first: 1) { nodes { number total { amount } customer { name } } } }"
    await company.ask(question)
    await company.ask(question, "warehouse")
    agent, warehouse = records(tmp_path)
    assert "withheld" not in agent or agent["withheld"] == {}
    assert warehouse["withheld"] == {"financial": ["Order.total"], "identity": ["Customer.name"]}
    assert "financial" not in warehouse["read"]
    assert agent["document"] == warehouse["document"]


async def test_an_order_whose_buyer_was_not_fetched_stands_for_itself(company: Company, tmp_path: Path) -> None:
    answer = await company.ask("{ orders(first: 2) { nodes { id number } } }", "warehouse")
    (told,) = records(tmp_path)
    assert told["people"] == {order["id"] for order in answer["data"]["orders"]["nodes"]}


async def test_rows_hidden_in_a_page_are_counted_as_well(company: Company, tmp_path: Path) -> None:
    """Only their ids are asked for, which takes no further look at them."""
    answer = await company.ask("{ customers(first: 3) { edges { node { id } } } }")
    (told,) = records(tmp_path)
    assert told["people"] == {edge["node"]["id"] for edge in answer["data"]["customers"]["edges"]}


async def test_a_customer_is_recorded_by_no_name(company: Company, tmp_path: Path) -> None:
    ada = company.id_of(0)
    principal = Principal("ada.canary@example.com", "customer", customer=ada)
    question = Question(
        "query ($id: ID!) { orders(first: 1) { nodes { number } } customer(by: {id: $id}) { name } }", None, {"id": ada}
    )
    await company.app.pipeline(question, principal, Options(request_id="r"))
    (told,) = records(tmp_path)
    assert told["who"] is None
    assert ada in told["people"]
    assert b"ada.canary" not in everything(tmp_path)


async def test_what_is_masked_is_recorded_as_masked(company: Company, tmp_path: Path) -> None:
    await company.ask("{ customers(first: 1) { nodes { email name } } }", "technician")
    (told,) = records(tmp_path)
    assert told["masked"] == {"contact": ["Customer.email"], "identity": ["Customer.name"]}


async def test_what_nobody_was_shown_is_recorded_as_denied(company: Company, tmp_path: Path) -> None:
    await company.ask("{ viewer { name } tickets(first: 1) { nodes { number } } }", "warehouse")
    await company.app.stop()
    (told,) = records(tmp_path)
    assert (told["kind"], told["withheld"], told["read"]) == (
        "denied",
        {"service": ["Query.tickets"]},
        {"public": ["Query.viewer", "Viewer.name"]},
    )


async def test_a_question_that_is_refused_for_what_it_names_is_recorded_as_denied(
    company: Company, tmp_path: Path
) -> None:
    pipeline = company.app.pipeline
    manager = replace(pipeline.policy.roles["account_manager"], clients="reject")
    policy = replace(pipeline.policy, roles={manager.name: manager})
    strict = replace(pipeline, callers=replace(pipeline.callers, policy=policy))
    question = Question("{ customers(first: 1) { nodes { opportunities { totalCount } } } }")
    with pytest.raises(Refusal):
        await strict(question, Principal("kim", manager.name), Options(request_id="r", purpose="analytics"))
    await company.app.stop()
    (told,) = records(tmp_path)
    assert (told["kind"], told["who"], told["purpose"]) == ("denied", "kim", "analytics")
    assert "Customer.opportunities" in told["withheld"]["sales"]


async def test_what_was_decided_by_of_a_partner_is_on_record_without_the_keys(company: Company, tmp_path: Path) -> None:
    principal = Principal("northwind", "partner_reseller", client="northwind")
    await company.app.pipeline(Question("{ orders { nodes { number } } }"), principal, Options(request_id="r"))
    (told,) = records(tmp_path)
    (entry,) = records(tmp_path, "partner")
    assert (told["client"], told["partner"]) == ("northwind", entry["ref"])
    assert entry["entry"]["keys"] == {"own-channel": []}


# -- no values --------------------------------------------------------------------------------------------------------


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith(store.FILE))


async def test_no_value_of_anybody_is_in_the_file(company: Company, tmp_path: Path) -> None:
    """Neither of answers nor of questions: not in literals, aliases, variables, nor as a digest that can be guessed."""
    person = company.world.customer(0)
    mail = str(person.email)
    card = "{ id name email phone address { city lines } }"
    literal = f"{{ ada_canary: customer(by: {{email: {json.dumps(mail)}}}) {card} }}"
    answer = await company.ask(literal)
    found = answer["data"]["ada_canary"]
    await company.ask("query ($mail: String!) { customer(by: {email: $mail}) { name } }", mail=mail)
    name = json.dumps(found["name"])
    await company.ask(f"{{ customers(first: 5, filter: {{name: {name}}}) {{ nodes {{ name email }} }} }}")
    await company.app.stop()
    kept = everything(tmp_path)
    values = [mail, found["name"], found["phone"], found["id"], "ada_canary", *found["address"]["lines"]]
    for value in values:
        assert value
        assert value.encode() not in kept, value
    assert schema.Customer  # the graph itself is there, of course
    assert b"Customer.email" in kept


async def test_a_document_without_values_is_known_by_its_own_digest(company: Company, tmp_path: Path) -> None:
    text = "query Card($id: ID!) { customer(by: {id: $id}) { name } }"
    await company.ask(text, id=company.id_of(0))
    await company.ask(text.replace("$id}", '"x"}').replace("($id: ID!) ", ""))
    one, other = records(tmp_path)
    digests = {admit(company.app.graph.schema, text, company.app.pipeline.prepared.limits).digest}
    assert one["document"] in digests
    assert other["document"] not in digests
    texts = {told["ref"]: told["text"] for told in records(tmp_path, "document")}
    assert '""' in texts[other["document"]]


# -- both engines -----------------------------------------------------------------------------------------------------

SAME = [
    ("support_agent", None, CARD),
    ("warehouse", None, CARD),
    ("customer", 0, "query ($id: ID!) { customer(by: {id: $id}) { name tickets { nodes { number } } } orders(first: 2) { nodes { number } } }"),
    ("account_manager", None, "{ customers(first: 8) { nodes { id name email tier orders(first: 1) { nodes { number } } } } }"),
    ("technician", None, "{ customers(first: 2) { nodes { name email tickets { nodes { number subject } } } } }"),
    ("support_agent", None, "{ tickets(first: 4) { nodes { number customer { name } order { number lines { sku } } } } }"),
    ("marketer", None, "{ customers(first: 5) { nodes { name email consent { channel allowed } } } }"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "customer", "text"), SAME, ids=[f"{role} {n}" for n, (role, *_) in enumerate(SAME)])
async def test_both_engines_note_the_same(company: Company, role: str, customer: int | None, text: str) -> None:
    ada = company.id_of(0)
    principal = Principal("tester", role, customer=ada if customer is not None else None)
    given = {"id": ada} if "$id" in text else {}
    shown, about = await planned(company, Question(text, None, given), principal)
    noted = await referred(company, Question(text, None, given), principal)
    assert shown == noted[0]
    assert set(about) == noted[1]


async def planned(company: Company, question: Question, principal: Principal) -> tuple[Shown, tuple[str, ...]]:
    pipeline, asker = company.app.pipeline, Asker("x", Deadline(30))
    asking = pipeline.callers.asking(principal, Options())
    operation = await pipeline.prepared.admit(asking.view, question, asking.grants, asker)
    values = variables(asking.view.schema, operation, question.variables)
    plan = await pipeline.prepared.plan(asking.view, operation, asking.grants, values, asker)
    run, _ = pipeline.ready(asking, plan, values, Deadline(30), None)
    await run()
    graph = pipeline.prepared.graph
    return run.witness.shown(graph, plan, run.prepared), run.witness.about(graph, plan)


async def referred(company: Company, question: Question, principal: Principal) -> tuple[Shown, set[str]]:
    pipeline = company.app.pipeline
    asking = pipeline.callers.asking(principal, Options())
    operation = admit(asking.view.schema, question.query, pipeline.prepared.limits).operation(None)
    values = variables(asking.view.schema, operation, question.variables)
    reference = Reference(
        pipeline.prepared.graph,
        schema.build(),
        asking.grants,
        asking.viewer,
        Context(Trace(pipeline.traffic), pipeline.now, caller=asking.caller, **pipeline.facts),
        Deadline(30),
        Collector("ref"),
        lambda coordinate, arguments: pipeline.sealer.bound(coordinate, arguments, asking.alike),
    )
    await reference(parse(question.query), operation, values, question.variables)
    return reference.noting.shown, set(reference.about)


# -- when it cannot be written ----------------------------------------------------------------------------------------


@pytest.fixture
async def hasty(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    """A gateway that does not wait long for its store."""
    opened_ = founding.open(tmp_path, audit__patience_ms=50)
    yield opened_
    await opened_.app.stop()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(folder / store.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def no_file(folder: Path) -> Iterator[None]:
    """In its place is something that cannot be opened."""
    for path in folder.glob(f"{store.FILE}*"):
        path.unlink()
    (folder / store.FILE).mkdir()
    yield
    (folder / store.FILE).rmdir()


@contextmanager
def full(_: Path) -> Iterator[None]:
    """No file can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def asked(company: Company, query: str) -> httpx.Response:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent")
    transport = httpx.ASGITransport(company.app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("trouble", [locked, no_file, full])
async def test_a_store_that_cannot_be_written_stops_what_is_not_public_and_nothing_else(
    hasty: Company, tmp_path: Path, trouble: Any
) -> None:
    private, public = "{ customers(first: 1) { nodes { name } } }", "{ viewer { role } }"
    assert (await asked(hasty, private)).status_code == 200
    with trouble(tmp_path):
        hasty.app.pipeline.trail.writer.failing = False  # type: ignore[union-attr]  # as before the first failure
        for _ in range(2):
            refused = await asked(hasty, private)
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert refused.json()["errors"][0]["extensions"] == {"code": "AUDIT_UNAVAILABLE"}
            assert "data" not in refused.json()
        assert (await asked(hasty, public)).json() == {"data": {"viewer": {"role": "support_agent"}}}
    assert (await asked(hasty, private)).status_code == 200
    assert problems(tmp_path) == []


async def test_while_it_cannot_be_written_no_system_is_asked(hasty: Company, tmp_path: Path) -> None:
    await asked(hasty, "{ customers(first: 1) { nodes { name } } }")
    with locked(tmp_path):
        await asked(hasty, "{ customers(first: 1) { nodes { name } } }")
        await hasty.forget()
        await asked(hasty, "{ customers(first: 1) { nodes { name } } }")
        assert await hasty.asked() == []


async def test_answers_that_come_together_are_written_together(company: Company, tmp_path: Path) -> None:
    await asyncio.gather(*(company.ask(CARD, id=company.id_of(number)) for number in range(12)))
    trail = company.app.pipeline.trail
    assert trail
    assert len(records(tmp_path)) == trail.writer.written == 12
    assert trail.writer.commits < 12
    assert problems(tmp_path) == []


async def test_nobody_waits_in_a_queue_without_end(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path, audit__queue=1, audit__patience_ms=2000)
    await company.ask(CARD, id=company.id_of(0))
    with locked(tmp_path):
        some = [asyncio.create_task(company.ask(CARD, id=company.id_of(number))) for number in range(6)]
        done, pending = await asyncio.wait(some, timeout=1.5, return_when=asyncio.ALL_COMPLETED)
        told = [one.exception() for one in done]
        assert told
        assert all(isinstance(one, HttpProblem) and one.status == 503 for one in told)
    await asyncio.wait(pending)
    assert not [one for one in pending if one.exception()]
    await company.app.stop()


async def test_a_relaxed_store_is_not_waited_for_until_it_fails(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path, audit__mode="relaxed", audit__patience_ms=300)
    await company.ask(CARD, id=company.id_of(0))
    await asyncio.sleep(0.5)
    with locked(tmp_path):
        await company.ask(CARD, id=company.id_of(1))
        await asyncio.sleep(0.6)
        with pytest.raises(HttpProblem):
            await company.ask(CARD, id=company.id_of(2))
    await company.ask(CARD, id=company.id_of(3))
    await company.app.stop()
    assert len(records(tmp_path)) == 2
    assert company.app.pipeline.trail.writer.lost == 1  # type: ignore[union-attr]  # and counted


async def test_every_kind_of_row_that_can_be_somebody_s_is_counted(company: Company) -> None:
    """Rows that stand in a customer's own relations are about a customer."""
    bindings = company.app.graph.bindings
    theirs = {kind for kind, name in bindings.relations if name in ("own", "consenting", "own-region")}
    assert theirs <= bindings.about.keys()
