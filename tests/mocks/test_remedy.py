"""The help desk's mock over HTTP: forms, fields, pages, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from mocks.world import World, open_world
from mocks.world.helpdesk import Ticket
from mocks.world.tickets import MANY_TICKETS, Tickets
from tests.mocks.remedy_client import ENTRY, HELP_DESK, INTERFACE, WORK_LOG, Client, refusal

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=120, now=NOW)


@pytest.fixture(scope="module")
def tickets(world: World) -> Tickets:
    return Tickets(world)


@pytest.fixture(scope="module")
def rows(tickets: Tickets) -> list[Ticket]:
    return [tickets.ticket(one) for one in range(len(tickets))]


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


async def test_an_incident_as_it_is_recorded(client: Client, tickets: Tickets):
    ticket, about = tickets.ticket(0), tickets.about(0)
    reply = await client.query(f"'Incident Number' = \"{ticket.number}\"")
    assert reply.headers["content-type"] == "application/json"
    (entry,) = reply.json()["entries"]
    values = entry["values"]
    assert values["Entry ID"] == ticket.entry_id != values["Incident Number"] == ticket.number
    assert (values["Description"], values["Detailed Decription"]) == (ticket.summary, ticket.notes)
    assert values["Submit Date"] == ticket.submitted_at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert (values["Priority"], values["Priority Weight"]) == (ticket.priority, ticket.weight)
    assert values["SLM Status"] == ticket.slm_status(NOW)
    assert (values["Order Number__c"] or "", values["Product SKU__c"] or "") == (about.order_number, about.sku)
    assert values["Customer Number__c"] == "1000000"
    assert values["Categorization Tier 1"] is None
    assert entry["_links"]["self"] == [
        {"href": f"http://itsm.example/api/arsys/v1/entry/HPD:Help%20Desk/{ticket.entry_id}"}
    ]


async def test_only_the_fields_asked_for_are_told_under_the_name_they_were_asked_by(client: Client):
    (row,) = await client.values(fields="values(Incident Number, Status,1000000161)", limit=1)
    assert list(row) == ["Incident Number", "Status", "1000000161"]
    assert row["Incident Number"] == row["1000000161"]


async def test_an_unknown_field_spoils_the_whole_request(client: Client):
    for told in ({"fields": "values(Status,Foo)"}, {"sort": "Foo.asc"}, {"q": "'Foo' = \"x\""}):
        reply = await client.query(**told)
        assert refusal(reply) == (400, 314)
        assert reply.json()[0]["messageAppendedText"] == "HPD:Help Desk : Foo"


@pytest.mark.parametrize(
    "told",
    [
        {"q": "'Status' = "},
        {"q": "'Status' = \"Lost\""},
        {"fields": "Status"},
        {"limit": "many"},
        {"limit": "-1"},
        {"offset": "1.5"},
        {"sort": "Status.up"},
        {"expand": "x"},
    ],
)
async def test_a_bad_parameter_is_400(client: Client, told):
    assert refusal(await client.query(**told))[0] == 400


async def test_pages_are_followed_by_their_links(client: Client, rows: list[Ticket]):
    q = "'Submit Date' > \"01/01/2016\""
    reply = await client.query(q, fields="values(Incident Number)", limit=40, sort="Submit Date.desc")
    numbers = []
    while True:
        page = reply.json()
        assert page["numMatches"] is None
        numbers += [entry["values"]["Incident Number"] for entry in page["entries"]]
        if "next" not in page["_links"]:
            break
        assert len(page["entries"]) == 40
        (link,) = page["_links"]["next"]
        carried = parse_qs(urlsplit(link["href"]).query)
        assert carried["q"] == [q]
        assert carried["offset"] == [str(len(numbers))]
        reply = await client.http.get(link["href"])
    newest = sorted(rows, key=lambda one: one.submitted_at, reverse=True)
    assert [one for one in numbers] == [one.number for one in newest]


async def test_without_a_limit_a_page_has_a_hundred_rows(client: Client, rows: list[Ticket]):
    assert len(await client.values(fields="values(Status)")) == min(100, len(rows))
    assert len(await client.values(fields="values(Status)", limit=0, offset=60)) == len(rows) - 60


async def test_a_page_beyond_the_end_is_empty_and_the_last(client: Client):
    page = (await client.query(offset=10_000)).json()
    assert page["entries"] == []
    assert "next" not in page["_links"]


async def test_rows_are_sorted_by_several_fields_and_nothing_comes_first(client: Client, rows: list[Ticket]):
    asked = await client.values(
        fields="values(Priority,Last Resolved Date,Incident Number)",
        limit=1000,
        sort="Priority.asc,Last Resolved Date.asc,Incident Number.desc",
    )
    order = ["Critical", "High", "Medium", "Low"]
    assert [row["Priority"] for row in asked] == sorted((one.priority for one in rows), key=order.index)
    lows = [row["Last Resolved Date"] for row in asked if row["Priority"] == "Low"]
    assert lows == sorted(lows, key=lambda text: text or "")


async def test_labels_are_ordered_and_numbers_will_do(client: Client, rows: list[Ticket]):
    unresolved = ("New", "Assigned", "In Progress", "Pending")
    wanted = [one.number for one in rows if one.status in unresolved]
    assert await client.column("Incident Number", "'Status' < \"Resolved\"") == wanted
    assert await client.column("Incident Number", "'Status' < 4") == wanted
    assert await client.column("Incident Number", "'7' < 4") == wanted


@pytest.mark.parametrize("form", [HELP_DESK, INTERFACE])
async def test_every_index_finds_what_looking_through_everything_finds(client: Client, rows, tickets: Tickets, form):
    one = rows[tickets.of_customer(MANY_TICKETS)[3]]
    about = next(link for at in range(len(rows)) if (link := tickets.about(at)).sku and link.order_number)
    texts = {
        "Incident Number": one.number.lower(),
        "Entry ID": one.entry_id,
        "Person ID": one.person_id,
        "Internet E-mail": one.email.upper(),
        "Customer Number__c": one.customer_number,
        "Order Number__c": about.order_number.lower(),
        "Product SKU__c": about.sku.lower(),
    }
    for field, text in texts.items():
        looked_up = await client.column("Incident Number", f"'{field}' = \"{text}\"", form)
        looked_through = await client.column("Incident Number", f"NOT '{field}' != \"{text}\"", form)
        assert looked_up == looked_through != []
        both = f"'{field}' = \"{text}\" OR 'Incident Number' = \"{rows[0].number}\""
        assert set(await client.column("Incident Number", both, form)) == {*looked_up, rows[0].number}
        none = f"'{field}' = \"{text}\" AND 'Status' = $NULL$"
        assert await client.column("Incident Number", none, form) == []


async def test_twenty_five_numbers_are_one_request(client: Client, rows: list[Ticket]):
    wanted = [one.number for one in rows[:25]]
    q = " OR ".join(f"'Incident Number' = \"{number}\"" for number in wanted)
    assert await client.column("Incident Number", q) == wanted
    assert (await client.asked())[-1] == {
        **(await client.asked())[-1],
        "operation": "HPD:Help Desk.query",
        "columns": ["Incident Number"],
        "keys": wanted,
    }


async def test_a_request_line_has_an_end(client: Client):
    reply = await client.query(" OR ".join(["'Status' = \"New\""] * 400))
    assert reply.status_code == 414


async def test_a_row_is_read_by_its_entry_id(client: Client, tickets: Tickets):
    ticket = tickets.ticket(0)
    await client.log_in()
    found = await client.http.get(f"{ENTRY}{HELP_DESK}/{ticket.entry_id}", params={"fields": "values(Description)"})
    assert found.json()["values"] == {"Description": ticket.summary}
    both = f"{ticket.entry_id}|{ticket.entry_id}"
    found = await client.http.get(f"{ENTRY}{INTERFACE}/{both}", params={"fields": "values(Request ID)"})
    assert found.json()["values"] == {"Request ID": both}
    assert found.json()["_links"]["self"][0]["href"].endswith("%7C" + ticket.entry_id)


async def test_an_incident_number_is_no_entry_id(client: Client, tickets: Tickets):
    await client.log_in()
    for wrong in (tickets.ticket(0).number, "INC1|INC2", "x"):
        assert refusal(await client.http.get(f"{ENTRY}{HELP_DESK}/{wrong}")) == (404, 302)
    assert refusal(await client.http.get(f"{ENTRY}{HELP_DESK}/{'9' * 99}")) == (400, 101)


async def test_an_unknown_form_and_a_wrong_method_are_error_lists(client: Client):
    assert refusal(await client.query(form="HPD:Nothing")) == (404, 303)
    assert refusal(await client.http.patch(ENTRY + HELP_DESK))[0] == 405
    assert refusal(await client.http.get("/api/arsys/v2"))[0] == 404


async def test_work_logs_of_an_incident_are_public_or_internal(client: Client, tickets: Tickets):
    last = tickets.of_customer(MANY_TICKETS)[-1]
    logs = tickets.worklogs(last)
    number = tickets.ticket(last).number
    asked = await client.values(f"'Incident Number' = \"{number}\"", WORK_LOG, limit=1000)
    assert [row["Work Log ID"] for row in asked] == [log.number for log in logs]
    assert [row["Detailed Description"] for row in asked] == [log.text for log in logs]
    public = f"'Incident Number' = \"{number}\" AND 'View Access' = \"Public\""
    assert await client.column("Work Log ID", public, WORK_LOG) == [log.number for log in logs if not log.internal]
    assert await client.column("Detailed Description", f"'Work Log ID' = \"{logs[7].number}\"", WORK_LOG) == [
        logs[7].text
    ]


async def test_work_logs_can_be_looked_through(client: Client, tickets: Tickets):
    wanted = [log.number for at in range(len(tickets)) for log in tickets.worklogs(at) if "-worklog-" in log.text]
    assert await client.column("Work Log ID", "'Detailed Description' LIKE \"%-worklog-%\"", WORK_LOG) == wanted


async def test_hostile_subjects_are_found_as_they_are(client: Client, rows: list[Ticket]):
    for subject in {one.summary for one in rows}:
        q = "'Description' = \"" + subject.replace('"', '""') + '"'
        assert await client.column("Incident Number", q) == [one.number for one in rows if one.summary == subject]


async def test_answers_are_json_in_utf_8(client: Client):
    reply = await client.query("'Description' LIKE \"%🚚%\"", fields="values(Description)")
    assert "🚚" in reply.content.decode()
    assert json.loads(reply.content)["entries"]
