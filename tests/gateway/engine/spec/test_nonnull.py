"""Where a null may not stand: every wrapping of lists and promises, with a null, a wrong value and a failure in every
place, asked of records and of resolvers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])]
BOOM = RuntimeError("boom")


def wrappings(named: str, depth: int) -> list[str]:
    """`T`, `T!`, `[T]`, `[T!]`, … down to lists of lists."""
    if depth == 0:
        return [named, f"{named}!"]
    return [f"[{inner}]{bang}" for inner, bang in product(wrappings(named, depth - 1), ("", "!"))]


SCALARS = {depth: wrappings("Int", depth) for depth in range(3)}
OBJECTS = {depth: wrappings("Leaf", depth) for depth in range(3)}
VALUES: dict[int, dict[str, Any]] = {
    0: {"a value": 1, "null": None, "a wrong value": "many", "a failure": BOOM},
    1: {
        "values": [1, 2],
        "no values": [],
        "null": None,
        "null among values": [1, None, 2],
        "nulls only": [None, None],
        "a wrong value among values": [1, "many", None, "more"],
        "no list": 7,
        "a word is no list": "many",
        "a mapping is no list": {"a": 1},
        "a tuple": (1, 2),
        "a failure": BOOM,
    },
    2: {
        "values": [[1, 2], [], [3]],
        "null": None,
        "null for a list": [[1], None, [2]],
        "null in a list": [[1], [2, None], [3]],
        "null in several lists": [[None], [2, None], [None]],
        "null in a list and null for a list": [[1, None], None],
        "a wrong value in a list": [[1], [2, "many"]],
        "no list in a list": [[1], 2, [3]],
        "a failure": BOOM,
    },
}


def nest(kind: str, value: Any) -> Row:
    """A row that holds the value; of numbers it makes rows whose `n` is the number."""
    return Row(v=value if "Int" in kind else _rows(value), after=1)


def _rows(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_rows(item) for item in value)
    if value is None or isinstance(value, Exception | dict):
        return value
    return Row(n=value)


def spec(kinds: list[str], value: Any, *, promised: bool = False) -> Spec:
    """A type per kind, each below a nullable field of its own, or all below promised ones."""
    nests = "".join(f"type N{i} {{ v: {kind} after: Int }}\n" for i, kind in enumerate(kinds))
    bang = "!" if promised else ""
    fields = " ".join(f"n{i}: N{i}{bang} deep{i}: D{i}" for i in range(len(kinds)))
    deep = "".join(f"type D{i} {{ one: E{i}! }} type E{i} {{ two: N{i}! beside: Int }}\n" for i in range(len(kinds)))
    rows = {f"n{i}": nest(kind, value) for i, kind in enumerate(kinds)}
    deeper = {f"deep{i}": Row(one=Row(two=nest(kind, value), beside=2)) for i, kind in enumerate(kinds)}
    sdl = f"type Query {{ {fields} }} type Leaf {{ n: Int! other: Int }}\n{nests}{deep}"
    return Spec(sdl, {"query": Row(**rows, **deeper)})


def matrix() -> Iterator[Any]:
    for depth, values in VALUES.items():
        for name, value in values.items():
            yield pytest.param(SCALARS[depth], value, "v", id=f"{depth} lists of numbers: {name}")
            yield pytest.param(OBJECTS[depth], value, "v { n other }", id=f"{depth} lists of rows: {name}")


@pytest.mark.parametrize(("kinds", "value", "asked"), list(matrix()))
async def test_a_null_travels_to_the_next_position_that_may_be_null(
    kinds: list[str], value: Any, asked: str, edges: bool
) -> None:
    each = " ".join(
        f"n{i} {{ {asked} after }} deep{i} {{ one {{ beside two {{ {asked} after }} }} }}" for i in range(len(kinds))
    )

    assert await spec(kinds, value).told(f"{{ {each} }}", edges=edges) != REFUSED


@pytest.mark.parametrize("value", [None, BOOM], ids=["null", "a failure"])
async def test_with_promises_all_the_way_up_the_whole_answer_is_null(value: Any, edges: bool) -> None:
    told = await spec(["Int!"], value, promised=True).told("{ n0 { v after } }", edges=edges)

    assert told == (None, [("n0", "v")])


async def test_of_several_nulls_that_break_the_same_row_the_first_is_told(edges: bool) -> None:
    asked = Spec(
        "type Query { a: A } type A { ok: Int bad: Int x: Int! y: Int! late: Int }",
        {"query": Row(a=Row(ok=1, bad=BOOM, x=BOOM, y=BOOM, late=BOOM))},
    )

    assert await asked.told("{ a { ok bad x y late } }", edges=edges) == (
        {"a": None},
        [("a", "bad"), ("a", "x")],
    )
    assert await asked.told("{ a { y x late bad } }", edges=edges) == ({"a": None}, [("a", "y")])


async def test_of_several_nulls_that_break_the_same_list_the_first_is_told(edges: bool) -> None:
    rows = [Row(n=1, other=BOOM), Row(n=None, other=BOOM), Row(n=BOOM, other=3)]
    asked = Spec("type Query { l: [L!] } type L { n: Int! other: Int }", {"query": Row(l=rows)})

    assert await asked.told("{ l { other n } }", edges=edges) == (
        {"l": None},
        [("l", 0, "other"), ("l", 1, "n"), ("l", 1, "other")],
    )


@pytest.mark.parametrize("value", [None, BOOM], ids=["null", "a failure"])
@pytest.mark.parametrize("depth", [1, 4, 9])
async def test_a_long_chain_of_promises_is_broken_to_its_end(value: Any, depth: int, edges: bool) -> None:
    """Longer than objects are shaped inside each other."""
    chain = "".join(f"type T{i} {{ next: T{i + 1}! n: Int }}\n" for i in range(depth))
    sdl = f"type Query {{ top: T0 other: Int }}\n{chain}type T{depth} {{ next: Int! n: Int }}"
    row = Row(next=value, n=depth)
    for i in reversed(range(depth)):
        row = Row(next=row, n=i)
    asked = "next"
    for _ in range(depth):
        asked = f"n next {{ {asked} }}"

    told = await Spec(sdl, {"query": Row(top=row, other=1)}).told(f"{{ top {{ {asked} }} other }}", edges=edges)

    assert told == ({"top": None, "other": 1}, [("top", *["next"] * (depth + 1))])
