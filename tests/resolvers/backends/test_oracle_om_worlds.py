"""The order system's adapter and mock over whole companies: what comes out is what the company put in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mocks.serve import mount
from mocks.world import Order, World, open_world
from resolvers.backends.base import Deadline
from resolvers.backends.oracle_om import Line, OracleOM, SalesOrder
from tests.resolvers.backends.oracle_om_lines import ToMock, adapter, ask

pytestmark = pytest.mark.anyio

SUPERSTORE = Path(__file__).parents[2] / "data" / "superstore.csv"
EVERYTHING = list(OracleOM.orders.columns)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made_up() -> World:
    return open_world(customers=150, seed=7, now=NOW)


@pytest.fixture(scope="module")
def superstore() -> World:
    return open_world(SUPERSTORE)


def line(world: World) -> ToMock:
    return ToMock(mount(world)["oracle_om"])


def parties(world: World) -> Iterator[tuple[str, tuple[Order, ...]]]:
    for index in world.customers():
        if number := world.customer(index).party_number:
            yield number, world.orders_of(index)


def told(lines: list[Line] | None) -> list[tuple[object, ...]]:
    return [
        (one.number, one.sku, one.quantity, one.amount and one.amount.amount, one.promised_on, one.shipped_on)
        for one in lines or []
    ]


def same(found: SalesOrder, order: Order) -> None:
    lines = [(one.number, one.sku, one.quantity, one.amount, one.scheduled_on, one.shipped_on) for one in order.lines]
    assert told(found.lines) == lines
    assert (found.header_id, found.channel, found.currency) == (order.header_id, order.source_system, order.currency)
    assert (found.total and found.total.amount) == (None if order.status == "DOO_DRAFT" else order.total)
    assert {hold.reason for hold in found.holds or []} == {hold.reason for hold in order.holds}
    assert found.placed_at == order.placed_at.replace(microsecond=0)
    assert found.parties is not None
    assert (found.parties.ship_to is None) is (order.ship_to is None)


async def test_every_order_of_a_made_up_company_comes_back_as_it_is(made_up):
    oracle, owned = adapter(line(made_up)), dict(parties(made_up))
    numbers = list(owned)
    for at in range(0, len(numbers), 25):
        found = await ask(oracle, "orders_of", numbers[at : at + 25], EVERYTHING, first=300, after=None)
        for party, outcome in found.items():
            page = outcome.value
            orders = {order.number: order for order in owned[party]}
            assert {order.number for order in page.orders} == set(orders)
            assert [one.placed_at for one in page.orders] == sorted(
                (one.placed_at for one in page.orders), reverse=True
            )
            for order in page.orders:
                same(order, orders[order.number])


async def test_the_sync_meets_everybody_who_ever_ordered(made_up):
    oracle = adapter(line(made_up))
    met = [one async for page in oracle.parties_changed_since(Deadline(30)) for one in page]
    assert {one.number for one in met} == {party for party, orders in parties(made_up) if orders}
    newest = max(one.updated for one in met)
    again = [one async for page in oracle.parties_changed_since(Deadline(30), newest) for one in page]
    assert {one.updated for one in again} == {newest}
    later = newest + timedelta(seconds=1)
    assert [one async for page in oracle.parties_changed_since(Deadline(30), later) for one in page] == []


async def test_claire_gute_ordered_a_bookcase_and_chairs(superstore):
    found = (await ask(adapter(line(superstore)), "orders", ["CA-2016-152156"], EVERYTHING))["CA-2016-152156"].value
    assert found.parties.sold_to.name == "Claire Gute"
    assert [(one.sku, one.quantity, one.amount.amount) for one in found.lines] == [
        ("FUR-BO-10001798", 2, Decimal("261.96")),
        ("FUR-CH-10000454", 3, Decimal("731.94")),
    ]


async def test_the_request_log_shows_each_question_with_its_columns_and_keys(made_up):
    send = line(made_up)
    numbers = [orders[0].number for _, orders in parties(made_up) if orders][:3]
    await ask(adapter(send), "orders", numbers, ["status", "lines", "lines.sku"])
    (logged,) = (await send.client.get("/_mock/requests", params={"since": 0})).json()["requests"]
    assert logged["operation"] == "salesOrdersForOrderHub.list"
    assert logged["columns"] == sorted(
        ["OrderNumber", "HeaderId", "StatusCode", "lines.FulfillLineId", "lines.ProductNumber"]
    )
    assert set(logged["keys"]) == set(numbers)
