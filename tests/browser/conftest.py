"""A real browser (Debian's Chromium) before a gateway over its mocks, both in this process: what was asked of whom can
be read in the mocks' own logs. Without a browser, or without built pages, these tests are skipped, loudly; with
REQUIRE_ALL=1, as in CI, they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from gateway.server.pages import STATIC
from mocks.world import open_world
from tests.browser.desk import Desk, Site
from tests.company import Founding
from tests.gateway.serving import serving

SALES = Path(__file__).parent.parent / "data" / "superstore.csv"
CLAIRE = '"Claire Gute"'
HOSTILE = '"<img src=x onerror=alert(1)>"'


def needed(there: object, what: str) -> None:
    if not there:
        (pytest.fail if os.environ.get("REQUIRE_ALL") else pytest.skip)(what)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    needed(found, "Chromium is needed to try the pages (Debian: apt-get install chromium)")
    needed((STATIC / "graphiql.html").is_file(), "the pages are not built: make pages")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def site(founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    company = founding.open(tmp_path_factory.mktemp("site"))
    async with serving(company.app.asgi) as port:
        yield Site(company, f"http://127.0.0.1:{port}")
    await company.app.stop()


@pytest.fixture(scope="session")
def hostile_founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """A company of forty sales, to somebody whose name is a piece of a page."""
    folder = tmp_path_factory.mktemp("hostile")
    sales = SALES.read_text(encoding="utf-8").splitlines(keepends=True)[:40]
    (folder / "sales.csv").write_text("".join(sales).replace(CLAIRE, HOSTILE), encoding="utf-8")
    return Founding.of(open_world(folder / "sales.csv"), tmp_path_factory.mktemp("hostile-founded"))


@pytest.fixture(scope="session")
async def hostile_site(hostile_founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    now = hostile_founding.world.now.isoformat()
    company = hostile_founding.open(tmp_path_factory.mktemp("hostile-site"), world__now=now)
    async with serving(company.app.asgi) as port:
        yield Site(company, f"http://127.0.0.1:{port}")
    await company.app.stop()


@pytest.fixture(scope="session")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """One for all, so that files are fetched and compiled once; each test has a tab of its own and an empty storage."""
    opened = await chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield opened
    await opened.close()


@pytest.fixture
async def desk(context: BrowserContext, site: Site) -> AsyncIterator[Desk]:
    """GraphiQL, not opened yet. Afterwards: nothing was asked of anybody else, and nothing broke the page's policy."""
    opened = await Desk.of(context, site)
    yield opened
    await opened.close()
    assert opened.strangers == []
    assert opened.complaints == []
