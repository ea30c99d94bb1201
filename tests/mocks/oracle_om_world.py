"""A company of a few customers, small enough to know by heart, for the tests of the order system."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mocks.world import Address, Customer, Hold, Line, Order, Product, Stock
from mocks.world.kept import Kept
from mocks.world.model import Placed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Address("1 Main St\nFloor 2", "Henderson", "Kentucky", "02420", "US")
O_HARA = """O'Hara" OR '1'='1"""
BASE = 300_000_000_000_000


def customer(index: int, number: str, first: str, last: str) -> Customer:
    return Customer(
        index=index,
        number=number,
        first_name=first,
        last_name=last,
        account_name=f"{last} Ltd",
        job_title="",
        email=f"c{index}@example.test",
        phone="",
        mobile="",
        address=HERE,
        language="",
        tier="Gold",
        segment="",
        region="",
        since=NOW,
        updated=NOW,
        birth_date=date(1980, 1, 1),
        channel="WEB",
        sales_owner="",
        carrier="",
        currency="USD",
        suppress_emails=False,
        suppress_calls=False,
        suppress_mailings=False,
        suppress_faxes=False,
        siebel_contact_id=None,
        siebel_account_id=None,
        integration_id="",
        party_id=100_000_000_000_000 + index,
        party_number=number.lstrip("0"),
        duplicate_of=None,
        notes="",
    )


def line(order: int, position: int, sku: str = "00042", quantity: str = "2", price: str = "130.98") -> Line:
    count, unit = Decimal(quantity), Decimal(price)
    return Line(
        line_id=order * 1000 + position,
        fulfill_line_id=order * 1000 + 500 + position,
        number=str(position),
        sku=sku,
        description=f"Thing {sku}",
        quantity=count,
        unit="EA",
        list_price=unit + 10,
        unit_price=unit,
        amount=count * unit,
        status="AWAIT_SHIP",
        requested_on=NOW,
        scheduled_on=NOW + timedelta(days=2),
        shipped_on=None,
        carrier="UPS",
    )


def order(header_id: int, number: str, owner: int, days_ago: int, lines: int = 1, status: str = "CLOSED") -> Order:
    placed = NOW - timedelta(days=days_ago)
    return Order(
        header_id=header_id,
        number=number,
        customer=owner,
        source_system="WEB",
        source_number=f"W-{number}",
        customer_po="",
        status=status,
        placed_at=placed,
        requested_on=placed + timedelta(days=3),
        updated_at=placed + timedelta(days=1),
        currency="USD",
        payment_terms="Net 30",
        salesperson="Lisa Jones",
        bill_to=HERE,
        ship_to=HERE,
        ship_to_name="Reception",
        holds=(Hold("Credit check", "CANARY-hold", NOW),) if status == "DOO_PROCESSING" else (),
        lines=tuple(line(header_id, n) for n in range(1, lines + 1)),
        discount=Decimal("1.50"),
        freight=Decimal("4.10"),
        tax=Decimal("0.01"),
        notes="CANARY-notes",
    )


class TinyWorld(Kept):
    """Ada orders a lot, Bo has an order of 60 lines, O'Hara's keys are traps, R-7 was revised, Zoe never ordered."""

    now = NOW
    seed = 1

    def __init__(self) -> None:
        super().__init__()
        self._customers = [
            customer(0, "0001000017", "Ada", "Okafor"),
            customer(1, "0001000018", "Bo", "Lind"),
            customer(2, O_HARA, "Pat", O_HARA),
            customer(3, "0001000020", "Zoe", "Ash"),
        ]
        orders = [order(BASE + 2 * n, f"A-{n:03}", 0, n) for n in range(30)]
        orders.append(order(BASE + 1000, "B-60", 1, 5, lines=60, status="DOO_PROCESSING"))
        orders.append(order(BASE + 1500, "R-7", 2, 8))
        orders.append(order(BASE + 2000, O_HARA, 2, 6))
        orders.append(order(BASE + 3000, "A-DRAFT", 0, 0, status="DOO_DRAFT"))
        orders.append(replace(order(BASE + 4000, "B-BARE", 1, 9), ship_to=None, bill_to=None, requested_on=None))
        self._orders = sorted(orders, key=lambda row: row.placed_at)

    def __len__(self) -> int:
        return len(self._customers)

    def customer(self, index: int) -> Customer:
        return self._customers[index]

    def customers(self) -> range:
        return range(len(self))

    def by_party_number(self, number: str) -> int | None:
        return next((row.index for row in self._customers if row.party_number == number), None)

    def orders_of(self, index: int) -> tuple[Order, ...]:
        return tuple(row for row in self._orders if row.customer == index)

    def placed_by(self, index: int) -> list[Placed]:
        return [Placed(row.placed_at, row.number, row.header_id) for row in self.orders_of(index)]

    def order_by_header(self, header_id: int) -> Order | None:
        return next((row for row in self._orders if row.header_id == header_id), None)

    def order_by_number(self, number: str) -> Order | None:
        return next((row for row in self._orders if row.number == number), None)

    def order_count(self) -> int:
        return len(self._orders)

    def by_email(self, email: str) -> list[int]:
        return []

    def by_phone(self, digits: str) -> list[int]:
        return []

    def by_contact_id(self, row_id: str) -> int | None:
        return None

    def by_account_id(self, row_id: str) -> int | None:
        return None

    def products(self) -> range:
        return range(0)

    def product(self, index: int) -> Product:
        raise IndexError(index)

    def by_sku(self, sku: str) -> int | None:
        return None

    def stock_of(self, index: int) -> tuple[Stock, ...]:
        return ()

    def promised(self, index: int, plant: str, until: datetime) -> Decimal:
        return Decimal(0)
