"""The questions we begin with: each is asked as those it is for, over the demo's company, and shows and hides what it
says."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.examples import FOLDER, BadExample, Example, Persona, examples, read
from gateway.policy import Policy
from gateway.question import Options, Question
from mocks.serve import MOCKS
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

README = Path(__file__).parents[2] / "README.md"
ALL = examples()


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    """With time enough on a busy machine: what is shown is the question here, not how soon."""
    patience = {f"backends__{name}__attempt_timeout_ms": 30_000 for name in MOCKS}
    opened = founding.open(tmp_path, deadline__staff_ms=60_000, deadline__partner_ms=60_000, **patience)
    yield opened
    await opened.app.stop()


async def principal(company: Company, persona: Persona) -> Principal:
    """Whoever a persona is here: a customer is found as the demo finds them."""
    customer = None
    if persona.customer:
        way, value = persona.customer
        told = await company.ask("query($by: CustomerBy!) { customer(by: $by) { id } }", by={way: value})
        customer = told["data"]["customer"]["id"]
    return Principal("example", persona.role, client=persona.client, customer=customer, keys=persona.keys)


async def asked(company: Company, example: Example) -> dict[str, Any]:
    options = Options(request_id="example", purpose=example.persona.purpose)
    who = await principal(company, example.persona)
    return dict(
        json.loads(await company.app.pipeline(Question(example.text, None, dict(example.variables)), who, options))
    )


@pytest.mark.parametrize("example", ALL, ids=lambda one: f"{one.name} as {one.persona}")
async def test_each_shows_and_hides_what_it_says(company: Company, example: Example) -> None:
    answer = await asked(company, example)

    absent = answer.get("extensions", {}).get("absent", [])
    by_reason = {
        reason: {one["coordinate"] for one in absent if one["reason"] == reason} for reason in ("WITHHELD", "MASKED")
    }
    assert "errors" not in answer
    assert by_reason == {"WITHHELD": set(example.withheld), "MASKED": set(example.masked)}
    assert {one["reason"] for one in absent} <= {"WITHHELD", "MASKED"}
    assert not list(empty(answer["data"], {one["path"] for one in absent}))


def empty(value: Any, absent: set[str], at: tuple[str, ...] = (), depth: int = 2) -> Iterator[str]:
    """Places near the top where there is nothing, though nothing is withheld: an example that shows nobody anything."""
    nothing = value is None or (value == [] and at[-1] == "nodes")
    if nothing and ".".join(at) not in absent:
        yield ".".join(at)
    elif isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from empty(inner, absent, (*at, key), depth - 1)


ORDERING = dict(re.findall(r"\| `(\w+)` \| .* \| at most (\d+): ", README.read_text(encoding="utf-8")))


def test_five_questions_order_the_work() -> None:
    assert set(ORDERING) == {"order_to_cash", "support_queue", "can_we_run_it", "parcel", "somebody_calls"}


@pytest.mark.parametrize("name", ORDERING)
async def test_each_question_that_orders_the_work_costs_what_the_readme_says(company: Company, name: str) -> None:
    """Of twenty customers, where a question is about some."""
    example = next(one for one in ALL if one.name == name)
    if name == "order_to_cash":
        twenty = [company.id_of(index) for index in range(30, 50)]
        example = replace(example, variables={**example.variables, "customers": twenty})
    await company.forget()

    answer = await asked(company, example)

    calls = [one for one in await company.asked() if one["operation"] not in ("login", "token")]
    assert "errors" not in answer
    assert int(ORDERING[name]) // 2 < len(calls) <= int(ORDERING[name])


@pytest.mark.parametrize("example", ALL, ids=lambda one: f"{one.name} as {one.persona}")
def test_each_is_for_somebody_there_is(example: Example) -> None:
    policy = Policy.read()
    persona = example.persona
    role = policy.roles[persona.role]

    assert persona.client is None or policy.partners[persona.client].role == persona.role
    assert (persona.client is None) == (not persona.role.startswith("partner_"))
    assert persona.purpose is None or persona.purpose in role.purposes


def test_all_of_them_are_operations_that_a_gateway_may_prepare_at_its_start(founding: Founding, tmp_path: Path) -> None:
    founding.open(tmp_path, documents__warm=str(FOLDER))


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("# title: x\n# see: y", "needs `title`, `as` and `see`"),
        ("# title: x\n# as: warehouse\n# see: y", "'warehouse': `as` takes role, client"),
        ("# title: x\n# as: client=parcelline\n# see: y", "needs role="),
        ("# title: x\n# who: role=warehouse\n# see: y", "'who: role=warehouse' is no line of a head"),
        ("# title: x\n# as: role=warehouse\n# see: y\n# variables: {", "property name"),
    ],
)
def test_a_head_that_is_not_understood_is_told_with_its_file(tmp_path: Path, head: str, told: str) -> None:
    file = tmp_path / "mine.graphql"
    file.write_text(f"{head}\n{{ viewer {{ role }} }}\n")

    with pytest.raises(BadExample, match=r"mine\.graphql: ") as bad:
        list(read(file))
    assert told in str(bad.value)


@pytest.mark.parametrize("example", {one.name: one for one in ALL}.values(), ids=lambda one: one.name)
def test_the_readme_quotes_each_as_it_is(example: Example) -> None:
    readme = README.read_text(encoding="utf-8")
    quoted = example.query if example.name == "one_order" else example.text

    assert f"\n```graphql\n{quoted}```\n" in readme
    assert example.name == "one_order" or f"<summary>{example.title} · " in readme
