"""The order system's adapter, on the line to its mock: what it asks for, and what it makes of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from mocks.oracle_om import CLIENT_ID, CLIENT_SECRET, create, resources, rowmatch
from mocks.oracle_om.condition import OneOf
from resolvers.backends.base import Deadline, Refused, Unusable
from resolvers.backends.oracle_om import Address, Hold, Money, OracleOM, Party, language
from schema import LineStatus, OrderStatus
from tests.mocks.oracle_om_world import BASE, NOW, O_HARA, TinyWorld, order
from tests.resolvers.backends.oracle_om_lines import ToMock, adapter, ask

pytestmark = pytest.mark.anyio

EVERYTHING = list(OracleOM.orders.columns)
ADA, BO, ZOE = "1000017", "1000018", "1000020"


@pytest.fixture
def mock() -> ToMock:
    return ToMock(create(TinyWorld()))


async def test_an_order_comes_back_whole_and_exact(mock):
    found = (await ask(adapter(mock), "orders", ["A-001"], EVERYTHING))["A-001"].value
    assert (found.header_id, found.number, found.party_number) == (BASE + 2, "A-001", ADA)
    assert (found.status, found.channel, found.currency) == (OrderStatus.CLOSED, "WEB", "USD")
    assert found.placed_at == NOW - timedelta(days=1)
    assert found.requested_on == NOW + timedelta(days=2)
    assert found.total == Money(Decimal("264.57"), "USD")
    assert found.parties.sold_to == Party("Ada Okafor")
    where = Address(["1 Main St", "Floor 2"], "Henderson", "Kentucky", "02420", "US")
    assert found.parties.bill_to == Party("Ada Okafor", where)
    assert found.parties.ship_to == Party("Reception", where)
    (one,) = found.lines
    assert (one.number, one.sku, one.quantity, one.status) == ("1", "00042", Decimal(2), LineStatus.AWAITING_SHIPPING)
    assert (one.unit_price, one.amount) == (Money(Decimal("130.98"), "USD"), Money(Decimal("261.96"), "USD"))
    assert (one.promised_on, one.shipped_on) == (NOW + timedelta(days=2), None)


async def test_only_what_is_asked_for_travels(mock):
    found = await ask(adapter(mock), "orders", ["A-001"], ["number", "status", "lines", "lines.sku", "total.amount"])
    (asked,) = mock.asked
    assert asked["fields"] == (
        "OrderNumber,HeaderId,StatusCode,TransactionalCurrencyCode;"
        "totals:TotalAmount,PrimaryFlag;lines:FulfillLineId,ProductNumber"
    )
    assert asked["onlyData"] == "true"
    assert "expand" not in asked
    value = found["A-001"].value
    assert (value.placed_at, value.channel, value.holds, value.parties.sold_to) == (None, None, None, None)
    assert (value.lines[0].sku, value.lines[0].amount) == ("00042", None)


async def test_nothing_asked_for_is_a_question_about_existence(mock):
    found = await ask(adapter(mock), "orders", ["A-001", "nix"])
    assert mock.asked[0]["fields"] == "OrderNumber,HeaderId"
    assert found["A-001"].value.header_id == BASE + 2
    assert (found["nix"].value, found["nix"].error) == (None, None)


async def test_every_column_can_be_asked_for_alone(mock):
    for column in EVERYTHING:
        found = await ask(adapter(mock), "orders", ["B-60", "A-DRAFT"], [column])
        assert [one.error for one in found.values()] == [None, None], column


async def test_fifty_orders_are_one_call_that_states_its_version(mock):
    numbers = [f"A-{n:03}" for n in range(30)] + [f"X-{n}" for n in range(20)]
    found = await ask(adapter(mock), "orders", numbers, ["number"])
    assert sum(one.value is not None for one in found.values()) == 30
    (request,) = mock.requests
    assert ("REST-Framework-Version", "4") in request.headers


async def test_the_same_key_twice_is_asked_once(mock):
    await ask(adapter(mock), "orders", ["A-001", "A-001"], ["number"])
    assert mock.asked[0]["q"] == "OrderNumber IN ('A-001')"


async def test_long_keys_are_split_over_addresses_that_fit(mock):
    numbers = [f"{n:03}" + "é" * 200 for n in range(50)] + ["A-001"]
    found = await ask(adapter(mock), "orders", numbers, EVERYTHING)
    assert found["A-001"].value.number == "A-001"
    assert len(mock.requests) > 1
    assert all(len(request.target) < 8000 for request in mock.requests)


async def test_a_line_beyond_the_25th_is_fetched_too(mock):
    found = (await ask(adapter(mock), "orders", ["B-60"], ["lines", "lines.number", "lines.amount"]))["B-60"].value
    assert [one.number for one in found.lines] == [str(n) for n in range(1, 61)]
    assert len(mock.requests) == 2
    assert mock.asked[1]["fields"] == "FulfillLineId,DisplayLineNumber,ExtendedAmount"


@pytest.mark.parametrize("version", ["2", "3", "4", "9"])
async def test_children_are_understood_in_every_framework_version(mock, version):
    found = await ask(adapter(mock, framework_version=version), "orders", ["B-60", "A-001"], EVERYTHING)
    assert len(found["B-60"].value.lines) == 60
    assert len(found["A-001"].value.lines) == 1
    assert found["A-001"].value.total == Money(Decimal("264.57"), "USD")


@pytest.mark.parametrize("version", ["1", "0", "10", "x"])
def test_a_version_without_row_match_stops_the_start(mock, version):
    with pytest.raises(ValueError, match="framework_version"):
        adapter(mock, framework_version=version)


async def test_only_holds_in_force_are_told(mock):
    found = (await ask(adapter(mock), "orders", ["B-60"], ["holds"]))["B-60"].value
    assert found.holds == [Hold("Credit check", "CANARY-hold", NOW)]


async def test_a_released_hold_is_not_one():
    world = TinyWorld()
    released = next(n for n in (f"A-{n:03}" for n in range(30)) if was_released(n))
    found = await ask(adapter(ToMock(create(world))), "orders", [released], ["holds"])
    assert found[released].value.holds == []


def was_released(number: str) -> bool:
    placed = next(row for row in TinyWorld().orders_of(0) if row.number == number)
    header = resources.rows.Header(placed, TinyWorld().customer(0))
    return any(hold.released for hold in resources.rows.holds(header))


async def test_what_an_order_lacks_is_null(mock):
    found = await ask(adapter(mock), "orders", ["A-DRAFT", "B-BARE"], EVERYTHING)
    draft, bare = found["A-DRAFT"].value, found["B-BARE"].value
    assert (draft.status, draft.total) == (OrderStatus.DRAFT, None)
    assert (bare.requested_on, bare.parties.bill_to, bare.parties.ship_to) == (None, None, None)


async def test_the_newest_page_of_several_parties_is_one_call(mock):
    found = await ask(adapter(mock), "orders_of", [ADA, BO, ZOE, "nix"], ["number"], first=3, after=None)
    assert [one.number for one in found[ADA].value.orders] == ["A-DRAFT", "A-000", "A-001"]
    assert found[ADA].value.has_next
    assert [one.number for one in found[BO].value.orders] == ["B-60", "B-BARE"]
    assert not found[BO].value.has_next
    assert (found[ZOE].value.orders, found[ZOE].value.has_next) == ([], False)
    assert found["nix"].value.orders == []


async def test_a_party_with_many_orders_does_not_hide_the_others(mock):
    found = await ask(adapter(mock), "orders_of", [BO, ADA], ["number"], first=1, after=None)
    assert [one.number for one in found[BO].value.orders] == ["B-60"]
    assert found[BO].value.has_next
    assert [one.number for one in found[ADA].value.orders] == ["A-DRAFT"]
    first, second = mock.asked
    assert first["limit"] == "4"
    assert second["q"].startswith(f"BuyingPartyNumber IN ('{BO}') and (TransactionOn < ")


async def test_pages_of_one_party_follow_each_other_one_call_each(mock):
    oracle, seen, after = adapter(mock), [], None
    while True:
        found = (await ask(oracle, "orders_of", [ADA], ["number"], first=7, after=after))[ADA].value
        seen += [one.number for one in found.orders]
        if not found.has_next:
            break
        last = found.orders[-1]
        after = (last.placed_at.isoformat(), last.number)
    assert seen == ["A-DRAFT", *(f"A-{n:03}" for n in range(30))]
    assert [asked["limit"] for asked in mock.asked] == ["8"] * 5


async def test_a_cursor_with_several_parties_asks_for_each(mock):
    after = ((NOW - timedelta(days=8)).isoformat(), "zzz")
    found = await ask(adapter(mock), "orders_of", [ADA, BO], ["number"], first=2, after=after)
    assert [one.number for one in found[ADA].value.orders] == ["A-008", "A-009"]
    assert [one.number for one in found[BO].value.orders] == ["B-BARE"]
    assert len(mock.requests) == 2


async def test_orders_of_the_same_moment_are_neither_skipped_nor_repeated():
    class Busy(TinyWorld):
        def __init__(self) -> None:
            super().__init__()
            self._orders = [order(BASE + 2 * n, f"S-{n:02}", 0, 1) for n in range(20)]

    oracle, seen, after = adapter(ToMock(create(Busy()))), [], None
    for _ in range(7):
        found = (await ask(oracle, "orders_of", [ADA], [], first=3, after=after))[ADA].value
        seen += [one.number for one in found.orders]
        after = (found.orders[-1].placed_at.isoformat(), found.orders[-1].number)
    assert seen == [f"S-{n:02}" for n in reversed(range(20))]


async def test_totals_of_all_orders_of_a_party(mock):
    found = await ask(adapter(mock), "totals_of", [ADA, BO, ZOE], ["total", "status"])
    totals = found[ADA].value
    assert len(totals) == 31
    assert sum(total.amount for total, _ in totals if total) == 30 * Decimal("264.57")
    assert [status for total, status in totals if total is None] == [OrderStatus.DRAFT]
    assert found[ZOE].value == []
    (asked,) = mock.asked
    assert asked["fields"] == (
        "OrderNumber,HeaderId,BuyingPartyNumber,TransactionalCurrencyCode,StatusCode;totals:TotalAmount,PrimaryFlag"
    )


async def test_lists_longer_than_a_page_are_read_to_their_end():
    class Long(TinyWorld):
        def __init__(self) -> None:
            super().__init__()
            self._orders = [order(BASE + 2 * n, f"L-{n}", 0, n % 40) for n in range(1203)]
            self._by_header = {row.header_id: row for row in self._orders}

        def order_by_header(self, header_id: int):
            return self._by_header.get(header_id)

    send = ToMock(create(Long()))
    assert len((await ask(adapter(send), "totals_of", [ADA], ["total"]))[ADA].value) == 1203
    assert len(send.requests) == 3
    parties = [one async for one in adapter(send).parties_changed_since(Deadline(30))]
    assert {one.number for batch in parties for one in batch} == {ADA}


async def test_whose_order_it_is(mock):
    found = await ask(adapter(mock), "parties_of_orders", ["A-001", "B-60", O_HARA, "nix"], ["party_number"])
    assert [one.value for one in found.values()] == [ADA, BO, O_HARA, None]
    assert mock.asked[0]["fields"] == "OrderNumber,HeaderId,BuyingPartyNumber"


async def test_parties_are_listed_by_change(mock):
    everybody = [one async for batch in adapter(mock).parties_changed_since(Deadline(5)) for one in batch]
    assert {(one.number, one.name) for one in everybody} == {
        (ADA, "Ada Okafor"),
        (BO, "Bo Lind"),
        (O_HARA, f"Pat {O_HARA}"),
    }
    assert everybody[0].party_id == 100_000_000_000_000 + 2
    assert mock.asked[0]["fields"] == "HeaderId,BuyingPartyNumber,BuyingPartyId,BuyingPartyName,LastUpdateDate"
    since = NOW - timedelta(days=1)
    recent = [one async for batch in adapter(mock).parties_changed_since(Deadline(5), since) for one in batch]
    assert [(one.number, one.updated) for one in recent] == [(ADA, NOW + timedelta(days=1))]


async def test_a_thousand_changes_at_one_moment_are_read_past():
    class Bulk(TinyWorld):
        def __init__(self) -> None:
            super().__init__()
            old = [order(BASE + 2 * n, f"O-{n}", 1, 9) for n in range(700)]
            bulk = [order(BASE + 10_000 + 2 * n, f"N-{n}", 0, 3) for n in range(1400)]
            self._orders = [*old, *bulk, order(BASE + 20_000, "LAST", 2, 1)]
            self._by_header = {row.header_id: row for row in self._orders}

        def order_by_header(self, header_id: int):
            return self._by_header.get(header_id)

    send = ToMock(create(Bulk()))
    batches = [batch async for batch in adapter(send).parties_changed_since(Deadline(30))]
    assert {one.number for batch in batches for one in batch} == {ADA, BO, O_HARA}
    assert len(send.requests) == 5


@pytest.mark.parametrize(
    "key", [O_HARA, "x' or 1=1", "x') or (HeaderId > 0", "%", "a;b", "a&limit=1", "a+b %20", "🚚", "'"]
)
async def test_a_key_is_only_a_value(mock, key):
    for operation in ("orders", "parties_of_orders", "totals_of", "orders_of"):
        found = await ask(adapter(mock), operation, [key], ["number", "party_number"])
        assert found[key].error is None
        exists = bool(found[key].value) and getattr(found[key].value, "orders", True) != []
        assert exists is (key == O_HARA)


@pytest.mark.parametrize("key", ["a\nb", "\x00", "\x7f", "\x85", "\ud800"])
async def test_control_characters_are_refused_for_that_key_alone(mock, key):
    for operation in ("orders", "parties_of_orders", "totals_of", "orders_of"):
        found = await ask(adapter(mock), operation, [key, "A-001"])
        assert isinstance(found[key].error, Unusable)
        assert found["A-001"].error is None
    assert all("A-001" in request.target for request in mock.requests)


@pytest.mark.parametrize("key", ["", "x" * 241, 7, None])
async def test_what_cannot_be_a_key_is_not_there_and_not_asked_for(mock, key):
    for operation in ("orders", "parties_of_orders", "totals_of", "orders_of"):
        found = await ask(adapter(mock), operation, [key])
        assert (found[key].value, found[key].error) == (None, None)
    assert mock.requests == []


@given(some.lists(some.text(min_size=1, max_size=60), min_size=1, max_size=20, unique=True))
def test_whatever_the_keys_the_server_reads_the_same_ones(keys):
    fit, refused = language.sendable(keys)
    assert set(fit) | set(refused) == set(keys)
    for portion in language.portions(fit, 10):
        read = rowmatch.parse(language.among("OrderNumber", portion), resources.ORDERS)
        assert read == OneOf("OrderNumber", frozenset(portion))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.text(some.sampled_from("'\"%;&#+ ()=,or1X-A0\\_*"), min_size=1, max_size=30))
async def test_no_made_up_number_finds_an_order_or_breaks_the_question(mock, number):
    found = await ask(adapter(mock), "orders", [number], ["number"])
    assert found[number].error is None
    assert found[number].value is None or found[number].value.number == number


async def test_a_hostile_cursor_number_is_only_a_value(mock):
    after = (NOW.isoformat(), "x') or ('1'='1")
    found = await ask(adapter(mock), "orders_of", [ADA], [], first=50, after=after)
    assert len(found[ADA].value.orders) == 31


async def test_a_bearer_token_is_got_once_and_renewed_when_it_is_refused():
    served = create(TinyWorld())
    send = ToMock(served)
    options = {"token_url": "/oauth2/v1/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    oracle = adapter(send, **options)
    for _ in range(3):
        assert (await ask(oracle, "orders", ["A-001"], ["number"]))["A-001"].value
    assert [request.method for request in send.requests] == ["POST", "GET", "GET", "GET"]
    send.plug_into(create(TinyWorld()))  # started anew: it knows none of its tokens
    assert (await ask(oracle, "orders", ["A-001"], ["number"]))["A-001"].value
    assert [request.method for request in send.requests[4:]] == ["GET", "POST", "GET"]
    found = await ask(adapter(send, **options | {"client_secret": "wrong"}), "orders", ["A-001"])
    assert isinstance(found["A-001"].error, Refused)
