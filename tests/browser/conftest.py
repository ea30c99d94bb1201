"""One real browser (Debian's Chromium), one gateway over its mocks, for all tests of pages, in this process: what was
asked of whom can be read in the mocks' own logs. A test has a page of its own, and leaves the company as it found it; one
that does not takes a company of its own (`own_site`).

Without a browser, or without built pages, these tests are skipped, loudly; with REQUIRE_ALL=1, as in CI, they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from gateway.front.build import fresh
from gateway.settings import Settings
from mocks.world import open_world
from tests.browser.desk import Desk
from tests.browser.door import Door
from tests.browser.watching import AXE, PATIENCE, Site
from tests.company import Founding
from tests.gateway.auth.issuing import Idp
from tests.gateway.serving import serving

SALES = Path(__file__).parent.parent / "data" / "superstore.csv"
CLAIRE = '"Claire Gute"'
HOSTILE = '"<img src=x onerror=alert(1)>"'
WIDE = {"width": 1280, "height": 900}


def needed(there: object, what: str) -> None:
    if not there:
        (pytest.fail if os.environ.get("REQUIRE_ALL") else pytest.skip)(what)


@asynccontextmanager
async def opened(founding: Founding, folder: Path, **settings: Any) -> AsyncIterator[Site]:
    company = founding.open(folder, **settings)
    async with serving(company.app.asgi) as port:
        yield Site(company, f"http://127.0.0.1:{port}")
    await company.app.stop()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    needed(found, "Chromium is needed to try the pages (Debian: apt-get install chromium)")
    needed(fresh(), "the pages are not built: make pages")
    needed(AXE.is_file(), "axe-core is needed: python -m gateway.front.build --check installs it")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def site(founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(founding, tmp_path_factory.mktemp("site")) as one:
        yield one


@pytest.fixture
async def own_site(founding: Founding, tmp_path: Path) -> AsyncIterator[Site]:
    """Of a company that nobody comes to after this test."""
    async with opened(founding, tmp_path) as one:
        yield one


@pytest.fixture(scope="session")
def idp() -> Idp:
    return Idp()


@pytest.fixture(scope="session")
async def shut_site(founding: Founding, idp: Idp, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Out of dev mode, with an issuer of its own: no door of dev mode is there."""
    dev = Settings.load(environ={}, dev__mode=True)
    logins = {name: dev.values[name] for name, row in dev.rows.items() if row.dev is not None and name != "dev.mode"}
    async with serving(idp.app()) as keys:
        issuer = idp.settings("acme", keys, roles=["integrator", "warehouse", "finance"])
        folder = tmp_path_factory.mktemp("shut")
        async with opened(founding, folder, dev__mode=False, **logins, **issuer) as one:
            yield one


@pytest.fixture(scope="session")
def hostile_founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """A company of forty sales, to somebody whose name is a piece of a page."""
    folder = tmp_path_factory.mktemp("hostile")
    sales = SALES.read_text(encoding="utf-8").splitlines(keepends=True)[:40]
    (folder / "sales.csv").write_text("".join(sales).replace(CLAIRE, HOSTILE), encoding="utf-8")
    return Founding.of(open_world(folder / "sales.csv"), tmp_path_factory.mktemp("hostile-founded"))


@pytest.fixture
async def hostile_site(hostile_founding: Founding, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(hostile_founding, tmp_path, world__now=hostile_founding.world.now.isoformat()) as one:
        yield one


@pytest.fixture(scope="session")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """One for all, so that files are fetched and compiled once; each test has a tab of its own and an empty storage."""
    one = await chromium.new_context(permissions=["clipboard-read", "clipboard-write"], viewport=WIDE)
    yield one
    await one.close()


@pytest.fixture
async def desk(context: BrowserContext, site: Site) -> AsyncIterator[Desk]:
    """GraphiQL, not opened yet."""
    one = await Desk.of(context, site)
    yield one
    await one.close()
    one.verdict()


@pytest.fixture
async def door(context: BrowserContext, site: Site) -> AsyncIterator[Door]:
    """The front page, not opened yet. Afterwards every system runs again, and nothing is known of what was asked."""
    one = await Door.of(context, site)
    yield one
    await one.page.close()
    for system in site.company.mocks:
        await site.company.control(system, "POST", "faults")
    await site.company.forget()
    one.verdict()


@pytest.fixture(scope="module")
async def found(context: BrowserContext, site: Site) -> AsyncIterator[Door]:
    """The front page with somebody on it, for all who only look."""
    await site.company.forget()
    one = await (await Door.of(context, site)).find()
    yield one
    await one.page.close()
    one.verdict()
