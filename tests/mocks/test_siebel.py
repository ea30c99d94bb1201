"""Siebel as its documentation and those who measured it describe it: reading, paging, shapes and refusals."""

from __future__ import annotations

import httpx
import pytest

from mocks import siebel
from tests.mocks.siebel_world import JANE, Client, another, town

pytestmark = pytest.mark.anyio

CONTACTS = "Contact/Contact"
ACCOUNTS = "Account/Account"


@pytest.fixture
def crm() -> Client:
    return Client(town())


async def test_every_value_is_a_string(crm: Client) -> None:
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C0'")
    links = row.pop("Link")
    assert all(isinstance(value, str) for value in row.values())
    assert row["Suppress All Emails"] == "Y"
    assert row["Suppress All Calls"] == "N"
    assert row["Created"] == "07/04/2019 22:30:05"
    assert row["Birth Date"] == "05/17/1980"
    assert row["Middle Name"] == ""
    assert row["Preferred Language Code"] == "DEU"
    assert row["Account"] == row["Primary Account Name"] == "Doe & Co."
    assert [link["rel"] for link in links] == ["self", "canonical"]
    assert links[0]["href"] == "http://crm.example/siebel/v1.0/data/Contact/Contact/1-C0"


async def test_an_account_has_its_address_joined_and_as_a_child(crm: Client) -> None:
    (row,) = await crm.rows(ACCOUNTS, searchspec="[CSN]='0001000000'")
    joined = {place: row[place] for place in ("Street Address", "City", "State", "Postal Code", "Country")}
    (child,) = await crm.rows(f"{ACCOUNTS}/1-A0/Business Address", childlinks="None")
    assert child.pop("Link")
    assert child == {"Id": row["Primary Address Id"], **joined}
    assert joined["Postal Code"] == "01234"
    assert row["Account Type Code"] == "Gold"
    assert row["Description"] == JANE.notes
    assert await crm.rows(f"{ACCOUNTS}/1-A4/Business Address") == []
    assert (await crm.rows(ACCOUNTS, searchspec="[Id]='1-A4'"))[0]["Primary Address Id"] == ""


async def test_children_have_addresses_of_their_own(crm: Client) -> None:
    (contact,) = await crm.rows(f"{ACCOUNTS}/1-A0/Contact")
    assert contact["Link"][0]["href"].endswith("/Account/Account/1-A0/Contact/1-C0")
    assert (await crm.get(f"{ACCOUNTS}/1-A0/Contact/1-C0")).json()["Id"] == "1-C0"
    assert (await crm.get(f"{ACCOUNTS}/1-A0/Contact/1-C1")).status_code == 404
    assert (await crm.get(f"{ACCOUNTS}/1-A0/Business Address/1-A0A")).json()["City"] == "Berlin"
    assert (await crm.get(f"{ACCOUNTS}/9-NONE/Contact")).status_code == 404


async def test_child_links_are_shown_unless_refused(crm: Client) -> None:
    async def shown(**query: str) -> list[str]:
        (row,) = await crm.rows(ACCOUNTS, searchspec="[Id]='1-A0'", **query)
        return [link["name"] for link in row["Link"] if link["rel"] == "child"]

    assert await shown() == ["Business Address", "Contact"]
    assert await shown(childlinks="Contact") == ["Contact"]
    assert await shown(childlinks="None") == []


async def test_a_read_has_three_shapes(crm: Client) -> None:
    many = (await crm.get(CONTACTS)).json()
    one = (await crm.get(CONTACTS, searchspec="[Id]='1-C0'")).json()
    bare = (await crm.get(f"{CONTACTS}/1-C0")).json()
    assert isinstance(many["items"], list)
    assert isinstance(many["Link"], dict)
    assert isinstance(one["items"], dict)
    assert one["items"] == bare


@pytest.mark.parametrize("switch", ["y", "yes"])
async def test_a_uniform_response_is_always_a_list(crm: Client, switch: str) -> None:
    for path in (CONTACTS, f"{CONTACTS}/1-C0"):
        reply = (await crm.get(path, uniformresponse=switch, PageSize="1")).json()
        assert isinstance(reply["items"], list)
        assert isinstance(reply["Link"], list)


@pytest.mark.parametrize("switch", ["Y", "YES", "True", "true", "1", ""])
async def test_switches_are_lower_case(crm: Client, switch: str) -> None:
    assert "items" not in (await crm.get(f"{CONTACTS}/1-C0", uniformresponse=switch)).json()
    counted = await crm.get(CONTACTS, recordcountneeded=switch)
    assert ("Total-Record-Count" in counted.headers) == (switch == "true")


async def test_the_total_is_in_a_header(crm: Client) -> None:
    reply = await crm.get(CONTACTS, recordcountneeded="true", PageSize="2")
    assert reply.headers["Total-Record-Count"] == "5"
    assert len(reply.json()["items"]) == 2


async def test_fields_are_those_asked_for_and_the_id(crm: Client) -> None:
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C0'", fields="Work Phone #, First Name", childlinks="None")
    assert list(row) == ["Id", "First Name", "Work Phone #", "Link"]
    assert row["Work Phone #"] == "+49 (0)30 1234-567"


async def test_empty_fields_can_be_left_out(crm: Client) -> None:
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C5'", excludeEmptyFieldsInResponse="true")
    assert "Email Address" not in row
    assert row["Id"] == "1-C5"


async def test_a_page_is_ten_rows_and_never_more_than_a_hundred() -> None:
    crm = Client(town(*(another(index) for index in range(6, 160))))
    assert len((await crm.get(CONTACTS)).json()["items"]) == 10
    assert len(await crm.rows(CONTACTS, PageSize="1000")) == 100
    pages = [await crm.ids(CONTACTS, StartRowNum=str(start)) for start in (0, 100, 200)]
    assert [len(page) for page in pages] == [100, 59, 0]
    assert len({row for page in pages for row in page}) == 159


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "٣", "1_0"])
async def test_paging_takes_whole_numbers(crm: Client, value: str) -> None:
    assert (await crm.get(CONTACTS, StartRowNum=value)).status_code == 400
    assert (await crm.get(CONTACTS, PageSize=value)).status_code == 400


async def test_rows_can_be_sorted(crm: Client) -> None:
    assert await crm.ids(CONTACTS, sortspec="First Name:desc") == ["1-C5", "1-C4", "1-C2", "1-C1", "1-C0"]
    assert await crm.ids(CONTACTS, sortspec="First Name") == ["1-C0", "1-C1", "1-C2", "1-C4", "1-C5"]
    by_birthday = await crm.ids(CONTACTS, sortspec="Birth Date:asc,Id:desc")
    assert by_birthday == ["1-C0", "1-C5", "1-C4", "1-C2", "1-C1"]


async def test_a_service_login_sees_nothing_unless_it_asks_for_all(crm: Client) -> None:
    for path in (CONTACTS, f"{CONTACTS}/1-C0", f"{ACCOUNTS}/1-A0/Contact", f"{ACCOUNTS}/1-A0/Contact/1-C0"):
        assert (await crm.get(path, mode=None)).json() == {"ERROR": "There is no data for the requested resource"}
        assert (await crm.get(path, mode="Personal")).status_code == 404
        assert (await crm.get(path, mode="All")).status_code == 200
        assert (await crm.get(path, mode="Organization")).status_code == 200


async def test_a_view_mode_that_is_not_there_is_forbidden(crm: Client) -> None:
    reply = await crm.get(CONTACTS, mode="Catalog")
    assert reply.status_code == 403
    assert reply.json()["ERROR"].endswith("(SBL-DAT-00825)")
    assert (await crm.get(CONTACTS, mode="all")).status_code == 400


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("Nothing/Nothing", {}, 404, "SBL-EAI-50257"),
        ("Contact/Account", {}, 404, "SBL-EAI-50257"),
        ("Quote/Quote", {}, 404, "SBL-EAI-50297"),
        ("Account/Account/1-A0/Nothing", {}, 404, "SBL-EAI-50257"),
        ("Contact/Contact/1-C0/Contact", {}, 404, "SBL-EAI-50257"),
        (CONTACTS, {"fields": "Email"}, 400, "SBL-EAI-50258"),
        (CONTACTS, {"searchspec": "[Email]='x'"}, 500, "SBL-DAT-00416"),
        (CONTACTS, {"sortspec": "Email"}, 500, "SBL-DAT-00416"),
        (CONTACTS, {"searchspec": "[Updated]>='2026-01-01'"}, 500, "SBL-DAT-00359"),
        (CONTACTS, {"searchspec": "[Updated]>='02/30/2026'"}, 500, "SBL-DAT-00359"),
    ],
)
async def test_refusals_carry_a_code(crm: Client, path: str, query: dict[str, str], status: int, code: str) -> None:
    reply = await crm.get(path, **query)
    assert reply.status_code == status
    assert list(reply.json()) == ["ERROR"]
    assert reply.json()["ERROR"].endswith(f"({code})")


async def test_the_content_type_is_needed_even_to_read(crm: Client) -> None:
    path = "/siebel/v1.0/data/Contact/Contact?ViewMode=All"
    auth = (siebel.USERNAME, siebel.PASSWORD)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.desk), base_url="http://crm.example") as http:
        assert (await http.get(path, auth=auth)).status_code == 415
        xml = {"Content-Type": "application/xml"}
        assert (await http.get(path, auth=auth, headers=xml)).status_code == 415
        json = {"Content-Type": "application/json; charset=utf-8"}
        assert (await http.get(path, auth=auth, headers=json)).status_code == 200
        assert (await http.get(path, auth=auth, headers=json | {"Accept": "application/xml"})).status_code == 406
        assert (await http.get(path, headers=json)).status_code == 401
        assert (await http.get(path, auth=("SADMIN", "wrong"), headers=json)).status_code == 401
        for nonsense in ("Basic", "Basic %%%", "Basic /w==", "Bearer x", "Digest x", "Basic U0FETUlO"):
            refused = await http.get(path, headers=json | {"Authorization": nonsense})
            assert refused.status_code == 401
            assert refused.headers["WWW-Authenticate"].startswith("Basic")


async def test_a_verb_that_is_not_there_is_405_with_those_that_are(crm: Client) -> None:
    reply = await crm.http.patch("/siebel/v1.0/data/Contact/Contact")
    assert reply.status_code == 405
    assert "PUT" in reply.headers["Allow"]
    assert list(reply.json()) == ["ERROR"]
    assert (await crm.send("PUT", f"{ACCOUNTS}/1-A0/Business Address", {})).status_code == 405
    assert (await crm.http.get("/elsewhere")).json() == {"ERROR": "Not Found"}


async def test_a_request_line_can_be_too_long(crm: Client) -> None:
    assert (await crm.get(CONTACTS, searchspec=f"[Id]='{'x' * 8200}'")).status_code == 414


async def test_the_wall_clock_is_that_of_the_server() -> None:
    crm = Client(town(), zone="America/New_York")
    (row,) = await crm.rows(CONTACTS, searchspec="[Id]='1-C0'")
    assert row["Created"] == "07/04/2019 18:30:05"
    assert row["Updated"] == "02/02/2026 23:05:06"


async def test_what_was_asked_is_noted(crm: Client) -> None:
    await crm.get(CONTACTS, searchspec="([Id]='1-C0' OR [Id]='1-C1')", fields="Email Address")
    await crm.get(f"{ACCOUNTS}/1-A0", fields="CSN")
    await crm.get(f"{ACCOUNTS}/1-A0/Contact", fields="Id")
    assert crm.desk.asked == [
        {"operation": "Contact.query", "columns": ["Email Address", "Id"], "keys": ["1-C0", "1-C1"]},
        {"operation": "Account.read", "columns": ["CSN", "Id"], "keys": ["1-A0"]},
        {"operation": "Account.Contact.query", "columns": ["Id"], "keys": []},
    ]
