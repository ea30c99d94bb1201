"""The front page in a real browser: what somebody sees who has a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Route, expect

from mocks import siebel
from mocks.world.callers import callers
from mocks.world.model import Customer
from tests.company import Company
from tests.gateway.browser.chromium import Visit, visiting

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

HOSTILE = "<img src=x onerror=alert(1)>"
FLAGS = {f"Suppress All {way}" for way in ("Emails", "Calls", "Mailings", "Faxes")}


@pytest.fixture
async def visit(browser: Browser, company: Company) -> AsyncIterator[Visit]:
    async with visiting(browser, company, viewport={"width": 1280, "height": 900}) as opened:
        yield opened


def caller(company: Company) -> Customer:
    return callers(company.world, 1)[0]


async def opened(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}/#dev={visit.company.app.secret}")
    await expect(visit.page.locator("#sources li")).to_have_count(len(visit.company.mocks))


async def found(visit: Visit) -> None:
    """The first caller is looked up, and all that follows is there."""
    await opened(visit)
    await visit.page.get_by_role("button", name="Find").click()
    await expect(visit.page.locator("#looked table")).to_be_visible()


async def test_a_telephone_number_becomes_a_person_with_the_calls_it_took(visit: Visit) -> None:
    await found(visit)
    one, page = caller(visit.company), visit.page
    order = visit.company.world.orders_of(one.index)[-1]
    assert visit.company.app.secret not in page.url
    await expect(page.locator(".person .name")).to_have_text(f"{one.first_name} {one.last_name}")
    await expect(page.locator(".person")).to_contain_text(one.email)
    await expect(page.locator(".person")).to_contain_text(order.number)
    systems = await page.locator(".bars strong").all_text_contents()
    assert {"Siebel", "Oracle OM", "SAP", "Remedy", "NetSuite", "HubSpot"} <= set(systems)
    await expect(page.locator("#told")).to_contain_text(f"{one.first_name} {one.last_name} found with")


async def test_the_schema_is_handed_out_as_the_agent_may_see_it(visit: Visit) -> None:
    await opened(visit)
    async with visit.page.expect_download() as handed:
        await visit.page.get_by_role("link", name="Schema").click()
    file = await (await handed.value).path()
    assert "lifetimeValue: Money" in file.read_text(encoding="utf-8")


async def test_a_plug_is_pulled_by_keyboard_and_the_rest_stands(visit: Visit) -> None:
    await found(visit)
    page, number = visit.page, visit.company.world.orders_of(caller(visit.company).index)[-1].number
    plug = page.get_by_role("switch", name="SAP")
    await plug.focus()
    await page.keyboard.press("Space")

    await expect(page.locator(".person .gap").first).to_contain_text("unavailable: SAP")
    await expect(page.locator(".person")).to_contain_text(number)
    await expect(plug).to_have_attribute("aria-checked", "false")
    await expect(plug).to_be_focused()
    assert (await visit.company.control("sap", "GET", "faults"))["fault"]["kind"] == "refuse"

    await page.keyboard.press("Space")
    await expect(page.locator(".person .gap")).to_have_count(0)
    await expect(plug).to_have_attribute("aria-checked", "true")


async def test_without_the_crm_somebody_who_was_found_still_has_orders(visit: Visit) -> None:
    await found(visit)
    page, number = visit.page, visit.company.world.orders_of(caller(visit.company).index)[-1].number
    await page.get_by_role("switch", name="Siebel").click()
    await expect(page.locator(".person .name")).to_contain_text("unavailable: Siebel")
    await expect(page.locator(".person")).to_contain_text(number)


async def test_the_same_question_as_somebody_else_has_its_differences_marked_and_proved(visit: Visit) -> None:
    await found(visit)
    page = visit.page
    money = page.locator("#differences tr", has_text="What they cost")
    await expect(money).to_contain_text("withheld: financial")
    await expect(money.locator(".differs")).to_contain_text("differs")
    await expect(page.locator("#differences tr", has_text="Their state").locator(".differs")).to_have_count(0)

    proof = page.locator("#proof tbody tr")
    await expect(proof.filter(has_text="Siebel").locator("td").last).to_have_text("not asked at all")
    await expect(proof.filter(has_text="Oracle OM").locator("del", has_text="totals.TotalAmount")).to_be_visible()
    await expect(proof.filter(has_text="Partner hub").locator("td").first).to_have_text("not asked at all")

    await page.locator("#other").select_option("parcelline")
    await expect(page.locator("#differences .refused")).to_contain_text("parcelline is refused")
    await expect(page.locator("#proof tbody tr").first.locator("td").last).to_have_text("not asked at all")


async def test_who_withdraws_consent_is_not_fetched_for_a_marketer(visit: Visit) -> None:
    await found(visit)
    page, one = visit.page, caller(visit.company)
    await expect(page.locator("#campaign")).to_contain_text(f"{one.first_name} {one.last_name}")

    await page.get_by_role("button", name="Withdraw consent").click()

    after = page.locator("#campaign .compared tbody td:last-child")
    await expect(after.first).to_contain_text("withheld: identity")
    assert all("withheld" in text for text in await after.all_text_contents())
    crm = page.locator("#campaign .proof tr", has_text="Siebel").locator("td").last.locator("code")
    assert set(await crm.all_text_contents()) == {"Id", *FLAGS}
    hub = page.locator("#campaign .proof tr", has_text="HubSpot").locator("td").last.locator("code")
    assert set(await hub.all_text_contents()) == {"email", "statuses"}
    await expect(page.locator("#campaign .proof tr", has_text="Oracle OM").locator("td").last).to_have_text(
        "not asked at all"
    )

    await page.get_by_role("button", name="Give consent").click()
    await expect(page.locator("#told")).to_contain_text("Consent is given")


async def test_who_saw_somebody_is_on_record_with_what_for_and_what_of_them(visit: Visit) -> None:
    await found(visit)
    looks = visit.page.locator("#looked tbody tr")
    marketer = looks.filter(has_text="marketer").first
    await expect(marketer).to_contain_text("marketing")
    await expect(marketer).to_contain_text("contact (in part)")
    await expect(looks.filter(has_text="support agent").first).to_contain_text("financial")
    await expect(looks.filter(has_text="warehouse").first).not_to_contain_text("identity")

    await visit.page.get_by_role("button", name="Withdraw consent").click()

    await expect(looks.filter(has_text="auditor").first).to_contain_text("access")


async def test_a_name_that_is_markup_is_a_name(visit: Visit) -> None:
    one = caller(visit.company)
    transport = httpx.ASGITransport(visit.company.mocks["siebel"])
    login: Any = (siebel.USERNAME, siebel.PASSWORD)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm", auth=login) as crm:
        path = f"/siebel/v1.0/data/Contact/Contact/{one.siebel_contact_id}?ViewMode=All"
        reply = await crm.put(path, json={"Id": one.siebel_contact_id, "First Name": HOSTILE, "Last Name": HOSTILE})
        assert reply.status_code == 200

    await found(visit)

    await expect(visit.page.locator(".person .name")).to_contain_text(HOSTILE)
    await expect(visit.page.locator("main img")).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_nothing_is_in_anybody_s_way(browser: Browser, company: Company, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    async with visiting(browser, company, viewport=size, color_scheme=scheme) as visit:
        await found(visit)
        await visit.page.get_by_role("switch", name="SAP").click()
        await visit.page.get_by_role("button", name="Withdraw consent").click()
        await expect(visit.page.locator("#campaign .compared")).to_be_visible()
        await expect(visit.page.locator("[aria-busy]")).to_have_count(0)
        assert await visit.axe() == []
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_without_the_secret_of_this_start_there_is_no_demonstration(visit: Visit) -> None:
    visit.expected = ("403",)
    page = visit.page
    await page.goto(visit.url)
    await expect(page.locator("#demo")).to_be_hidden()
    assert await visit.axe() == []
    await page.get_by_label("Secret of this start").fill("guess")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("alert")).to_contain_text("the secret of this start")
    await page.get_by_label("Secret of this start").fill(visit.company.app.secret)
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#sources li")).to_have_count(len(visit.company.mocks))


async def as_in_production(route: Route) -> None:
    reply = await route.fetch()
    await route.fulfill(response=reply, body=(await reply.text()).replace('data-mode="dev"', 'data-mode="production"'))


@pytest.mark.parametrize(("role", "told"), [("integrator", "Siebel"), ("warehouse", "withheld: operations")])
async def test_out_of_dev_mode_the_state_of_the_systems_is_for_who_may_know(visit: Visit, role: str, told: str) -> None:
    page = visit.page
    await page.route(f"{visit.url}/", as_in_production)
    await page.goto(f"{visit.url}/")
    await expect(page.locator("#demo")).to_be_hidden()
    await expect(page.locator("#sources li")).to_have_count(0)
    async with httpx.AsyncClient(base_url=visit.url) as client:
        headers = {"Origin": visit.url, "X-Dev-Secret": visit.company.app.secret}
        token = (await client.post("/dev/token", json={"role": role}, headers=headers)).json()["token"]

    await page.get_by_label("Access token").fill(token)
    await page.get_by_role("button", name="Show").click()

    await expect(page.locator("#states")).to_contain_text(told)
    assert await visit.axe() == []
