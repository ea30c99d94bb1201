"""Orders of an imported sales file: its lines gathered by order number, and told in the order system's words.

The rules are in `mocks.world.imported`; here they are carried out for money, lines, states and addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from mocks.world.dice import Dice, spread
from mocks.world.model import Address, Customer, Line, Order
from mocks.world.salesfile import SalesMapping, Sold

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")
NOUGHT = Decimal(0)
FORTNIGHT = timedelta(days=14)
HEADERS = (300_000_100_000_000, 300_000_100_000_000_001)
HEADER_STEP = 2_000_000  # between two orders: the ids of as many lines as anybody has, two for each
MOST_ORDERS = 100_000_000
CHANNELS = ("WEB", "WEB", "STORE", "STORE", "PARTNER", "PHONE")
TERMS = ("Net 30", "Net 30", "Net 60", "Immediate")


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order of the file. `day`: the earliest its lines name; `customer`: the index of who placed it."""

    ordinal: int
    number: str
    customer: int
    header_id: int
    day: datetime
    channel: str
    ship_to: Address
    sold: tuple[Sold, ...]


def purchases(sales: Sequence[Sold], customers: Mapping[str, int], mapping: SalesMapping, seed: int) -> list[Purchase]:
    """All orders, in the sequence of their first lines."""
    gathered: dict[str, list[Sold]] = {}
    for sold in sales:
        gathered.setdefault(sold.order, []).append(sold)
    keys = spread(gathered, MOST_ORDERS, "order")
    return [
        Purchase(
            ordinal=ordinal,
            number=number,
            customer=customers[sold[0].customer],
            header_id=HEADERS[keys[number] % 2] + keys[number] * HEADER_STEP,
            day=min(one.placed_at for one in sold),
            channel=sold[0].text("channel") or Dice(seed, "channel", number).pick(CHANNELS),
            ship_to=_address(sold[0], mapping),
            sold=tuple(sold),
        )
        for ordinal, (number, sold) in enumerate(gathered.items())
    ]


def _address(sold: Sold, mapping: SalesMapping) -> Address:
    postal = sold.text("postal_code")
    if postal.isascii() and postal.isdecimal():
        postal = postal.zfill(mapping.file.postal_code_width)
    country = sold.text("country") or mapping.defaults.country
    return Address(sold.text("street"), sold.text("city"), sold.text("state"), postal, country)


def order_of(purchase: Purchase, customer: Customer, mapping: SalesMapping, now: datetime, seed: int) -> Order:
    """The order as it stands at `now`."""
    dice = Dice(seed, "imported order", purchase.number)
    lines = tuple(_line(purchase, at, sold, mapping, now) for at, sold in enumerate(purchase.sold))
    shipped = [line.shipped_on for line in lines if line.shipped_on is not None]
    return Order(
        header_id=purchase.header_id,
        number=purchase.number,
        customer=purchase.customer,
        source_system=purchase.channel,
        source_number=f"{purchase.channel}-{purchase.number}",
        customer_po="",
        status=_standing([line.status for line in lines]),
        placed_at=purchase.day,
        requested_on=None,
        updated_at=max([purchase.day, *shipped]),
        currency=purchase.sold[0].currency,
        payment_terms=dice.pick(TERMS),
        salesperson=customer.sales_owner,
        bill_to=customer.address,
        ship_to=purchase.ship_to,
        ship_to_name=full_name(customer),
        holds=(),
        lines=lines,
        discount=NOUGHT,
        freight=NOUGHT,
        tax=NOUGHT,
        notes=f"CANARY-order_notes-{purchase.ordinal}",
    )


def _line(purchase: Purchase, at: int, sold: Sold, mapping: SalesMapping, now: datetime) -> Line:
    amount = sold.amount.quantize(CENT, ROUND_HALF_EVEN)
    price = unit_price(sold)
    ships = None if sold.shipped_at is None else max(sold.shipped_at, purchase.day)
    mode = sold.text("ship_mode")
    return Line(
        line_id=purchase.header_id + 1 + 2 * at,
        fulfill_line_id=purchase.header_id + 2 + 2 * at,
        number=str(at + 1),
        sku=sold.sku,
        description=sold.text("product_name") or sold.sku,
        quantity=sold.quantity,
        unit=sold.text("unit") or mapping.defaults.unit,
        list_price=_undiscounted(price, sold.discount),
        unit_price=price,
        amount=amount,
        status=_progress(purchase.day, ships, now),
        requested_on=None,
        scheduled_on=ships,
        shipped_on=ships if ships is not None and ships <= now else None,
        carrier=mapping.carriers.get(mode, mode),
        service=mode,
    )


def unit_price(sold: Sold) -> Decimal:
    """The line's amount in cents by its quantity, to six places; whole cents are written as such."""
    return _tidy((sold.amount.quantize(CENT, ROUND_HALF_EVEN) / sold.quantity).quantize(MILLIONTH))


def list_price(sold: Sold) -> Decimal:
    return _undiscounted(unit_price(sold), sold.discount)


def _undiscounted(price: Decimal, discount: Decimal) -> Decimal:
    """What was given away altogether has no list price to go back to."""
    return price if discount == 1 else _tidy((price / (1 - discount)).quantize(MILLIONTH))


def _tidy(price: Decimal) -> Decimal:
    cents = price.quantize(CENT)
    return cents if cents == price else price


def _progress(ordered: datetime, ships: datetime | None, now: datetime) -> str:
    if now - (ships or ordered) >= FORTNIGHT:
        return "CLOSED"
    return "SHIPPED" if ships is not None and ships <= now else "AWAIT_SHIP"


def _standing(statuses: Sequence[str]) -> str:
    closed = statuses.count("CLOSED")
    return "CLOSED" if closed == len(statuses) else "PARTIALLY_CLOSE" if closed else "DOO_PROCESSING"


def full_name(customer: Customer) -> str:
    return f"{customer.first_name} {customer.last_name}".strip(" ")
