"""What the adapter makes of answers no hub should give, and of none at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from resolvers.backends.base import (
    BackendError,
    Deadline,
    Garbled,
    Overdue,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
)
from resolvers.backends.partner_hub import Acknowledgement, PartnerHub, Transaction
from tests.resolvers.backends.hub_wire import answers, ok, saying

pytestmark = pytest.mark.anyio

ITEM = {"buyerPartNumber": "TG11", "vendorPartNumber": "ACME-11", "gtin": "04012345678901"}
SPS = {
    "spsBuyerOrgId": "B1",
    "spsSellerOrgId": "S9",
    "partnerId": "V-204",
    "availableQuantity": 120,
    "nextAvailableQuantity": 400,
    "onOrderQuantity": 0,
    "availableDate": "2024-03-04T00:00:00Z",
    "projectedQuantities": [{"date": "2024-03-11T00:00:00Z", "quantity": 400}],
    "item": ITEM | {"spsItemId": "it_1"},
    "quantityLastUpdated": "2024-03-04T06:00:00Z",
    "lastUpdated": "2024-03-04T06:00:00Z",
    "unitOfMeasure": "Each",
    "tomorrow's field": {"nobody": ["knows"]},
}
WEEK = {
    "partnerId": "V-204",
    "item": ITEM,
    "startDate": "2021-06-06",
    "endDate": "2021-06-12",
    "forecastGenerationDate": "2021-06-06",
    "meanForecastUnits": 3.1,
    "p70ForecastUnits": 3.9,
    "p90ForecastUnits": 300.7,
    "unitOfMeasure": "Each",
}


def items(*rows: dict[str, Any], **changes: Any) -> Reply:
    return ok({"results": [row | changes for row in rows or (SPS,)], "paging": {"offset": 0}})


def weeks(**changes: Any) -> Reply:
    return ok({"forecastByItem": [WEEK | changes]})


async def test_the_documented_example_is_read() -> None:
    found = (await answers(saying(items()), "supplies", "TG11"))["TG11"][0]
    assert (found.available, str(found.available_on), found.part_number) == (120, "2024-03-04", "ACME-11")
    assert [(str(one.on), one.quantity) for one in found.expected] == [("2024-03-11", 400)]
    week = (await answers(saying(weeks()), "forecasts", "TG11"))["TG11"][0]
    assert (str(week.mean), str(week.p90)) == ("3.1", "300.7")


@pytest.mark.parametrize(
    "change",
    [
        {"availableQuantity": "120"},
        {"availableQuantity": 1.5},
        {"availableQuantity": -1},
        {"availableQuantity": None},
        {"partnerId": 204},
        {"item": {"gtin": "04012345678901"}},
        {"item": None},
        {"lastUpdated": "2024-03-04T06:00:00"},
        {"lastUpdated": "yesterday"},
        {"availableDate": "soon"},
        {"projectedQuantities": [{"date": "2024-03-11T00:00:00Z", "quantity": -4}]},
        {"projectedQuantities": [{"quantity": 4}]},
        {"projectedQuantities": {"date": "2024-03-11T00:00:00Z"}},
        {"unitOfMeasure": None},
    ],
)
async def test_an_item_that_cannot_be_is_garbled(change: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        await answers(saying(items(**change)), "supplies", "TG11")


@pytest.mark.parametrize(
    "change",
    [
        {"meanForecastUnits": -0.1},
        {"meanForecastUnits": "many"},
        {"p90ForecastUnits": None},
        {"endDate": "2021-06-05"},
        {"startDate": "6 June"},
        {
            "commitQuantities": [
                {"startDate": "2021-06-06", "endDate": "2021-06-12", "quantity": -1, "unitOfMeasure": "E"}
            ]
        },
        {"commitQuantities": [{"startDate": "2021-06-06", "quantity": 1, "unitOfMeasure": "E"}]},
    ],
)
async def test_a_week_that_cannot_be_is_garbled(change: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        await answers(saying(weeks(**change)), "forecasts", "TG11")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"results":null}', "[" * 5_000, '{"results":[{}]}', "\xff"])
async def test_what_is_no_list_of_items_is_garbled(body: str) -> None:
    reply = Reply(200, {"content-type": "application/json"}, body.encode("latin-1"))
    with pytest.raises(Garbled):
        await answers(saying(reply), "supplies", "TG11")


async def test_a_login_page_is_garbled() -> None:
    with pytest.raises(Garbled):
        await answers(saying(Reply(200, {"content-type": "text/html"}, b"<html>sign in")), "supplies", "TG11")


async def test_one_bad_item_costs_its_own_product() -> None:
    bad = SPS | {"item": ITEM | {"buyerPartNumber": "TG12"}, "availableQuantity": -1}
    hub = saying(items(SPS, bad))
    found = dict(await hub.supplies(hub.wire(Deadline(5)), ("TG11", "TG12"), frozenset({"available"})))
    assert found["TG11"][0].available == 120
    assert isinstance(found["TG12"], Garbled)


async def test_items_of_others_are_never_passed_on() -> None:
    """A hub that forgets a filter would otherwise show one supplier what another has."""
    with pytest.raises(Garbled):
        await answers(saying(items()), "supplies", "TG99")
    with pytest.raises(Garbled):
        await answers(saying(items()), "supplies", "TG11", partners=("V-205",))
    with pytest.raises(Garbled):
        await answers(saying(items()), "supplies_of", "V-205")
    with pytest.raises(Garbled):
        await answers(saying(weeks()), "forecasts", "TG11", partners=("V-205",))


async def test_more_rows_than_a_page_holds_are_garbled() -> None:
    with pytest.raises(Garbled):
        await answers(saying(items(*[SPS] * 501)), "supplies", "TG11")
    with pytest.raises(Garbled):
        await answers(saying(items(*[SPS] * 4)), "supplies_of", "V-204", first=2)


async def test_pages_without_end_are_garbled() -> None:
    with pytest.raises(Garbled, match="do not end"):
        await answers(saying(items(*[SPS] * 500)), "supplies", "TG11")


def problem(status: int, **headers: str) -> Reply:
    body = json.dumps({"title": "x", "status": status, "detail": "TG11 is not for you", "requestId": "1"})
    return Reply(status, {"content-type": "application/problem+json", **headers}, body.encode())


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (problem(400), Refused, None),
        (problem(401), Refused, None),
        (problem(403), Refused, None),
        (problem(404), Refused, None),
        (problem(415), Refused, None),
        (problem(429), Throttled, None),
        (problem(429, **{"retry-after": "3"}), Throttled, 3.0),
        (problem(429, **{"retry-after": "soon"}), Throttled, None),
        (problem(500), Unavailable, None),
        (problem(503, **{"retry-after": "7"}), Unavailable, 7.0),
        (Reply(302, {"location": "/login"}, b""), Refused, None),
        (Reply(204, {}, b""), Garbled, None),
    ],
)
async def test_each_refusal_is_what_it_means(reply: Reply, kind: type[BackendError], wait: float | None) -> None:
    with pytest.raises(kind) as caught:
        await answers(saying(reply), "supplies", "TG11")
    assert type(caught.value) is kind
    assert caught.value.retry_after == wait
    assert "not for you" not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (Reply(200, {}, b"{}"), Garbled),
        (Reply(200, {}, b'{"access_token":"a b\\nc"}'), Garbled),
        (Reply(200, {}, b'{"access_token":7}'), Garbled),
        (Reply(401, {}, b'{"error":"invalid_client"}'), Refused),
        (Reply(503, {}, b""), Unavailable),
    ],
)
async def test_a_login_that_goes_wrong(token: Reply, kind: type[BackendError]) -> None:
    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        return token

    hub = PartnerHub(saying(items()).connection, send)
    with pytest.raises(kind):
        await answers(hub, "supplies", "TG11")


ORDER = {
    "purchaseOrderNumber": "L8266355",
    "purchaseOrderState": "New",
    "orderDetails": {
        "purchaseOrderDate": "2019-05-23T10:00:00Z",
        "purchaseOrderType": "RegularOrder",
        "sellingParty": {"partyId": "TEST1"},
        "items": [
            {
                "itemSequenceNumber": "1",
                "buyerProductIdentifier": "ABC123434",
                "vendorProductIdentifier": "028877454078",
                "orderedQuantity": {"amount": 2, "unitOfMeasure": "Cases", "unitSize": 10},
                "netCost": {"amount": "1800", "currencyCode": "INR"},
            }
        ],
    },
}


async def test_the_documented_order_is_read() -> None:
    found = (await answers(saying(ok({"payload": ORDER})), "purchase_orders", "L8266355"))["L8266355"]
    assert (found.supplier_number, found.lines[0].ordered, found.lines[0].acknowledgement) == ("TEST1", 2, None)
    assert (str(found.lines[0].cost.amount), found.lines[0].cost.currency) == ("1800", "INR")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"payload": ORDER | {"purchaseOrderNumber": "another"}}, Garbled),
        ({"payload": {}}, Garbled),
        ({"errors": [{"code": "InvalidInput", "message": "L8266355?"}]}, Refused),
        ({}, Refused),
    ],
)
async def test_another_order_or_none_is_no_answer(body: Any, kind: type[BackendError]) -> None:
    with pytest.raises(kind):
        await answers(saying(ok(body)), "purchase_orders", "L8266355")


@pytest.mark.parametrize("cost", ["a lot", "NaN", ""])
async def test_money_that_is_none_is_garbled(cost: str) -> None:
    order = json.loads(json.dumps(ORDER))
    order["orderDetails"]["items"][0]["netCost"]["amount"] = cost
    with pytest.raises(Garbled):
        await answers(saying(ok({"payload": order})), "purchase_orders", "L8266355")


def status(status: str, key: str = "t1") -> Reply:
    return ok({"payload": {"transactionStatus": {"transactionId": key, "status": status}}})


def in_turn(*replies: Reply) -> Callable[[Request], Reply]:
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


RECEIPT = Reply(202, {}, b'{"payload":{"transactionId":"t1"}}')
SAID = Acknowledgement("L8266355", "TEST1", ())


async def test_what_became_of_a_write_is_read_until_it_is_known() -> None:
    hub = saying(in_turn(RECEIPT, status("Processing"), status("Processing"), status("Success")))
    assert await answers(hub, "acknowledge", SAID) == {SAID: Transaction("t1", "Success")}


async def test_when_reading_is_throttled_it_is_still_processing() -> None:
    hub = saying(in_turn(RECEIPT, status("Processing"), problem(429)))
    assert await answers(hub, "acknowledge", SAID) == {SAID: Transaction("t1", "Processing")}


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ((problem(400),), Refused),
        ((problem(503),), Unavailable),
        ((Reply(202, {}, b"{}"),), Refused),
        ((Reply(202, {}, b'{"errors":[{"code":"InvalidInput"}]}'),), Refused),
        ((RECEIPT, status("Half done")), Garbled),
        ((RECEIPT, status("Success", "t2")), Garbled),
    ],
)
async def test_a_write_that_goes_wrong(replies: tuple[Reply, ...], kind: type[BackendError]) -> None:
    with pytest.raises(kind):
        await answers(saying(in_turn(*replies)), "acknowledge", SAID)


async def test_no_time_left_is_nobodys_fault() -> None:
    with pytest.raises(Overdue):
        await answers(saying(items()), "supplies", "TG11", seconds=0)
