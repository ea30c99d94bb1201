"""What the adapter makes of the partner hub's answers, over its real wire format."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mocks import partner_hub as mock
from mocks.world.seeded import SeededWorld
from mocks.world.supply import Partners, gtin
from resolvers.backends.base import Call, Connection, Deadline, Refused
from resolvers.backends.partner_hub import Acknowledgement, LineAcknowledgement, PartnerHub
from tests.resolvers.backends.hub_wire import Hub

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> SeededWorld:
    return SeededWorld(60, now=NOW)


@pytest.fixture(scope="module")
def partners(world: SeededWorld) -> Partners:
    made = Partners(world)
    for _ in made.gather():
        pass
    return made


@pytest.fixture
def hub(world: SeededWorld) -> Hub:
    return Hub(world)


async def test_every_product_has_what_the_world_says(hub: Hub, world: SeededWorld, partners: Partners) -> None:
    for start in range(0, 150, 50):
        some = range(start, start + 50)
        found = await hub.ask("supplies", *(world.product(at).sku for at in some))
        for at in some:
            wanted, got = partners.supplies(at), found[world.product(at).sku]
            assert len(got) == len(wanted)
            for one, supply in zip(got, wanted, strict=True):
                assert (one.supplier_number, one.supplier) == (supply.supplier.partner_id, supply.supplier.name)
                assert (one.part_number, one.gtin) == (supply.part_number, supply.gtin)
                assert (one.available, one.on_order) == (supply.available, supply.on_order)
                assert one.available_on == supply.available_on
                assert [(lot.on, lot.quantity) for lot in one.expected] == list(supply.expected)
                assert (one.unit, one.warehouse, one.updated_at) == (supply.unit, supply.warehouse, supply.updated)
    assert len(hub.queries()) == 3


async def test_fifty_items_are_one_request_and_a_long_address_becomes_two(hub: Hub, world: SeededWorld) -> None:
    await hub.ask("supplies", *(world.product(at).sku for at in range(50)), columns=["supplier_number"])
    assert len(hub.queries()[-1]["buyerPartNumber"]) == 50
    before = len(hub.queries())
    await hub.ask("supplies", *("Ü" * 90 + str(at) for at in range(20)))
    assert len(hub.queries()) == before + 2


async def test_one_partners_items_are_asked_for_as_such(hub: Hub, world: SeededWorld, partners: Partners) -> None:
    at = next(at for at in world.products() if len(partners.supplies(at)) == 2)
    sku, (one, other) = world.product(at).sku, partners.supplies(at)
    found = await hub.ask("supplies", sku, partners=(other.supplier.partner_id,))
    assert [supply.supplier_number for supply in found[sku]] == [other.supplier.partner_id]
    assert hub.queries()[-1]["partnerId"] == [other.supplier.partner_id]
    both = await hub.ask("supplies", sku, partners=(one.supplier.partner_id, other.supplier.partner_id))
    assert len(both[sku]) == 2
    asked = len(hub.queries())
    assert await hub.ask("supplies", sku, partners=()) == {sku: []}
    assert len(hub.queries()) == asked


async def test_by_gtin_is_the_same_as_by_sku(hub: Hub, world: SeededWorld, partners: Partners) -> None:
    at = next(at for at in world.products() if partners.supplies(at))
    by_gtin = await hub.ask("supplies_by_gtin", gtin(at), "00000000000000")
    assert by_gtin == {gtin(at): (await hub.ask("supplies", world.product(at).sku))[world.product(at).sku]} | {
        "00000000000000": []
    }


async def test_what_is_no_key_is_not_sent(hub: Hub) -> None:
    assert await hub.ask("supplies", "", "a\nb", "x" * 101, 7) == {"": None, "a\nb": None, "x" * 101: None, 7: None}
    assert hub.queries() == []


async def test_what_one_supplier_has_page_by_page(hub: Hub, partners: Partners) -> None:
    seen: list[str] = []
    after = 0
    while True:
        page = (await hub.ask("supplies_of", "V-200", first=10, after=after))["V-200"]
        seen += [one.sku for one in page.rows]
        after += len(page.rows)
        if not page.has_next:
            break
    assert len(seen) == len(set(seen)) == len(partners.supplied_by(partners.suppliers[0]))


async def test_the_weeks_of_a_forecast_with_and_without_promises(
    hub: Hub, world: SeededWorld, partners: Partners
) -> None:
    index = next(
        at for at in world.products() if any(w.committed for s in partners.supplies(at) for w in partners.forecast(s))
    )
    sku = world.product(index).sku
    period = {"begins": date(2026, 2, 23), "ends": date(2026, 3, 8)}
    wanted = [week for one in partners.supplies(index) for week in partners.forecast(one)[:2]]
    bare = (await hub.ask("forecasts", sku, columns=["begins", "mean"], **period))[sku]
    whole = (await hub.ask("forecasts", sku, **period))[sku]
    assert sorted((one.begins, one.mean, one.p90) for one in bare) == sorted(
        (one.begins, one.mean, one.sure) for one in wanted
    )
    assert all(isinstance(one.mean, Decimal) and one.commitments == () for one in bare)
    promises = {(one.supplier_number, one.begins, p.quantity, p.remark) for one in whole for p in one.commitments}
    assert promises == {
        (one.supplier.partner_id, one.begins, one.committed.quantity, one.committed.remark)
        for one in wanted
        if one.committed
    }
    assert ["expand" in query for query in hub.queries()] == [False, True]


async def test_a_purchase_order_in_our_words(hub: Hub, partners: Partners) -> None:
    wanted = partners.orders_of(partners.suppliers[0])[4]
    found = (await hub.ask("purchase_orders", wanted.number, "4500000000"))[wanted.number]
    assert (found.state.name, found.supplier_number, found.remark) == ("ACKNOWLEDGED", "V-200", wanted.remark)
    assert [(line.sku, line.ordered, line.acknowledgement.name) for line in found.lines] == [
        (line.supply.sku, line.quantity, line.code.upper()) for line in wanted.lines
    ]
    assert [line.cost.amount for line in found.lines if line.cost] == [line.cost for line in wanted.lines]


async def test_an_acknowledgement_is_followed_until_it_is_done(hub: Hub, partners: Partners) -> None:
    order = partners.orders_of(partners.suppliers[1])[0]
    line = order.lines[0]
    said = LineAcknowledgement(line.supply.part_number, "Backordered", 3, line.supply.unit, date(2026, 4, 1))
    key = Acknowledgement(order.number, order.supplier.partner_id, (said,))
    (done,) = (await hub.ask("acknowledge", key)).values()
    assert (done.status, done.errors) == ("Success", ())
    found = (await hub.ask("purchase_orders", order.number))[order.number]
    assert found.state.name == "ACKNOWLEDGED"
    said_to = found.lines[0]
    assert (said_to.acknowledgement.name, said_to.acknowledged, said_to.ships_on) == (
        "BACKORDERED",
        3,
        date(2026, 4, 1),
    )
    assert [one["operation"] for one in hub.desk.ledger] == ["acknowledgements"]
    assert (await hub.ask("transactions", done.id, "nobody"))[done.id] == done


async def test_what_failed_says_why(hub: Hub) -> None:
    key = Acknowledgement("4500000000", "V-200", ())
    (done,) = (await hub.ask("acknowledge", key)).values()
    assert (done.status, done.errors) == ("Failure", ("InvalidInput: Unknown purchaseOrderNumber",))


async def test_what_is_not_done_in_time_is_processing_and_was_sent_once(world: SeededWorld, partners: Partners) -> None:
    hub = Hub(world, lag=60)
    order = partners.orders_of(partners.suppliers[1])[0]
    key = Acknowledgement(order.number, order.supplier.partner_id, ())
    began = time.monotonic()
    (still,) = (await hub.ask("acknowledge", key, seconds=1)).values()
    assert still.status == "Processing"
    assert time.monotonic() - began < 1
    assert len(hub.desk.ledger) == 1
    polls = [one for one in hub.bridge.requests if "/transactions/" in one.target]
    assert 2 <= len(polls) <= 6


async def test_a_login_that_is_over_is_renewed_once(hub: Hub, world: SeededWorld) -> None:
    sku = world.product(3).sku
    await hub.ask("supplies", sku)
    hub.desk.logins += 1
    assert await hub.ask("supplies", sku)
    assert sum(one.target == "/oauth/token" for one in hub.bridge.requests) == 2


async def test_a_wrong_secret_is_refused(world: SeededWorld) -> None:
    hub = Hub(world, Connection("http://hub.example", "nobody", "no"))
    with pytest.raises(Refused):
        await hub.ask("supplies", "CHR-00010")


async def test_fifty_at_once_keep_to_ten_a_second_and_four_at_a_time(world: SeededWorld) -> None:
    """The mock counts as the hub does: one request too many in a second would be a 429, and so an error here."""
    login = Connection("http://hub.example", mock.CLIENT, mock.SECRET, concurrency=PartnerHub.bears.at_once)
    hub = Hub(world, login, per_second=10)
    calls = [
        Call("partner_hub", "supplies", (world.product(at).sku,), frozenset({"supplier_number"})) for at in range(50)
    ]
    inside = most = 0
    send = hub.bridge.__call__

    async def counted(request: object, timeout: float) -> object:  # noqa: ASYNC109 - the seam's own
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            await asyncio.sleep(0.02)
            return await send(request, timeout)  # type: ignore[arg-type]
        finally:
            inside -= 1

    adapter = PartnerHub(login, counted)  # type: ignore[arg-type]
    began = time.monotonic()
    found = await asyncio.gather(*(adapter.perform(call, Deadline(20)) for call in calls))
    assert [outcome.error for one in found for outcome in one.values()] == [None] * 50
    assert most <= 4
    assert time.monotonic() - began >= 50 / 9 - 1
