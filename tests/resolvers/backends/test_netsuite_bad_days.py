"""What the ledger's adapter makes of replies that no healthy NetSuite gives."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from mocks.netsuite import CERTIFICATE_ID, CLIENT_ID, PRIVATE_KEY, TOKEN_PATH
from resolvers.backends.base import (
    Ambiguous,
    Deadline,
    Garbled,
    Refused,
    Reply,
    Request,
    Throttled,
    TimedOut,
    Unavailable,
    Unusable,
)
from tests.resolvers.backends.netsuite_wire import BASE, TOKEN, Canned, adapter, ask, error, page

pytestmark = pytest.mark.anyio
ROW = {"key": "I", "id": "1", "symbol": "EUR", "foreigntotal": "1"}


async def error_of(*script: Reply | bytes | Exception, **more: Any) -> Any:
    found = await ask(adapter(Canned(*script, **more)), "invoices", ["I"])
    return found["I"].error


# -- statuses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(429, "CONCURRENCY_LIMIT_EXCEEDED"), Throttled),
        (Reply(429, {}, b"<html>"), Throttled),
        (error(400, "SSS_REQUEST_LIMIT_EXCEEDED"), Throttled),
        (error(400, "INVALID_PARAMETER"), Refused),
        (error(403, "INSUFFICIENT_PERMISSION"), Refused),
        (error(404, "NONEXISTENT_ID"), Refused),
        (Reply(302, {"location": "https://elsewhere.example"}, b""), Refused),
        (error(500, "UNEXPECTED_ERROR"), Unavailable),
        (Reply(503, {"retry-after": "7"}, b""), Unavailable),
        (Reply(204, {}, b""), Garbled),
        (Reply(200, {"content-type": "text/html"}, b"<html>maintenance</html>"), Garbled),
        (TimeoutError(), TimedOut),
        (ConnectionError(), Unavailable),
    ],
)
async def test_every_status_has_one_meaning(reply: Any, kind: type) -> None:
    found = await error_of(reply)
    assert type(found) is kind
    assert "CANARY" not in str(found)


async def test_what_it_asks_to_wait_is_told_on() -> None:
    assert (await error_of(Reply(503, {"retry-after": "7"}, b""))).retry_after == 7
    assert (await error_of(Reply(429, {"retry-after": "soon"}, b""))).retry_after is None
    assert "CONCURRENCY_LIMIT_EXCEEDED" in str(await error_of(error(429, "CONCURRENCY_LIMIT_EXCEEDED")))


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b'{"o:errorDetails": 5}', b'{"o:errorDetails": [{"o:errorCode": "CANARY said"}]}']
)
async def test_a_refusal_in_any_words_is_a_refusal(body: bytes) -> None:
    found = await error_of(Reply(400, {}, body))
    assert type(found) is Refused
    assert "CANARY" not in str(found)


# -- logins -------------------------------------------------------------------------------------------------------


async def test_what_is_signed_is_what_netsuite_wants() -> None:
    canned = Canned(page(ROW))
    await ask(adapter(canned), "invoices", ["I"])
    form = canned.requests[0].body.decode()
    signed = form.partition("client_assertion=")[2].partition("&")[0]
    key = ECKey.import_key(f"-----BEGIN PRIVATE KEY-----\n{PRIVATE_KEY}\n-----END PRIVATE KEY-----")
    told = jwt.decode(signed, key, ["ES256"])

    assert told.header == {"typ": "JWT", "alg": "ES256", "kid": CERTIFICATE_ID}
    assert (told.claims["iss"], told.claims["aud"]) == (CLIENT_ID, BASE + TOKEN_PATH)
    assert told.claims["scope"] == ["rest_webservices"]
    assert 0 < told.claims["exp"] - told.claims["iat"] < 3600


@pytest.mark.parametrize(("key", "alg"), [(ECKey.generate_key("P-384"), "ES384"), (RSAKey.generate_key(2048), "PS256")])
async def test_the_algorithm_goes_with_the_key(key: Any, alg: str) -> None:
    canned = Canned(page(ROW))
    await ask(adapter(canned, password=key.as_pem(private=True).decode()), "invoices", ["I"])
    signed = canned.requests[0].body.decode().partition("client_assertion=")[2]
    assert jwt.decode(signed, key, [alg]).header["alg"] == alg


async def test_a_token_that_is_void_is_renewed_once_for_all_who_wait() -> None:
    sent: list[str] = []

    async def system(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - part of the seam
        await asyncio.sleep(0.001)
        if request.target.endswith("/token"):
            sent.append("login")
            return Reply(200, {}, TOKEN.replace(b"aaa", b"%d" % sent.count("login")))
        sent.append(dict(request.headers)["Authorization"])
        return error(401, "INVALID_LOGIN") if sent[-1] == "Bearer 1.bbb" else Reply(200, {}, page(ROW))

    netsuite = adapter(system)
    found = await asyncio.gather(*(ask(netsuite, "invoices", ["I"]) for _ in range(4)))

    assert all(one["I"].error is None for one in found)
    assert sent == ["login", *["Bearer 1.bbb"] * 4, "login", *["Bearer 2.bbb"] * 4]


async def test_who_is_refused_twice_is_refused() -> None:
    canned = Canned(*[error(401, "INVALID_LOGIN")] * 2)
    found = await ask(adapter(canned), "invoices", ["I"])
    assert type(found["I"].error) is Refused
    assert canned.logins == 2


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        (error(400, "INVALID_REQUEST"), Refused),
        (error(401, "INVALID_LOGIN"), Refused),
        (error(503), Unavailable),
        (b"<html>", Garbled),
        (b'{"token_type":"bearer"}', Garbled),
        (b'{"access_token":"a\\r\\nX: y","expires_in":"3600"}', Garbled),
    ],
)
async def test_a_login_that_fails_says_how(login: Any, kind: type) -> None:
    assert type(await error_of(logins=(login,))) is kind


@pytest.mark.parametrize("stated", ['"3600"', "3600", '"soon"', '""'])
async def test_a_lifetime_is_text_or_a_number_or_an_hour(stated: str) -> None:
    canned = Canned(page(ROW), page(ROW), logins=(b'{"access_token":"t","expires_in":%s}' % stated.encode(),))
    netsuite = adapter(canned)
    for _ in range(2):
        await ask(netsuite, "invoices", ["I"])
    assert canned.logins == 1


# -- bodies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"items":[]}',
        page(ROW, count=2),
        page(more=True),
        page(*[ROW] * 1001),
        page({"key": "another", "id": "1"}),
        page({"id": "1"}),
        page("no row"),
        page(5),
        json.dumps({"items": {}, "count": 0, "hasMore": False}).encode(),
        b"[" * 100_000,
    ],
    ids=range(14),
)
async def test_what_is_no_page_is_garbled(body: bytes) -> None:
    assert type(await error_of(body)) is Garbled


@pytest.mark.parametrize(
    "wrong",
    [
        {"foreigntotal": "12,50"},
        {"foreigntotal": "NaN"},
        {"foreigntotal": "Infinity"},
        {"foreigntotal": "1E+400"},
        {"foreigntotal": True},
        {"symbol": "Euro"},
        {"symbol": None},
        {"duedate": "2/6/2023"},
        {"duedate": "2023-02-30"},
        {"id": None},
        {"id": 5},
        {"status": ["A"]},
    ],
    ids=str,
)
async def test_a_row_that_cannot_be_read_costs_its_own_key(wrong: dict[str, Any]) -> None:
    good = {"key": "J", "id": "2", "symbol": "EUR", "foreigntotal": "2"}
    found = await ask(adapter(Canned(page(ROW | wrong, good))), "invoices", ["I", "J"])

    assert type(found["I"].error) is Garbled
    assert found["J"].value.id == "2"


async def test_a_list_with_a_row_that_cannot_be_read_is_no_list() -> None:
    rows = ({"key": "7", "foreignamount": "x"}, {"key": "7"}, {"key": "8"})
    found = await ask(adapter(Canned(page(*rows))), "payments_of_invoices", ["7", "8"])
    assert type(found["7"].error) is Garbled
    assert len(found["8"].value) == 1


async def test_two_invoices_of_one_number_are_ambiguous() -> None:
    assert type(await error_of(page(ROW, ROW | {"id": "2"}))) is Ambiguous


@pytest.mark.parametrize("letter", ["A", "CustInvc:A"])
async def test_a_status_is_a_letter_with_or_without_its_kind(letter: str) -> None:
    found = await ask(adapter(Canned(page(ROW | {"status": letter}))), "invoices", ["I"])
    assert found["I"].value.status.name == "OPEN"


async def test_a_status_nobody_knows_is_other() -> None:
    found = await ask(adapter(Canned(page(ROW | {"status": "Z"}))), "invoices", ["I"])
    assert found["I"].value.status.name == "OTHER"


async def test_a_failing_page_of_one_debtor_costs_that_debtor() -> None:
    crowd = [{"key": "1", "id": str(9000 - at), "trandate": "2026-01-01"} for at in range(1000)]
    canned = Canned(page(*crowd, more=True), error(500))
    found = await ask(adapter(canned), "invoices_of_debtors", ["1", "2"], ["number"], first=2)
    assert len(found["1"].value.invoices) == 2
    assert type(found["2"].error) is Unavailable


# -- keys ---------------------------------------------------------------------------------------------------------


async def test_keys_that_cannot_exist_are_not_asked_for() -> None:
    canned = Canned()
    found = await ask(adapter(canned), "invoices", ["", "x" * 101, "a\x00b"])
    assert (found[""].value, found["x" * 101].value) == (None, None)
    assert type(found["a\x00b"].error) is Unusable
    for operation in (
        "lines_of_invoices",
        "payments_of_invoices",
        "credits_of_invoices",
        "balances",
        "invoices_of_debtors",
    ):
        told = await ask(adapter(canned), operation, ["1 OR 1=1", "-1", "٣", "01"])
        assert all(not outcome.error for outcome in told.values())
    assert canned.requests == []


async def test_what_a_key_says_stays_in_its_quotes() -> None:
    canned = Canned(page())
    await ask(adapter(canned), "invoices", ["x') OR ('1'='1"], ["number"])
    assert "t.tranid IN ('x'') OR (''1''=''1')" in canned.queries[0]


@pytest.mark.parametrize("updated", ["", "yesterday", "2026-01-01T00:00:00Z"])
async def test_a_moment_of_change_that_is_none_is_garbled(updated: str) -> None:
    netsuite = adapter(Canned(page({"id": "1", "updated": updated})))
    with pytest.raises(Garbled):
        [row async for row in netsuite.debtors_changed_since(Deadline(5))]
