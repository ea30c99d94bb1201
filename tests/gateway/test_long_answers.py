"""An answer of hundreds of thousands of values is worked at in turns: whoever else asks meanwhile does not wait for its end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.engine.graph import Graph
from gateway.engine.shape import TURN
from gateway.policy.grants import Grants, bits
from gateway.server.answers import SLICE, Sliced
from schema import Category
from tests.gateway import library
from tests.gateway.agree import Bench

pytestmark = pytest.mark.anyio

ALL = Grants(bits(c for c in Category))
ROWS, EACH = 10_000, 25
LONG = """query ($ids: [ID!]!) { books(ids: $ids) { id title pages genre price { amount currency } %s } }"""
LONG %= " ".join(f"t{number}: title" for number in range(EACH - 6))


class Turns:
    """Of the event loop, that others could have had: how many there were."""

    def __init__(self) -> None:
        self.count = 0
        self._over = False
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self.count += 1
        if not self._over:
            asyncio.get_running_loop().call_soon(self._turn)

    def over(self) -> None:
        self._over = True


async def counted(bench: Bench, ids: list[str], document: str = LONG) -> tuple[Any, int]:
    turns = Turns()
    told = await bench.planned(document, ALL, {"ids": ids})
    turns.over()
    await asyncio.sleep(0)
    return told, turns.count


async def test_a_quarter_of_a_million_values_never_hold_the_loop_for_long() -> None:
    bench = Bench(Graph.build(library.build(), library.bindings()), library.build, library.traffic)
    ids = [f"b{1 + number % 2}" for number in range(ROWS)]
    _, few = await counted(bench, ids[:2])
    told, many = await counted(bench, ids)

    assert [len(row) for row in told.data["books"]] == [EACH - 1] * ROWS  # two values are in one price
    assert told.data["books"][-1] == told.data["books"][1]
    assert many - few >= ROWS // TURN


async def test_rows_that_hold_lists_are_shaped_in_shorter_turns_since_nobody_knows_how_long_they_are() -> None:
    bench = Bench(Graph.build(library.build(), library.bindings()), library.build, library.traffic)
    ids, turns = ["b1"] * (TURN // 2), {}
    for fields in ("title", "title shelves { code }"):
        told, turns[fields] = await counted(
            bench, ids, f"query ($ids: [ID!]!) {{ books(ids: $ids) {{ id {fields} }} }}"
        )
        assert len(told.data["books"]) == len(ids)

    assert turns["title shelves { code }"] - turns["title"] >= 3


async def test_a_long_level_with_a_bad_value_says_the_same_as_a_short_one() -> None:
    bench = Bench(Graph.build(library.build(), library.bindings()), library.build, library.traffic)
    short = await bench.planned(LONG, ALL, {"ids": ["b1", "b4", "b3"]})
    long = await bench.planned(LONG, ALL, {"ids": ["b1"] * 1_500 + ["b4", "b3"]})

    assert long.data["books"][-3:] == short.data["books"]
    assert [one["message"] for one in long.errors] == [one["message"] for one in short.errors]
    assert [path[1] - 1_499 for path in long.failed] == [path[1] for path in short.failed]


async def test_a_bad_value_in_a_long_level_costs_its_own_part_alone_the_turns() -> None:
    bench = Bench(Graph.build(library.build(), library.bindings()), library.build, library.traffic)
    ids = ["b4", *(f"b{1 + number % 2}" for number in range(ROWS))]
    _, few = await counted(bench, ids[:2])
    told, many = await counted(bench, ids)

    assert {path[1] for path in told.failed} == {0}
    assert len(told.data["books"]) == ROWS + 1
    assert many - few >= ROWS // TURN


async def test_a_long_body_goes_out_in_pieces_and_a_short_one_whole() -> None:
    for length, pieces in ((SLICE, 1), (SLICE * 3 + 1, 4)):
        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        body = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
        await Sliced(body)({"type": "http"}, asyncio.Queue[Any]().get, send)
        start, *parts = sent
        assert dict(start["headers"])[b"content-length"] == str(length).encode()
        assert b"".join(part["body"] for part in parts) == body
        assert [part.get("more_body", False) for part in parts] == [True] * (pieces - 1) + [False]
