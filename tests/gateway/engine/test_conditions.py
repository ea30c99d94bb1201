"""`@skip` and `@include` by variables that are null: refused where that would decide something, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.limits import Limits
from gateway.engine.operation import admit
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.gateway.agree import Bench
from tests.gateway.engine.test_once_wrong import Row, edge, gives, small

pytestmark = pytest.mark.anyio
ALL = Grants(bits(Category))
SDL = """
    type Query { people(known: Boolean, named: [String!]): [Person!] }
    type Person { id: ID! name: String friend: Person }
"""
ADA = Row(id="1", name="Ada", friend=Row(id="2", name="Bo", friend=None))
IDS = {"people": [{"id": "1"}]}


def asked() -> Bench:
    return small(SDL, edge("Query", "people", gives([ADA])))


async def said(text: str, raw: dict[str, Any], name: str | None = None) -> Any:
    bench = asked()
    told = await bench.planned(text, ALL, raw, name=name)
    assert told.bytes == (await bench.referred(text, ALL, raw, name=name)).bytes
    return told.data


@pytest.mark.parametrize(
    ("mine", "value"),
    [
        ("query Mine($v: Boolean) { people(known: $v) { id } }", None),
        ("query Mine($v: [String!]) { people(named: $v) { id } }", None),
        ("query Mine($v: [String!]) { people(named: $v) { id } }", ["Ada"]),
    ],
)
async def test_a_variable_of_one_operation_decides_nothing_in_another(mine: str, value: Any) -> None:
    others = "query Theirs($v: Boolean = true) { people { ...Named } } fragment Named on Person { name @skip(if: $v) }"

    assert await said(f"{mine} {others}", {"v": value}, "Mine") == IDS
    assert admit(asked().graph.schema, f"{mine} {others}", Limits()).operation("Mine").conditions == ()
    with pytest.raises(Refusal, match=r"'\$v' decides @skip"):
        await said(f"{mine} {others}", {"v": None}, "Theirs")


@pytest.mark.parametrize(
    "inside",
    [
        "friend @skip(if: $out) { id @include(if: $v) }",
        "... @skip(if: $out) { name @skip(if: $v) }",
        "name @skip(if: $out) @include(if: $v)",
        "name @include(if: $v) @skip(if: $out)",
        "...F @skip(if: $out)",
        "friend @skip(if: $out) { ...F }",
    ],
)
async def test_a_null_decides_nothing_below_what_is_left_out(inside: str) -> None:
    spread = " fragment F on Person { name @include(if: $v) }" if "...F" in inside else ""
    text = f"query ($out: Boolean!, $v: Boolean = true) {{ people {{ id {inside} }} }}{spread}"

    assert await said(text, {"out": True, "v": None}) == IDS
    with pytest.raises(Refusal) as told:
        await said(text, {"out": False, "v": None})

    (error,) = told.value.errors
    assert error["message"] == "Variable '$v' decides @skip or @include, so it must not be null"
    assert error["locations"] == [{"line": 1, "column": 24}]
    assert error["extensions"] == {"code": "BAD_VARIABLE"}
    assert await said(text, {"out": False}) is not None


async def test_a_fragment_that_is_left_out_in_one_place_decides_in_another() -> None:
    text = """query ($v: Boolean = true) { people { id friend @include(if: false) { ...F } ...F } }
        fragment F on Person { name @include(if: $v) }"""
    with pytest.raises(Refusal, match="must not be null"):
        await said(text, {"v": None})
