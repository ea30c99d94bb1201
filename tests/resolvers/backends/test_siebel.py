"""What the adapter makes of Siebel's answers: those of the mock, over its real wire format."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolvers.backends.base import Call, Connection, Deadline, Refused
from resolvers.backends.siebel import Account, Address, Contact, Siebel
from tests.mocks.siebel_world import JANE, SmallWorld, another, town
from tests.resolvers.backends.siebel_wire import CONTACT, Bridge, Crm

pytestmark = pytest.mark.anyio


@pytest.fixture
def crm() -> Crm:
    return Crm(town())


async def test_a_contact_in_our_words(crm: Crm) -> None:
    assert await crm.ask("contacts", "1-C0") == {
        "1-C0": Contact(
            row_id="1-C0",
            account_id="1-A0",
            name="Jane Doe",
            job_title="Buyer",
            email="Jane.Doe@example.com",
            phones=("+49 (0)30 1234-567", "0049 171 5550100"),
            language="de-DE",
            birth_date=date(1980, 5, 17),
            integration_id="ERP-0",
            since=datetime(2019, 7, 4, 22, 30, 5, tzinfo=UTC),
            updated=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
            suppress_emails=True,
            suppress_calls=False,
            suppress_mailings=False,
            suppress_faxes=True,
            first_name="Jane",
            last_name="Doe",
        )
    }


async def test_an_account_in_our_words(crm: Crm) -> None:
    found = await crm.ask("accounts", "1-A0")
    assert found["1-A0"] == Account(
        row_id="1-A0",
        number="0001000000",
        name="Doe & Co.",
        tier="Gold",
        segment="Corporate",
        region="EMEA",
        currency="EUR",
        phone="+49 (0)30 1234-567",
        status="Active",
        contact_id="1-C0",
        notes=JANE.notes,
        updated=JANE.updated,
        address=Address(["Hauptstraße 1"], "Berlin", None, "01234", "Germany"),
    )


async def test_what_is_empty_is_none(crm: Crm) -> None:
    contact, account = (await crm.ask("contacts", "1-C5"))["1-C5"], (await crm.ask("accounts", "1-A5"))["1-A5"]
    assert (contact.name, contact.email, contact.phone, contact.language, contact.birth_date) == (None,) * 5
    assert (account.number, account.tier, account.address) == (None, None, None)


async def test_the_phone_is_the_work_phone_else_the_cellular_one() -> None:
    crm = Crm(SmallWorld(JANE, another(1, mobile="0171 1")))
    found = await crm.ask("contacts", "1-C0", "1-C1")
    assert [found[key].phone for key in ("1-C0", "1-C1")] == ["+49 (0)30 1234-567", "0171 1"]


async def test_only_the_columns_asked_for_travel(crm: Crm) -> None:
    await crm.ask("contacts", "1-C0", columns={"name"})
    await crm.ask("accounts", "1-A0", columns={"tier", "address.city"})
    await crm.ask("accounts", "1-A0", columns={"address", "address.country"})
    await crm.ask("accounts", "1-A0", columns={"address"})
    await crm.ask("contacts_by_email", "jane.doe@example.com", columns={"account_id"})
    assert [query["fields"] for query in crm.queries()] == [
        "Id,First Name,Middle Name,Last Name",
        "Id,Account Type Code,Street Address,City,State,Postal Code,Country",
        "Id,Street Address,City,State,Postal Code,Country",
        "Id,Street Address,City,State,Postal Code,Country",
        "Id,Account Id,Email Address",
    ]
    assert crm.desk.asked[0]["columns"] == ["First Name", "Id", "Last Name", "Middle Name"]


async def test_every_query_is_uniform_childless_and_sees_all(crm: Crm) -> None:
    await crm.ask("contacts", "1-C0")
    (query,) = crm.queries()
    assert query["uniformresponse"] == "y"
    assert query["childlinks"] == "None"
    assert query["ViewMode"] == "All"
    assert query["PageSize"] == "1"


async def test_forty_keys_travel_in_one_request_and_more_in_more() -> None:
    crm = Crm(SmallWorld(*(another(index) for index in range(100))))
    keys = [f"1-C{index}" for index in range(100)]
    assert len(await crm.ask("contacts", *keys[:40])) == 40
    assert len(crm.bridge.requests) == 1
    found = await crm.ask("contacts", *keys)
    assert {key: contact.row_id for key, contact in found.items()} == {key: key for key in keys}
    assert len(crm.bridge.requests) == 4


async def test_no_request_line_is_longer_than_four_kilobytes() -> None:
    crm = Crm(SmallWorld(JANE))
    await crm.ask("contacts_by_email", *(f"{'ü' * 60}{index}@{'ß' * 120}.example" for index in range(40)))
    await crm.ask("contacts_by_phone", *(f"4930123456{index:05d}" for index in range(40)))
    assert len(crm.bridge.requests) > 20
    assert max(len(request.target) for request in crm.bridge.requests) < 4096


async def test_who_is_not_there_is_none(crm: Crm) -> None:
    found = await crm.ask("contacts", "1-C0", "1-NONE", "1-C3")
    assert [key for key, contact in found.items() if contact] == ["1-C0"]
    assert await crm.ask("accounts", "1-NONE") == {"1-NONE": None}


HOSTILE_IDS = ["", "1", "-", "1-", "' OR '1'='1", "1-C0' OR '1'='1", "1-C*", "1-C?", "1-C0\n", "1-С0", "1-C0 ", 7, None]


async def test_what_is_no_row_id_is_never_sent(crm: Crm) -> None:
    found = await crm.ask("contacts", *HOSTILE_IDS)
    assert set(found.values()) == {None}
    assert crm.bridge.requests == []


@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("jane.doe@example.com", ["1-C0", "1-C4"]),
        (" MAILTO:Jane.Doe@EXAMPLE.com ", ["1-C0", "1-C4"]),
        ("o'hara@example.com", ["1-C1"]),
        ("star*@example.com", ["1-C2"]),
        ("st?r*@example.com", []),
        ("*@example.com", []),
        ("' OR '1'='1", []),
        ("x'or'1'='1@example.com", []),
        ("nobody@example.com", []),
        ("", []),
    ],
)
async def test_an_address_finds_exactly_who_has_it(crm: Crm, email: str, found: list[str]) -> None:
    answer = (await crm.ask("contacts_by_email", email))[email]
    assert [contact.row_id for contact in answer] == found


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+49 30 1234567", ["1-C0", "1-C4"]),
        ("0049301234567", ["1-C0", "1-C4"]),
        ("49301234567", ["1-C0", "1-C4"]),
        ("+49 (171) 5550100", ["1-C0"]),
        ("1234567", []),
        ("4930123456", []),
        ("*", []),
        ("' OR '1'='1", []),
    ],
)
async def test_a_number_finds_who_has_it_however_it_is_written(crm: Crm, phone: str, found: list[str]) -> None:
    answer = (await crm.ask("contacts_by_phone", phone, columns={"name"}))[phone]
    assert [contact.row_id for contact in answer] == found


async def test_keys_that_mean_the_same_get_the_same_answer(crm: Crm) -> None:
    found = await crm.ask("contacts_by_phone", "+49 30 1234567", "0049301234567", "0171 000")
    assert found["+49 30 1234567"] == found["0049301234567"] != []
    assert len(crm.bridge.requests) == 1


async def test_a_customer_number_keeps_its_zeros(crm: Crm) -> None:
    found = await crm.ask("accounts_by_number", "0001000000", "1000000", "0001000000' OR '1'='1", "", "x" * 500)
    assert [account.row_id for account in found["0001000000"]] == ["1-A0"]
    assert [found[key] for key in found if key != "0001000000"] == [[]] * 4


async def test_two_accounts_may_have_one_number() -> None:
    crm = Crm(SmallWorld(another(0, number="7"), another(1, number="7"), another(2, number="8")))
    found = await crm.ask("accounts_by_number", "7", "8")
    assert [[account.row_id for account in found[key]] for key in ("7", "8")] == [["1-A0", "1-A1"], ["1-A2"]]


async def test_what_hundreds_resemble_is_refused_and_costs_nobody_else() -> None:
    crowd = [another(index, number=f"a{index:04d}b") for index in range(600)]
    crm = Crm(SmallWorld(*crowd))
    call = Call(
        "siebel", "accounts_by_number", ("a??????b".replace("?", "*"), "a****b", "a0007b"), frozenset({"number"})
    )
    found = await crm.siebel.perform(call, Deadline(5))
    assert found["a0007b"].value is not None
    assert [account.number for account in found["a0007b"].value] == ["a0007b"]
    assert found["a******b"].value == []
    assert found["a****b"].error is not None
    assert found["a****b"].error.code == "BAD_VARIABLE"


SPICE = st.text(st.sampled_from("ab'\"*? OR=1[]()%_\\,;#&+é\n\x00"), min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SPICE, min_size=1, max_size=5, unique_by=str.strip))
async def test_a_hostile_number_is_just_a_number(numbers: list[str]) -> None:
    """Whatever is in it: who has exactly it is found, and nobody else."""
    numbers = [number for number in numbers if number.strip() == number]
    people = [another(index, number=number) for index, number in enumerate(numbers)]
    crm = Crm(SmallWorld(*people, another(len(people), number="innocent")))
    found = await crm.ask("accounts_by_number", *numbers, "x' OR '1'='1")
    assert found.pop("x' OR '1'='1") == []
    assert {key: [account.row_id for account in answer] for key, answer in found.items()} == {
        number: [f"1-A{index}"] for index, number in enumerate(numbers)
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("ab'*?%_{}\\#&+é"), min_size=1, max_size=8).map(lambda name: f"{name}@example.com"))
async def test_a_hostile_address_is_just_an_address(email: str) -> None:
    crm = Crm(SmallWorld(another(0, email=email.upper()), another(1, email="aaaaaaaa@example.com")))
    assert [contact.row_id for contact in (await crm.ask("contacts_by_email", email))[email]] == ["1-C0"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.text(), st.from_regex(r"\A[0-9A-Z]-[0-9A-Z]+\Z"))))
async def test_no_id_breaks_the_question(keys: list[str]) -> None:
    crm = Crm(town())
    found = await crm.ask("contacts", "1-C0", *keys)
    assert found["1-C0"].name == "Jane Doe"
    assert all(contact is None or contact.row_id == key for key, contact in found.items())


async def test_a_name_with_a_quote_is_just_a_name(crm: Crm) -> None:
    assert (await crm.ask("contacts", "1-C1"))["1-C1"].name == "Scarlett O'Hara\" OR '1'='1"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
async def test_moments_carry_the_offset_of_siebels_clock(zone: str) -> None:
    crm = Crm(town(), zone=zone)
    contact = (await crm.ask("contacts", "1-C0"))["1-C0"]
    assert contact.since == JANE.since
    assert contact.since.utcoffset() == JANE.since.astimezone(ZoneInfo(zone)).utcoffset()


async def pages(crm: Crm, since: datetime | None = None) -> list[list[str]]:
    return [[one.row_id for one in page] async for page in crm.siebel.contacts_changed_since(Deadline(10), since)]


async def test_everything_there_is_comes_page_by_page() -> None:
    crm = Crm(SmallWorld(*(another(index) for index in range(250))))
    found = await pages(crm)
    assert [len(page) for page in found] == [100, 100, 50]
    assert len({row_id for page in found for row_id in page}) == 250
    accounts = [page async for page in crm.siebel.accounts_changed_since(Deadline(10), None)]
    assert {account.number for page in accounts for account in page} == {f"{1_000_000 + i:010d}" for i in range(250)}
    assert {query["fields"] for query in crm.queries()} == {
        "Id,Account Id,First Name,Middle Name,Last Name,Email Address,Work Phone #,Cellular Phone #,Updated",
        "Id,CSN,Updated",
    }


async def test_a_full_last_page_is_not_the_end_until_siebel_says_so() -> None:
    crm = Crm(SmallWorld(*(another(index) for index in range(200))))
    assert [len(page) for page in await pages(crm)] == [100, 100]
    assert len(crm.bridge.requests) == 3
    assert await pages(Crm(SmallWorld())) == []


async def test_only_what_changed_since_is_read() -> None:
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 11)]
    crm = Crm(SmallWorld(*(another(index, updated=at) for index, at in enumerate(moments))), zone="Europe/Berlin")
    assert await pages(crm, moments[7]) == [["1-C7", "1-C8", "1-C9"]]
    assert await pages(crm, moments[9] + timedelta(seconds=1)) == []


async def test_the_hour_that_autumn_repeats_hides_no_change() -> None:
    first = datetime(2025, 10, 26, 0, 45, tzinfo=UTC)  # 02:45 summer time in Berlin
    later = datetime(2025, 10, 26, 1, 15, tzinfo=UTC)  # 02:15 winter time: half an hour later, and earlier on the wall
    crm = Crm(SmallWorld(another(0, updated=first), another(1, updated=later)), zone="Europe/Berlin")
    assert "1-C1" in (await pages(crm, first))[0]


async def test_with_a_token_endpoint_the_login_is_bearer() -> None:
    crm = Crm(town(), scheme="bearer", token_url="/oauth2/v1/token")
    await crm.ask("contacts", "1-C0")
    await crm.ask("contacts", "1-C1")
    assert [request.method for request in crm.bridge.requests] == ["POST", "GET", "GET"]


async def test_a_token_that_expired_is_renewed_once_for_everybody() -> None:
    crm = Crm(SmallWorld(*(another(index) for index in range(100))), token_url="http://crm.example/oauth2/v1/token")
    await crm.ask("contacts", "1-C0")
    crm.desk.logins += 1
    assert all((await crm.ask("contacts", *(f"1-C{index}" for index in range(100)))).values())
    assert [request.method for request in crm.bridge.requests].count("POST") == 2


async def test_a_wrong_password_is_refused() -> None:
    crm = Crm(town())
    for options in ({}, {"token_url": "/oauth2/v1/token"}):
        wrong = Siebel(Connection("http://crm.example", "SADMIN", "wrong", options=options), crm.bridge)
        with pytest.raises(Refused):
            await wrong.contacts(wrong.wire(Deadline(5)), ["1-C0"], CONTACT)


def test_a_token_endpoint_elsewhere_stops_the_start() -> None:
    with pytest.raises(ValueError, match="token_url"):
        Siebel(Connection("http://crm.example", options={"token_url": "https://idp.example/token"}), Bridge(None))
