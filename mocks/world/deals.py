"""What sales people hope to sell, and what came of it: opportunities of a world, derived from its orders.

Some of a customer's orders began as an opportunity: it is won, has the lines, amount and number of its order, and
closed on the day the order was placed. Besides, a customer has up to two that are open (they close after today), or
were lost (they closed before). Only who founded an account in the CRM has any. A draft or cancelled order, or one past
a customer's 4,096th, began as none.

`CANARY-opportunity-<row id>` is in every description.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from mocks.world.dice import Dice
from mocks.world.model import Customer, Order, World
from mocks.world.places import CURRENCIES
from mocks.world.rowids import RowIds

WON, LOST = "09 - Closed/Won", "10 - Closed/Lost"
UNDER_WAY = (
    ("02 - Potential Lead", 10),
    ("03 - Qualification", 20),
    ("04 - Opportunity", 30),
    ("05 - Building Vision", 40),
    ("06 - Short List", 60),
    ("07 - Selected", 80),
    ("08 - Negotiation", 90),
)
METHODS = ("Standard Sales Process", "Accelerated Sales Process", "Major Account Sales Process")
REMARKS = ("Wants three months to pay.", "A competitor is cheaper.", "Decides in autumn.", "Asked for samples.")
NOT_SOLD = frozenset({"DOO_DRAFT", "CANCELED"})
MOST_ORDERS = 4_096
MOST_HOPES = 2
SLOTS = 2 * MOST_ORDERS
MOST_LINES = 4
DAY = timedelta(days=1)
CENT = Decimal("0.01")
ROWS_KEPT = 1_024


@dataclass(frozen=True, slots=True)
class DealLine:
    """A product of an opportunity. `at`: its place there, from 0."""

    at: int
    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Opportunity:
    """`order_number`: of the order it led to, "" for none. `probability`: percent."""

    row_id: str
    customer: int
    name: str
    stage: str
    method: str
    amount: Decimal
    currency: str
    probability: int
    closes_on: date
    owner: str
    description: str
    order_number: str
    created: datetime
    updated: datetime
    lines: tuple[DealLine, ...]


class Deals:
    """The opportunities of one world. Rows are derived when they are asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._anchor = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._ids = RowIds("1O-", SLOTS, world.seed, "opportunity")
        self.of_customer = lru_cache(ROWS_KEPT)(self._of_customer)

    def by_row_id(self, row_id: str) -> Opportunity | None:
        at = self._ids.row(row_id)
        if at is None or at[0] >= len(self._world):
            return None
        return next((one for one in self.of_customer(at[0]) if one.row_id == row_id), None)

    def of_account(self, row_id: str) -> tuple[Opportunity, ...]:
        index = self._world.by_account_id(row_id)
        return () if index is None else self.of_customer(index)

    def _of_customer(self, index: int) -> tuple[Opportunity, ...]:
        """Those they won first, in the sequence of the orders."""
        customer = self._world.customer(index)
        account = customer.siebel_account_id
        if account is None or self._world.by_account_id(account) != index:
            return ()
        return (*self._won(customer), *self._hoped(customer))

    def _won(self, customer: Customer) -> Iterator[Opportunity]:
        for slot, order in enumerate(self._world.orders_of(customer.index)[:MOST_ORDERS]):
            dice = Dice(self._world.seed, "deal", order.number)
            if order.status not in NOT_SOLD and order.lines and dice.chance(40):
                yield self._closed(dice, customer, slot, order)

    def _closed(self, dice: Dice, customer: Customer, slot: int, order: Order) -> Opportunity:
        row_id = self._ids.text(customer.index, slot)
        lines = tuple(
            DealLine(at, line.sku, line.description, line.quantity, line.unit_price, line.amount)
            for at, line in enumerate(order.lines)
        )
        began = max(order.placed_at - dice.between(5, 90) * DAY, customer.since)
        return Opportunity(
            row_id,
            customer.index,
            f"{customer.account_name or 'Account'}: {order.lines[0].description}"[:100],
            WON,
            dice.pick(METHODS),
            order.goods,
            order.currency,
            100,
            order.placed_at.date(),
            order.salesperson,
            f"{dice.pick(REMARKS)} CANARY-opportunity-{row_id}",
            order.number,
            min(began, order.placed_at),
            order.placed_at,
            lines,
        )

    def _hoped(self, customer: Customer) -> Iterator[Opportunity]:
        for at in range(MOST_HOPES):
            dice = Dice(self._world.seed, "hope", customer.integration_id or customer.index, at)
            if dice.chance(45):
                yield self._hope(dice, customer, MOST_ORDERS + at)

    def _hope(self, dice: Dice, customer: Customer, slot: int) -> Opportunity:
        row_id, lost = self._ids.text(customer.index, slot), dice.chance(30)
        lines = tuple(self._wanted(dice, customer, at) for at in range(dice.between(1, MOST_LINES)))
        began = max(self._anchor - dice.between(1, 150) * DAY, customer.since)
        changed = began + (self._anchor - began) * dice.share()
        stage, probability = (LOST, 0) if lost else dice.pick(UNDER_WAY)
        closes = changed if lost else self._anchor + dice.between(1, 120) * DAY
        return Opportunity(
            row_id,
            customer.index,
            f"{customer.account_name or 'Account'}: {lines[0].name}"[:100],
            stage,
            dice.pick(METHODS),
            sum((line.amount for line in lines), Decimal(0)),
            customer.currency,
            probability,
            closes.date(),
            customer.sales_owner,
            f"{dice.pick(REMARKS)} CANARY-opportunity-{row_id}",
            "",
            began,
            changed,
            lines,
        )

    def _wanted(self, dice: Dice, customer: Customer, at: int) -> DealLine:
        product = self._world.product(dice.pick(self._world.products()))
        money = CURRENCIES.get(customer.currency)
        rate, step = (money.rate, money.step) if money else (Decimal(1), CENT)
        price = max((product.list_price * rate).quantize(step), step)
        quantity = Decimal(dice.between(1, 60))
        name = product.names.get("EN") or product.names["DE"]
        return DealLine(at, product.sku, name, quantity, price, (price * quantity).quantize(step))
