"""The help desk's adapter against bytes its mock would never send: each failure by name, never a wrong value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from resolvers.backends.base import Deadline, Garbled, Refused, Reply, Throttled, TimedOut, Unavailable, Unusable
from resolvers.backends.remedy import IncidentPage, Remedy
from resolvers.backends.remedy.language import Clock
from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency
from tests.resolvers.backends.remedy_lines import Canned, adapter, ask, error, page, values

pytestmark = pytest.mark.anyio

PAGED = {
    "incidents_of_customers": "Customer Number__c",
    "incidents_of_emails": "Internet E-mail",
    "incidents_of_people": "Person ID",
    "incidents_of_orders": "Order Number__c",
    "incidents_of_products": "Product SKU__c",
}
OPERATIONS = ("incidents", *PAGED, "worklogs", "search")
KEY = "a@b.example"
NOON = "2022-06-21T12:00:00.000+0000"


def row(number: str = "INC1", opened: Any = NOON, **more: Any) -> dict[str, Any]:
    """An incident with all that any of the questions needs."""
    keys = dict.fromkeys(PAGED.values(), KEY)
    return {"Incident Number": number, "Submit Date": opened, "Description": KEY, **keys, **more}


def log(key: str = "WLG1", number: str = "INC1", view: Any = "Public", at: Any = NOON, **more: Any) -> dict[str, Any]:
    return {"Work Log ID": key, "Incident Number": number, "View Access": view, "Work Log Date": at, **more}


async def one(*script: Any, operation: str = "incidents", key: str = "INC1", columns: Any = (), **args: Any) -> Any:
    """The outcome for one key, of a script."""
    send = script[0] if isinstance(script[0], Canned) else Canned(*script)
    return (await ask(adapter(send), operation, [key], columns, **args))[key]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400), Refused),
        (error(400, 1587), Refused),
        (error(403, 353), Refused),
        (error(404, 303), Refused),
        (error(414), Refused),
        (error(302), Refused),
        (error(304), Refused),
        (error(429), Throttled),
        (error(500), Unavailable),
        (error(500, 93), Unavailable),
        (error(500, 314), Refused),
        (error(500, 302), Refused),
        (error(502), Unavailable),
        (error(503), Unavailable),
        (error(504), Unavailable),
        (error(201), Garbled),
        (error(204), Garbled),
        (error(206), Garbled),
    ],
)
async def test_each_status_has_its_meaning_for_every_question(reply: Reply, kind: type[Exception]):
    for operation in OPERATIONS:
        found = await one(reply, operation=operation, key=KEY)
        assert type(found.error) is kind, operation
        assert found.error.system == "remedy"
        assert "SECRET" not in str(found.error)


async def test_an_old_release_writes_its_errors_a_little_differently():
    body = b'[{"messageType":"ERROR","messageText":"x","appendedText":"y","messageNumber": 314}]'
    assert type((await one(Reply(500, {}, body))).error) is Refused


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("stated", "seconds"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None), ("-3", None), ("1e9", None)]
)
async def test_a_pause_it_asks_for_is_passed_on(status: int, stated: str, seconds: float | None):
    assert (await one(Reply(status, {"retry-after": stated}, b""))).error.retry_after == seconds


async def test_a_pause_may_be_a_date_on_its_own_clock():
    told = {"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert (await one(Reply(503, told, b""))).error.retry_after == 30


async def test_a_line_that_breaks_is_unavailable():
    assert type((await one(ConnectionResetError("x"))).error) is Unavailable
    assert type((await one(TimeoutError())).error) is TimedOut


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>Mid-Tier</html>",
        b'{"entries":null}',
        b'{"entries":[7]}',
        b'{"entries":[{}]}',
        b'{"entries":[{"values":[]}]}',
        b'{"entries":[{"values":{"Incident Number":"\xff"}}]}',
        b'{"entries":[{"values":{"Incident Number":"INC1"}}]',
        b'{"entries":[],"_links":[]}',
        b'{"entries":[],"_links":{"next":"x"}}',
        b'{"entries":[],"_links":{"next":[{"href":"x"}]}}',
        b'{"entries":[],"numMatches":"many"}',
        b'{"entries":[{"values":{"Incident Number":' + b"[" * 100_000 + b"]" * 100_000 + b"}}]}",
        b'{"entries":' + b"[" * 200_000,
    ],
)
async def test_what_is_no_page_is_garbled(body: bytes):
    for operation in OPERATIONS:
        assert type((await one(Canned(body, endless=True), operation=operation, key=KEY)).error) is Garbled


async def test_a_page_without_links_is_the_last():
    for body in (b'{"entries":[]}', b'{"entries":[],"_links":null}', b'{"entries":[],"_links":{"next":[]}}'):
        assert (await one(body)).value is None
        assert (await one(body, operation="search", key="")).value == IncidentPage([], False)


@pytest.mark.parametrize("number", [None, "", [], {}, 1.5, True, 10**4_000])
async def test_a_row_without_its_number_is_garbled(number: Any):
    for operation in ("incidents", *PAGED, "search"):
        found = await one(page(row(number)), operation=operation, key=KEY)
        assert type(found.error) is Garbled, operation


async def test_a_column_that_was_asked_for_has_to_be_there():
    for name, column in (("Description", "subject"), ("Status", "status"), ("SLM Status", "sla")):
        told = {field: value for field, value in row().items() if field != name}
        assert type((await one(page(told), columns=(column,))).error) is Garbled
    found = await one(page(row(Description=None, Status=None, **{"SLM Status": None})), columns=("subject", "sla"))
    assert (found.value.subject, found.value.sla) == (None, None)


async def test_one_incident_that_cannot_be_read_does_not_cost_the_others():
    send = Canned(page(row("INC1", Status=7.5), row("INC2", Status="New")))
    found = await ask(adapter(send), "incidents", ["INC1", "INC2"], ["status"])
    assert type(found["INC1"].error) is Garbled
    assert found["INC2"].value.status is TicketStatus.NEW


@pytest.mark.parametrize(
    "moment",
    [
        "2022-06-21",
        "2022-06-21T12:00:00",
        "2022-13-01T00:00:00.000+0000",
        "2022-06-21T12:00:00.000+9900",
        "0001-01-01T00:00:00.000+1400",
        "9999-12-31T23:59:59.000-1400",
        "06/21/2022 12:00:00",
        1655809685,
        True,
        [],
    ],
)
async def test_a_moment_without_an_offset_is_garbled(moment: Any):
    assert type((await one(page(row(opened=moment)), columns=("opened_at",))).error) is Garbled
    found = await one(page(row(opened=moment)), operation="incidents_of_orders", key=KEY)
    assert type(found.error) is Garbled


@pytest.mark.parametrize(
    "moment",
    [
        "2022-06-21T14:00:00.000+0200",
        "2022-06-21T12:00:00Z",
        "2022-06-21T07:00:00.000-05:00",
        "2022-06-21T12:00:00+00:00",
    ],
)
async def test_a_moment_keeps_its_offset(moment: str):
    found = await one(page(row(opened=moment)), columns=("opened_at",))
    assert found.value.opened_at == datetime(2022, 6, 21, 12, tzinfo=UTC)


async def test_a_label_that_nobody_knows_is_other():
    told = {"Status": "Waiting for Godot", "Priority": "P0", "Urgency": "0-Now", "Impact": "5-None"}
    found = (await one(page(row(**told)), columns=("status", "priority", "urgency", "impact"))).value
    assert (found.status, found.priority) == (TicketStatus.OTHER, TicketPriority.OTHER)
    assert (found.urgency, found.impact) == (TicketUrgency.OTHER, TicketImpact.OTHER)


@pytest.mark.parametrize(
    ("label", "status", "said"),
    [
        (None, "New", None),
        ("No Service Target Assigned", "New", None),
        ("Within Time Limit", "Assigned", "RUNNING"),
        ("Within the Service Target", "Closed", "MET"),
        ("Within Time Limit", "Waiting for Godot", "MET"),
        ("Service Targets Warning", "Pending", "AT_RISK"),
        ("All Service Targets Breached", "Resolved", "MISSED"),
        ("Service Target Breached", "New", "MISSED"),
        ("Paused", "New", "OTHER"),
    ],
)
async def test_a_service_target_stands_as_its_label_says(label: str | None, status: str, said: str | None):
    found = await one(page(row(Status=status, **{"SLM Status": label})), columns=("sla", "sla.status"))
    assert (found.value.sla and found.value.sla.status) == said


async def test_a_custom_field_may_be_a_number_there():
    told = page(row(**{"Customer Number__c": 1000042}))
    found = await one(told, operation="incidents_of_customers", key="0001000042", columns=("customer_number",))
    assert [incident.customer_number for incident in found.value.incidents] == ["1000042"]


@pytest.mark.parametrize("operation", PAGED)
async def test_rows_that_nobody_asked_for_are_garbled(operation: str):
    stranger = row(**{PAGED[operation]: "x@y.example"})
    assert type((await one(page(stranger), operation=operation, key=KEY)).error) is Garbled


async def test_an_incident_that_nobody_asked_for_is_garbled():
    assert type((await one(page(row("INC2")))).error) is Garbled
    assert type((await one(page(log(number="INC2")), operation="worklogs")).error) is Garbled


async def test_rows_that_differ_in_case_alone_are_left_out():
    told = page(row("INC1", **{"Product SKU__c": "ab"}), row("INC2", **{"Product SKU__c": "AB"}))
    found = await one(told, operation="incidents_of_products", key="AB")
    assert [incident.number for incident in found.value.incidents] == ["INC2"]
    assert (await one(page(row("inc1")))).value is None


async def test_a_row_met_twice_counts_once():
    first = page(row("INC2"), row("INC2"), more=True)
    found = await one(first, page(row("INC2"), row("INC1")), operation="incidents_of_orders", key=KEY, first=5)
    assert [incident.number for incident in found.value.incidents] == ["INC2", "INC1"]
    told = page(log(text=1), log(text=2))
    found = await one(told, operation="worklogs")
    assert len(found.value) == 1


@pytest.mark.parametrize("operation", ["incidents", *PAGED, "worklogs", "search"])
async def test_pages_that_bring_nothing_new_come_to_an_end(operation: str):
    key = KEY if operation in PAGED or operation == "search" else "INC1"
    told = page(log() if operation == "worklogs" else row(), more=True)
    found = await one(Canned(told, endless=True), operation=operation, key=key)
    assert type(found.error) is Garbled


async def test_pages_out_of_order_are_garbled():
    later = "2022-06-22T12:00:00.000+0000"
    told = page(row("INC1"), row("INC2", later), more=True)
    found = await one(Canned(told, endless=True), operation="incidents_of_orders", key=KEY)
    assert type(found.error) is Garbled


async def test_the_next_page_is_asked_for_by_key_and_the_link_is_not_followed():
    canned = Canned(page(row("INC3"), row("INC2"), more=True), page(row("INC1")))
    found = await one(canned, operation="incidents_of_orders", key=KEY, first=5)
    assert [incident.number for incident in found.value.incidents] == ["INC3", "INC2", "INC1"]
    assert canned.asked[1]["q"] == (
        f"('Order Number__c' = \"{KEY}\") AND ('Submit Date' < \"06/21/2022 12:00:00\" OR "
        "('Submit Date' = \"06/21/2022 12:00:00\" AND 'Incident Number' < \"INC2\"))"
    )
    assert all(
        "offset" not in asked and request.target.startswith("/api/")
        for asked, request in zip(canned.asked, canned.requests[1:], strict=True)
    )


async def test_rows_before_the_position_are_left_out():
    told = page(row("INC9"), row("INC5"), row("INC1"))
    found = await one(told, operation="incidents_of_orders", key=KEY, after=("2022-06-21T12:00:00+00:00", "INC5"))
    assert [incident.number for incident in found.value.incidents] == ["INC1"]


async def test_work_logs_go_on_behind_the_last_id():
    canned = Canned(page(log("WLG1"), log("WLG2"), more=True), page(log("WLG3")))
    assert len((await one(canned, operation="worklogs")).value) == 3
    assert canned.asked[1]["q"].endswith("AND 'Work Log ID' > \"WLG2\"")
    assert {asked["sort"] for asked in canned.asked} == {"Work Log ID.asc"}


@pytest.mark.parametrize("view", ["Internal", None, "", "public", "PUBLIC ", "Vendor"])
async def test_a_work_log_that_is_not_said_to_be_public_does_not_get_through(view: Any):
    told = log(view=view, **{"Detailed Description": "CANARY"})
    assert (await one(page(told), operation="worklogs", columns=("text",))).value == []
    (entry,) = (await one(page(told), operation="worklogs", columns=("text", "internal"), internal=True)).value
    assert (entry.text, entry.internal) == ("CANARY", True)


async def test_a_search_looks_at_what_it_was_given():
    told = [row("INC3", Description="100% sure"), row("INC2", Description="100 x sure"), row("INC1", Description=None)]
    canned = Canned(page(*told))
    found = (await one(canned, operation="search", key="100%")).value
    assert [incident.number for incident in found.incidents] == ["INC3"]
    assert canned.asked[0]["q"] == "'Description' LIKE \"%100_%\""


async def test_a_search_that_only_finds_what_looks_alike_is_given_up():
    def told(n: int) -> bytes:
        opened = (datetime(2022, 6, 21, tzinfo=UTC) - timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return page(row(f"INC{n}", opened, Description="nothing"), more=True)

    canned = Canned(*(told(n) for n in range(20)))
    found = await one(canned, operation="search", key="%")
    assert type(found.error) is Unusable
    assert len(canned.asked) == 10


async def test_how_many_there_are_is_told_when_the_server_counts():
    told = page(row("INC2"), more=True, matches=41)
    assert (await one(told, operation="search", key=KEY, first=0)).value.total == 41
    after = {"after": (NOON, "INC9")}
    assert (await one(told, operation="search", key=KEY, first=0, **after)).value.total is None
    wild = page(row("INC2", Description="%"), matches=41)
    assert (await one(wild, operation="search", key="%")).value.total is None


@pytest.mark.parametrize("key", ["a\nb", "\x00", "a\x7f", "\ud800"])
async def test_a_key_with_control_characters_is_not_sent(key: str):
    for operation in OPERATIONS:
        canned = Canned()
        found = await ask(adapter(canned), operation, [key], ())
        assert isinstance(found[key].error, Unusable), operation
        assert canned.requests == [] or operation == "search"
        assert canned.asked == []


async def test_keys_that_are_too_long_for_one_address_become_several_calls():
    keys = [f"{n:02d}" + "🚀" * 200 for n in range(10)]
    canned = Canned(page(), endless=True)
    await values(adapter(canned), "incidents_of_products", keys)
    assert len(canned.asked) == 10
    canned = Canned(page(), endless=True)
    await values(adapter(canned), "incidents_of_emails", ["é" * 120 + "@" + "Ü" * 100 + ".example"] * 3)
    assert all(len(request.target) < 8_000 for request in canned.requests)


async def test_a_portion_that_fails_costs_only_its_own_keys():
    keys = ["a" + "x" * 250, *("🚀" * 250 + str(n) for n in range(2))]
    canned = Canned(page(), error(503), page())
    found = await ask(adapter(canned), "incidents_of_products", keys, ())
    assert sorted(type(outcome.error).__name__ for outcome in found.values()) == ["NoneType", "NoneType", "Unavailable"]


async def test_changes_are_followed_through_a_second_that_many_share():
    def told(*numbers: int, more: bool) -> bytes:
        fields = ("Person ID", "Customer Number__c", "Internet E-mail", "Phone Number", "First Name", "Last Name")
        blank = dict.fromkeys(fields)
        rows = [
            {**blank, "Incident Number": f"INC{n}", "Last Modified Date": NOON, "Person ID": f"P{n}"} for n in numbers
        ]
        return page(*rows, more=more)

    canned = Canned(told(1, 2, more=True), told(2, 3, more=False))
    pages = [found async for found in adapter(canned).requesters_changed_since(Deadline(5))]
    assert [[one.person_id for one in found] for found in pages] == [["P1", "P2"], ["P3"]]
    assert "q" not in canned.asked[0]
    assert "'Incident Number' > \"INC2\"" in canned.asked[1]["q"]
    stuck = Canned(told(1, more=True), endless=True)
    with pytest.raises(Garbled):
        [found async for found in adapter(stuck).requesters_changed_since(Deadline(5))]


async def test_dates_are_on_the_servers_own_clock():
    canned = Canned(page())
    at = datetime(2022, 6, 21, 12, tzinfo=UTC)
    await values(adapter(canned, timezone="Europe/Berlin"), "search", [""], (), opened_from=at)
    assert canned.asked[0]["q"] == "'Submit Date' >= \"06/21/2022 14:00:00\""


async def test_a_date_without_an_offset_is_our_own_mistake():
    with pytest.raises(ValueError, match="offset"):
        await values(adapter(Canned(page())), "search", [""], (), opened_from=datetime(2022, 6, 21))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
async def test_the_ends_of_the_calendar_can_be_asked_for(zone: str):
    ends = {"opened_from": datetime.min.replace(tzinfo=UTC), "opened_before": datetime.max.replace(tzinfo=UTC)}
    found = await values(adapter(Canned(page()), timezone=zone), "search", [""], (), **ends)
    assert found[""] == IncidentPage([], False)


def test_where_clocks_go_back_more_is_asked_for_than_is_meant():
    clock = Clock(ZoneInfo("Europe/Berlin"))
    twice = datetime(2022, 10, 30, 0, 30, tzinfo=UTC)
    assert clock.below("D", twice, "N", "1") == "'D' < \"10/30/2022 03:30:00\""
    assert clock.beyond("D", twice, "N", "1") == "'D' >= \"10/30/2022 00:30:00\""


async def test_secrets_are_in_no_error():
    canned = Canned(error(400, 314))
    found = await one(canned)
    assert Remedy.name in str(found.error)
    assert "AR-JWT" not in str(found.error)
