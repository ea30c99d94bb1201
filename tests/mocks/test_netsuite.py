"""NetSuite behaves as the facts page says: logins that are signed, text for values, pages, dates, limits, records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from mocks.control import controlled
from mocks.netsuite import CERTIFICATE_ID, create
from mocks.netsuite.governance import Governance
from mocks.world import World, open_world
from mocks.world.billing import Billing
from mocks.world.ledger import Debtor, Invoice
from tests.mocks.netsuite_client import Client, code, statement

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=60, now=NOW)


@pytest.fixture(scope="module")
def billing(world: World) -> Billing:
    return Billing(world)


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    app = controlled({"netsuite": create(world)}, open_control=True)["netsuite"]
    opened = Client(app)
    await opened.sign_in()
    yield opened
    await opened.http.aclose()


def ada(billing: Billing) -> tuple[Debtor, list[Invoice]]:
    (debtor,) = billing.debtors_of(0)
    return debtor, [invoice for bill in billing.bills_of(debtor) for invoice in bill.invoices]


# -- logging in ---------------------------------------------------------------------------------------------------


async def test_a_token_is_for_who_signs_with_the_certificate_and_lasts_a_textual_hour(client: Client) -> None:
    told = (await client.sign_in()).json()

    assert (told["expires_in"], told["token_type"]) == ("3600", "bearer")
    assert await client.rows("SELECT c.id FROM currency c WHERE c.symbol = 'USD'") == [{"id": "1"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": "another"},
        {"iss": "another"},
        {"scope": ["restlets"]},
        {"aud": "https://1234567.suitetalk.api.netsuite.com/"},
        {"exp": int(time.time()) + 90_000},
        {"iat": int(time.time()) - 900, "exp": int(time.time()) - 600},
        {"key": ECKey.generate_key("P-256")},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_who_signs_anything_else_gets_none(client: Client, wrong: dict[str, Any]) -> None:
    reply = await client.sign_in(statement(**wrong))
    assert reply.status_code == 400
    assert 'error="invalid_client"' in reply.headers["www-authenticate"]


async def test_rs256_is_not_in_the_list(client: Client) -> None:
    signed = statement(RSAKey.generate_key(2048), alg="RS256", kid=CERTIFICATE_ID)
    assert (await client.sign_in(signed)).status_code == 400


async def test_without_a_token_or_with_one_that_is_void_it_is_401(client: Client) -> None:
    await client.http.post("/_mock/faults", json={"kind": "expire-login", "match": "suiteql"})
    reply = await client.query("SELECT c.id FROM currency c")

    assert code(reply) == (401, "INVALID_LOGIN")
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]


# -- SuiteQL ------------------------------------------------------------------------------------------------------


async def test_values_are_text_names_are_lower_case_and_what_is_null_is_left_out(
    client: Client, billing: Billing
) -> None:
    debtor, invoices = ada(billing)
    rows = await client.rows(
        "SELECT t.ID, t.TranId, t.trandate, t.closedate, t.entity, t.foreigntotal, t.foreignamountunpaid, "
        f"t.status, BUILTIN.DF(t.status) AS Told FROM transaction t WHERE t.type='CustInvc' AND t.entity = {debtor.id} "
        "ORDER BY t.id"
    )

    for row, one in zip(rows, sorted(invoices, key=lambda one: one.id), strict=True):
        assert (row["id"], row["tranid"], row["entity"]) == (str(one.id), one.number, str(debtor.id))
        assert row["trandate"] == f"{one.day.month}/{one.day.day}/{one.day.year}"
        assert (Decimal(row["foreigntotal"]), Decimal(row["foreignamountunpaid"])) == (one.total, one.open)
        assert ("closedate" in row) == (one.settled_on is not None)
        told = ("A", "Invoice : Open") if one.open else ("B", "Invoice : Paid In Full")
        assert (row["status"], row["told"]) == told


async def test_a_date_is_asked_for_by_a_model_or_compared_in_the_accounts_format(
    client: Client, billing: Billing
) -> None:
    _, invoices = ada(billing)
    first = invoices[0]
    sql = f"SELECT TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day FROM transaction t WHERE t.id = {first.id} AND t.trandate"
    written = f"{first.day.month}/{first.day.day}/{first.day.year}"

    assert await client.rows(f"{sql} = '{written}'") == [{"day": first.day.isoformat()}]
    assert await client.rows(f"{sql} = TO_DATE('{first.day}', 'YYYY-MM-DD')") == [{"day": first.day.isoformat()}]
    reply = await client.query(f"{sql} = '{first.day}'")
    assert code(reply) == (400, "INVALID_PARAMETER")
    detail = reply.json()["o:errorDetails"][0]["detail"]
    assert f'Parse of date/time "{first.day}" failed with date format "M/d/yy"' in detail


async def test_pages_hold_a_thousand_rows_and_begin_at_multiples(client: Client) -> None:
    sql = "SELECT i.id FROM item i ORDER BY i.id"
    whole = (await client.query(sql)).json()
    part = (await client.query(sql, limit=2, offset=4)).json()

    assert (whole["count"], whole["offset"], len(whole["items"])) == (
        min(whole["totalResults"], 1000),
        0,
        whole["count"],
    )
    assert [row["id"] for row in part["items"]] == [row["id"] for row in whole["items"][4:6]]
    assert part["hasMore"]
    assert {link["rel"] for link in part["links"]} == {"self", "first", "last", "next", "previous"}
    for bad in ({"limit": 1001}, {"limit": 0}, {"limit": 3, "offset": 4}, {"limit": "x"}, {"offset": 100_000}):
        assert code(await client.query(sql, **bad)) == (400, "INVALID_PARAMETER")


async def test_without_an_order_pages_are_not_stable(client: Client) -> None:
    sql = "SELECT i.id FROM item i"
    pages = [await client.rows(sql, limit=100, offset=at) for at in (0, 100)]
    assert {row["id"] for row in pages[1]} != {str(at) for at in range(600, 700)}


async def test_payments_and_credit_memos_hang_on_links(client: Client, billing: Billing, world: World) -> None:
    bills = [billing.bill_at(at) for at in range(world.order_count())]
    bill = next(one for one in bills if one.payments and one.credits)
    rows = await client.rows(
        "SELECT l.previousdoc, l.foreignamount, t.id, t.type FROM NextTransactionLink l INNER JOIN transaction t "
        f"ON t.id = l.nextdoc WHERE l.previousdoc IN ({bill.invoices[0].id}) AND l.linktype = 'Payment' ORDER BY t.id"
    )

    applied = {
        (str(one.id), kind, part.amount)
        for kind, some in (("CustPymt", bill.payments), ("CustCred", bill.credits))
        for one in some  # type: ignore[attr-defined]
        for part in one.applied
        if part.invoice == bill.invoices[0].id
    }
    assert {(row["id"], row["type"], Decimal(row["foreignamount"])) for row in rows} == applied


async def test_lines_of_sales_are_negative(client: Client, billing: Billing) -> None:
    _, invoices = ada(billing)
    one = invoices[0]
    rows = await client.rows(
        "SELECT tl.quantity, tl.foreignamount, BUILTIN.DF(tl.item) AS sku, tl.custcol_order_line FROM transactionline tl "
        f"WHERE tl.transaction = '{one.id}' AND tl.mainline = 'F' AND tl.item IS NOT NULL ORDER BY tl.uniquekey"
    )
    assert [(row["sku"], -Decimal(row["quantity"]), -Decimal(row["foreignamount"])) for row in rows] == [
        (line.sku, line.quantity, line.amount) for line in one.lines
    ]
    assert [row["custcol_order_line"] for row in rows] == [line.order_line for line in one.lines]


async def test_balances_are_what_the_open_invoices_come_to(client: Client, billing: Billing, world: World) -> None:
    debtors = [one for index in world.customers() for one in billing.debtors_of(index)]
    ids = ", ".join(str(one.id) for one in debtors)
    rows = await client.rows(
        f"SELECT c.id, c.balancesearch, c.overduebalancesearch FROM customer c WHERE c.id IN ({ids})"
    )

    told = {row["id"]: (Decimal(row["balancesearch"]), Decimal(row["overduebalancesearch"])) for row in rows}
    assert told == {str(one.id): billing.balance(one) for one in debtors}
    assert any(overdue for _, overdue in told.values())


async def test_questions_about_everything_are_answered_too(client: Client, billing: Billing, world: World) -> None:
    (row,) = await client.rows(
        "SELECT COUNT(*) AS n, SUM(t.foreigntotal) FROM transaction t WHERE t.type = 'CustInvc' AND t.currency = 1"
    )
    invoices = [
        one for at in range(world.order_count()) for one in billing.bill_at(at).invoices if one.currency == "USD"
    ]

    assert row["n"] == str(len(invoices))
    assert Decimal(row["expr1"]) == sum(one.total for one in invoices)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT t.amount FROM transaction t",
        "SELECT id FROM sqlite_master",
        "SELECT * FROM transaction t",
        "SELECT t.id FROM transaction t; SELECT 1",
        "SELECT t.id FROM transaction t -- no",
        "SELECT t.id FROM transaction t WHERE t.id IN (SELECT 1 FROM item)",
        "SELECT load_extension('x') FROM item i",
        "SELECT t.id FROM transaction t WHERE (t.id = 1",
        "SELECT t.id FROM transaction t WHERE t.id = ",
        "UPDATE transaction SET memo = ''",
        "SELECT t.id FROM transaction t WHERE t.id IN (" + ",".join(map(str, range(1001))) + ")",
        "",
    ],
)
async def test_what_is_not_suiteql_is_refused(client: Client, sql: str) -> None:
    assert code(await client.query(sql)) == (400, "INVALID_PARAMETER")


async def test_transient_is_required_and_so_is_a_query(client: Client) -> None:
    assert code(await client.query("SELECT i.id FROM item i", prefer="")) == (400, "INVALID_HEADER")
    headers = {"Authorization": f"Bearer {client.token}", "Prefer": "transient"}
    reply = await client.http.post("/services/rest/query/v1/suiteql", content=b"[]", headers=headers)
    assert code(reply) == (400, "INVALID_CONTENT")


# -- governance ---------------------------------------------------------------------------------------------------


async def test_what_is_beyond_the_accounts_limit_is_blocked_now_and_then_as_a_bad_login(world: World) -> None:
    governance = Governance(5, seconds=0.05)
    client = Client(controlled({"netsuite": create(world, governance=governance)}, open_control=True)["netsuite"])
    await client.sign_in()
    replies = await asyncio.gather(*(client.query("SELECT i.id FROM item i", limit=1) for _ in range(25)))

    kinds = [reply.status_code for reply in replies]
    assert (kinds.count(200), kinds.count(429), kinds.count(401)) == (5, 15, 5)
    assert governance.peak == 5
    assert {code(reply)[1] for reply in replies if reply.status_code == 429} == {"CONCURRENCY_LIMIT_EXCEEDED"}
    assert not any("retry-after" in reply.headers for reply in replies)


# -- records ------------------------------------------------------------------------------------------------------


async def test_records_have_numbers_camel_case_and_references(client: Client, billing: Billing) -> None:
    debtor, invoices = ada(billing)
    one = invoices[0]
    shown = (await client.get(f"/invoice/{one.id}", expandSubResources="true")).json()

    assert (shown["id"], shown["tranId"], shown["tranDate"]) == (str(one.id), one.number, one.day.isoformat())
    assert (shown["total"], shown["amountRemaining"]) == (float(one.total), float(one.open))
    assert (shown["entity"]["id"], shown["entity"]["refName"]) == (str(debtor.id), "Ada Okafor")
    assert [item["item"]["refName"] for item in shown["item"]["items"]] == [line.sku for line in one.lines]
    lines = (await client.get(f"/invoice/{one.id}/item")).json()
    assert lines["items"] == shown["item"]["items"]
    some = (await client.get(f"/invoice/{one.id}", fields="tranId,total")).json()
    assert set(some) == {"links", "id", "tranId", "total"}
    told = (await client.get(f"/customer/{debtor.id}")).json()
    assert told["balance"] == float(billing.balance(debtor)[0])


async def test_lists_of_records_are_ids_found_by_q_with_dates_as_the_account_writes_them(
    client: Client, billing: Billing
) -> None:
    debtor, invoices = ada(billing)
    day = invoices[-1].day
    since = f"{day.month}/{day.day}/{day.year}"
    query = f'entity ANY_OF [{debtor.id}] AND tranDate ON_OR_AFTER "{since}"'
    found = (await client.get("/invoice", q=query)).json()

    assert {item["id"] for item in found["items"]} == {str(one.id) for one in invoices if one.day >= day}
    assert set(found["items"][0]) == {"id", "links"}
    assert code(await client.get("/invoice", q=f'tranDate AFTER "{day}"')) == (400, "INVALID_PARAMETER")
    assert code(await client.get("/invoice/1")) == (404, "NONEXISTENT_ID")
    assert code(await client.get("/vendor/1")) == (404, "NONEXISTENT_ID")


async def test_every_request_is_noted_with_its_columns_and_keys(client: Client, billing: Billing) -> None:
    await client.http.delete("/_mock/requests")
    debtor, _ = ada(billing)
    await client.rows(f"SELECT t.memo FROM transaction t WHERE t.type = 'CustInvc' AND t.entity IN ({debtor.id})")
    (entry,) = (await client.http.get("/_mock/requests")).json()["requests"]

    assert entry["operation"] == "suiteql.transaction"
    assert entry["columns"] == ["transaction.entity", "transaction.memo", "transaction.type"]
    assert entry["keys"] == [str(debtor.id)]
