"""The gateway's pages, as a browser is handed them: nothing of them from elsewhere, and each file under its own name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.errors import HttpProblem
from gateway.server import index
from gateway.server.answers import problem
from gateway.server.pages import Pages
from tests.company import Company

pytestmark = pytest.mark.anyio

SCRIPT = "console.log('here')\n" * 50


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "graphiql.html").write_text('<!doctype html><html data-mode="production"></html>')
    (tmp_path / "assets/page-1a2b.js").write_text(SCRIPT)
    (tmp_path / "assets/page-1a2b.js.gz").write_bytes(b"packed")
    (tmp_path / "assets/page-1a2b.js.br").write_bytes(b"smaller")
    (tmp_path / "assets/type-3c4d.woff2").write_bytes(b"packed as it is")
    (tmp_path / "secret.txt").write_text("not a page")
    return tmp_path


def browser(static: Path, dev: bool = False) -> httpx.AsyncClient:
    app = Starlette(routes=[*Pages.of(dev, static).routes()], exception_handlers={HttpProblem: problem})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


@pytest.fixture
async def client(company: Company) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as one:
        yield one


async def test_a_page_may_run_and_ask_what_comes_from_here_and_nothing_else(static: Path) -> None:
    async with browser(static) as client:
        reply = await client.get("/graphiql")
    rules = dict(rule.split(" ", 1) for rule in reply.headers["Content-Security-Policy"].split("; "))
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert rules.pop("img-src") == "'self' data:"
    assert set(rules.values()) == {"'none'", "'self'"}
    assert (rules["default-src"], rules["frame-ancestors"]) == ("'none'", "'none'")


@pytest.mark.parametrize(("dev", "mode"), [(False, "production"), (True, "dev")])
async def test_a_page_is_told_whether_it_may_offer_to_be_somebody_else(static: Path, dev: bool, mode: str) -> None:
    async with browser(static, dev) as client:
        assert f'data-mode="{mode}"' in (await client.get("/graphiql")).text


async def test_a_file_may_be_kept_for_good_and_a_page_may_not(static: Path) -> None:
    async with browser(static) as client:
        file = await client.get("/assets/page-1a2b.js", headers={"Accept-Encoding": "identity"})
        page = await client.get("/graphiql")
    assert (file.text, file.headers["Content-Type"]) == (SCRIPT, "text/javascript; charset=utf-8")
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (file.headers["Vary"], page.headers["Cache-Control"]) == ("Accept-Encoding", "no-cache")


@pytest.mark.parametrize(
    ("accepted", "coding", "sent"),
    [
        ("gzip, deflate, br, zstd", "br", b"smaller"),
        ("gzip, deflate", "gzip", b"packed"),
        ("br;q=0, GZIP; q=0.5", "gzip", b"packed"),
        ("gzip;q=0.000, x-br", None, SCRIPT.encode()),
        ("", None, SCRIPT.encode()),
    ],
)
async def test_a_file_is_sent_packed_as_small_as_who_asks_can_unpack_it(
    static: Path, accepted: str, coding: str | None, sent: bytes
) -> None:
    told = {"Accept-Encoding": accepted}
    async with browser(static) as client, client.stream("GET", "/assets/page-1a2b.js", headers=told) as reply:
        assert (reply.headers.get("Content-Encoding"), reply.headers["Vary"]) == (coding, "Accept-Encoding")
        assert b"".join([chunk async for chunk in reply.aiter_raw()]) == sent


async def test_a_file_that_is_not_packed_apart_is_sent_as_it_is(static: Path) -> None:
    async with browser(static) as client:
        assert (await client.get("/assets/type-3c4d.woff2")).content == b"packed as it is"


@pytest.mark.parametrize(
    "name", ["page-0000.js", "../secret.txt", "..%2fsecret.txt", "page-1a2b.js.gz", "page-1a2b.js.br", "%00", ""]
)
async def test_only_what_was_built_can_be_asked_for(static: Path, name: str) -> None:
    async with browser(static) as client:
        assert (await client.get(f"/assets/{name}")).status_code == 404


async def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    async with browser(tmp_path) as client:
        reply = await client.get("/graphiql")
    assert (reply.status_code, "`make demo` builds it" in reply.text) == (404, True)


async def test_the_gateway_s_stamp_leaves_a_file_s_own_word_alone(client: httpx.AsyncClient) -> None:
    reply = await client.get("/graphiql")
    assert (reply.headers["X-Content-Type-Options"], "X-Request-Id" in reply.headers) == ("nosniff", True)
    assert reply.headers["Cache-Control"] in ("no-cache", "no-store")  # the latter: not built here


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def front(static: Path) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/", partial(index, Pages.of(False, static)))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


async def test_the_front_page_is_a_page_for_browsers_and_json_for_programs(static: Path) -> None:
    (static / "door.html").write_text(
        '<!doctype html><html data-mode="production"><title>Customer Graph</title></html>'
    )
    async with front(static) as client:
        page, told = await client.get("/", headers=BROWSER), await client.get("/", headers={"Accept": "*/*"})
    assert "<title>Customer Graph</title>" in page.text
    assert (page.headers["Vary"], "Content-Security-Policy" in page.headers) == ("Accept", True)
    assert told.json()["graphiql"] == "/graphiql"


async def test_where_no_page_was_built_browsers_get_the_json(tmp_path: Path) -> None:
    async with front(tmp_path) as client:
        assert (await client.get("/", headers=BROWSER)).json()["graphql"] == "/graphql"
