"""The demo's hands: systems stop and start, their logs are read, people change their minds; mocks alone, and by one
door. Who may use it is told in `test_personas`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mocks.world.audience import Audience
from tests.company import Company
from tests.gateway.test_personas import door

pytestmark = pytest.mark.anyio

WHO = "query($id: ID!) { customer(by: {id: $id}) { name email tier orders(first: 1) { nodes { number } } } }"
CAMPAIGN = "query($id: ID!) { customer(by: {id: $id}) { name email } }"


async def sent(company: Company, method: str, path: str, **more: Any) -> httpx.Response:
    async with door(company.app) as client:
        return await client.request(method, path, **more)


async def told(company: Company, method: str, path: str, **more: Any) -> dict[str, Any]:
    reply = await sent(company, method, path, **more)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def states(company: Company) -> dict[str, str]:
    return {one["name"]: one["mock"] for one in (await told(company, "GET", "/dev/sources"))["sources"]}


async def test_every_system_is_listed_with_its_state(company: Company) -> None:
    (siebel,) = [one for one in (await told(company, "GET", "/dev/sources"))["sources"] if one["name"] == "siebel"]
    assert set(await states(company)) == set(company.mocks)
    assert (siebel["mock"], siebel["enabled"], siebel["up"], siebel["breaker"]) == ("RUNNING", True, None, "CLOSED")
    assert siebel["title"]

    await company.ask(WHO, id=company.id_of(0))

    (siebel,) = [one for one in (await told(company, "GET", "/dev/sources"))["sources"] if one["name"] == "siebel"]
    assert siebel["up"] is True
    assert siebel["lastSuccessAt"].endswith("+00:00")
    assert siebel["p50Ms"] > 0


async def test_a_system_that_is_stopped_costs_its_own_part_and_no_other(company: Company) -> None:
    assert (await told(company, "POST", "/dev/sources/siebel/stop"))["mock"] == "STOPPED"

    answer = await company.ask(WHO, id=company.id_of(0))

    assert answer["data"]["customer"]["orders"]["nodes"]
    assert answer["data"]["customer"]["name"] is None
    assert {gap["reason"] for gap in answer["extensions"]["absent"]} == {"UNAVAILABLE"}
    assert (await states(company)) == {name: "STOPPED" if name == "siebel" else "RUNNING" for name in company.mocks}

    assert (await told(company, "POST", "/dev/sources/siebel/start"))["mock"] == "RUNNING"
    assert (await company.ask(WHO, id=company.id_of(0)))["data"]["customer"]["name"]


async def test_what_a_system_said_before_it_stopped_does_not_hide_that_it_has(company: Company) -> None:
    sku = company.world.product(7).sku
    question = "query($sku: String!) { product(sku: $sku) { name } }"
    assert (await company.ask(question, sku=sku))["data"]["product"]["name"]

    await told(company, "POST", "/dev/sources/sap/stop")

    assert (await company.ask(question, sku=sku))["data"]["product"] is None


async def test_one_system_has_to_run_to_start_the_others(company: Company) -> None:
    *others, last = company.mocks
    for name in others:
        await told(company, "POST", f"/dev/sources/{name}/stop")

    refused = await sent(company, "POST", f"/dev/sources/{last}/stop")

    assert (refused.status_code, "One system has to run" in refused.text) == (409, True)
    assert (await states(company))[last] == "RUNNING"
    await told(company, "POST", f"/dev/sources/{others[0]}/start")
    assert (await told(company, "POST", f"/dev/sources/{last}/stop"))["mock"] == "STOPPED"


@pytest.mark.parametrize("path", ["/dev/sources/nobody/stop", "/dev/sources/nobody/start", "/dev/sources/gateway/stop"])
async def test_a_system_that_is_none_is_not_found(company: Company, path: str) -> None:
    assert (await sent(company, "POST", path)).status_code == 404


async def test_the_logs_tell_which_columns_were_asked_since_the_mark(company: Company) -> None:
    await company.ask(WHO, id=company.id_of(0))
    marks = (await told(company, "POST", "/dev/requests/mark"))["marks"]
    assert marks.keys() == company.mocks.keys()
    assert (await told(company, "GET", "/dev/requests", params=marks))["requests"] == []

    await company.ask(WHO, "warehouse", id=company.id_of(0))

    asked = (await told(company, "GET", "/dev/requests", params=marks))["requests"]
    assert {one["system"] for one in asked} == {"oracle_om"}
    assert {"method", "path", "columns", "operation", "status", "at", "n", "system"} == asked[0].keys()
    assert not {"Email Address", "First Name"} & {column for one in asked for column in one["columns"]}


async def test_after_the_mark_everything_is_asked_anew(company: Company) -> None:
    sku = company.world.product(7).sku
    question = "query($sku: String!) { product(sku: $sku) { name } }"
    for _ in range(2):
        marks = (await told(company, "POST", "/dev/requests/mark"))["marks"]
        await company.ask(question, sku=sku)
        assert (await told(company, "GET", "/dev/requests", params=marks))["requests"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"siebel": "x"}, 400), ({"siebel": "-1"}, 400), ({"siebel": "9" * 17}, 400), ({"nobody": "1"}, 404)],
)
async def test_a_mark_is_a_number_of_a_system(company: Company, query: dict[str, str], status: int) -> None:
    assert (await sent(company, "GET", "/dev/requests", params=query)).status_code == status


async def test_who_withdraws_is_not_marketed_to_and_no_name_or_address_is_asked_for(company: Company) -> None:
    index = agreed(company)
    person = company.world.customer(index)
    keys = {"siebel": [person.siebel_contact_id], "hubspot": [Audience(company.world).contact_id(index)]}
    before = await company.ask(CAMPAIGN, "marketer", id=company.id_of(index))
    assert before["data"]["customer"]["name"]

    await told(company, "POST", "/dev/consent", json={"keys": keys, "agreed": False})
    marks = (await told(company, "POST", "/dev/requests/mark"))["marks"]
    after = await company.ask(CAMPAIGN, "marketer", id=company.id_of(index))

    assert after["data"]["customer"] == {"name": None, "email": None}
    asked = (await told(company, "GET", "/dev/requests", params=marks))["requests"]
    crm = {column for one in asked if one["system"] == "siebel" for column in one["columns"]}
    assert crm == {"Id"} | {f"Suppress All {way}" for way in ("Emails", "Calls", "Mailings", "Faxes")}
    assert {one["operation"] for one in asked if one["system"] != "siebel"} == {"contacts.batch", "statuses.batch"}

    await told(company, "POST", "/dev/consent", json={"keys": keys, "agreed": True})
    again = await company.ask(CAMPAIGN, "marketer", id=company.id_of(index))
    assert again["data"] == before["data"]


async def test_the_people_to_try_first_are_found_by_their_number_and_have_something_to_withdraw(
    company: Company,
) -> None:
    callers = (await told(company, "GET", "/dev/callers"))["callers"]
    assert len(callers) == 3
    question = """query($by: CustomerBy!) { customer(by: $by) {
        name consent(purpose: MARKETING) { allowed } orders { nodes { number } } tickets { nodes { number } } } }"""
    for one in callers:
        answer = await company.ask(question, by={"phone": one["phone"]})
        found = answer["data"]["customer"]
        assert found["name"] == one["name"]
        assert all(each["allowed"] for each in found["consent"])
        assert found["tickets"]["nodes"]
        assert len(found["orders"]["nodes"]) > 1


def agreed(company: Company) -> int:
    """Somebody who has said no to nothing, and whom both systems know."""
    audience = Audience(company.world)
    for index in company.world.customers():
        one = company.world.customer(index)
        silent = not (one.suppress_emails or one.suppress_calls or one.suppress_mailings or one.suppress_faxes)
        subscribed = all(each.status == "SUBSCRIBED" for each in audience.subscriptions(index))
        if one.siebel_contact_id and silent and subscribed and audience.contact_id(index):
            return index
    raise LookupError


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"keys": {"siebel": ["1-NOBODY"]}, "agreed": False}, 404),
        ({"keys": {"sap": ["1"]}, "agreed": False}, 404),
        ({"keys": {"nobody": ["1"]}, "agreed": False}, 404),
        ({"keys": {}, "agreed": False}, 400),
        ({"keys": {"siebel": []}, "agreed": False}, 400),
        ({"keys": {"siebel": ["1"] * 51}, "agreed": False}, 400),
        ({"keys": {"siebel": "1-X"}, "agreed": False}, 400),
        ({"keys": {"siebel": ["1-X"]}, "agreed": "no"}, 400),
        ({"keys": {"siebel": ["1-X"]}}, 400),
        ([], 400),
    ],
    ids=lambda one: str(one)[:50],
)
async def test_what_is_no_change_of_mind_is_refused(company: Company, said: Any, status: int) -> None:
    assert (await sent(company, "POST", "/dev/consent", json=said)).status_code == status


async def test_a_form_of_another_page_cannot_send_it(company: Company) -> None:
    body = '{"keys": {"siebel": ["1-X"]}, "agreed": false}'
    reply = await sent(company, "POST", "/dev/consent", content=body, headers={"content-type": "text/plain"})
    assert reply.status_code == 415
