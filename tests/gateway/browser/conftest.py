"""One browser for all tests of pages: each opens a window of its own, which knows nothing of the others.

Without Chromium, or pages that are built, the tests are skipped, loudly; with REQUIRE_ALL=1, as in CI, they fail.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.gateway.browser.chromium import CHROMIUM, PATIENCE, missing


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    if what := missing():
        if os.environ.get("REQUIRE_ALL"):
            pytest.fail(what)
        pytest.skip(what)
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()
