"""Which fields are looked at: aliases, merging, fragments, `@skip` and `@include`, the operation that is meant."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])]

SDL = """
    type Query { a: String b: String obj: Obj list: [Obj!]! pick(n: Int = 0): Int }
    type Obj { a: String b: String obj: Obj list: [Obj] pick(n: Int = 0): Int }
"""


def world() -> Row:
    def row(depth: int) -> Row:
        below = row(depth - 1) if depth else None
        return Row(
            a=f"a{depth}", b=f"b{depth}", obj=below, list=[below, below] if below else [], pick=lambda n: n * 10 + depth
        )

    return row(5)


def spec() -> Spec:
    return Spec(SDL, {"query": world()})


CONDITIONS = [
    "",
    "@include(if: true)",
    "@include(if: false)",
    "@skip(if: true)",
    "@skip(if: false)",
    "@include(if: $yes)",
    "@include(if: $no)",
    "@skip(if: $yes)",
    "@skip(if: $no)",
    "@include(if: true) @skip(if: false)",
    "@include(if: true) @skip(if: true)",
    "@include(if: false) @skip(if: true)",
    "@skip(if: $no) @include(if: $yes)",
    "@skip(if: $no) @include(if: $no)",
    "@skip(if: $yes) @include(if: $yes)",
    "@skip(if: $default)",
    "@include(if: $default)",
]
PLACES = {
    "a field": "a b {}",
    "the first of two": "a {} a b",
    "an alias": "a x: b {} ",
    "a row": "a obj {} {{ a b }}",
    "a list": "a list {} {{ a b }}",
    "a fragment": "a ... on Query {} {{ b }}",
    "a fragment without a type": "a ... {} {{ b obj {{ a }} }}",
    "a spread": "a ...F {}",
    "one spread of two": "a ...F ...F {}",
    "a field that needs a resolver": "a pick(n: 3) {}",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_skip_and_include_on_everything_they_can_stand_on(place: str, edges: bool) -> None:
    asked = spec()
    for condition in CONDITIONS:
        used = "b" if "F" in place else ""
        fragment = "fragment F on Query { b obj { b } }" if used else ""
        declared = "query ($yes: Boolean!, $no: Boolean!, $default: Boolean! = true)"
        keep = "y: a @include(if: $yes) n: a @skip(if: $no) d: a @include(if: $default)"
        document = f"{declared} {{ {keep} {place.format(condition)} }} {fragment}"

        assert await asked.told(document, {"yes": True, "no": False}, edges=edges) != REFUSED


async def test_one_plan_per_value_of_a_condition(edges: bool) -> None:
    document = "query ($x: Boolean!, $y: Boolean!) { a @skip(if: $x) obj { a @include(if: $y) b @skip(if: $y) } }"
    asked = spec()

    told = [await asked.told(document, {"x": x, "y": y}, edges=edges) for x, y in product((True, False), repeat=2)]

    assert [sorted(one[0]) for one in told] == [["obj"], ["obj"], ["a", "obj"], ["a", "obj"]]
    assert [list(one[0]["obj"]) for one in told] == [["a"], ["b"], ["a"], ["b"]]


MERGED = {
    "repeated fields": "{ a a a }",
    "repeated rows": "{ obj { a } obj { b } obj { a obj { a } } obj { obj { b } } }",
    "fragments that overlap": """{ obj { ...A ...B } ...C }
        fragment A on Obj { a obj { a } } fragment B on Obj { b obj { b a } } fragment C on Query { obj { obj { obj { a } } } }""",
    "a fragment again and again": "{ obj { ...A obj { ...A obj { ...A } } } } fragment A on Obj { a b }",
    "aliases apart": "{ x: obj { a } y: obj { b } z: obj { q: a r: a } }",
    "aliases crossed": "{ a: b b: a obj { a: b b: a } }",
    "aliases of one field with different arguments": "{ p0: pick(n: 0) p1: pick(n: 1) p2: pick obj { p0: pick(n: 4) pick } }",
    "repeated with equal arguments": "{ pick(n: 1) pick(n: 1) obj { pick(n: 2) } obj { pick(n: 2) } }",
    "names Python keeps to itself": "{ class: a def: b obj { None: a True: b self: a r: a f0: b c0: a P: b } }",
    "names of one letter": "{ r: obj { v1: a w1: b x2: a s3: b n: a present: a listed: b inf: a Undefined: b } }",
    "typename anywhere": "{ __typename t: __typename obj { __typename list { __typename a } } }",
    "an order of keys": "{ b obj { b a } a ...F } fragment F on Query { list { b a } b z: a }",
}


@pytest.mark.parametrize("document", MERGED.values(), ids=MERGED)
async def test_what_is_asked_twice_is_answered_once(document: str, edges: bool) -> None:
    told = await spec().told(document, edges=edges)

    assert told != REFUSED
    assert told[1] == []


async def test_keys_stand_in_the_order_of_the_document(edges: bool) -> None:
    document = "{ b ...F obj { b ... { x: a } a } a } fragment F on Query { z: a list { b a } b }"

    data, _ = await spec().told(document, edges=edges)

    assert list(data) == ["b", "z", "list", "obj", "a"]
    assert list(data["obj"]) == ["b", "x", "a"]


TWO = "query One { a } query Two { b obj { ...F } } fragment F on Obj { a }"


@pytest.mark.parametrize(
    ("document", "name", "shown"),
    [
        (TWO, "One", {"a": "a5"}),
        (TWO, "Two", {"b": "b5", "obj": {"a": "a4"}}),
        (TWO, None, REFUSED),
        (TWO, "Three", REFUSED),
        ("{ a }", None, {"a": "a5"}),
        ("query Only { a }", None, {"a": "a5"}),
        ("query Only { a }", "Only", {"a": "a5"}),
        ("query Only { a }", "Other", REFUSED),
        ("fragment F on Query { a }", None, REFUSED),
        ("mutation { a }", None, REFUSED),
        ("{ nope }", None, REFUSED),
        ("{ a { b } }", None, REFUSED),
        ("{ obj }", None, REFUSED),
        ("{ a(x: 1) }", None, REFUSED),
        ("{ ...F } fragment F on Query { ...F }", None, REFUSED),
    ],
)
async def test_the_operation_that_is_meant_is_run(document: str, name: str | None, shown: Any, edges: bool) -> None:
    told = await spec().told(document, name=name, edges=edges)

    assert told == (REFUSED if shown == REFUSED else (shown, []))
