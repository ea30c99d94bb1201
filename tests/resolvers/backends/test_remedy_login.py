"""One login for everybody, renewed in time, repeated once, and given back."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from mocks import remedy as mock
from mocks.control import controlled
from mocks.faults import Order
from mocks.world import open_world
from resolvers.backends.base import Call, Connection, Deadline, Garbled, Overdue, Refused, Reply, Request, Unavailable
from resolvers.backends.remedy import Remedy
from resolvers.backends.remedy.session import LIFETIME, lifetime
from tests.resolvers.backends.remedy_lines import HOUR, Canned, ToMock, adapter, ask, error, page, token

pytestmark = pytest.mark.anyio

WORLD = open_world(customers=5, now=datetime(2026, 3, 1, tzinfo=UTC))


class Slow:
    """A line on which everything takes a while."""

    def __init__(self, line: Any, seconds: float = 0.02) -> None:
        self._line = line
        self._seconds = seconds

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        await asyncio.sleep(self._seconds)
        reply: Reply = await self._line(request, timeout)
        return reply


async def fifty(remedy: Remedy) -> list[Any]:
    asked = await asyncio.gather(*(ask(remedy, "incidents", [f"INC{n:012d}"], ["subject"]) for n in range(50)))
    return [outcome.error for found in asked for outcome in found.values()]


async def test_the_login_is_a_form_and_every_character_of_it_arrives():
    canned = Canned(page())
    login = Connection("http://itsm.example", "a&b=c+d", "p%w ü#", options={"authString": "dom"})
    await ask(Remedy(login, canned), "incidents", ["INC1"])
    request = canned.requests[0]
    assert (request.method, request.target) == ("POST", "/api/jwt/login")
    assert ("content-type", "application/x-www-form-urlencoded") in request.headers
    assert parse_qs(request.body.decode()) == {"username": ["a&b=c+d"], "password": ["p%w ü#"], "authString": ["dom"]}
    assert ("authorization", f"AR-JWT {HOUR}") in canned.requests[1].headers


async def test_fifty_questions_at_once_log_in_once():
    line = ToMock(mock.create(WORLD))
    assert await fifty(adapter(Slow(line))) == [None] * 50
    assert line.logins == 1


async def test_fifty_questions_after_the_login_has_expired_log_in_once_more():
    app = controlled({"remedy": mock.create(WORLD)}, open_control=True)["remedy"]
    line = ToMock(app)
    remedy = adapter(Slow(line))
    await ask(remedy, "incidents", ["INC1"])
    await app.desk.put(Order("expire-login"))
    assert await fifty(remedy) == [None] * 50
    assert line.logins == 2


async def test_a_token_is_renewed_before_it_expires():
    line = ToMock(mock.create(WORLD, token_seconds=2))
    remedy = adapter(line)
    begun = time.monotonic()
    while time.monotonic() - begun < 2.5:
        (outcome,) = (await ask(remedy, "incidents", ["INC1"])).values()
        assert outcome.error is None
        await asyncio.sleep(0.05)
    assert line.logins in (2, 3)


async def test_the_mock_never_refused_a_renewed_token():
    app = controlled({"remedy": mock.create(WORLD, token_seconds=1)}, open_control=True)["remedy"]
    remedy = adapter(ToMock(app))
    begun = time.monotonic()
    while time.monotonic() - begun < 1.2:
        await ask(remedy, "incidents", ["INC1"])
        await asyncio.sleep(0.05)
    assert {entry["status"] for entry in app.desk.requests} == {200}


async def test_a_refused_token_is_tried_again_once_and_never_more():
    canned = Canned(error(401), endless=True)
    (outcome,) = (await ask(adapter(canned), "incidents", ["INC1"])).values()
    assert type(outcome.error) is Refused
    assert (canned.logins, len(canned.asked)) == (2, 2)


@pytest.mark.parametrize("refusal", [error(401), error(401, 623), error(400, 623)])
async def test_what_says_that_we_are_not_logged_in_leads_to_a_login(refusal: Reply):
    canned = Canned(refusal, page())
    (outcome,) = (await ask(adapter(canned), "incidents", ["INC1"])).values()
    assert outcome.error is None
    assert canned.logins == 2


async def test_a_bad_question_leads_to_none():
    canned = Canned(error(400, 314), endless=True)
    (outcome,) = (await ask(adapter(canned), "incidents", ["INC1"])).values()
    assert type(outcome.error) is Refused
    assert canned.logins == 1


async def test_a_wrong_password_is_tried_once_for_all_who_wait():
    canned = Canned(page(), endless=True, logins=[error(401, 623)])
    errors = await fifty(adapter(Slow(canned)))
    assert {type(one) for one in errors} == {Refused}
    assert canned.logins == 1
    assert not canned.asked


async def test_a_login_that_failed_is_not_remembered():
    canned = Canned(page(), logins=[error(401, 623), HOUR.encode()])
    remedy = adapter(canned)
    assert type((await ask(remedy, "incidents", ["INC1"]))["INC1"].error) is Refused
    assert (await ask(remedy, "incidents", ["INC1"]))["INC1"].error is None


async def test_a_login_that_was_cut_off_is_taken_up_by_the_next_who_waits():
    canned = Canned(page(), page(), endless=True, logins=[ConnectionResetError("cut"), HOUR.encode()])
    errors = await asyncio.gather(*(ask(adapter_of, "incidents", ["INC1"]) for adapter_of in [adapter(canned)] * 3))
    kinds = [type(found["INC1"].error) for found in errors]
    assert kinds.count(Unavailable) == 1
    assert canned.logins == 2


async def test_who_runs_out_of_time_does_not_wait_for_somebody_elses_login():
    remedy = adapter(Slow(Canned(page(), endless=True), 0.4))
    waiting = asyncio.create_task(ask(remedy, "incidents", ["INC1"]))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    hurried = await remedy.perform(Call("remedy", "incidents", ("INC2",), frozenset({"subject"})), Deadline(0.1))
    assert time.monotonic() - begun < 0.3
    assert type(hurried["INC2"].error) is Overdue
    assert (await waiting)["INC1"].error is None


async def test_a_cancelled_login_does_not_cancel_the_others():
    canned = Canned(page(), endless=True)
    remedy = adapter(Slow(canned, 0.05))
    leader = asyncio.create_task(ask(remedy, "incidents", ["INC1"]))
    await asyncio.sleep(0.02)
    others = [asyncio.create_task(ask(remedy, "incidents", ["INC1"])) for _ in range(5)]
    await asyncio.sleep(0)
    leader.cancel()
    assert [found["INC1"].error for found in await asyncio.gather(*others)] == [None] * 5
    with pytest.raises(asyncio.CancelledError):
        await leader


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><head><title>BMC Remedy Mid Tier</title></head></html>",
        b'{"token":"a.b.c"}',
        b"a.b",
        b"a.b.c.d",
        b"a.b.c\r\nx-evil: 1",
        b"\xff.\xfe.\xfd",
        "ä.b.c".encode(),
    ],
)
async def test_what_is_no_token_is_garbled(body: bytes):
    canned = Canned(page(), logins=[body])
    (outcome,) = (await ask(adapter(canned), "incidents", ["INC1"])).values()
    assert type(outcome.error) is Garbled
    assert not canned.asked


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503, 204])
async def test_a_login_that_fails_otherwise_says_how(status: int):
    canned = Canned(page(), logins=[Reply(status, {}, b"SECRET")])
    (outcome,) = (await ask(adapter(canned), "incidents", ["INC1"])).values()
    assert str(status) in str(outcome.error)
    assert "SECRET" not in str(outcome.error)


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        ({"iat": 1000, "exp": 1060}, 60),
        ({"iat": 1000.5, "exp": 4600.5}, 3600),
        ({"iat": 1000, "exp": 10**9}, 43_200),
        ({"iat": 1000, "exp": 1000}, LIFETIME),
        ({"iat": 2000, "exp": 1000}, LIFETIME),
        ({"exp": 1}, LIFETIME),
        ({}, LIFETIME),
        ({"iat": 1000, "exp": "soon"}, LIFETIME),
        ({"iat": 1000, "exp": -1}, LIFETIME),
    ],
)
def test_a_token_holds_as_long_as_it_says(claims: dict[str, Any], seconds: float):
    assert lifetime(token(**claims).split(".")[1]) == seconds


def test_a_token_without_a_beginning_is_compared_with_our_clock():
    assert 599 < lifetime(token(exp=time.time() + 600).split(".")[1]) <= 600


@pytest.mark.parametrize("payload", ["", "!", "a", "bm8ganNvbg", "W10", "W" * 10_000])
def test_claims_that_cannot_be_read_are_taken_for_an_hour(payload: str):
    assert lifetime(payload) == LIFETIME


async def test_the_licence_is_given_back():
    line = ToMock(mock.create(WORLD))
    remedy = adapter(line)
    await remedy.log_out(Deadline(1))
    assert line.requests == []
    await ask(remedy, "incidents", ["INC1"])
    await remedy.log_out(Deadline(1))
    assert (line.requests[-1].method, line.requests[-1].target) == ("POST", "/api/jwt/logout")
    assert ("authorization", line.requests[1].headers[-1][1]) in line.requests[-1].headers
    await remedy.log_out(Deadline(1))
    assert len(line.requests) == 3
    assert (await ask(remedy, "incidents", ["INC1"]))["INC1"].error is None
    assert line.logins == 2


async def test_no_more_questions_at_once_than_the_settings_allow():
    busy, most = 0, 0

    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        nonlocal busy, most
        if request.method == "POST":
            return Reply(200, {}, HOUR.encode())
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.005)
        busy -= 1
        return Reply(200, {}, page())

    remedy = Remedy(Connection("http://itsm.example", "u", "p", concurrency=3), send)
    assert await fifty(remedy) == [None] * 50
    assert most == 3
