"""GraphiQL as somebody before it uses it: by roles and names of what they see."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.company import Company

LISTENS = """
addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective));
"""
MODELS = """
(kind) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(kind)).getValue()
"""
SAY = """
([kind, text]) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(kind)).setValue(text)
"""


@dataclass(frozen=True)
class Site:
    company: Company
    url: str

    @property
    def link(self) -> str:
        """As `customer360 demo` prints it."""
        return f"{self.url}/graphiql#dev={self.company.app.secret}"


@dataclass
class Desk:
    """strangers: addresses asked for that are not the site's. complaints: what the browser or the page found wrong."""

    page: Page
    site: Site
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @classmethod
    async def of(cls, context: BrowserContext, site: Site, width: int = 1280) -> Desk:
        page = await context.new_page()
        await page.set_viewport_size({"width": width, "height": 844 if width < 700 else 800})
        await page.add_init_script(LISTENS)
        desk = cls(page, site)
        page.on("request", lambda request: desk._requested(request.url))
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        page.on("console", lambda said: desk.complaints.append(said.text) if said.type == "error" else None)
        return desk

    def _requested(self, url: str) -> None:
        if not url.startswith((f"{self.site.url}/", "data:", f"blob:{self.site.url}/")):
            self.strangers.append(url)

    async def open(self, role: str | None = "Support agent", link: str | None = None) -> Desk:
        await self.page.goto(link or self.site.link)
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=20_000)
        if role and role != "Support agent":
            await self.become(role)
        return self

    async def close(self) -> None:
        await self.page.evaluate("localStorage.clear()")
        await self.page.close()

    @property
    def who(self) -> Locator:
        return self.page.locator("button.who")

    async def become(self, name: str) -> None:
        await self.who.click()
        await self.page.get_by_role("dialog").get_by_role("button", name=name).first.click()
        await expect(self.who).to_contain_text(name.rpartition(" ")[2])
        await expect(self.page.locator(".bar")).to_have_attribute("aria-busy", "false")

    async def say(self, query: str, **variables: Any) -> None:
        await self.page.evaluate(SAY, ["operation.graphql", query])
        if variables:
            await self.page.evaluate(SAY, ["variables.json", json.dumps(variables)])

    async def run(self) -> dict[str, Any]:
        """Press the button; what then stands in the result pane."""
        await self.page.evaluate(SAY, ["response.json", ""])
        await self.page.get_by_role("button", name="Execute query").click()
        await expect(self.page.locator(".result-window .view-line").nth(2)).to_be_visible(timeout=10_000)
        answer: dict[str, Any] = json.loads(await self.shown())
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        await self.say(query, **variables)
        return await self.run()

    async def shown(self) -> str:
        return str(await self.page.evaluate(MODELS, "response.json"))

    async def asked(self) -> str:
        """What stands in the editor."""
        return str(await self.page.evaluate(MODELS, "operation.graphql"))

    async def pane(self, name: str) -> Locator:
        """One of those below the answer."""
        await self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel", name=name)

    async def side(self, title: str) -> Locator:
        """One of the panels beside the editor."""
        await self.page.get_by_role("button", name=title).click()
        return self.page.locator(".graphiql-plugin")

    def marks(self, kind: str) -> Locator:
        return self.page.locator(f".result-window .mark-{kind}")
