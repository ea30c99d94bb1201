"""What is wanted of each product: the open lines of orders under way. Whose they are is never asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from resolvers.backends.oracle_om.records import Demand, SalesOrder, Waiting
from schema import LineStatus

OPEN = frozenset(LineStatus) - {LineStatus.SHIPPED, LineStatus.CLOSED, LineStatus.CANCELED}
NOUGHT = Decimal(0)


def demanded(skus: Sequence[str], orders: Iterable[SalesOrder]) -> dict[str, Demand]:
    """A sum for each SKU; nought for one that nobody waits for."""
    return {sku: _sum(lines) for sku, lines in waiting(skus, orders).items()}


def waiting(skus: Sequence[str], orders: Iterable[SalesOrder]) -> dict[str, list[Waiting]]:
    """The lines that wait for each SKU. A state that a company added counts as open."""
    found: dict[str, list[Waiting]] = {sku: [] for sku in skus}
    for order in orders:
        for line in order.lines or ():
            if line.sku in found and line.status in OPEN and line.quantity is not None:
                late = line.status is LineStatus.BACKORDERED
                found[line.sku].append(Waiting(order.number or "", line.quantity, late, line.promised_on))
    return found


def _sum(lines: Sequence[Waiting]) -> Demand:
    wanted = sum((line.quantity for line in lines), NOUGHT)
    return Demand(wanted, sum((line.quantity for line in lines if line.backordered), NOUGHT))
