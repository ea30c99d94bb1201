"""The SAP adapter on answers no SAP should give: pages that lead astray, half answers, and every way to say no."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolvers.backends.base import (
    Call,
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
from resolvers.backends.sap import Sap
from tests.resolvers.backends.sap_wire import (
    BASE,
    EVERYTHING,
    LEVELS,
    adapter,
    ask,
    one_error,
    results,
    said,
    stock,
)

pytestmark = pytest.mark.anyio


# ---- pages


def page(number: int, following: str | None) -> Reply:
    uri = {"uri": f"https://s4.example/row({number})"}
    rows = [stock("X", str(number), __metadata=uri, StorageLocation=f"L{number}")]
    return results(*rows, **({"__next": following} if following else {}))


@pytest.mark.parametrize(
    "following",
    [
        "https://s4.example/erp/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$skiptoken=1",
        "HTTPS://S4.example:443/erp/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$skiptoken=1",
        "/erp/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$skiptoken=1",
        "A_MatlStkInAcctMod?$skiptoken=1",
        "?$skiptoken=1",
    ],
)
async def test_the_next_page_is_followed_within_the_system(following: str) -> None:
    found, asked = await ask("stock", ["X"], page(1, following), page(2, None), columns=LEVELS)
    assert asked[1].target == "/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$skiptoken=1"
    assert dict(asked[1].headers) == dict(asked[0].headers)
    assert [level.storage_location for level in found["X"].value] == ["L1", "L2"]


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/erp/sap/opu/odata/sap/x",
        "http://s4.example/erp/sap/opu/odata/sap/x",
        "https://s4.example:444/erp/sap/opu/odata/sap/x",
        "https://s4.example:x/erp/sap/opu/odata/sap/x",
        "https://user@s4.example/erp/sap/opu/odata/sap/x",
        "https://s4.example@evil.example/erp/sap/opu/odata/sap/x",
        "//evil.example/erp/sap/opu/odata/sap/x",
        "https://s4.example/sap/opu/odata/sap/x",
        "https://s4.example/erp/sap/opu/odata/sapx",
        "https://s4.example/erp/sap/opu/odata/sap/../../../admin",
        "https://s4.example/erp/sap/opu/odata/sap/%2e%2e/admin",
        "https://s4.example/erp/sap/opu/odata/sap/%252e%252e/admin",
        "https://s4.example/erp/sap/opu/odata/sap/..;/admin",
        "https://s4.example/erp/sap/opu/odata/sap/..\\admin",
        "../../../../../../admin",
        "file:///etc/passwd",
        "https://[::1/",
    ],
)
async def test_our_credentials_follow_no_page_elsewhere(following: str) -> None:
    found, asked = await ask("stock", ["X"], page(1, following), page(2, None), columns=LEVELS)
    assert isinstance(found["X"].error, Garbled)
    assert len(asked) == 1


async def test_a_line_break_in_a_link_stays_in_the_link() -> None:
    _, asked = await ask("stock", ["X"], page(1, "?$skiptoken=1\r\nX-Evil: 1 é"), page(2, None), columns=LEVELS)
    assert asked[1].target.endswith("?$skiptoken=1%0D%0AX-Evil:%201%20%C3%A9")


async def test_pages_in_a_circle_or_without_end_are_garbled() -> None:
    found, asked = await ask("stock", ["X"], page(1, "?a=1"), page(2, "?a=2"), page(3, "?a=1"), columns=LEVELS)
    assert isinstance(found["X"].error, Garbled)
    assert len(asked) == 3
    counter = iter(range(10**6))
    found, asked = await ask("stock", ["X"], lambda _: page(1, f"?a={next(counter)}"), columns=LEVELS)
    assert isinstance(found["X"].error, Garbled)
    assert len(asked) == 100


async def test_a_row_that_a_later_page_repeats_is_counted_once() -> None:
    found, _ = await ask("stock", ["X"], page(1, "?a=1"), page(1, "?a=2"), page(2, None), columns=LEVELS)
    assert [(level.storage_location, level.quantity) for level in found["X"].value] == [("L1", 1), ("L2", 2)]


async def test_half_a_stock_is_no_stock() -> None:
    for count in ("2", 2, "many"):
        found, _ = await ask("stock", ["X"], results(stock("X"), __count=count), columns=LEVELS)
        assert isinstance(found["X"].error, Garbled)
    found, _ = await ask("stock", ["X"], results(stock("X"), __count=1), columns=LEVELS)
    assert found["X"].error is None


# ---- how it fails


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (said(b"<html>Logon</html>", 401, content_type="text/html"), Refused),
        (said({"error": {"code": "X"}}, 403), Refused),
        (said({"error": {"code": "/IWFND/MED/170"}}, 404), Refused),
        (said({}, 400), Refused),
        (said(b"", 414), Refused),
        (said(b"", 302, location="https://login.example/"), Refused),
        (said(b"", 429), Throttled),
        (said(b"<html>", 500, content_type="text/html"), Unavailable),
        (said(b"[" * 100_000, 503, content_type="application/json"), Unavailable),
        (said(b"<html>", content_type="text/html"), Garbled),
        (said(b"<feed/>", content_type="application/atom+xml"), Garbled),
        (said(b""), Garbled),
        (said(b"", 204), Garbled),
        (said(b'{"d":{"results":[{"Product":"X"'), Garbled),
        (said(b"\xff\xfe"), Garbled),
        (said(b'{"d":{"results":[{"Product":"\xff"}]}}'), Garbled),
        (said(b"[" * 1_000_000), Garbled),
        (said(b'{"d":' + b'{"results":' * 100_000), Garbled),
        (said({"d": []}), Garbled),
        (said({"d": {"results": None}}), Garbled),
        (said({"results": []}), Garbled),
        (results({"Product": 5}), Garbled),
        (results({"BaseUnit": "PC"}), Garbled),
        (results({"Product": "X", "BaseUnit": 5}), Garbled),
        (results({"Product": "X", "BaseUnit": "PC"}), Garbled),
        (
            results({"Product": "X", "BaseUnit": "PC", "ProductGroup": "G", "to_Description": {"__deferred": {}}}),
            Garbled,
        ),
        (results(__next=5), Garbled),
    ],
)
async def test_each_bad_answer_is_one_of_the_known_errors(reply: Reply, kind: type[Exception]) -> None:
    assert type(await one_error("products", reply, EVERYTHING)) is kind


@pytest.mark.parametrize(
    "quantity", [5, 5.5, "NaN", "Infinity", "1e5", "", " 1", "1\n", "1,5", "٣", None, "9" * 40, True]
)
async def test_a_quantity_is_a_decimal_in_a_text_or_it_is_garbled(quantity: Any) -> None:
    assert isinstance(await one_error("stock", results(stock("X", quantity)), LEVELS), Garbled)


@pytest.mark.parametrize(
    "missing", ["Plant", "MaterialBaseUnit", "InventorySpecialStockType", "MatlWrhsStkQtyInMatlBaseUnit"]
)
async def test_what_was_asked_for_and_is_not_there_is_garbled(missing: str) -> None:
    row = {name: value for name, value in stock("X").items() if name != missing}
    assert isinstance(await one_error("stock", results(row), LEVELS), Garbled)


async def test_it_is_told_when_to_come_back() -> None:
    for text, seconds in (("7", 7.0), ("soon", None), ("Fri, 01 Jan 2010 00:00:00 GMT", 0.0), ("-1", None), ("", None)):
        error = await one_error("stock", said(b"", 429, retry_after=text), LEVELS)
        assert isinstance(error, Throttled)
        assert error.retry_after == seconds


async def test_saps_words_stay_out_of_the_error_but_its_code_is_in() -> None:
    body = {"error": {"code": "/IWBEP/CM_MGW_RT/022", "message": {"lang": "en", "value": "CANARY"}}}
    error = await one_error("stock", said(body, 500), LEVELS)
    assert "/IWBEP/CM_MGW_RT/022" in str(error)
    assert "CANARY" not in str(error)


async def test_a_portion_that_fails_costs_only_its_own_keys() -> None:
    keys = ["é" * 39 + chr(300 + number) for number in range(50)]

    def first_only(request: Request) -> Reply:
        return results() if "%C4%AC" in request.target else said(b"", 503)

    found, asked = await ask("products", keys, first_only)
    assert len(asked) > 1
    assert found[keys[0]].error is None
    assert isinstance(found[keys[-1]].error, Unavailable)


async def test_no_answer_in_time_and_no_time_at_all() -> None:
    async def silent(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        await asyncio.sleep(timeout * 2)
        raise AssertionError

    async def cut(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        raise ConnectionResetError("reset")

    call = Call("sap", "stock", ("X",), LEVELS)
    quick = Sap(Connection(BASE, attempt_timeout=0.02), silent)
    assert type((await quick.perform(call, Deadline(5)))["X"].error) is TimedOut
    assert type((await quick.perform(call, Deadline(-1)))["X"].error) is Overdue
    assert type((await adapter(cut).perform(call, Deadline(5)))["X"].error) is Unavailable
