"""A document is prepared once: for the first who asks, for all who ask at the same time, or before anybody asks."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.cli.opening import opened
from gateway.engine.once import Asker
from gateway.engine.operation import View
from gateway.errors import HttpProblem, Refusal
from gateway.pipeline import Pipeline
from gateway.policy import Grants
from gateway.question import Options, Question
from gateway.settings import SettingsError
from resolvers.backends.base import Deadline
from tests.company import Company, Founding, configured
from tests.gateway import library
from tests.gateway.test_another_app import opened_over

pytestmark = pytest.mark.anyio

ORDER = "query Order($number: String!, $money: Boolean = true) { order(number: $number) { ...Head } } fragment Head on Order { id status total @include(if: $money) { amount currency } }"

STEPS = {
    "graphql/language/parser.py:Parser.parse_document": "parsed",
    "gateway/engine/sound.py:soundness": "validated",
    "gateway/engine/limits.py:exceeded": "measured",
    "gateway/engine/planner.py:_Planner.plan": "planned",
    "gateway/engine/judging.py:Judge.decide": "decided",
    "gateway/engine/once.py:_swept": "handed over",
}
"""Functions whose calls are counted, and what each does."""


@pytest.fixture
def steps() -> Iterator[Counter[str]]:
    """How often each step was taken, in this thread and in every one that begins meanwhile."""
    found: Counter[str] = Counter()

    def watch(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            name = f"{'/'.join(Path(frame.f_code.co_filename).parts[-3:])}:{frame.f_code.co_qualname}"
            if name in STEPS:
                found[STEPS[name]] += 1

    before = sys.getprofile()
    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


async def ask(company: Company, query: str = ORDER, role: str = "support_agent", **variables: Any) -> Any:
    return await company.ask(query, role, **({"number": "1"} | variables))


async def test_the_first_to_ask_has_a_document_prepared_and_the_second_does_not(
    company: Company, steps: Counter[str]
) -> None:
    await ask(company)
    assert steps.pop("decided") > 1
    assert steps == {"parsed": 1, "validated": 1, "measured": 1, "planned": 1, "handed over": 1}
    steps.clear()
    await ask(company, number="2")
    assert steps == {}


async def test_who_gives_other_variables_that_decide_has_it_planned_once_more(
    company: Company, steps: Counter[str]
) -> None:
    await ask(company)
    steps.clear()
    await ask(company, money=False)
    assert (steps["parsed"], steps["planned"], steps["handed over"]) == (0, 1, 1)


async def test_a_variable_that_is_no_good_is_told_of_and_nothing_planned_for_it(
    company: Company, steps: Counter[str]
) -> None:
    with pytest.raises(Refusal) as told:
        await ask(company, money=None)
    assert told.value.code == "BAD_VARIABLE"
    assert (steps["parsed"], steps["planned"], steps["handed over"]) == (1, 0, 1)


async def test_a_hundred_who_ask_first_at_the_same_time_have_it_prepared_once(
    company: Company, steps: Counter[str]
) -> None:
    who = "query Who($more: Boolean = true) { viewer { name role @include(if: $more) } }"
    answers = await asyncio.gather(*(company.ask(who) for _ in range(100)))
    assert answers == [{"data": {"viewer": {"name": "tester", "role": "support_agent"}}}] * 100
    assert (steps["parsed"], steps["validated"], steps["planned"]) == (1, 1, 1)


async def test_who_begins_with_forty_questions_at_once_is_answered_each_and_who_floods_is_not(company: Company) -> None:
    """As a page does, or an explorer with all its tabs; by one user."""

    async def burst(many: int, name: str) -> Counter[str]:
        asked = (ask(company, f"query {name}{i} {{ a{i}: __typename }}") for i in range(many))
        told = await asyncio.gather(*asked, return_exceptions=True)
        return Counter(str(one.code) if isinstance(one, HttpProblem) else str(next(iter(one))) for one in told)

    assert await burst(40, "Few") == {"data": 40}
    flooded = await burst(400, "Many")
    assert flooded.keys() == {"data", "SATURATED"}
    assert flooded["data"] >= 40


async def test_a_hundred_who_ask_the_same_nonsense_have_it_refused_once(company: Company, steps: Counter[str]) -> None:
    found = await asyncio.gather(*(ask(company, "{ nothing }") for _ in range(100)), return_exceptions=True)
    assert {str(one) for one in found} == {"Cannot query field 'nothing' on type 'Query'."}
    assert all(isinstance(one, Refusal) for one in found)
    assert len({id(one) for one in found}) == 100
    assert steps["validated"] == 1
    assert steps["planned"] == 0


async def test_another_role_has_it_planned_and_nothing_else(company: Company, steps: Counter[str]) -> None:
    await ask(company)
    for i in range(10):  # the trees of those that were prepared last are still there
        await company.ask(f"query Q{i} {{ viewer {{ name }} }}")
    steps.clear()
    await ask(company, role="warehouse")
    assert (steps["parsed"], steps["validated"], steps["measured"], steps["planned"]) == (1, 0, 0, 1)


async def test_questions_about_the_schema_are_answered_once_for_all_roles(company: Company) -> None:
    question = "query($n: String!) { __type(name: $n) { name fields { name } } viewer { name } }"
    answers = [await company.ask(question, role, n="Order") for role in ("support_agent", "warehouse")]
    assert answers[0] == answers[1]
    assert {"name": "total"} in answers[0]["data"]["__type"]["fields"]
    assert list(answers[0]["data"]) == ["__type", "viewer"]
    other = await company.ask(question, n="Nowhere")
    assert other["data"]["__type"] is None


async def test_a_variable_of_any_size_does_not_come_between(company: Company) -> None:
    question = 'query($n: ID!) { __typename __type(name: "Order") { name } node(id: $n) { id } }'
    answer = await company.ask(question, n=10**400)
    assert answer["data"] == {"__typename": "Query", "__type": {"name": "Order"}, "node": None}


async def test_what_is_too_much_about_the_schema_is_refused_as_often_as_asked(company: Company) -> None:
    again = " ".join(f"a{i}: fields {{ name type {{ fields {{ name args {{ name }} }} }} }}" for i in range(40))
    for _ in range(2):
        with pytest.raises(Refusal) as told:
            await company.ask(f"{{ __schema {{ types {{ {again} }} }} }}")
        assert told.value.code == "LIMIT"


async def test_a_document_that_waits_past_its_deadline_is_told_to_come_back(company: Company) -> None:
    principal = Principal("tester", "support_agent")
    with pytest.raises(HttpProblem) as told:
        await company.app.pipeline.prepared.admit(
            View("whole", company.app.graph.schema),
            Question("{ viewer { name } }"),
            Grants(),
            Asker("somebody", Deadline(-1)),
        )
    assert (told.value.status, told.value.code) == (503, "DEADLINE")
    await company.app.pipeline(Question("{ viewer { name } }"), principal, Options())


async def test_a_mutation_by_get_is_405_whether_or_not_there_is_one(company: Company) -> None:
    principal = Principal("tester", "support_agent")
    for text in ("mutation { a }", "query A { viewer { name } } mutation B { a }"):
        with pytest.raises(HttpProblem) as told:
            await company.app.pipeline(Question(text, "B" if "B" in text else None, safe=True), principal, Options())
        assert (told.value.status, told.value.headers) == (405, {"Allow": "POST"})
        with pytest.raises(Refusal):
            await company.app.pipeline(Question(text), principal, Options())


# -- the schema a caller is shown -------------------------------------------------------------------------------------


@pytest.fixture
async def two_views(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A library whose warehouse is refused for what it may not name."""
    app = opened_over(library.Index(), tmp_path)
    roles = app.policy.roles | {"warehouse": replace(app.policy.roles["warehouse"], clients="reject")}
    policy = replace(app.policy, roles=roles)
    yield replace(app.pipeline, callers=replace(app.pipeline.callers, policy=policy))
    await app.stop()


async def test_each_class_of_callers_may_name_what_it_is_shown_and_is_told_of_nothing_else(two_views: Pipeline) -> None:
    async def ask(role: str, text: str) -> Any:
        return json.loads(await two_views(Question(text), Principal("tester", role), Options()))

    for _ in range(2):  # what was prepared for one is not the other's
        assert (await ask("finance", '{ books(ids: ["b1"]) { id price { currency } } }'))["data"]["books"]
        with pytest.raises(Refusal) as told:
            await ask("warehouse", '{ books(ids: ["b1"]) { id price { currency } } }')
        assert "Cannot query field 'price' on type 'Book'" in str(told.value)
        types = "{ __schema { types { name } } }"
        assert {"name": "Price"} in (await ask("finance", types))["data"]["__schema"]["types"]
        assert {"name": "Price"} not in (await ask("warehouse", types))["data"]["__schema"]["types"]


# -- stored operations ------------------------------------------------------------------------------------------------


def stored(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        file = folder / "operations" / f"{name}.graphql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "operations"


@pytest.mark.parametrize("role", ["support_agent", "warehouse", "customer"])
async def test_a_stored_operation_is_prepared_for_every_role_before_anybody_asks(
    founding: Founding, tmp_path: Path, steps: Counter[str], role: str
) -> None:
    folder = stored(tmp_path, order=f"{ORDER}\n", two="query A { viewer { name } } query B { viewer { role } }")
    company = founding.open(tmp_path / "state", documents__warm=str(folder))
    assert steps["planned"] > 1
    steps.clear()
    for text in (ORDER, f"{ORDER}\n"):
        for money in (True, False):
            assert "errors" not in await company.ask(text, role, number="1", money=money)
    assert steps == {}
    await company.app.stop()


async def test_nobody_s_documents_push_a_stored_one_out(
    founding: Founding, tmp_path: Path, steps: Counter[str]
) -> None:
    folder = stored(tmp_path, order=ORDER)
    company = founding.open(tmp_path / "state", documents__warm=str(folder), plans__cache=4)
    for i in range(10):
        await company.ask(f"query Q{i} {{ viewer {{ name }} }}")
    steps.clear()
    await ask(company)
    assert steps == {}
    await company.app.stop()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("query Q {\n  order(number: 1) { id }\n}", "order.graphql:2:17: String cannot represent"),
        ("{ viewer { name }", "order.graphql:1:18: Syntax Error: Expected Name, found <EOF>."),
        ("fragment F on Order { id }", "order.graphql:1:1: Fragment 'F' is never used."),
        ("", "order.graphql:1:1: Syntax Error"),
    ],
)
def test_a_stored_operation_that_would_be_refused_stops_the_start_by_name(tmp_path: Path, text: str, told: str) -> None:
    settings = configured(tmp_path / "state", documents__warm=str(stored(tmp_path, order=text)))
    with pytest.raises(SettingsError) as stop:
        opened(settings)
    assert told in str(stop.value)


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as stop:
        opened(configured(tmp_path / "state", documents__warm=str(tmp_path / "nowhere")))
    assert "nowhere is no folder" in str(stop.value)
