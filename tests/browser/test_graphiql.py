"""GraphiQL in a real browser, as those before it see it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Response, expect

from gateway.server.pages import STATIC
from tests.browser.desk import Desk
from tests.browser.watching import Site
from tests.gateway.auth.issuing import Idp

pytestmark = pytest.mark.anyio

SHOTS = Path(__file__).parent.parent.parent / "build" / "screens"
ORDER = (
    '{ order(number: "411180277") { status total { amount } customer { name email } lines { sku product { name } } } }'
)
CARRIED = "{ orders(first: 2) { nodes { number status lines { sku quantity } shipments { carrier status } } } }"
FIRST_VISIT = 1_500_000
"""Bytes of files, packed by gzip; workers and icons too."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CUSTOMERS = re.compile("^customers$")
HOSTILE = "<img src=x onerror=alert(1)>"


async def test_what_one_may_not_see_is_marked_in_the_answer_and_explained(desk: Desk) -> None:
    await desk.open("Warehouse")
    answer = await desk.ask(ORDER)
    assert answer["data"]["order"]["total"] is None
    assert set(answer["extensions"]) == {"absent"}  # as any client gets it
    await expect(desk.marks("withheld")).to_have_text(
        [" withheld · financial ", " withheld · identity ", " withheld · contact "]
    )
    gaps = await desk.pane("Gaps")
    await expect(gaps).to_contain_text("Order.total is withheld from you: it needs the category financial.")
    await expect(desk.page.get_by_role("tab", name="Plan")).to_have_count(0)


async def test_a_part_that_is_shown_is_marked_as_a_part(desk: Desk) -> None:
    await desk.open("Account manager EMEA")
    await desk.ask(ORDER)
    await expect(desk.marks("masked").filter(has_text="initial")).to_have_count(1)
    await expect(desk.marks("masked").filter(has_text="amount_band")).to_have_count(1)


async def test_another_persona_has_another_schema_in_docs_and_completion(desk: Desk) -> None:
    await desk.open()
    docs = await desk.side("Show Documentation Explorer")
    await docs.get_by_role("link", name="Query").click()
    await expect(docs.get_by_role("link", name="customersById", exact=True)).to_be_visible()
    await expect((await completed(desk, "cust")).filter(has_text=CUSTOMERS)).to_be_visible()

    await desk.become("Parcelline")
    await expect(docs.get_by_role("link", name="customersById", exact=True)).to_have_count(0)
    root, order = (docs.get_by_role("link", name=name, exact=True) for name in ("Query", "order"))
    await expect(root.or_(order).first).to_be_visible()  # docs of another schema may begin anew
    if await root.count():
        await root.first.click()
    await expect(order).to_be_visible()
    await expect((await completed(desk, "ord")).filter(has_text=re.compile("^orders$"))).to_be_visible()
    await expect((await completed(desk, "cust")).filter(has_text=CUSTOMERS)).to_have_count(0)


async def completed(desk: Desk, begun: str) -> Locator:
    """What completion offers for a field of the query that begins so."""
    await desk.page.keyboard.press("Escape")
    await desk.say("{ }")
    await desk.page.get_by_role("region", name="Operation Editor").locator(".view-line").first.click()
    await desk.page.keyboard.press("Home")
    await desk.page.keyboard.press("ArrowRight")
    await desk.page.keyboard.type(begun)
    await desk.page.keyboard.press("Control+Space")
    offered, none = (
        desk.page.locator(".suggest-widget .monaco-list-row .label-name"),
        desk.page.get_by_text("No suggestions."),
    )
    await expect(offered.first.or_(none).first).to_be_visible()
    return offered


async def test_docs_say_what_is_locked_and_for_whom(desk: Desk) -> None:
    await desk.open("Warehouse")
    docs = await desk.side("Show Documentation Explorer")
    await docs.get_by_role("link", name="Query").click()
    await docs.get_by_role("link", name="Order", exact=True).first.click()
    await docs.get_by_role("link", name="total", exact=True).click()
    await expect(docs).to_contain_text("Withheld from you · financial")


async def test_locks_say_why_one_would_need_it_and_how_to_ask(desk: Desk) -> None:
    await desk.open("Auditor")
    locks = await desk.side("Need to know")
    await locks.get_by_role("searchbox").fill("Customer.email")
    await expect(locks).to_contain_text("Needed to reach the customer")
    await expect(locks).to_contain_text("no line allows it")
    await expect(locks).to_contain_text(re.compile("policy reason [0-9a-f]{10}"))


async def test_the_plan_is_what_the_systems_were_asked(desk: Desk) -> None:
    await desk.open()
    await desk.site.company.forget()
    await desk.ask(ORDER)
    plan = await desk.pane("Plan")
    asked = {entry["system"]: entry for entry in await desk.site.company.asked()}
    calls = plan.locator(".call")
    told = [await row.locator("b").inner_text() for row in await calls.all()]
    assert sorted(told) == sorted(asked)
    for row, system in zip(await calls.all(), told, strict=True):
        await row.locator("summary").click()
        columns = await row.locator("dd.codes").first.locator("code").all_inner_texts()
        assert set(columns) <= set(asked[system]["columns"])
        assert columns
    widths = [
        await span.evaluate("(bar) => bar.getBoundingClientRect().width") for span in await plan.locator(".span").all()
    ]
    assert all(width >= 2 for width in widths)


async def test_policy_and_sources_tell_of_every_coordinate_and_place(desk: Desk) -> None:
    await desk.open("Auditor")
    await desk.ask(ORDER)
    policy = await desk.pane("Policy")
    await expect(policy.get_by_role("row").filter(has_text="Customer.email")).to_contain_text("withheld")
    await expect(policy.get_by_role("row").filter(has_text="Order.status")).to_contain_text("[auditor] any")
    await expect((await desk.pane("Sources")).get_by_role("row").filter(has_text="oracle_om").first).to_be_visible()
    await expect(await desk.pane("Cost")).to_contain_text("fields in the answer")


async def test_a_system_that_is_down_is_told_from_what_is_withheld(desk: Desk) -> None:
    await desk.open()
    company = desk.site.company
    await company.forget()
    await company.break_("siebel", "refuse")
    try:
        await desk.ask(ORDER)
    finally:
        await company.control("siebel", "POST", "faults")
    await expect(desk.marks("unavailable").first).to_contain_text("unavailable · siebel")
    await expect(desk.marks("withheld")).to_have_count(0)
    await expect(await desk.pane("Gaps")).to_contain_text("siebel cannot be reached")


async def test_another_purpose_opens_something_else(desk: Desk) -> None:
    await desk.open("Marketer")
    purpose = desk.page.get_by_label("Purpose of use")
    await expect(purpose).to_have_value("marketing")
    before = await desk.page.locator(".holds").inner_text()
    await purpose.select_option("analytics")
    await expect(desk.page.locator(".holds")).not_to_have_text(before)
    answer = await desk.ask("{ viewer { purpose } }")
    assert answer["data"]["viewer"]["purpose"] == "analytics"


async def test_an_example_is_asked_as_whom_it_is_for(desk: Desk) -> None:
    await desk.open()
    side = await desk.side("Example questions")
    await side.get_by_role("button", name="What do you know about me?").click()
    await expect(desk.who).to_contain_text("Ada Okafor")
    await expect(desk.page.get_by_role("tab", name="AboutMyself")).to_be_visible()
    answer = await desk.run()
    assert answer["data"]["customer"]["name"] == "Ada Okafor"


async def test_a_link_has_the_question_and_no_token_and_asks_nothing_by_itself(
    desk: Desk, context: BrowserContext
) -> None:
    await desk.open("Warehouse")
    await desk.say(ORDER)
    await desk.page.get_by_role("button", name="Copy a link to this question").click()
    await expect(desk.page.locator(".toast")).to_contain_text("no token")
    link = str(await desk.page.evaluate("navigator.clipboard.readText()"))
    assert desk.site.company.app.secret not in link
    assert "eyJ" not in link

    other = await Desk.of(context, desk.site)
    await other.open(role=None, link=f"{link}&dev={desk.site.company.app.secret}")
    await expect(other.who).to_contain_text("Warehouse")
    assert (await other.asked()).strip() == ORDER
    assert await other.shown() == ""
    assert other.page.url == f"{desk.site.url}/graphiql"
    await other.close()


async def test_no_token_is_kept_where_another_tab_or_a_later_start_finds_it(desk: Desk) -> None:
    sent: list[str] = []
    desk.page.on("request", lambda request: sent.append(request.headers.get("authorization", "")))
    await desk.open("Warehouse")
    await desk.ask(ORDER)
    tokens = {header.removeprefix("Bearer ") for header in sent if header}
    kept = str(await desk.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + location.href"))
    assert len(tokens) >= 2
    assert not any(token in kept for token in tokens)
    assert desk.site.company.app.secret not in str(await desk.page.evaluate("JSON.stringify({...localStorage})"))


async def test_who_has_no_secret_enters_a_token_of_their_own(desk: Desk) -> None:
    await desk.open()
    token = await desk.page.evaluate(
        """async (secret) => (await (await fetch("dev/token", {method: "POST", body: '{"role": "finance"}',
        headers: {"X-Dev-Secret": secret, "Content-Type": "application/json"}})).json()).token""",
        desk.site.company.app.secret,
    )
    await desk.page.evaluate("sessionStorage.clear()")
    await desk.page.goto(f"{desk.site.url}/graphiql")
    await desk.page.get_by_label("Access token").fill(token)
    await desk.page.get_by_role("button", name="Ask with this token").click()
    await expect(desk.page.locator(".who")).to_contain_text("Finance")
    await expect(desk.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
    answer = await desk.ask("{ viewer { role } }")
    assert answer["data"]["viewer"]["role"] == "finance"


async def test_out_of_dev_mode_one_asks_with_a_token_until_it_has_run_out(
    context: BrowserContext, shut_site: Site, idp: Idp
) -> None:
    desk = await Desk.of(context, shut_site)
    desk.expected = ("401",)
    await desk.page.goto(f"{shut_site.url}/graphiql")
    await expect(desk.page.get_by_label("Secret of this start")).to_have_count(0)
    await desk.page.get_by_label("Access token").fill("nonsense")
    await desk.page.get_by_role("button", name="Ask with this token").click()
    await expect(desk.page.get_by_role("alert")).to_contain_text("token")

    await desk.page.get_by_label("Access token").fill(idp.token(idp.claims(role="finance")))
    await desk.page.get_by_role("button", name="Ask with this token").click()
    await expect(desk.page.locator(".who")).to_contain_text("Finance")
    await expect(desk.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
    assert (await desk.ask("{ viewer { role } }"))["data"]["viewer"]["role"] == "finance"

    spent = {"authorization": f"Bearer {idp.token(idp.claims(role='finance', iat=1, exp=2))}"}
    await desk.page.route("**/graphql", lambda route: route.continue_(headers=route.request.headers | spent))
    await desk.ask("{ viewer { role } }")
    await expect(desk.page.locator(".bar").get_by_role("alert")).to_contain_text("enter another one")
    await desk.page.get_by_role("button", name="Leave").click()
    await expect(desk.page.get_by_label("Access token")).to_be_visible()
    await desk.close()
    desk.verdict()


async def test_an_example_that_is_opened_is_run_at_once(desk: Desk) -> None:
    await desk.open()
    await desk.say("query Another { viewer { role } }")
    await expect(desk.page.get_by_role("tab", name="Another")).to_be_visible()
    side = await desk.side("Example questions")
    example = side.get_by_role("button", name="One order, two roles The same")
    await example.click()
    assert (await desk.run())["data"]["order"]["status"]
    await example.click()
    await expect(desk.page.locator(".graphiql-tab")).to_have_count(2)  # the same question needs no tab of its own


async def test_the_keyboard_will_do(desk: Desk) -> None:
    await desk.open()
    await desk.who.focus()
    await desk.page.keyboard.press("Enter")
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(desk.who).to_be_focused()
    await desk.say(ORDER)
    await desk.page.get_by_role("region", name="Operation Editor").locator(".view-line").first.click()
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.page.get_by_role("tab", name="Plan")).to_contain_text("3")
    await desk.page.get_by_role("tab", name="Gaps").focus()
    await desk.page.keyboard.press("ArrowRight")
    await expect(desk.page.get_by_role("tabpanel", name="Plan")).to_be_visible()


async def test_a_name_that_is_a_piece_of_a_page_is_a_name(context: BrowserContext, hostile_site: Site) -> None:
    desk = await Desk.of(context, hostile_site)
    await desk.open()
    await desk.who.click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_text("Somebody else…").click()
    await dialog.get_by_label("Role").select_option("customer")
    await dialog.get_by_label("Which is").fill("CA-2016-152156")
    await dialog.get_by_role("button", name="Ask as customer").click()
    await expect(desk.who).to_contain_text(HOSTILE)
    answer = await desk.ask('{ customer(by: {orderNumber: "CA-2016-152156"}) { name } }')
    assert answer["data"]["customer"]["name"] == HOSTILE
    await desk.page.locator(".result-window .view-line", has_text="onerror").hover()
    assert await desk.page.locator("img[src=x]").count() == 0
    await desk.close()
    desk.verdict()


async def test_the_first_visit_loads_no_more_than_it_has_to(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context()
    desk = await Desk.of(context, site)
    sizes: dict[str, int] = {}

    def arrived(reply: Response) -> None:
        if "/assets/" in reply.url:
            assert reply.headers["content-encoding"] in ("br", "gzip")
            name = reply.url.rpartition("/")[2]
            sizes[name] = (STATIC / "assets" / f"{name}.gz").stat().st_size

    context.on("response", arrived)
    await desk.open(role=None)
    await desk.ask("{ viewer { role } }")
    await completed(desk, "view")  # which takes the worker that reads questions
    await context.close()
    assert any(name.startswith("graphql.worker") for name in sizes)
    assert sum(sizes.values()) < FIRST_VISIT, sizes


@pytest.mark.parametrize("width", [1280, 390])
async def test_it_fits_wide_and_narrow_by_day_and_by_night(desk: Desk, width: int) -> None:
    """The pictures are in build/screens, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    await desk.page.set_viewport_size({"width": width, "height": 844 if width < 700 else 800})
    await desk.open()
    for role in ("Support agent", "Warehouse", "Parcelline"):
        if role != "Support agent":
            await desk.become(role)
        await desk.ask(CARRIED if role == "Parcelline" else ORDER)
        for scheme in SCHEMES:
            await desk.page.emulate_media(color_scheme=scheme)
            await desk.page.screenshot(path=SHOTS / f"{role.lower().replace(' ', '-')}-{width}-{scheme}.png")
        assert await desk.fits()


async def test_a_long_panel_beside_the_answer_leaves_what_is_told_of_it_in_sight(desk: Desk) -> None:
    await desk.open("Marketer")
    await desk.ask("{ customers(first: 10) { nodes { name email tier } } }")
    await desk.side("Need to know")
    await expect(desk.page.locator(".dock")).to_be_in_viewport(ratio=1)
