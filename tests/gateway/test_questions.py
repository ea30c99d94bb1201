"""The questions that the engines are compared on: valid, of every form the language has, and with nothing forgotten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

import schema
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.policy.grants import Grants, bits
from schema import Category
from schema.coverage import core
from tests.company import Company
from tests.gateway import library
from tests.gateway.questions.company import rows_of
from tests.gateway.questions.documents import Writer
from tests.gateway.questions.smaller import smallest
from tests.gateway.questions.text import Asked
from tests.gateway.questions.values import OMITTED, NoValue, Rows, Values, literal, missing, strangers
from tests.gateway.questions.variants import continued, spoiled, unsaid
from tests.gateway.questions.ways import ways

SCHEMA = core(schema.build())

GROWN = """
    enum Order { NEWEST OLDEST }
    input Range { from: DateTime, to: DateTime }
    input CustomerFilter { name: String, tiers: [String!], since: Range, number: ID }
    input Which @oneOf { name: String, vip: Boolean }
    scalar DateTime
    scalar Colour
    type PageInfo { hasNextPage: Boolean!, endCursor: String }
    type Person { name: String }
    type People { nodes: [Person!]!, totalCount: Int, pageInfo: PageInfo! }
    type Query {
      customers(filter: CustomerFilter, orderBy: Order, first: Int! = 20, after: String): People
      person(which: Which!): Person
      painted(in: Colour): Person
      called(text: String!): Person
    }
"""


def written(graph: GraphQLSchema, rows: Rows, seed: int) -> Asked:
    return Writer(graph, rows, Random(seed), lambda _: True, lambda _: True).asked()


# -- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_every_argument_that_has_to_be_given_has_a_value(company: Company) -> None:
    assert missing(SCHEMA, rows_of(company)) == []


@pytest.mark.anyio
async def test_no_row_is_for_an_argument_that_is_gone(company: Company) -> None:
    assert strangers(SCHEMA, rows_of(company)) == []


def test_who_adds_a_required_text_is_told_which_row_to_add() -> None:
    grown = build_schema(GROWN)

    assert missing(grown, {}) == ["Query.called(text:)", "Which.name"]
    with pytest.raises(NoValue, match=re.escape("add a row 'Query.called(text:)'")):
        Values({}, Random(0)).of("Query.called(text:)", grown.type_map["String"])  # type: ignore[arg-type]


def test_an_argument_without_a_row_is_given_what_its_type_suggests() -> None:
    grown = build_schema(GROWN)
    assert grown.query_type
    arguments = grown.query_type.fields["customers"].args
    values = Values({"CustomerFilter.name": ["Ada"], "DateTime": ["2026-01-01"]}, Random(1))

    found = [
        {name: values.of(f"Query.customers({name}:)", one.type, needed=False) for name, one in arguments.items()}
        for _ in range(300)
    ]

    filters = [one["filter"] for one in found]
    assert {one["first"] for one in found} == {1, 2, 3, 4, 5}
    assert {one["orderBy"] for one in found} == {"NEWEST", "OLDEST"}
    assert {one.get("name", "Ada") for one in filters} == {"Ada"}
    assert {tuple(sorted(one)) for one in filters} >= {(), ("name",), ("name", "since"), ("since", "tiers")}
    assert not any("number" in one for one in filters)
    assert {"from": "2026-01-01"} in [one.get("since") for one in filters]
    assert values.of("Query.painted(in:)", grown.query_type.fields["painted"].args["in"].type, needed=False) is OMITTED


def test_a_value_is_spelled_as_its_type_wants_it() -> None:
    grown = build_schema(GROWN)
    value = {"name": 'A "b"', "tiers": "Gold", "since": {"from": None}}

    assert (
        literal(grown.type_map["CustomerFilter"], value) == '{name: "A \\"b\\"", tiers: ["Gold"], since: {from: null}}'
    )  # type: ignore[arg-type]
    assert literal(grown.type_map["Order"], "NEWEST") == "NEWEST"  # type: ignore[arg-type]


# -- ways -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def graph() -> Graph:
    return Graph.build(library.build(), library.bindings())


def test_a_caller_reaches_what_their_grants_show_and_nothing_else(graph: Graph) -> None:
    reader = Grants(bits([Category.PUBLIC, Category.PRESENCE, Category.IDENTITY]))

    found = ways(Judge(graph, reader))

    assert set(found) == {"Query.author", "Query.authors", "Query.thing", "Query.find", "Author.id", "Author.name"}
    assert (("Query", "author"), ("Author", "name")) in found["Author.name"]


def test_who_is_a_row_reaches_what_their_own_rows_show(graph: Graph) -> None:
    own = Grants(bits([Category.PUBLIC]), (("own", bits([Category.PRESENCE, Category.CONTACT])),))

    assert {"Query.author", "Author.email"} <= ways(Judge(graph, own)).keys()
    assert "Author.name" not in ways(Judge(graph, own))


# -- documents --------------------------------------------------------------------------------------------------------


FORMS: Mapping[str, str] = {
    "a variable that has to be given": r"\$v\d+: \w+!",
    "a variable that may be null": r"\$v\d+: \w+[,) ]",
    "a variable with a default": r"\$v\d+: \S+ = ",
    "a variable for an input object": r"\$v\d+: CustomerBy!",
    "a variable inside an input object": r"\{\w+: \$v\d+\}",
    "a named fragment": r"\.\.\.F\d+",
    "a fragment in a fragment": r"fragment F\d+ on [^\n]*\.\.\.F\d+",
    "an inline fragment on a type": r"\.\.\. on Customer",
    "an inline fragment on an interface": r"\.\.\. on Node",
    "an inline fragment on nothing": r"\.\.\. [{@]",
    "an alias": r"\w: \w+[ ({]",
    "a literal condition": r"@(skip|include)\(if: (true|false)\)",
    "a condition by variable": r"@(skip|include)\(if: \$v\d+\)",
    "both conditions": r"@skip\(if: \S+\) @include",
    "a condition on a fragment": r"\.\.\.F\d+ @",
    "the name of a type": r"__typename",
    "an interface": r"node\(",
    "several operations": r"query Beside",
    "an argument that is null": r": null[,)]",
    "a page behind a cursor": r"after: \$v",
    "introspection": r"__schema|__type\(",
    "nothing selected": r"\{  \}",
}
FEW = 4


@pytest.mark.anyio
async def test_generated_questions_are_valid_and_of_every_form(company: Company) -> None:
    rows, seen = rows_of(company), Counter[str]()
    for seed in range(600):
        asked = written(SCHEMA, rows, seed)
        assert validate(SCHEMA, parse(asked.text)) == [], asked.text
        seen.update(form for form, pattern in FORMS.items() if re.search(pattern, asked.text))
        seen.update(said(asked))

    print(f"\n{dict(seen)}")
    rare = {form for form in (*FORMS, *SAID) if seen[form] < FEW}
    assert rare == set()


SAID = (
    "a variable left to its default",
    "one field twice with other arguments",
    "a fragment used twice",
    "a field repeated",
)


def said(asked: Asked) -> Iterator[str]:
    if asked.declared.keys() - asked.variables.keys():
        yield SAID[0]
    if re.search(r"(?:^|[ {])(\w+)(\([^()]*\)) .*\w+: \1\((?!\2)", asked.text):
        yield SAID[1]
    if any(asked.text.count(f"...F{i}") > 1 for i in range(5)):
        yield SAID[2]
    if re.search(r"[ {](\w+) (?:\w+ )*\1 ", asked.text):
        yield SAID[3]


def test_questions_are_written_for_any_schema() -> None:
    grown = build_schema(GROWN)
    rows: dict[str, Any] = {"Query.called(text:)": ["x"], "Which.name": ["y"]}

    asked = [written(grown, rows, seed) for seed in range(300)]

    assert [validate(grown, parse(one.text)) for one in asked] == [[]] * 300
    assert any("orderBy: NEWEST" in one.text for one in asked)
    assert any(re.search(r"filter: \{\w+: ", one.text) for one in asked)


def test_a_question_follows_the_way_it_is_given(graph: Graph) -> None:
    way = (("Query", "thing"), ("Book", "authors"), ("Author", "email"))
    rows: dict[str, Any] = {"Query.thing(id:)": ["b1"], "Query.author(by:)": [{"id": "a1"}], "Query.find(text:)": ["1"]}
    rows |= {"Query.authors(ids:)": [["a1"]], "Query.books(ids:)": [["b1"]]}

    for seed in range(50):
        asked = Writer(graph.schema, rows, Random(seed), lambda _: False, lambda _: True).asked(way)
        assert (
            re.search(r"thing\(.*\.\.\.(?: on Book|F).*authors.*email", asked.text.replace("\n", " "))
            or "fragment" in asked.text
        )


def test_the_next_page_is_asked_for_with_the_first_cursor_that_came_back() -> None:
    asked = Asked("…", {"a": 1}, cursors={"v": ("people", "orders", "pageInfo", "endCursor")})
    data = {
        "people": [None, {"orders": {"pageInfo": {"endCursor": None}}}, {"orders": {"pageInfo": {"endCursor": "c"}}}]
    }

    behind = continued(asked, data)

    assert behind is not None
    assert behind.variables == {"a": 1, "v": "c"}
    assert continued(behind, data) is None
    assert continued(asked, {"people": None}) is None


def test_a_spoiled_question_is_the_same_document_with_something_else_said() -> None:
    asked = Asked("query A($v: Int!) { __typename }", {"v": 1}, None, {"v": "Int!"})

    spoilt = [spoiled(asked, Random(seed)) for seed in range(60)]

    assert {one.text for one in spoilt} == {asked.text}
    assert all(one.variables != asked.variables or one.operation for one in spoilt)


def test_a_text_is_unsaid_wherever_it_stands_and_nothing_else_is() -> None:
    said = 'Jo "J" Öl@example.com'
    asked = Asked('{ a(by: "Jo \\"J\\" Öl@example.com") b(by: """Jo "J" Öl@example.com""") }', {"v": [said, 1, "Jo"]})

    other = unsaid(asked, said)

    assert other.text == '{ a(by: "xx \\"x\\" xx@xxxxxxx.xxx") b(by: """xx "x" xx@xxxxxxx.xxx""") }'
    assert other.variables == {"v": ['xx "x" xx@xxxxxxx.xxx', 1, "Jo"]}


@pytest.mark.anyio
async def test_a_disagreement_is_told_by_the_smallest_question() -> None:
    grown = build_schema("type Query { a(x: Int): Query, b: Int, c: Int }")
    asked = Asked(
        "query Q($v: Int, $w: Boolean!) { a(x: $v) { b ...F c @skip(if: $w) } c } fragment F on Query { c }",
        {"v": 1, "w": False},
        "Q",
    )

    async def disagree(tried: Asked) -> bool:
        return "x:" in tried.text and "b" in tried.text

    small = await smallest(grown, asked, disagree)

    assert " ".join(small.text.split()) == "query Q($v: Int) { a(x: $v) { b } }"
    assert small.variables == {"v": 1}
