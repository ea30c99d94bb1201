"""Who owes what: one question over three systems, and what is left of it when the ledger cannot be asked."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.world import Order
from mocks.world.billing import Billing
from mocks.world.ledger import Invoice
from resolvers.people import DEBTOR
from tests.company import Company

pytestmark = pytest.mark.anyio

OWED = "query($ids: [ID!]!) { customersById(ids: $ids) { name balance { open overdue currency } } }"


def debtors(company: Company) -> Billing:
    return Billing(company.world)


async def test_what_everybody_owes_is_one_question_to_the_ledger(company: Company) -> None:
    ledger = debtors(company)
    people = [index for index in range(60, 140) if ledger.debtors_of(index)][:40]
    await company.forget()
    answer = await company.ask(OWED, "finance", ids=[company.id_of(index) for index in people])

    for index, told in zip(people, answer["data"]["customersById"], strict=True):
        records = ledger.debtors_of(index)
        balances = [ledger.balance(one) for one in records]
        assert Decimal(told["balance"]["open"]) == sum(open_ for open_, _ in balances)
        assert Decimal(told["balance"]["overdue"]) == sum(overdue for _, overdue in balances)
        assert told["balance"]["currency"] == records[0].currency
    assert Counter(entry["system"] for entry in await company.asked()) == {"siebel": 1, "netsuite": 2}  # a login, too


async def test_who_is_there_twice_is_one_customer_and_who_is_not_there_owes_nothing(company: Company) -> None:
    ledger, crossref = debtors(company), company.app.pipeline.facts["crossref"]
    twice = [index for index in company.world.customers() if len(ledger.debtors_of(index)) == 2]
    assert twice
    for index in twice:
        ids = [str(one.id) for one in ledger.debtors_of(index)]
        assert len(set(crossref.customers(DEBTOR, ids).values())) == 1
    nobody = next(index for index in range(60, 140) if not ledger.debtors_of(index))
    answer = await company.ask(OWED, "finance", ids=[company.id_of(nobody)])

    assert answer["data"]["customersById"][0]["balance"] is None
    assert "errors" not in answer


async def test_every_debtor_of_the_ledger_is_a_customer_that_others_know_too(company: Company) -> None:
    ledger, crossref = debtors(company), company.app.pipeline.facts["crossref"]
    for index in company.world.customers():
        for one in ledger.debtors_of(index):
            customer = crossref.customers(DEBTOR, [str(one.id)])[str(one.id)]
            known = crossref.keys([customer])[customer].keys
            assert company.world.customer(index).party_number in known["oracle_om.party"]


# -- one order of the sales file, over three systems -------------------------------------------------------------------

WHY_IS_IT_OVERDUE = """
query Owed($number: String!) {
  order(number: $number) {
    number
    status
    placedAt
    total { amount currency }
    customer { name balance { open overdue currency } }
    invoices {
      number status issuedOn dueOn settledOn overdue daysOverdue
      total { amount currency }
      open { amount currency }
      lines { number orderLine sku quantity unitPrice { amount } amount { amount } }
      payments { number paidOn amount { amount currency } means lastFour }
      creditMemos { number issuedOn amount { amount } }
      order { number }
      customer { name }
    }
  }
}
"""
ORDER = "CA-2016-152156"


def money(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def overdue_order(company: Company) -> tuple[Order, Invoice]:
    """One that was paid in part, and the rest of which should have been by now."""
    ledger, today = debtors(company), company.world.now.date()
    for index in company.world.customers():
        for at, order in zip(company.world.ordinals_of(index), company.world.orders_of(index), strict=True):
            for one in ledger.bill_at(at).invoices:
                if one.paid and one.open and one.due < today:
                    return order, one
    raise AssertionError("nobody is late")


async def test_an_overdue_invoice_is_explained_over_three_systems(superstore: Company) -> None:
    order, invoice = overdue_order(superstore)
    ledger = debtors(superstore)
    await superstore.forget()
    answer = await superstore.ask(WHY_IS_IT_OVERDUE, "finance", number=order.number)

    told = answer["data"]["order"]
    assert (told["number"], told["status"]) == (order.number, "CLOSED")
    (shown,) = told["invoices"]
    assert (shown["number"], shown["status"], shown["overdue"]) == (invoice.number, "OPEN", True)
    assert (shown["issuedOn"], shown["dueOn"]) == (invoice.day.isoformat(), invoice.due.isoformat())
    assert shown["daysOverdue"] == (superstore.world.now.date() - invoice.due).days
    assert shown["open"] == {"amount": money(invoice.open), "currency": "USD"}
    assert shown["total"] == told["total"] == {"amount": money(order.total), "currency": "USD"}
    assert sum(Decimal(one["amount"]["amount"]) for one in shown["payments"]) == invoice.paid
    assert [(one["orderLine"], one["sku"], Decimal(one["amount"]["amount"])) for one in shown["lines"]] == [
        (line.number, line.sku, line.amount) for line in order.lines
    ]
    assert (shown["order"]["number"], shown["customer"]) == (order.number, {"name": told["customer"]["name"]})
    balances = [ledger.balance(one) for one in ledger.debtors_of(order.customer)]
    assert Decimal(told["customer"]["balance"]["overdue"]) == sum(overdue for _, overdue in balances) >= invoice.open
    assert "errors" not in answer
    calls = Counter((entry["system"], entry["operation"]) for entry in await superstore.asked())
    assert calls == {
        ("oracle_om", "salesOrdersForOrderHub.list"): 1,
        ("siebel", "Contact.query"): 1,
        ("netsuite", "login"): 1,
        ("netsuite", "suiteql.transaction"): 1,
        ("netsuite", "suiteql.transactionline"): 1,
        ("netsuite", "suiteql.nexttransactionlink"): 2,
        ("netsuite", "suiteql.customer"): 1,
    }


async def test_what_we_work_out_is_said_to_be_derived_and_what_the_ledger_states_is_not(company: Company) -> None:
    number = next(one.number for at in range(40) for one in debtors(company).bill_at(at).invoices)
    answer = await company.ask(
        "query($n: String!) { invoice(number: $n) { status late: overdue daysOverdue customer { balance { open } } } }",
        n=number,
        include="sources",
    )
    modes = {one["path"]: one["mode"] for one in answer["extensions"]["sources"] if one["system"] == "netsuite"}
    assert modes["invoice"] == modes["invoice.customer.balance"] == "LIVE"
    derived = {f"{owner}.{name}" for (owner, name), bound in company.app.graph.bindings.fields.items() if bound.derived}
    assert {"Invoice.overdue", "Invoice.daysOverdue"} <= derived
    assert "Customer.balance" not in derived


@pytest.mark.parametrize(
    ("system", "lost"), [("netsuite", {"customer.balance", "invoices"}), ("siebel", {"customer.name"})]
)
async def test_a_system_that_is_down_costs_its_own_part(superstore: Company, system: str, lost: set[str]) -> None:
    well = (await superstore.ask(WHY_IS_IT_OVERDUE, "finance", number=ORDER))["data"]["order"]
    await superstore.forget()
    await superstore.break_(system, "refuse")
    answer = await superstore.ask(WHY_IS_IT_OVERDUE, "support_agent", number=ORDER)

    told = answer["data"]["order"]
    assert told["number"] == ORDER
    assert told["total"] == well["total"] == {"amount": "993.9", "currency": "USD"}
    gone = {
        one["path"].removeprefix("order.") for one in answer["extensions"]["absent"] if one["reason"] == "UNAVAILABLE"
    }
    assert lost <= gone
    assert {one["system"] for one in answer["extensions"]["absent"] if one["reason"] == "UNAVAILABLE"} == {system}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BACKEND_UNAVAILABLE"}
    assert all(error["extensions"]["retryable"] for error in answer["errors"])


async def test_a_busy_ledger_says_so_and_everything_else_answers(superstore: Company) -> None:
    await superstore.break_("netsuite", "throttle")
    answer = await superstore.ask(WHY_IS_IT_OVERDUE, "finance", number=ORDER)
    assert answer["data"]["order"]["customer"]["name"] == "Claire Gute"
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BACKEND_THROTTLED"}


# -- who sees what ----------------------------------------------------------------------------------------------------


async def test_the_warehouse_asks_nothing_of_the_ledger(superstore: Company) -> None:
    await superstore.forget()
    answer = await superstore.ask(WHY_IS_IT_OVERDUE, "warehouse", number=ORDER)
    assert answer["data"]["order"]["invoices"] is None
    assert answer["data"]["order"]["customer"] == {"name": None, "balance": None}
    assert await superstore.asked("netsuite") == []


async def test_an_agent_sees_what_was_paid_and_never_how(company: Company) -> None:
    ledger = debtors(company)
    bills = map(ledger.bill_at, range(200))
    bill = next(bill for bill in bills if any(one.last_four for one in bill.payments))
    question = "query($n: String!) { invoice(number: $n) { payments { number amount { amount } means lastFour } } }"
    await company.forget()
    agent = await company.ask(question, n=bill.invoices[0].number)
    asked = [column for entry in await company.asked("netsuite") for column in entry["columns"]]
    finance = await company.ask(question, "finance", n=bill.invoices[0].number)

    paid = agent["data"]["invoice"]["payments"]
    assert all(one["amount"] and one["means"] is None and one["lastFour"] is None for one in paid)
    assert not [column for column in asked if "paymentmethod" in column or "last_four" in column or "memo" in column]
    assert {one["lastFour"] for one in finance["data"]["invoice"]["payments"]} & {
        one.last_four for one in bill.payments
    }
    assert "CANARY" not in str(agent) + str(finance)


async def test_an_account_manager_follows_up_what_their_region_owes_without_the_figures(company: Company) -> None:
    ledger, world = debtors(company), company.world
    index = next(i for i in range(60, 200) if ledger.debtors_of(i) and world.customer(i).region == "EMEA")
    other = next(i for i in range(60, 200) if ledger.debtors_of(i) and world.customer(i).region not in ("EMEA", ""))
    question = """query($id: ID!) { customersById(ids: [$id]) { balance { open }
        invoices(first: 5) { nodes { number status dueOn overdue open { amount currency } } } } }"""

    async def asked(customer: int) -> Any:
        principal = Principal("am", "account_manager", keys={"own-region": ("EMEA",)})
        body = await company.app.pipeline(
            Question(question, None, {"id": company.id_of(customer)}), principal, Options(request_id="test-request")
        )
        return json.loads(body)["data"]["customersById"][0]

    mine, theirs = await asked(index), await asked(other)
    assert mine["invoices"]["nodes"]
    assert all(one["status"] and one["dueOn"] and one["open"]["amount"] in BANDS for one in mine["invoices"]["nodes"])
    assert mine["balance"] is None
    assert theirs["invoices"] is None or theirs["invoices"]["nodes"] == []


BANDS = {"0", "10", "100", "1000", "10000", "100000", "1000000"}


async def test_a_customer_sees_their_own_invoices_and_no_others(company: Company) -> None:
    ledger = debtors(company)
    mine = [one for debtor in ledger.debtors_of(0) for bill in ledger.bills_of(debtor) for one in bill.invoices]
    theirs = next(one for debtor in ledger.debtors_of(1) for bill in ledger.bills_of(debtor) for one in bill.invoices)
    question = (
        "query($n: String!) { invoice(number: $n) { number open { amount } payments { lastFour } order { number } } }"
    )
    own = await company.ask(question, "customer", customer=company.id_of(0), n=mine[0].number)
    other = await company.ask(question, "customer", customer=company.id_of(0), n=theirs.number)

    assert own["data"]["invoice"]["open"] == {"amount": money(mine[0].open)}
    assert own["data"]["invoice"]["order"] == {"number": mine[0].order}
    assert other["data"]["invoice"] is None


# -- lists and look-ups -----------------------------------------------------------------------------------------------

PAGE = """query($id: ID!, $after: String) { customersById(ids: [$id]) { invoices(first: 4, after: $after) { totalCount
    nodes { number } pageInfo { hasNextPage endCursor } } } }"""


async def test_invoices_of_who_is_there_twice_are_one_list(company: Company) -> None:
    ledger, world = debtors(company), company.world
    index = max(
        (i for i in world.customers() if len(ledger.debtors_of(i)) == 2), key=lambda i: len(world.ordinals_of(i))
    )
    wanted = [one for debtor in ledger.debtors_of(index) for bill in ledger.bills_of(debtor) for one in bill.invoices]
    seen: list[str] = []
    after = None
    while True:
        answer = await company.ask(PAGE, "finance", id=company.id_of(index), after=after)
        (told,) = answer["data"]["customersById"]
        seen += [one["number"] for one in told["invoices"]["nodes"]]
        after = told["invoices"]["pageInfo"]["endCursor"]
        if not told["invoices"]["pageInfo"]["hasNextPage"]:
            break

    newest = sorted(wanted, key=lambda one: (one.day, one.id), reverse=True)
    assert seen == [one.number for one in newest]
    assert len({one.debtor for one in wanted}) == 2


async def test_an_invoice_number_leads_to_the_invoice_and_to_who_owes_it(company: Company) -> None:
    ledger = debtors(company)
    invoice = next(one for debtor in ledger.debtors_of(0) for bill in ledger.bills_of(debtor) for one in bill.invoices)
    answer = await company.ask(
        """query($n: String!) { customer(by: {invoiceNumber: $n}) { name }
            search(text: $n) { invoices { matched invoice { id number total { amount } } } orders { matched } } }""",
        "finance",
        n=invoice.number,
    )
    assert answer["data"]["customer"] == {"name": "Ada Okafor"}
    (hit,) = answer["data"]["search"]["invoices"]
    assert (hit["matched"], hit["invoice"]["number"]) == (["number"], invoice.number)
    assert hit["invoice"]["total"] == {"amount": money(invoice.total)}
    assert answer["data"]["search"]["orders"] == []
    again = await company.ask(
        "query($id: ID!) { node(id: $id) { ... on Invoice { number } } }", "finance", id=hit["invoice"]["id"]
    )
    assert again["data"]["node"] == {"number": invoice.number}


async def test_what_every_order_of_the_file_was_billed_and_owes_is_what_the_world_says(superstore: Company) -> None:
    world, ledger = superstore.world, debtors(superstore)
    orders = [order for index in range(0, len(world), 4) for order in world.orders_of(index)][:1000]
    bills = {order.number: ledger.ordinal_of_order(order.number) for order in orders}
    for some in (orders[at : at + 20] for at in range(0, len(orders), 20)):
        asked = " ".join(f'o{n}: order(number: "{one.number}") {{ ...shown }}' for n, one in enumerate(some))
        fragment = """fragment shown on Order { total { amount } invoices { number status overdue dueOn
            total { amount } open { amount } payments { amount { amount } } creditMemos { amount { amount } } } }"""
        answer = await superstore.ask(f"{{ {asked} }} {fragment}", "finance")
        assert "errors" not in answer
        for n, order in enumerate(some):
            at, shown = bills[order.number], answer["data"][f"o{n}"]
            assert at is not None
            billed = ledger.bill_at(at).invoices
            assert [one["number"] for one in shown["invoices"]] == [
                one.number for one in sorted(billed, key=lambda one: one.id)
            ]
            for one, told in zip(sorted(billed, key=lambda one: one.id), shown["invoices"], strict=True):
                assert told["open"] == {"amount": money(one.open)}
                assert told["overdue"] is (one.open > 0 and one.due < world.now.date())
                settled = sum(Decimal(each["amount"]["amount"]) for each in (*told["payments"], *told["creditMemos"]))
                assert Decimal(told["total"]["amount"]) - settled == one.open
            assert sum(Decimal(one["total"]["amount"]) for one in shown["invoices"]) == order.total
