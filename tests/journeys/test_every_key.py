"""Whatever somebody holds in their hand: one question leads from it to the customer.

Three kinds of keys lead to no customer: a purchase order is between us and a supplier; a campaign is of everybody whom
it reached (`Customer.touches` leads to it, and nothing back); a SKU or GTIN is of everybody who bought it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.world import World
from mocks.world.assets import Assets
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.campaigns import Campaigns
from mocks.world.deals import Deals
from mocks.world.parcels import Parcels
from mocks.world.suggestions import Suggestions
from mocks.world.supply import Partners
from mocks.world.tickets import Tickets
from resolvers.ids import global_id
from tests.company import Company

pytestmark = pytest.mark.anyio

BY = "query($k: String!) {{ customer(by: {{{way}: $k}}) {{ id }} }}"
KEY = 'query($k: String!) {{ customer(by: {{key: {{system: "{system}", key: $k}}}}) {{ id }} }}'


def shipped(world: World, at: int) -> str:
    parcels = Parcels(world)
    return next(one.number for order in world.orders_of(at) for one in parcels.of_order(order))


def billed(world: World, at: int) -> str:
    ledger = Billing(world)
    bills = (bill for debtor in ledger.debtors_of(at) for bill in ledger.bills_of(debtor))
    return next(one.number for bill in bills for one in bill.invoices)


def reported(world: World, at: int) -> str:
    desk = Tickets(world)
    return desk.ticket(desk.of_customer(at)[0]).number


def suggested(world: World, at: int) -> str:
    said = Suggestions(world)
    return next(str(one.id) for one in map(said.at, range(len(said))) if one.author.index == at)


WAYS: dict[str, tuple[str, str, Callable[[World, int], Any]]] = {
    "e-mail address": (BY.format(way="email"), "customer", lambda w, i: w.customer(i).email),
    "telephone number": (BY.format(way="phone"), "customer", lambda w, i: w.customer(i).phone),
    "order number": (BY.format(way="orderNumber"), "customer", lambda w, i: w.orders_of(i)[0].number),
    "invoice number": (BY.format(way="invoiceNumber"), "customer", billed),
    "ticket number": (BY.format(way="ticketNumber"), "customer", reported),
    "serial number": (BY.format(way="serialNumber"), "customer", lambda w, i: Assets(w).of_customer(i)[0].serial),
    "the thing itself": (
        "query($k: String!) { asset(serialNumber: $k) { customer { id } } }",
        "asset.customer",
        lambda w, i: Assets(w).of_customer(i)[0].serial,
    ),
    "tracking number": (
        "query($k: String!) { shipment(trackingNumber: $k) { order { customer { id } } } }",
        "shipment.order.customer",
        shipped,
    ),
    "opportunity": (
        "query($k: ID!) { opportunity(id: $k) { customer { id } } }",
        "opportunity.customer",
        lambda w, i: global_id("Opportunity", Deals(w).of_customer(i)[0].row_id),
    ),
    "topic of the community": (
        "query($k: ID!) { suggestion(id: $k) { author { id } } }",
        "suggestion.author",
        lambda w, i: global_id("Suggestion", suggested(w, i)),
    ),
    "siebel.contact": (KEY.format(system="siebel.contact"), "customer", lambda w, i: w.customer(i).siebel_contact_id),
    "siebel.account": (KEY.format(system="siebel.account"), "customer", lambda w, i: w.customer(i).siebel_account_id),
    "oracle_om.party": (KEY.format(system="oracle_om.party"), "customer", lambda w, i: w.customer(i).party_number),
    "netsuite.customer": (
        KEY.format(system="netsuite.customer"),
        "customer",
        lambda w, i: str(next(iter(Billing(w).debtors_of(i))).id),
    ),
    "hubspot.contact": (KEY.format(system="hubspot.contact"), "customer", lambda w, i: Audience(w).contact_id(i)),
}


def at(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer[step]
    return answer


def everywhere(world: World) -> int:
    """A customer that has something in every system, and is in none of them twice."""
    said = Suggestions(world)
    authors = {one.author.index for one in map(said.at, range(len(said)))}
    for index in sorted(authors):
        person = world.customer(index)
        there = person.siebel_contact_id and person.siebel_account_id and person.party_number and person.phone
        has = all((world.orders_of(index), Assets(world).of_customer(index), Deals(world).of_customer(index)))
        known = Audience(world).contact_id(index) and Tickets(world).of_customer(index)
        parcels = any(Parcels(world).of_order(order) for order in world.orders_of(index))
        if there and has and known and parcels and index % 100 not in (31, 42, 44, 57):
            return index
    raise AssertionError("nobody is everywhere")


@pytest.mark.parametrize("key", WAYS)
async def test_one_question_leads_from_a_key_to_the_customer(company: Company, key: str) -> None:
    question, path, value = WAYS[key]
    index = everywhere(company.world)
    asked = Question(question, None, {"k": value(company.world, index)})
    body = await company.app.pipeline(asked, _who(key, company.world.customer(index).region), Options(request_id="key"))
    answer = json.loads(body)
    assert "errors" not in answer, answer
    assert at(answer["data"], path)["id"] == company.id_of(index)


async def test_what_belongs_to_many_leads_to_what_it_is_about(company: Company) -> None:
    """A number of a purchase order leads to its supplier and products, a campaign to what it advertises."""
    bought = Partners(company.world).orders_of(Partners(company.world).suppliers[0])[0]
    asked = "query($k: String!) { purchaseOrder(number: $k) { supplierNumber lines { product { sku } } } }"
    order = (await company.ask(asked, "warehouse", k=bought.number))["data"]["purchaseOrder"]
    assert [line["product"]["sku"] for line in order["lines"]] == [line.supply.sku for line in bought.lines]
    run = Campaigns(company.world).campaign(0)
    asked = "query($k: ID!) { campaign(id: $k) { name products { sku } } }"
    campaign = (await company.ask(asked, k=global_id("Campaign", f"siebel:{run.row_id}")))["data"]["campaign"]
    assert campaign["name"] == run.name


def _who(key: str, region: str) -> Principal:
    """Opportunities are for who sells; all other keys are for whoever answers a call."""
    if key == "opportunity":
        return Principal("kim", "account_manager", keys={"own-region": (region,)})
    return Principal("ann", "support_agent")
