"""The UPS adapter: on the line to its mock, and on replies that no mock of ours would give."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from mocks.control import controlled
from mocks.ups import CLIENT_ID, CLIENT_SECRET, create
from resolvers.backends.base import Garbled, Refused, Throttled, Unavailable
from resolvers.backends.ups.adapter import TRACK
from schema.shipping import ShipmentStatus
from tests.mocks.parcel_world import ending, known, world
from tests.resolvers.backends.carrier_lines import Canned, ToMock, ask, asked, logins, reply, ups

pytestmark = pytest.mark.anyio
TOKEN = {"token_type": "Bearer", "access_token": "eyJ.x", "expires_in": "14399", "status": "approved"}
NUMBER = "1Z12345E0205271688"
UNKNOWN = {"code": "TW0001", "message": "Tracking Information Not Found"}


@pytest.fixture
def mock() -> ToMock:
    return ToMock(create(world()))


def of(mock: Any) -> Any:
    return ups(mock, CLIENT_ID, CLIENT_SECRET)


def canned(*script: Any, login: Any = None) -> Canned:
    return Canned(*script, logins=[reply(TOKEN)] if login is None else login)


def answer(*packages: Any, **shipment: Any) -> bytes:
    told = {"inquiryNumber": NUMBER} | ({"package": list(packages)} if packages else {}) | shipment
    return json.dumps({"trackResponse": {"shipment": [told]}}).encode()


def package(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {"trackingNumber": number} | more


def activity(**more: Any) -> dict[str, Any]:
    status = {"type": more.pop("type", "I"), "description": more.pop("text", "Somewhere")}
    city = more.pop("city", "Louisville")
    return {"status": status, "location": {"address": {"city": city, "countryCode": "US"}}} | more


async def told(body: Any, columns: list[str] | None = None) -> Any:
    return (await ask(ups(canned(body)), [NUMBER], columns))[NUMBER]


async def moments(*activities: Any) -> list[Any]:
    return [event.at for event in (await told(answer(package(activity=list(activities))))).value.events]


# -- what it makes of the mock's ---------------------------------------------------------------------------------------


async def test_every_parcel_comes_back_as_the_world_has_it(mock):
    parcels = known("UPS", 120)[:40]
    found = await ask(of(mock), [one.number for one in parcels])
    missing = 0
    for parcel in parcels:
        track, scans = found[parcel.number].value, list(reversed(parcel.scans))
        assert len(track.events) == len(scans)
        for event, scan in zip(track.events, scans, strict=True):
            assert event.at in (scan.at, None)
            missing += event.at is None
        assert track.delivered_at in (parcel.delivered_at, None)
        assert (track.carrier, track.promised_on) == ("UPS", parcel.promised_on)
        assert (track.signed_for_by or "", track.left_at or "") == (parcel.signed_by, parcel.left_at)
        assert track.estimated_on == (None if parcel.delivered_at else parcel.estimated_on or parcel.promised_on)
    assert missing < 10
    assert logins(mock) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [("delivered", "DELIVERED"), ("returning", "RETURNED"), ("label", "LABEL_CREATED"), ("departed", "IN_TRANSIT")],
)
async def test_each_state_has_its_word(mock, kind, status):
    parcel = ending("UPS", kind)
    assert (await ask(of(mock), [parcel.number]))[parcel.number].value.status is ShipmentStatus[status]


async def test_a_request_has_one_number_and_says_who_asks(mock):
    numbers = [one.number for one in known("UPS", 120)[:3]]
    await ask(ups(mock, CLIENT_ID, CLIENT_SECRET, options={"transaction_source": "tests"}), numbers)
    targets = [request.target.partition("?")[0].rpartition("/")[2] for request in asked(mock)]
    assert sorted(targets) == sorted(numbers)
    sent = [dict(request.headers) for request in asked(mock)]
    assert {one["transactionSrc"] for one in sent} == {"tests"}
    assert len({one["transId"] for one in sent}) == 3
    assert all("returnPOD=false" in request.target for request in asked(mock))


async def test_what_is_not_there_costs_the_others_nothing(mock):
    strangers = [f"1Z99999999999999{n:02}" for n in range(20)]
    good = known("UPS", 120)[0].number
    found = await ask(of(mock), [*strangers, good])
    assert found.pop(good).value is not None
    assert {(one.value, one.error) for one in found.values()} == {(None, None)}


async def test_only_what_is_asked_for_is_told(mock):
    number = ending("UPS", "delivered").number
    track = (await ask(of(mock), [number], ["status", "service"]))[number].value
    assert track.status is ShipmentStatus.DELIVERED
    assert track.service.startswith("UPS ")
    assert (track.events, track.signed_for_by, track.left_at, track.promised_on) == (None, None, None, None)


@pytest.mark.parametrize("column", TRACK)
async def test_every_column_can_be_asked_for_alone(mock, column):
    number = ending("UPS", "delivered").number
    assert (await ask(of(mock), [number], [column]))[number].error is None


async def test_fifty_questions_at_once_keep_to_one_number_a_request_eight_at_a_time_and_one_log_in():
    desk = controlled({"ups": create(world(), most=100_000)}, open_control=True)["ups"]
    line = ToMock(desk, slow=0.02)
    adapter, parcels = of(line), known("UPS", 120)
    questions = [[parcels[(q + n) % len(parcels)].number for n in range(4)] for q in range(50)]
    found = await asyncio.gather(*(ask(adapter, numbers) for numbers in questions))
    assert all(one.value for answers in found for one in answers.values())
    log = desk.desk.requests
    assert sum(entry["operation"] == "token" for entry in log) == 1
    assert {len(entry["keys"]) for entry in log if entry["operation"] == "details"} == {1}
    assert sum(entry["operation"] == "details" for entry in log) == 200
    assert 1 < line.most_at_once <= 8


# -- the log-in ---------------------------------------------------------------------------------------------------------


async def test_a_token_that_has_ended_is_renewed_once_for_all():
    desk = controlled({"ups": create(world())}, open_control=True)["ups"]
    line = ToMock(desk)
    adapter, number = of(line), known("UPS", 120)[0].number
    await ask(adapter, [number])
    desk.desk.epoch += 1
    found = await asyncio.gather(*(ask(adapter, [number]) for _ in range(20)))
    assert all(one[number].value for one in found)
    assert logins(line) == 2


async def test_a_token_that_is_never_taken_is_refused_and_not_asked_for_without_end():
    line = canned(reply({"response": {"errors": [{"code": "250002"}]}}, 401))
    adapter = ups(line)
    found = [(await ask(adapter, [NUMBER]))[NUMBER] for _ in range(5)]
    assert all(isinstance(one.error, Refused) for one in found)
    assert logins(line) == 2


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        (reply({"response": {"errors": [{"code": "10401"}]}}, 401), Refused),
        (reply({}, 503), Unavailable),
        (reply({}, 429), Throttled),
        (reply({"access_token": "x", "expires_in": "soon"}), Garbled),
        (reply({"access_token": "x", "expires_in": -5}), Garbled),
        (reply(b"<html>"), Garbled),
    ],
)
async def test_a_log_in_that_fails_says_how(login, kind):
    found = (await ask(ups(canned(answer(package()), login=[login])), [NUMBER]))[NUMBER]
    assert type(found.error) is kind


async def test_a_lifetime_that_is_a_number_is_taken_too():
    line = canned(answer(package()), login=[reply(TOKEN | {"expires_in": 14399})])
    assert (await ask(ups(line), [NUMBER]))[NUMBER].value is not None


# -- moments ------------------------------------------------------------------------------------------------------------


async def test_a_recorded_scan_is_the_moment_it_was():
    """As UPS once sent it: UTC with colons, local time without."""
    recorded = {
        "date": "20240318",
        "time": "124917",
        "gmtDate": "20240318",
        "gmtTime": "11:49:17",
        "gmtOffset": "+01:00",
    }
    (at,) = await moments(activity(**recorded))
    assert at == datetime(2024, 3, 18, 11, 49, 17, tzinfo=UTC)
    assert at.isoformat() == "2024-03-18T12:49:17+01:00"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ({"gmtDate": "20240302", "gmtTime": "081400", "gmtOffset": "-06:00"}, "2024-03-02T02:14:00-06:00"),
        ({"gmtDate": "20240302", "gmtTime": "08:14:00"}, "2024-03-02T08:14:00+00:00"),
        ({"date": "20240302", "time": "021400", "gmtOffset": "-0600"}, "2024-03-02T02:14:00-06:00"),
        ({"date": "20240302", "time": "233000", "gmtDate": "20240303", "gmtTime": "05:30:00", "gmtOffset": "-06:00"},
         "2024-03-02T23:30:00-06:00"),
        ({"date": "20240302", "time": "021400"}, None),
        ({"date": "20240302"}, None),
        ({"gmtDate": "20240302"}, None),
        ({}, None),
        ({"date": "20240302", "time": "021400", "gmtDate": "", "gmtTime": "", "gmtOffset": ""}, None),
    ],
)  # fmt: skip
async def test_a_moment_is_known_as_far_as_it_is_told(said, moment):
    (at,) = await moments(activity(**said))
    assert (at.isoformat() if at else None) == moment


async def test_a_local_time_takes_the_offset_of_the_nearest_scan_at_its_place():
    there = {"city": "Denver"}
    scans = [
        activity(date="20240311", time="090000", **there),
        activity(date="20240310", time="120000", gmtOffset="-06:00", gmtDate="20240310", gmtTime="18:00:00", **there),
        activity(date="20240309", time="120000", gmtOffset="-07:00", gmtDate="20240309", gmtTime="19:00:00", **there),
        activity(date="20240311", time="080000", gmtOffset="-05:00", gmtDate="20240311", gmtTime="13:00:00"),
    ]
    assert datetime(2024, 3, 11, 9, tzinfo=timezone(timedelta(hours=-6))) in await moments(*scans)


@pytest.mark.parametrize(
    "said",
    [
        {"date": "20241302", "time": "021400", "gmtOffset": "+00:00"},
        {"gmtDate": "20240302", "gmtTime": "25:00:00"},
        {"gmtDate": "20240302", "gmtTime": "081400", "gmtOffset": "CST"},
        {"gmtDate": "20240302", "gmtTime": "081400", "gmtOffset": "+99:00"},
        {"date": 20240302, "time": "021400"},
    ],
)
async def test_a_moment_that_is_none_is_garbled(said):
    assert isinstance((await told(answer(package(activity=[activity(**said)])))).error, Garbled)


# -- bad days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [reply({"response": {"errors": [UNKNOWN]}}, 404), answer(warnings=[UNKNOWN]), answer(warnings=[UNKNOWN, UNKNOWN])],
)
async def test_no_such_parcel_is_told_in_either_way(body):
    found = await told(body)
    assert (found.value, found.error) == (None, None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (reply({"response": {"errors": [{"code": "10404"}]}}, 404), Refused),
        (reply(b"<html>not here</html>", 404), Refused),
        (reply({"response": {"errors": [{"code": "TV1002"}]}}, 400), Refused),
        (reply({}, 403), Refused),
        (reply({}, 429, **{"retry-after": "3"}), Throttled),
        (reply({}, 500), Unavailable),
        (reply({}, 503), Unavailable),
        (reply({}, 302), Refused),
        (reply({}, 204), Garbled),
        (answer(warnings=[{"code": "XX1"}]), Refused),
        (answer(), Garbled),
        (answer(package("1Z99999999999999999")), Garbled),
        (b"{}", Garbled),
        (b"[]", Garbled),
        (b"", Garbled),
        (b"\xff", Garbled),
        (answer(package(activity=7)), Garbled),
        (answer(package(deliveryDate=[{"type": "SDD", "date": "soon"}])), Garbled),
        (ConnectionResetError(), Unavailable),
    ],
)
async def test_each_bad_answer_has_its_meaning(body, kind):
    assert type((await told(body)).error) is kind


async def test_one_request_that_fails_does_not_cost_the_others():
    good = answer(package())
    line = canned(reply({}, 500), good, login=[reply(TOKEN)])
    found = await ask(ups(line), ["1Z00000000000000000", NUMBER])
    assert isinstance(found["1Z00000000000000000"].error, Unavailable)
    assert found[NUMBER].value is not None


async def test_an_estimate_that_changed_counts_and_the_promise_stays():
    days = [{"type": "SDD", "date": "20240305"}, {"type": "RDD", "date": "20240307"}]
    track = (await told(answer(package(deliveryDate=days)))).value
    assert (track.promised_on, track.estimated_on) == (date(2024, 3, 5), date(2024, 3, 7))


async def test_a_delivery_is_the_moment_it_was_scanned():
    scans = [activity(type="D", gmtDate="20240302", gmtTime="17:00:00", gmtOffset="-06:00"), activity()]
    days = [{"type": "DEL", "date": "20240302"}]
    track = (await told(answer(package(activity=scans, deliveryDate=days)))).value
    assert track.delivered_at == datetime(2024, 3, 2, 17, tzinfo=UTC)
    assert (track.status, track.estimated_on) == (ShipmentStatus.DELIVERED, None)


async def test_of_a_number_used_twice_the_parcel_that_moved_last_is_meant():
    old = package(activity=[activity(type="D", date="20220101", time="120000")])
    new = package(activity=[activity(type="O", date="20240101", time="120000")])
    for two in ([old, new], [new, old], [package(), new]):
        assert (await told(answer(*two))).value.status is ShipmentStatus.OUT_FOR_DELIVERY


async def test_a_state_we_have_no_word_for_is_other():
    (event,) = (await told(answer(package(activity=[activity(type="ZZ", text=" Held ")])))).value.events
    assert (event.kind, event.text, event.place) == (ShipmentStatus.OTHER, "Held", "Louisville, US")


async def test_what_cannot_be_a_number_is_never_sent():
    line = canned(answer(package()))
    found = await ask(ups(line), ["", "1Z", "../../oauth", "x" * 35, None, "1Z12345E020527168é"])
    assert {one.value for one in found.values()} == {None}
    assert line.requests == []
