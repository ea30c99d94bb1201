"""What the engine makes of bugs, of hostile questions and of callers who change their minds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.lru import Lru
from gateway.engine.operation import admit
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from resolvers.backends.base import Outcome
from resolvers.binding import Binding, Bindings
from schema import Category
from tests.company import Company
from tests.gateway import library
from tests.gateway.agree import Bench

pytestmark = pytest.mark.anyio
ALL = Grants(bits(c for c in Category))


def bench(**resolvers: Any) -> Bench:
    """The library, with some of its resolvers replaced by others: `Author_books=…`."""
    bound = dict(library.bindings().fields)
    for name, batch in resolvers.items():
        owner, field = name.split("_")
        bound[owner, field] = Binding(owner, (field,), batch, carried="card" if field == "title" else None)
    unique: dict[int, Any] = {id(one): one for one in bound.values()}
    for (owner, field), one in bound.items():
        unique[id(one)] = Binding(
            owner,
            tuple(f for (o, f), b in bound.items() if b is one and o == owner) or (field,),
            one.batch,
            one.needs,
            one.carried,
        )
    relations = library.bindings().relations.values()
    graph = Graph.build(library.build(), Bindings([*unique.values(), *relations]))
    return Bench(graph, library.build, library.traffic)


async def seven(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(7)] * len(parents)


async def bare(parents: Sequence[Any], ask: Any) -> Any:
    return [None] * len(parents)


async def nothing_like_a_record(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(object())] * len(parents)


@pytest.mark.parametrize("wrong", [seven, bare])
async def test_a_resolver_that_answers_nonsense_costs_its_own_field(wrong: Any) -> None:
    told = await bench(Author_books=wrong).planned('{ author(by: {id: "a1"}) { name books { id } } }', ALL)

    assert told.data == {"author": {"name": "Author 1", "books": None}}
    assert [error["extensions"]["code"] for error in told.errors] == ["INTERNAL"]
    assert [gap["path"] for gap in told.absent] == ["author.books"]


async def test_a_record_without_the_attribute_is_a_stated_defect_not_a_silent_null() -> None:
    told = await bench(Book_title=nothing_like_a_record).agreed('{ books(ids: ["b1"]) { id title } }', ALL)

    assert told.data == {"books": [{"id": "b1", "title": None}]}
    assert [error["extensions"]["code"] for error in told.errors] == ["INTERNAL"]
    assert [gap["path"] for gap in told.absent] == ["books.*.title"]


async def test_a_refused_document_keeps_nothing_of_who_asked() -> None:
    document = admit(library_schema(), "{ nope }", Limits())

    refusals = []
    for _ in range(3):
        with pytest.raises(Refusal) as refused:
            document.operation(None)
        refusals.append(refused.value)

    assert len(set(map(id, refusals))) == 3
    assert refusals[0].errors == refusals[2].errors
    assert refusals[0].errors[0]["locations"] == [{"line": 1, "column": 3}]


def library_schema() -> Any:
    return Graph.build(library.build(), library.bindings()).schema


def test_a_memory_is_bounded_by_weight_too() -> None:
    memory: Lru[int, str] = Lru(100, weight=10)
    for number in range(20):
        memory.put(number, "x", 3)
    memory.put(99, "too heavy", 11)

    assert (len(memory), memory.get(99)) == (3, None)
    memory.put(1, "y", 5)
    memory.put(1, "z", 6)
    assert (len(memory), memory.get(1)) == (2, "z")


# -- through the company's own pipeline ------------------------------------------------------------------------------


async def refused(company: Company, text: str, **variables: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await company.ask(text, **variables)
    return str(caught.value.errors[0]["extensions"]["code"])


@pytest.mark.parametrize(
    "document",
    [
        "query($b: Boolean = false) { __schema @skip(if: $b) { queryType { name } } }",
        "query($b: Boolean = false) { __schema { queryType { name @skip(if: $b) } } }",
        "query($b: Boolean = true) { viewer @skip(if: $b) { name } }",
    ],
)
async def test_a_null_that_decides_is_a_bad_variable_not_a_crash(company: Company, document: str) -> None:
    assert await refused(company, document, b=None) == "BAD_VARIABLE"


async def test_introspection_is_answered_once_and_kept(company: Company) -> None:
    document = '{ __schema { types { name fields { name } } } viewer { role } a: __type(name: "Customer") { name } }'

    first, again = await company.ask(document), await company.ask(document)

    assert first == again
    assert list(first["data"]) == ["__schema", "viewer", "a"]


async def test_a_bad_argument_about_the_schema_costs_its_own_field_and_is_kept(company: Company) -> None:
    document = 'query($n: String = "Order") { __type(name: $n) { name } viewer { role } }'

    for _ in range(2):
        told = await company.ask(document, n=None)
        assert told["data"] == {"__type": None, "viewer": {"role": "support_agent"}}
        (error,) = told["errors"]
        assert error["path"] == ["__type"]
        assert error["extensions"]["code"] == "BAD_VARIABLE"
        assert [one["path"] for one in told["extensions"]["absent"]] == ["__type"]


async def test_pages_beside_each_other_add_up(company: Company) -> None:
    many = " ".join(f"a{i}: orders(first: 100) {{ nodes {{ id }} }}" for i in range(3))
    document = f"query($ids: [ID!]!) {{ customersById(ids: $ids) {{ {many} }} }}"

    assert await refused(company, document, ids=["x"] * 100) == "LIMIT"


async def test_an_error_for_what_is_withheld_points_at_a_null(company: Company) -> None:
    document = "query($ids: [ID!]!) { customersById(ids: $ids) { email } }"

    one = await company.ask(document, "warehouse", on_withheld="error", ids=["nobody", company.id_of(0)])
    none = await company.ask(document, "warehouse", on_withheld="error", ids=[])

    assert [error["path"] for error in one["errors"]] == [["customersById", 1, "email"]]
    assert "errors" not in none


async def test_nobody_is_told_that_what_rows_that_are_not_there_would_have_is_withheld(company: Company) -> None:
    document = """query($id: ID!) { node(id: $id) {
      ... on Customer { x: phone }
      ... on Order { number lines { product { x: name } } }
      ... on Ticket { x: subject }
    } }"""
    found = await company.ask("{ orders(first: 1) { nodes { id } } }", "support_agent")
    told = await company.ask(document, "warehouse", on_withheld="error", id=found["data"]["orders"]["nodes"][0]["id"])

    assert told["data"]["node"]["number"]
    assert "errors" not in told


@pytest.mark.parametrize("kind", ["Order", "Customer", "Ticket", "Nothing"])
async def test_a_null_that_may_be_anything_is_not_told_to_be_what_its_reader_may_not_see(
    company: Company, kind: str
) -> None:
    """One null had an error for each type there is and they may not see; and whether one of these is there is no
    business of theirs."""
    sought = {
        "Order": "{ found: orders(first: 1) { nodes { id } } }",
        "Customer": "{ found: customers(first: 1) { nodes { id } } }",
        "Ticket": "{ found: tickets(first: 1) { nodes { id } } }",
    }
    answer = await company.ask(sought[kind]) if kind in sought else {"data": {"found": {"nodes": [{"id": "bm9uZTox"}]}}}
    document = (
        "query($id: ID!) { node(id: $id) { __typename ... on Order { total { amount } } ... on Ticket { subject } } }"
    )

    told = await company.ask(document, "warehouse", on_withheld="error", id=answer["data"]["found"]["nodes"][0]["id"])

    assert (told["data"]["node"] is None) is (kind in ("Ticket", "Nothing"))
    errors = [(one["path"], one["extensions"]["coordinate"]) for one in told.get("errors", ())]
    assert errors == ([(["node", "total"], "Order.total")] if kind == "Order" else [])


async def test_where_an_error_stands_no_other_is_told_of_the_same_null(company: Company) -> None:
    await company.break_("oracle_om", "error")
    document = "query($id: ID!) { customer(by: {id: $id}) { orders { nodes { number total { amount } } } email } }"
    told = await company.ask(document, "warehouse", on_withheld="error", id=company.id_of(0))

    paths = [tuple(error["path"]) for error in told["errors"]]
    assert len(paths) == len(set(paths))
    assert {error["extensions"]["code"] for error in told["errors"]} >= {"NOT_ALLOWED"}


async def test_who_leaves_leaves_no_work_behind(company: Company) -> None:
    for system in company.mocks:
        await company.break_(system, "latency", value=600)
    before = asyncio.all_tasks()

    asking = asyncio.ensure_future(
        company.ask("query($id: ID!) { customersById(ids: [$id]) { name tier } }", id=company.id_of(0))
    )
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0.05)

    left = [task for task in asyncio.all_tasks() - before if "InProcess._asked" not in str(task)]
    assert left == []
    assert all(line.bulkhead.inside == 0 for line in company.app.pipeline.traffic.lines.values())


async def test_an_id_from_before_two_customers_became_one_still_opens_their_own_data(
    company: Company, tmp_path: Path
) -> None:
    crossref = company.app.pipeline.facts["crossref"]
    old, new = (company.id_of(index) for index in (0, 3))
    keys = [company.app.pipeline.callers.current(one) for one in (old, new)]
    assert keys == [old, new]
    await asyncio.to_thread(lambda: None)
    from_key, to_key = (
        next(iter(crossref.customers("siebel.contact", [company.world.customer(i).siebel_contact_id or ""]).values()))
        for i in (0, 3)
    )
    crossref._unite(from_key, to_key)

    answer = await company.ask("query($id: ID!) { customer(by: {id: $id}) { id } }", "customer", customer=old, id=new)

    assert company.app.pipeline.callers.current(old) == new
    assert answer["data"]["customer"] == {"id": new}
