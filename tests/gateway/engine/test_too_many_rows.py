"""How many rows an answer could have is told from its arguments, before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.graph import Graph
from gateway.engine.guard import possible_rows, prepared
from gateway.engine.limits import Limits
from gateway.engine.operation import admit, conditions, variables
from gateway.engine.planner import plan
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.gateway import library

GRAPH = Graph.build(library.build(), library.bindings())
ALL = Grants(bits(Category))


def most(document: str, grants: Grants = ALL, **raw: Any) -> int:
    operation = admit(GRAPH.schema, document, Limits()).operation(None)
    values = variables(GRAPH.schema, operation, raw)
    chosen = plan(GRAPH, operation, grants, conditions(operation, values))
    return possible_rows(chosen, prepared(chosen, values).arguments)


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ('{ author(by: {id: "a"}) { id } }', 0),
        ('{ books(ids: ["a", "b", "c"]) { id } }', 3),
        ('{ author(by: {id: "a"}) { books(first: 5) { id } } }', 5),
        ('{ author(by: {id: "a"}) { books { id } } }', 3),
        ('{ authors(ids: ["a", "b"]) { books(first: 5) { id } } }', 2 + 10),
        ('{ authors(ids: ["a", "b"]) { x: books(first: 5) { id } y: books(first: 2) { id } } }', 2 + 10 + 4),
        ('{ authors(ids: ["a", "b"]) { books(first: 5) { authors { books(first: 4) { id } } } } }', 2 + 10 + 40),
        ('{ a: books(ids: ["a", "b"]) { id } b: books(ids: ["a", "b"]) { id } }', 4),
        ('{ authors(ids: ["a", "b"]) { books(first: 5) @skip(if: true) { id } } }', 2),
    ],
)
def test_page_lengths_multiply_on_the_way_down_and_add_up_side_by_side(document: str, rows: int) -> None:
    assert most(document) == rows


def test_lengths_may_come_as_variables() -> None:
    document = "query ($ids: [ID!]!, $n: Int! = 7) { authors(ids: $ids) { books(first: $n) { id } } }"

    assert most(document, ids=["a"] * 4, n=2) == 4 + 8
    assert most(document, ids=["a"] * 4) == 4 + 28


def test_what_is_withheld_costs_nothing() -> None:
    nobody = Grants(bits([Category.PUBLIC, Category.PRESENCE]))

    assert most('{ authors(ids: ["a", "b"]) { books(first: 5) { id } } }', nobody) == 2
