"""axe-core finds nothing of ours, by day and by night, wide and narrow. What it finds of GraphiQL's own is listed here,
each where it is, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser

from gateway.front.build import MODULES
from tests.browser.conftest import needed
from tests.browser.desk import Desk, Site

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

AXE = MODULES / "axe-core" / "axe.min.js"
RUN = """
async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap((found) =>
  found.nodes.map((node) => `${found.id} ${node.target.join(" ")} ${node.html.slice(0, 160)}`))
"""
UPSTREAM = (
    ("nested-interactive", ".graphiql-tab"),  # tabs, with a button to close them inside
    ("select-name", ".variable-editor-title"),  # the explorer's choice of query, mutation, subscription
    ("label", 'input[type="text"]'),  # the explorer's values of arguments
    ("label-content-name-mismatch", ".graphiql-history-item-label"),  # an entry of the history
)
"""Rule and place of what is GraphiQL's own."""
ORDER = '{ order(number: "411180277") { status total { amount } customer { name email } } }'


@pytest.fixture
async def bare(chromium: Browser, site: Site) -> AsyncIterator[Desk]:
    """GraphiQL in a browser that lets axe in, past the page's own policy."""
    needed(AXE.is_file(), "axe-core is needed: python -m gateway.front.build --check installs it")
    context = await chromium.new_context(bypass_csp=True)
    yield await Desk.of(context, site)
    await context.close()


async def ours(desk: Desk) -> list[str]:
    found: list[str] = await desk.page.evaluate(RUN)
    return [one for one in found if not one.startswith(tuple(f"{rule} " for rule, at in UPSTREAM if at in one))]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_axe_finds_nothing_of_ours(bare: Desk, width: int, scheme: Literal["light", "dark"]) -> None:
    await bare.page.set_viewport_size({"width": width, "height": 800})
    await bare.page.emulate_media(color_scheme=scheme)
    found: dict[str, list[str]] = {}
    await bare.page.goto(f"{bare.site.url}/graphiql")
    await bare.page.get_by_label("Access token").wait_for()
    await bare.page.add_script_tag(path=AXE)
    found["welcome"] = await ours(bare)
    await bare.page.goto("about:blank")
    await bare.open()
    await bare.page.add_script_tag(path=AXE)
    await bare.ask(ORDER)
    for pane in ("Gaps", "Plan", "Sources", "Policy", "Cost"):
        await bare.pane(pane)
        found[pane] = await ours(bare)
    for panel in (
        "Need to know",
        "Example questions",
        "Show Documentation Explorer",
        "Show History",
        "Show GraphiQL Explorer",
    ):
        await bare.side(panel)
        found[panel] = await ours(bare)
    await bare.who.click()
    found["personas"] = await ours(bare)
    assert [f"{where}: {one}" for where, what in found.items() for one in what] == []
