"""What the adapter makes of answers no Siebel should give, and of none at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from resolvers.backends.base import (
    BackendError,
    Connection,
    Deadline,
    Garbled,
    Overdue,
    Refused,
    Reply,
    Request,
    Throttled,
    TimedOut,
    Unavailable,
)
from resolvers.backends.siebel import Contact, Siebel

pytestmark = pytest.mark.anyio

COLUMNS = frozenset({"name", "since", "suppress_calls"})


def reply(status: int, body: bytes | str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, body.encode() if isinstance(body, str) else body)


def rows(*found: dict[str, Any]) -> str:
    return json.dumps({"items": list(found), "Link": []})


def siebel(answer: Callable[[Request], Reply] | Reply, **connection: Any) -> Siebel:
    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        return answer if isinstance(answer, Reply) else answer(request)

    return Siebel(Connection("http://crm.example", "u", "p", **connection), send)


async def ask(answer: Callable[[Request], Reply] | Reply, *keys: str) -> dict[str, Any]:
    adapter = siebel(answer)
    found: dict[str, Any] = dict(await adapter.contacts(adapter.wire(Deadline(5)), keys or ("1-A",), COLUMNS))
    return found


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        '{"items":[',
        '{"items":[{"Id":"1-A"}]',
        "<html><body>Service</body></html>",
        "null",
        "[]",
        '[{"Id":"1-A"}]',
        "{}",
        '{"Link":[]}',
        '{"items":null}',
        '{"items":"none"}',
        '{"items":[null]}',
        '{"items":[{"First Name":"Jane"}]}',
        '{"items":[{"Id":5}]}',
        '{"items":[{"Id":null}]}',
        '{"items":[{"Id":"1-A","First Name":5}]}',
        '{"items":[{"Id":"1-A","First Name":["Jane"]}]}',
        '{"items":[{"Id":"1-A","Suppress All Calls":true}]}',
        '{"items":[{"Id":"1-B"}]}',
        '{"items":[{"Id":"1-a"}]}',
        '{"items":[{"Id":"1-A"},{"Id":"1-A"}]}',
        '{"items":[{"Id":"1-A"},{"Id":"1-B"}]}',
        '{"items":' + "[" * 100_000,
        '{"x":' * 100_000,
        '{"items":[{"Id":"1-A","Extra":' + "[" * 100_000 + "]" * 100_000 + "}]}",
        b"\xff\xfe",
        b'{"items":[{"Id":"1-A","First Name":"\xff"}]}',
    ],
)
async def test_what_is_not_siebels_json_is_garbled(body: bytes | str) -> None:
    with pytest.raises(Garbled):
        await ask(reply(200, body))


@pytest.mark.parametrize(
    "field",
    [
        {"Created": "2024-01-01T00:00:00Z"},
        {"Created": "13/01/2024 00:00:00"},
        {"Created": "02/30/2024 00:00:00"},
        {"Created": "01/01/0000 00:00:00"},
        {"Created": "01/01/2024 24:00:00"},
        {"Created": "1/1/2024"},
        {"Created": "٠١/٠١/٢٠٢٤"},
        {"Suppress All Calls": "yes"},
        {"Suppress All Calls": "y"},
    ],
)
async def test_a_bad_value_costs_its_own_row(field: dict[str, str]) -> None:
    found = await ask(reply(200, rows({"Id": "1-A", **field}, {"Id": "1-B", "First Name": "Bo"})), "1-A", "1-B")
    assert isinstance(found["1-A"], Garbled)
    assert next(iter(field)) in str(found["1-A"])
    assert found["1-B"].name == "Bo"


@pytest.mark.parametrize(
    "body",
    [
        '{"items":[{"Id":"1-A","First Name":"Jo"}]}',
        '{"items":{"Id":"1-A","First Name":"Jo"}}',
        '{"Id":"1-A","First Name":"Jo","Link":{}}',
        '{"items":[{"Id":"1-A","First Name":"Jo","X":{"y":[1]}}],"Z":7}',
    ],
)
async def test_every_shape_of_a_read_is_taken(body: str) -> None:
    assert await ask(reply(200, body)) == {"1-A": Contact("1-A", name="Jo", first_name="Jo")}


@pytest.mark.parametrize(
    "answer",
    [
        reply(204, ""),
        reply(404, '{"ERROR":"There is no data for the requested resource"}'),
        reply(404, '{"ERROR":"Für die angeforderte Ressource liegen keine Daten vor"}'),
        reply(200, '{"items":[]}'),
    ],
)
async def test_nothing_found_is_an_empty_answer(answer: Reply) -> None:
    assert await ask(answer) == {}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(404, ""), Garbled),
        (reply(404, "<html>404</html>"), Garbled),
        (reply(404, '{"error":"not found"}'), Garbled),
        (reply(404, '{"ERROR":"Unable to find the object(SBL-EAI-50257)"}'), Refused),
        (reply(404, '{"ERROR":"Not exposed(SBL-EAI-50297)"}'), Refused),
        (reply(400, '{"ERROR":"x(SBL-EAI-50258)"}'), Refused),
        (reply(401, ""), Refused),
        (reply(403, '{"ERROR":"x(SBL-DAT-00825)"}'), Refused),
        (reply(405, ""), Refused),
        (reply(414, "<html>"), Refused),
        (reply(415, ""), Refused),
        (reply(500, '{"ERROR":"x(SBL-DAT-00359)"}'), Refused),
        (reply(500, '{"ERROR":"x(SBL-DAT-00416)"}'), Refused),
        (reply(500, '{"ERROR":"Object manager(SBL-SVC-00208)"}'), Unavailable),
        (reply(500, "<html><h1>Internal Server Error</h1></html>"), Unavailable),
        (reply(502, ""), Unavailable),
        (reply(503, b"\xff"), Unavailable),
        (reply(200, '{"ERROR":"Workflow failed(SBL-BPR-00162)"}'), Refused),
        (reply(201, "{}"), Garbled),
        (reply(302, "", location="https://evil.example"), Garbled),
        (reply(304, ""), Garbled),
    ],
)
async def test_each_failure_has_its_name(answer: Reply, error: type[BackendError]) -> None:
    with pytest.raises(error) as failed:
        await ask(answer)
    assert type(failed.value) is error
    assert failed.value.system == "siebel"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-3"}, None),
        ({"retry_after": "Sun, 01 Mar 2026 12:00:30 GMT", "date": "Sun, 01 Mar 2026 12:00:00 GMT"}, 30.0),
        ({"retry_after": "Sun, 01 Mar 2026 12:00:30 GMT"}, None),
    ],
)
async def test_throttling_says_for_how_long(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(Throttled) as failed:
        await ask(reply(429, "", **headers))
    assert failed.value.retry_after == seconds


async def test_an_error_repeats_nothing_that_was_searched_for() -> None:
    with pytest.raises(Refused) as failed:
        await ask(reply(500, '{"ERROR":"Could not convert jane@example.com(SBL-DAT-00359)"}'))
    assert "jane" not in str(failed.value)
    assert "SBL-DAT-00359" in str(failed.value)


async def test_one_batch_that_fails_costs_its_own_keys() -> None:
    def answer(request: Request) -> Reply:
        return reply(503, "") if "1-B" in request.target else reply(204, "")

    found = await ask(answer, *(f"1-A{index}" for index in range(40)), "1-B0", "1-B1")
    assert set(found) == {"1-B0", "1-B1"}
    assert all(isinstance(value, Unavailable) for value in found.values())


async def test_a_page_longer_than_asked_is_garbled() -> None:
    adapter = siebel(reply(200, rows(*({"Id": f"1-{index}", "Updated": ""} for index in range(101)))))
    with pytest.raises(Garbled):
        [page async for page in adapter.contacts_changed_since(Deadline(5), None)]
    with pytest.raises(Garbled):
        await adapter.contacts_by_email(adapter.wire(Deadline(5)), ["a@example.com"], COLUMNS)


async def test_a_page_that_repeats_forever_is_garbled() -> None:
    adapter = siebel(reply(200, rows(*({"Id": f"1-{index}"} for index in range(100)))))
    with pytest.raises(Garbled, match="repeats"):
        [page async for page in adapter.contacts_changed_since(Deadline(5), None)]


async def test_a_row_twice_in_a_search_counts_once() -> None:
    twin = {"Id": "1-A", "Email Address": "a@example.com"}
    adapter = siebel(reply(200, rows(twin, twin, {"Id": "1-B", "Email Address": "b@example.com"})))
    found = await adapter.contacts_by_email(adapter.wire(Deadline(5)), ["A@example.com"], COLUMNS)
    assert [contact.row_id for contact in found["A@example.com"]] == ["1-A"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "{}", Garbled),
        (200, "<html>", Garbled),
        (200, '{"access_token":"a\\nb"}', Garbled),
        (200, '{"access_token":""}', Garbled),
        (200, '{"access_token":"a","expires_in":"soon"}', Garbled),
        (200, '{"access_token":"a","token_type":"mac"}', Refused),
        (200, '{"access_token":' + "[" * 100_000, Garbled),
        (400, '{"error":"invalid_scope"}', Refused),
        (401, '{"error":"invalid_client"}', Refused),
        (429, "", Throttled),
        (503, "", Unavailable),
        (302, "", Garbled),
    ],
)
async def test_an_identity_provider_can_let_us_down_too(status: int, body: str, error: type[BackendError]) -> None:
    adapter = siebel(reply(status, body), options={"token_url": "/token"})
    with pytest.raises(error) as failed:
        await adapter.contacts(adapter.wire(Deadline(5)), ["1-A"], COLUMNS)
    assert type(failed.value) is error


async def test_a_token_that_is_never_taken_is_renewed_once_and_no_more() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.method)
        return reply(401, "") if request.method == "GET" else reply(200, '{"access_token":"a","expires_in":3600}')

    adapter = siebel(answer, options={"token_url": "/token", "scope": "urn:x", "client_id": "me", "client_secret": "s"})
    with pytest.raises(Refused):
        await adapter.contacts(adapter.wire(Deadline(5)), ["1-A"], COLUMNS)
    assert asked == ["POST", "GET", "POST", "GET"]


async def test_a_siebel_that_hangs_is_not_waited_for_twice() -> None:
    async def hang(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        await asyncio.sleep(60)
        raise AssertionError

    adapter = Siebel(Connection("http://crm.example", concurrency=1, attempt_timeout=0.05), hang)
    with pytest.raises(TimedOut):
        await adapter.contacts(adapter.wire(Deadline(5)), ["1-A"], COLUMNS)
    adapter = Siebel(Connection("http://crm.example", concurrency=1, attempt_timeout=5), hang)
    wire = adapter.wire(Deadline(0.1))
    waiting = await asyncio.gather(
        *(adapter.contacts(wire, [key], COLUMNS) for key in ("1-A", "1-B")), return_exceptions=True
    )
    assert [type(failed) for failed in waiting] == [Overdue, Overdue]


async def test_only_so_many_questions_are_put_at_once() -> None:
    running, most = 0, 0

    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return reply(204, "")

    adapter = Siebel(Connection("http://crm.example", concurrency=3), send)
    await adapter.contacts(adapter.wire(Deadline(5)), [f"1-{index}" for index in range(1000)], COLUMNS)
    assert most == 3
