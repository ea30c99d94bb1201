"""What was packed, as the order system's adapter tells it: parcels of an order, and the order of a parcel."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from mocks.oracle_om import create
from resolvers.backends.base import Ambiguous, Garbled, Unusable
from resolvers.backends.oracle_om import OracleOM, Packed
from tests.mocks.parcel_world import known, parcels, world
from tests.resolvers.backends.oracle_om_lines import Canned, ToMock, adapter, ask, page

pytestmark = pytest.mark.anyio
EVERYTHING = list(OracleOM.shipments_of.columns)


@pytest.fixture
def mock() -> ToMock:
    return ToMock(create(world()))


def row(number: int, tracking: str | None = "1ZA", **more: Any) -> dict[str, Any]:
    return {"ShipmentLine": number, "Order": "A-1", "TrackingNumber": tracking} | more


async def test_an_order_s_parcels_come_with_what_is_in_them(mock):
    orders = {one.order.number: one.order for one in known("UPS", 120)[:60]}
    asked = list(orders)[:50]
    found = await ask(adapter(mock), "shipments_of", asked, EVERYTHING)
    for number in asked:
        wanted = [
            (one.number, one.carrier, [Packed(p.line.number, p.line.sku, p.quantity) for p in one.contents])
            for one in parcels().of_order(orders[number])
        ]
        told = [(one.number, one.carrier, one.contents) for one in found[number].value]
        assert sorted(told, key=str) == sorted(wanted, key=str)
    assert len(mock.requests) == 1


async def test_only_what_is_asked_for_travels(mock):
    number = known("UPS", 120)[0].order.number
    await ask(adapter(mock), "shipments_of", [number, number], ["number", "carrier"])
    (asked,) = mock.asked
    assert asked["fields"] == "ShipmentLine,Order,TrackingNumber,Carrier"
    assert asked["q"] == f"Order IN ('{number}')"


async def test_an_order_of_which_nothing_is_packed_has_no_parcels(mock):
    found = await ask(adapter(mock), "shipments_of", ["nix"], EVERYTHING)
    assert found["nix"].value == []


async def test_a_parcel_leads_to_its_order(mock):
    parcel = known("FedEx", 90)[0]
    found = await ask(adapter(mock), "shipments", [parcel.number, "nix"], EVERYTHING)
    assert found[parcel.number].value.order_number == parcel.order.number
    assert (found["nix"].value, found["nix"].error) == (None, None)


async def test_rows_are_read_to_the_end_behind_a_key():
    line = Canned(page(row(1), row(2, "1ZB"), more=True), page(row(3, "1ZC")))
    found = await ask(adapter(line), "shipments_of", ["A-1"], ["number"])
    assert [one.number for one in found["A-1"].value] == ["1ZA", "1ZB", "1ZC"]
    assert line.asked[1]["q"] == "Order IN ('A-1') and ShipmentLine > 2"


@pytest.mark.parametrize(
    "body",
    [
        page(row(1), more=True),
        page(more=True),
        page(row(1) | {"Order": "B-2"}),
        page(row(0)),
        page(row(1) | {"Order": None}),
        page(row(1, Carrier=7)),
        page(row(1)),
        b"[]",
    ],
)
async def test_what_does_not_add_up_is_garbled(body):
    line = Canned(body, endless=True)
    found = await ask(adapter(line), "shipments_of", ["A-1"], ["number", "carrier"])
    assert isinstance(found["A-1"].error, Garbled)


async def test_what_is_in_no_parcel_is_passed_over():
    line = Canned(page(row(1, None), row(2, "")))
    assert (await ask(adapter(line), "shipments_of", ["A-1"], ["number"]))["A-1"].value == []


async def test_a_parcel_of_several_orders_is_not_guessed():
    line = Canned(page(row(1), row(2) | {"Order": "B-2"}))
    found = await ask(adapter(line), "shipments", ["1ZA"], ["order_number"])
    assert isinstance(found["1ZA"].error, Ambiguous)


async def test_what_is_staged_counts_until_it_is_shipped():
    rows = [row(1, ShippedQuantity=None, StagedQuantity=2), row(2, ShippedQuantity=3, StagedQuantity=None)]
    line = Canned(json.dumps({"items": rows, "count": 2, "hasMore": False}).encode())
    found = await ask(adapter(line), "shipments_of", ["A-1"], ["contents", "contents.quantity"])
    assert [one.quantity for one in found["A-1"].value[0].contents] == [Decimal(2), Decimal(3)]


async def test_a_key_that_would_break_out_of_its_quotes_does_not(mock):
    found = await ask(adapter(mock), "shipments", ["1Z' or '1'='1", "a\x00b"], ["number"])
    assert found["1Z' or '1'='1"].value is None
    assert isinstance(found["a\x00b"].error, Unusable)
