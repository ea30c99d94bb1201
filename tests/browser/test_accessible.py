"""axe-core finds nothing of ours, by day and by night, wide and narrow; and the keyboard will do for all of it. What axe
finds of GraphiQL's own is listed here, each where it is, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.browser.desk import Desk
from tests.browser.watching import Site

pytestmark = pytest.mark.anyio

UPSTREAM = (
    ("nested-interactive", ".graphiql-tab"),  # tabs, with a button to close them inside
    ("select-name", ".variable-editor-title"),  # the explorer's choice of query, mutation, subscription
    ("label", 'input[type="text"]'),  # the explorer's values of arguments
    ("label-content-name-mismatch", ".graphiql-history-item-label"),  # an entry of the history
)
"""Rule and place of what is GraphiQL's own."""
SIDES = (
    "Need to know",
    "Example questions",
    "Show Documentation Explorer",
    "Show History",
    "Show GraphiQL Explorer",
)
ORDER = '{ order(number: "411180277") { status total { amount } customer { name email } } }'
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const name = at.getAttribute("aria-label") ?? at.textContent.trim().slice(0, 40);
  const ring = style.outlineStyle !== "none" || style.boxShadow !== "none" || style.backgroundImage !== "none";
  const {width, height} = at.getBoundingClientRect();
  return {name, role: at.getAttribute("role") ?? at.tagName.toLowerCase(), ring, seen: width * height > 0};
}"""


@pytest.fixture
async def bare(chromium: Browser, site: Site) -> AsyncIterator[Desk]:
    """GraphiQL in a browser that lets axe in, past the page's own policy."""
    context = await chromium.new_context(bypass_csp=True)
    yield await Desk.of(context, site)
    await context.close()


async def ours(desk: Desk, within: str | None = None) -> list[str]:
    return listed(await desk.by_day_and_night(within))


def listed(found: list[str]) -> list[str]:
    """All but what is upstream's."""
    return [one for one in found if not any(f"{rule} " in one and at in one for rule, at in UPSTREAM)]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_axe_finds_nothing_of_ours_by_day_and_by_night(
    bare: Desk, width: int, scheme: Literal["light", "dark"]
) -> None:
    """What is in a panel is looked at by day where there is room, and by night where there is none."""
    await bare.page.set_viewport_size({"width": width, "height": 800})
    found: dict[str, list[str]] = {}
    await bare.page.goto(f"{bare.site.url}/graphiql")
    await bare.page.get_by_label("Access token").wait_for()
    found["welcome"] = await ours(bare)
    await bare.page.goto("about:blank")
    await bare.open()
    await bare.become("Warehouse")
    await bare.ask(ORDER)
    found["answered"] = await ours(bare)
    await bare.become("Auditor")
    await bare.ask(ORDER)
    await bare.page.emulate_media(color_scheme=scheme)
    for pane in ("Gaps", "Plan", "Sources", "Policy", "Cost"):
        await bare.pane(pane)
        found[pane] = listed(await bare.axe(".dock"))
    for panel in SIDES:
        await bare.side(panel)
        found[panel] = listed(await bare.axe(".graphiql-plugin"))
    await bare.who.click()
    found["personas"] = await ours(bare, "dialog")
    assert [f"{where}: {one}" for where, what in found.items() for one in what] == []


async def tabbed(desk: Desk, to: str, most: int = 40) -> None:
    """Tab until what is so called has the focus, which every stop on the way shows."""
    for _ in range(most):
        await desk.page.keyboard.press("Tab")
        at = await desk.page.evaluate(FOCUSED)
        beyond = at["role"] == "body"  # past the last stop, and on from the first
        assert beyond or (at["seen"] and at["ring"]), f"no focus is to be seen on {at}"
        if at["name"].startswith(to):
            return
    raise AssertionError(f"{to} is not reached")


async def test_from_who_asks_to_why_something_is_withheld_by_keyboard_alone(desk: Desk) -> None:
    await desk.open()
    page, dialog = desk.page, desk.page.get_by_role("dialog")
    await tabbed(desk, "Support agent")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await tabbed(desk, "Warehouse")
    await page.keyboard.press("Enter")
    await expect(desk.who).to_contain_text("Warehouse")
    await expect(desk.who).to_be_focused()

    await desk.say(ORDER)
    await tabbed(desk, "Question: Enter to type, Escape to leave")
    for key in ("Enter", "End", "Space", "Tab", "Escape"):  # in, type, which Tab does too, and out
        await page.keyboard.press(key)
    assert (await desk.asked()).rstrip("\n") != ORDER
    await desk.say(ORDER)
    await tabbed(desk, "Execute query", 1)
    await page.keyboard.press("Enter")
    await expect(desk.marks("withheld").first).to_be_visible()

    await tabbed(desk, "Gaps")
    await expect(page.get_by_role("tabpanel", name="Gaps")).to_contain_text("Order.total is withheld from you")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tabpanel", name="Sources")).to_be_visible()
    await page.keyboard.press("ArrowLeft")

    await tabbed(desk, "Show Need to know")
    await page.keyboard.press("Enter")
    await tabbed(desk, "Find a field or category")
    await page.keyboard.type("Order.total")
    await expect(page.locator(".graphiql-plugin")).to_contain_text("To ask for it")
