"""What counts as a list, and what a list does with what is in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.agree import Bench
from tests.gateway.engine.spec.told import ALL, REFUSED, Row, Spec

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])]


class Shelf:
    """A collection that is neither a list nor a tuple."""

    def __repr__(self) -> str:
        return "Shelf"

    def __init__(self, *items: Any) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: object) -> bool:
        return item in self.items


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([1, 2], [1, 2]),
        ((1, 2), [1, 2]),
        ({1}, [1]),
        (frozenset([1]), [1]),
        (deque([1, 2]), [1, 2]),
        ({1: "one"}.keys(), [1]),
        (range(3), [0, 1, 2]),
        (Shelf(1, 2), [1, 2]),
        ([], []),
        ("12", None),
        (b"12", None),
        ({1: 2}, None),
        (12, None),
    ],
    ids=str,
)
async def test_any_collection_is_a_list_but_words_and_mappings_are_not(value: Any, shown: Any, edges: bool) -> None:
    told = await Spec("type Query { l: [Int] }", {"query": Row(l=value)}).told("{ l }", edges=edges)

    assert told == ({"l": shown}, [] if shown is not None else [("l",)])


@pytest.mark.parametrize("wrapping", ["[R]", "[R!]!"])
async def test_any_collection_of_rows_is_a_list_of_rows(wrapping: str, edges: bool) -> None:
    asked = Spec(
        f"type Query {{ o: O }} type O {{ r: {wrapping} }} type R {{ n: Int }}",
        {"query": Row(o=Row(r=Shelf(Row(n=1), Row(n=2))))},
    )

    assert await asked.told("{ o { r { n } } }", edges=edges) == ({"o": {"r": [{"n": 1}, {"n": 2}]}}, [])


@pytest.mark.parametrize("asked", ["l", "r { n }"])
async def test_an_iterator_is_refused_because_it_cannot_be_read_again(asked: str, edges: bool) -> None:
    """Where graphql-core would take one: here it would be empty once a first attempt at shaping has failed."""
    spec = Spec(
        "type Query { l: [Int] r: [R] } type R { n: Int }",
        {"query": Row(l=lambda: iter([1]), r=lambda: (Row(n=i) for i in range(2)))},
    )
    bench = Bench(spec.graph(edges), lambda: spec.declared, None)  # type: ignore[arg-type, return-value]
    bench = Bench(bench.graph, bench.declare, _no_traffic)

    told = await bench.agreed(f"{{ {asked} }}", ALL)

    assert told.data == {asked[0]: None}
    assert [error["extensions"]["code"] for error in told.errors] == ["INTERNAL"]


def _no_traffic() -> Any:
    return None


@pytest.mark.parametrize("value", [None, RuntimeError()], ids=["null", "a failure"])
async def test_a_list_that_is_missing_is_null(value: Any, edges: bool) -> None:
    told = await Spec("type Query { l: [[Int!]!] }", {"query": Row(l=value)}).told("{ l }", edges=edges)

    assert told == ({"l": None}, [("l",)] if value else [])


async def test_lists_in_lists_keep_their_shape(edges: bool) -> None:
    rows = [[[Row(n=1)], []], [], [[Row(n=2), None, Row(n=3)]]]
    asked = Spec("type Query { l: [[[R]]] } type R { n: Int l: [[R]] }", {"query": Row(l=rows)})

    assert await asked.told("{ l { n l { n } } }", edges=edges) == (
        {
            "l": [
                [[{"n": 1, "l": None}], []],
                [],
                [[{"n": 2, "l": None}, None, {"n": 3, "l": None}]],
            ]
        },
        [],
    )


async def test_the_same_row_may_stand_in_several_places(edges: bool) -> None:
    row = Row(n=1)
    asked = Spec("type Query { l: [R] } type R { n: Int }", {"query": Row(l=[row, row, None, row])})

    assert await asked.told("{ l { n } }", edges=edges) == ({"l": [{"n": 1}, {"n": 1}, None, {"n": 1}]}, [])


async def test_a_bad_value_among_many_costs_only_itself(edges: bool) -> None:
    rows = [Row(n="bad" if i in (3, 40, 41) else i) for i in range(50)]
    asked = Spec("type Query { l: [R] } type R { n: Int }", {"query": Row(l=rows)})

    told = await asked.told("{ l { n } }", edges=edges)

    assert told != REFUSED
    assert [i for i, row in enumerate(told[0]["l"]) if row["n"] is None] == [3, 40, 41]
    assert told[1] == [("l", 3, "n"), ("l", 40, "n"), ("l", 41, "n")]
