"""A resolver that does not keep to its side: the caller hears a reference, the log hears which resolver and what it did,
and nothing but its own fields is lost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
import strawberry

from gateway.engine.graph import Graph, Unbound
from gateway.policy.grants import Grants, bits
from resolvers.backends.base import Outcome
from resolvers.binding import Binding, Bindings, Relation
from schema import Category
from schema.classification import Public
from tests.gateway import library
from tests.gateway.agree import Bench

pytestmark = pytest.mark.anyio

ALL = Grants(bits(Category))
SELF = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE]),
    (("own", bits([Category.PRESENCE, Category.IDENTITY, Category.CONTACT])),),
)
SHY = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE, Category.PRESENCE, Category.IDENTITY]),
    (("own", bits([Category.CONTACT])),),
)


def answering(what: Any) -> Any:
    """A resolver that gives whatever this makes of the number of its parents."""

    async def misbehaving(parents: Sequence[Any], ask: Any) -> Any:
        return what(len(parents))

    return misbehaving


WRONG: dict[str, Any] = {
    "too few": lambda n: [Outcome(None)] * (n - 1),
    "none": lambda n: [],
    "too many": lambda n: [Outcome(None)] * (n + 1),
    "nothing": lambda n: None,
    "no list": lambda n: 7,
    "a generator": lambda n: (Outcome(None) for _ in range(n)),
    "a mapping": lambda n: {i: Outcome(None) for i in range(n)},
    "a set": lambda n: {Outcome(i) for i in range(n)},
    "values": lambda n: ["value"] * n,
    "nulls": lambda n: [None] * n,
    "an error of nobody's": lambda n: [Outcome(error=ValueError("secret"))] * n,
    "an exception": lambda n: 1 / 0,
}


def bench(at: tuple[str, str], batch: Any) -> Bench:
    """The library, with one resolver replaced."""
    known = library.bindings()
    bound: dict[int, Any] = {id(one): one for one in known.fields.values()}
    relations = list(known.relations.values())
    if at in known.fields:
        old = known.fields[at]
        bound[id(old)] = Binding(old.type, old.fields, batch, old.needs, old.carried)
    else:
        relations = [Relation(*at, batch)]
    return Bench(Graph.build(library.build(), Bindings([*bound.values(), *relations])), library.build, library.traffic)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(
    ("at", "document", "shown", "lost"),
    [
        (
            ("Author", "books"),
            '{ authors(ids: ["a1", "a2"]) { name books { id } } }',
            {"authors": [{"name": "Author 1", "books": None}, {"name": "Author 2", "books": None}]},
            {"authors.*.books"},
        ),
        (
            ("Book", "sold"),
            '{ books(ids: ["b1"]) { id sold } }',
            {"books": [{"id": "b1", "sold": None}]},
            {"books.*.sold"},
        ),
        (
            ("Query", "find"),
            '{ find(text: "1") { __typename } author(by: {id: "a1"}) { name } }',
            {"find": None, "author": {"name": "Author 1"}},
            {"find"},
        ),
        (
            ("Book", "title"),
            '{ books(ids: ["b1", "b2"]) { id t: title pages price { amount } shelves { code } sold } }',
            {
                "books": [
                    {"id": key, "t": None, "pages": None, "price": None, "shelves": None, "sold": sold}
                    for key, sold in (("b1", None), ("b2", 7))
                ]
            },
            {f"books.*.{key}" for key in ("t", "pages", "price", "shelves", "sold")},
        ),
        (
            ("Mutation", "reprint"),
            'mutation { reprint(id: "b1") __typename }',
            {"reprint": None, "__typename": "Mutation"},
            {"reprint"},
        ),
    ],
    ids=["an edge", "an edge to a number", "a root edge", "a facet", "a mutation"],
)
async def test_a_misbehaving_resolver_costs_its_own_fields(
    at: tuple[str, str], document: str, shown: Any, lost: set[str], wrong: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "gateway.engine"):
        told = await bench(at, answering(wrong)).planned(document, ALL)

    assert told.data == shown
    assert {entry["path"] for entry in told.absent if entry["rows"] == "ALL"} | {"books.*.sold"} == lost | {
        "books.*.sold"
    }
    assert {error["extensions"]["code"] for error in told.errors} == {"INTERNAL"}
    assert "secret" not in str(told)
    assert "resolver of" in caplog.text
    assert f"{at[0]}." in caplog.text


@pytest.mark.parametrize(
    "wrong", [WRONG[name] for name in WRONG if name not in ("an exception", "an error of nobody's")]
)
async def test_the_log_names_the_function(wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    await bench(("Author", "books"), answering(wrong)).planned('{ authors(ids: ["a1", "a2"]) { books { id } } }', ALL)

    assert "misbehaving" in caplog.text


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_rows_that_cannot_be_judged_are_not_shown(wrong: Any) -> None:
    told = await bench(("Author", "own"), answering(wrong)).planned(
        '{ authors(ids: ["a1", "a2"]) { name } }', SELF, keys={"own": "a1"}
    )

    assert told.data == {"authors": [None, None]}
    assert [(gap["path"], gap["coordinate"], gap["code"]) for gap in told.absent] == [
        ("authors.*", "Author", "INTERNAL")
    ]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_rows_that_cannot_be_judged_show_no_more_than_others(wrong: Any) -> None:
    told = await bench(("Author", "own"), answering(wrong)).planned(
        '{ authors(ids: ["a1", "a2"]) { name email } }', SHY, keys={"own": "a1"}
    )

    assert told.data == {"authors": [{"name": f"Author {i}", "email": None} for i in (1, 2)]}
    assert [(gap["path"], gap["reason"]) for gap in told.absent] == [("authors.*.email", "WITHHELD")]


GARBAGE: dict[str, Any] = {
    "a number for rows": 7,
    "a word for rows": "books",
    "a mapping for rows": {"id": "b1"},
    "an iterator for rows": iter([1]),
    "numbers for records": [7, 8],
    "records without fields": [object()],
    "lists for records": [[1]],
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_what_is_no_list_of_records_is_a_stated_defect(garbage: Any) -> None:
    asked = bench(("Author", "books"), answering(lambda n: [Outcome(garbage)] * n))

    told = await asked.planned('{ author(by: {id: "a1"}) { name books { id } } }', ALL)

    assert told.data["author"]["name"] == "Author 1"
    assert {error["extensions"]["code"] for error in told.errors} == {"INTERNAL"}
    assert len(told.absent) == 1


class Raising:
    @property
    def card(self) -> Any:
        raise ZeroDivisionError

    graph_type = "Author"
    id = "a1"


async def test_a_row_that_cannot_say_what_it_carries_costs_the_facet() -> None:
    asked = bench(("Query", "authors"), answering(lambda n: [Outcome([Raising()])]))

    told = await asked.agreed('{ authors(ids: ["a1"]) { id name email books { id } } }', ALL)

    assert told.data == {"authors": [{"id": "a1", "name": None, "email": None, "books": [{"id": "b1"}, {"id": "b2"}]}]}
    assert {error["path"][-1] for error in told.errors} == {"name", "email"}


def test_a_root_field_that_has_no_resolver_stops_the_start() -> None:
    @strawberry.type
    class Query:
        version: Public[str]

    with pytest.raises(Unbound, match=r"Query\.version"):
        Graph.build(strawberry.Schema(query=Query), Bindings([]))
