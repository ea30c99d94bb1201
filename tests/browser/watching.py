"""A page that is watched: no test passes while it asks another origin, is stopped by its own policy (CSP), or fails
unheard."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.async_api import Page

from gateway.front.build import MODULES
from tests.company import Company

PATIENCE = 30_000
"""Milliseconds until something on a page is late: on a busy machine everything is, but comes."""
AXE = MODULES / "axe-core" / "axe.min.js"
LISTENS = """
addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective));
"""
LOOKS = """async ([within, rules]) => {
  const {passes, violations} = await axe.run(within ?? document, rules.length ? {runOnly: rules} : {});
  const found = violations.flatMap(({id, nodes}) =>
    nodes.map(({target, html}) => `${id} ${target.join(" ")} ${html.slice(0, 160)}`));
  return passes.length ? found : ["axe has not looked"];
}"""

DARK = '() => [...document.querySelectorAll(".monaco-editor")].every((one) => one.classList.contains("vs-dark"))'
"""Whether editors have followed the page into the night: they do, a moment later."""


@dataclass(frozen=True)
class Site:
    company: Company
    url: str

    def link(self, path: str = "") -> str:
        """A page's address, as `customer360 demo` prints it."""
        return f"{self.url}/{path}#dev={self.company.app.secret}"


@dataclass
class Watched:
    """A page, not opened yet. strangers: addresses asked for that are not the site's. complaints: what the browser or the
    page found wrong. expected: words of those complaints that a test provokes."""

    page: Page
    site: Site
    expected: tuple[str, ...] = ()
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def watch(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        await self.page.add_init_script(LISTENS)
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.site.url}/", "data:", f"blob:{self.site.url}/")):
            self.strangers.append(url)

    def verdict(self) -> None:
        assert self.strangers == []
        assert [one for one in self.complaints if not any(word in one for word in self.expected)] == []

    async def axe(self, within: str | None = None, *rules: str) -> list[str]:
        """Every finding, of whatever weight, with where it is: of the whole page, or of what a selector names."""
        if not await self.page.evaluate("'axe' in globalThis"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = await self.page.evaluate(LOOKS, [within, list(rules)])
        return found

    async def by_day_and_night(self, within: str | None = None) -> list[str]:
        """By night the same is there in other colours."""
        found = [f"by day: {one}" for one in await self.axe(within)]
        await self.page.emulate_media(color_scheme="dark")
        await self.page.wait_for_function(DARK)
        found += [f"by night: {one}" for one in await self.axe(within, "color-contrast")]
        await self.page.emulate_media(color_scheme="light")
        return found

    async def fits(self) -> bool:
        """Whether nothing sticks out to the side."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
