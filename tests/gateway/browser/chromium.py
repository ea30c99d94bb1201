"""A real browser at a page of a gateway, which watches what the page does: no test passes while it asks another origin,
is stopped by its own policy (CSP), or fails unheard."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from gateway.front.build import fresh
from tests.company import Company
from tests.gateway.serving import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parents[3] / "gateway/front/node_modules/axe-core/axe.min.js"
PATIENCE = 30_000
"""Milliseconds until something on a page is late: on a busy machine everything is, but comes."""
NOTED = (
    "document.addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
)


def missing() -> str | None:
    """What there is not, of what these tests need."""
    if CHROMIUM is None:
        return "there is no Chromium here"
    return None if fresh() else "the pages are not built: make pages"


@dataclass(slots=True)
class Visit:
    """A page, the gateway it is of, and what went wrong on it. `expected`: words of errors that a test provokes."""

    page: Page
    url: str
    company: Company
    expected: tuple[str, ...] = ()
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.url}/", "data:")):
            self.foreign.append(url)

    def verdict(self) -> None:
        assert self.foreign == []
        assert [error for error in self.errors if not any(word in error for word in self.expected)] == []

    async def axe(self) -> list[str]:
        """Every finding, of whatever weight, with where it is."""
        assert AXE.is_file(), "axe-core is not installed: python -m gateway.front.build --check"
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate("axe.run()")
        assert len(found["passes"]) > 10  # it has looked
        return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


@asynccontextmanager
async def visiting(browser: Browser, company: Company, **context: Any) -> AsyncIterator[Visit]:
    """A fresh page at this company's gateway, on a socket; it is not opened yet."""
    async with serving(company.app.asgi) as port:
        opened = await browser.new_context(**context)
        page = await opened.new_page()
        page.set_default_timeout(PATIENCE)
        await page.add_init_script(NOTED)
        visit = Visit(page, f"http://127.0.0.1:{port}", company)
        visit.watch()
        try:
            yield visit
            visit.verdict()
        finally:
            await opened.close()
