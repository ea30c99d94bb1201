"""Four systems with half a million orders between them, made up from their number alone as they are asked for.

The mocks derive every row from one company, at milliseconds apiece: an index of a hundred thousand customers would be a
test of theirs. These speak the same wire for what the index asks (lists of changes) and for what a page of it then asks
(orders, parcels, invoices and tickets by order number). All else, logins too, the mocks behind them answer. They also
say more than they are asked: names and texts that must not be kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = NOW - timedelta(minutes=600_000)
CHANNELS = ("WEB", "STORE", "PARTNER", "EDI", "PHONE")
CARRIERS = ("UPS", "FedEx", "PostNord", "FedEx")
STATES = (*["CLOSED"] * 6, "SHIPPED", "SHIPPED", "AWAIT_SHIP", "BACKORDERED")
TIERS = ("Gold", "Silver", "Bronze")
HEADERS = 300_000_000_000_000
NUMBERS = re.compile(r"SO-2026-(\d{8})")
DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d:\d\d)")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)")
TICKET_EVERY, ORDERS_EACH = 25, 5
QUANTITY = {"ShippedQuantity": 2, "StagedQuantity": None}
Json = dict[str, Any]
Answer = Callable[[str, str, str], Json | None]


@dataclass
class Scale:
    """`again`: orders that changed once more, after all others, in this order."""

    orders: int
    again: list[int] = field(default_factory=list)

    @property
    def customers(self) -> int:
        return self.orders // ORDERS_EACH

    def changed(self, target: str, every: int = 1) -> int:
        """The first place, in the order of changes, at or after the moment that is named."""
        at = _named(target)
        return 0 if at is None else max(-(-int((at - START).total_seconds()) // 60 // every), 0)

    def order_at(self, place: int) -> int:
        return place if place < self.orders else self.again[place - self.orders]


def systems(scale: Scale, mocks: Mapping[str, ASGIApp]) -> dict[str, Lean]:
    answers: Mapping[str, Answer] = {
        "oracle_om": Oracle(scale),
        "netsuite": NetSuite(scale),
        "remedy": Remedy(scale),
        "siebel": Siebel(scale),
    }
    return {name: Lean(app, answers.get(name)) for name, app in mocks.items()}


@dataclass
class Lean:
    """What one system is asked passes here. `calls`: how often that was, logins left out."""

    real: ASGIApp
    answer: Answer | None
    calls: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.real(scope, receive, send)
            return
        body = await _read(receive)
        told = unquote_plus(scope["query_string"].decode())
        self.calls += not re.search("login|token", scope["path"])
        found = self.answer(scope["path"], told, body.decode()) if self.answer else None
        if found is None:
            await self.real(scope, _again(body), send)
            return
        status = int(found.pop("status", 200))
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": msgspec.json.encode(found)})


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


@dataclass
class Oracle:
    scale: Scale

    def __call__(self, path: str, query: str, body: str) -> Json | None:
        named = sorted({int(number) for number in NUMBERS.findall(query)})
        if path.endswith("/shipmentLines"):
            return _page([row for number in named for row in _parcel(number)])
        if not path.endswith("/salesOrdersForOrderHub"):
            return None
        if named:
            return _page([_order(number, number) for number in named if number < self.scale.orders])
        first = self.scale.changed(query) + int(re.findall(r"offset=(\d+)", query)[0])
        end = self.scale.orders + len(self.scale.again)
        places = range(first, min(first + 500, end))
        return _page([_order(self.scale.order_at(one), one) for one in places], more=first + 500 < end)


def _order(number: int, place: int) -> Json:
    at, state = _at(number), "CLOSED" if place != number else STATES[number % 10]
    left = (at + timedelta(days=1)).isoformat() if state in ("SHIPPED", "CLOSED") else None
    line = {"ProductNumber": "OIL-00018", "OrderedQuantity": 2, "StatusCode": state, "ActualShipDate": left}
    lines = [
        {**line, "FulfillLineId": HEADERS + 10 * number + one, "DisplayLineNumber": str(one)}
        | {"ShippingCarrier": CARRIERS[number % 4]}
        for one in (1, 2)
    ]
    held = [{"ApplyDate": at.isoformat(), "ReleaseFlag": False, "HoldComments": "CANARY-hold"}]
    return {
        "OrderNumber": f"SO-2026-{number:08d}",
        "HeaderId": HEADERS + 10 * number,
        "BuyingPartyNumber": str(1_000_000 + number // ORDERS_EACH),
        "BuyingPartyName": "CANARY-name",
        "StatusCode": "DOO_PROCESSING",
        "TransactionOn": at.isoformat(),
        "SourceTransactionSystem": CHANNELS[number // ORDERS_EACH % 5],
        "TransactionalCurrencyCode": "EUR",
        "LastUpdateDate": _at(place).isoformat(),
        "lines": _page(lines),
        "holds": _page(held if number % 50 == 0 else []),
        "totals": _page([{"TotalAmount": 100.5, "PrimaryFlag": True}]),
    }


def _parcel(number: int) -> Iterable[Json]:
    if STATES[number % 10] in ("SHIPPED", "CLOSED"):
        carrier, left = CARRIERS[number % 4], (_at(number) + timedelta(days=1)).isoformat()
        code = f"1ZA{number:015d}" if carrier == "UPS" else f"{number:012d}"
        for line in ("1", "2"):
            told = {"ShipmentLine": number * 10 + int(line), "Order": f"SO-2026-{number:08d}", "TrackingNumber": code}
            yield told | {"Carrier": carrier, "ActualShipDate": left, "OrderLine": line, **QUANTITY}


def _page(rows: list[Json], *, more: bool = False) -> Json:
    return {"items": rows, "count": len(rows), "hasMore": more, "limit": 500, "offset": 0}


@dataclass
class NetSuite:
    """Of five orders four are billed, by an invoice of their own number; of ten bills one is not paid."""

    scale: Scale

    def __call__(self, path: str, query: str, body: str) -> Json | None:
        if not path.endswith("/suiteql"):
            return None
        sql: str = msgspec.json.decode(body)["q"]
        asked = re.findall(r" AS (\w+)", sql.partition(" FROM ")[0])
        if "FROM transactionline" in sql:
            rows = [_billed(int(one), line) for one in re.findall(r"\d+", sql.split(" IN ")[1]) for line in ("1", "2")]
        elif "FROM transaction " not in sql:
            rows = []
        elif named := NUMBERS.findall(sql):
            rows = [_bill(int(one)) for one in named if int(one) % 5]
        else:
            return self._changed(sql, asked)
        return _page([{name: row[name] for name in asked if row.get(name)} for row in rows])

    def _changed(self, sql: str, asked: list[str]) -> Json:
        last = re.findall(r"t\.id > (\d+)", sql)
        first = int(last[0]) + 1 if last else self.scale.changed(sql)
        numbers = [one for one in range(first, min(first + 1_250, self.scale.orders)) if one % 5][:1_000]
        rows = [_bill(one) for one in numbers]
        more = bool(numbers) and numbers[-1] < self.scale.orders - 2
        return _page([{name: row[name] for name in asked if row.get(name)} for row in rows], more=more)


def _bill(number: int) -> Json:
    day, paid = _at(number).date().isoformat(), number % 10 != 1
    return {
        **{"key": f"SO-2026-{number:08d}", "custbody_order_number": f"SO-2026-{number:08d}"},
        **{"id": str(number), "tranid": f"INV{number}", "status": "B" if paid else "A", "memo": "CANARY-memo"},
        **{"trandate": day, "duedate": day, "closedate": day if paid else None},
        **{"updated": f"{_at(number):%Y-%m-%d %H:%M:%S}", "foreigntotal": "100.5", "symbol": "EUR"},
        "foreignamountunpaid": "0" if paid else "100.5",
    }


def _billed(number: int, line: str) -> Json:
    return {"key": str(number), "custcol_order_line": line, "quantity": "-2"}


@dataclass
class Remedy:
    """About one order in twenty-five there is a ticket; every other is open."""

    scale: Scale

    def __call__(self, path: str, query: str, body: str) -> Json | None:
        if not path.endswith("/HPD:Help Desk"):
            return None
        if named := NUMBERS.findall(query):
            numbers = sorted({int(one) for one in named if int(one) % TICKET_EVERY == 0}, reverse=True)
            return self._rows(numbers, more=False)
        last = re.findall(r'"INC(\d+)"', query)
        first = int(last[0]) // TICKET_EVERY + 1 if last else self.scale.changed(query, TICKET_EVERY)
        end = -(-self.scale.orders // TICKET_EVERY)
        return self._rows([one * TICKET_EVERY for one in range(first, min(first + 500, end))], more=first + 500 < end)

    def _rows(self, numbers: Iterable[int], *, more: bool) -> Json:
        links: Json = {"next": [{"href": "http://remedy/next"}]} if more else {}
        return {"entries": [{"values": _ticket(one)} for one in numbers], "_links": links}


def _ticket(number: int) -> Json:
    at = f"{_at(number):%Y-%m-%dT%H:%M:%S}.000+0000"
    open_ = number % (2 * TICKET_EVERY) == 0
    return {
        **{"Incident Number": f"INC{number:012d}", "Order Number__c": f"SO-2026-{number:08d}"},
        **{"Last Modified Date": at, "Submit Date": at, "Last Resolved Date": None if open_ else at},
        **{"Status": "Assigned" if open_ else "Closed", "Description": "CANARY-text", "Customer": "CANARY-customer"},
    }


@dataclass
class Siebel:
    scale: Scale

    def __call__(self, path: str, query: str, body: str) -> Json | None:
        if not path.endswith("/Account/Account") or "StartRowNum" not in query:
            return None
        first = int(re.findall(r"StartRowNum=(\d+)", query)[0]) + (self.scale.changed(query))
        rows = [_account(one) for one in range(first, min(first + 100, self.scale.customers))]
        return {"items": rows} if rows else {"status": 404, "ERROR": "There is no data for the requested resource"}


def _account(number: int) -> Json:
    told = {"Id": f"1-{number:X}", "Account Type Code": TIERS[number % 3], "Name": "CANARY-account"}
    return told | {"Updated": f"{_at(number):%m/%d/%Y %H:%M:%S}"}


def _at(place: int) -> datetime:
    """Something changes every minute."""
    return START + timedelta(minutes=place)


def _named(target: str) -> datetime | None:
    if found := DAY_FIRST.search(target):
        month, day, year, clock = found.groups()
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}+00:00")
    moment = MOMENT.search(target)
    return datetime.fromisoformat(f"{moment[1]}T{moment[2]}+00:00") if moment else None
