"""The front page as somebody before it uses it who has a minute."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import BrowserContext, expect

from mocks.world.callers import callers
from mocks.world.model import Customer
from tests.browser.watching import Site, Watched


@dataclass
class Door(Watched):
    @classmethod
    async def of(cls, context: BrowserContext, site: Site) -> Door:
        door = cls(await context.new_page(), site)
        await door.watch()
        return door

    @property
    def caller(self) -> Customer:
        """Whose number stands there at the beginning."""
        return callers(self.site.company.world, 1)[0]

    @property
    def number(self) -> str:
        """Of their newest order."""
        return self.site.company.world.orders_of(self.caller.index)[-1].number

    async def open(self) -> Door:
        await self.page.goto(self.site.link())
        await expect(self.page.locator("#sources li")).to_have_count(len(self.site.company.mocks))
        await expect(self.page.locator("#number")).not_to_have_value("")
        return self

    async def find(self) -> Door:
        """The first caller is looked up, and all that follows is there."""
        await self.open()
        await self.page.get_by_role("button", name="Find").click()
        await expect(self.page.locator("#looked table")).to_be_visible()
        return self
