"""Saved questions at plain addresses: the same answers, the same rights, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.tokens import dev_tokens
from gateway.server.sheet import sheet
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

ORDER = "query Order($number: String!) { order(number: $number) { number total { amount } lines { sku quantity } } }"
FILES = {
    "order": ORDER,
    "orders": "query Orders($status: [OrderStatus!], $first: Int! = 20) { orders(filter: {status: $status}, first: $first) "
    "{ nodes { number status customer { name } total { amount currency } } } }",
    "lookup": "query Lookup($by: CustomerBy!, $text: String!) { customer(by: $by) { name } "
    "search(text: $text) { customers { matched } } }",
    "tickets": "query Tickets { tickets { nodes { subject } } }",
    "two": "query A { viewer { role } } query B { viewer { role } }",
}


@pytest.fixture
async def served(founding: Founding, tmp_path: Path) -> AsyncIterator[tuple[Company, httpx.AsyncClient]]:
    folder = tmp_path / "questions"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.graphql").write_text(text)
    company = founding.open(tmp_path / "state", documents__warm=str(folder))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway")
    yield company, client
    await client.aclose()
    await company.app.stop()


def as_(company: Company, role: str, **more: str) -> dict[str, str]:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint(role)
    return {"Authorization": f"Bearer {token}", **more}


def some_order(company: Company) -> str:
    return next(one.number for index in company.world.customers() for one in company.world.orders_of(index))


async def test_an_address_answers_what_the_document_would(served: tuple[Company, httpx.AsyncClient]) -> None:
    company, client = served
    number = some_order(company)

    reply = await client.get(f"/q/order?number={number}", headers=as_(company, "support_agent"))

    assert reply.status_code == 200
    assert reply.json() == await company.ask(ORDER, number=number)


async def test_the_rights_are_those_of_the_token(served: tuple[Company, httpx.AsyncClient]) -> None:
    company, client = served
    address = f"/q/order?number={some_order(company)}"

    warehouse = (await client.get(address, headers=as_(company, "warehouse"))).json()
    nobody = await client.get(address)

    assert warehouse["data"]["order"]["total"] is None
    assert [one["coordinate"] for one in warehouse["extensions"]["absent"]] == ["Order.total"]
    assert nobody.status_code == 401


@pytest.mark.parametrize("way", ["/q/orders.csv?status=CLOSED&status=OPEN&first=7", "/q/orders?first=7"])
async def test_rows_come_as_a_sheet(served: tuple[Company, httpx.AsyncClient], way: str) -> None:
    company, client = served
    headers = as_(company, "support_agent", **({} if ".csv" in way else {"Accept": "text/csv"}))

    reply = await client.get(way, headers=headers)

    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(rows[0]) == ["number", "status", "customer.name", "total.amount", "total.currency"]
    assert len(rows) == 7
    assert ".csv" not in way or {one["status"] for one in rows} <= {"CLOSED", "OPEN"}


async def test_a_sheet_says_what_is_not_in_it(served: tuple[Company, httpx.AsyncClient]) -> None:
    company, client = served

    whole = await client.get("/q/orders.csv", headers=as_(company, "support_agent"))
    part = await client.get("/q/orders.csv", headers=as_(company, "warehouse"))

    assert "x-absent" not in whole.headers
    assert part.headers["x-absent"] == "Customer.name WITHHELD, Order.total WITHHELD"
    rows = list(csv.DictReader(io.StringIO(part.text)))
    assert list(rows[0]) == ["number", "status", "customer.name", "total"]
    assert {(one["customer.name"], one["total"]) for one in rows} == {("", "")}


async def test_a_sheet_of_which_errors_left_nothing_is_no_empty_sheet(
    served: tuple[Company, httpx.AsyncClient],
) -> None:
    company, client = served
    headers = as_(company, "support_agent", Accept="text/csv")

    refused = await client.get("/q/orders.csv?first=101", headers=headers)
    await company.break_("oracle_om", "status", value=503)
    down = await client.get("/q/orders.csv", headers=headers)

    assert (refused.status_code, down.status_code) == (400, 503)
    for reply, told in ((refused, "`first` is 1 to 100, not 101"), (down, "system")):
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert told in reply.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/q/nothing", 404, "There is no saved question 'nothing'"),
        ("/q/two", 404, "There is no saved question 'two'"),
        ("/q/order", 400, "'order' needs number."),
        ("/q/order?nummer=1&number=1", 400, "has no variable 'nummer'; known: number."),
        ("/q/order?number=1&number=2", 400, "'number' is given 2 times: it is no list."),
        ("/q/orders?first=many", 400, "'first' is a whole number, not 'many'."),
        ("/q/orders?status=GONE", 400, "GONE"),
        ("/q/orders?first=101", 200, "`first` is 1 to 100, not 101"),
        ("/q/orders?first=99999999999999999999", 400, "Int cannot represent non 32-bit signed integer"),
        (f"/q/orders?first={'9' * 5000}", 400, "'first' is a whole number"),
        ("/q/orders?first=1_0", 400, "'first' is a whole number, not '1_0'."),
        ("/q/orders?first=+1", 400, "'first' is a whole number, not ' 1'."),
        ("/q/orders?first=%2B1", 400, "'first' is a whole number, not '+1'."),
        ("/q/orders?first=%D9%A3", 400, "'first' is a whole number, not '٣'."),
        ("/q/orders?first=1.0", 400, "'first' is a whole number, not '1.0'."),
        ("/q/lookup?text=x&by=C-1", 400, "'by' is an object, as JSON, and cannot be read: it is not JSON"),
        ("/q/lookup?text=x&by={}", 400, "exactly one field must be specified"),
        ("/q/orders?status=%FF", 400, "not percent-encoded UTF-8"),
        (f"/q/orders?{'status=OPEN&' * 101}", 400, "or are too many"),
        (f"/q/order?number={'1' * 20_001}", 414, "The address is longer than 20000 characters."),
        ("/q/..%2F..%2Forder", 404, "Nothing here"),
        ("/q/order.csv.csv", 404, "There is no saved question 'order.csv'"),
        (f"/q/{'x' * 5_000}", 404, "There is no saved question 'xxx"),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_reason(
    served: tuple[Company, httpx.AsyncClient], address: str, status: int, told: str
) -> None:
    company, client = served

    reply = await client.get(address, headers=as_(company, "support_agent"))

    assert reply.status_code == status
    assert told in reply.json()["errors"][0]["message"]


async def test_a_text_may_begin_as_an_object_does_and_an_object_is_json(
    served: tuple[Company, httpx.AsyncClient],
) -> None:
    company, client = served
    headers = as_(company, "support_agent")
    by = json.dumps({"id": company.id_of(0)})

    texts = [
        await client.get("/q/lookup", params={"by": by, "text": text}, headers=headers) for text in ("{", "{}", "[1]")
    ]
    order = await client.get("/q/order", params={"number": '{"a": 1}'}, headers=headers)

    one = company.world.customer(0)
    assert [reply.status_code for reply in (*texts, order)] == [200] * 4
    assert {reply.json()["data"]["customer"]["name"] for reply in texts} == {f"{one.first_name} {one.last_name}"}
    assert order.json()["data"] == {"order": None}


@pytest.mark.parametrize(
    ("accept", "sheet"),
    [
        ("text/csv", True),
        ("text/*", True),
        ("text/csv, application/json;q=0.5", True),
        ("text/csv, */*;q=0.1", True),
        ("application/json;q=0, text/csv;q=0.1", True),
        ("text/csv;q=0", False),
        ("text/csv;q=0, */*", False),
        ("text/csv;q=0.5, application/json", False),
        ("text/html,*/*;q=0.8", False),
        ("*/*", False),
        ("text/csvx", False),
        ("text/html", False),
    ],
)
async def test_a_sheet_is_for_who_would_rather_have_one(
    served: tuple[Company, httpx.AsyncClient], accept: str, sheet: bool
) -> None:
    company, client = served
    reply = await client.get("/q/orders?first=1", headers=as_(company, "support_agent", Accept=accept))
    named = await client.get("/q/orders.csv?first=1", headers=as_(company, "support_agent", Accept=accept))
    assert reply.headers["content-type"].startswith("text/csv" if sheet else "application/json")
    assert named.headers["content-type"].startswith("text/csv")


async def test_a_sheet_of_which_nothing_may_be_seen_is_no_failure(served: tuple[Company, httpx.AsyncClient]) -> None:
    company, client = served
    number = some_order(company)

    told = await client.get("/q/tickets.csv", headers=as_(company, "warehouse", **{"X-On-Withheld": "error"}))
    shown = await client.get("/q/tickets.csv", headers=as_(company, "warehouse"))
    part = await client.get(
        f"/q/order.csv?number={number}", headers=as_(company, "warehouse", **{"X-On-Withheld": "error"})
    )

    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (403, "NOT_ALLOWED")
    assert (shown.status_code, shown.headers["x-absent"]) == (200, "Query.tickets WITHHELD")
    assert (part.status_code, part.headers["x-absent"]) == (200, "Order.total WITHHELD")


async def test_a_saved_question_is_only_read(served: tuple[Company, httpx.AsyncClient]) -> None:
    company, client = served

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in ("/q/orders", "/q/orders.csv", "/q/nothing"):
            reply = await client.request(method, address, headers=as_(company, "support_agent"))

            assert (reply.status_code, reply.headers["allow"]) == (405, "GET")


RUN = "=cmd|' /C calc'!A0"


def test_no_cell_is_a_formula_where_semicolons_part_columns_either() -> None:
    names = (RUN, f"x;{RUN}", f"x\t{RUN}", "a;b; -c", "1;-2")
    written = sheet({"people": [{"name": name, "tags": ["ok", name]} for name in names]}).decode()

    for mark in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(written), delimiter=mark) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == []
    assert "x;'=cmd" in written


def test_no_cell_is_a_formula() -> None:
    data = {"people": [{"name": name} for name in ("=1+1", "+49 30", "-2", "-2+3", "@SUM(A1)", "\t=1", "Ada", '="x"')]}

    cells = [row[0] for row in list(csv.reader(io.StringIO(sheet(data).decode())))[1:]]

    assert cells == ["'=1+1", "'+49 30", "-2", "'-2+3", "'@SUM(A1)", "'\t'=1", "Ada", '\'="x"']


@given(st.text())
def test_every_text_comes_back_whole_and_runs_nothing(text: str) -> None:
    encoded = sheet({"rows": [{"a": text, "b": 1}]})
    (_, (cell, other)) = list(csv.reader(io.StringIO(encoded.decode("utf-8", "surrogatepass"), newline="")))

    assert cell.replace("'", "") == text.replace("'", "")
    assert other == "1"
    assert not cell.startswith(("=", "@"))


def test_what_is_nested_becomes_columns_and_cells() -> None:
    data: dict[str, Any] = {
        "page": {"nodes": [{"n": 1, "tags": ["a", "b"], "who": {"name": "Ada"}, "lines": [{"sku": "X"}]}]}
    }

    rows = list(csv.reader(io.StringIO(sheet(data).decode())))

    assert rows == [
        ["n", "tags", "who.name", "lines"],
        ["1", "a; b", "Ada", json.dumps([{"sku": "X"}], separators=(",", ":"))],
    ]
