"""How many rows and values an answer could have is told from its arguments, before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.costing import possible_values
from gateway.engine.graph import Graph
from gateway.engine.guard import Prepared, possible_rows, prepared
from gateway.engine.limits import Limits
from gateway.engine.operation import admit, conditions, variables
from gateway.engine.plan import Plan
from gateway.engine.planner import plan
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.gateway import library

GRAPH = Graph.build(library.build(), library.bindings())
ALL = Grants(bits(Category))


def most(document: str, grants: Grants = ALL, **raw: Any) -> int:
    chosen, ready = planned(document, grants, raw)
    return possible_rows(chosen, ready.arguments)


def planned(document: str, grants: Grants, raw: dict[str, Any]) -> tuple[Plan, Prepared]:
    operation = admit(GRAPH.schema, document, Limits()).operation(None)
    values = variables(GRAPH.schema, operation, raw)
    chosen = plan(GRAPH, operation, grants, conditions(operation, values))
    return chosen, prepared(chosen, values)


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


@pytest.mark.parametrize(
    ("document", "values"),
    [
        ('{ author(by: {id: "a"}) { id } }', 1),
        ('{ __typename author(by: {id: "a"}) { __typename id } }', 3),
        ('{ books(ids: ["a", "b", "c"]) { id title } }', 6),
        ('{ authors(ids: ["a", "b"]) { id books(first: 5) { id title } } }', 2 + 20),
        ('{ authors(ids: ["a", "b"]) { books(first: 5) { authors { id } } } }', 10),
        ('{ authors(ids: ["a", "b"]) { id books(first: 5) @skip(if: true) { id } } }', 2),
    ],
)
def test_values_are_counted_without_the_objects_they_are_in(document: str, values: int) -> None:
    assert possible_values(*planned(document, ALL, {})) == values
