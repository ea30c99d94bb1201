"""Stock execution: the same part of the schema declared in plain Strawberry, its own execution and its own ASGI app, a
resolver for each field that leads somewhere, aiodataloader and httpx below; as its documentation does it.

    python -m tests.bench.stock UPSTREAM CUSTOMERS.json
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import strawberry
from aiodataloader import DataLoader
from strawberry.asgi import GraphQL

from tests.bench.floor import CONTACTS, HEAD, ORDERS, STATUS, STOCK, TICKET, TICKETS, WORKLOG
from tests.bench.processes import served

Keys = dict[str, tuple[str, str, str]]
FIELDS = (
    "Id%2CFirst%20Name%2CMiddle%20Name%2CLast%20Name%2CEmail%20Address%2CWork%20Phone%20%23%2CCellular%20Phone%20%23"
)
Info = strawberry.Info[dict[str, Any], None]


@strawberry.type
class Stock:
    plant: str | None
    quantity: Decimal | None


@strawberry.type
class Product:
    sku: str

    @strawberry.field
    async def stock(self, info: Info) -> list[Stock] | None:
        rows = await info.context["stock"].load(self.sku)
        return [Stock(plant=row["Plant"], quantity=_shortest(row["MatlWrhsStkQtyInMatlBaseUnit"])) for row in rows]


@strawberry.type
class Money:
    amount: Decimal
    currency: str


@strawberry.type
class OrderLine:
    number: str | None
    sku: str | None
    quantity: Decimal | None
    status: str | None

    @strawberry.field
    async def product(self) -> Product | None:
        return Product(sku=self.sku) if self.sku else None


@strawberry.type
class Order:
    number: str
    status: str | None
    placed_at: datetime | None
    total: Money | None
    lines: list[OrderLine]

    @classmethod
    def of(cls, row: Any) -> Order:
        money = Money(amount=row["totals"]["items"][0]["TotalAmount"], currency=row["TransactionalCurrencyCode"])
        placed = datetime.fromisoformat(row["TransactionOn"])
        lines = [_line(line) for line in row["lines"]["items"]]
        return cls(
            number=row["OrderNumber"], status=STATUS[row["StatusCode"]], placed_at=placed, total=money, lines=lines
        )


@strawberry.type
class WorkLogEntry:
    at: datetime | None
    text: str | None


@strawberry.type
class Ticket:
    number: str
    subject: str | None
    status: str | None
    opened_at: datetime | None

    @strawberry.field
    async def worklog(self, info: Info) -> list[WorkLogEntry] | None:
        rows = await info.context["worklog"].load(self.number)
        return [WorkLogEntry(at=_moment(row["Work Log Date"]), text=row["Detailed Description"]) for row in rows]


@strawberry.type
class OrderConnection:
    nodes: list[Order]


@strawberry.type
class TicketConnection:
    nodes: list[Ticket]


@strawberry.type
class Customer:
    id: strawberry.ID
    keys: strawberry.Private[tuple[str, str, str]]

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        row = await info.context["contact"].load(self.keys[0])
        return f"{row['First Name']} {row['Last Name']}"

    @strawberry.field
    async def email(self, info: Info) -> str | None:
        return str((await info.context["contact"].load(self.keys[0]))["Email Address"])

    @strawberry.field
    async def phone(self, info: Info) -> str | None:
        return str((await info.context["contact"].load(self.keys[0]))["Work Phone #"])

    @strawberry.field
    async def orders(self, info: Info, first: int = 20) -> OrderConnection | None:
        return OrderConnection(nodes=[Order.of(row) for row in await info.context["orders"].load(self.keys[1])])

    @strawberry.field
    async def tickets(self, info: Info, first: int = 20) -> TicketConnection | None:
        rows = await info.context["tickets"].load(self.keys[2])
        return TicketConnection(nodes=[_ticket(row) for row in rows])


@strawberry.type
class Query:
    @strawberry.field
    async def customers_by_id(self, info: Info, ids: list[strawberry.ID]) -> list[Customer | None] | None:
        return [Customer(id=one, keys=info.context["keys"][one]) for one in ids]


def _line(line: Any) -> OrderLine:
    status, quantity = STATUS[line["StatusCode"]], Decimal(line["OrderedQuantity"])
    return OrderLine(number=line["DisplayLineNumber"], sku=line["ProductNumber"], quantity=quantity, status=status)


def _ticket(row: Any) -> Ticket:
    opened, status = _moment(row["Submit Date"]), TICKET[row["Status"]]
    return Ticket(number=row["Incident Number"], subject=row["Description"], status=status, opened_at=opened)


def _shortest(text: str) -> Decimal:
    return Decimal(text.rstrip("0").rstrip("."))


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


class Upstream:
    """Batch functions for loaders: a row for each key, or all rows of each."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self._client = httpx.AsyncClient(base_url=url, headers=HEAD, limits=limits, timeout=60, trust_env=False)

    async def _get(self, target: str) -> Any:
        return (await self._client.get(target)).json()

    async def contact(self, keys: list[str]) -> list[Any]:
        spec = quote(" OR ".join(f"([Id]='{key}')" for key in keys))
        rows = {row["Id"]: row for row in (await self._get(CONTACTS % (spec, FIELDS, len(keys))))["items"]}
        return [rows[key] for key in keys]

    async def orders(self, keys: list[str]) -> list[Any]:
        listed = quote(", ".join(f"'{key}'" for key in keys))
        return _sorted(keys, (await self._get(ORDERS % (listed, 21 * len(keys))))["items"], "BuyingPartyNumber")

    async def stock(self, keys: list[str]) -> list[Any]:
        found = await self._get(STOCK % "%20or%20".join(f"Material%20eq%20'{key}'" for key in keys))
        return _sorted(keys, found["d"]["results"], "Material")

    async def tickets(self, keys: list[str]) -> list[Any]:
        asked = quote(" OR ".join(f"'Person ID' = \"{key}\"" for key in keys))
        found = await self._get(TICKETS % (asked, 21 * len(keys)))
        return _sorted(keys, [entry["values"] for entry in found["entries"]], "Person ID")

    async def worklog(self, keys: list[str]) -> list[Any]:
        asked = quote(" OR ".join(f"'Incident Number' = \"{key}\"" for key in keys))
        found = await self._get(WORKLOG % f"%28{asked}%29%20AND%20%27View%20Access%27%20%3D%20%22Public%22")
        return _sorted(keys, [entry["values"] for entry in found["entries"]], "Incident Number")

    def loaders(self) -> dict[str, Any]:
        made: dict[str, Callable[[list[str]], Any]] = {
            "contact": self.contact,
            "orders": self.orders,
            "stock": self.stock,
            "tickets": self.tickets,
            "worklog": self.worklog,
        }
        return {name: DataLoader(batch) for name, batch in made.items()}


def _sorted(keys: Sequence[str], rows: Sequence[Any], by: str) -> list[Any]:
    found = defaultdict[str, list[Any]](list)
    for row in rows:
        found[row[by]].append(row)
    return [found[key] for key in keys]


class Stocked(GraphQL[dict[str, Any], None]):
    keys: Keys
    upstream: Upstream

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"keys": self.keys, **self.upstream.loaders()}


if __name__ == "__main__":
    app = Stocked(strawberry.Schema(query=Query))
    app.keys = {one: tuple(some) for one, some in json.loads(Path(sys.argv[2]).read_text()).items()}
    app.upstream = Upstream(sys.argv[1])
    served(app)
