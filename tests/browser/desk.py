"""GraphiQL as somebody before it uses it: by roles and names of what they see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, Locator, expect

from tests.browser.watching import Site, Watched

MODELS = """
(kind) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(kind)).getValue()
"""
SAY = """
([kind, text]) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(kind)).setValue(text)
"""


@dataclass
class Desk(Watched):
    @classmethod
    async def of(cls, context: BrowserContext, site: Site) -> Desk:
        desk = cls(await context.new_page(), site)
        await desk.page.set_viewport_size({"width": 1280, "height": 800})
        await desk.watch()
        return desk

    async def open(self, role: str | None = "Support agent", link: str | None = None) -> Desk:
        await self.page.goto(link or self.site.link("graphiql"))
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
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
        await expect(self.page.locator(".result-window .view-line").nth(2)).to_be_visible()
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
