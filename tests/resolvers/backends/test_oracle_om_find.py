"""Finding orders by conditions: the order system evaluates each of them, and a value is only ever a value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from mocks.oracle_om import create
from mocks.world import Order
from resolvers.backends.base import Garbled, Refused, Reply, Unusable
from resolvers.backends.oracle_om import FoundOrders, OracleOM
from resolvers.backends.oracle_om.translate import ORDER_STATUS
from schema import OrderStatus
from tests.mocks.oracle_om_world import BASE, NOW, O_HARA, TinyWorld, customer, line, order
from tests.resolvers.backends.oracle_om_lines import Canned, ToMock, adapter, ask, page

pytestmark = pytest.mark.anyio

ADA, BO, ZOE = "1000017", "1000018", "1000020"
HOSTILE = [O_HARA, "%", "_", "*", "?", "#", "a&limit=1", "a+b", "🚚", "שלום", "'", "''", '"', "x' or 1=1", "A'); --"]


class Varied(TinyWorld):
    """Each hostile text is a channel, a product and a party of its own; statuses are all there, two of them unknown."""

    def __init__(self) -> None:
        super().__init__()
        statuses = [*ORDER_STATUS, "BOOKED_AT_FAIR", "QUOTED"]
        self._customers += [customer(4 + n, text, "Pat", "Trap") for n, text in enumerate(HOSTILE[1:])]
        traps = [self._trap(n, text, statuses[n % len(statuses)]) for n, text in enumerate(HOSTILE)]
        self._orders = sorted([*self._orders, *traps], key=lambda row: row.placed_at)

    def _trap(self, n: int, text: str, status: str) -> Order:
        made = order(BASE + 10_000 + 2 * n, f"T-{n:02}", 2 if n == 0 else 3 + n, 40 + n, status=status)
        lines = (line(made.header_id, 1), line(made.header_id, 2, sku=text))
        return replace(made, source_system=text, lines=lines)


@pytest.fixture
def mock() -> ToMock:
    return ToMock(create(Varied()))


async def find(send: Any, columns: tuple[str, ...] = ("number",), **conditions: Any) -> FoundOrders:
    outcome = (await ask(adapter(send), "find", [""], columns, **conditions))[""]
    assert outcome.error is None, outcome.error
    return outcome.value


async def numbers(send: Any, **conditions: Any) -> list[str]:
    return [one.number for one in (await find(send, first=400, **conditions)).orders]


def expected(test: Any) -> list[str]:
    world = Varied()
    rows = [row for index in world.customers() for row in world.orders_of(index) if test(row)]
    return [row.number for row in sorted(rows, key=lambda row: (row.placed_at, row.number), reverse=True)]


async def test_without_conditions_the_newest_of_all_come_first_in_one_call(mock):
    found = await find(mock, ("number", "status", "lines.sku"), first=3)
    assert [one.number for one in found.orders] == ["A-DRAFT", "A-000", "A-001"]
    assert (found.has_next, found.total) == (True, None)
    (asked,) = mock.asked
    assert "q" not in asked
    assert "totalResults" not in asked
    assert (asked["limit"], asked["orderBy"]) == ("4", "TransactionOn:desc,OrderNumber:desc,HeaderId:desc")
    assert asked["fields"] == "OrderNumber,HeaderId,TransactionOn,StatusCode;lines:FulfillLineId,ProductNumber"


async def test_all_conditions_hold_at_once_and_are_the_order_systems_to_evaluate(mock):
    start, end = NOW - timedelta(days=9), NOW - timedelta(days=4)
    conditions = {"parties": (ADA, BO), "channels": ("WEB",), "sku": "00042", "placed_from": start}
    found = await numbers(mock, statuses=(OrderStatus.CLOSED,), placed_before=end, **conditions)
    assert found == ["A-005", "A-006", "A-007", "A-008", "B-BARE", "A-009"]
    (asked,) = mock.asked
    assert asked["q"] == (
        f"BuyingPartyNumber IN ('{ADA}','{BO}') and SourceTransactionSystem IN ('WEB') and StatusCode IN ('CLOSED')"
        f" and TransactionOn >= '{start.isoformat()}' and TransactionOn < '{end.isoformat()}'"
        " and lines.ProductNumber = '00042'"
    )


async def test_the_first_moment_is_included_and_the_last_is_not(mock):
    day = timedelta(days=1)
    assert await numbers(mock, parties=(ADA,), placed_from=NOW - 3 * day, placed_before=NOW - day) == ["A-002", "A-003"]


@pytest.mark.parametrize("wanted", [(status,) for status in OrderStatus] + [tuple(OrderStatus)])
async def test_every_status_finds_exactly_its_orders(mock, wanted):
    fits = expected(lambda row: ORDER_STATUS.get(row.status, OrderStatus.OTHER) in wanted)
    assert await numbers(mock, statuses=wanted) == fits
    assert fits


async def test_other_with_some_known_ones_leaves_out_only_the_rest(mock):
    wanted = (OrderStatus.OTHER, OrderStatus.DRAFT)
    found = await numbers(mock, statuses=wanted)
    assert found == expected(lambda row: ORDER_STATUS.get(row.status, OrderStatus.OTHER) in wanted)
    assert "NOT" not in mock.asked[0]["q"].upper()  # `not in` is nowhere documented


async def test_names_of_statuses_do_as_well_and_unknown_ones_are_unusable(mock):
    assert await numbers(mock, statuses=("PROCESSING",)) == await numbers(mock, statuses=(OrderStatus.PROCESSING,))
    found = await ask(adapter(mock), "find", [""], ["number"], statuses=("nix",))
    assert isinstance(found[""].error, Unusable)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_is_found_exactly_as_a_channel_a_product_and_a_party(mock, text):
    (trap,) = expected(lambda row: row.source_system == text)
    assert await numbers(mock, channels=(text,)) == [trap]
    assert await numbers(mock, sku=text) == [trap]
    assert trap in await numbers(mock, parties=(text,))
    assert await numbers(mock, parties=(text,), channels=(text,), sku=text) == [trap]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.one_of(some.text(some.sampled_from("'\"%;&#+ ()=,or1X-\\_*?🚚ש"), max_size=30), some.text(max_size=250)))
async def test_no_made_up_text_finds_another_or_breaks_the_question(mock, text):
    for conditions in ({"channels": (text,)}, {"sku": text}, {"parties": (text,)}):
        outcome = (await ask(adapter(mock), "find", [""], ["channel", "lines.sku"], first=100, **conditions))[""]
        if outcome.error:
            assert isinstance(outcome.error, Unusable)
            continue
        for one in outcome.value.orders:
            assert text in (one.channel, one.party_number, *(line.sku for line in one.lines))


@pytest.mark.parametrize("text", ["a\nb", "\x00", "\x85", "\ud800"])
async def test_control_characters_are_unusable_and_not_asked_for(mock, text):
    for conditions in ({"channels": ("WEB", text)}, {"sku": text}, {"parties": (ADA, text)}):
        found = await ask(adapter(mock), "find", [""], ["number"], **conditions)
        assert isinstance(found[""].error, Unusable)
    assert mock.requests == []


@pytest.mark.parametrize("text", ["", "x" * 241])
async def test_what_cannot_exist_has_no_orders_and_is_not_asked_for(mock, text):
    for conditions in ({"channels": (text,)}, {"sku": text}, {"parties": (text,)}):
        assert await find(mock, ("total_count",), **conditions) == FoundOrders([], False, 0)
    assert mock.requests == []
    assert await numbers(mock, parties=(BO, text)) == ["B-60", "B-BARE"]


async def test_a_moment_without_offset_is_unusable(mock):
    found = await ask(adapter(mock), "find", [""], placed_from=datetime(2026, 1, 1))
    assert isinstance(found[""].error, Unusable)


@pytest.mark.parametrize("conditions", [{}, {"sku": "00042"}, {"parties": (ADA, BO, O_HARA)}])
@pytest.mark.parametrize("length", [1, 7, 100])
async def test_pages_follow_each_other_without_loss_or_repetition(mock, conditions, length):
    oracle, seen, after = adapter(mock), [], None
    while True:
        args = {"first": length, "after": after, **conditions}
        found = (await ask(oracle, "find", [""], ["number"], **args))[""].value
        seen += [one.number for one in found.orders]
        if not found.has_next:
            break
        last = found.orders[-1]
        after = (last.placed_at.isoformat(), last.number)
    parties = {2} | {0, 1} if "parties" in conditions else range(99)
    assert seen == expected(lambda row: row.customer in parties)
    assert len(mock.requests) == -(-len(seen) // length)


async def test_orders_of_one_moment_come_in_one_order_over_all_pages():
    class Busy(TinyWorld):
        def __init__(self) -> None:
            super().__init__()
            self._orders = [order(BASE + 2 * n, f"S-{n:02}", n % 3, 1) for n in range(20)]

    send, seen, after = ToMock(create(Busy())), [], None
    for _ in range(7):
        found = await find(send, first=3, after=after)
        seen += [one.number for one in found.orders]
        after = (found.orders[-1].placed_at.isoformat(), found.orders[-1].number)
    assert seen == [f"S-{n:02}" for n in reversed(range(20))]


async def test_the_total_is_the_order_systems_and_only_when_it_is_wanted(mock):
    assert (await find(mock, ("total_count",), first=2, sku="00042")).total == len(expected(lambda row: True))
    assert (await find(mock, ("total_count",), first=2, channels=("%",))).total == 1
    assert (await find(mock, ("total",), first=2)).total == len(expected(lambda row: True))
    assert [asked["totalResults"] for asked in mock.asked] == ["true"] * 3
    assert (await find(mock, ("number",), first=2)).total is None


async def test_the_total_counts_what_lies_before_the_page_too(mock):
    after = ((NOW - timedelta(days=20)).isoformat(), "A-020")
    found = await find(mock, ("total_count",), first=2, parties=(ADA,), after=after)
    assert ([one.number for one in found.orders], found.total) == (["A-021", "A-022"], 31)
    count, listed = mock.asked
    assert (count["limit"], count["fields"], count["totalResults"]) == ("1", "HeaderId", "true")
    assert "totalResults" not in listed


@pytest.mark.parametrize("total", ["", ',"totalResults":-1', ',"totalResults":null', ',"totalResults":0'])
async def test_a_total_the_server_does_not_know_is_none(total):
    body = page(row(BASE, "A-1"))[:-1] + total.encode() + b"}"
    assert (await find(Canned(body), ("total_count",))).total is None


async def test_many_parties_are_several_calls_and_one_list():
    class Crowd(TinyWorld):
        def __init__(self) -> None:
            super().__init__()
            self._customers = [customer(n, f"{7000 + n}", "C", str(n)) for n in range(60)]
            self._orders = [order(BASE + 2 * n, f"C-{n:03}", n % 60, n // 4) for n in range(180)]

    send = ToMock(create(Crowd()))
    parties = tuple(f"{7000 + n}" for n in range(60))
    found = await find(send, ("total_count",), first=50, parties=parties)
    newest = sorted(range(180), key=lambda n: (-(n // 4), f"C-{n:03}"), reverse=True)
    assert [one.number for one in found.orders] == [f"C-{n:03}" for n in newest[:50]]
    assert (found.has_next, found.total, len(send.requests)) == (True, 180, 3)


async def test_more_than_an_address_holds_is_unusable(mock):
    long = tuple(f"{n:03}" + "🚚" * 100 for n in range(8))
    for conditions in ({"channels": long}, {"parties": tuple(f"{n}" for n in range(201))}):
        found = await ask(adapter(mock), "find", [""], ["number"], **conditions)
        assert isinstance(found[""].error, Unusable)
    assert mock.requests == []
    everything = tuple(column for column in OracleOM.find.columns)
    fit = {
        "parties": tuple("é" * 200 + f"{n}" for n in range(25)),
        "sku": "é" * 200,
        "statuses": tuple(OrderStatus)[:5],
    }
    await find(mock, everything, placed_from=NOW, placed_before=NOW, **fit)
    assert all(len(request.target) < 8000 for request in mock.requests)


async def test_a_hostile_cursor_is_only_a_value(mock):
    after = (NOW.isoformat(), "x') or ('1'='1")
    assert len(await numbers(mock, parties=(ADA,), after=after)) == 31


async def test_any_other_key_has_no_answer(mock):
    assert (await ask(adapter(mock), "find", ["x"], ["number"]))["x"].value is None
    assert mock.requests == []


def row(header_id: int, number: str | None, party: str = ADA, at: str = "2026-01-01T00:00:00+00:00") -> dict[str, Any]:
    return {"HeaderId": header_id, "OrderNumber": number, "BuyingPartyNumber": party, "TransactionOn": at}


async def test_of_two_revisions_the_newer_counts_and_the_page_is_filled_up():
    first = page(row(BASE, "A-1"), row(BASE + 1, "A-1"), more=True)
    send = Canned(first, page(row(BASE - 9, "A-0", at="2025-01-01T00:00:00+00:00")))
    found = await find(send, first=1)
    assert ([one.header_id for one in found.orders], found.has_next) == ([BASE + 1], True)
    assert send.asked[1]["limit"] == "1"


@pytest.mark.parametrize(
    "body",
    [
        page(row(BASE, "A-1", party=ZOE)),
        page(row(BASE, None)),
        page(more=True),
        page(row(BASE, "A-1"), row(BASE + 2, "A-2", at="2026-02-01T00:00:00+00:00"), more=True),
    ],
)
async def test_what_nobody_asked_for_or_never_ends_is_garbled(body):
    outcome = (await ask(adapter(Canned(body, endless=True)), "find", [""], ["number"], parties=(ADA,), first=5))[""]
    assert isinstance(outcome.error, Garbled)


async def test_an_instance_that_cannot_look_into_lines_refuses():
    send = Canned(Reply(400, {}, b"The attribute lines.ProductNumber is not a queryable attribute."))
    found = await ask(adapter(send), "find", [""], ["number"], sku="00042")
    assert isinstance(found[""].error, Refused)


@pytest.mark.parametrize(
    ("conditions", "asks"),
    [
        ({}, False),
        ({"parties": (ADA,)}, False),
        ({"sku": "00042"}, True),
        ({"channels": ("WEB",)}, True),
        ({"carriers": ("UPS",)}, True),
        ({"placed_from": NOW}, True),
        ({"statuses": (OrderStatus.OTHER,)}, True),
        ({"statuses": (OrderStatus.OPEN,), "sku": "00042"}, False),
    ],
)
async def test_what_an_order_was_once_does_not_find_it(conditions, asks):
    """Both revisions meet what does not change. What may change is asked of the one that counts: a status is its own."""
    send = Canned(page())
    await ask(adapter(send), "find", [""], ["number"], **conditions)
    assert ("StatusCode <> 'DOO_REFERENCE'" in send.asked[0].get("q", "")) is asks
