"""Validation says what graphql-core says, and comes to an end."""

from __future__ import annotations

import pytest
from graphql import build_schema, get_introspection_query, validate

from gateway.engine.limits import Limits
from gateway.engine.operation import admit
from gateway.engine.parsing import parsed
from gateway.engine.validation import Endless, problems
from gateway.errors import Code
from tests.company import Company
from tests.gateway.hostile import DOCUMENTS, repeated
from tests.gateway.library import build

pytestmark = pytest.mark.anyio
LIBRARY = build()._schema

ORDERS = "orders(first: 10) { nodes { id number status placedAt total { amount currency } lines { sku quantity product { id name } } } }"


def fragments(count: int, inside: str) -> str:
    """A page's parts, each with what it needs of the same customer: as clients are generated."""
    whole = repeated(count, lambda i: f"fragment F{i} on Customer {{ {inside} }}")
    return f'{{ customer(by: {{id: "1"}}) {{ {repeated(count, lambda i: f"...F{i}")} }} }} {whole}'


def parts(count: int) -> str:
    """The same as a tree: each part spreads two others."""
    inner = lambda i: repeated(2, lambda k: f"...F{2 * i + k + 1}" if 2 * i + k + 1 < count else "")  # noqa: E731
    whole = repeated(count, lambda i: f"fragment F{i} on Customer {{ id name tier {inner(i)} }}")
    return f'{{ customer(by: {{id: "1"}}) {{ ...F0 }} }} {whole}'


@pytest.mark.parametrize(
    "text",
    [
        get_introspection_query(
            schema_description=True, specified_by_url=True, input_value_deprecation=True, one_of=True
        ),
        fragments(30, "id name email phone tier orders(first: 3) { nodes { id number } }"),
        fragments(20, f"id name tier {ORDERS}"),
        parts(40),
    ],
    ids=["introspection", "thirty fragments", "twenty fragments with orders", "forty parts of a page"],
)
async def test_what_clients_are_made_to_ask_is_well_within_the_budget(company: Company, text: str) -> None:
    limits = company.app.pipeline.prepared.limits
    assert admit(company.app.graph.schema, text, limits).problems == ()


async def test_what_is_wrong_is_told_with_its_place_in_graphql_core_s_words(company: Company) -> None:
    schema, told = company.app.graph.schema, 0
    for name, hostile in DOCUMENTS.items():
        document = admit(schema, hostile.query, Limits())
        if document.problems and document.problems[0]["extensions"]["code"] == Code.VALIDATION and document.kinds:
            by_core = validate(schema, parsed(hostile.query, located=True), max_errors=20)
            errors = [one for one in by_core if "error limit reached" not in one.message][:20]
            if errors:
                told += len(errors)
                assert [one["message"][:400] for one in document.problems] == [one.message[:400] for one in errors], (
                    name
                )
                places = [
                    [{"line": at.line, "column": at.column} for at in (one.locations or ())[:20]] for one in errors
                ]
                assert [one.get("locations", []) for one in document.problems] == places, name
    assert told > 50


def test_what_would_take_too_long_is_refused_for_that() -> None:
    books = repeated(200, lambda _: "books { nodes { id } }")
    with pytest.raises(Endless):
        problems(LIBRARY, parsed(f"{{ author(by: {{id: 1}}) {{ {books} }} }}"))


def test_what_is_wrong_before_the_budget_is_spent_is_told() -> None:
    books = repeated(200, lambda _: "books { nodes { id } }")
    (error,) = problems(LIBRARY, parsed(f"{{ nothing author(by: {{id: 1}}) {{ {books} }} }}"))
    assert "nothing" in error.message


ONE_OF = build_schema("""
    type Query { a(by: By!): Int b(by: By): Int c(by: [By!]): Int d(by: [By]!): Int e(in: In!): Int }
    input By @oneOf { id: ID name: String }
    input In { by: By! }
""")


@pytest.mark.parametrize(
    "given", ["a(by: %s)", "b(by: %s)", "c(by: [%s])", "c(by: %s)", "d(by: [%s])", "e(in: {by: %s})"]
)
@pytest.mark.parametrize("kind", ["ID", "ID = 1"])
def test_no_variable_that_may_be_null_is_the_one_member_of_an_input_object(given: str, kind: str) -> None:
    field = given % "{id: $i}"

    (told,) = admit(ONE_OF, f"query ($i: {kind}) {{ {field} }}", Limits()).problems
    (spread,) = admit(ONE_OF, f"query ($i: {kind}) {{ ...F }} fragment F on Query {{ {field} }}", Limits()).problems

    said = "Variable '$i' is of type 'ID' but must be non-nullable to be used for OneOf Input Object 'By'."
    assert told["message"] == spread["message"] == said
    assert told["extensions"] == {"code": Code.VALIDATION}
    assert [place["line"] for place in told["locations"]] == [1, 1]
    assert admit(ONE_OF, f"query ($i: ID!) {{ {field} }}", Limits()).problems == ()


def test_a_variable_for_the_whole_of_such_an_object_may_be_null_where_its_place_may() -> None:
    assert admit(ONE_OF, "query ($i: By, $j: By!) { b(by: $i) d(by: [$i]) c(by: [$j]) }", Limits()).problems == ()
