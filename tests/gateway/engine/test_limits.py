"""What a document may cost, before anybody looks at its meaning; and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, get_introspection_query, parse

from gateway.engine.graph import Graph
from gateway.engine.limits import Limits, exceeded
from gateway.engine.operation import Document, admit, conditions, variables
from gateway.engine.planner import plan
from gateway.engine.weight import of_document, of_plan
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.gateway.library import bindings, build

LIBRARY = build()._schema
CHANGING = build_schema(
    "type Query { a(x: [Int], y: Int): Query b: Int } type Mutation { a: Int } directive @d on FIELD"
)


@pytest.mark.parametrize(
    ("limit", "within", "beyond"),
    [
        ("operations", "query A { b } query B { b }", "query A { b } query B { b } query C { b }"),
        ("fragments", "fragment A on Q { b } fragment B on Q { b } { b }", "fragment A on Q { b } " * 3 + "{ b }"),
        ("directives", "{ b @d ... @d { b } }", "{ b @d ... @d { b } } fragment A on Q { b @d }"),
        ("depth", "{ a { b } }", "{ a { a { b } } }"),
        ("depth", "{ ...F } fragment F on Q { a { b } }", "{ a { ...F } } fragment F on Q { a { b } }"),
        ("aliases", "{ x: b a { y: b } }", "{ x: b a { ...F } } fragment F on Q { y: b z: b }"),
        (
            "root_fields",
            "{ ... { b } ...F } fragment F on Q { a { b b b b } }",
            "{ ...F ...F ...F } fragment F on Q { b }",
        ),
        ("fields", "{ a { b } }", "{ a { b b } }"),
        ("fields", "{ ...F } fragment F on Q { b }", "{ ...F ...F } fragment F on Q { b }"),
        ("fields", "{ ...F ...F }", "{ ...F ...F ...F }"),
        ("members", "{ a(x: {p: 1, q: {r: 1}}) }", "{ a(x: [{p: 1, q: 1, r: 1}]) }"),
        ("members", "{ a(x: 1, y: 1) }", "{ a(x: 1, y: 1, z: 1) }"),
        ("members", "{ b @d(x: 1, y: 1) }", "{ b @d(x: {p: {p: 1, q: 1, r: 1}}) }"),
    ],
)
def test_a_limit_of_two_is_kept_by_two_and_broken_by_three(limit: str, within: str, beyond: str) -> None:
    two: Any = Limits(**{limit: 2})
    assert exceeded(parse(within), two) is None
    told = exceeded(parse(beyond), two)
    assert told
    assert "at most 2 are served" in told


def test_a_document_that_doubles_sixty_times_is_measured_in_no_time() -> None:
    doubling = " ".join(f"fragment F{i} on Q {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60))
    told = exceeded(parse(f"{{ ...F0 }} {doubling} fragment F60 on Q {{ b }}"), Limits())
    assert told
    assert "more than a million fields" in told


@pytest.mark.parametrize(
    "text",
    [
        "{ " + "author(by: {id: 1}) { name } " * 150 + "}",
        "{ " + "books(ids: [1]) { shelves { code } } " * 150 + "}",
    ],
)
def test_a_document_that_takes_too_long_to_check_is_refused_for_that(text: str) -> None:
    (problem,) = admit(LIBRARY, text, Limits(root_fields=1000)).problems
    assert problem["extensions"] == {"code": "LIMIT"}
    assert "too long to find out" in problem["message"]


def test_the_same_leaf_may_be_asked_for_as_often_as_somebody_likes() -> None:
    assert admit(LIBRARY, "{ author(by: {id: 1}) { " + "name " * 1000 + "} }", Limits()).problems == ()


def test_a_document_with_a_mistake_is_told_so_with_its_place() -> None:
    problems = admit(LIBRARY, "{\n  author(by: {id: 1}) { nam }\n}", Limits()).problems
    assert [problem["locations"] for problem in problems] == [[{"line": 2, "column": 25}]]
    assert "Did you mean 'name'?" in problems[0]["message"]


def test_a_mistake_of_any_length_is_told_in_a_short_message() -> None:
    for text in ("{ " + "x" * 50_000 + " }", '{ author(by: {id: "' + "y" * 50_000 + '", email: 1}) { id } }'):
        problems = admit(LIBRARY, text, Limits()).problems
        assert problems
        assert sum(len(str(problem)) for problem in problems) < 2000


def test_what_changes_something_is_known_even_of_a_document_that_is_refused() -> None:
    def changes(text: str, name: str | None = None) -> bool:
        return admit(CHANGING, text, Limits()).changes(name)

    assert changes("mutation { a }")
    assert changes("mutation { nowhere }")
    assert changes("query A { b } mutation B { a }", "B")
    assert not changes("query A { b } mutation B { a }", "A")
    assert not changes("query A { b } mutation B { a }")
    assert not changes("{ b }")
    assert not changes("mutation {")
    assert changes("mutation { a }", "")
    assert admit(CHANGING, "{ b }", Limits()).operation("").name is None


def test_an_outline_takes_variables_as_the_whole_does_and_becomes_whole_again() -> None:
    text = "query Q($k: ID!, $s: Boolean = true) { author(by: {id: $k}) { ...N @skip(if: $s) } } fragment N on Author { name }"
    document: Document = admit(LIBRARY, text, Limits())
    whole, outline = document.operation("Q"), document.outline().operation("Q")

    assert outline.conditions == whole.conditions == ("s",)
    assert not outline.node.selection_set.selections
    values = variables(LIBRARY, outline, {"k": "a1"})
    assert values.coerced == variables(LIBRARY, whole, {"k": "a1"}).coerced
    assert conditions(outline, values) == {"s": True}
    again = outline.whole()
    assert again.node == whole.node
    assert again.fragments.keys() == {"N"}


def asked(text: str) -> Any:
    return admit(LIBRARY, text, Limits()).operation(None)


def test_whatever_of_a_document_is_kept_has_its_weight() -> None:
    def heavy(text: str) -> int:
        document = admit(LIBRARY, text, Limits(aliases=1000, root_fields=1000)).outline()
        return of_document(document)

    plain = heavy("{ authors(ids: [1]) { id } }")
    assert heavy("{ authors(ids: [1]) { id } } #" + "x" * 1000) > plain + 1000
    assert heavy("query($i: [ID!]! = [" + "1 " * 1000 + "]) { authors(ids: $i) { id } }") > plain + 200_000
    assert heavy("{ " + "x" * 20_000 + " }") < 10_000


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("{ authors(ids: [" + "1 " * 1000 + "]) { id } }", 200_000),
        ("{ " + " ".join(f"a{i}: author(by: {{id: 1}}) {{ id name email }}" for i in range(100)) + " }", 200_000),
        (get_introspection_query(), 20_000),
        ("{ __schema { description } } #" + "x" * 50_000, 1_000),
        ("{ __typename }", 1),
    ],
)
def test_whatever_of_a_plan_is_kept_has_its_weight(text: str, least: int) -> None:
    operation = admit(LIBRARY, text, Limits(root_fields=1000)).operation(None)
    chosen = plan(Graph.build(build(), bindings()), operation, Grants(bits(Category)), {})
    assert least < of_plan(chosen) < least * 10 + 5000
