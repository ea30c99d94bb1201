"""The partner hub speaks as the interfaces it is modelled on do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from mocks import partner_hub
from mocks.world.seeded import SeededWorld
from mocks.world.supply import Partners, gtin
from tests.mocks.hub_client import HubClient

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> SeededWorld:
    return SeededWorld(60, now=NOW)


@pytest.fixture(scope="module")
def partners(world: SeededWorld) -> Partners:
    return Partners(world)


@pytest.fixture
async def hub(world: SeededWorld) -> HubClient:
    return await HubClient(world, lag=0.05, per_second=0).login()


def sku_with(world: SeededWorld, partners: Partners, suppliers: int) -> str:
    found = next(index for index in world.products() if len(partners.supplies(index)) == suppliers)
    return world.product(found).sku


async def test_who_has_no_token_is_told_so(world: SeededWorld) -> None:
    reply = await HubClient(world).get("inventory/items")
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json().keys() == {"title", "status", "detail", "instance", "requestId", "context"}


@pytest.mark.parametrize(("secret", "grant", "status"), [("no", "client_credentials", 401), (None, "password", 400)])
async def test_tokens_are_for_the_one_client(world: SeededWorld, secret: str | None, grant: str, status: int) -> None:
    client = HubClient(world)
    login = (partner_hub.CLIENT, secret or partner_hub.SECRET)
    reply = await client.http.post("/oauth/token", data={"grant_type": grant}, auth=login)
    assert reply.status_code == status


async def test_a_token_ends_when_logins_are_expired(hub: HubClient) -> None:
    assert (await hub.get("inventory/items", limit=1)).status_code == 200
    hub.desk.logins += 1
    assert (await hub.get("inventory/items", limit=1)).status_code == 401


async def test_a_token_ends_by_itself(world: SeededWorld) -> None:
    hub = await HubClient(world, token_seconds=0).login()
    assert (await hub.get("inventory/items")).status_code == 401


async def test_what_suppliers_have_of_a_product(hub: HubClient, world: SeededWorld, partners: Partners) -> None:
    sku = sku_with(world, partners, 2)
    found = await hub.items(buyerPartNumber=sku)
    supplies = partners.supplies(partners.index_of(sku) or 0)
    assert [one["partnerId"] for one in found] == [one.supplier.partner_id for one in supplies]
    for row, supply in zip(found, supplies, strict=True):
        assert row["item"]["buyerPartNumber"] == sku
        assert row["item"]["vendorPartNumber"] == supply.part_number
        assert row["item"]["gtin"] == supply.gtin
        assert (row["availableQuantity"], row["onOrderQuantity"]) == (supply.available, supply.on_order)
        assert isinstance(row["availableQuantity"], int)
        assert row["unitOfMeasure"]
        assert row["documentId"]


async def test_several_items_come_in_one_answer_by_either_key(
    hub: HubClient, world: SeededWorld, partners: Partners
) -> None:
    skus = [sku_with(world, partners, 1), sku_with(world, partners, 2)]
    by_sku = await hub.items(buyerPartNumber=skus)
    by_gtin = await hub.items(gtin=[gtin(partners.index_of(sku) or 0) for sku in skus])
    assert by_sku == by_gtin
    assert {row["item"]["buyerPartNumber"] for row in by_sku} == set(skus)
    part = by_sku[0]["item"]["vendorPartNumber"]
    assert [row["item"]["vendorPartNumber"] for row in await hub.items(vendorPartNumber=part)] == [part]


async def test_a_partner_has_its_own_items_and_no_other(hub: HubClient, partners: Partners) -> None:
    found = await hub.items(partnerId="V-200", limit=500)
    assert {row["partnerId"] for row in found} == {"V-200"}
    assert len(found) == len(partners.supplied_by(partners.suppliers[0]))
    assert await hub.items(partnerId="V-999") == []


async def test_pages_go_by_offset_and_have_no_total(hub: HubClient) -> None:
    whole = await hub.items(partnerId="V-200", limit=500)
    paged: list[dict[str, Any]] = []
    for offset in range(0, len(whole) + 1, 7):
        reply = (await hub.get("inventory/items", partnerId="V-200", limit=7, offset=offset)).json()
        assert reply["paging"] == {"offset": offset, "limit": 7}
        paged += reply["results"]
    assert paged == whole


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("inventory/items", {"limit": 501}),
        ("inventory/items", {"limit": 0}),
        ("inventory/items", {"offset": "x"}),
        ("inventory/items", {"colour": "red"}),
        ("inventory/items", {"partnerId": ["V-200", "V-201"]}),
        ("inventory/items", {"gtin": [f"{number:014d}" for number in range(51)]}),
        ("forecasts", {}),
        ("forecasts", {"supplier": "V-200", "from": "tomorrow"}),
        ("forecasts", {"supplier": "V-200", "from": "2026-03-02", "to": "2027-04-01"}),
        ("forecasts", {"supplier": "V-200", "expand": "all"}),
        ("purchaseOrders", {"createdAfter": "2026-02-01T00:00:00Z", "createdBefore": "2026-02-10T00:00:00Z"}),
        ("purchaseOrders", {"purchaseOrderState": "Lost"}),
        ("purchaseOrders", {"limit": 101}),
    ],
)
async def test_what_cannot_be_asked_is_a_problem(hub: HubClient, path: str, query: dict[str, Any]) -> None:
    reply = await hub.get(path, **query)
    assert (reply.status_code, reply.json()["status"]) == (400, 400)
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_forecast_is_weeks_with_a_mean_and_a_p90(
    hub: HubClient, world: SeededWorld, partners: Partners
) -> None:
    sku = sku_with(world, partners, 1)
    body = (await hub.get("forecasts", buyerPartNumber=sku, **{"from": "2026-03-02", "to": "2026-03-15"})).json()
    assert [row["startDate"] for row in body["forecastByItem"]] == ["2026-03-02", "2026-03-09"]
    assert all(row["meanForecastUnits"] <= row["p90ForecastUnits"] for row in body["forecastByItem"])
    assert not any("commitQuantities" in row for row in body["forecastByItem"])
    assert body["documentId"]
    assert body["version"] == 1


async def test_promises_come_along_when_they_are_asked_for(hub: HubClient) -> None:
    body = (await hub.get("forecasts", supplier="V-200", expand="commitQuantities", limit=500)).json()
    rows = body["forecastByItem"]
    assert {row["partnerId"] for row in rows} == {"V-200"}
    promised = next(row for row in rows if row["commitQuantities"])
    alone = (await hub.get(f"forecasts/{promised['forecastId']}/commitQuantities")).json()
    assert alone["items"] == promised["commitQuantities"]
    assert "CANARY-commitment-" in alone["items"][0]["remark"]


async def test_a_promise_is_taken_and_read_a_little_later(hub: HubClient) -> None:
    rows = (await hub.get("forecasts", supplier="V-200", expand="commitQuantities")).json()["forecastByItem"]
    path = f"/v1/forecasts/{rows[0]['forecastId']}/commitQuantities"
    before = (await hub.http.get(path)).json()["items"]
    reply = await hub.http.post(path, json={"quantity": 4711})
    assert (reply.status_code, reply.json()["quantity"]) == (201, 4711)
    assert (await hub.http.get(path)).json()["items"] == before
    await asyncio.sleep(0.06)
    assert [one["quantity"] for one in (await hub.http.get(path)).json()["items"]] == [4711]
    assert (await hub.http.post(path, json={"quantity": -1})).status_code == 400
    assert (await hub.http.post(path, content=b"{}")).status_code == 415


async def test_purchase_orders_newest_first_by_page_token(hub: HubClient) -> None:
    numbers: list[str] = []
    token: dict[str, str] = {}
    for _ in range(3):
        payload = (await hub.get("purchaseOrders", limit=5, **token)).json()["payload"]
        numbers += [one["purchaseOrderNumber"] for one in payload["orders"]]
        token = payload["pagination"]
    whole = (await hub.get("purchaseOrders", limit=15)).json()["payload"]["orders"]
    assert numbers == [one["purchaseOrderNumber"] for one in whole]
    dates = [one["orderDetails"]["purchaseOrderDate"] for one in whole]
    assert dates == sorted(dates, reverse=True)
    assert isinstance(whole[0]["orderDetails"]["items"][0]["netCost"]["amount"], str)


async def test_purchase_orders_of_a_week_and_a_state(hub: HubClient) -> None:
    period = {"createdAfter": "2026-02-01T00:00:00Z", "createdBefore": "2026-02-08T00:00:00Z"}
    found = (await hub.get("purchaseOrders", purchaseOrderState="Acknowledged", **period)).json()["payload"]["orders"]
    assert found
    assert {one["purchaseOrderState"] for one in found} == {"Acknowledged"}
    assert all("2026-02-01" <= one["orderDetails"]["purchaseOrderDate"] < "2026-02-08" for one in found)
    assert (await hub.get("purchaseOrders/nobody")).status_code == 404


async def test_an_acknowledgement_is_taken_at_once_and_done_later(hub: HubClient) -> None:
    order = (await hub.get("purchaseOrders", purchaseOrderState="New", limit=1)).json()["payload"]["orders"][0]
    details = order["orderDetails"]
    said = {"acknowledgementCode": "Accepted", "acknowledgedQuantity": {"amount": 3, "unitOfMeasure": "Each"}}
    item = {"vendorProductIdentifier": details["items"][0]["vendorProductIdentifier"], "itemAcknowledgements": [said]}
    entry = {
        "purchaseOrderNumber": order["purchaseOrderNumber"],
        "sellingParty": details["sellingParty"],
        "items": [item],
    }
    reply = await hub.http.post("/v1/acknowledgements", json={"acknowledgements": [entry]})
    assert reply.status_code == 202
    key = reply.json()["payload"]["transactionId"]
    assert (await status(hub, key))["status"] == "Processing"
    assert await state(hub, order) == "New"
    await asyncio.sleep(0.06)
    assert await status(hub, key) == {"transactionId": key, "status": "Success"}
    assert await state(hub, order) == "Acknowledged"
    assert hub.desk.ledger[-1]["operation"] == "acknowledgements"


async def test_an_unknown_value_is_a_failure_and_not_a_refusal(hub: HubClient) -> None:
    entry = {"purchaseOrderNumber": "4500000000", "sellingParty": {"partyId": "V-200"}, "items": []}
    reply = await hub.http.post("/v1/acknowledgements", json={"acknowledgements": [entry]})
    assert reply.status_code == 202
    await asyncio.sleep(0.06)
    found = await status(hub, reply.json()["payload"]["transactionId"])
    assert (found["status"], found["errors"][0]["code"]) == ("Failure", "InvalidInput")
    assert (await hub.http.post("/v1/acknowledgements", json={})).status_code == 400


async def test_ten_requests_and_then_no_more_for_a_while(world: SeededWorld) -> None:
    hub = await HubClient(world).login()
    replies = [await hub.get("transactions/none") for _ in range(11)]
    assert [one.status_code for one in replies] == [404] * 10 + [429]
    assert replies[-1].headers["x-amzn-ratelimit-limit"] == "10.0"
    await asyncio.sleep(0.15)
    assert (await hub.get("transactions/none")).status_code == 404


async def test_a_request_id_comes_back(hub: HubClient) -> None:
    reply = await hub.http.get("/v1/inventory/items", params={"limit": 1}, headers={"X-Request-ID": "abc"})
    assert reply.headers["x-request-id"] == "abc"


async def status(hub: HubClient, key: str) -> dict[str, Any]:
    found: dict[str, Any] = (await hub.get(f"transactions/{key}")).json()["payload"]["transactionStatus"]
    return found


async def state(hub: HubClient, order: dict[str, Any]) -> str:
    reply = await hub.get(f"purchaseOrders/{order['purchaseOrderNumber']}")
    return str(reply.json()["payload"]["purchaseOrderState"])
