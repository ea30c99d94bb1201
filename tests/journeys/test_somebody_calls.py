"""A customer calls the help desk: who they are, what they bought, what went wrong, and what we have told the world."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from mocks.world.tickets import Tickets
from tests.company import Company

pytestmark = pytest.mark.anyio

CALL = """
query Call($by: CustomerBy!) {
  customer(by: $by) {
    id name phone tier lifetimeValue { amount currency }
    orders(first: 3) {
      nodes {
        number status total { amount }
        tickets(first: 2) { nodes { number status } }
        lines { sku product { name stock { plant quantity } content(locale: "de-DE") { title locale } } }
      }
    }
    tickets(first: 5) {
      nodes {
        number subject status priority openedAt sla { target dueAt status }
        worklog { at author text internal } internalWorklog { text internal }
        order { number } product { sku name } customer { id }
      }
    }
  }
}
"""


def caller(company: Company) -> tuple[int, str]:
    """Somebody with an order, a ticket, a telephone of their own and a record in the CRM."""
    desk = Tickets(company.world)
    for index in company.world.customers():
        person = company.world.customer(index)
        alone = len(company.world.by_phone("".join(filter(str.isdigit, person.phone)))) == 1
        if (
            person.siebel_contact_id
            and person.party_number
            and alone
            and person.number
            and len(desk.of_customer(index))
        ):
            ticket = desk.ticket(desk.of_customer(index)[0])
            if ticket.customer_number:
                return index, ticket.number
    raise LookupError


async def test_a_telephone_number_becomes_a_person_with_all_that_matters(company: Company) -> None:
    index, ticket = caller(company)
    person = company.world.customer(index)

    answer = await company.ask(CALL, by={"phone": person.phone}, include="plan")

    customer = answer["data"]["customer"]
    assert customer["id"] == company.id_of(index)
    assert customer["orders"]["nodes"]
    assert ticket in [one["number"] for one in customer["tickets"]["nodes"]]
    assert all(one["customer"] == {"id": customer["id"]} for one in customer["tickets"]["nodes"])
    assert "errors" not in answer
    assert {call["system"] for call in answer["extensions"]["plan"]} == {
        "siebel",
        "oracle_om",
        "sap",
        "remedy",
        "contentful",
    }


async def test_one_call_over_five_systems_costs_few_questions(company: Company) -> None:
    index, _ = caller(company)
    question = """query($by: CustomerBy!) { customer(by: $by) { name tier
        orders(first: 5) { nodes { number total { amount } lines { sku product { name stock { quantity } content { title } } } } }
        tickets(first: 5) { nodes { number subject worklog { text } } } } }"""

    answer = await company.ask(question, by={"phone": company.world.customer(index).phone}, include="plan")

    calls = Counter(call["system"] for call in answer["extensions"]["plan"])
    assert calls.total() <= 9
    assert calls == {"siebel": 2, "oracle_om": 1, "sap": 2, "contentful": 1, "remedy": 2}


@pytest.mark.parametrize("way", ["ticketNumber", "ticket"])
async def test_a_ticket_number_leads_to_who_reported_it(company: Company, way: str) -> None:
    index, ticket = caller(company)
    if way == "ticket":
        answer = await company.ask("query($n: String!) { ticket(number: $n) { customer { id } } }", n=ticket)
        found = answer["data"]["ticket"]["customer"]
    else:
        answer = await company.ask("query($by: CustomerBy!) { customer(by: $by) { id } }", by={"ticketNumber": ticket})
        found = answer["data"]["customer"]

    assert found == {"id": company.id_of(index)}


async def test_a_customer_reads_their_ticket_but_not_what_colleagues_wrote(company: Company) -> None:
    index, ticket = caller(company)
    me = company.id_of(index)
    question = """query($n: String!) { ticket(number: $n) { number subject worklog { text internal }
        internalWorklog { text internal } } }"""
    await company.forget()

    answer = await company.ask(question, "customer", customer=me, n=ticket)

    assert answer["data"]["ticket"]["number"] == ticket
    assert answer["data"]["ticket"]["internalWorklog"] is None
    assert [gap["coordinate"] for gap in answer["extensions"]["absent"]] == ["Ticket.internalWorklog"]
    assert "CANARY-worklog" not in str(answer)
    logs = [entry for entry in await company.asked("remedy") if "WorkLog" in entry["path"]]
    assert len(logs) == 1


async def test_somebody_else_s_ticket_is_as_absent_as_one_that_does_not_exist(company: Company) -> None:
    _, ticket = caller(company)
    question = "query($n: String!) { ticket(number: $n) { number subject } }"

    async def asked(number: str) -> tuple[Any, list[Any]]:
        await company.forget()
        answer = await company.ask(question, "customer", customer=company.id_of(6), n=number)
        return answer, [(entry["operation"], entry["columns"]) for entry in await company.asked()]

    theirs, calls = await asked(ticket)
    nobodys, same = await asked("INC000000000000")
    assert theirs == nobodys == {"data": {"ticket": None}}
    assert [call for call in calls if "login" not in str(call)] == [call for call in same if "login" not in str(call)]


async def test_all_thirty_tickets_are_read_page_by_page(company: Company) -> None:
    question = """query($id: ID!, $a: String) { customersById(ids: [$id]) { tickets(first: 7, after: $a) {
        nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    numbers: list[str] = []
    after, more = None, True
    while more:
        answer = await company.ask(question, id=company.id_of(1), a=after)
        page = answer["data"]["customersById"][0]["tickets"]
        numbers += [one["number"] for one in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    desk = Tickets(company.world)
    assert len(numbers) == len(set(numbers)) == 30
    assert set(numbers) == {desk.ticket(one).number for one in desk.of_customer(1)}


async def test_published_text_is_safe_to_show(company: Company) -> None:
    skus = [company.world.product(i).sku for i in range(40)]
    question = "query($s: [String!]!) { productsBySku(skus: $s) { content { body { html text } } } }"

    answer = await company.ask(question, s=skus)

    pages = [
        item["body"]
        for one in answer["data"]["productsBySku"]
        for item in (one or {}).get("content") or []
        if item["body"]
    ]
    assert len(pages) > 20
    for page in pages:
        reader = Elements()
        reader.feed(page["html"])
        assert not reader.tags & {"script", "iframe", "style", "form", "object", "embed"}
        assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "style"]
        links = [value for name, value in reader.attributes if name in ("href", "src")]
        assert all(link.startswith(("http://", "https://", "mailto:")) for link in links)


class Elements(HTMLParser):
    """What a browser would make of it: elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
