"""`make bench` runs every benchmark there is, and compares what is the same."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

import pytest

from tests.bench.__main__ import BENCHMARKS
from tests.bench.answering import Bench, different, same_bytes
from tests.bench.columns import calls, needless
from tests.bench.questions import CONSENT_ASKED, HUNDRED_ASKED, LARGE_ASKED, MEDIUM_ASKED, ORDER_ASKED, SMALL_ASKED


def test_no_benchmark_is_left_out() -> None:
    modules = sorted(path.stem for path in (Path(__file__).parent.parent / "bench").glob("[a-z]*.py"))

    begun = [one for one in modules if hasattr(import_module(f"tests.bench.{one}"), "main")]

    assert begun == sorted((*BENCHMARKS, "upstream"))  # which is what one of them asks


def test_yardsticks_say_what_the_gateway_says_and_it_fetches_nothing_for_nothing(tmp_path: Path) -> None:
    with ExitStack() as stack:
        bench = Bench(tmp_path, 200, stack)
        gateway, floor, stock = bench.gateway(), bench.floor(), bench.stock()

        asyncio.run(same_bytes(bench, [gateway, floor, stock], [SMALL_ASKED, MEDIUM_ASKED, LARGE_ASKED]))
        asyncio.run(same_bytes(bench, [gateway, floor], [ORDER_ASKED, CONSENT_ASKED]))
        asyncio.run(same_bytes(bench, [gateway], [HUNDRED_ASKED]))


@pytest.mark.parametrize(
    ("floor", "stock", "found"),
    [
        (b'{"data":{"a":"10","b":1}}', b'{"data":{"b":1, "a":"10"}}', []),
        (b'{"data":{"b":1,"a":"10"}}', b'{"data":{"a":"10","b":1}}', ["floor"]),
        (b'{"data":{"a":"10","b":1}}', b'{"data":{"a":"10.000","b":1}}', ["stock"]),
        (b"", b"", ["floor", "stock"]),
    ],
)
def test_the_floor_differs_in_a_byte_and_stock_execution_in_a_value(
    floor: bytes, stock: bytes, found: list[str]
) -> None:
    assert different({"gateway": b'{"data":{"a":"10","b":1}}', "floor": floor, "stock": stock}) == found


@pytest.mark.parametrize("said", [b"", b'{"data":null,"errors":[]}'])
def test_nothing_is_the_same_as_an_answer_that_failed(said: bytes) -> None:
    assert different({"gateway": said, "floor": said}) == ["gateway"]


def test_a_column_is_fetched_for_a_value_that_is_answered_or_as_a_key() -> None:
    asked = calls(
        [
            ("order", "OrderNumber,HeaderId,StatusCode;lines:FulfillLineId,StatusCode;totals:TotalAmount", 1),
            ("order", "OrderNumber,SourceTransactionSystem", 1),
            ("product", "Product,BaseUnit,to_Description/Language", 2),
        ]
    )
    answer = {"data": {"order": {"status": "CLOSED", "lines": [{"number": "1", "product": {"unit": "PC"}}]}}}

    unused = ["order.lines.StatusCode", "order.totals.TotalAmount", "product.to_Description.Language"]
    assert needless(asked, answer, {"SourceTransactionSystem"}) == unused
    assert needless(asked, answer) == sorted([*unused, "order.SourceTransactionSystem"])
