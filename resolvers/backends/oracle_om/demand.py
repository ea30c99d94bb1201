"""What is wanted of each product: the open lines of orders under way, added up. Whose they are is never asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from resolvers.backends.oracle_om.records import Demand, SalesOrder
from schema import LineStatus

OPEN = frozenset(LineStatus) - {LineStatus.SHIPPED, LineStatus.CLOSED, LineStatus.CANCELED}
NOUGHT = Decimal(0)


def demanded(skus: Sequence[str], orders: Iterable[SalesOrder]) -> dict[str, Demand]:
    """A sum for each SKU; nought for one that nobody waits for. A state that a company added counts as open."""
    wanted = dict.fromkeys(skus, NOUGHT)
    late = dict.fromkeys(skus, NOUGHT)
    for line in (line for order in orders for line in order.lines or ()):
        if line.sku in wanted and line.status in OPEN and line.quantity is not None:
            wanted[line.sku] += line.quantity
            late[line.sku] += line.quantity if line.status is LineStatus.BACKORDERED else NOUGHT
    return {sku: Demand(wanted[sku], late[sku]) for sku in skus}
