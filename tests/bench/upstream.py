"""The systems of the company in `made`, as little as can be: one process, one answer kept for every address asked for.

Every address is worked out once, keys and columns, in the wire format that our mocks have; from then on it is looked up.
So what a bench measures is who asks. `GET /_counts` tells how many requests came, how many rows and values they were given,
and which columns were asked for where.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

import httptools
import msgspec
import uvloop

from tests.bench import made

Rows = Sequence[Mapping[str, Any]]
AUTH = "/remedy/api/jwt/login"


@dataclass(frozen=True, slots=True)
class Route:
    """name: of what its rows are; path: of the address, after which its keys are looked for; wrapped: its rows, in the
    system's own page."""

    name: str
    path: str
    keys: re.Pattern[str]
    rows: Callable[[str], Rows]
    fields: re.Pattern[str]
    wrapped: Callable[[Rows, str], Any]


def _siebel(rows: Rows, target: str) -> Any:
    link = [{"rel": "self", "href": "http://siebel/data/Contact/Contact", "name": "Contact"}]
    return {"items": [{**row, "Link": link} for row in rows], "Link": link}


def _oracle(rows: Rows, target: str) -> Any:
    page = {"count": 0, "hasMore": False, "limit": 25, "offset": 0}
    children = ("lines", "totals")
    shown = [
        row | {one: page | {"items": row[one], "count": len(row[one])} for one in children if one in row}
        for row in map(dict, rows)
    ]
    return {"items": shown, "count": len(rows), "hasMore": False, "limit": 500, "offset": 0}


def _sap(rows: Rows, target: str) -> Any:
    meta = {"id": "http://sap/A_Entity('key')", "uri": "http://sap/A_Entity('key')", "type": "A_EntityType"}
    counted = {"__count": str(len(rows))} if "inlinecount" in target else {}
    return {"d": {**counted, "results": [{"__metadata": meta, **row} for row in rows]}}


def _remedy(rows: Rows, target: str) -> Any:
    links = {"self": [{"href": "http://remedy/api/arsys/v1/entry/FORM/ID"}]}
    return {"entries": [{"values": row, "_links": links} for row in rows], "numMatches": None, "_links": links}


LIST, SELECT, VALUES = (
    re.compile(r"[?&]fields=([^&]+)"),
    re.compile(r"\$select=([^&]+)"),
    re.compile(r"fields=values\(([^)]+)"),
)
ROUTES = (
    Route("contact", "/siebel/siebel/v1.0/data/Contact/Contact", re.compile(r"1-C\d{7}"), made.contact, LIST, _siebel),
    Route("orders", "/oracle/fscm", re.compile(r"'(\d{8})'"), made.orders, LIST, _oracle),
    Route("order", "/oracle/fscm", re.compile(r"'(\d{10})'"), lambda key: [made.order(key)], LIST, _oracle),
    Route(
        "product", "/sap/sap/opu/odata/sap/API_PRODUCT_SRV", re.compile(r"SKU-\d{6}-\d\d"), made.product, SELECT, _sap
    ),
    Route(
        "stock",
        "/sap/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV",
        re.compile(r"SKU-\d{6}-\d\d"),
        made.stock,
        SELECT,
        _sap,
    ),
    Route(
        "tickets", "/remedy/api/arsys/v1/entry/HPD:Help%20Desk", re.compile(r"PPL\d{12}"), made.tickets, VALUES, _remedy
    ),
    Route("worklog", "/remedy/api/arsys/v1/entry/HPD:WorkLog", re.compile(r"INC\d{12}"), made.entries, VALUES, _remedy),
)


class Answer(NamedTuple):
    """asked: a route's name, and the columns as they were asked for."""

    body: bytes
    rows: int = 0
    values: int = 0
    asked: tuple[str, str] | None = None


@dataclass(slots=True)
class Systems:
    """Answers by address. `told`: requests, rows, and values (rows × columns asked for); `asked`: of which columns, and
    how often."""

    answers: dict[bytes, Answer] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def answer(self, target: bytes) -> bytes:
        if target.startswith(b"/_"):
            return self._control(target)
        found = self.answers.get(target)
        if found is None:
            if len(self.answers) > 20_000:
                self.answers.clear()
            found = self.answers[target] = self._made(target.decode())
        self.told["requests"] += 1
        self.told["rows"] += found.rows
        self.told["values"] += found.values
        if found.asked:
            self.asked[found.asked] += 1
        return found.body

    def _made(self, target: str) -> Answer:
        if target == AUTH:
            return Answer(http(b"a.b.c", b"text/plain"))
        asked = unquote(target)
        for route in ROUTES:
            keys = list(dict.fromkeys(route.keys.findall(asked)))
            if target.startswith(route.path) and keys:
                found = route.fields.search(asked)
                columns = found[1] if found else ""
                rows = [_only(row, columns) for key in keys for row in route.rows(key)]
                told = http(msgspec.json.encode(route.wrapped(rows, target)))
                return Answer(told, *_counted(rows), (route.name, columns))
        return Answer(http(b'{"error":"nothing here"}', status=b"404 Not Found"))

    def _control(self, target: bytes) -> bytes:
        body = msgspec.json.encode({**self.told, "asked": [(*one, times) for one, times in self.asked.items()]})
        if target == b"/_forget":
            self.told.clear()
            self.asked.clear()
        return http(body)


def _only(row: Mapping[str, Any], columns: str) -> dict[str, Any]:
    """`A,B;lines:C,D` is Oracle's way, `to_X/C` is SAP's, a list the others'."""
    own, *children = columns.split(";")
    wanted = {one.partition("/")[0].strip() for one in own.split(",")} | {one.partition(":")[0] for one in children}
    kept = {name: value for name, value in row.items() if name in wanted}
    for child in children:
        name, _, below = child.partition(":")
        kept[name] = [{one: inner[one] for one in below.split(",")} for inner in row[name]]
    return kept


def _counted(rows: Rows) -> tuple[int, int]:
    count = values = 0
    for row in rows:
        lists = [value for value in row.values() if isinstance(value, list)]
        inner = _counted([one for value in lists for one in value])
        count, values = count + 1 + inner[0], values + len(row) - len(lists) + inner[1]
    return count, values


def http(body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (status, kind, len(body), body)


class Line(asyncio.Protocol):
    """One connection; requests one after the other."""

    def __init__(self, systems: Systems) -> None:
        self._systems = systems
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._target = b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_message_complete(self) -> None:
        self._transport.write(self._systems.answer(self._target))


async def main(ports: Iterable[str]) -> None:
    loop, systems = asyncio.get_running_loop(), Systems()
    for _ in ports or ("0",):
        server = await loop.create_server(lambda: Line(systems), "127.0.0.1", 0, backlog=1024)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1:]))
