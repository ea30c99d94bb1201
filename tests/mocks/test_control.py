"""Beside its wire format every mock has a request log, faults to order and a ledger; served or mounted in-process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mocks.control import Controlled, controlled, login_epoch, note, wrote
from mocks.faults import BadOrder, Fault, Order, read, reset
from mocks.listener import Listener

pytestmark = pytest.mark.anyio
BODY = "a fine answer of some length"


async def _answer(request: Request) -> Response:
    note(request, "Thing.query", ["b", "a"], ["7"])
    return PlainTextResponse(BODY)


async def _twice(request: Request) -> Response:
    note(request, "Part.one", ["x"])
    note(request, "Part.two", ["y"])
    return JSONResponse({}, 202)


async def _write(request: Request) -> Response:
    note(request, "Thing.insert")
    wrote(request, {"row": (await request.json())["row"]})
    return JSONResponse({"ok": True}, 201)


async def _login(request: Request) -> Response:
    return JSONResponse({"token": login_epoch(request)})


async def _guarded(request: Request) -> Response:
    current = request.headers["authorization"] == str(login_epoch(request))
    return PlainTextResponse("in", 200 if current else 401)


async def _broken(request: Request) -> Response:
    raise LookupError("a bug in a mock")


def _app() -> Starlette:
    return Starlette(
        routes=[
            Route("/things", _answer),
            Route("/batch", _twice, methods=["POST"]),
            Route("/write", _write, methods=["POST"]),
            Route("/login", _login, methods=["POST"]),
            Route("/guarded", _guarded),
            Route("/broken", _broken),
        ]
    )


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
async def mounted() -> AsyncIterator[httpx.AsyncClient]:
    app = controlled({"one": _app(), "two": _app()}, open_control=True)["one"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://one") as client:
        yield client


@contextlib.asynccontextmanager
async def _served(*names: str) -> AsyncIterator[dict[str, str]]:
    apps = controlled({name: _app() for name in names}, open_control=True)
    listeners = {name: Listener(app, "127.0.0.1", 0) for name, app in apps.items()}
    try:
        for name, listener in listeners.items():
            await listener.open()
            apps[name].desk.door = listener
        yield {name: listener.url for name, listener in listeners.items()}
    finally:
        for name, listener in listeners.items():
            apps[name].desk.close()
            await listener.closed()


async def _log(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    return list((await client.get("/_mock/requests", params=params)).json()["requests"])


async def _order(client: httpx.AsyncClient, **order: Any) -> None:
    answer = await client.post("/_mock/faults", json=order)
    assert answer.status_code == 200, answer.text


async def test_a_request_is_logged_in_the_words_of_the_contract(mounted: httpx.AsyncClient) -> None:
    await mounted.get("/things?q=%22x%22")
    [entry] = await _log(mounted)
    assert entry.pop("at").endswith("+00:00")
    assert entry == {
        "n": 1,
        "method": "GET",
        "path": "/things",
        "query": "q=%22x%22",
        "operation": "Thing.query",
        "columns": ["a", "b"],
        "keys": ["7"],
        "status": 200,
    }


async def test_each_question_in_a_batch_is_logged_by_itself(mounted: httpx.AsyncClient) -> None:
    await mounted.post("/batch")
    assert [(entry["operation"], entry["status"]) for entry in await _log(mounted)] == [
        ("Part.one", 202),
        ("Part.two", 202),
    ]


async def test_the_log_tells_what_is_new_and_goes_on_counting_when_it_is_forgotten(mounted: httpx.AsyncClient) -> None:
    for _ in range(3):
        await mounted.get("/things")
    assert [entry["n"] for entry in await _log(mounted, since=1)] == [2, 3]
    assert (await mounted.delete("/_mock/requests")).status_code == 204
    await mounted.get("/nowhere")
    assert [(entry["n"], entry["status"], entry["operation"]) for entry in await _log(mounted)] == [(4, 404, None)]


async def test_the_log_says_where_it_stands_without_being_read(mounted: httpx.AsyncClient) -> None:
    for _ in range(3):
        await mounted.get("/things")
    await mounted.delete("/_mock/requests")
    assert (await mounted.get("/_mock/requests?since=999")).json() == {"requests": [], "last": 3}


async def test_control_calls_are_not_in_the_log(mounted: httpx.AsyncClient) -> None:
    await mounted.get("/_mock/ledger")
    assert await _log(mounted) == []


async def test_the_log_is_bounded(mounted: httpx.AsyncClient) -> None:
    app = controlled({"one": _app()}, open_control=True)["one"]
    scope = {"method": "GET", "path": "/", "query_string": b"q" * 100_000, "mock.asked": []}
    for _ in range(5_000):
        app.desk.log(scope, 200)
    assert len(app.desk.requests) == 4_096
    assert len(app.desk.requests[0]["query"]) == 16_384


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "٣", "9" * 40])
async def test_a_strange_since_is_refused(mounted: httpx.AsyncClient, since: str) -> None:
    assert (await mounted.get("/_mock/requests", params={"since": since})).status_code == 400


async def test_writes_are_in_the_ledger(mounted: httpx.AsyncClient) -> None:
    await mounted.post("/write", json={"row": "first"})
    await mounted.post("/write", json={"row": "second"})
    ledger = (await mounted.get("/_mock/ledger")).json()["ledger"]
    assert [(entry["n"], entry["row"]) for entry in ledger] == [(1, "first"), (2, "second")]


async def test_a_write_whose_answer_is_cut_is_in_the_ledger_all_the_same(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="cut", value=2)
    with pytest.raises(ConnectionResetError):
        await mounted.post("/write", json={"row": "done, but who knows"})
    assert len((await mounted.get("/_mock/ledger")).json()["ledger"]) == 1


async def test_control_needs_the_secret_unless_it_is_open() -> None:
    app = controlled({"one": _app()}, secret="hüsch", seed=1)["one"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://one") as client:
        wrong = [{}, {"x-mock-secret": ""}, {"x-mock-secret": "no"}]
        for method, path in [("GET", "requests"), ("DELETE", "requests"), ("POST", "faults"), ("GET", "ledger")]:
            assert {(await client.request(method, f"/_mock/{path}", headers=h)).status_code for h in wrong} == {401}
        assert (await client.get("/_mock/ledger", headers={b"x-mock-secret": "hüsch".encode()})).status_code == 200
        assert (await client.get("/things")).status_code == 200
    with pytest.raises(ValueError, match="secret"):
        controlled({"one": _app()})
    with pytest.raises(ValueError, match="secret"):
        controlled({"one": _app()}, secret="")


async def test_any_mock_answers_for_the_others(mounted: httpx.AsyncClient) -> None:
    await mounted.post("/_mock/faults?mock=two", json={"kind": "status", "value": 503})
    assert (await mounted.get("/things")).status_code == 200
    assert (await mounted.get("/_mock/faults?mock=two")).json()["fault"]["value"] == 503
    assert (await mounted.get("/_mock/faults?mock=three")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b'{"kind":"explode","value":1}',
        b'{"kind":"status"}',
        b'{"kind":"status","value":200}',
        b'{"kind":"status","value":503.5}',
        b'{"kind":"status","value":"503"}',
        b'{"kind":"latency","value":true}',
        b'{"kind":"latency","value":-1}',
        b'{"kind":"latency","value":1e300}',
        b'{"kind":"latency","value":1,"rate":0}',
        b'{"kind":"latency","value":1,"rate":1.5}',
        b'{"kind":"latency","value":1,"times":0}',
        b'{"kind":"latency","value":1,"tims":3}',
        b'{"kind":"latency","value":1,"match":7}',
        b'{"kind":"expire-login","value":1}',
        b'{"kind":"refuse","value":0}',
        b'{"kind":"refuse","match":"x"}',
        b'{"kind":"refuse","times":1}',
        b'{"value":3}',
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_and_changes_nothing(
    mounted: httpx.AsyncClient, body: bytes
) -> None:
    await _order(mounted, kind="status", value=418)
    answer = await mounted.post("/_mock/faults", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("no such fault: ")
    assert (await mounted.get("/things")).status_code == 418


async def test_an_order_of_megabytes_is_refused(mounted: httpx.AsyncClient) -> None:
    assert (await mounted.post("/_mock/faults", content=b" " * 100_000)).status_code == 413


async def test_an_order_replaces_the_one_before_and_an_empty_one_clears(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="status", value=500)
    await _order(mounted, kind="status", value=502)
    assert (await mounted.get("/things")).status_code == 502
    assert (await mounted.post("/_mock/faults", json={})).json() == {"fault": None}
    assert (await mounted.get("/things")).status_code == 200


async def test_latency_makes_it_late(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="latency", value=60)
    begun = time.monotonic()
    assert (await mounted.get("/things")).text == BODY
    assert time.monotonic() - begun >= 0.06


async def test_jitter_is_late_by_varying_amounts_up_to_the_value(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="jitter", value=5)
    assert {(await mounted.get("/things")).text for _ in range(4)} == {BODY}


async def test_throttle_says_when_to_come_back_if_it_was_told(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="throttle", value=7)
    answer = await mounted.get("/things")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    await _order(mounted, kind="throttle")
    answer = await mounted.get("/things")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, None)


async def test_garbage_has_the_usual_content_type_and_no_meaning(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="garbage", value=100)
    answer = await mounted.get("/things")
    assert (answer.status_code, len(answer.content)) == (200, 100)
    assert answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


async def test_drip_gives_the_right_answer_slowly(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="drip", value=2)
    begun = time.monotonic()
    assert (await mounted.get("/things")).text == BODY
    assert time.monotonic() - begun >= 0.002 * (len(BODY) - 1)


async def test_in_process_a_cut_answer_is_a_lost_connection(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="cut", value=1000)
    with pytest.raises(ConnectionResetError):
        await mounted.get("/things")


async def test_in_process_refuse_is_a_refused_connection_and_control_stays_reachable(
    mounted: httpx.AsyncClient,
) -> None:
    await _order(mounted, kind="refuse")
    with pytest.raises(ConnectionRefusedError):
        await mounted.get("/things")
    await mounted.post("/_mock/faults", json={})
    assert (await mounted.get("/things")).status_code == 200
    assert [entry["status"] for entry in await _log(mounted)] == [200]


async def test_times_ends_a_fault(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="status", value=500, times=2)
    assert [(await mounted.get("/things")).status_code for _ in range(4)] == [500, 500, 200, 200]


async def test_rate_is_a_share_and_the_same_order_hits_the_same_requests(mounted: httpx.AsyncClient) -> None:
    runs = []
    for _ in range(2):
        await _order(mounted, kind="status", value=500, rate=0.3)
        runs.append([(await mounted.get("/things")).status_code for _ in range(200)])
    assert runs[0] == runs[1]
    assert 30 <= runs[0].count(500) <= 90


@pytest.mark.parametrize("match", ["things?q=a b", "q=a%20b", "^/things.*b$", "hing"])
async def test_match_looks_at_path_and_query_as_sent_and_decoded(mounted: httpx.AsyncClient, match: str) -> None:
    await _order(mounted, kind="status", value=500, match=match)
    assert (await mounted.get("/things?q=a%20b")).status_code == 500
    assert (await mounted.get("/nowhere?q=c")).status_code == 404


async def test_a_match_that_is_no_regular_expression_is_a_substring(mounted: httpx.AsyncClient) -> None:
    await _order(mounted, kind="status", value=500, match="IN ('a")
    assert (await mounted.get("/things", params={"q": "N IN ('a','b')"})).status_code == 500
    assert (await mounted.get("/things", params={"q": "N = 'a'"})).status_code == 200


async def test_expire_login_voids_what_was_given_out_before_once(mounted: httpx.AsyncClient) -> None:
    async def token() -> dict[str, str]:
        return {"authorization": str((await mounted.post("/login")).json()["token"])}

    old = await token()
    assert (await mounted.get("/guarded", headers=old)).status_code == 200
    await _order(mounted, kind="expire-login")
    assert (await mounted.get("/guarded", headers=old)).status_code == 401
    new = await token()
    assert (await mounted.get("/guarded", headers=new)).status_code == 200


async def test_a_bug_in_a_mock_is_logged_and_not_hidden(mounted: httpx.AsyncClient) -> None:
    with pytest.raises(LookupError):
        await mounted.get("/broken")
    assert [entry["status"] for entry in await _log(mounted)] == [500]


async def test_served_mocks_answer_on_their_own_ports() -> None:
    async with _served("one", "two") as urls, httpx.AsyncClient() as client:
        assert {(await client.get(f"{url}/things")).text for url in urls.values()} == {BODY}


async def test_refuse_closes_the_listener_and_another_mock_opens_it_again() -> None:
    async with _served("one", "two") as urls, httpx.AsyncClient() as client, httpx.AsyncClient() as pooled:
        assert (await pooled.get(f"{urls['one']}/things")).status_code == 200
        assert (await client.post(f"{urls['one']}/_mock/faults", json={"kind": "refuse"})).status_code == 200
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient() as fresh:
                await fresh.get(f"{urls['one']}/things")
        with pytest.raises(httpx.TransportError):
            await pooled.get(f"{urls['one']}/things")
        cleared = await client.post(f"{urls['two']}/_mock/faults?mock=one", json={})
        assert cleared.status_code == 200
        assert (await client.get(f"{urls['one']}/things")).text == BODY
        assert (await client.get(f"{urls['one']}/_mock/requests")).json()["requests"][0]["n"] == 1


async def test_refuse_with_seconds_opens_by_itself_and_a_lone_mock_needs_them() -> None:
    async with _served("one") as urls, httpx.AsyncClient() as client:
        url = urls["one"]
        assert (await client.post(f"{url}/_mock/faults", json={"kind": "refuse"})).status_code == 400
        assert (await client.post(f"{url}/_mock/faults", json={"kind": "refuse", "value": 0.4})).status_code == 200
        with pytest.raises(httpx.TransportError):
            async with httpx.AsyncClient() as fresh:
                await fresh.get(f"{url}/things")
        await asyncio.sleep(0.8)
        async with httpx.AsyncClient() as fresh:
            assert (await fresh.get(f"{url}/things")).text == BODY


async def _collect(client: httpx.AsyncClient, url: str, arrived: bytearray) -> None:
    async with client.stream("GET", url) as answer:
        async for chunk in answer.aiter_raw():
            arrived += chunk


async def test_a_served_cut_lets_some_bytes_through_and_resets() -> None:
    async with _served("one") as urls, httpx.AsyncClient() as client:
        await client.post(f"{urls['one']}/_mock/faults", json={"kind": "cut", "value": 6})
        arrived = bytearray()
        with pytest.raises(httpx.ReadError):
            await _collect(client, f"{urls['one']}/things", arrived)
        assert arrived == BODY[:6].encode()


async def test_a_served_drip_stops_when_the_caller_leaves() -> None:
    async with _served("one") as urls, httpx.AsyncClient() as client:
        await client.post(f"{urls['one']}/_mock/faults", json={"kind": "drip", "value": 100})
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"{urls['one']}/things", timeout=0.05)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.5


class _Lost(asyncio.Transport):
    """A connection that closed a moment ago: its socket has no descriptor left, which each event loop tells its way."""

    disconnected = True
    aborted = False

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.transport = self

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self

    def setsockopt(self, *_: Any) -> None:
        raise self.error

    def abort(self) -> None:
        self.aborted = True

    async def send(self, message: Any) -> None: ...


@pytest.mark.parametrize("error", [OSError(9, "Bad file descriptor"), ValueError("negative file descriptor")])
async def test_a_connection_that_is_closed_already_is_as_good_as_reset(error: Exception) -> None:
    lost = _Lost(error)
    await reset(lost.send)
    assert lost.aborted


def test_a_miss_does_not_use_up_times() -> None:
    fault = Fault(Order("status", 500, match="/a", times=1), seed=7)
    assert [fault.hits(target) for target in ("/b", "/b", "/a", "/a")] == [False, False, True, False]


def test_whatever_is_no_order_says_why() -> None:
    assert read(b"{}") is None
    with pytest.raises(BadOrder, match="status needs a value"):
        read(b'{"kind":"status"}')


def test_controlled_mocks_are_applications() -> None:
    assert isinstance(controlled({"one": _app()}, open_control=True)["one"], Controlled)
