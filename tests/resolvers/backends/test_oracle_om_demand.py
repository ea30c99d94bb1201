"""What is wanted of products: open lines of orders under way, and nothing that says whose they are."""

from __future__ import annotations

from decimal import Decimal

import pytest

from resolvers.backends.oracle_om import Line, SalesOrder
from resolvers.backends.oracle_om.demand import demanded
from resolvers.backends.oracle_om.finding import wanting
from resolvers.backends.oracle_om.records import Demand
from schema import LineStatus


def order(*lines: tuple[str, str | None, LineStatus]) -> SalesOrder:
    made = [
        Line(sku=sku, quantity=None if many is None else Decimal(many), status=status) for sku, many, status in lines
    ]
    return SalesOrder(header_id=1, number="1", lines=made)


def test_lines_are_added_up_until_they_are_shipped() -> None:
    orders = [
        order(("A", "2", LineStatus.ENTERED), ("A", "3.5", LineStatus.BACKORDERED), ("B", "1", LineStatus.SCHEDULED)),
        order(("A", "4", LineStatus.AWAITING_SHIPPING), ("A", "8", LineStatus.OTHER)),
        order(("A", "16", LineStatus.SHIPPED), ("A", "32", LineStatus.CLOSED), ("A", "64", LineStatus.CANCELED)),
    ]
    assert demanded(["A", "B"], orders) == {
        "A": Demand(Decimal("17.5"), Decimal("3.5")),
        "B": Demand(Decimal(1), Decimal(0)),
    }


def test_nobody_waits_for_what_is_on_no_order() -> None:
    assert demanded(["A"], [order(("B", "1", LineStatus.ENTERED), ("A", None, LineStatus.ENTERED))]) == {
        "A": Demand(Decimal(0), Decimal(0))
    }


@pytest.mark.parametrize("sku", ["O'RING-12", "a' or '1'='1"])
def test_orders_under_way_are_asked_for_by_product_and_a_sku_stays_a_literal(sku: str) -> None:
    asked = wanting([sku])
    assert asked.startswith(f"lines.ProductNumber IN ('{sku.replace(chr(39), chr(39) * 2)}') and StatusCode <> ")
    assert asked.count("StatusCode <> ") == 4  # drafts, what is closed or cancelled, and older revisions
    assert all(f"'{code}'" in asked for code in ("DOO_DRAFT", "CLOSED", "CANCELED"))
