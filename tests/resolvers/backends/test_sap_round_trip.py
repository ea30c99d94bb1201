"""The SAP adapter against the SAP server: the same company on both ends of the wire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mocks import sap
from mocks.world import World, open_world
from resolvers.backends.base import Call, Connection, Deadline, Refused
from resolvers.backends.sap import Availability, PlantAvailability, Product, Sap, StockLevel
from schema.inventory import StockType
from tests.mocks.sap_world import O_HARA, ODD, PRODUCTS, Line, Shelf, lot, product

pytestmark = pytest.mark.anyio


def connection(**changed: Any) -> Connection:
    given: dict[str, Any] = {"username": sap.USERNAME, "password": sap.PASSWORD, "attempt_timeout": 10.0}
    return Connection("http://s4.example", **(given | changed))


def opened(world: Any = None) -> tuple[Sap, Line]:
    line = Line(sap.create(world or Shelf()))
    return Sap(connection(), line), line


async def ask(one: Sap, operation: str, keys: Sequence[str], **args: Any) -> dict[Any, Any]:
    columns = frozenset(getattr(Sap, operation).columns)
    found = await one.perform(Call("sap", operation, tuple(keys), columns, tuple(sorted(args.items()))), Deadline(20))
    assert not [outcome.error for outcome in found.values() if outcome.error]
    return {key: outcome.value for key, outcome in found.items()}


async def test_products_by_whatever_their_skus_are() -> None:
    one, line = opened()
    skus = [product.sku for product in PRODUCTS]
    found = await ask(one, "products", [*skus, "NO-SUCH"])
    assert [found[sku].sku for sku in skus] == skus
    assert found["NO-SUCH"] is None
    assert found["FUR-BO-1"] == Product("FUR-BO-1", "Name of 0", "Solid oak.", "PC", "L001")
    assert (found["0012"].description, found["0012"].name) == (None, "Name of 1")
    assert (found["12"].name, found[O_HARA].name) == ("Name of 2", None)
    assert found[ODD].name == "Name of 4"
    assert len(line.asked) == 1


async def test_stock_without_what_is_held_for_somebody() -> None:
    one, line = opened()
    found = await ask(one, "stock", ["FUR-BO-1", "0012", "12", O_HARA, "777", "NO-SUCH"])
    assert found["FUR-BO-1"] == [
        StockLevel("1010", "101A", StockType.UNRESTRICTED, Decimal(1520), "PC"),
        StockLevel("1010", "101B", StockType.QUALITY_INSPECTION, Decimal("7.5"), "PC"),
        StockLevel("1020", None, StockType.IN_TRANSFER, Decimal(2), "PC"),
        StockLevel("1020", "101A", StockType.UNRESTRICTED, Decimal(0), "PC"),
    ]
    assert [found[sku][0].quantity for sku in ("0012", "12", O_HARA)] == [1, 2, 3]
    assert (found["777"], found["NO-SUCH"]) == ([], [])
    assert len(line.asked) == 1


async def test_stock_in_many_pages_is_complete() -> None:
    lots = tuple(lot("1010", str(n), location=f"{n:04}") for n in range(2500))
    one, line = opened(Shelf((product(0, "S", "1010"),), {0: lots}))
    found = await ask(one, "stock", ["S"])
    assert [level.quantity for level in found["S"]] == list(range(2500))
    assert len(line.asked) >= 3


async def test_availability_of_several_products_is_one_batch() -> None:
    one, line = opened()
    found = await ask(
        one, "availability", ["FUR-BO-1", "777", O_HARA, ODD, "NO"], quantity=Decimal(30), on=date(2026, 3, 3)
    )
    at_plants = [PlantAvailability("1010", Decimal(25)), PlantAvailability("1020", Decimal(25))]
    assert found["FUR-BO-1"] == Availability(True, Decimal(50), "PC", at_plants)
    assert found["777"] == Availability(False, Decimal(0), None, [])
    assert (found[O_HARA].sufficient, found[O_HARA].quantity) == (False, Decimal(22))
    assert [plant.plant for plant in found[ODD].plants] == ["1010", "1020", "1030"]
    assert found["NO"] is None
    assert [request.method for request in line.asked] == ["GET", "GET", "POST"]
    await ask(one, "availability", [ODD], quantity=Decimal(1), on=date(2026, 3, 3))
    assert [request.method for request in line.asked[3:]] == ["GET", "POST"]


async def test_an_expired_session_is_renewed_without_anybody_noticing() -> None:
    inner, epoch = sap.create(Shelf()), 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await inner({**scope, "mock.login": epoch}, receive, send)

    line = Line(app)
    one = Sap(connection(), line)
    arguments = {"quantity": Decimal(1), "on": date(2026, 3, 3)}
    before = await ask(one, "availability", [ODD], **arguments)
    epoch = 1
    assert await ask(one, "availability", [ODD], **arguments) == before
    assert [request.method for request in line.asked] == ["GET", "GET", "POST", "GET", "POST", "GET", "POST"]


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"options": {"sap-client": "200"}}])
async def test_a_wrong_login_is_refused(wrong: dict[str, Any]) -> None:
    one = Sap(connection(**wrong), Line(sap.create(Shelf())))
    for operation in ("products", "stock"):
        found = await one.perform(Call("sap", operation, ("12",), frozenset()), Deadline(20))
        assert type(found["12"].error) is Refused


@pytest.fixture(scope="module", params=["seeded", "imported"])
def company(request: pytest.FixtureRequest) -> World:
    file = Path(__file__).parents[2] / "data" / "superstore.csv" if request.param == "imported" else None
    return open_world(file, now=datetime(2026, 3, 1, 12, tzinfo=UTC))


def portions(world: World, size: int, step: int) -> Iterator[list[int]]:
    chosen = list(world.products())[::step]
    return (chosen[start : start + size] for start in range(0, len(chosen), size))


async def test_every_product_of_the_company_comes_through_as_it_is(company: World) -> None:
    one, line = opened(company)
    for portion in portions(company, 50, 1):
        made = {one.sku: one for one in map(company.product, portion)}
        found = await ask(one, "products", list(made))
        for sku, was in made.items():
            expected = Product(sku, was.names.get("EN"), was.text or None, was.unit, was.group)
            assert found[sku] == expected
    assert all(request.method == "GET" for request in line.asked)


async def test_every_quantity_of_the_company_comes_through_exactly(company: World) -> None:
    one, _ = opened(company)
    for portion in portions(company, 50, 7):
        found = await ask(one, "stock", [company.product(index).sku for index in portion])
        for index in portion:
            expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
            for row in company.stock_of(index):
                if not row.special:
                    expected[row.plant, row.storage_location] += row.quantity
            levels = found[company.product(index).sku]
            got: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
            for level in levels:
                got[level.plant, level.storage_location or ""] += level.quantity
            assert got == expected
            assert {level.unit for level in levels} <= {company.product(index).unit}


async def test_every_promise_of_the_company_comes_through_exactly(company: World) -> None:
    one, _ = opened(company)
    until = datetime(2026, 4, 2, 23, 59, 59, tzinfo=UTC)
    for portion in list(portions(company, 20, 11))[:3]:
        skus = [company.product(index).sku for index in portion]
        found = await ask(one, "availability", skus, quantity=Decimal(5), on=until.date())
        for index, sku in zip(portion, skus, strict=True):
            plants = company.product(index).plants
            assert found[sku].quantity == sum((company.promised(index, plant, until) for plant in plants), Decimal(0))
            assert [plant.plant for plant in found[sku].plants] == sorted(plants)
