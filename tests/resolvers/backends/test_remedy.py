"""The help desk's adapter against its mock: every question, over HTTP in this process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mocks import remedy as mock
from mocks.control import controlled
from mocks.world import World, open_world
from mocks.world.helpdesk import HOSTILE, Ticket
from mocks.world.tickets import MANY_TICKETS, Tickets
from resolvers import normalise
from resolvers.backends.base import Deadline, Unusable
from resolvers.backends.remedy import Incident, IncidentPage, Remedy, Requester, Sla
from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency
from tests.mocks.remedy_client import CREATE, HELP_DESK, NEW, WORK_LOG
from tests.resolvers.backends.remedy_lines import ToMock, adapter, ask, values

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINKS = ("person_id", "customer_number", "email", "phone", "order_number", "sku")
TRAPS = (
    "O'Hara\" OR '1'='1",
    "%",
    "_",
    "*",
    "?",
    "#",
    "&",
    "+",
    "\\",
    "[a]",
    '""',
    "🚀",
    "שלום",
    "$NULL$",
    "a,b",
    "00",
)


class Desk:
    """A help desk of a small company, and the adapter that asks it."""

    def __init__(self, world: World, **options: str) -> None:
        self.app = controlled({"remedy": mock.create(world)}, open_control=True)["remedy"]
        self.line = ToMock(self.app)
        self.remedy = adapter(self.line, **options)
        self.tickets = Tickets(world)

    async def ask(self, operation: str, *keys: Any, columns: Any = None, **args: Any) -> dict[Any, Any]:
        return await values(self.remedy, operation, keys, columns, **args)

    async def write(self, form: str, **told: Any) -> str:
        """Number of a new incident, or of the one a work log was written for."""
        return await write(self.line, form, told)

    async def post(self, path: str, body: dict[str, Any]) -> None:
        await self.line._client.post(path, json=body)


async def write(line: ToMock, form: str, told: dict[str, Any]) -> str:
    client = line._client
    login = {"username": mock.USERNAME, "password": mock.PASSWORD}
    token = (await client.post("/api/jwt/login", data=login)).text
    reply = await client.post(
        f"/api/arsys/v1/entry/{form}",
        params={"fields": "values(Incident Number)"},
        json={"values": told},
        headers={"Authorization": f"AR-JWT {token}"},
    )
    assert reply.status_code == 201, reply.text
    return str(reply.json()["values"]["Incident Number"])


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=150, now=NOW)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def numbers(page: IncidentPage) -> list[str]:
    return [incident.number for incident in page.incidents]


def newest(rows: list[Ticket]) -> list[str]:
    return [one.number for one in sorted(rows, key=lambda one: (one.submitted_at, one.number), reverse=True)]


def every(desk: Desk) -> list[Ticket]:
    return [desk.tickets.ticket(one) for one in range(len(desk.tickets))]


async def test_an_incident_in_our_words(desk: Desk):
    ticket, about = desk.tickets.ticket(2), desk.tickets.about(2)
    found = await desk.ask("incidents", ticket.number, "INC000000000000000", columns=None)
    assert found == {
        "INC000000000000000": None,
        ticket.number: Incident(
            number=ticket.number,
            subject=ticket.summary,
            description=ticket.notes,
            status=TicketStatus[ticket.status.upper().replace(" ", "_")],
            word=ticket.status,
            priority=TicketPriority[ticket.priority.upper()],
            urgency=TicketUrgency[ticket.urgency[2:].upper()],
            impact=TicketImpact[ticket.impact[2:].partition("/")[0].upper()],
            opened_at=ticket.submitted_at,
            resolved_at=ticket.resolved_at,
            sla=Sla(ticket.target, ticket.due_at, found[ticket.number].sla.status),
            assigned_group=ticket.group,
            assignee=ticket.assignee or None,
            person_id=ticket.person_id,
            customer_number=ticket.customer_number,
            email=ticket.email,
            phone=ticket.phone,
            order_number=about.order_number or None,
            sku=about.sku or None,
        ),
    }
    assert found[ticket.number].sla.status in ("MET", "MISSED")
    assert found[ticket.number].opened_at.tzinfo is not None


async def test_a_service_target_is_running_met_or_missed(desk: Desk):
    rows = every(desk)
    found = await desk.ask("incidents", *(one.number for one in rows), columns=("sla", "sla.status", "status"))
    for one in rows:
        sla, done = found[one.number].sla, one.status in ("Resolved", "Closed")
        said = one.slm_status(NOW)
        wanted = {"Within Time Limit": "MET" if done else "RUNNING", "Service Targets Breached": "MISSED"}
        assert (sla and sla.status) == (None if one.due_at is None else wanted.get(said, "AT_RISK"))


async def test_only_the_columns_asked_for_travel_and_keys(desk: Desk):
    number = desk.tickets.ticket(0).number
    await desk.ask("incidents", number, columns=("subject", "sla", "sla.due_at"))
    await desk.ask("incidents", number, columns=("sla", "sla.status"))
    await desk.ask("incidents_of_orders", "x", columns=("status",))
    await desk.ask("worklogs", number, columns=("text",))
    await desk.ask("search", "x", columns=())
    assert [asked["fields"] for asked in desk.line.asked] == [
        "values(Incident Number,Description,SLM Status,Required Resolution DateTime)",
        "values(Incident Number,SLM Status,Status)",
        "values(Incident Number,Submit Date,Order Number__c,Status)",
        "values(Work Log ID,Incident Number,Work Log Date,View Access,Detailed Description)",
        "values(Incident Number,Submit Date,Description)",
    ]


async def test_a_number_is_there_only_for_whom_it_is_limited_to(desk: Desk):
    rows = [row for row in every(desk) if row.assignee and row.person_id]
    one = rows[0]
    other = next(row for row in rows if row.assignee != one.assignee and row.person_id != one.person_id)
    asked = (one.number, other.number)
    mine = await desk.ask("incidents", *asked, columns=("assignee",), assignees=(one.assignee,))
    assert {number: found and found.assignee for number, found in mine.items()} == {
        one.number: one.assignee,
        other.number: None,
    }
    reported = await desk.ask("incidents", *asked, columns=(), people=(other.person_id,))
    assert [bool(reported[number]) for number in asked] == [False, True]
    assert not any((await desk.ask("incidents", *asked, people=("nobody",))).values())


async def test_what_was_not_asked_for_is_none(desk: Desk):
    (found,) = (await desk.ask("incidents", desk.tickets.ticket(0).number, columns=("subject",))).values()
    known = {name for name in found.__struct_fields__ if getattr(found, name) is not None}
    assert known == {"number", "subject"}


async def test_twenty_five_customers_are_one_call(desk: Desk, world: World):
    known = [desk.tickets.requester(index).customer_number for index in range(2, 60)]
    keys = [number for number in known if number][:25]
    found = await desk.ask("incidents_of_customers", *keys, columns=("subject",), first=4)
    assert len(desk.line.asked) == 1
    rows = every(desk)
    assert {key: numbers(found[key]) for key in keys} == {
        key: newest([one for one in rows if one.customer_number == key])[:4] for key in keys
    }


@pytest.mark.parametrize("spelled", ["1000001", "0001000001", "00000000001000001"])
async def test_a_customer_number_may_have_zeros_before_it(desk: Desk, spelled: str):
    found = await desk.ask("incidents_of_customers", spelled, first=30)
    assert len(found[spelled].incidents) == 30
    assert {one.customer_number for one in found[spelled].incidents} == {"1000001"}


async def test_two_spellings_of_one_number_both_get_their_answer(desk: Desk):
    found = await desk.ask("incidents_of_customers", "1000000", "0001000000")
    assert len(desk.line.asked) == 1
    assert found["1000000"] == found["0001000000"]
    assert len(found["1000000"].incidents) == 3


async def test_who_has_no_tickets_has_an_empty_page(desk: Desk):
    for operation in ("customers", "emails", "people", "orders", "products"):
        keys = ("nothing@example.com", "", 7, "x" * 300, "000")
        found = await desk.ask(f"incidents_of_{operation}", *keys)
        assert found == dict.fromkeys(keys, IncidentPage([], False))


async def test_pages_follow_each_other_without_loss_while_tickets_come_in(desk: Desk):
    wanted = newest([desk.tickets.ticket(one) for one in desk.tickets.of_customer(MANY_TICKETS)])
    read: list[str] = []
    after = None
    while True:
        page = (await desk.ask("incidents_of_customers", "1000001", columns=(), first=7, after=after))["1000001"]
        read += numbers(page)
        if not page.has_next:
            break
        assert len(page.incidents) == 7
        after = (page.incidents[-1].opened_at.isoformat(), page.incidents[-1].number)
        await desk.write(CREATE, **NEW, **{"Customer Number__c": "1000001"})
    assert read == wanted
    assert {asked["limit"] for asked in desk.line.asked} == {"8"}


async def test_tickets_of_one_second_are_all_read(world: World):
    desk = Desk(world)
    told = [await desk.write(CREATE, **NEW, **{"Order Number__c": "SAME"}) for _ in range(9)]
    read: list[str] = []
    after = None
    for _ in range(5):
        page = (await desk.ask("incidents_of_orders", "SAME", first=2, after=after))["SAME"]
        read += numbers(page)
        after = (page.incidents[-1].opened_at.isoformat(), page.incidents[-1].number)
    assert read == sorted(told, reverse=True)


async def test_a_customer_with_many_tickets_does_not_crowd_out_the_others(desk: Desk):
    others = [one.customer_number for one in every(desk) if one.customer_number not in ("", "1000001")]
    keys = ["1000001", *list(dict.fromkeys(others))[:20]]
    found = await desk.ask("incidents_of_customers", *keys, columns=(), first=1)
    assert all(len(found[key].incidents) == 1 for key in keys)
    assert found["1000001"].has_next
    assert len(desk.line.asked) <= 4


async def test_an_e_mail_address_is_found_however_it_is_written(desk: Desk):
    rows = every(desk)
    written = {one.email for one in rows if one.email}
    shouted = [email.upper() for email in written if email != email.lower()][:20]
    assert len(shouted) > 5
    found = await desk.ask("incidents_of_emails", *shouted, columns=("email",), first=40)
    for key in shouted:
        wanted = newest([one for one in rows if normalise.email(one.email) == normalise.email(key)])
        assert numbers(found[key]) == wanted != []


async def test_tickets_without_a_number_are_found_by_e_mail_alone(desk: Desk):
    rows = every(desk)
    emails = list({one.email for one in rows if one.email})
    found = await desk.ask("incidents_of_emails", *emails, columns=("customer_number",), first=40, unnumbered=True)
    told = [number for page in found.values() for number in numbers(page)]
    assert set(told) == {one.number for one in rows if one.email and not one.customer_number}
    assert all(one.customer_number is None for page in found.values() for one in page.incidents)


async def test_a_requesters_tickets_are_found_by_remedys_own_key(desk: Desk):
    rows = every(desk)
    people = list({one.person_id for one in rows})[:25]
    found = await desk.ask("incidents_of_people", *people, columns=("person_id",), first=40)
    assert {key: numbers(page) for key, page in found.items()} == {
        key: newest([one for one in rows if one.person_id == key]) for key in people
    }


async def test_orders_and_products_lead_to_their_tickets(desk: Desk):
    rows = every(desk)
    for operation, name in (("incidents_of_orders", "order_number"), ("incidents_of_products", "sku")):
        about = {one.number: getattr(desk.tickets.about(one.ordinal), name) for one in rows}
        keys = list({key for key in about.values() if key})[:60]
        found = await desk.ask(operation, *keys, columns=(name,), first=40)
        for key in keys:
            assert numbers(found[key]) == newest([one for one in rows if about[one.number] == key]) != []


async def test_a_sku_is_told_from_one_that_differs_in_case_or_zeros(desk: Desk):
    spellings = ("Ab-1", "AB-1", "ab-1", "042", "42", "Ab-1 ")
    told = {sku: await desk.write(CREATE, **NEW, **{"Product SKU__c": sku}) for sku in spellings}
    found = await desk.ask("incidents_of_products", *spellings, columns=())
    assert {sku: numbers(page) for sku, page in found.items()} == {sku: [number] for sku, number in told.items()}


async def test_public_work_logs_never_bring_internal_ones_along(desk: Desk):
    last = desk.tickets.of_customer(MANY_TICKETS)[-1]
    ordinals = [last, 0, 1, 2]
    keys = [desk.tickets.ticket(one).number for one in ordinals]
    columns = ("at", "author", "text", "internal")
    public = await desk.ask("worklogs", *keys, "INC0", columns=columns)
    internal = await desk.ask("worklogs", *keys, columns=columns, internal=True)
    assert public["INC0"] == []
    for one, key in zip(ordinals, keys, strict=True):
        logs = desk.tickets.worklogs(one)
        assert [entry.text for entry in public[key]] == [log.text for log in logs if not log.internal]
        assert [entry.text for entry in internal[key]] == [log.text for log in logs if log.internal]
        assert [entry.at for entry in public[key]] == [log.at for log in logs if not log.internal]
        assert not any(entry.internal for entry in public[key])
    assert len(desk.line.asked) == 2
    assert "'View Access' = \"Public\"" in desk.line.asked[0]["q"]


async def test_a_history_is_read_to_its_end_and_told_in_order(desk: Desk):
    number = desk.tickets.ticket(0).number
    before = await desk.ask("worklogs", number, columns=("text",))
    for day in (3, 1, 2):
        at = f"2026-03-0{day}T10:00:00.000+0000"
        text = {"Detailed Description": f"day {day}", "View Access": "Public", "Work Log Date": at}
        await desk.write(WORK_LOG, **{"Incident Number": number}, **text)
    after = await desk.ask("worklogs", number, columns=("text",))
    assert [one.text for one in after[number]] == [one.text for one in before[number]] + ["day 1", "day 2", "day 3"]


async def test_a_search_finds_part_of_a_subject_whatever_its_case(desk: Desk):
    rows = [one for one in every(desk) if "parcel" in one.summary.lower()]
    page = (await desk.ask("search", "PARCEL", first=100))["PARCEL"]
    assert numbers(page) == newest(rows)
    assert not page.has_next
    assert page.total is None


@pytest.mark.parametrize("text", [*HOSTILE, *TRAPS, "%_%", "[a-z]", "_are "])
async def test_what_looks_like_a_wildcard_is_just_a_text(desk: Desk, text: str):
    wanted = newest([one for one in every(desk) if text.lower() in one.summary.lower()])
    assert numbers((await desk.ask("search", text, columns=(), first=100))[text]) == wanted


async def test_a_search_has_pages(desk: Desk):
    wanted = newest(every(desk))
    first = (await desk.ask("search", "", columns=(), first=30))[""]
    assert (numbers(first), first.has_next) == (wanted[:30], True)
    after = (first.incidents[-1].opened_at.isoformat(), first.incidents[-1].number)
    rest = (await desk.ask("search", "", columns=(), first=1000, after=after))[""]
    assert (numbers(rest), rest.has_next) == (wanted[30:], False)
    marks = [one.number for one in every(desk) if "%" in one.summary]
    page = (await desk.ask("search", "%", columns=(), first=1))["%"]
    assert page.has_next == (len(marks) > 1)


async def test_a_search_is_narrowed_by_state_priority_and_time(desk: Desk):
    rows = every(desk)
    since, until = NOW - timedelta(days=400), NOW - timedelta(days=20)
    filters: dict[str, Any] = {"status": (TicketStatus.CLOSED, "RESOLVED"), "priority": ("HIGH", "MEDIUM")}
    filters |= {"opened_from": since, "opened_before": until}
    page = (await desk.ask("search", "", first=500, **filters))[""]
    assert numbers(page) == newest(
        [
            one
            for one in rows
            if one.status in ("Closed", "Resolved")
            and one.priority in ("High", "Medium")
            and since <= one.submitted_at < until
        ]
    )
    assert len(page.incidents) > 5
    (asked,) = desk.line.asked
    assert asked["q"].count(" AND ") == 3, "all of it is the server's to decide"


async def test_the_moment_a_search_begins_with_is_in_it_and_the_last_is_not(desk: Desk):
    one = every(desk)[7]
    at, later = one.submitted_at, one.submitted_at + timedelta(seconds=1)
    page = (await desk.ask("search", "", opened_from=at, opened_before=later))[""]
    assert one.number in numbers(page)
    assert one.number not in numbers((await desk.ask("search", "", opened_from=later, first=500))[""])
    assert one.number not in numbers((await desk.ask("search", "", opened_before=at, first=500))[""])


async def test_a_state_that_the_graph_has_no_word_for_is_everything_else(desk: Desk):
    assert (await desk.ask("search", "", status=("OTHER",)))[""].incidents == []
    everything = (await desk.ask("search", "", status=("OTHER", *TicketStatus), first=1000))[""]
    assert len(everything.incidents) == len(desk.tickets)
    found = await ask(desk.remedy, "search", [""], status=("LOST",))
    assert isinstance(found[""].error, Unusable)


async def test_everybody_who_called_is_told_oldest_change_first(desk: Desk):
    pages = [page async for page in desk.remedy.requesters_changed_since(Deadline(5))]
    told = [one for page in pages for one in page]
    assert [one.updated for one in pages[0]] == sorted(one.updated for one in pages[0])
    rows = every(desk)
    last = {one.person_id: one for one in sorted(rows, key=lambda one: (one.modified_at, one.number))}
    assert {one.person_id: one for one in told} == {
        key: Requester(
            person_id=key,
            customer_number=one.customer_number or None,
            email=one.email or None,
            phone=one.phone or None,
            name=" ".join(filter(None, (one.first_name, one.last_name))) or None,
            updated=one.modified_at,
        )
        for key, one in last.items()
    }


async def test_the_next_time_only_what_changed_is_told(desk: Desk):
    async for page in desk.remedy.requesters_changed_since(Deadline(5)):
        since = page[-1].updated
    await desk.write(CREATE, **NEW, **{"Internet E-mail": "new@example.com"})
    told = [one async for page in desk.remedy.requesters_changed_since(Deadline(5), since) for one in page]
    assert [one.email for one in told][-1] == "new@example.com"
    assert len(told) < 5
    assert [page async for page in desk.remedy.requesters_changed_since(Deadline(5), NOW + timedelta(days=1))] == []


async def test_an_old_mid_tier_header_and_the_scheme_are_sent(desk: Desk):
    await desk.ask("incidents", "INC1")
    headers = dict(desk.line.requests[-1].headers)
    assert headers["x-requested-by"] == "XMLHttpRequest"
    assert headers["authorization"].startswith("AR-JWT ")
    assert "+" not in desk.line.requests[-1].target.partition("?")[2]


async def test_the_same_questions_go_to_the_interface_form(world: World):
    desk = Desk(world, form="HPD:IncidentInterface")
    number = desk.tickets.ticket(0).number
    assert (await desk.ask("incidents", number, columns=("subject",)))[number].subject
    assert "/HPD:IncidentInterface?" in desk.line.requests[-1].target


async def test_custom_fields_have_the_names_the_settings_give_them(world: World):
    desk = Desk(world, customer_field="Phone Number", order_field="Vendor Ticket Number")
    one = next(one for one in every(desk) if one.phone)
    found = await desk.ask("incidents_of_customers", one.phone, columns=("order_number",))
    assert one.number in numbers(found[one.phone])
    assert "Vendor Ticket Number" in desk.line.asked[0]["fields"]


@pytest.mark.parametrize("name", ["it's", 'a"b', "a,b", "a(b)", "a\nb"])
def test_a_setting_that_is_no_field_stops_the_start(name: str):
    with pytest.raises(ValueError, match="no name of a field"):
        adapter(None, order_field=name)


def test_a_time_zone_that_is_none_stops_the_start():
    with pytest.raises(ValueError, match="time zone"):
        adapter(None, timezone="Mars/Base")


KEYS = some.one_of(
    some.text(some.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60),
    some.lists(some.sampled_from(TRAPS), min_size=1, max_size=4).map("".join),
)


@given(texts=some.lists(KEYS, min_size=1, max_size=6, unique_by=lambda text: text))
@settings(max_examples=40)
async def test_a_hostile_key_finds_its_own_tickets_and_no_others(world: World, texts: list[str]):
    desk = Desk(world)
    told: dict[str, str] = {}
    for text in texts:
        fields = {"Order Number__c": text, "Product SKU__c": text, "Description": text}
        told[text] = await desk.write(CREATE, **NEW | fields)
    for operation in ("incidents_of_orders", "incidents_of_products"):
        found = await desk.ask(operation, *texts, columns=("sku",))
        assert {text: numbers(page) for text, page in found.items()} == {text: [told[text]] for text in texts}
    for text in texts:
        page = (await desk.ask("search", text, columns=("subject",), first=100))[text]
        assert told[text] in numbers(page)
        assert all(text.casefold() in (one.subject or "").casefold() for one in page.incidents)


@given(some.text(some.sampled_from("'\"=() \\%_*?#&+;[]ORANDINC0123🚀ש"), min_size=1, max_size=40))
@settings(max_examples=100)
async def test_a_hostile_key_finds_nothing_it_is_not(world: World, text: str):
    desk = Desk(world)
    for operation in ("incidents_of_customers", "incidents_of_people", "incidents_of_orders"):
        page = (await desk.ask(operation, text, columns=LINKS))[text]
        assert page.incidents == []
    assert (await desk.ask("incidents", text)) == {text: None}
    assert (await desk.ask("worklogs", text)) == {text: []}


@given(some.from_regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,20}@[a-z]{1,8}\.example", fullmatch=True))
@settings(max_examples=40)
async def test_a_hostile_e_mail_address_finds_its_own_tickets(world: World, email: str):
    desk = Desk(world)
    number = await desk.write(CREATE, **NEW | {"Internet E-mail": email.swapcase()})
    found = await desk.ask("incidents_of_emails", email, columns=("email",))
    assert numbers(found[email]) == ([number] if normalise.email(email) else [])


async def test_the_request_log_shows_columns_and_keys(desk: Desk):
    number = desk.tickets.ticket(0).number
    await desk.ask("incidents", number, columns=("subject",))
    (entry,) = [one for one in desk.app.desk.requests if one["operation"] != "login"]
    assert entry["operation"] == f"{HELP_DESK}.query"
    assert entry["columns"] == ["Description", "Incident Number"]
    assert entry["keys"] == [number]


def test_every_column_of_an_incident_is_an_attribute_of_it():
    for operation in (Remedy.incidents, Remedy.search, Remedy.incidents_of_orders):
        assert {name.partition(".")[0] for name in operation.columns} == set(Incident.__struct_fields__)
