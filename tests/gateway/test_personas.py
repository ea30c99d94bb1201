"""Being somebody else with one click: on a developer's own machine, over invented people, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import App, open_app
from gateway.settings import Settings
from gateway.traffic.proof import Proof
from mocks.serve import mount
from resolvers.backends.base import Reply, Request, Unheard
from tests.company import Company, Founding, configured

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8360"
DOORS = (
    ("POST", "/dev/token"),
    ("GET", "/dev/personas"),
    ("GET", "/dev/sources"),
    ("POST", "/dev/sources/sap/stop"),
    ("POST", "/dev/sources/sap/start"),
    ("POST", "/dev/requests/mark"),
    ("GET", "/dev/requests"),
    ("POST", "/dev/consent"),
    ("GET", "/dev/callers"),
)
BODIES = {"/dev/token": {"role": "warehouse"}, "/dev/consent": {"keys": {"siebel": ["1-X"]}, "agreed": False}}


def door(app: App, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app.asgi)
    usual = {"Origin": HERE, "X-Dev-Secret": app.secret} | {
        name.replace("_", "-"): one for name, one in headers.items()
    }
    return httpx.AsyncClient(transport=transport, base_url=HERE, headers={n: v for n, v in usual.items() if v != "-"})


async def minted(app: App, said: Any = None, **headers: str) -> httpx.Response:
    async with door(app, **headers) as client:
        return await client.post("/dev/token", json={"role": "warehouse"} if said is None else said)


async def test_who_started_the_gateway_can_be_anybody(company: Company) -> None:
    app = company.app
    said = {"role": "partner_carrier", "client": "parcelline", "scopes": ["orders.basic:read"], "ttl": 60}
    reply = await minted(app, said)
    assert (reply.status_code, reply.json()["expiresIn"], reply.headers["Cache-Control"]) == (200, 60, "no-store")
    async with door(app) as client:
        token = {"Authorization": f"Bearer {reply.json()['token']}"}
        told = await client.post("/graphql", json={"query": "{ viewer { role client } }"}, headers=token)
        listed = (await client.get("/dev/personas")).json()
    assert told.json()["data"]["viewer"] == {"role": "partner_carrier", "client": "parcelline"}
    assert {one["role"] for one in listed["roles"]} == set(app.policy.roles)
    assert {one["client"] for one in listed["partners"]} == set(app.policy.partners)


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Dev_Secret": "-"},
        {"X_Dev_Secret": ""},
        {"X_Dev_Secret": "guess"},
        {"Origin": "-"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8361"},
        {"Origin": "https://127.0.0.1:8360"},
        {"Origin": "http://localhost:8360"},
        {"Origin": "http://evil.example"},
        {"Host": "evil.example:8360"},
        {"Host": "evil.example:8360", "Origin": "http://evil.example:8360"},
        {"Host": "127.0.0.1.evil.example:8360", "Origin": "http://127.0.0.1.evil.example:8360"},
        {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"},
        {"Host": "127.0.0.1:8361", "Origin": "http://127.0.0.1:8361"},
        {"Host": "LOCALHOST:8360", "Origin": "http://LOCALHOST:8360"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
async def test_everybody_else_finds_the_door_closed(company: Company, headers: dict[str, str]) -> None:
    for method, path in DOORS:
        async with door(company.app, **headers) as client:
            reply = await client.request(method, path, json=BODIES.get(path))
        assert (reply.status_code, reply.json().keys()) == (403, {"errors"}), path
        assert company.app.secret not in reply.text
    assert await company.control("sap", "GET", "faults") == {"fault": None}


async def test_there_is_no_other_door_of_dev_mode(company: Company) -> None:
    routes = [route for route in company.app.asgi.routes if getattr(route, "path", "").startswith("/dev/")]
    assert {getattr(route, "path", "").replace("{name}", "sap") for route in routes} == {path for _, path in DOORS}


@pytest.mark.parametrize(("site", "status"), [("same-origin", 200), ("same-site", 403), ("none", 403), ("-", 403)])
async def test_a_page_that_reads_names_no_origin_and_its_browser_vouches_for_it(
    company: Company, site: str, status: int
) -> None:
    async with door(company.app, Origin="-", Sec_Fetch_Site=site) as client:
        assert (await client.get("/dev/personas")).status_code == status
        assert (await client.post("/dev/sources/sap/stop")).status_code == 403
        assert (await client.post("/dev/token", json={"role": "warehouse"})).status_code == 403


async def test_the_other_name_of_this_machine_will_do(company: Company) -> None:
    there = {"Host": "localhost:8360", "Origin": "http://localhost:8360", "Sec_Fetch_Site": "same-origin"}
    assert (await minted(company.app, **there)).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"role": "boss"},
        {"role": 7},
        {"role": "warehouse", "ttl": 3601},
        {"role": "warehouse", "ttl": 0},
        {"role": "warehouse", "ttl": True},
        {"role": "warehouse", "scopes": []},
        {"role": "warehouse", "scopes": "graphql"},
        {"role": "warehouse", "keys": {"own": "x"}},
        {"role": "warehouse", "keys": []},
        {"role": "warehouse", "subject": "a\nb"},
        {"role": "warehouse", "key": "x"},
        {"role": "warehouse", "subject": "x" * 5000},
    ],
    ids=lambda said: str(said)[:40],
)
async def test_what_is_no_persona_is_a_bad_request(company: Company, said: Any) -> None:
    assert (await minted(company.app, said)).status_code in (400, 413)


async def test_each_start_has_a_secret_of_its_own(founding: Founding, tmp_path: Path) -> None:
    one, other = founding.open(tmp_path / "a"), founding.open(tmp_path / "b")
    assert (await minted(one.app, X_Dev_Secret=other.app.secret)).status_code == 403
    for company in (one, other):
        await company.app.stop()


@pytest.fixture
async def production(founding: Founding, tmp_path: Path) -> AsyncIterator[App]:
    """Not in dev mode; the systems are where they always are."""
    app = open_app(settings_of(tmp_path), mount(founding.world))
    yield app
    await app.stop()


def settings_of(folder: Path) -> Settings:
    dev = configured(folder)
    systems = {
        name: dev.values[name]
        for name in dev.rows
        if name.startswith("backends.") and name.rpartition(".")[2] in ("base_url", "username", "password")
    }
    options = {name: value for name, value in dev.values.items() if ".options." in name and value}
    return Settings.load(environ={}, **{"state.dir": str(folder), **systems, **options})


async def test_out_of_dev_mode_there_is_no_such_door(production: App) -> None:
    assert production.secret == ""
    for method, path in DOORS:
        async with door(production, X_Dev_Secret="") as client:
            assert (await client.request(method, path)).status_code == 404


async def test_over_a_real_system_nobody_is_anybody(founding: Founding, tmp_path: Path) -> None:
    async def real(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"items": []}'})

    app = open_app(configured(tmp_path), {**mount(founding.world), "sap": real})
    reply = await minted(app)
    await app.stop()
    assert (reply.status_code, "sap is not known to be one of our mocks" in reply.text) == (403, True)


CONTROL = Reply(200, {}, b'{"requests": []}')


class Line:
    """A system that gives one answer, or fails in one way."""

    def __init__(self, answer: Reply | Exception) -> None:
        self.answer = answer
        self.asked: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the transport seam
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "usual", "stranger"),
    [
        (CONTROL, False, None),
        (Unheard("x"), True, None),
        (TimeoutError("x"), True, None),
        (Unheard("x"), False, "sap"),
        (Reply(401, {}, b"control needs the secret"), True, "sap"),
        (Reply(404, {}, b""), True, "sap"),
        (Reply(200, {}, b"<html>"), True, "sap"),
        (Reply(200, {}, b'{"requests": 7}'), True, "sap"),
        (Reply(302, {"location": "/_mock/requests"}, b""), True, "sap"),
    ],
    ids=str,
)
async def test_a_mock_is_who_obeys_control_calls(answer: Any, usual: bool, stranger: str | None) -> None:
    lines: Mapping[str, Line] = {"siebel": Line(CONTROL), "sap": Line(answer)}
    proof = Proof(lines, "hush", ["sap"] if usual else [])
    assert await proof.stranger() == stranger
    assert lines["sap"].asked[0].headers == (("x-mock-secret", "hush"),)


async def test_who_has_obeyed_once_is_not_asked_again_and_may_be_down() -> None:
    line = Line(CONTROL)
    proof = Proof({"sap": line}, "hush")
    assert await proof.stranger() is None
    line.answer = Unheard("x")
    assert await proof.stranger() is None
    assert len(line.asked) == 1
