"""A shelf of a few products, small enough to know by heart, and the two ways tests talk to the SAP that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx

from mocks import sap
from mocks.world import Product, Stock
from mocks.world.kept import Kept
from resolvers.backends.base import Reply, Request

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
O_HARA = """O'Hara" OR '1'='1"""
ODD = "A/B&C #1+100%?é"
ROOT = "/sap/opu/odata/sap"


def product(index: int, sku: str, *plants: str, text: str = "Solid oak.", unit: str = "PC", **names: str) -> Product:
    return Product(
        index=index,
        sku=sku,
        names=names or {"EN": f"Name of {index}", "DE": f"Name {index} auf Deutsch"},
        text=text,
        unit=unit,
        group="L001",
        type="FERT",
        gross_weight=Decimal("12.5"),
        weight_unit="KG",
        list_price=Decimal("99.99"),
        supplier="S1",
        plants=plants,
        created=date(2020, 2, 29),
        changed=datetime(2024, 3, 4, 10, 15, tzinfo=UTC),
        discontinued=index == 3,
    )


def lot(plant: str, quantity: str, location: str = "101A", kind: str = "01", special: str = "") -> Stock:
    return Stock(plant, location, kind, special, "0000001017" if special else "", Decimal(quantity))


class Shelf(Kept):
    """Implements what the SAP mock reads of a world."""

    now = NOW
    seed = 1

    def __init__(
        self, products: tuple[Product, ...] = (), stock: Mapping[int, tuple[Stock, ...]] | None = None
    ) -> None:
        super().__init__()
        self._products = products or PRODUCTS
        self._stock = STOCK if stock is None else stock

    def products(self) -> range:
        return range(len(self._products))

    def product(self, index: int) -> Product:
        return self._products[index]

    def by_sku(self, sku: str) -> int | None:
        return next((one.index for one in self._products if one.sku == sku), None)

    def stock_of(self, index: int) -> tuple[Stock, ...]:
        return self._stock.get(index, ())

    def promised(self, index: int, plant: str, until: datetime) -> Decimal:
        """Ten a day from now on, less one for each product further down the shelf."""
        days = max(0, (until.date() - NOW.date()).days)
        return Decimal(10 * days + 5 - index % 5)


PRODUCTS = (
    product(0, "FUR-BO-1", "1010", "1020"),
    product(1, "0012", "1010", text=""),
    product(2, "12", "1020"),
    product(3, O_HARA, "1010", DE="Nur auf Deutsch"),
    product(4, ODD, "1010", "1020", "1030"),
    product(5, "000777", unit="KG"),
)
STOCK = {
    0: (
        lot("1010", "1520"),
        lot("1010", "7.5", location="101B", kind="02"),
        lot("1020", "0"),
        lot("1010", "30", special="E"),
        lot("1010", "40", special="K"),
        lot("1020", "2", location="", kind="04"),
    ),
    1: (lot("1010", "1"),),
    2: (lot("1020", "2"),),
    3: (lot("1010", "3"),),
    4: tuple(lot("1010", str(number), kind="07", location=f"L{number:03}") for number in range(1, 5)),
}


def client(world: Any = None) -> httpx.AsyncClient:
    """An HTTP client that is logged in; its cookie jar is the session."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(sap.create(world or Shelf())),
        base_url="http://s4.example",
        auth=(sap.USERNAME, sap.PASSWORD),
    )


class Line:
    """`Send` into an ASGI app: every request on its own, no cookie jar; keeps what was asked."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.asked: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        self.asked.append(request)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://s4.example") as one:
            reply = await one.request(request.method, request.target, headers=request.headers, content=request.body)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Reply(reply.status_code, headers, reply.content, tuple(reply.headers.get_list("set-cookie")))
