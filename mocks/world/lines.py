"""The lines of a seeded order: what was bought, at what price, and how far each line has come.

Line codes are ENTERED, SCHEDULED, BACKORDERED, AWAIT_SHIP, SHIPPED, CLOSED, CANCELED and a customer's own XX_ENGRAVING
(AWAIT_SHIP and SHIPPED are in the facts, the others chosen). A line cancelled in a living order has quantity and amount
0, as Oracle cancels. The description is the product's name on the day, in English where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mocks.world.dice import Dice
from mocks.world.model import Line, Product
from mocks.world.places import CURRENCIES
from mocks.world.stock import DIVISIBLE

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOUGHT = Decimal(0)
WORKED_ON = ("SCHEDULED", "AWAIT_SHIP", "AWAIT_SHIP", "SCHEDULED", "BACKORDERED", "AWAIT_SHIP", "XX_ENGRAVING")
DONE = frozenset({"SHIPPED", "CLOSED"})
POPULAR = 20


@dataclass(frozen=True, slots=True)
class Sale:
    """What the lines of an order have in common."""

    header_id: int
    status: str
    currency: str
    placed_at: datetime
    requested_on: datetime | None
    anchor: datetime
    carrier: str

    @property
    def age(self) -> timedelta:
        return self.anchor - self.placed_at


def lines_of(sale: Sale, dice: Dice, products: Sequence[Product], count: int) -> tuple[Line, ...]:
    statuses = _statuses(dice, sale, count)
    return tuple(_line(sale, dice, products, at, status) for at, status in enumerate(statuses))


def _line(sale: Sale, dice: Dice, products: Sequence[Product], at: int, status: str) -> Line:
    product = products[dice.below(POPULAR)] if dice.chance(20) else dice.pick(products)
    money = CURRENCIES[sale.currency]
    list_price = max((product.list_price * money.rate).quantize(money.step), money.step)
    percent = dice.pick((100, 100, 100, 95, 90, 85, 70))
    unit_price = (list_price * percent / 100).quantize(money.step)
    quantity = _quantity(dice, product.unit, status == "CANCELED" and sale.status != "CANCELED")
    scheduled = _scheduled(dice, sale, status)
    return Line(
        line_id=sale.header_id + 1 + 2 * at,
        fulfill_line_id=sale.header_id + 2 + 2 * at,
        number=str(at + 1),
        sku=product.sku,
        description=product.names.get("EN") or product.names["DE"],
        quantity=quantity,
        unit=product.unit,
        list_price=list_price,
        unit_price=unit_price,
        amount=(quantity * unit_price).quantize(money.step),
        status=status,
        requested_on=sale.requested_on,
        scheduled_on=scheduled,
        shipped_on=_shipped(dice, sale, scheduled) if status in DONE else None,
        carrier=sale.carrier,
    )


def _quantity(dice: Dice, unit: str, cancelled: bool) -> Decimal:
    whole, part = dice.between(1, 24), dice.below(4)
    if cancelled:
        return NOUGHT
    return whole + Decimal(part * 25).scaleb(-2) if unit in DIVISIBLE else Decimal(whole)


def _statuses(dice: Dice, sale: Sale, count: int) -> list[str]:
    match sale.status:
        case "DOO_DRAFT" | "DOO_SUBMITTED":
            return ["ENTERED"] * count
        case "CANCELED":
            return ["CANCELED"] * count
        case "OPEN" if sale.age > 30 * DAY:
            return ["BACKORDERED"] * count
        case "DOO_PROCESSING" | "OPEN":
            return [dice.pick(WORKED_ON) for _ in range(count)]
        case "PARTIALLY_CLOSE":
            done = dice.between(1, count - 1)
            return [_done(dice, sale) for _ in range(done)] + [dice.pick(WORKED_ON) for _ in range(count - done)]
        case _:
            return ["CANCELED" if at and dice.chance(2) else _done(dice, sale) for at in range(count)]


def _done(dice: Dice, sale: Sale) -> str:
    return "SHIPPED" if sale.age < 10 * DAY and dice.chance(50) else "CLOSED"


def _scheduled(dice: Dice, sale: Sale, status: str) -> datetime | None:
    """Midnight of the day the line is to ship; what is not shipped yet is hardly ever overdue."""
    lead = dice.between(1, 9) * DAY
    day = sale.placed_at.replace(hour=0, minute=0, second=0) + lead
    if status in DONE:
        return day
    if status in ("SCHEDULED", "AWAIT_SHIP", "XX_ENGRAVING"):
        return max(day, _midnight(sale.anchor) + lead - 2 * DAY)
    return None


def _shipped(dice: Dice, sale: Sale, scheduled: datetime | None) -> datetime:
    """Around the day it was scheduled for, after it was ordered and before now."""
    at = (scheduled or sale.placed_at) + timedelta(minutes=dice.between(-600, 1_800))
    return min(max(at, sale.placed_at + HOUR), sale.anchor)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
