"""The front page in a real browser: what somebody sees who has a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Response, expect

from gateway.server.pages import STATIC
from mocks import siebel
from tests.browser.door import Door
from tests.browser.watching import Site
from tests.gateway.auth.issuing import Idp

pytestmark = pytest.mark.anyio

HOSTILE = "<img src=x onerror=alert(1)>"
FIRST_VISIT = 60_000
"""Bytes of files, packed by gzip, and of the page itself."""
FLAGS = {f"Suppress All {way}" for way in ("Emails", "Calls", "Mailings", "Faxes")}


@pytest.fixture
async def own(context: BrowserContext, own_site: Site) -> AsyncIterator[Door]:
    """The front page of a company that nobody comes to afterwards."""
    one = await Door.of(context, own_site)
    yield one
    await one.page.close()
    one.verdict()


@pytest.fixture
async def shut(context: BrowserContext, shut_site: Site) -> AsyncIterator[Door]:
    """The front page of a gateway out of dev mode."""
    one = await Door.of(context, shut_site)
    yield one
    await one.page.close()
    one.verdict()


async def test_a_telephone_number_becomes_a_person_with_the_calls_it_took(found: Door) -> None:
    one, page = found.caller, found.page
    assert found.site.company.app.secret not in page.url
    await expect(page.locator(".person .name")).to_have_text(f"{one.first_name} {one.last_name}")
    await expect(page.locator(".person")).to_contain_text(one.email)
    await expect(page.locator(".person")).to_contain_text(found.number)
    systems = await page.locator(".bars strong").all_text_contents()
    assert {"Siebel", "Oracle OM", "SAP", "Remedy", "NetSuite", "HubSpot"} <= set(systems)
    await expect(page.locator("#told")).to_contain_text(f"{one.first_name} {one.last_name} found with")


async def test_how_far_an_order_is_and_what_stops_it_is_told_where_the_order_is(found: Door) -> None:
    answer = await found.site.company.ask(
        "query($n: String!) { order(number: $n) { orderToCash { stage blockedBy { reason } } } }", n=found.number
    )
    told = answer["data"]["order"]["orderToCash"]
    stages = {"ALLOCATION": "being packed", "FULFILMENT": "on its way", "COMPLETE": "complete"}
    order = found.page.locator(".person li", has_text=found.number)
    await expect(order).to_contain_text(stages[told["stage"]])
    if {"reason": "BACKORDER"} in told["blockedBy"]:
        await expect(order).to_contain_text("waits for stock")


async def test_the_schema_is_handed_out_as_the_agent_may_see_it(found: Door) -> None:
    async with found.page.expect_download() as handed:
        await found.page.get_by_role("link", name="Schema").click()
    file = await (await handed.value).path()
    assert "lifetimeValue: Money" in file.read_text(encoding="utf-8")


async def test_the_same_question_as_somebody_else_has_its_differences_marked_and_proved(found: Door) -> None:
    page = found.page
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


async def test_who_saw_somebody_is_on_record_with_what_for_and_what_of_them(found: Door) -> None:
    looks = found.page.locator("#looked tbody tr")
    marketer = looks.filter(has_text="marketer").first
    await expect(marketer).to_contain_text("marketing")
    await expect(marketer).to_contain_text("contact (in part)")
    await expect(looks.filter(has_text="support agent").filter(has_text="financial").first).to_be_visible()
    await expect(looks.filter(has_text="warehouse").first).not_to_contain_text("identity")

    await found.page.locator("#other").select_option("finance")

    await expect(looks.filter(has_text="auditor").first).to_contain_text("access")


async def test_a_plug_is_pulled_by_keyboard_and_the_rest_stands(own: Door) -> None:
    await own.find()
    page = own.page
    plug = page.get_by_role("switch", name="SAP")
    await plug.focus()
    await page.keyboard.press("Space")

    await expect(page.locator(".person .gap").first).to_contain_text("unavailable: SAP")
    await expect(page.locator(".person")).to_contain_text(own.number)
    await expect(plug).to_have_attribute("aria-checked", "false")
    await expect(plug).to_be_focused()
    assert (await own.site.company.control("sap", "GET", "faults"))["fault"]["kind"] == "refuse"

    await page.keyboard.press("Space")
    await expect(page.locator(".person .gap")).to_have_count(0)
    await expect(plug).to_have_attribute("aria-checked", "true")

    await page.get_by_role("switch", name="Siebel").click()
    await expect(page.locator(".person .name")).to_contain_text("unavailable: Siebel")
    await expect(page.locator(".person")).to_contain_text(own.number)  # found by the CRM, known to others


async def test_the_front_page_is_small(door: Door) -> None:
    sizes: dict[str, int] = {}

    def arrived(reply: Response) -> None:
        if name := reply.url.partition("/assets/")[2]:
            sizes[name] = (STATIC / "assets" / f"{name}.gz").stat().st_size

    door.page.on("response", arrived)
    await door.open()
    assert len(sizes) >= 3
    assert sum(sizes.values()) + (STATIC / "door.html").stat().st_size < FIRST_VISIT, sizes


async def test_who_withdraws_consent_is_not_fetched_for_a_marketer(door: Door) -> None:
    await door.find()
    page, one = door.page, door.caller
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


async def test_a_name_that_is_markup_is_a_name(own: Door) -> None:
    company, one = own.site.company, own.caller
    transport = httpx.ASGITransport(company.mocks["siebel"])
    login: Any = (siebel.USERNAME, siebel.PASSWORD)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm", auth=login) as crm:
        path = f"/siebel/v1.0/data/Contact/Contact/{one.siebel_contact_id}?ViewMode=All"
        reply = await crm.put(path, json={"Id": one.siebel_contact_id, "First Name": HOSTILE, "Last Name": HOSTILE})
        assert reply.status_code == 200

    await own.find()

    await expect(own.page.locator(".person .name")).to_contain_text(HOSTILE)
    await expect(own.page.locator("main img")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_is_in_anybody_s_way_by_day_and_by_night(chromium: Browser, own_site: Site, width: int) -> None:
    context = await chromium.new_context(viewport={"width": width, "height": 844}, bypass_csp=True)
    door = await (await Door.of(context, own_site)).find()
    await door.page.get_by_role("switch", name="SAP").click()
    await door.page.get_by_role("button", name="Withdraw consent").click()
    await expect(door.page.locator("#campaign .compared")).to_be_visible()
    await expect(door.page.locator("[aria-busy]")).to_have_count(0)
    assert await door.by_day_and_night() == []
    assert await door.fits()
    await context.close()
    door.verdict()


async def test_without_the_secret_of_this_start_there_is_no_demonstration(door: Door) -> None:
    door.expected = ("403",)
    page = door.page
    await page.goto(door.site.url)
    await expect(page.locator("#demo")).to_be_hidden()
    assert await door.axe() == []
    await page.get_by_label("Secret of this start").fill("guess")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("alert")).to_contain_text("the secret of this start")
    await page.get_by_label("Secret of this start").fill(door.site.company.app.secret)
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#sources li")).to_have_count(len(door.site.company.mocks))


@pytest.mark.parametrize(("role", "told"), [("integrator", "Siebel"), ("warehouse", "withheld: operations")])
async def test_out_of_dev_mode_the_state_of_the_systems_is_for_who_may_know(
    shut: Door, idp: Idp, role: str, told: str
) -> None:
    shut.expected = ("401",)
    page = shut.page
    await page.goto(shut.site.url)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("One question")
    await expect(page.locator("#demo")).to_be_hidden()
    await expect(page.get_by_role("link", name="GraphiQL").first).to_be_visible()
    assert await shut.axe() == []

    await page.get_by_label("Access token").fill(idp.token(idp.claims(role=role)))
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#states")).to_contain_text(told)
    assert await shut.axe() == []

    await page.get_by_label("Access token").fill(idp.token(idp.claims(role=role, iat=1, exp=2)))
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("alert")).to_contain_text("token")
    await expect(page.locator("#states")).to_be_empty()
