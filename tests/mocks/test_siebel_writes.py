"""Inserting, upserting and deleting; and that what was written is there from then on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.siebel_world import Client, town

pytestmark = pytest.mark.anyio

CONTACTS = "Contact/Contact"
ACCOUNTS = "Account/Account"
EVE = {"First Name": "Eve", "Last Name": "Adams", "Email Address": "eve@example.com", "Integration Id": "EXT-1"}


@pytest.fixture
def crm() -> Client:
    return Client(town())


async def test_an_inserted_row_is_found_by_everything_it_says(crm: Client) -> None:
    reply = await crm.send("POST", CONTACTS, EVE | {"Account Id": "1-A0", "Work Phone #": "+1 555 0100"})
    items = reply.json()["items"]
    assert reply.status_code == 200
    assert isinstance(items["Link"], dict)
    assert items["Link"]["href"].endswith(f"/Contact/Contact/{items['Id']}")
    specs = ["[Email Address]~='EVE@example.com'", "[Integration Id]='EXT-1'", "[Last Name] LIKE 'Ad*'"]
    for spec in [*specs, f"[Id]='{items['Id']}'", "[Work Phone #]='+1 555 0100'", f"[Person UId]='{items['Id']}'"]:
        assert await crm.ids(CONTACTS, searchspec=spec) == [items["Id"]]
    (row,) = await crm.rows(CONTACTS, searchspec="[Integration Id]='EXT-1'")
    assert row["Account"] == "Doe & Co."
    assert row["Suppress All Calls"] == "N"
    assert row["Created"] == row["Updated"] == "03/01/2026 12:00:00"
    assert await crm.ids(f"{ACCOUNTS}/1-A0/Contact") == ["1-C0", items["Id"]]


async def test_a_list_is_answered_by_a_list(crm: Client) -> None:
    reply = await crm.send("POST", ACCOUNTS, [{"Name": "One"}, {"Name": "Two"}])
    assert [row["Name"] for row in reply.json()] == ["One", "Two"]
    assert (await crm.send("POST", ACCOUNTS, [{"Name": "X"}] * 101)).status_code == 400
    assert (await crm.send("POST", ACCOUNTS, [])).status_code == 400
    assert await crm.ids(ACCOUNTS, searchspec="[Name]='X'") == []


async def test_a_repeated_insert_is_a_second_row(crm: Client) -> None:
    for _ in range(2):
        assert (await crm.send("POST", CONTACTS, EVE)).status_code == 200
    assert len(await crm.ids(CONTACTS, searchspec="[Integration Id]='EXT-1'")) == 2


async def test_a_row_is_updated_by_id_or_integration_id(crm: Client) -> None:
    assert (await crm.send("PUT", f"{CONTACTS}/1-C0", {"Job Title": "CEO"})).status_code == 200
    assert (await crm.send("PUT", CONTACTS, [{"Integration Id": "ERP-0", "Last Name": "Roe"}])).status_code == 200
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C0'")
    assert (row["Job Title"], row["Last Name"], row["First Name"]) == ("CEO", "Roe", "Jane")
    assert row["Updated"] == "03/01/2026 12:00:00"
    assert await crm.ids(CONTACTS, searchspec="[Last Name]='Doe'") == []
    assert await crm.ids(CONTACTS, searchspec="[Email Address]~='jane.doe@example.com'") == ["1-C4", "1-C0"]
    assert (await crm.get(CONTACTS, recordcountneeded="true")).headers["Total-Record-Count"] == "5"


async def test_an_upsert_of_somebody_new_inserts(crm: Client) -> None:
    reply = await crm.send("PUT", CONTACTS, [EVE])
    again = await crm.send("PUT", CONTACTS, [EVE | {"Last Name": "Eden"}])
    assert reply.json()[0]["Id"] == again.json()[0]["Id"]
    named = await crm.send("PUT", f"{CONTACTS}/9-NEW", EVE | {"Integration Id": "EXT-2"})
    assert named.json()["items"]["Id"] == "9-NEW"
    third = EVE | {"Integration Id": "EXT-3"}
    both = await crm.send("PUT", CONTACTS, [third, third | {"M/M": "Ms."}])
    assert len({row["Id"] for row in both.json()}) == 1


async def test_a_write_that_changes_nothing_says_so(crm: Client) -> None:
    reply = await crm.send("PUT", f"{CONTACTS}/1-C0", {"First Name": "Jane"})
    assert (reply.status_code, reply.content) == (304, b"")
    mixed = await crm.send("PUT", CONTACTS, [{"Id": "1-C0", "First Name": "Jane"}, {"Id": "1-C1", "Last Name": "X"}])
    assert mixed.status_code == 200
    assert [entry["key"] for entry in crm.desk.ledger] == ["1-C1"]


async def test_contacts_can_be_inserted_below_an_account(crm: Client) -> None:
    reply = await crm.send("PUT", f"{ACCOUNTS}/1-A0/Contact", {"Contact": [EVE]})
    assert reply.status_code == 200
    assert reply.json()[0]["Account Id"] == "1-A0"
    assert len(await crm.ids(f"{ACCOUNTS}/1-A0/Contact")) == 2


async def test_deleting_is_all_or_nothing(crm: Client) -> None:
    refused = await crm.send("DELETE", ACCOUNTS, [{"Id": "1-A0"}, {"Id": "9-NONE"}])
    assert refused.status_code == 400
    assert "(SBL-EAI-04378)" in refused.json()["ERROR"]
    assert await crm.ids(ACCOUNTS, searchspec="[Id]='1-A0'") == ["1-A0"]
    assert (await crm.send("DELETE", ACCOUNTS, [{"Id": "1-A0"}])).status_code == 204
    assert (await crm.get(f"{ACCOUNTS}/1-A0")).status_code == 404
    assert await crm.ids(ACCOUNTS, searchspec="[CSN]='0001000000'") == []
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C0'")
    assert row["Account"] == ""


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (EVE | {"Nonsense": "x"}, 400, "SBL-EAI-50258"),
        (EVE | {"Suppress All Calls": "yes"}, 500, "SBL-DAT-00225"),
        (EVE | {"Birth Date": "1980-05-17"}, 500, "SBL-DAT-00359"),
        (EVE | {"Created": "01/01/2020"}, 400, "read-only"),
        (EVE | {"Middle Name": 5}, 400, "not a string"),
        (EVE | {"Middle Name": None}, 400, "not a string"),
        (EVE | {"Id": "x'y"}, 400, "no row id"),
        (EVE | {"Id": "1-C0"}, 500, "SBL-EAI-04383"),
        (EVE | {"Person UId": "1-C0"}, 500, "SBL-EAI-04383"),
        ({"First Name": "Eve"}, 400, "SBL-DAT-00498"),
        ("Eve", 400, "JSON object"),
        (None, 400, "not JSON"),
    ],
)
async def test_a_bad_record_is_refused(crm: Client, body: Any, status: int, text: str) -> None:
    reply = await crm.send("POST", CONTACTS, body)
    assert reply.status_code == status
    assert text in reply.json()["ERROR"]
    assert crm.desk.ledger == []


async def test_an_upsert_needs_a_user_key(crm: Client) -> None:
    reply = await crm.send("PUT", CONTACTS, [{"First Name": "Eve", "Last Name": "Adams"}])
    assert reply.status_code == 500
    assert "(SBL-EAI-04397)" in reply.json()["ERROR"]
    assert (await crm.send("PUT", f"{CONTACTS}/1-C0", {"Id": "1-C1"})).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_json_is_refused(crm: Client, body: bytes) -> None:
    reply = await crm.http.post(f"/siebel/v1.0/data/{CONTACTS}", content=body)
    assert reply.status_code == 400


async def test_writes_are_in_the_ledger(crm: Client) -> None:
    row_id = (await crm.send("POST", CONTACTS, EVE)).json()["items"]["Id"]
    await crm.send("PUT", f"{CONTACTS}/{row_id}", {"Last Name": "Eden"})
    await crm.send("DELETE", f"{CONTACTS}/{row_id}", None)
    assert crm.desk.ledger == [
        {"operation": "Contact.insert", "key": row_id, "values": EVE},
        {"operation": "Contact.upsert", "key": row_id, "values": {"Last Name": "Eden", "Id": row_id}},
        {"operation": "Contact.delete", "key": row_id},
    ]
