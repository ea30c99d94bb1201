"""`$batch` of the SAP server: token and cookies first, then one status for the envelope and one for each part."""

from __future__ import annotations

import httpx
import pytest

from mocks import sap
from tests.mocks.sap_world import ROOT, Shelf, client

pytestmark = pytest.mark.anyio
SERVICE = f"{ROOT}/API_PRODUCT_SRV"
MIXED = {"content-type": "multipart/mixed; boundary=b1", "accept": "multipart/mixed"}
CHANGESET = (
    "--b1\r\nContent-Type: multipart/mixed; boundary=c1\r\n\r\n--c1\r\nContent-Type: application/http\r\n\r\n"
    "DELETE A_Product('12') HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n--c1--\r\n"
)


def part(line: str, accept: str = "application/json") -> str:
    return f"--b1\r\nContent-Type: application/http\r\n\r\n{line}\r\nAccept: {accept}\r\n\r\n\r\n"


async def token(line: httpx.AsyncClient, method: str = "GET") -> str:
    reply = await line.request(method, f"{SERVICE}/", headers={"x-csrf-token": "Fetch"})
    return reply.headers["x-csrf-token"]


async def post(body: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async with client() as line:
        given = {**MIXED, "x-csrf-token": await token(line), **(headers or {})}
        return await line.post(f"{SERVICE}/$batch", content=body.encode(), headers=given)


def statuses(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 202
    assert reply.headers["content-type"].startswith("multipart/mixed; boundary=")
    return [line.split()[1] for line in reply.text.split("\r\n") if line.startswith("HTTP/1.1 ")]


async def test_each_part_has_its_own_status_in_the_order_asked() -> None:
    whole = f"http://s4.example{SERVICE}/A_Product/$count"
    lines = (
        "A_Product('12')",
        "A_Product('NO')",
        f"{SERVICE}/A_Product('12')",
        whole,
        "A_Product?$top=x",
        "/elsewhere",
        "http://[x",
    )
    reply = await post("".join(part(f"GET {line} HTTP/1.1") for line in lines) + "--b1--")
    assert statuses(reply) == ["200", "404", "200", "200", "400", "400", "400"]
    assert reply.text.count('"Product":"12"') == 2


async def test_a_part_that_does_not_ask_for_json_gets_atom() -> None:
    reply = await post(part("GET A_Product('12') HTTP/1.1", accept="*/*") + "--b1--")
    assert "Content-Type: application/atom+xml" in reply.text


async def test_changes_are_refused_part_by_part() -> None:
    body = part("GET A_Product('12') HTTP/1.1") + CHANGESET + part("POST A_Product HTTP/1.1") + "--b1--\r\n"
    reply = await post(body)
    assert statuses(reply) == ["200", "405", "405"]
    assert reply.text.count("read-only") >= 2


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "multipart/mixed; boundary=b1"),
        (part("GET A_Product HTTP/1.1"), "multipart/mixed; boundary=b1"),
        (part("GET A_Product HTTP/1.1") + "--b1--", "multipart/mixed; boundary=other"),
        (part("GET A_Product HTTP/1.1") + "--b1--", "multipart/mixed"),
        (part("GET A_Product HTTP/1.1") + "--b1--", "application/json"),
        (part("A_Product") + "--b1--", "multipart/mixed; boundary=b1"),
        ("--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1--", "multipart/mixed; boundary=b1"),
    ],
)
async def test_an_envelope_that_cannot_be_read_is_400(body: str, content_type: str) -> None:
    assert (await post(body, {"content-type": content_type})).status_code == 400


async def test_the_token_holds_only_with_its_cookies() -> None:
    async with client() as line:
        given = {**MIXED, "x-csrf-token": await token(line, "HEAD")}
        body = (part("GET A_Product('12') HTTP/1.1") + "--b1--").encode()
        assert {name.partition("_S4H")[0] for name in line.cookies} == {"SAP_SESSIONID", "sap-XSRF", "sap-usercontext"}
        assert await token(line) == given["x-csrf-token"]
        assert (await line.post(f"{SERVICE}/$batch", content=body, headers=given)).status_code == 202
        wrong = {**given, "x-csrf-token": "wrong"}
        assert (await line.post(f"{SERVICE}/$batch", content=body, headers=wrong)).status_code == 403
        line.cookies.clear()
        reply = await line.post(f"{SERVICE}/$batch", content=body, headers=given)
        assert (reply.status_code, reply.headers["x-csrf-token"]) == (403, "Required")


async def test_a_session_ends_when_logins_are_made_to_expire() -> None:
    inner, epoch = sap.create(Shelf()), 0

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]  # three words of ASGI
        await inner({**scope, "mock.login": epoch}, receive, send)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", auth=(sap.USERNAME, sap.PASSWORD)) as line:
        given = {**MIXED, "x-csrf-token": await token(line)}
        body = (part("GET A_Product('12') HTTP/1.1") + "--b1--").encode()
        assert (await line.post(f"{SERVICE}/$batch", content=body, headers=given)).status_code == 202
        epoch = 1
        assert (await line.post(f"{SERVICE}/$batch", content=body, headers=given)).status_code == 403
        assert await token(line) != given["x-csrf-token"]


async def test_the_request_log_has_every_part() -> None:
    seen: list[list[dict[str, object]]] = []
    inner = sap.create(Shelf())

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]  # three words of ASGI
        await inner(scope, receive, send)
        seen.append(scope.get("mock.asked", []))

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", auth=(sap.USERNAME, sap.PASSWORD)) as line:
        given = {**MIXED, "x-csrf-token": await token(line)}
        asked = "GET A_Product?$filter=Product%20eq%20'12'&$select=Product,to_Plant/Plant&$expand=to_Plant HTTP/1.1"
        body = part(asked) + part("GET A_Product('12')?$select=BaseUnit HTTP/1.1") + "--b1--"
        await line.post(f"{SERVICE}/$batch", content=body.encode(), headers=given)
    assert seen[-1] == [
        {"operation": "A_Product.query", "columns": ["Product", "to_Plant.Plant"], "keys": ["12"]},
        {"operation": "A_Product.read", "columns": ["BaseUnit"], "keys": ["12"]},
    ]
