"""Arguments: given, left out, null; by literal, by variable, by default; inside input objects; `@oneOf`."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from gateway.errors import Refusal
from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = pytest.mark.anyio

SDL = """
    input In { a: Int b: Int = 7 c: Int! = 8 d: [In!] e: E = ONE f: One g: In2 = {x: 5} }
    input In2 { x: Int! y: String = "y" }
    input One @oneOf { s: String i: Int n: In2 }
    enum E { ONE TWO }
    type Query { o: O }
    type O {
        nullable(x: Int): String
        promised(x: Int!): String
        default(x: Int = 3): String
        promisedDefault(x: Int! = 3): String
        nullDefault(x: Int = null): String
        input(x: In): String
        inputs(x: [In!]!): String
        one(x: One): String
        oneOfMany(x: [One!]): String
        two(x: Int, y: Int): String
        deep(x: Int): O
        number(x: Int! = 1): Int!
    }
"""


def shown(**given: Any) -> str:
    return repr(sorted(given.items()))


def world() -> Row:
    names = [
        "nullable",
        "promised",
        "default",
        "promisedDefault",
        "nullDefault",
        "input",
        "inputs",
        "one",
        "oneOfMany",
        "two",
    ]
    inner = Row(**dict.fromkeys(names, shown), number=lambda x: x)
    return Row(o=Row(**dict.fromkeys(names, shown), number=lambda x: x, deep=lambda x=0: inner))


def spec() -> Spec:
    return Spec(SDL, {"query": world()})


FIELDS = ["nullable", "promised", "default", "promisedDefault", "nullDefault"]
DECLARED = ["$v: Int", "$v: Int = 4", "$v: Int = null", "$v: Int!", "$v: Int! = 4"]
GIVEN: list[dict[str, Any]] = [{}, {"v": None}, {"v": 5}, {"v": "x"}]


@pytest.mark.parametrize(("field", "declared"), list(product(FIELDS, DECLARED)))
async def test_given_left_out_and_null_are_three_things(field: str, declared: str) -> None:
    asked = spec()
    for given in GIVEN:
        await asked.told(f"query ({declared}) {{ o {{ {field}(x: $v) nullable(x: 1) }} }}", given)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("argument", ["", "(x: null)", "(x: 1)", "(x: $missing)"])
async def test_literals_and_nothing_at_all(field: str, argument: str) -> None:
    declared = "query ($missing: Int) " if "$" in argument else ""

    await spec().told(f"{declared}{{ o {{ {field}{argument} }} }}")


async def test_an_explicit_null_for_a_promise_with_a_default_fails_that_field_alone() -> None:
    document = "query ($v: Int = 4) { o { promised(x: $v) n: nullable(x: $v) deep { promisedDefault(x: $v) } } }"

    told = await spec().told(document, {"v": None})

    assert told == (
        {"o": {"promised": None, "n": "[('x', None)]", "deep": {"promisedDefault": None}}},
        [("o", "deep", "promisedDefault"), ("o", "promised")],
    )


async def test_an_argument_that_is_of_no_use_breaks_what_was_promised() -> None:
    document = "query ($v: Int = 4) { o { nullable deep { a: number b: number(x: $v) } } }"

    assert await spec().told(document, {"v": None}) == (
        {"o": {"nullable": "[]", "deep": None}},
        [("o", "deep", "b")],
    )


INPUTS = [
    "{}",
    "null",
    "{a: 1}",
    "{a: null, b: null}",
    "{c: null}",
    "{b: 1, c: 2}",
    "{e: TWO, g: {x: 1}}",
    "{e: THREE}",
    "{g: {}}",
    "{g: null}",
    "{d: {a: 1}}",
    "{d: [{a: 1}, {a: $v, c: $v}]}",
    "{d: []}",
    "{d: [null]}",
    "{a: $v, b: $v}",
    "{a: $missing, b: $missing, c: $missing}",
    "{g: {x: $v}}",
    "{g: {x: $missing}}",
    "{nope: 1}",
    '{f: {s: "x"}}',
    '{f: {s: "x", i: 1}}',
    "{f: {s: null}}",
    "{f: {}}",
    "{f: {i: $v}}",
    "{f: {n: {x: $v}}}",
]


@pytest.mark.parametrize("written", INPUTS)
async def test_input_objects_as_literals(written: str) -> None:
    asked = spec()
    declared = ", ".join(f"${name}: Int" for name in ("v", "missing") if f"${name}" in written)
    query = f"query ({declared})" if declared else ""
    for given in ({"v": 3}, {"v": None}):
        await asked.told(f"{query} {{ o {{ input(x: {written}) }} }}", given)
        await asked.told(f"{query} {{ o {{ inputs(x: {written}) nullable }} }}", given)


JSON: list[Any] = [
    {},
    None,
    {"a": 1},
    {"a": None, "b": None},
    {"c": None},
    {"d": {"a": 1}},
    {"d": [{"a": 1}, {}]},
    {"d": [None]},
    {"e": "TWO"},
    {"e": "THREE"},
    {"g": {"x": 1, "y": None}},
    {"g": {"y": "z"}},
    {"nope": 1},
    {"f": {"s": "x"}},
    {"f": {"s": "x", "i": None}},
    {"f": {"s": None}},
    {"f": {}},
    [],
    "x",
    1,
]


@pytest.mark.parametrize("value", JSON, ids=str)
async def test_input_objects_as_variables(value: Any) -> None:
    asked = spec()

    await asked.told("query ($v: In) { o { input(x: $v) } }", {"v": value})
    await asked.told("query ($v: [In!]!) { o { inputs(x: $v) } }", {"v": value})
    await asked.told("query ($v: In!) { o { inputs(x: [$v, {a: 2}]) } }", {"v": value})


async def test_a_variable_may_have_an_input_object_for_a_default() -> None:
    asked = spec()
    document = 'query ($v: In = {a: 1, d: [{b: 2}], f: {s: "x"}}) { o { input(x: $v) } }'

    for given in ({}, {"v": None}, {"v": {"a": 9}}):
        assert await asked.told(document, given) != REFUSED
    assert await asked.told("query ($v: In = {nope: 1}) { o { input(x: $v) } }") == REFUSED
    assert await asked.told('query ($v: Int = "x") { o { nullable(x: $v) } }') == REFUSED


ONE = [
    ('{s: "x"}', {}),
    ('{s: "x", i: 1}', {}),
    ("{s: null}", {}),
    ("{}", {}),
    ("null", {}),
    ("{s: $s}", {"s": "x"}),
    ("{s: $s}", {"s": None}),
    ("{s: $s}", {}),
    ("{s: $s, i: 1}", {}),
    ("{n: {x: 1}}", {}),
    ("{n: {}}", {}),
    ("$one", {"one": {"s": "x"}}),
    ("$one", {"one": {"s": "x", "i": 1}}),
    ("$one", {"one": {"s": "x", "i": None}}),
    ("$one", {"one": {"s": None}}),
    ("$one", {"one": {}}),
    ("$one", {"one": None}),
    ("$one", {}),
    ("$one", {"one": {"n": {"x": "no"}}}),
]


@pytest.mark.parametrize(("written", "given"), ONE, ids=str)
async def test_one_of_means_one(written: str, given: dict[str, Any]) -> None:
    asked = spec()
    kinds = {"$s": ["$s: String!"], "$one": ["$one: One", "$one: One!", '$one: One = {s: "d"}']}
    declared = next((choices for name, choices in kinds.items() if name in written), [""])
    for one in declared:
        query = f"query ({one})" if one else ""
        await asked.told(f"{query} {{ o {{ one(x: {written}) }} }}", given)
        await asked.told(f"{query} {{ o {{ oneOfMany(x: [{written}]) }} }}", given)


@pytest.mark.parametrize("given", [{"s": "x"}, {"s": None}, {}], ids=str)
async def test_what_may_be_null_is_not_the_one_member(given: dict[str, Any]) -> None:
    """Specification, "All Variable Usages Are Allowed"; graphql-core's rule sees it only where the object may be null."""
    with pytest.raises(Refusal, match="must be non-nullable"):
        await spec().of_engines("query ($s: String) { o { one(x: {s: $s}) } }", given, None, False)


async def test_arguments_of_merged_fields_are_those_of_the_first() -> None:
    document = "query ($v: Int) { o { two(x: 1, y: $v) } o { two(y: $v, x: 1) deep(x: 1) { nullable } } o { deep(x: 1) { n: number } } }"

    assert await spec().told(document, {"v": 2}) == (
        {"o": {"two": "[('x', 1), ('y', 2)]", "deep": {"nullable": "[]", "n": 1}}},
        [],
    )
    assert await spec().told("{ o { two(x: 1) two(x: 2) } }") == REFUSED
