"""The order system's adapter against bytes its mock would never send: each failure by name, never a wrong value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from resolvers.backends.base import (
    Deadline,
    Garbled,
    Overdue,
    Refused,
    Reply,
    Throttled,
    TimedOut,
    Unavailable,
)
from resolvers.backends.oracle_om import Money, Party
from schema import LineStatus, OrderStatus
from tests.resolvers.backends.oracle_om_lines import Canned, adapter, ask, page

pytestmark = pytest.mark.anyio

MOMENT = "2018-09-19T19:51:48+00:00"
OPERATIONS = ("orders", "orders_of", "totals_of", "parties_of_orders")


def order(header_id: Any = 300000046987012, number: Any = "1", **more: Any) -> dict[str, Any]:
    return {"HeaderId": header_id, "OrderNumber": number, **more}


def of(party: str, header_id: int, placed: Any = MOMENT, **more: Any) -> dict[str, Any]:
    found = {"BuyingPartyNumber": party, "TransactionOn": placed}
    return order(header_id, more.pop("number", f"N{header_id}"), **found, **more)


async def one(canned: Canned | bytes, *columns: str) -> Any:
    send = canned if isinstance(canned, Canned) else Canned(canned)
    return (await ask(adapter(send), "orders", ["1"], columns))["1"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (404, Refused),
        (412, Refused),
        (302, Refused),
        (429, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (204, Garbled),
        (206, Garbled),
    ],
)
async def test_each_status_has_its_meaning_for_every_question(status, error):
    for operation in OPERATIONS:
        found = await ask(adapter(Canned(Reply(status, {}, b"<html>"))), operation, ["1"])
        assert type(found["1"].error) is error
        assert found["1"].error.system == "oracle_om"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"title": "CANARY", "o:errorDetails": [{"detail": "CANARY", "o:errorCode": "27520"}]}', " 27520"),
        (b'{"title": "CANARY", "status": "400", "o:errorCode": "FND-1234", "o:errorDetails": []}', " FND-1234"),
        (b'{"o:errorDetails": [{"o:errorCode": "CANARY 27520"}, {"detail": "CANARY"}]}', ""),
        (b'{"o:errorCode": ["CANARY"]}', ""),
        (b"OrderNumber = 'CANARY' cannot be parsed", ""),
        (b"[" * 100_000, ""),
        (b"\xffCANARY", ""),
    ],
)
@pytest.mark.parametrize("status", [206, 302, 400, 401, 429, 500])
async def test_what_a_refusal_says_is_not_repeated_but_for_its_code(status, body, said):
    found = await ask(adapter(Canned(Reply(status, {}, body))), "orders", ["1"])
    assert str(found["1"].error) == f"oracle_om: {status}{said}"


async def test_what_was_asked_for_is_not_in_the_error_of_an_empty_page():
    for operation in OPERATIONS:
        found = await ask(adapter(Canned(page(more=True))), operation, ["CANARY"])
        assert type(found["CANARY"].error) is Garbled
        assert "CANARY" not in str(found["CANARY"].error)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("", None), ("soon", None), ("-3", None), ("1e999", None), ("nan", None)],
)
async def test_a_pause_it_asks_for_is_passed_on(status, stated, seconds):
    found = await one(Canned(Reply(status, {"retry-after": stated}, b"")))
    assert found.error.retry_after == seconds


async def test_a_pause_may_be_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    found = await one(Canned(Reply(503, {"retry-after": later}, b"")))
    assert 50 < found.error.retry_after <= 60
    found = await one(Canned(Reply(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"")))
    assert found.error.retry_after == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b"null",
        b"[]",
        b"{}",
        b'{"items":[',
        b'{"items":null,"hasMore":false}',
        b'{"items":[]}',
        b'{"items":[],"hasMore":"no"}',
        b'{"items":[7],"hasMore":false}',
        b'{"items":[{}],"hasMore":false}',
        b'{"items":[],"hasMore":true}',
        b'{"items":[{"HeaderId":1,"OrderNumber":"1"}],"hasMore":false}'[:-2],
        b'{"x":' + b"[" * 200_000,
        b'{"items":[{"HeaderId":1,"OrderNumber":"\xff"}],"hasMore":false}',
        b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b',"hasMore":false}',
    ],
)
async def test_what_is_no_collection_is_garbled(body):
    for operation in OPERATIONS:
        found = await ask(adapter(Canned(body, endless=True)), operation, ["1"])
        assert type(found["1"].error) is Garbled, operation


@pytest.mark.parametrize(
    "header_id", ['"300"', "3.0e14", "300000046987012.0", "null", "-1", "0", "99999999999999999999"]
)
async def test_an_id_that_is_no_64_bit_integer_is_garbled(header_id):
    found = await one(page(f'{{"HeaderId":{header_id},"OrderNumber":"1"}}'))
    assert type(found.error) is Garbled


async def test_an_18_digit_id_keeps_its_digits():
    assert (await one(page(order(123456789012345678)))).value.header_id == 123456789012345678


async def test_decimals_are_read_digit_by_digit():
    row = (
        '{"HeaderId":1,"OrderNumber":"1","TransactionalCurrencyCode":"USD",'
        '"lines":[{"FulfillLineId":1,"ExtendedAmount":12345678901234567.0000000000000000001,"UnitSellingPrice":0.1,'
        '"OrderedQuantity":1e2}]}'
    )
    (line,) = (await one(page(row), "lines.amount", "lines.unit_price", "lines.quantity")).value.lines
    assert line.amount == Money(Decimal("12345678901234567.0000000000000000001"), "USD")
    assert line.unit_price == Money(Decimal("0.1"), "USD")
    assert line.quantity == 100


@pytest.mark.parametrize("amount", ['"NaN"', '"Infinity"', "1e999999", "1e-999999", '"x"', "true", "[]", "{}"])
async def test_an_amount_that_is_none_is_garbled(amount):
    row = '{"HeaderId":1,"OrderNumber":"1","TransactionalCurrencyCode":"USD","lines":[{"FulfillLineId":1,"%s":%s}]}'
    for name, column in (("ExtendedAmount", "lines.amount"), ("OrderedQuantity", "lines.quantity")):
        assert type((await one(page(row % (name, amount)), column)).error) is Garbled


@pytest.mark.parametrize("moment", ["2018-09-19", "2018-09-19T19:51:48", "yesterday", "", 1537386708, True])
async def test_a_moment_without_an_offset_is_garbled(moment):
    assert type((await one(page(order(TransactionOn=moment)), "placed_at")).error) is Garbled


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("placed_at", {}),
        ("holds", {}),
        ("lines", {}),
        ("total", {"TransactionalCurrencyCode": "USD"}),
        ("parties.ship_to", {"shipToCustomer": [{"PartyName": "A"}]}),
        ("lines.sku", {"lines": [{"FulfillLineId": 1}]}),
        ("lines.sku", {"lines": [{"ProductNumber": "x"}]}),
        ("holds", {"holds": {"items": [{}], "hasMore": False}}),
        ("lines.amount", {"lines": [{"FulfillLineId": 1, "ExtendedAmount": 1}]}),
    ],
)
async def test_what_was_asked_for_and_did_not_come_is_garbled_not_null(column, row):
    assert type((await one(page(order(**row)), column)).error) is Garbled


async def test_one_bad_order_does_not_cost_the_others():
    good, bad = order(1, "1", StatusCode="OPEN"), order(2, "2")
    found = await ask(adapter(Canned(page(good, bad))), "orders", ["1", "2"], ["status"])
    assert found["1"].value.status is OrderStatus.OPEN
    assert type(found["2"].error) is Garbled


async def test_states_the_graph_has_no_word_for_are_other():
    lines = [{"FulfillLineId": n, "StatusCode": code} for n, code in enumerate(("SHIPPED", "XX_PACKED", None, ""), 1)]
    found = (await one(page(order(StatusCode="XX_PARKED", lines=lines)), "status", "lines.status")).value
    assert found.status is OrderStatus.OTHER
    assert [line.status for line in found.lines] == [LineStatus.SHIPPED, LineStatus.OTHER, None, None]


@pytest.mark.parametrize(
    ("totals", "amount"),
    [
        ([], None),
        ([{"TotalAmount": 5, "PrimaryFlag": True}, {"TotalAmount": 9, "PrimaryFlag": False}], 5),
        ([{"TotalAmount": 5, "PrimaryFlag": "Y"}, {"TotalAmount": 9, "PrimaryFlag": "N"}], 5),
        ([{"TotalAmount": 5, "PrimaryFlag": True}, {"TotalAmount": 9, "PrimaryFlag": None}], 5),
        ([{"TotalAmount": None, "PrimaryFlag": True}], None),
        ([{"TotalAmount": 5, "PrimaryFlag": False}], Garbled),
        ([{"TotalAmount": 5, "PrimaryFlag": True}, {"TotalAmount": 6, "PrimaryFlag": True}], Garbled),
        ([{"TotalAmount": 5, "PrimaryFlag": "maybe"}], Garbled),
    ],
)
async def test_the_total_is_the_primary_one_or_none(totals, amount):
    found = await one(page(order(TransactionalCurrencyCode="EUR", totals=totals)), "total")
    if amount is Garbled:
        assert type(found.error) is Garbled
    else:
        assert found.value.total == (amount and Money(Decimal(amount), "EUR"))


async def test_money_without_a_currency_is_garbled():
    totals = [{"TotalAmount": 5, "PrimaryFlag": True}]
    assert type((await one(page(order(TransactionalCurrencyCode=None, totals=totals)), "total")).error) is Garbled


async def test_a_hold_that_does_not_say_so_is_not_released_and_the_oldest_is_first():
    hold = {"HoldComments": None, "ApplyDate": None, "ReleaseFlag": None}
    rows = [
        hold | {"HoldName": "a"},
        hold | {"HoldName": "b", "ApplyDate": "2020-01-02T00:00:00+00:00", "ReleaseFlag": False},
        hold | {"HoldName": "c", "ApplyDate": "2020-01-01T00:00:00+05:00", "ReleaseFlag": "N"},
        hold | {"HoldName": "d", "ReleaseFlag": True},
        hold | {"HoldName": "e", "ReleaseFlag": "Y"},
    ]
    found = (await one(page(order(holds=rows)), "holds")).value
    assert [one.name for one in found.holds] == ["c", "b", "a"]


async def test_an_empty_place_is_a_party_without_an_address():
    names = ("PartyName", "Address1", "Address2", "Address3", "Address4", "City", "State", "PostalCode", "Country")
    place = dict.fromkeys(names) | {"PartyName": "A", "City": ""}
    found = (await one(page(order(shipToCustomer=[place])), "parties.ship_to")).value
    assert found.parties.ship_to == Party("A", None)


async def test_the_newest_revision_of_an_order_counts():
    rows = [order(5, "1", StatusCode="CLOSED"), order(9, "1", StatusCode="OPEN"), order(7, "1", StatusCode="CANCELED")]
    assert (await one(page(*rows), "status")).value.header_id == 9
    rows = [of("7", header_id, number="1", StatusCode="OPEN") for header_id in (5, 9, 7)]
    found = (await ask(adapter(Canned(page(*rows))), "orders_of", ["7"], ["status"]))["7"].value
    assert [one.header_id for one in found.orders] == [9]
    found = await ask(adapter(Canned(page(*rows))), "totals_of", ["7"], ["status"])
    assert len(found["7"].value) == 1


@pytest.mark.parametrize("number", ["2", "1 ", "", None])
async def test_rows_nobody_asked_for_are_garbled(number):
    assert type((await one(page(order(1, "1"), order(2, number)))).error) is Garbled
    rows = page(of("7", 1), of("8", 2))
    for operation in ("orders_of", "totals_of"):
        assert type((await ask(adapter(Canned(rows)), operation, ["7"]))["7"].error) is Garbled


async def test_rows_that_repeat_from_page_to_page_count_once():
    first = page(of("7", 1, StatusCode="OPEN"), of("7", 2, StatusCode="OPEN"), more=True)
    second = page(of("7", 2, StatusCode="OPEN"), of("7", 3, StatusCode="OPEN"))
    send = Canned(first, second)
    assert len((await ask(adapter(send), "totals_of", ["7"], ["status"]))["7"].value) == 3
    assert send.asked[1]["q"] == "BuyingPartyNumber IN ('7') and HeaderId > 2"


async def test_the_newest_orders_that_repeat_from_page_to_page_count_once():
    early, late = "2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00"
    send = Canned(page(of("7", 1, late), of("7", 2, late), more=True), page(of("7", 2, late), of("7", 3, early)))
    found = (await ask(adapter(send), "orders_of", ["7"], [], first=2))["7"].value
    assert [one.header_id for one in found.orders] == [1, 2]
    assert found.has_next
    assert "OrderNumber < 'N2'" in send.asked[1]["q"]


async def test_pages_that_never_get_anywhere_are_garbled():
    for operation in OPERATIONS:
        send = Canned(page(of("1", 5, number="1"), of("1", 5, number="1"), more=True), endless=True)
        found = await ask(adapter(send), operation, ["1"], ["party_number"])
        assert type(found["1"].error) is Garbled, operation
        assert len(send.requests) <= 3
    changed = {
        "HeaderId": 1,
        "BuyingPartyNumber": "1",
        "BuyingPartyId": 1,
        "BuyingPartyName": "",
        "LastUpdateDate": MOMENT,
    }
    send = Canned(page(changed, more=True), endless=True)
    with pytest.raises(Garbled):
        _ = [one async for one in adapter(send).parties_changed_since(Deadline(5))]


async def test_a_page_out_of_order_is_garbled_when_more_is_to_come():
    old, new = "2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00"
    found = await ask(adapter(Canned(page(of("7", 1, old), of("7", 2, new), more=True))), "orders_of", ["7"], first=5)
    assert type(found["7"].error) is Garbled
    found = await ask(adapter(Canned(page(of("7", 2), of("7", 1), more=True))), "totals_of", ["7"])
    assert type(found["7"].error) is Garbled
    found = await ask(adapter(Canned(page(of("7", 1, old), of("7", 2, new)))), "orders_of", ["7"], first=5)
    assert [one.header_id for one in found["7"].value.orders] == [2, 1]


async def test_orders_without_a_date_come_first_and_can_be_continued_behind():
    send = Canned(page(of("7", 2, None), of("7", 1, None), more=True), page())
    await ask(adapter(send), "orders_of", ["7"], [], first=2)
    assert send.asked[1]["q"] == (
        "BuyingPartyNumber IN ('7') and (TransactionOn is not null or (TransactionOn is null and OrderNumber < 'N1'))"
    )


LINE = {"FulfillLineId": 1}


async def test_an_array_of_25_may_have_been_cut_and_is_read_again():
    lines = [{"FulfillLineId": n} for n in range(1, 26)]
    send = Canned(page(order(lines=lines)), page(*lines, {"FulfillLineId": 26}))
    assert len((await one(send, "lines")).value.lines) == 26
    assert "/300000046987012/child/lines?fields=FulfillLineId&" in send.requests[1].target


async def test_children_are_followed_to_their_end_and_count_once():
    cut = order(lines={"items": [LINE], "hasMore": True})
    rest = [{"FulfillLineId": n} for n in range(1, 4)]
    send = Canned(page(cut), page(*rest[:2], more=True), page(*rest[1:]))
    assert len((await one(send, "lines")).value.lines) == 3
    assert [asked["offset"] for asked in send.asked[1:]] == ["0", "2"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(404, {}, b""), Refused),
        (Reply(503, {}, b""), Unavailable),
        (page(LINE, more=True), Garbled),
        (page(more=True), Garbled),
        (b"<", Garbled),
        (ConnectionResetError(), Unavailable),
    ],
)
async def test_an_order_whose_lines_cannot_be_read_is_missing_alone(answer, error):
    cut = order(2, "2", lines={"items": [LINE], "hasMore": True})
    send = Canned(page(order(1, "1", lines=[]), cut), answer, answer)
    found = await ask(adapter(send), "orders", ["1", "2"], ["lines"])
    assert found["1"].value.lines == []
    assert type(found["2"].error) is error


async def test_totals_and_holds_beyond_the_first_page_are_read_too():
    totals = [{"TotalAmount": 1, "PrimaryFlag": False}] * 30 + [{"TotalAmount": 7, "PrimaryFlag": True}]
    row = order(TransactionalCurrencyCode="USD", totals={"items": totals[:25], "hasMore": True})
    found = await one(Canned(page(row), page(*totals)), "total")
    assert found.value.total == Money(Decimal(7), "USD")


@pytest.mark.parametrize(("error", "kind"), [(TimeoutError(), TimedOut), (ConnectionRefusedError(), Unavailable)])
async def test_a_line_that_is_down_is_unavailable(error, kind):
    for operation in OPERATIONS:
        assert type((await ask(adapter(Canned(error)), operation, ["1"]))["1"].error) is kind


async def test_nothing_is_asked_when_no_time_is_left():
    send = Canned()
    with pytest.raises(Overdue):
        _ = [one async for one in adapter(send).parties_changed_since(Deadline(0))]
    assert send.requests == []


TOKEN = {"token_url": "/oauth2/v1/token", "client_id": "us", "client_secret": "x"}


async def test_a_refused_token_is_renewed_once_and_no_more():
    granted = b'{"access_token":"t","expires_in":3600}'
    send = Canned(granted, Reply(401, {}, b""), granted, Reply(401, {}, b""))
    found = await ask(adapter(send, **TOKEN), "orders", ["1"])
    assert type(found["1"].error) is Refused
    assert [request.method for request in send.requests] == ["POST", "GET", "POST", "GET"]
    assert ("Authorization", "Bearer t") in send.requests[1].headers


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(401, {}, b'{"error":"invalid_client"}'), Refused),
        (Reply(429, {}, b""), Throttled),
        (Reply(500, {}, b""), Unavailable),
        (b"", Garbled),
        (b"<html>", Garbled),
        (b"{}", Garbled),
        (b'{"access_token":""}', Garbled),
        (b'{"access_token":"a\\r\\nX: y"}', Garbled),
        (b'{"access_token":"t","expires_in":"long"}', Garbled),
        (b'{"access_token":"t","expires_in":-1}', Garbled),
        (b'{"access_token":' + b"[" * 100_000, Garbled),
        (TimeoutError(), TimedOut),
    ],
)
async def test_a_login_that_fails_has_its_name_too(answer, error):
    found = await ask(adapter(Canned(answer), **TOKEN), "orders", ["1"])
    assert type(found["1"].error) is error


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    *("OrderNumber", "StatusCode", "TransactionOn", "TransactionalCurrencyCode", "BuyingPartyName"),
    *("lines", "totals", "holds", "shipToCustomer", "HeaderId"),
]


@settings(max_examples=150)
@given(some.dictionaries(some.sampled_from(NAMES), JSON))
async def test_whatever_a_row_holds_it_is_a_record_or_a_stated_failure(row):
    columns = ["number", "status", "placed_at", "total", "holds", "lines.amount", "parties.ship_to"]
    found = await one(page(order() | row), *columns)
    assert found.value is not None or type(found.error) is Garbled


async def test_what_an_older_revision_met_is_not_met_any_more():
    older, newest = page(order(5, "1", SourceTransactionSystem="WEB")), page(order(5, "1"), order(9, "1"))
    send = Canned(older, newest)
    assert (await ask(adapter(send), "orders", ["1"], ["channel"], channels=("WEB",)))["1"].value is None
    met, known = send.asked
    assert met["q"] == "OrderNumber IN ('1') and SourceTransactionSystem IN ('WEB')"
    assert (known["q"], known["fields"]) == ("OrderNumber IN ('1')", "OrderNumber,HeaderId")
    send = Canned(page(order(9, "1", BuyingPartyNumber="7")), newest)
    assert (await ask(adapter(send), "parties_of_orders", ["1"], ["party_number"], parties=("7",)))["1"].value == "7"


async def test_when_nothing_meets_a_limit_nothing_more_is_asked():
    send = Canned(page())
    assert (await ask(adapter(send), "orders", ["1"], ["lines.carrier"], carriers=("UPS",)))["1"].value is None
    (asked,) = send.asked
    assert asked["q"] == "OrderNumber IN ('1') and lines.ShippingCarrier IN ('UPS')"
