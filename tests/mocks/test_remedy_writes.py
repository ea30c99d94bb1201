"""Incidents and work logs that callers write: created, changed, merged, deleted, and found again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.world import World, open_world
from mocks.world.tickets import Tickets
from tests.mocks.remedy_client import CREATE, ENTRY, HELP_DESK, INTERFACE, NEW, WORK_LOG, Client, refusal

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=20, now=NOW)


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


async def created(client: Client, **more: Any) -> tuple[str, dict[str, Any]]:
    """The number of a new incident, and all its values."""
    reply = await client.create(**more)
    assert reply.status_code == 201, reply.text
    number = reply.json()["values"]["Incident Number"]
    (values,) = await client.values(f"'Incident Number' = \"{number}\"")
    return number, values


async def test_a_new_incident_is_201_with_the_create_forms_own_id(client: Client):
    reply = await client.create()
    assert reply.status_code == 201
    assert set(reply.json()) == {"values", "_links"}
    number = reply.json()["values"]["Incident Number"]
    location = reply.headers["location"]
    assert location.startswith("http://itsm.example/api/arsys/v1/entry/HPD:IncidentInterface_Create/")
    assert number not in location
    assert (await client.http.get(location)).json()["values"]["Incident Number"] == number


async def test_without_fields_a_creation_answers_with_nothing(client: Client):
    await client.log_in()
    reply = await client.http.post(ENTRY + CREATE, json={"values": NEW})
    assert (reply.status_code, reply.content) == (201, b"")


async def test_a_new_incident_is_found_by_every_key(client: Client):
    told = {"Customer Number__c": "42", "Order Number__c": "A-1", "Product SKU__c": "X", "Internet E-mail": "a@b.c"}
    number, values = await created(client, **told, **{"Vendor Ticket Number": "key-1"})
    for field, text in (told | {"Vendor Ticket Number": "key-1", "Entry ID": values["Entry ID"]}).items():
        assert await client.column("Incident Number", f"'{field}' = \"{text}\"") == [number]
    assert await client.column("Incident Number", "'Detailed Decription' LIKE \"since mon%\"") == [number]


async def test_priority_target_and_dates_follow_from_what_was_sent(client: Client):
    _, values = await created(client, Impact=1000, Urgency=2000)
    assert (values["Impact"], values["Urgency"]) == ("1-Extensive/Widespread", "2-High")
    assert (values["Priority"], values["Priority Weight"]) == ("Critical", 24)
    assert values["Submit Date"] == values["Reported Date"] == "2026-03-01T12:00:00.000+0000"
    assert values["Required Resolution DateTime"] == "2026-03-01T16:00:00.000+0000"
    assert values["SLM Status"] == "Within Time Limit"


@pytest.mark.parametrize("name", ["First_Name", "Last_Name", "Description", "Impact", "Urgency", "Status"])
async def test_a_required_field_is_required(client: Client, name: str):
    reply = await client.create(values={field: value for field, value in NEW.items() if field != name})
    assert refusal(reply) == (400, 307)
    assert reply.json()[0]["messageAppendedText"] == name


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ({"First Name": "the other forms' spelling"}, 314),
        ({"Impact": "5-None"}, 306),
        ({"Impact": 999}, 306),
        ({"Urgency": True}, 306),
        ({"Description": ["x"]}, 306),
        ({"Description": "x" * 200_000}, 306),
    ],
)
async def test_what_does_not_fit_is_refused(client: Client, told: dict[str, Any], number: int):
    assert refusal(await client.create(**told)) == (400, number)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"values":[]}', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_none_is_refused(client: Client, body: bytes):
    await client.log_in()
    assert refusal(await client.http.post(ENTRY + CREATE, content=body)) == (400, 8962)


async def test_incidents_are_created_through_the_create_form(client: Client):
    for form in (HELP_DESK, INTERFACE):
        assert refusal(await client.create(form)) == (403, 353)


async def test_a_change_answers_with_nothing_and_is_read_again(client: Client, world: World):
    tickets = Tickets(world)
    ticket = tickets.ticket(0)
    reply = None
    await client.log_in()
    reply = await client.change(ticket.entry_id, Description="Changed", **{"Order Number__c": "B-7"})
    assert (reply.status_code, reply.content) == (204, b"")
    (values,) = await client.values("'Order Number__c' = \"B-7\"")
    assert (values["Incident Number"], values["Description"]) == (ticket.number, "Changed")
    assert values["Last Modified Date"] == "2026-03-01T12:00:00.000+0000"
    assert values["Detailed Decription"] == ticket.notes
    assert await client.column("Incident Number", f"'Incident Number' = \"{ticket.number}\"") == [ticket.number]
    assert len(await client.column("Incident Number")) == len(tickets)


async def test_a_change_goes_through_workflow(client: Client):
    _, values = await created(client)
    entry_id = values["Entry ID"]
    both = f"{entry_id}|{entry_id}"
    assert refusal(await client.change(both, INTERFACE, Status="Resolved", Resolution="done")) == (400, 10_003)
    assert refusal(await client.change(both, INTERFACE, Status="Pending")) == (400, 10_002)
    assert refusal(await client.change(both, INTERFACE, Status="In Progress")) == (400, 10_001)
    done = {"Status": "Resolved", "Resolution": "done", "Status_Reason": "Customer Accepted"}
    assert (await client.change(both, INTERFACE, **done)).status_code == 204
    (values,) = await client.values(f"'Entry ID' = \"{entry_id}\"")
    assert values["Last Resolved Date"] == "2026-03-01T12:00:00.000+0000"


async def test_half_a_character_is_refused(client: Client):
    await client.log_in()
    body = b'{"values":{"Description":"\\ud800"}}'
    reply = await client.http.post(ENTRY + CREATE, content=body)
    assert refusal(reply) == (400, 306)


async def test_what_is_required_stays_so(client: Client):
    _, values = await created(client)
    assert refusal(await client.change(values["Entry ID"], Description=None)) == (400, 307)


@pytest.mark.parametrize("name", ["Incident Number", "Submit Date", "Priority", "SLM Status"])
async def test_what_the_server_sets_nobody_else_does(client: Client, name: str):
    _, values = await created(client)
    assert refusal(await client.change(values["Entry ID"], **{name: values[name]})) == (400, 10_004)


async def test_a_change_of_nothing_there_is_404(client: Client):
    await client.log_in()
    assert refusal(await client.change("INC000000000000000", Description="x")) == (404, 302)


async def test_a_comment_is_written_and_read_back(client: Client, world: World):
    number = Tickets(world).ticket(0).number
    told = {"Incident Number": number, "Detailed Description": "Rang back.", "View Access": "Public"}
    reply = await client.create(WORK_LOG, told | {"Work Log Type": "General Information", "Secure Work Log": "Yes"})
    assert reply.status_code == 201
    (values,) = await client.values("'Detailed Description' = \"Rang back.\"", WORK_LOG)
    assert values["Work Log ID"] in reply.headers["location"]
    assert values["Work Log Submitter"] == "remedy.gateway"
    assert (values["Incident Number"], values["View Access"]) == (number, "Public")
    assert values["Work Log Date"] == "2026-03-01T12:00:00.000+0000"
    assert (await client.column("Work Log ID", f"'Incident Number' = \"{number}\"", WORK_LOG))[-1] == values[
        "Work Log ID"
    ]


async def test_a_comment_is_internal_unless_it_is_said_to_be_public(client: Client, world: World):
    number = Tickets(world).ticket(0).number
    await client.create(WORK_LOG, {"Incident Number": number, "Detailed Description": "quiet"})
    assert await client.column("View Access", "'Detailed Description' = \"quiet\"", WORK_LOG) == ["Internal"]


async def test_a_comment_belongs_to_an_incident(client: Client):
    assert refusal(await client.create(WORK_LOG, {"Detailed Description": "x"})) == (400, 307)
    assert refusal(await client.create(WORK_LOG, {"Incident Number": "INC1"})) == (404, 302)
    assert refusal(await client.create(WORK_LOG, {"Foo": "x"})) == (400, 314)


async def test_a_comment_can_be_published_and_deleted(client: Client, world: World):
    tickets = Tickets(world)
    log = next(log for at in range(len(tickets)) for log in tickets.worklogs(at) if log.internal)
    await client.log_in()
    assert (await client.change(log.number, WORK_LOG, **{"View Access": "Public"})).status_code == 204
    assert await client.column("View Access", f"'Work Log ID' = \"{log.number}\"", WORK_LOG) == ["Public"]
    assert (await client.http.delete(f"{ENTRY}{WORK_LOG}/{log.number}")).status_code == 204
    assert await client.column("View Access", f"'Work Log ID' = \"{log.number}\"", WORK_LOG) == []


async def test_what_is_deleted_is_gone(client: Client, world: World):
    ticket = Tickets(world).ticket(3)
    await client.log_in()
    assert (await client.http.delete(f"{ENTRY}{HELP_DESK}/{ticket.entry_id}")).status_code == 204
    assert await client.column("Status", f"'Incident Number' = \"{ticket.number}\"") == []
    assert ticket.number not in await client.column("Incident Number")
    assert refusal(await client.http.delete(f"{ENTRY}{HELP_DESK}/{ticket.entry_id}")) == (404, 302)


MERGED = {
    "First Name": "Ada",
    "Last Name": "Okafor",
    "Description": "Merged",
    "Impact": "4-Minor/Localized",
    "Urgency": "4-Low",
    "Status": "New",
    "Vendor Ticket Number": "key-9",
}


async def test_a_merge_on_a_unique_field_writes_once(client: Client):
    q = "'Vendor Ticket Number' = \"key-9\""
    first = await client.merge(HELP_DESK, MERGED, q, mergeType="DUP_MERGE", multimatchOption=0)
    assert (first.status_code, first.content) == (201, b"")
    assert "location" in first.headers
    again = await client.merge(HELP_DESK, MERGED | {"Description": "Again"}, q, mergeType="DUP_MERGE")
    assert (again.status_code, again.content) == (204, b"")
    assert await client.column("Description", q) == ["Again"]


async def test_a_merge_that_fits_several_is_refused_unless_the_first_will_do(client: Client):
    q = "'Customer Number__c' = \"1000001\""
    change = {"Description": "Merged"}
    assert refusal(await client.merge(HELP_DESK, change, q, mergeType="DUP_MERGE")) == (400, 382)
    reply = await client.merge(HELP_DESK, change, q, mergeType="DUP_MERGE", multimatchOption=1)
    assert reply.status_code == 204
    assert (await client.column("Description", q)).count("Merged") == 1


async def test_a_merge_by_entry_id_does_what_its_type_says(client: Client, world: World):
    ticket = Tickets(world).ticket(0)
    values = {"Entry ID": ticket.entry_id, "Description": "By id"}
    assert refusal(await client.merge(HELP_DESK, values)) == (400, 382)
    assert refusal(await client.merge(HELP_DESK, values, mergeType="DUP_OVERWRITE")) == (400, 8962)
    assert (await client.merge(HELP_DESK, values, mergeType="DUP_MERGE")).status_code == 204
    assert await client.column("Description", f"'Entry ID' = \"{ticket.entry_id}\"") == ["By id"]
    assert (await client.merge(HELP_DESK, MERGED | values, mergeType="DUP_NEW_ID")).status_code == 201
    assert len(await client.column("Status", "'Description' = \"By id\"")) == 2


async def test_writes_are_in_the_ledger(client: Client):
    number, values = await created(client)
    await client.change(values["Entry ID"], Description="x")
    await client.create(WORK_LOG, {"Incident Number": number})
    ledger = (await client.http.get("/_mock/ledger")).json()["ledger"]
    assert [entry["operation"] for entry in ledger] == [
        "HPD:IncidentInterface_Create.create",
        "HPD:Help Desk.modify",
        "HPD:WorkLog.create",
    ]
    assert ledger[1]["values"] == {"Description": "x"}


async def test_what_was_refused_is_in_no_ledger(client: Client):
    await client.create(Impact="x")
    assert (await client.http.get("/_mock/ledger")).json()["ledger"] == []
