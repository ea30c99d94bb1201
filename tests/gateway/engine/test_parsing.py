"""A tree is what graphql-core makes of the same text, and leaves next to nothing for the garbage collector."""

from __future__ import annotations

import gc

import pytest
from graphql import (
    GraphQLSyntaxError,
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    get_location,
    parse,
)

from gateway.engine.limits import Limits
from gateway.engine.operation import admit
from gateway.engine.parsing import parsed
from gateway.errors import Code
from tests.company import Company
from tests.gateway.hostile import DOCUMENTS

MOST = 16_000
"""Things to be freed at once: some fifteen milliseconds' worth, and as long nobody is answered."""

TEXTS = [
    get_introspection_query(),
    'query Q($a: [Int!]! = [1, -2.5e3], $b: T) @d { ...F b: c(x: {y: "é", z: [null, TRUE]}) { d } } # what\n fragment F on T { ... @skip(if: $b) { e } }',
    '# one\n# two\n{ a(text: """\n  a block\n    of text\n""") } # three',
    '"What it does." query ($v: ID) { a }',
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_tree_is_what_graphql_core_makes_of_the_text(text: str) -> None:
    located = parsed(text, located=True)
    assert parsed(text).to_dict() == parse(text, no_location=True).to_dict()
    assert located.to_dict(locations=True) == parse(text).to_dict(locations=True)


@pytest.mark.parametrize("text", ["{ a", "{ a(x: " + "[" * 10_000, "{ a " * 10_000, "", "{ \ud800 }", '{ a(x: "\n") }'])
def test_what_cannot_be_parsed_is_told_in_graphql_core_s_words(text: str) -> None:
    with pytest.raises(GraphQLSyntaxError) as theirs:
        parse(text)
    with pytest.raises(GraphQLSyntaxError) as ours:
        parsed(text)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("text", ["{ a(x: " + "[" * 10_000, "{ a " * 10_000, "query ($a: " + "[" * 10_000])
def test_what_nests_too_deeply_is_beyond_a_limit_and_no_slip_of_the_pen(text: str) -> None:
    (problem,) = admit(build_schema("type Query { a: Int }"), text, Limits(tokens=50_000)).problems
    assert problem["extensions"] == {"code": Code.LIMIT}
    assert problem["locations"]


def test_variables_know_their_place_and_nothing_of_what_is_around_them() -> None:
    text = "query Q(\n  $a: Int\n  $b: [ID!] = []) { c }"
    (operation,) = parsed(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    places = [one.loc for one in operation.variable_definitions or () if one.loc]
    assert [get_location(one.source, one.start) for one in places] == [(2, 3), (3, 3)]
    assert {one.start_token.next for one in places} == {None}
    assert operation.loc is None


@pytest.mark.parametrize("number", ["9" * 1001, "-" + "9" * 1000, "1." + "0" * 1000, "1e" + "9" * 1000])
def test_a_number_without_end_is_told_so(number: str) -> None:
    assert parsed(f"{{ a(x: {number[:1000]}) }}")
    with pytest.raises(GraphQLSyntaxError, match=f"A number of {len(number)} characters; at most 1000 are read"):
        parsed(f"{{ a(x: {number}) }}")


@pytest.mark.anyio
async def test_no_document_leaves_much_for_the_garbage_collector(company: Company) -> None:
    schema, left = company.app.graph.schema, {}
    gc.collect()
    gc.freeze()  # what other tests have made: it would be looked at again for every document
    gc.disable()
    try:
        for name, hostile in DOCUMENTS.items():
            admit(schema, hostile.query, Limits())
            left[name] = gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    assert {name: count for name, count in left.items() if count > MOST} == {}
