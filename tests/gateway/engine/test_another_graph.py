"""The engine on a graph that has nothing to do with customers."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.graph import Graph
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.gateway import library
from tests.gateway.agree import Bench, Told

pytestmark = pytest.mark.anyio

ALL = Grants(bits(c for c in Category))
READER = Grants(bits([Category.PUBLIC, Category.PRESENCE, Category.CATALOGUE, Category.IDENTITY]))
SELF = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE]),
    (("own", bits([Category.PRESENCE, Category.IDENTITY, Category.CONTACT])),),
)
SHY = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE, Category.PRESENCE, Category.IDENTITY]),
    (("own", bits([Category.CONTACT])),),
)
MASKED = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE, Category.PRESENCE]),
    (),
    ((Category.IDENTITY, "initial"), (Category.CONTACT, "domain"), (Category.FINANCIAL, "initial")),
)


@pytest.fixture
def bench() -> Bench:
    graph = Graph.build(library.build(), library.bindings())
    return Bench(graph, library.build, library.traffic)


DOCUMENTS = {
    "leaves": '{ author(by: {id: "a1"}) { id name born } }',
    "carried by the look-up": '{ author(by: {email: "a1@example.test"}) { email name } }',
    "facet asked once": '{ authors(ids: ["a1", "a2", "zz", "a3"]) { id name email born } }',
    "edges": '{ authors(ids: ["a1", "a2"]) { name books(first: 2) { title pages authors { name } } } }',
    "values in values": '{ books(ids: ["b1", "b2", "b3", "b5"]) { title genre price { amount currency } } }',
    "lists of lists": '{ books(ids: ["b1", "b5", "b6"]) { shelves { code room best { title } } } }',
    "flat lists of lists": '{ books(ids: ["b1", "b5"]) { shelves { code room } } }',
    "aliases and merging": """{ a: author(by: {id: "a1"}) { name ...F } a: author(by: {id: "a1"}) { n: name books { id } } }
        fragment F on Author { books { title } ... on Thing { id } }""",
    "interface": '{ x: thing(id: "a1") { __typename id ... on Author { name } } y: thing(id: "b1") { id ... on Book { title } } }',
    "union": '{ find(text: "1") { __typename ... on Author { name books { title } } ... on Book { title authors { id } } } }',
    "a value of the wrong type": '{ books(ids: ["b3", "b4"]) { title pages } }',
    "a leaf edge": '{ books(ids: ["b1", "b2"]) { id sold } }',
    "a failing key": '{ books(ids: ["x1", "b1", "x2"]) { id title price { amount } } }',
    "a failing call": '{ books(ids: ["!", "b1", "b2", "b3"]) { id title } authors(ids: ["a1"]) { name } }',
    "a failing look-up": '{ author(by: {id: "x9"}) { name } author2: author(by: {id: "bad"}) { name } }',
    "an exploding resolver": '{ find(text: "explode") { __typename } author(by: {id: "a0"}) { name } }',
    "nothing there": '{ author(by: {id: "nobody"}) { name books { title } } thing(id: "zz") { id } books(ids: []) { title } }',
    "a row that cannot be judged": '{ authors(ids: ["a1", "a-down", "a2"]) { id name email } }',
    "typename": '{ __typename author(by: {id: "a1"}) { __typename t: __typename } }',
    "only typename below an edge": '{ authors(ids: ["a1"]) { books { __typename } } }',
}


@pytest.mark.parametrize("grants", [ALL, READER, SELF, SHY, MASKED], ids=["all", "reader", "self", "shy", "masked"])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_both_engines_say_the_same(bench: Bench, document: str, grants: Grants) -> None:
    await bench.agreed(document, grants, keys={"own": "a1"} if grants.under else {})


async def test_a_resolver_that_answers_too_few_costs_its_own_field(bench: Bench) -> None:
    told = await bench.planned('{ books(ids: ["b6", "b2"]) { id sold } }', ALL)

    assert told.data == {"books": [{"id": "b6", "sold": None}, {"id": "b2", "sold": None}]}
    assert [error["extensions"]["code"] for error in told.errors] == ["INTERNAL"]


async def test_one_call_for_a_level_however_many_parents(bench: Bench) -> None:
    told = await bench.agreed('{ authors(ids: ["a1", "a2"]) { name books { title } } }', ALL)

    assert [(call["keys"], call["columns"]) for call in told.calls] == [(2, ["name"]), (2, ["books"]), (3, ["title"])]


async def test_what_is_withheld_is_not_asked_for(bench: Bench) -> None:
    told = await bench.agreed('{ authors(ids: ["a1"]) { name email born } }', READER)

    assert told.data == {"authors": [{"name": "Author 1", "email": None, "born": None}]}
    assert [call["columns"] for call in told.calls] == [["name"]]
    assert [(gap["path"], gap["reason"]) for gap in told.absent] == [
        ("authors.*.born", "WITHHELD"),
        ("authors.*.email", "WITHHELD"),
    ]


async def test_a_caller_who_is_a_row_sees_that_row_only(bench: Bench) -> None:
    told = await bench.agreed('{ authors(ids: ["a1", "a2"]) { name email } }', SELF, keys={"own": "a1"})

    assert told.data == {"authors": [{"name": "Author 1", "email": "a1@example.test"}, None]}
    assert [call["keys"] for call in told.calls] == [1]


async def test_not_mine_and_not_there_look_the_same(bench: Bench) -> None:
    async def ask(key: str) -> Told:
        return await bench.agreed("query($k: ID!) { author(by: {id: $k}) { name } }", SELF, {"k": key}, {"own": "a1"})

    mine_not, not_there = await ask("a2"), await ask("zz")

    assert mine_not.bytes == not_there.bytes
    assert [call["columns"] for call in mine_not.calls] == [call["columns"] for call in not_there.calls]


async def test_some_rows_show_more_than_others(bench: Bench) -> None:
    told = await bench.agreed('{ authors(ids: ["a1", "a2"]) { name email } }', SHY, keys={"own": "a1"})

    assert told.data == {
        "authors": [{"name": "Author 1", "email": "a1@example.test"}, {"name": "Author 2", "email": None}]
    }
    assert [(gap["rows"], gap["at"]) for gap in told.absent] == [("SOME", [["authors", 1, "email"]])]


async def test_a_mask_shows_a_part_and_says_so(bench: Bench) -> None:
    told = await bench.agreed('{ author(by: {id: "a1"}) { name email } }', MASKED)

    assert told.data == {"author": {"name": "A.", "email": "•••@example.test"}}
    assert [(gap["reason"], gap["mask"]) for gap in told.absent] == [("MASKED", "domain"), ("MASKED", "initial")]


@pytest.mark.parametrize("given", ['{email: "a1@example.test"}', "$by"])
async def test_who_may_not_read_a_value_may_not_look_up_by_it(bench: Bench, given: str) -> None:
    declared = "query($by: AuthorBy!)" if given == "$by" else ""
    raw: dict[str, Any] = {"by": {"email": "a1@example.test"}} if given == "$by" else {}

    told = await bench.agreed(f"{declared} {{ author(by: {given}) {{ name }} }}", READER, raw)

    assert told.data == {"author": None}
    assert told.absent[0]["coordinate"] == "AuthorBy.email"
    assert told.calls == []


@pytest.mark.parametrize("skip", [True, False])
async def test_what_is_skipped_is_neither_fetched_nor_listed(bench: Bench, skip: bool) -> None:
    document = 'query($s: Boolean!) { author(by: {id: "a1"}) { id email @skip(if: $s) ... @include(if: $s) { born } } }'

    told = await bench.agreed(document, READER, {"s": skip})

    assert [gap["path"] for gap in told.absent] == ["author.born" if skip else "author.email"]
