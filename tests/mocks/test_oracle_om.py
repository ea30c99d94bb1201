"""The order system's mock, asked over HTTP as the documentation says one may ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.oracle_om import CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME, create
from tests.mocks.oracle_om_world import BASE, O_HARA, TinyWorld

pytestmark = pytest.mark.anyio

ROOT = "/fscmRestApi/resources/11.13.18.05/salesOrdersForOrderHub"
COLLECTION = "application/vnd.oracle.adf.resourcecollection+json"
ADA = "BuyingPartyNumber = '1000017'"


def app() -> ASGIApp:
    return create(TinyWorld())


def client(served: ASGIApp | None = None, version: str | None = "4", **options: Any) -> httpx.AsyncClient:
    headers = {"REST-Framework-Version": version} if version else {}
    transport = httpx.ASGITransport(served or app())
    options = {"auth": (USERNAME, PASSWORD), "headers": headers} | options
    return httpx.AsyncClient(transport=transport, base_url="http://oracle", **options)


@pytest.fixture
async def hub() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as opened:
        yield opened


async def numbers(hub: httpx.AsyncClient, q: str | None = None, **parameters: Any) -> list[str]:
    asked = {"fields": "OrderNumber", "limit": 500, **({"q": q} if q else {}), **parameters}
    reply = await hub.get(ROOT, params=asked)
    assert reply.status_code == 200, reply.text
    return [item["OrderNumber"] for item in reply.json()["items"]]


async def test_a_list_has_25_rows_and_says_whether_there_are_more(hub):
    page = (await hub.get(ROOT)).json()
    assert (page["count"], page["limit"], page["offset"], page["hasMore"]) == (25, 25, 0, True)
    assert "totalResults" not in page


async def test_a_limit_above_500_is_500_and_the_total_comes_when_asked_for(hub):
    page = (await hub.get(ROOT, params={"limit": 9999, "totalResults": "true"})).json()
    assert (page["limit"], page["count"], page["totalResults"], page["hasMore"]) == (500, 35, 35, False)


async def test_pages_add_up_to_the_whole(hub):
    pages = [await numbers(hub, limit=10, offset=offset) for offset in (0, 10, 20, 30, 40)]
    assert [len(page) for page in pages] == [10, 10, 10, 5, 0]
    assert len({number for page in pages for number in page}) == 35


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("OrderNumber='A-001'", ["A-001"]),
        ("OrderNumber = 'A-001' or OrderNumber = 'A-002'", ["A-001", "A-002"]),
        (f"OrderNumber in ('A-001','{O_HARA.replace(chr(39), chr(39) * 2)}')", ["A-001", O_HARA]),
        ("BuyingPartyNumber='1000018' AND not OrderNumber like '%BARE'", ["B-60"]),
        ("OrderNumber LIKE 'B-__'", ["B-60"]),
        ("OrderNumber NOT LIKE 'A-%' and StatusCode <> 'CLOSED'", ["B-60"]),
        (f"HeaderId between {BASE + 2} and {BASE + 4}", ["A-001", "A-002"]),
        (f"HeaderId not between {BASE} and {BASE + 2000}", ["A-DRAFT", "B-BARE"]),
        (f"HeaderId={BASE + 2}.0", ["A-001"]),
        ("BuyingPartyId = 100000000000001 and (StatusCode='X' or (OpenFlag = true))", ["B-60"]),
        ("TransactionOn >= '2026-03-01'", ["A-000", "A-DRAFT"]),
        ("TransactionOn = '2026-02-28T13:00:00+01:00'", ["A-001"]),
        ("RequestedShipDate is null", ["B-BARE"]),
        ("RequestedShipDate is not null and BuyingPartyNumber = '1000018'", ["B-60"]),
        ("not RequestedShipDate > '2026-02-01' and OrderNumber = 'B-BARE'", []),
        ("OrderKey = 'WEB:300000000000002'", ["A-001"]),
        ("SubmittedFlag = false", ["A-DRAFT"]),
        ("OrderNumber = 'a;b'", []),
        ("lines.ProductNumber = '00042' and BuyingPartyNumber = '1000018'", ["B-60", "B-BARE"]),
        ("lines.ProductNumber = '00042' and lines.DisplayLineNumber in ('60', '61')", ["B-60"]),
        ("lines.ProductNumber = '42'", []),
        ("not lines.DisplayLineNumber <> '1' and BuyingPartyNumber = '1000018'", ["B-BARE"]),
        ("lines.charges.OrderChargeId = 300000000001000501000", []),
        (f"holds.HoldName = 'Credit check' and HeaderId > {BASE}", ["B-60"]),
        ("lines.ActualShipDate is null and OrderNumber = 'A-001'", ["A-001"]),
        ("lines.ActualShipDate > '2000-01-01'", []),
    ],
)
async def test_row_match_expressions_mean_what_they_say(hub, q, expected):
    assert sorted(await numbers(hub, q)) == sorted(expected)


@pytest.mark.parametrize(
    "q",
    [
        "",
        "OrderNumber=123",
        "OrderNumber=A-001",
        "OrderNumber='A-001';BuyingPartyId=5",
        "Foo='x'",
        "ordernumber='x'",
        "lines='x'",
        "lines.='x'",
        "lines.Foo='x'",
        "nix.ProductNumber='x'",
        "lines.ProductNumber=42",
        "StatusCode.lines='x'",
        "HeaderId='1'",
        "HeaderId = 1 or",
        "HeaderId in ()",
        "HeaderId in (1,)",
        "HeaderId",
        "(HeaderId=1",
        "HeaderId=1)",
        "HeaderId between 1",
        "HeaderId like '1%'",
        "OrderNumber = 'x",
        "OrderNumber = 'x''",
        'OrderNumber = "x"',
        "TransactionOn > 'yesterday'",
        "OpenFlag = 'perhaps'",
        "OrderNumber is nothing",
        "not",
        "(" * 5000 + "HeaderId=1",
        "not " * 1500 + "HeaderId=1",
    ],
)
async def test_what_is_no_expression_is_400_with_a_problem(hub, q):
    reply = await hub.get(ROOT, params={"q": q})
    assert reply.status_code in (400, 414)
    assert reply.headers["content-type"] == "application/vnd.oracle.adf.error+json"
    assert reply.json()["status"] == str(reply.status_code)
    assert reply.json()["o:errorDetails"][0]["detail"]


async def test_deep_but_honest_nesting_is_understood(hub):
    assert await numbers(hub, "(" * 20 + "OrderNumber='A-001'" + ")" * 20) == ["A-001"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("OrderNumber=A-001", ["A-001"]),
        ("OrderNumber='A-001'", ["A-001"]),
        ("OrderNumber=A-00%;HeaderId<=300000000000002", ["A-000", "A-001"]),
        ("OrderNumber LIKE B-%;StatusCode=CLOSED;", ["B-BARE"]),
        ("OrderNumber='a;b'", []),
    ],
)
async def test_version_1_queries_by_example(q, expected):
    async with client(version=None) as hub:
        assert sorted(await numbers(hub, q)) == expected


@pytest.mark.parametrize("q", ["OrderNumber='A-001' and HeaderId=1", "OrderNumber IN ('A-001')", "Foo=1", ";", "x"])
async def test_version_1_knows_no_row_match_and_complains_in_plain_text(q):
    async with client(version="1") as hub:
        reply = await hub.get(ROOT, params={"q": q})
    assert reply.status_code == 400
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(("version", "plain"), [("2", True), ("3", True), ("4", False), ("9", False)])
async def test_errors_are_plain_text_before_version_4(version, plain):
    async with client(version=version) as hub:
        reply = await hub.get(ROOT, params={"q": "OrderNumber=1;HeaderId=2"})
    assert reply.status_code == 400
    assert reply.text.startswith("URL request parameter q cannot be parsed") is plain


@pytest.mark.parametrize("version", ["0", "10", "four", "-1"])
async def test_an_unknown_framework_version_is_400(version):
    async with client(version=version) as hub:
        assert (await hub.get(ROOT)).status_code == 400


@pytest.mark.parametrize(("version", "shape"), [("1", list), ("2", list), ("3", dict), ("4", dict)])
async def test_children_are_arrays_before_version_3_and_collections_from_then_on(version, shape):
    q = "OrderNumber=A-001" if version == "1" else "OrderNumber='A-001'"
    async with client(version=version) as hub:
        (item,) = (await hub.get(ROOT, params={"q": q, "expand": "lines"})).json()["items"]
    assert type(item["lines"]) is shape
    if shape is dict:
        lines = item["lines"]
        assert (lines["count"], lines["hasMore"], lines["limit"], lines["offset"]) == (1, False, 25, 0)


async def test_a_child_that_comes_along_has_25_rows_and_the_rest_is_a_page_away(hub):
    (item,) = (await hub.get(ROOT, params={"q": "OrderNumber='B-60'", "expand": "lines"})).json()["items"]
    assert (item["lines"]["count"], item["lines"]["hasMore"]) == (25, True)
    rest = (await hub.get(f"{ROOT}/{item['HeaderId']}/child/lines", params={"limit": 500, "offset": 25})).json()
    assert (rest["count"], rest["hasMore"]) == (35, False)


async def test_fields_win_over_expand_and_reach_children(hub):
    asked = {
        "q": "OrderNumber='A-001'",
        "fields": "OrderNumber,Nonsense;lines:ProductNumber;lines.charges:PriceTypeCode,PrimaryFlag;nix:A",
        "expand": "totals",
        "onlyData": "true",
    }
    (item,) = (await hub.get(ROOT, params=asked)).json()["items"]
    assert set(item) == {"OrderNumber", "lines"}
    (line,) = item["lines"]["items"]
    assert line["ProductNumber"] == "00042"
    assert line["charges"]["items"] == [{"PrimaryFlag": True}]


async def test_fields_that_name_nothing_valid_leave_only_the_links(hub):
    (item,) = (await hub.get(ROOT, params={"q": "OrderNumber='A-001'", "fields": "Nix,Nada"})).json()["items"]
    assert set(item) == {"links"}


async def test_expand_reaches_grandchildren_and_all_means_all_children(hub):
    asked = {"q": "OrderNumber='A-001'", "expand": "lines.charges"}
    (item,) = (await hub.get(ROOT, params=asked)).json()["items"]
    (line,) = item["lines"]["items"]
    assert line["charges"]["count"] == 1
    (item,) = (await hub.get(ROOT, params=asked | {"expand": "all"})).json()["items"]
    assert {"lines", "totals", "shipToCustomer", "billToCustomer", "holds", "payments"} < set(item)
    assert (await hub.get(ROOT, params={"expand": "nix"})).status_code == 400


async def test_links_go_when_only_data_is_wanted_and_narrow_when_named(hub):
    page = (await hub.get(ROOT, params={"onlyData": "true", "limit": 1})).json()
    assert "links" not in page
    assert "links" not in page["items"][0]
    page = (await hub.get(ROOT, params={"links": "self", "limit": 1})).json()
    assert [link["rel"] for link in page["items"][0]["links"]] == ["self"]


async def test_links_can_be_followed_down_to_a_line(hub):
    (order,) = (await hub.get(ROOT, params={"q": "OrderNumber='A-001'"})).json()["items"]
    hrefs = {link["name"]: link["href"] for link in order["links"] if link["rel"] == "child"}
    (line,) = (await hub.get(hrefs["lines"])).json()["items"]
    again = await hub.get(next(link["href"] for link in line["links"] if link["rel"] == "self"))
    assert again.json()["FulfillLineId"] == line["FulfillLineId"]
    assert again.headers["content-type"] == "application/vnd.oracle.adf.resourceitem+json"
    charges = next(link["href"] for link in again.json()["links"] if link["name"] == "charges")
    assert (await hub.get(f"{charges}/{line['FulfillLineId']}/child/chargeComponents")).json()["count"] == 2


@pytest.mark.parametrize("key", [f"WEB:{BASE + 2}", str(BASE + 2)])
async def test_one_order_by_its_key_or_its_header_id(hub, key):
    assert (await hub.get(f"{ROOT}/{key}")).json()["OrderNumber"] == "A-001"


@pytest.mark.parametrize("path", ["/OPS:300000000000002", "/7", "/WEB:x", "/WEB:300000000000002/child/nix", "/²"])
async def test_a_wrong_key_is_404(hub, path):
    reply = await hub.get(ROOT + path)
    assert (reply.status_code, reply.json()["title"]) == (404, "Not Found")


async def test_an_older_revision_is_found_by_its_header_id_only(hub):
    newest = (await hub.get(f"{ROOT}/{BASE + 1500}")).json()
    older = (await hub.get(f"{ROOT}/{BASE + 1499}")).json()
    assert newest["SourceTransactionRevisionNumber"] == 2
    assert (older["OrderNumber"], older["StatusCode"]) == ("R-7", "DOO_REFERENCE")
    assert await numbers(hub, "OrderNumber='R-7'") == ["R-7"]
    assert await numbers(hub, f"HeaderId in ({BASE + 1499}, {BASE + 1500})") == ["R-7", "R-7"]
    assert (await hub.get(f"{ROOT}/WEB:{BASE + 1499}")).status_code == 404


async def test_the_finder_finds_one_and_knows_no_other_name(hub):
    assert await numbers(hub, finder=f"PrimaryKey;HeaderId={BASE + 2}") == ["A-001"]
    assert await numbers(hub, "OrderNumber='A-002'", finder=f"PrimaryKey;HeaderId={BASE + 2}") == []
    for finder in ("Nix;HeaderId=1", "PrimaryKey", "PrimaryKey;HeaderId=x", "PrimaryKey;OrderNumber=1"):
        assert (await hub.get(ROOT, params={"finder": finder})).status_code == 400


async def test_rows_come_in_the_order_asked_for(hub):
    newest = await numbers(hub, ADA, orderBy="TransactionOn:desc,OrderNumber:desc", limit=4)
    assert newest == ["A-DRAFT", "A-000", "A-001", "A-002"]
    everything = await numbers(hub, orderBy="OrderNumber")
    assert everything == sorted(everything)
    assert await numbers(hub, ADA, orderBy="TransactionOn:desc,OrderNumber,TransactionOn", limit=2) == [
        "A-000",
        "A-DRAFT",
    ]
    assert (await numbers(hub, orderBy="RequestedShipDate"))[-1] == "B-BARE"
    assert (await numbers(hub, orderBy="RequestedShipDate:desc"))[0] == "B-BARE"
    for order_by in ("Nix", "OrderNumber:up"):
        assert (await hub.get(ROOT, params={"orderBy": order_by})).status_code == 400


async def test_changes_come_oldest_first_from_a_moment_on(hub):
    asked = {"orderBy": "LastUpdateDate:asc,HeaderId:asc", "totalResults": "true"}
    assert (await numbers(hub, **asked))[0] == "A-029"
    assert sorted(await numbers(hub, "LastUpdateDate >= '2026-03-01T12:00:00+00:00'", **asked)) == [
        "A-000",
        "A-001",
        "A-DRAFT",
    ]
    assert await numbers(hub, "LastUpdateDate > '2026-03-02T12:00:00+00:00'", **asked) == []


async def test_amounts_are_exact_numbers_and_ids_keep_all_their_digits(hub):
    reply = await hub.get(ROOT, params={"q": "OrderNumber='A-001'", "expand": "lines,totals"})
    (item,) = msgspec.json.decode(reply.content, type=dict[str, Any])["items"]
    assert f'"HeaderId":{BASE + 2}' in reply.text
    assert f'"FulfillLineId":{(BASE + 2) * 1000 + 501}' in reply.text
    assert '"ExtendedAmount":261.96' in reply.text
    assert '"OrderedQuantity":2,' in reply.text
    (total,) = [row for row in item["totals"]["items"] if row["PrimaryFlag"]]
    assert Decimal(str(total["TotalAmount"])) == Decimal("264.57")


async def test_a_draft_has_no_totals(hub):
    (item,) = (await hub.get(ROOT, params={"q": "OrderNumber='A-DRAFT'", "expand": "totals"})).json()["items"]
    assert item["totals"]["items"] == []


async def test_media_types_follow_what_is_accepted(hub):
    for accept, media in (("*/*", COLLECTION), (COLLECTION, COLLECTION), ("application/json", "application/json")):
        assert (await hub.get(ROOT, headers={"Accept": accept})).headers["content-type"] == media
    assert (await hub.get(ROOT, headers={"Accept": "text/html"})).status_code == 406


async def test_an_etag_that_no_longer_fits_is_412(hub):
    order = f"{ROOT}/{BASE + 2}"
    tag = (await hub.get(order)).headers["etag"]
    assert (await hub.get(order, headers={"If-Match": tag})).status_code == 200
    assert (await hub.get(order, headers={"If-Match": '"old"'})).status_code == 412
    assert (await hub.get(order, headers={"If-None-Match": tag})).status_code == 304


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "x"}, {"limit": "-1"}, {"offset": "-1"}])
async def test_a_page_that_cannot_be_is_400(hub, parameters):
    assert (await hub.get(ROOT, params=parameters)).status_code == 400


async def test_latest_is_a_release_and_other_words_are_not(hub):
    assert (await hub.get(ROOT.replace("11.13.18.05", "latest"))).status_code == 200
    assert (await hub.get(ROOT.replace("11.13.18.05", "99"))).status_code == 404
    assert (await hub.get("/elsewhere")).status_code == 404
    assert (await hub.post(ROOT)).status_code == 405


async def test_an_address_beyond_8_kb_is_too_long(hub):
    assert (await hub.get(ROOT, params={"q": f"OrderNumber='{'x' * 8200}'"})).status_code == 414


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        (None, 401),
        ((USERNAME, "wrong"), 401),
        (("SOMEBODY", PASSWORD), 401),
        (("OPS.GUEST", PASSWORD), 403),
        ((USERNAME, PASSWORD), 200),
    ],
)
async def test_only_the_integration_user_may_see_orders(auth, status):
    async with client(auth=auth) as hub:
        reply = await hub.get(ROOT)
    assert reply.status_code == status
    assert ("www-authenticate" in reply.headers) is (status == 401)


@pytest.mark.parametrize("value", ["", "Basic", "Basic ###", "Basic Og==", "Bearer", "Bearer nix", "Digest x"])
async def test_a_header_that_says_nothing_is_401(value):
    async with client(auth=None) as hub:
        assert (await hub.get(ROOT, headers={"Authorization": value})).status_code == 401


async def token(served: ASGIApp, secret: str = CLIENT_SECRET, grant: str = "client_credentials") -> httpx.Response:
    async with client(served, auth=(CLIENT_ID, secret)) as login:
        return await login.post("/oauth2/v1/token", data={"grant_type": grant})


async def test_a_bearer_token_opens_until_it_expires():
    for lifetime, status in ((60.0, 200), (0.0, 401)):
        served = create(TinyWorld(), token_lifetime=lifetime)
        granted = (await token(served)).json()
        assert granted["expires_in"] == lifetime
        async with client(served, auth=None) as hub:
            bearer = {"Authorization": f"Bearer {granted['access_token']}"}
            assert (await hub.get(ROOT, headers=bearer)).status_code == status


async def test_tokens_are_for_those_who_know_the_secret_and_ask_rightly():
    assert (await token(app(), secret="wrong")).status_code == 401
    assert (await token(app(), grant="password")).json() == {"error": "unsupported_grant_type"}


class Log:
    """Stands where the mocks' control stands: sees what each request noted."""

    def __init__(self, served: ASGIApp) -> None:
        self.served = served
        self.noted: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["mock.asked"] = self.noted
        await self.served(scope, receive, send)


async def test_the_request_log_hears_once_which_columns_and_keys_were_asked_for():
    log = Log(app())
    async with client(log) as hub:
        q = "OrderNumber IN ('A-001','A-002') and StatusCode='CLOSED'"
        await hub.get(ROOT, params={"q": q, "fields": "OrderNumber;lines:ProductNumber"})
        await hub.get(f"{ROOT}/{BASE + 2}/child/lines", params={"fields": "ProductNumber"})
        await hub.get(ROOT, params={"q": "nonsense"})
    listed, lines, refused = log.noted
    assert listed["operation"] == "salesOrdersForOrderHub.list"
    assert listed["columns"] == ["OrderNumber", "lines.ProductNumber"]
    assert listed["keys"] == ["A-001", "A-002"]
    assert (lines["operation"], lines["columns"], lines["keys"]) == (
        "salesOrdersForOrderHub.lines",
        ["lines.ProductNumber"],
        [str(BASE + 2)],
    )
    assert refused["keys"] == []


async def test_a_list_without_a_filter_reads_no_further_than_its_page():
    class Counting(TinyWorld):
        asked = 0

        def orders_of(self, index: int) -> tuple[Any, ...]:
            type(self).asked += 1
            return super().orders_of(index)

    async with client(create(Counting())) as hub:
        await hub.get(ROOT, params={"limit": 5})
        assert Counting.asked == 1
        await hub.get(ROOT, params={"limit": 5, "q": "BuyingPartyNumber IN ('1000018') and OpenFlag=true"})
        assert Counting.asked == 2


NEWEST_FIRST = "TransactionOn:desc,OrderNumber:desc,HeaderId:desc"


@pytest.mark.parametrize(
    "q",
    [
        "HeaderId > 0",
        "TransactionOn < '2026-02-25T12:00:00Z'",
        "TransactionOn <= '2026-02-25T12:00:00Z' and TransactionOn >= '2026-02-01'",
        "(TransactionOn < '2026-02-20' or (TransactionOn = '2026-02-25T12:00:00Z' and OrderNumber < 'A-9'))",
        "TransactionOn < '2026-02-20' or StatusCode = 'DOO_DRAFT'",
        "TransactionOn is null",
    ],
)
async def test_the_newest_first_are_those_that_sorting_them_all_gives(hub, q):
    asked = {"q": q, "limit": 7, "totalResults": "true"}
    quick = (await hub.get(ROOT, params=asked | {"orderBy": NEWEST_FIRST})).json()
    slow = (await hub.get(ROOT, params=asked | {"orderBy": f"{NEWEST_FIRST},Salesperson:asc"})).json()
    assert [item["HeaderId"] for item in quick["items"]] == [item["HeaderId"] for item in slow["items"]]
    assert (quick["totalResults"], quick["hasMore"]) == (slow["totalResults"], slow["hasMore"])
