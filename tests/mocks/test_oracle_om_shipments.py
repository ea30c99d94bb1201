"""Shipment lines in the order system's mock: the link from an order to the number its carrier knows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mocks.oracle_om import PASSWORD, USERNAME, create
from tests.mocks.parcel_world import known, parcels, world

pytestmark = pytest.mark.anyio
PATH = "/fscmRestApi/resources/11.13.18.05/shipmentLines"


async def ask(version: str = "4", **parameters: str) -> Any:
    transport = httpx.ASGITransport(create(world()))
    async with httpx.AsyncClient(transport=transport, base_url="http://oracle", auth=(USERNAME, PASSWORD)) as client:
        reply = await client.get(PATH, params=parameters, headers={"REST-Framework-Version": version})
        return reply.json() if reply.status_code == 200 else reply.status_code


async def test_the_lines_of_an_order_name_their_parcels():
    order = next(one.order for one in known("UPS", 120) if len(parcels().of_order(one.order)) > 1)
    found = (await ask(q=f"Order='{order.number}'", limit="500"))["items"]
    assert {row["TrackingNumber"] for row in found} == {one.number for one in parcels().of_order(order)}
    assert {row["Order"] for row in found} == {order.number}
    assert {row["Carrier"] for row in found} == {line.carrier for line in order.lines}
    assert len({row["ShipmentLine"] for row in found}) == len(found)


async def test_a_tracking_number_leads_to_its_lines():
    parcel = known("UPS", 120)[0]
    found = (await ask(q=f"TrackingNumber IN ('{parcel.number}','nix')"))["items"]
    assert [(row["OrderLine"], row["Item"]) for row in found] == [
        (part.line.number, part.line.sku) for part in parcel.contents
    ]


async def test_what_is_packed_has_a_number_before_it_ships():
    parcel = next(one for carrier in ("UPS", "FedEx") for one in known(carrier, 90) if one.shipped_on is None)
    (row, *_) = (await ask(q=f"TrackingNumber='{parcel.number}'"))["items"]
    assert (row["LineStatusCode"], row["ActualShipDate"], row["ShippedQuantity"]) == ("Y", None, None)
    assert row["StagedQuantity"] is not None


async def test_version_1_takes_query_by_example_and_pages_have_an_end():
    order = known("UPS", 120)[0].order
    assert (await ask("1", q=f"Order={order.number}", limit="1", totalResults="true"))["count"] == 1
    assert await ask("1", q=f"Order='{order.number}' and Item='x'") == 400


async def test_all_lines_can_be_listed():
    found = await ask(limit="3", totalResults="true", orderBy="ShipmentLine:asc", fields="ShipmentLine,TrackingNumber")
    assert found["count"] == 3
    assert found["totalResults"] > 1000
