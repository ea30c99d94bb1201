"""Availability: plants first, then one batch, with a token that is fetched once and renewed once."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.backends.base import (
    BackendError,
    Call,
    Connection,
    Deadline,
    Garbled,
    Outcome,
    Refused,
    Reply,
    Request,
    Throttled,
    Unavailable,
)
from resolvers.backends.sap import Availability, PlantAvailability, Sap, batch

pytestmark = pytest.mark.anyio
DAY = date(2026, 3, 3)
COLUMNS = frozenset(Sap.availability.columns)
JSON = {"content-type": "application/json"}
TOKEN = Reply(
    200, {**JSON, "x-csrf-token": "t1"}, b"{}", ("SAP_SESSIONID=s1; path=/", "sap-usercontext=sap-client=100")
)
REQUIRED = Reply(403, {"content-type": "text/plain", "x-csrf-token": "Required"}, b"CSRF token validation failed")
Parts = Callable[[Sequence[str]], Reply]


def record(quantity: str, unit: str = "PC", named: bool = True) -> bytes:
    body: dict[str, Any] = {"AvailableQuantityInBaseUnit": quantity, "BaseUnit": unit}
    return json.dumps({"d": {"DetermineAvailabilityAt": body} if named else body}).encode()


def part(body: bytes, status: str = "200 OK", content_id: str = "", kind: str = "application/json") -> bytes:
    number = f"Content-ID: {content_id}\r\n" if content_id else ""
    head = f"Content-Type: application/http\r\n{number}\r\nHTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + body


def mixed(*parts: bytes, boundary: str = "B", status: int = 202, end: bytes = b"--B--\r\n") -> Reply:
    body = b"".join(b"--B\r\n" + one + b"\r\n" for one in parts) + end
    return Reply(status, {"content-type": f"multipart/mixed; boundary={boundary}"}, body)


def in_turn(*quantities: str) -> Parts:
    return lambda targets: mixed(*(part(record(one)) for one in quantities))


class System:
    """Plants by material, a token, and a batch that is answered as told."""

    def __init__(
        self, plants: dict[str, list[str]], *batches: Parts | Reply, tokens: Sequence[Reply] = (TOKEN,)
    ) -> None:
        self._plants = plants
        self._batches = list(batches)
        self._tokens = list(tokens)
        self.posts: list[Request] = []
        self.token_requests = 0

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        if request.method == "POST":
            self.posts.append(request)
            answer = self._batches.pop(0) if len(self._batches) > 1 else self._batches[0]
            return answer if isinstance(answer, Reply) else answer(re.findall(r"GET (\S+) HTTP", request.body.decode()))
        if dict(request.headers).get("x-csrf-token") == "Fetch":
            self.token_requests += 1
            return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        rows = [
            {"Product": sku, "to_Plant": {"results": [{"Plant": one} for one in at]}}
            for sku, at in self._plants.items()
        ]
        return Reply(200, JSON, json.dumps({"d": {"results": rows}}).encode())


async def ask(
    system: System, *keys: str, columns: frozenset[str] = COLUMNS, adapter: Sap | None = None, quantity: str = "10"
) -> dict[Any, Outcome[Any]]:
    sap = adapter or Sap(Connection("https://s4.example"), system)
    call = Call("sap", "availability", keys, columns, (("on", DAY), ("quantity", Decimal(quantity))))
    return await sap.perform(call, Deadline(5))


async def error_of(*batches: Parts | Reply, plants: Sequence[str] = ("1010", "1020")) -> BackendError:
    error = (await ask(System({"X": list(plants)}, *batches), "X"))["X"].error
    assert isinstance(error, BackendError)
    return error


async def test_all_plants_together_and_each_by_itself() -> None:
    system = System({"X": ["1020", "1010"]}, in_turn("6.500", "4"))
    found = (await ask(system, "X"))["X"].value
    plants = [PlantAvailability("1010", Decimal("6.5")), PlantAvailability("1020", Decimal(4))]
    assert found == Availability(True, Decimal("10.5"), "PC", plants)
    (post,) = system.posts
    assert post.target == "/sap/opu/odata/sap/API_PRODUCT_AVAILY_INFO_BASIC/$batch?sap-client=100"
    assert dict(post.headers)["x-csrf-token"] == "t1"
    assert dict(post.headers)["Cookie"] == "SAP_SESSIONID=s1; sap-usercontext=sap-client=100"
    named = "ATPCheckingRule='A'&Material='X'&SupplyingPlant='1010'"
    moment = "RequestedUTCDateTime=datetimeoffset'2026-03-03T23:59:59Z'"
    assert f"GET DetermineAvailabilityAt?{named}&{moment}&$format=json HTTP/1.1" in post.body.decode()


async def test_it_is_sufficient_from_exactly_the_quantity_on() -> None:
    for quantity, sufficient in (("10", True), ("10.001", False), ("0", True)):
        found = await ask(System({"X": ["1010"]}, in_turn("10.000")), "X", quantity=quantity)
        assert found["X"].value.sufficient is sufficient


async def test_no_plant_promises_nothing_and_no_product_is_none() -> None:
    system = System({"X": []}, REQUIRED)
    found = await ask(system, "X", "Y")
    assert found["X"].value == Availability(False, Decimal(0), None, [])
    assert found["Y"] == Outcome(source=found["Y"].source)
    assert system.posts == []


async def test_the_check_is_not_asked_when_only_the_plants_are() -> None:
    system = System({"X": ["1010"]}, REQUIRED)
    found = await ask(system, "X", columns=frozenset({"plants.plant"}))
    assert found["X"].value.plants == [PlantAvailability("1010")]
    assert (system.posts, system.token_requests) == ([], 0)


async def test_equal_pairs_are_asked_once_and_many_in_portions_of_fifty() -> None:
    system = System({"12": ["1010"]}, in_turn("5"))
    found = await ask(system, "0012", "12")
    assert [one.value.quantity for one in found.values()] == [Decimal(5)] * 2
    assert len(system.posts) == 1
    plants = [f"{number:04}" for number in range(1, 31)]
    system = System({f"M{n}": plants for n in range(4)}, lambda targets: in_turn(*["1"] * len(targets))(targets))
    found = await ask(system, "M0", "M1", "M2", "M3")
    assert {one.value.quantity for one in found.values()} == {Decimal(30)}
    assert sorted(post.body.count(b"GET ") for post in system.posts) == [20, 50, 50]
    assert system.token_requests == 1


async def test_numbered_answers_are_put_in_the_right_order() -> None:
    wrong_order = mixed(part(record("2"), content_id="2"), part(record("1"), content_id="1"))
    found = (await ask(System({"X": ["1010", "1020"]}, wrong_order), "X"))["X"].value
    assert [(one.plant, one.quantity) for one in found.plants] == [("1010", 1), ("1020", 2)]


async def test_the_records_name_may_be_missing() -> None:
    found = await ask(System({"X": ["1010"]}, mixed(part(record("3", named=False)))), "X")
    assert found["X"].value.quantity == 3


async def test_a_part_that_fails_costs_its_own_product_only() -> None:
    ok = part(record("1"))
    for failing, kind in (
        (part(b"{}", "500 Internal Server Error"), Unavailable),
        (part(b"{}", "404 Not Found"), Refused),
        (part(b"{}", "429 Too Many Requests"), Throttled),
        (part(b"<html>", kind="text/html"), Garbled),
        (part(record("NaN")), Garbled),
        (part(b'{"d":{}}'), Garbled),
        (part(b'{"d":' * 100_000), Garbled),
        (part(b'{"d":{"DetermineAvailabilityAt":{"AvailableQuantityInBaseUnit":5,"BaseUnit":"PC"}}}'), Garbled),
        (b"Content-Type: text/plain\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", Garbled),
        (b"Content-Type: application/http\r\n\r\nHTTP/1.1 OK\r\n\r\n", Garbled),
        (b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--", Garbled),
        (b"", Garbled),
    ):
        found = await ask(System({"X": ["1010"], "Y": ["1010"]}, mixed(failing, ok)), "X", "Y")
        assert type(found["X"].error) is kind
        assert found["Y"].value.quantity == 1


async def test_an_answer_that_names_the_missing_part_costs_one_product() -> None:
    found = await ask(System({"X": ["1010"], "Y": ["1010"]}, mixed(part(record("1"), content_id="2"))), "X", "Y")
    assert isinstance(found["X"].error, Garbled)
    assert found["Y"].value.quantity == 1


@pytest.mark.parametrize(
    "reply",
    [
        mixed(part(record("1"))),
        mixed(*[part(record("1"))] * 3),
        mixed(),
        mixed(part(record("1"), content_id="1"), part(record("1"), content_id="1")),
        mixed(part(record("1"), content_id="1"), part(record("1"), content_id="3")),
        mixed(part(record("1"), content_id="2"), part(record("1"))),
        mixed(part(record("1")), part(record("2")), boundary="other"),
        mixed(part(record("1")), part(record("2")), boundary=""),
        mixed(part(record("1")), part(record("2")), boundary=".*"),
        mixed(part(record("1")), part(record("2")), end=b""),
        mixed(part(record("1")), part(record("2")), end=b"--B"),
        mixed(part(record("1")), part(record("2")), end=b"--B-"),
        Reply(202, {"content-type": "multipart/mixed; boundary=B"}, b""),
        Reply(202, {"content-type": "multipart/mixed; boundary=B"}, b"\xff" * 500),
        Reply(202, {"content-type": "multipart/mixed"}, b"--B--"),
        Reply(202, {"content-type": "multipart/mixed; boundary*=x''%ff"}, b"--B--"),
        Reply(202, {"content-type": "text/html"}, b"<html>"),
        Reply(200, JSON, b"{}"),
        Reply(204, {}, b""),
    ],
)
async def test_answers_that_cannot_be_told_apart_are_garbled(reply: Reply) -> None:
    assert type(await error_of(reply)) is Garbled


async def test_lines_may_end_as_in_unix_and_the_envelope_be_200() -> None:
    reply = mixed(part(record("1")), part(record("2")), status=200)
    plain = Reply(
        200, {"content-type": 'Multipart/Mixed; charset=x; boundary="B"'}, b"hello\n" + reply.body.replace(b"\r", b"")
    )
    for one in (reply, plain):
        assert (await ask(System({"X": ["1010", "1020"]}, one), "X"))["X"].value.quantity == 3


async def test_the_token_is_fetched_once_and_kept() -> None:
    system = System({"X": ["1010"]}, in_turn("1"))
    sap = Sap(Connection("https://s4.example"), system)
    for _ in range(3):
        await ask(system, "X", adapter=sap)
    assert system.token_requests == 1


async def test_a_worn_out_token_is_renewed_once() -> None:
    system = System({"X": ["1010"]}, REQUIRED, in_turn("1"))
    assert (await ask(system, "X"))["X"].value.quantity == 1
    assert system.token_requests == 2
    hopeless = System({"X": ["1010"]}, REQUIRED)
    assert type((await ask(hopeless, "X"))["X"].error) is Refused
    assert (hopeless.token_requests, len(hopeless.posts)) == (2, 2)


async def test_any_other_403_is_final() -> None:
    system = System({"X": ["1010"]}, Reply(403, JSON, b"{}"))
    assert type((await ask(system, "X"))["X"].error) is Refused
    assert (system.token_requests, len(system.posts)) == (1, 1)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401, {"content-type": "text/html"}, b"<html>"), Refused),
        (Reply(503, {"retry-after": "3"}, b""), Unavailable),
        (Reply(429, {}, b""), Throttled),
        (Reply(302, {"location": "https://login.example"}, b""), Refused),
        (Reply(204, {}, b""), Garbled),
        (Reply(200, {"content-type": "text/html"}, b"<html>Logon</html>"), Garbled),
        (Reply(200, {"x-csrf-token": "Required"}, b""), Garbled),
        (Reply(200, {"x-csrf-token": "a\r\nX-Evil: 1"}, b""), Garbled),
    ],
)
async def test_no_token_no_batch(reply: Reply, kind: type[Exception]) -> None:
    system = System({"X": ["1010"]}, REQUIRED, tokens=[reply])
    assert type((await ask(system, "X"))["X"].error) is kind
    assert system.posts == []


async def test_cookies_that_could_break_a_header_are_left_out() -> None:
    cookies = ("good=1; HttpOnly", "bad=a\r\nX-Evil: 1", "empty=; path=/", "; =", "good=2")
    token = Reply(200, {"x-csrf-token": "t"}, b"", cookies)
    system = System({"X": ["1010"]}, in_turn("1"), tokens=[token])
    await ask(system, "X")
    assert dict(system.posts[0].headers)["Cookie"] == "good=2; bad=a"


@given(st.text(min_size=1, max_size=40), st.text(max_size=4))
def test_any_material_is_one_line_of_the_batch(material: str, plant: str) -> None:
    sap = Sap(Connection("https://s4.example"), System({}))
    body = batch.body([sap._promise(material, plant, DAY)] * 2).decode("ascii")
    assert len(re.findall(r"\r\nGET DetermineAvailabilityAt\?\S+ HTTP/1\.1\r\n", body)) == 2
    assert body.count("--" + batch.BOUNDARY) == 3


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_batches(body: bytes) -> None:
    for head in (b"", b"--B\r\n", b"--B\r\nContent-Type: application/http\r\n\r\n"):
        reply = Reply(202, {"content-type": "multipart/mixed; boundary=B"}, head + body + b"\r\n--B--")
        with contextlib.suppress(Garbled):
            assert len(batch.answers("sap", reply, 1)) == 1
