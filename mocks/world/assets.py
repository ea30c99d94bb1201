"""What customers have of us: an asset for some of the lines that were delivered to them.

A line becomes an asset when it has left the warehouse, is counted in pieces and costs at least twenty of its currency
a piece; seven in ten of these were registered. It is installed the day it shipped. Warranties run one to three years;
one asset in ten has none. Only who founded an account in the CRM has any; of an order the first 64 lines, of a customer
the first 4,096 orders.

`CANARY-asset-<row id>` is in every comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from mocks.world.dice import Dice
from mocks.world.model import Line, Order, World
from mocks.world.rowids import RowIds

DELIVERED = frozenset({"SHIPPED", "CLOSED"})
PIECES = frozenset({"PC", "EA"})
DEAR = Decimal(20)
MOST_LINES = 64
MOST_ORDERS = 4_096
SLOTS = MOST_LINES * MOST_ORDERS
DAY = timedelta(days=1)
YEARS = (1, 2, 2, 2, 3)
REMARKS = ("Third floor.", "Serviced by the customer.", "Keys are with the porter.", "Moved since.")
ROWS_KEPT = 1_024


@dataclass(frozen=True, slots=True)
class Asset:
    row_id: str
    number: str
    serial: str
    customer: int
    sku: str
    name: str
    quantity: Decimal
    status: str
    installed: datetime
    warranty_until: date | None
    order_number: str
    comments: str


class Assets:
    """The assets of one world. Rows are derived when they are asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows = RowIds("1A-", SLOTS, world.seed, "asset")
        self._numbers = RowIds("AST-", SLOTS, world.seed, "asset number")
        self._serials = RowIds("SN", SLOTS, world.seed, "serial")
        self.of_customer = lru_cache(ROWS_KEPT)(self._of_customer)

    def by_row_id(self, row_id: str) -> Asset | None:
        return self._found(self._rows, row_id)

    def by_number(self, number: str) -> Asset | None:
        return self._found(self._numbers, number)

    def by_serial(self, serial: str) -> Asset | None:
        return self._found(self._serials, serial)

    def of_account(self, row_id: str) -> tuple[Asset, ...]:
        index = self._world.by_account_id(row_id)
        return () if index is None else self.of_customer(index)

    def _found(self, ids: RowIds, text: str) -> Asset | None:
        at = ids.row(text)
        if at is None or at[0] >= len(self._world):
            return None
        row_id = self._rows.text(*at)
        return next((one for one in self.of_customer(at[0]) if one.row_id == row_id), None)

    def _of_customer(self, index: int) -> tuple[Asset, ...]:
        account = self._world.customer(index).siebel_account_id
        if account is None or self._world.by_account_id(account) != index:
            return ()
        orders = self._world.orders_of(index)[:MOST_ORDERS]
        return tuple(asset for at, order in enumerate(orders) for asset in self._of_order(index, at, order))

    def _of_order(self, index: int, at: int, order: Order) -> Iterator[Asset]:
        for place, line in enumerate(order.lines[:MOST_LINES]):
            dice = Dice(self._world.seed, "asset", order.number, line.number)
            if _lasting(line) and dice.chance(70):
                yield self._asset(dice, index, at * MOST_LINES + place, order, line)

    def _asset(self, dice: Dice, index: int, slot: int, order: Order, line: Line) -> Asset:
        row_id, installed = self._rows.text(index, slot), line.shipped_on or order.placed_at
        years = dice.pick(YEARS)
        return Asset(
            row_id,
            self._numbers.text(index, slot),
            self._serials.text(index, slot),
            index,
            line.sku,
            line.description,
            line.quantity,
            "Retired" if dice.chance(8) else "Active",
            installed,
            None if dice.chance(10) else (installed + years * 365 * DAY).date(),
            order.number,
            f"{dice.pick(REMARKS)} CANARY-asset-{row_id}",
        )


def _lasting(line: Line) -> bool:
    delivered = line.status in DELIVERED and line.shipped_on is not None and line.quantity > 0
    return delivered and line.unit in PIECES and line.unit_price >= DEAR
