"""The FedEx adapter: on the line to its mock, and on replies that no mock of ours would give."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from mocks.control import controlled
from mocks.fedex import CLIENT_ID, CLIENT_SECRET, GUEST_ID, create
from resolvers.backends.base import Garbled, Refused, Throttled, Unavailable
from resolvers.backends.fedex import MOST_NUMBERS
from resolvers.backends.fedex.adapter import TRACK
from schema.shipping import ShipmentStatus
from tests.mocks.parcel_world import ending, known, world
from tests.resolvers.backends.carrier_lines import Canned, ToMock, ask, asked, fedex, logins, reply

pytestmark = pytest.mark.anyio
TOKEN = {"access_token": "eyJ.x", "token_type": "bearer", "expires_in": 3599, "scope": "CXS"}
NUMBER = "794843185271"


@pytest.fixture
def mock() -> ToMock:
    return ToMock(create(world()))


def of(mock: Any) -> Any:
    return fedex(mock, CLIENT_ID, CLIENT_SECRET)


def canned(*script: Any, login: Any = None) -> Canned:
    return Canned(*script, logins=[reply(TOKEN)] if login is None else login)


def answer(*results: Any, number: str = NUMBER) -> bytes:
    complete = [{"trackingNumber": number, "trackResults": list(results)}]
    return json.dumps({"transactionId": "t", "output": {"completeTrackResults": complete}}).encode()


def result(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {"trackingNumberInfo": {"trackingNumber": number, "trackingNumberUniqueId": "u"}} | more


def scan(at: str, kind: str = "IT", text: str = "", **more: Any) -> dict[str, Any]:
    return {"date": at, "eventType": kind, "eventDescription": text, "derivedStatusCode": kind} | more


async def told(body: bytes, columns: list[str] | None = None) -> Any:
    return (await ask(fedex(canned(body)), [NUMBER], columns))[NUMBER]


# -- what it makes of the mock's ---------------------------------------------------------------------------------------


async def test_every_parcel_comes_back_as_the_world_has_it(mock):
    parcels = known("FedEx", 90)[:90]
    adapter, found = of(mock), {}
    for at in range(0, len(parcels), MOST_NUMBERS):
        found |= await ask(adapter, [one.number for one in parcels[at : at + MOST_NUMBERS]])
    for parcel in parcels:
        track = found[parcel.number].value
        assert [event.at for event in track.events] == [scan.at for scan in reversed(parcel.scans)]
        assert (track.delivered_at, track.promised_on) == (parcel.delivered_at, parcel.promised_on)
        assert (track.carrier, track.status) == ("FedEx", track.events[0].kind)
        assert (track.signed_for_by or "", track.left_at or "") == (parcel.signed_by, parcel.left_at)
        going = parcel.scans[-1].kind not in ("delivered", "returning", "cancelled")
        assert track.estimated_on == (parcel.estimated_on if going else None)
    assert logins(mock) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [("delivered", "DELIVERED"), ("returning", "RETURNED"), ("label", "LABEL_CREATED"), ("departed", "IN_TRANSIT")],
)
async def test_each_state_has_its_word(mock, kind, status):
    parcel = ending("FedEx", kind)
    assert (await ask(of(mock), [parcel.number]))[parcel.number].value.status is ShipmentStatus[status]


async def test_thirty_parcels_are_one_call_and_what_is_not_there_costs_the_others_nothing(mock):
    numbers = [one.number for one in known("FedEx", 90)[:28]] + ["123456789012", known("UPS", 90)[0].number]
    found = await ask(of(mock), numbers)
    assert [one.value is not None for one in found.values()] == [True] * 28 + [False] * 2
    assert [one.error for one in found.values()] == [None] * 30
    (request,) = asked(mock)
    assert len(json.loads(request.body)["trackingInfo"]) == 30


async def test_only_what_is_asked_for_is_told_and_scans_travel_only_when_asked_for(mock):
    parcel = ending("FedEx", "delivered")
    track = (await ask(of(mock), [parcel.number], ["status"]))[parcel.number].value
    assert track.status is ShipmentStatus.DELIVERED
    assert (track.events, track.signed_for_by, track.delivered_at, track.service) == (None, None, None, None)
    assert json.loads(asked(mock)[0].body)["includeDetailedScans"] is False
    track = (await ask(of(mock), [parcel.number], ["events", "events.at"]))[parcel.number].value
    assert len(track.events) == len(parcel.scans)
    assert json.loads(asked(mock)[1].body)["includeDetailedScans"] is True


async def test_what_it_takes_to_know_whether_a_parcel_is_late_comes_along(mock):
    parcel = ending("FedEx", "delivered")
    track = (await ask(of(mock), [parcel.number], ["late"]))[parcel.number].value
    assert (track.promised_on, track.delivered_at) == (parcel.promised_on, parcel.delivered_at)


@pytest.mark.parametrize("column", TRACK)
async def test_every_column_can_be_asked_for_alone(mock, column):
    number = ending("FedEx", "delivered").number
    assert (await ask(of(mock), [number], [column]))[number].error is None


async def test_fifty_questions_at_once_keep_to_thirty_numbers_eight_at_a_time_and_one_log_in():
    desk = controlled({"fedex": create(world())}, open_control=True)["fedex"]
    line = ToMock(desk, slow=0.002)
    adapter, parcels = of(line), known("FedEx", 90)
    numbers = [parcels[n % len(parcels)].number for n in range(MOST_NUMBERS)]
    found = await asyncio.gather(*(ask(adapter, numbers) for _ in range(50)))
    assert all(one.value for answers in found for one in answers.values())
    log = desk.desk.requests
    assert sum(entry["operation"] == "token" for entry in log) == 1
    assert max(len(entry["keys"]) for entry in log) <= 30
    assert {entry["status"] for entry in log} == {200}
    assert line.most_at_once <= 8


async def test_no_more_than_1400_go_in_ten_seconds():
    adapter = of(ToMock(create(world())))
    for _ in range(140):
        adapter.pace.took(0.0)
    assert adapter.pace.wait() > 0.5


# -- the log-in ---------------------------------------------------------------------------------------------------------


async def test_a_token_that_has_ended_is_renewed_once_for_all(mock):
    desk = controlled({"fedex": create(world())}, open_control=True)["fedex"]
    line = ToMock(desk)
    adapter, number = of(line), known("FedEx", 90)[0].number
    await ask(adapter, [number])
    desk.desk.epoch += 1
    found = await asyncio.gather(*(ask(adapter, [number]) for _ in range(20)))
    assert all(one[number].value for one in found)
    assert logins(line) == 2


async def test_a_token_is_renewed_before_it_ends():
    line = canned(answer(result()), login=[reply(TOKEN | {"expires_in": 0}), reply(TOKEN)])
    adapter = fedex(line)
    await ask(adapter, [NUMBER])
    await ask(adapter, [NUMBER])
    await ask(adapter, [NUMBER])
    assert logins(line) == 2


async def test_a_project_that_lacks_the_api_is_refused_and_does_not_log_in_for_ever(mock):
    adapter = fedex(mock, GUEST_ID, CLIENT_SECRET)
    found = [(await ask(adapter, [NUMBER]))[NUMBER] for _ in range(10)]
    assert all(isinstance(one.error, Refused) for one in found)
    assert logins(mock) == 2


async def test_a_refused_log_in_is_refused_to_all_who_wait(mock):
    adapter = fedex(mock, "nobody", "x")
    found = await asyncio.gather(*(ask(adapter, [NUMBER]) for _ in range(20)))
    assert all(isinstance(one[NUMBER].error, Refused) for one in found)
    assert logins(mock) == 1


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        (reply({"errors": [{"code": "FORBIDDEN.ERROR"}]}, 403), Refused),
        (reply({}, 503), Unavailable),
        (reply({}, 429, **{"retry-after": "7"}), Throttled),
        (reply(b"<html>"), Garbled),
        (reply({"access_token": "a b", "expires_in": 1}), Garbled),
        (reply({"access_token": "x", "expires_in": -1}), Garbled),
        (reply({}), Garbled),
        (ConnectionRefusedError(), Unavailable),
    ],
)
async def test_a_log_in_that_fails_says_how(login, kind):
    found = (await ask(fedex(canned(answer(result()), login=[login])), [NUMBER]))[NUMBER]
    assert type(found.error) is kind


# -- bad days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TRACKING.TRACKINGNUMBER.NOTFOUND", type(None)),
        ("TRACKING.DATA.NOTFOUND", type(None)),
        ("TRACKING.TRACKINGNUMBER.INVALID", type(None)),
        ("INTERNAL.SERVER.ERROR", Unavailable),
        ("SERVICE.UNAVAILABLE.ERROR", Unavailable),
        ("FORBIDDEN.ERROR", Refused),
        ("", Refused),
    ],
)
async def test_an_error_inside_a_200_is_told_for_its_number(code, kind):
    found = await told(answer(result(error={"code": code, "message": "SECRET"})))
    assert (type(found.error), found.value) == (kind, None)
    assert "SECRET" not in str(found.error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (403, Refused), (404, Refused), (429, Throttled), (500, Unavailable), (503, Unavailable), (204, Garbled), (302, Refused)],
)  # fmt: skip
async def test_each_status_has_its_meaning(status, kind):
    body = {"errors": [{"code": "SOME.CODE.ERROR", "message": "SECRET"}]}
    found = await told(reply(body, status, **{"retry-after": "3"}))  # type: ignore[arg-type]
    assert type(found.error) is kind
    assert "SECRET" not in str(found.error)
    if status in (429, 503):
        assert found.error.retry_after == 3.0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"output": {}}',
        b'{"output": {"completeTrackResults": [{"trackingNumber": "794843185271"}]}}',
        answer(result(scanEvents=[scan("yesterday")])),
        answer(result(scanEvents=[{"eventType": "IT"}])),
        answer(result(scanEvents=[scan("2024-13-01T00:00:00Z")])),
        answer(result(dateAndTimes=[{"type": "ACTUAL_DELIVERY", "dateTime": "soon"}])),
        answer(result(dateAndTimes=[{"type": 1, "dateTime": "2024-03-01T00:00:00Z"}])),
        answer(result(standardTransitTimeWindow={"window": {"ends": "2024"}})),
        answer(result(standardTransitTimeWindow={"window": {"ends": "2024-02-30T00:00:00"}})),
        answer(result(latestStatusDetail={"derivedCode": 5})),
        answer(result("111111111111")),
        answer(),
        answer(7),
        b'{"output": {"completeTrackResults": [{"trackingNumber": "1", "trackResults": []}]}}',
        b"[" * 100_000,
    ],
)
async def test_what_does_not_add_up_is_garbled(body):
    assert isinstance((await told(body)).error, Garbled)


async def test_one_number_that_cannot_be_read_does_not_cost_the_others():
    good = {"trackingNumber": "1111", "trackResults": [result("1111", latestStatusDetail={"derivedCode": "OD"})]}
    bad = {"trackingNumber": "2222", "trackResults": [result("2222", scanEvents=[scan("never")])]}
    worse = {"trackingNumber": "3333", "trackResults": "none"}
    body = json.dumps({"output": {"completeTrackResults": [good, bad, worse]}}).encode()
    found = await ask(fedex(canned(body)), ["1111", "2222", "3333", "4444"])
    assert found["1111"].value.status is ShipmentStatus.OUT_FOR_DELIVERY
    assert isinstance(found["2222"].error, Garbled)
    assert isinstance(found["3333"].error, Garbled)
    assert (found["4444"].value, found["4444"].error) == (None, None)


async def test_of_a_number_used_twice_the_parcel_that_moved_last_is_meant():
    old = result(scanEvents=[scan("2022-01-02T10:00:00-06:00", "DL")], latestStatusDetail={"derivedCode": "DL"})
    new = result(scanEvents=[scan("2024-03-02T02:14:00-06:00")], latestStatusDetail={"derivedCode": "IT"})
    lacking = result(error={"code": "TRACKING.TRACKINGNUMBER.NOTFOUND"})
    for results in ([old, new], [new, old], [lacking, old, new], [result(), new]):
        assert (await told(answer(*results))).value.status is ShipmentStatus.IN_TRANSIT


async def test_scans_in_any_order_come_back_with_the_newest_first():
    times = ["2024-03-01T12:00:00-06:00", "2024-03-02T08:00:00+01:00", "2024-03-01T23:00:00-08:00"]
    found = (await told(answer(result(scanEvents=[scan(at) for at in times])))).value
    assert [event.at.astimezone(UTC).hour for event in found.events] == [7, 7, 18]
    assert found.events[0].at == datetime(2024, 3, 1, 23, tzinfo=timezone(timedelta(hours=-8)))


async def test_a_moment_without_an_offset_is_not_guessed():
    (event,) = (await told(answer(result(scanEvents=[scan("2024-03-02T02:14:00", text="Somewhere")])))).value.events
    assert (event.at, event.text) == (None, "Somewhere")


async def test_places_and_words_are_told_as_far_as_they_go():
    there = {"city": "MEMPHIS", "stateOrProvinceCode": "TN", "countryCode": "US", "residential": False}
    scans = [
        scan("2024-03-02T02:14:00Z", "DE", "Delivery exception", exceptionDescription="Recipient not in", scanLocation=there),
        scan("2024-03-01T02:14:00Z", "ZZ", "", scanLocation={"countryCode": "US"}),
        scan("2024-02-01T02:14:00Z", scanLocation=None, derivedStatusCode=None),
    ]  # fmt: skip
    one, two, three = (await told(answer(result(scanEvents=scans)))).value.events
    assert (one.place, one.text) == ("MEMPHIS, TN, US", "Delivery exception: Recipient not in")
    assert one.kind is ShipmentStatus.EXCEPTION
    assert (two.place, two.text, two.kind) == ("US", None, ShipmentStatus.OTHER)
    assert (three.place, three.kind) == (None, ShipmentStatus.IN_TRANSIT)


async def test_nothing_is_known_of_a_parcel_that_has_not_begun():
    empty = {"window": {}}
    body = answer(result(standardTransitTimeWindow=empty, estimatedDeliveryTimeWindow=empty, scanEvents=None))
    track = (await told(body)).value
    assert (track.status, track.promised_on, track.estimated_on, track.events) == (None, None, None, [])


async def test_an_estimate_comes_from_its_date_or_from_its_window():
    dated = result(dateAndTimes=[{"type": "ESTIMATED_DELIVERY", "dateTime": "2024-03-04T17:00:00-06:00"}])
    window = result(estimatedDeliveryTimeWindow={"window": {"ends": "2024-03-04T23:00:00-06:00"}})
    for one in (dated, window):
        assert (await told(answer(one))).value.estimated_on == date(2024, 3, 4)


async def test_what_cannot_be_a_number_is_never_sent():
    line = canned(answer(result()))
    found = await ask(fedex(line), ["", "no number", "x" * 35, None, 7, "ünïcode12345"])
    assert {one.value for one in found.values()} == {None}
    assert line.requests == []


async def test_an_answer_for_a_number_nobody_asked_about_is_garbled():
    found = await ask(fedex(canned(answer(result("9999"), number="9999"))), [NUMBER])
    assert isinstance(found[NUMBER].error, Garbled)
